/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes that are no frames, and frames that nobody asked for. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "tests/hostile/hostile.h"
#include "tests/hostile/peer.h"

enum { FLOOD_FRAME_MOST = 2048, NESTED = 4096 };

static const struct peer_kind plain = {0};

static size_t random_frame(struct hostile *hostile, uint8_t *out)
{
    /* An array's head and a type that exists: as far as a parser may get. */
    static const uint8_t heads[][2] = {
        {0x97, 0x01}, {0x92, 0x10}, {0x94, 0x18}, {0x93, 0x20}, {0x92, 0x15}};
    struct random *random = &hostile->random.base;
    size_t size = 2 + random_below(random, FLOOD_FRAME_MOST - 2);
    random_fill(random, out, size);
    if (random_below(random, 2))
        memcpy(out, heads[random_below(random, 5)], 2);
    return size;
}

void mode_flood(struct hostile *hostile)
{
    uint64_t rate = hostile_number(hostile, 0, 10000);
    uint64_t span_ms = hostile_number(hostile, 1, 10) * 1000;
    uint64_t sent = 0, start_ms = hostile_now_ms(), now_ms = start_ms;
    uint8_t frame[FLOOD_FRAME_MOST];
    struct peer peer;
    peer_begin(hostile, &peer, &plain);
    while (now_ms < start_ms + span_ms) {
        if (peer.out) {
            peer_close(&peer);
            peer_begin(hostile, &peer, &plain);
        }
        uint64_t due = (now_ms - start_ms) * rate / 1000;
        while (
            sent < due && zmq_send(peer.dealer, frame,
                              random_frame(hostile, frame), ZMQ_DONTWAIT) >= 0)
            sent++;
        peer_turn(&peer, 1);
        now_ms = hostile_now_ms();
    }
    peer_close(&peer);
    hostile_tell("frames", sent);
}

/* What no decoder may take.  Lengths are those of the bytes that are there;
 * what they claim is another matter. */
#define BYTES(...)                                                             \
    {                                                                          \
        sizeof((const uint8_t[]){__VA_ARGS__}),                                \
        {                                                                      \
            __VA_ARGS__                                                        \
        }                                                                      \
    }
static const struct {
    size_t size;
    uint8_t bytes[24];
} malformed[] = {
    BYTES(0xc1),                   /* no msgpack at all */
    BYTES(0x97, 0x01, 0x01),       /* a HELLO, cut short */
    BYTES(0x92, 0x02),             /* a PING without its nonce */
    BYTES(0x92, 0x02, 0x01, 0x01), /* one element too many */
    BYTES(0x92, 0x02, 0x01, 0xc0), /* bytes behind the end */
    BYTES(0x92, 0x02, 0xcc, 0x01), /* not the shortest form */
    BYTES(0x92, 0x02, 0xff),       /* a negative number */
    BYTES(0x92, 0x02, 0xcb, 0, 0, 0, 0, 0, 0, 0, 0),       /* a float */
    BYTES(0x92, 0x02, 0xc7, 0x00, 0x01),                   /* an extension */
    BYTES(0x82, 0x02, 0x01, 0x03, 0x01),                   /* a map */
    BYTES(0xdd, 0xff, 0xff, 0xff, 0xff),                   /* 4 Gi elements */
    BYTES(0xdd, 0xff, 0xff, 0xff, 0xff, 0x10),             /* of a known type */
    BYTES(0x92, 0x10, 0xc6, 0xff, 0xff, 0xff, 0xff),       /* a body of 4 GiB */
    BYTES(0x92, 0x10, 0xc5, 0x02, 0x00, 0x9a),             /* a body, cut */
    BYTES(0x92, 0x11, 0xdd, 0xff, 0xff, 0xff, 0xff, 0xc4), /* 4 Gi ids */
    BYTES(0x92, 0x11, 0x90),                               /* IHAVE of none */
    BYTES(0x92, 0x15, 0x91, 0xc4, 0x02, 0x01, 0x02),       /* ids of 2 bytes */
    BYTES(0x92, 0x02, 0xdb, 0xff, 0xff, 0xff, 0xff),       /* a text of 4 GiB */
    BYTES(0x94, 0x18, 0x01, 0x00, 0xdd, 0x7f, 0xff, 0xff, 0xff),
    /* Ranges: reversed, twice the same bound, past the last mode. */
    BYTES(0x94, 0x18, 0x01, 0x00, 0x92, 0x93, 0x05, 0xc4, 0x01, 0x09, 0x00,
        0x93, 0x00, 0xc4, 0x01, 0x03, 0x00),
    BYTES(0x94, 0x18, 0x01, 0x00, 0x92, 0x93, 0x05, 0xc4, 0x01, 0x09, 0x00,
        0x93, 0x00, 0xc4, 0x01, 0x09, 0x00),
    BYTES(0x94, 0x18, 0x01, 0x00, 0x91, 0x93, 0x05, 0xc4, 0x01, 0x09, 0x04),
    /* A range whose items are half an item. */
    BYTES(0x94, 0x18, 0x01, 0x00, 0x91, 0x94, 0x05, 0xc4, 0x01, 0x09, 0x02,
        0xc4, 0x02, 0x00, 0x00),
    BYTES(0x93, 0x20, 0xc4, 0x01, 0x01, 0xc4, 0x01, 0x01), /* a short receipt */
    BYTES(0x94, 0x09, 0x01, 0x07, 0x90), /* a walk of seven hops */
    BYTES(0x92, 0x07, 0x02),             /* neither yes nor no */
    BYTES(0x92, 0x04, 0xc3),             /* a reason that is no number */
};
#undef BYTES

