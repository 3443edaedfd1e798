/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may come in: what is asked at the door (ZAP, ZeroMQ RFC 27), by hand. */
#include <string.h>
#include <zmq.h>

#include "platform/transport_door.h"
#include "tests/tap.h"

enum { PARTS = 8, AT_VERSION = 1, AT_ADDRESS = 4, AT_MECHANISM = 6 };

static const char *const right[PARTS] = {"", "1.0", "7", "global", "127.0.0.1",
    "", "CURVE", "a key of 32 bytes, as it must be"};

/* Ask with one part put in another's place. */
static struct transport_question ask(
    void *asker, void *door, int at, const char *instead)
{
    struct transport_question question;
    for (int i = 0; i < PARTS; i++) {
        const char *part = i == at ? instead : right[i];
        need(zmq_send(asker, part, strlen(part),
                 i + 1 < PARTS ? ZMQ_SNDMORE : 0) >= 0);
    }
    zmq_pollitem_t come = {.socket = door, .events = ZMQ_POLLIN};
    need(zmq_poll(&come, 1, 10000) == 1);
    need(transport_door_ask(door, &question));
    return question;
}

/* Whether it is a question of CURVE's. */
static bool is_valid(void *asker, void *door, int at, const char *instead)
{
    struct transport_question question = ask(asker, door, at, instead);
    return question.valid &&
           memcmp(question.key.bytes, right[PARTS - 1], 32) == 0;
}

static void test_questions(void)
{
    void *zmq = zmq_ctx_new();
    void *door = zmq_socket(zmq, ZMQ_ROUTER);
    void *asker = zmq_socket(zmq, ZMQ_DEALER);
    need(zmq_bind(door, "inproc://door") == 0);
    need(zmq_connect(asker, "inproc://door") == 0);
    ok(is_valid(asker, door, 0, ""), "a client that has proven a key is asked");
    ok(!is_valid(asker, door, AT_MECHANISM, "PLAIN"),
        "one that has told a password is none");
    ok(!is_valid(asker, door, AT_VERSION, "2.0"),
        "nor what is asked in another version");
    ok(!is_valid(asker, door, PARTS - 1, "a short key"),
        "nor a key of another length");
    zmq_close(asker);
    zmq_close(door);
    zmq_ctx_term(zmq);
}

/* Where a client comes from, as libzmq says it. */
static bool is_from(
    void *asker, void *door, const char *text, const char *endpoint)
{
    struct transport_question question = ask(asker, door, AT_ADDRESS, text);
    struct address expected = {0};
    if (endpoint)
        need(!address_parse(span_of_text(endpoint), &expected));
    return question.valid && address_same_host(&question.from, &expected);
}

static void test_addresses(void)
{
    void *zmq = zmq_ctx_new();
    void *door = zmq_socket(zmq, ZMQ_ROUTER);
    void *asker = zmq_socket(zmq, ZMQ_DEALER);
    need(zmq_bind(door, "inproc://door") == 0);
    need(zmq_connect(asker, "inproc://door") == 0);
    ok(is_from(asker, door, "192.0.2.7", "tcp://192.0.2.7:1") &&
            is_from(asker, door, "::ffff:192.0.2.7", "tcp://192.0.2.7:1"),
        "an address of IPv4 is known, however it is written");
    ok(is_from(asker, door, "2001:db8::1", "tcp://[2001:db8::1]:1") &&
            is_from(asker, door, "fe80::1%eth0", "tcp://[fe80::1]:1"),
        "one of IPv6, with a scope or without");
    ok(is_from(asker, door, "", NULL) &&
            is_from(asker, door, "a host of a name that is far too long", NULL),
        "and what is none is not");
    zmq_close(asker);
    zmq_close(door);
    zmq_ctx_term(zmq);
}

static void test_waiting(void)
{
    static struct transport_waiting waiting;
    const struct node_key a = {{1}}, b = {{2}};
    need(transport_waiting_admit(&waiting, &a, 0, 64, 0));
    need(transport_waiting_admit(&waiting, &b, 0, 64, 0));
    transport_waiting_arrive(&waiting, &b);
    ok(waiting.count == 1 && node_key_equal(&waiting.entries[0].key, &a),
        "who has arrived waits no more, and nobody else");
    need(transport_waiting_admit(&waiting, &a, 0, 64, 0));
    ok(!transport_waiting_admit(&waiting, &a, 0, 64, 0) &&
            transport_waiting_admit(&waiting, &b, 0, 64, 0),
        "so many wait with one key");
}

int main(void)
{
    test_questions();
    test_addresses();
    test_waiting();
    return tap_done();
}
