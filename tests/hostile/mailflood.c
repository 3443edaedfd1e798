/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer that floods with valid mail: mailflood ENDPOINT KEYHEX RATE SECONDS
 *
 * Links over real CURVE, greets as a node that knows of terms, and pushes RATE
 * envelopes a second for SECONDS: the smallest, living an hour, without a
 * stamp, to nobody.  It heeds no terms, and keeps its key: where it is thrown
 * out, the same node is back at once.  Prints how many it handed to the socket.
 * It stops by itself. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "base/hex.h"
#include "base/random.h"
#include "proto/frame.h"

enum { KEY_CHARS = 41, GREET_MS = 1000, LIFE_H = 1 };

struct flooder {
    void *link;
    struct node_key key;
    struct random_seeded random;
    uint64_t greeted_ms;
    uint8_t body[LIMIT_ENVELOPE_BYTES];
    uint8_t encoding[LIMIT_ENVELOPE_BYTES];
    uint8_t frame[LIMIT_FRAME_BYTES];
};

static uint64_t now_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void must(bool condition)
{
    if (!condition)
        abort();
}

static void dial(
    struct flooder *flooder, void *context, const char *endpoint, char *server)
{
    char public_key[KEY_CHARS], secret_key[KEY_CHARS];
    int none = 0, soon_ms = 100;
    must(zmq_curve_keypair(public_key, secret_key) == 0);
    must(zmq_z85_decode(flooder->key.bytes, public_key) != NULL);
    flooder->link = zmq_socket(context, ZMQ_DEALER);
    must(flooder->link != NULL);
    zmq_setsockopt(flooder->link, ZMQ_LINGER, &none, sizeof(none));
    zmq_setsockopt(flooder->link, ZMQ_RECONNECT_IVL, &soon_ms, sizeof(soon_ms));
    zmq_setsockopt(flooder->link, ZMQ_CURVE_SERVERKEY, server, KEY_CHARS);
    zmq_setsockopt(flooder->link, ZMQ_CURVE_PUBLICKEY, public_key, KEY_CHARS);
    zmq_setsockopt(flooder->link, ZMQ_CURVE_SECRETKEY, secret_key, KEY_CHARS);
    must(zmq_connect(flooder->link, endpoint) == 0);
}

static bool hand_over(struct flooder *flooder, const struct frame *frame)
{
    size_t size;
    must(frame_encode(frame, flooder->frame, sizeof(flooder->frame), &size) ==
         STATUS_OK);
    return zmq_send(flooder->link, flooder->frame, size, ZMQ_DONTWAIT) >= 0;
}

/* Again from time to time, since nothing tells that the link is a new one. */
static void greet(struct flooder *flooder)
{
    uint64_t now = now_ms(CLOCK_MONOTONIC);
    if (flooder->greeted_ms + GREET_MS > now)
        return;
    struct frame hello = {.type = FRAME_HELLO,
        .hello = {.version = FRAME_PROTOCOL_VERSION,
            .node = flooder->key,
            .features = FEATURE_STAMP | FEATURE_TREE,
            .clock_s = now_ms(CLOCK_REALTIME) / 1000}};
    if (hand_over(flooder, &hello))
        flooder->greeted_ms = now;
}

static bool push(struct flooder *flooder)
{
    struct random *random = &flooder->random.base;
    struct envelope envelope = {
        .expires_h =
            (uint32_t)(now_ms(CLOCK_REALTIME) / 1000 / HOUR_S) + LIFE_H,
        .body = {flooder->body, envelope_body_bytes(0)}};
    random_fill(random, envelope.tag.bytes, sizeof(envelope.tag.bytes));
    random_fill(random, envelope.salt, sizeof(envelope.salt));
    random_fill(random, flooder->body, envelope.body.size);
    envelope_encode(&envelope, flooder->encoding);
    envelope.encoding =
        (struct span){flooder->encoding, envelope_class_bytes(0)};
    return hand_over(flooder,
        &(struct frame){.type = FRAME_PUSH, .push = {.envelope = &envelope}});
}

static void read_all(struct flooder *flooder)
{
    uint8_t frame[LIMIT_FRAME_BYTES];
    while (zmq_recv(flooder->link, frame, sizeof(frame), ZMQ_DONTWAIT) >= 0)
        ;
}

int main(int argc, char **argv)
{
    static struct flooder flooder;
    uint8_t key[32];
    char server[KEY_CHARS];
    if (argc != 5 || hex_decode(argv[2], key, sizeof(key)) != STATUS_OK) {
        fprintf(stderr, "usage: mailflood ENDPOINT KEYHEX RATE SECONDS\n");
        return 1;
    }
    uint64_t rate = strtoull(argv[3], NULL, 10), sent = 0;
    uint64_t most_ms = strtoull(argv[4], NULL, 10) * 1000;
    void *context = zmq_ctx_new();
    zmq_z85_encode(server, key, sizeof(key));
    random_seeded_init(&flooder.random, now_ms(CLOCK_REALTIME), (uint64_t)argc);
    dial(&flooder, context, argv[1], server);
    uint64_t start = now_ms(CLOCK_MONOTONIC), past_ms = 0;
    while ((past_ms = now_ms(CLOCK_MONOTONIC) - start) < most_ms) {
        greet(&flooder);
        while (sent < past_ms * rate / 1000 && push(&flooder))
            sent++;
        read_all(&flooder);
        zmq_pollitem_t item = {.socket = flooder.link, .events = ZMQ_POLLIN};
        zmq_poll(&item, 1, 1);
    }
    zmq_close(flooder.link);
    zmq_ctx_term(context);
    printf("%llu envelopes\n", (unsigned long long)sent);
    return 0;
}
