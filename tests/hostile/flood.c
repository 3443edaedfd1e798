/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer that sends garbage: flood ENDPOINT KEYHEX RATE SECONDS
 *
 * Links over real CURVE, with a new key whenever it is thrown out, and sends
 * RATE frames a second for SECONDS: random bytes of random lengths, among them
 * the beginnings of real frames.  Prints how many frames it handed to the
 * socket and how many links that took.  It stops by itself. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "base/hex.h"
#include "base/random.h"

enum { FRAME_MOST = 2048, KEY_CHARS = 41 };

struct flood {
    void *context;
    void *link;
    void *monitor;
    const char *endpoint;
    char server[KEY_CHARS];
    struct random_seeded random;
    unsigned links;
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void set_int(void *link, int option, int value)
{
    if (zmq_setsockopt(link, option, &value, sizeof(value)) != 0)
        abort();
}

static void set_key(void *link, int option, const char *key)
{
    if (zmq_setsockopt(link, option, key, KEY_CHARS) != 0)
        abort();
}

static void flood_dial(struct flood *flood)
{
    char public_key[KEY_CHARS], secret_key[KEY_CHARS], name[32];
    if (zmq_curve_keypair(public_key, secret_key) != 0)
        abort();
    flood->link = zmq_socket(flood->context, ZMQ_DEALER);
    set_int(flood->link, ZMQ_LINGER, 0);
    set_int(flood->link, ZMQ_RECONNECT_IVL, -1);
    set_int(flood->link, ZMQ_SNDHWM, 1000);
    set_key(flood->link, ZMQ_CURVE_SERVERKEY, flood->server);
    set_key(flood->link, ZMQ_CURVE_PUBLICKEY, public_key);
    set_key(flood->link, ZMQ_CURVE_SECRETKEY, secret_key);
    snprintf(name, sizeof(name), "inproc://monitor-%u", flood->links++);
    zmq_socket_monitor(flood->link, name,
        ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED |
            ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
            ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_CONNECT_RETRIED);
    flood->monitor = zmq_socket(flood->context, ZMQ_PAIR);
    set_int(flood->monitor, ZMQ_LINGER, 0);
    if (zmq_connect(flood->monitor, name) != 0 ||
        zmq_connect(flood->link, flood->endpoint) != 0)
        abort();
}

static void flood_hangup(struct flood *flood)
{
    zmq_socket_monitor(flood->link, NULL, 0);
    zmq_close(flood->monitor);
    zmq_close(flood->link);
}

/* Whether the node has thrown us out. */
static bool flood_is_out(struct flood *flood)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    bool out = zmq_msg_recv(&message, flood->monitor, ZMQ_DONTWAIT) >= 0;
    zmq_msg_close(&message);
    return out;
}

static size_t flood_frame(struct flood *flood, uint8_t *out)
{
    /* An array's head and a type that exists: as far as a parser may get. */
    static const uint8_t heads[][2] = {
        {0x97, 0x01}, {0x92, 0x10}, {0x94, 0x18}, {0x93, 0x20}, {0x92, 0x15}};
    size_t size = 2 + random_below(&flood->random.base, FRAME_MOST - 2);
    random_fill(&flood->random.base, out, size);
    if (random_below(&flood->random.base, 2))
        memcpy(out, heads[random_below(&flood->random.base, 5)], 2);
    return size;
}

int main(int argc, char **argv)
{
    uint8_t key[32];
    if (argc != 5 || hex_decode(argv[2], key, sizeof(key)) != STATUS_OK) {
        fprintf(stderr, "usage: flood ENDPOINT KEYHEX RATE SECONDS\n");
        return 1;
    }
    uint64_t rate = strtoull(argv[3], NULL, 10);
    uint64_t seconds = strtoull(argv[4], NULL, 10);
    struct flood flood = {.context = zmq_ctx_new(), .endpoint = argv[1]};
    zmq_z85_encode(flood.server, key, sizeof(key));
    random_seeded_init(&flood.random, 1, 0);
    uint8_t frame[FRAME_MOST];
    uint64_t sent = 0, start = now_ms(), now = start;
    flood_dial(&flood);
    while (now < start + seconds * 1000) {
        if (flood_is_out(&flood)) {
            flood_hangup(&flood);
            flood_dial(&flood);
        }
        uint64_t due = (now - start) * rate / 1000;
        while (sent < due) {
            if (zmq_send(flood.link, frame, flood_frame(&flood, frame),
                    ZMQ_DONTWAIT) < 0)
                break;
            sent++;
        }
        zmq_pollitem_t item = {.socket = flood.monitor, .events = ZMQ_POLLIN};
        zmq_poll(&item, 1, 1);
        now = now_ms();
    }
    flood_hangup(&flood);
    zmq_ctx_term(flood.context);
    printf(
        "%llu frames over %u links\n", (unsigned long long)sent, flood.links);
    return 0;
}
