/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mail: stamps and receipts that are false, and what has been here before. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/stamp.h"
#include "tests/hostile/hostile.h"
#include "tests/hostile/peer.h"

enum { TAKE_EACH = 64 }; /* frames sent between two looks at what came */

static const struct peer_kind plain = {0};

/* Whether a stamp would cost its checker the memory-hard part: its filter, as
 * proto/README.md has it, begins with ten zero bits. */
static bool passes_filter(const struct forged *forged)
{
    uint8_t input[sizeof(forged->id.bytes) + 4 + ENVELOPE_STAMP_BYTES];
    uint8_t filter[32], *at = input;
    uint32_t expires_h = forged->envelope.expires_h;
    memcpy(at, forged->id.bytes, sizeof(forged->id.bytes));
    at += sizeof(forged->id.bytes);
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(expires_h >> shift);
    memcpy(at, forged->envelope.stamp, ENVELOPE_STAMP_BYTES);
    hash_labelled(filter, sizeof(filter), "sotto1 stamp",
        (struct span){input, sizeof(input)});
    return filter[0] == 0 && filter[1] >> 6 == 0;
}

/* A stamp that claims twenty bits and has none. */
static void stamp_falsely(
    struct hostile *hostile, struct forged *forged, bool is_dear)
{
    do {
        random_fill(&hostile->random.base, forged->envelope.stamp,
            ENVELOPE_STAMP_BYTES);
        forged->envelope.stamp[0] = 20;
    } while (is_dear && !passes_filter(forged));
    forge_again(forged);
}

void mode_stamps(struct hostile *hostile)
{
    enum { KEYS_MOST = 48, EACH = 4 };
    uint64_t keys = hostile_number(hostile, 0, 20), out = 0, sent = 0;
    static struct peer peers[KEYS_MOST];
    static struct forged forged;
    for (uint64_t i = 0; i < keys && i < KEYS_MOST; i++) {
        peer_join(hostile, &peers[i], &plain, FEATURE_STAMP);
        for (int j = 0; j < EACH; j++) {
            forge(hostile, &forged, 0, 24);
            stamp_falsely(hostile, &forged, i % 2);
            const struct frame push = forged_push(&forged);
            sent += peer_send(&peers[i], &push);
        }
    }
    for (uint64_t i = 0; i < keys && i < KEYS_MOST; i++) {
        out += peer_is_ended(&peers[i]);
        peer_close(&peers[i]);
    }
    hostile_tell("frames", sent);
    hostile_tell("out", out);
}

/* One that opens nothing costs a peer as much as it may lose; the next, its
 * link. */
void mode_receipts(struct hostile *hostile)
{
    static struct forged forged;
    struct peer peer;
    forge(hostile, &forged, 0, 24);
    struct frame push = forged_push(&forged);
    const struct frame receipt = forged_false_receipt(&forged);
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    peer_send(&peer, &push);
    peer_send(&peer, &receipt);
    hostile_tell("linked", peer_settle(&peer));
    hostile_tell("kept", peer_is_given(&peer, &forged.id));
    peer_send(&peer, &receipt);
    hostile_tell(
        "out", peer_is_ended(&peer) && peer.goodbye == DISCONNECT_SCORE);
    hostile_tell("frames", 3);
    peer_close(&peer);
}

void mode_early_receipts(struct hostile *hostile)
{
    uint64_t count = hostile_number(hostile, 0, 50000);
    struct frame receipt = {.type = FRAME_RECEIPT};
    struct random *random = &hostile->random.base;
    struct peer peer;
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    for (uint64_t i = 0; i < count; i++) {
        random_fill(random, receipt.receipt.id.bytes, 16);
        random_fill(random, receipt.receipt.opening.bytes, 32);
        peer_send(&peer, &receipt);
        if (i % TAKE_EACH == 0)
            peer_turn(&peer, 0);
    }
    hostile_tell("frames", count);
    hostile_tell("linked", peer_settle(&peer));
    peer_close(&peer);
}

static void keep(const char *path, const struct forged *forged)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(forged->encoding, 1, envelope_class_bytes(0), file) !=
                     envelope_class_bytes(0))
        hostile_die(path);
    fclose(file);
}

static void recall(const char *path, struct forged *forged)
{
    size_t size = envelope_class_bytes(0);
    FILE *file = fopen(path, "rb");
    if (!file || fread(forged->encoding, 1, size, file) != size ||
        envelope_decode(
            (struct span){forged->encoding, size}, &forged->envelope))
        hostile_die(path);
    fclose(file);
    envelope_identify(forged->envelope.encoding, &forged->id);
}

void mode_bring(struct hostile *hostile)
{
    static struct forged forged;
    struct peer peer;
    forge(hostile, &forged, 0, 24);
    const struct frame push = forged_push(&forged);
    const struct frame receipt = forged_receipt(&forged);
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    peer_send(&peer, &push);
    peer_send(&peer, &receipt);
    hostile_tell("linked", peer_settle(&peer));
    keep(hostile->argv[0], &forged);
    peer_close(&peer);
}

void mode_replay(struct hostile *hostile)
{
    uint64_t count = hostile_number(hostile, 1, 1000);
    static struct forged forged;
    struct peer peer;
    recall(hostile->argv[0], &forged);
    const struct frame push = forged_push(&forged);
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    for (uint64_t i = 0; i < count; i++) {
        peer_send(&peer, &push);
        peer_turn(&peer, 0);
    }
    hostile_tell("frames", count);
    peer_gets(&peer, FRAME_RECEIPT, count);
    hostile_tell("receipts", peer.got[FRAME_RECEIPT]);
    hostile_tell("linked", peer_settle(&peer));
    peer_close(&peer);
}

void mode_expired(struct hostile *hostile)
{
    uint64_t count = hostile_number(hostile, 0, 100);
    static struct forged forged;
    struct peer peer;
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    for (uint64_t i = 0; i < count; i++) {
        uint32_t off_h = LIMIT_ENVELOPE_LIFE_H + 2;
        forge(hostile, &forged, 0, i % 2 ? 0 - off_h : off_h);
        const struct frame push = forged_push(&forged);
        peer_send(&peer, &push);
    }
    hostile_tell("frames", count);
    hostile_tell("linked", peer_settle(&peer));
    peer_close(&peer);
}

/* Envelopes of 32 KiB, each new. */
void mode_overflow(struct hostile *hostile)
{
    uint64_t count = hostile_number(hostile, 0, 64) * 32, sent = 0;
    static struct forged forged;
    struct peer peer;
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    while (sent < count && !peer.out) {
        forge(hostile, &forged, 3, 24);
        const struct frame push = forged_push(&forged);
        sent += peer_send(&peer, &push);
        peer_turn(&peer, 0);
    }
    hostile_tell("frames", sent);
    hostile_tell(
        "out", peer_is_ended(&peer) && peer.goodbye == DISCONNECT_SCORE);
    peer_close(&peer);
}

void mode_duplicates(struct hostile *hostile)
{
    uint64_t count = hostile_number(hostile, 0, 50000), sent = 0;
    static struct forged forged;
    struct peer peer;
    forge(hostile, &forged, 0, 24);
    const struct frame push = forged_push(&forged);
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    while (sent < count && peer_send(&peer, &push)) {
        sent++;
        if (sent % TAKE_EACH == 0)
            peer_turn(&peer, 0);
    }
    hostile_tell("frames", sent);
    hostile_tell("linked", peer_settle(&peer));
    hostile_tell("prunes", peer.got[FRAME_PRUNE]);
    peer_close(&peer);
}
