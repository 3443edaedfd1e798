/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ZAP handler.  libzmq without one lets everybody in; with one that does
 * not answer, clients hang.  So each question is answered at once, and a
 * malformed one with a refusal.
 *
 * libzmq never says that a client has gone, so the door counts only those whom
 * it let in and who have not become links: for ten seconds, after which the
 * descriptor sweep (transport_descriptor.h) has ended those that stayed
 * silent. */
#include "platform/transport_door.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>
#include <zmq.h>

#include "platform/transport_socket.h"

enum {
    PART_ASKER,
    PART_EMPTY,
    PART_VERSION,
    PART_REQUEST,
    PART_DOMAIN,
    PART_ADDRESS,
    PART_IDENTITY,
    PART_MECHANISM,
    PART_CREDENTIAL,
    PART_COUNT
};

static bool part_is(zmq_msg_t *part, const char *text)
{
    return zmq_msg_size(part) == strlen(text) &&
           memcmp(zmq_msg_data(part), text, strlen(text)) == 0;
}

static size_t keep(zmq_msg_t *part, uint8_t out[TRANSPORT_DOOR_REQUEST_BYTES])
{
    size_t size = zmq_msg_size(part);

    /* libzmq's own numbers, of a few bytes. */
    assert(size <= TRANSPORT_DOOR_REQUEST_BYTES);
    if (size > 0)
        memcpy(out, zmq_msg_data(part), size);
    return size;
}

/* An address as libzmq writes it: numeric, without a port, an IPv6 one perhaps
 * with a scope. */
static void read_address(zmq_msg_t *part, struct address *out)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    enum { ANY_PORT = 1 };
    char text[INET6_ADDRSTRLEN] = "";
    uint8_t ip[ADDRESS_IPV6_BYTES] = {0};
    size_t size = zmq_msg_size(part);

    if (size >= sizeof(text))
        size = sizeof(text) - 1;
    if (size > 0)
        memcpy(text, zmq_msg_data(part), size);
    text[strcspn(text, "%")] = '\0';
    if (inet_pton(AF_INET, text, ip + sizeof(mapped)) == 1)
        memcpy(ip, mapped, sizeof(mapped));
    else if (inet_pton(AF_INET6, text, ip) != 1)
        return;
    if (address_from_ip(ip, ANY_PORT, out))
        *out = (struct address){0};
}

static void read_part(
    zmq_msg_t *part, int number, struct transport_question *out)
{
    switch (number) {
    case PART_ASKER:
        out->asker_bytes = keep(part, out->asker);
        break;
    case PART_VERSION:
        out->valid = out->valid && part_is(part, "1.0");
        break;
    case PART_REQUEST:
        out->request_bytes = keep(part, out->request);
        break;
    case PART_ADDRESS:
        read_address(part, &out->from);
        break;
    case PART_MECHANISM:
        out->valid = out->valid && part_is(part, "CURVE");
        break;
    case PART_CREDENTIAL:
        out->valid = out->valid && zmq_msg_size(part) == 32;
        if (out->valid)
            memcpy(out->key.bytes, zmq_msg_data(part), 32);
        break;
    default: /* empty, domain, and an identity that a peer chose */
        break;
    }
}

bool transport_door_ask(void *door, struct transport_question *out)
{
    struct transport_question question = {.valid = true};
    int count = 0;
    bool more = true;

    while (more) {
        zmq_msg_t part;
        zmq_msg_init(&part);
        if (zmq_msg_recv(&part, door, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&part);
            return false;
        }
        read_part(&part, count++, &question);
        more = zmq_msg_more(&part);
        zmq_msg_close(&part);
    }
    question.valid = question.valid && count == PART_COUNT;
    *out = question;
    return true;
}

void transport_door_answer(
    void *door, const struct transport_question *question, bool admit)
{
    char user[41] = "";
    bool good = admit && question->valid;
    int more = ZMQ_SNDMORE | ZMQ_DONTWAIT;

    if (good)
        transport_key_text(&question->key, user);
    /* An asker that has gone meanwhile makes the first send drop the rest. */
    zmq_send(door, question->asker, question->asker_bytes, more);
    zmq_send(door, "", 0, more);
    zmq_send(door, "1.0", 3, more);
    zmq_send(door, question->request, question->request_bytes, more);
    zmq_send(door, good ? "200" : "400", 3, more);
    zmq_send(door, "", 0, more);
    zmq_send(door, user, strlen(user), more);
    zmq_send(door, "", 0, ZMQ_DONTWAIT);
}

static void expire(struct transport_waiting *waiting, uint64_t now_ms)
{
    size_t kept = 0;

    for (size_t i = 0; i < waiting->count; i++)
        if (waiting->entries[i].until_ms > now_ms)
            waiting->entries[kept++] = waiting->entries[i];
    waiting->count = kept;
}

static size_t count_key(
    const struct transport_waiting *waiting, const struct node_key *key)
{
    size_t count = 0;

    for (size_t i = 0; i < waiting->count; i++)
        count += node_key_equal(&waiting->entries[i].key, key);
    return count;
}

bool transport_waiting_admit(struct transport_waiting *waiting,
    const struct node_key *key, size_t links, size_t maximum, uint64_t now_ms)
{
    expire(waiting, now_ms);
    if (waiting->count == TRANSPORT_DOOR_WAITING ||
        links + waiting->count >= maximum ||
        count_key(waiting, key) >= TRANSPORT_DOOR_PER_KEY)
        return false;
    waiting->entries[waiting->count].key = *key;
    waiting->entries[waiting->count].until_ms = now_ms + TRANSPORT_DOOR_WAIT_MS;
    waiting->count++;
    return true;
}

void transport_waiting_arrive(
    struct transport_waiting *waiting, const struct node_key *key)
{
    for (size_t i = 0; i < waiting->count; i++)
        if (node_key_equal(&waiting->entries[i].key, key)) {
            waiting->entries[i] = waiting->entries[--waiting->count];
            return;
        }
}