enum { COUNT = sizeof(malformed) / sizeof(malformed[0]), MADE = 3 };

/* The n-th: one from the list, and those that are too long for it. */
static struct span malformed_bytes(size_t n)
{
    static uint8_t arrays[NESTED], counts[NESTED];
    if (n < COUNT)
        return (struct span){malformed[n].bytes, malformed[n].size};
    memset(arrays, 0x91, sizeof(arrays));
    memset(counts, 0xdd, sizeof(counts));
    if (n == COUNT)
        return (struct span){arrays, sizeof(arrays)};
    return (struct span){counts, n == COUNT + 1 ? sizeof(counts) : 0};
}

/* Each on a link of its own; then all come back, under the same keys: scores
 * outlive links.  What the relay said last may be lost with a connection that
 * is not read from meanwhile, so it is not looked at. */
void mode_malformed(struct hostile *hostile)
{
    static struct peer peers[COUNT + MADE];
    uint8_t secrets[COUNT + MADE][32];
    uint64_t out = 0, refused = 0;
    for (size_t i = 0; i < COUNT + MADE; i++) {
        peer_join(hostile, &peers[i], &plain, FEATURE_TREE);
        peer_send_bytes(&peers[i], malformed_bytes(i));
    }
    for (size_t i = 0; i < COUNT + MADE; i++) {
        bool is_out = peer_is_ended(&peers[i]);
        if (!is_out)
            hostile_tell("survived", i);
        out += is_out;
        memcpy(secrets[i], peers[i].secret, sizeof(secrets[i]));
        peer_close(&peers[i]);
    }
    for (size_t i = 0; i < COUNT + MADE; i++) {
        peer_dial(
            hostile, &peers[i], &(struct peer_kind){.secret = secrets[i]});
        const struct frame hello = peer_hello(&peers[i], FEATURE_TREE);
        peer_send(&peers[i], &hello);
    }
    for (size_t i = 0; i < COUNT + MADE; i++) {
        refused += peer_is_ended(&peers[i]) && peers[i].got[FRAME_HELLO] == 0;
        peer_close(&peers[i]);
    }
    hostile_tell("frames", COUNT + MADE);
    hostile_tell("out", out);
    hostile_tell("refused", refused);
}

/* The same bytes, over and over, in front of a HELLO or behind one. */
static void storm(struct hostile *hostile, struct peer *peer, struct span bytes,
    uint64_t otherwise)
{
    uint64_t count = hostile_number(hostile, 0, otherwise), sent = 0;
    while (sent < count && peer_send_bytes(peer, bytes)) {
        sent++;
        if (sent % 64 == 0)
            peer_turn(peer, 0);
    }
    hostile_tell("frames", sent);
}

void mode_unknown(struct hostile *hostile)
{
    static const uint8_t unknown[] = {0x92, 0x3f, 0x01};
    struct peer peer;
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    storm(hostile, &peer, (struct span){unknown, sizeof(unknown)}, 50000);
    hostile_tell("linked", peer_settle(&peer));
    peer_close(&peer);
}

void mode_early(struct hostile *hostile)
{
    static const uint8_t prune[] = {0x91, 0x13};
    struct peer peer;
    peer_dial(hostile, &peer, &plain);
    storm(hostile, &peer, (struct span){prune, sizeof(prune)}, 50000);
    const struct frame hello = peer_hello(&peer, FEATURE_TREE);
    peer_send(&peer, &hello);
    hostile_tell("linked", peer_settle(&peer));
    peer_close(&peer);
}

void mode_parts(struct hostile *hostile)
{
    struct peer peer;
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    zmq_send(peer.dealer, "\x92\x02", 2, ZMQ_SNDMORE);
    zmq_send(peer.dealer, "\x01", 1, 0);
    hostile_tell("frames", 1);
    hostile_tell(
        "out", peer_is_ended(&peer) && peer.goodbye == DISCONNECT_SCORE);
    peer_close(&peer);
}

static void keep(void *data, void *hint)
{
    (void)data;
    (void)hint;
}

/* Parts, each small enough, of one message that has no last one.  A message is
 * sent whole or not at all, so the socket takes all of them. */
void mode_endless(struct hostile *hostile)
{
    enum { PART_BYTES = 32768, PARTS = 65536 };
    static uint8_t part[PART_BYTES];
    struct peer peer;
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    for (int i = 0; i < PARTS; i++) {
        zmq_msg_t message;
        zmq_msg_init_data(&message, part, sizeof(part), keep, NULL);
        if (zmq_msg_send(&message, peer.dealer, ZMQ_SNDMORE) < 0)
            break;
    }
    zmq_send(peer.dealer, part, 1, 0);
    hostile_tell("frames", 1);
    hostile_tell("out", peer_is_ended(&peer));
    peer_close(&peer);
}

void mode_oversize(struct hostile *hostile)
{
    const size_t size = (size_t)64 << 20;
    uint8_t *bytes = calloc(1, size);
    struct peer peer;
    if (!bytes)
        hostile_die("calloc");
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    peer_send_bytes(&peer, (struct span){bytes, size});
    free(bytes);
    hostile_tell("frames", 1);
    hostile_tell("out", peer_is_ended(&peer));
    peer_close(&peer);
}
