/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trees, sets of envelopes and neighbours: what every frame of is in order, and
 * all together is not. */
#include "config.h"

#include <string.h>

#include "tests/hostile/hostile.h"
#include "tests/hostile/peer.h"

enum { SYBILS_MOST = 128, TAKE_EACH = 64 };

static const struct peer_kind plain = {0};

/* One that does not renew the trees: what does goes over each edge, and one in
 * 512 ids has so low a rank. */
static void forge_plain(struct hostile *hostile, struct forged *forged)
{
    do
        forge(hostile, forged, 0, 24);
    while (forged->id.bytes[0] == 0);
}

/* One link brings what is new; another is pushed it, is never the first with
 * anything and never asks not to be pushed to. */
void mode_clutch(struct hostile *hostile)
{
    uint64_t count = hostile_number(hostile, 0, 200);
    static struct peer bringer, clutch;
    static struct forged forged;
    peer_join(hostile, &bringer, &plain, FEATURE_TREE);
    peer_join(hostile, &clutch, &plain, FEATURE_TREE);
    for (uint64_t i = 0; i < count; i++) {
        forge_plain(hostile, &forged);
        const struct frame push = forged_push(&forged);
        peer_send(&bringer, &push);
        peer_turn(&clutch, 0);
    }
    peer_settle(&bringer);
    hostile_tell("frames", count);
    /* Announcements overtake pushes, and a PONG both. */
    hostile_tell("told", peer_gets(&clutch, FRAME_IHAVE, 1));
    peer_gets(&clutch, FRAME_PUSH, 32);
    hostile_tell("linked", peer_settle(&clutch));
    hostile_tell("pushes", clutch.got[FRAME_PUSH]);
    peer_close(&bringer);
    peer_close(&clutch);
}

/* Bring one envelope; whether the other link is pushed it. */
static bool is_pushed(struct peer *bringer, struct peer *other)
{
    static struct forged forged;
    uint64_t before = other->got[FRAME_PUSH];
    forge_plain(bringer->hostile, &forged);
    const struct frame push = forged_push(&forged);
    peer_send(bringer, &push);
    return peer_settle(bringer) && peer_settle(other) &&
           other->got[FRAME_PUSH] > before;
}

/* Announce much and have none of it; then, a few times a second, see whether
 * the relay still pushes to such a one. */
void mode_promises(struct hostile *hostile)
{
    enum { FRAMES = 16, LOOKS = 31, LOOK_MS = 200 };
    static struct envelope_id ids[LIMIT_FRAME_IDS];
    struct frame ihave = {.type = FRAME_IHAVE};
    static struct peer bringer, peer;
    peer_join(hostile, &bringer, &plain, FEATURE_TREE);
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    ihave.ids.ids = ids;
    ihave.ids.count = LIMIT_FRAME_IDS;
    for (int i = 0; i < FRAMES; i++) {
        random_fill(&hostile->random.base, ids, sizeof(ids));
        peer_send(&peer, &ihave);
    }
    hostile_tell("frames", FRAMES);
    hostile_tell("asked", peer_gets(&peer, FRAME_GRAFT, 1));
    int pushes = 0;
    while (pushes < LOOKS && is_pushed(&bringer, &peer)) {
        pushes++;
        peer_turn(&peer, LOOK_MS);
    }
    hostile_tell("linked", peer_settle(&peer));
    hostile_tell("lazy", pushes < LOOKS);
    peer_close(&bringer);
    peer_close(&peer);
}

/* A fingerprint of everything that is nobody's: each step is answered by a
 * finer one, and that by the same again. */
static void say_false(struct peer *peer, uint32_t run, uint32_t round)
{
    struct reconcile_range all = {.mode = RECONCILE_FINGERPRINT};
    struct frame frame = {.type = FRAME_RECONCILE};
    memset(all.bound.id.bytes, 0xff, sizeof(all.bound.id.bytes));
    all.bound.expires_h = UINT32_MAX;
    random_fill(
        &peer->hostile->random.base, all.fingerprint, sizeof(all.fingerprint));
    frame.reconcile.run = run;
    frame.reconcile.round = round;
    frame.reconcile.range_count = 1;
    frame.reconcile.ranges = &all;
    peer_send(peer, &frame);
}

void mode_rounds(struct hostile *hostile)
{
    uint64_t count = hostile_number(hostile, 0, 20000);
    struct peer peer;
    peer_join(hostile, &peer, &plain, FEATURE_TREE);
    for (uint64_t i = 0; i < count; i++) {
        /* Now the next round of what was answered, now a new run. */
        if (i % 2 && peer.round > 0)
            say_false(&peer, peer.run, peer.round + 1);
        else
            say_false(&peer, (uint32_t)i / 16, 0);
        if (i % TAKE_EACH == 0)
            peer_turn(&peer, 0);
    }
    hostile_tell("frames", count);
    hostile_tell("linked", peer_settle(&peer));
    hostile_tell("answers", peer.got[FRAME_RECONCILE]);
    peer_close(&peer);
}

static void name_nodes(struct hostile *hostile,
    struct node_address nodes[static LIMIT_FRAME_NODES])
{
    for (size_t i = 0; i < LIMIT_FRAME_NODES; i++) {
        nodes[i] = (struct node_address){
            .address = {.bytes = {127, 0, 0, 1}, .size = 4, .port = 2000}};
        random_fill(&hostile->random.base, nodes[i].node.bytes, 32);
        nodes[i].address.port +=
            (uint16_t)random_below(&hostile->random.base, 60000);
    }
}

/* What a node says to find neighbours, a thousand times too often. */
void mode_joins(struct hostile *hostile)
{
    uint64_t count = hostile_number(hostile, 0, 20000), sent = 0;
    struct node_address nodes[LIMIT_FRAME_NODES];
    struct peer peer;
    peer_join(hostile, &peer, &plain, FEATURE_TREE | FEATURE_MEMBER);
    while (sent < count && !peer.out) {
        struct frame frame = {.type = FRAME_JOIN};
        name_nodes(hostile, nodes);
        if (sent % 4 == 1) {
            frame.type = FRAME_NEIGHBOR;
            frame.neighbor.urgent = true;
        } else if (sent % 4 == 2) {
            frame.type = FRAME_SHUFFLE;
            frame.shuffle.walk = sent;
            frame.shuffle.list = (struct frame_nodes){LIMIT_FRAME_NODES, nodes};
        } else if (sent % 4 == 3) {
            frame.type = FRAME_FORWARD_JOIN;
            frame.forward_join.node = nodes[0];
        }
        sent += peer_send(&peer, &frame);
        if (sent % TAKE_EACH == 0)
            peer_turn(&peer, 0);
    }
    hostile_tell("frames", sent);
    hostile_tell("linked", peer_settle(&peer));
    peer_close(&peer);
}

void mode_sybils(struct hostile *hostile)
{
    uint64_t count = hostile_number(hostile, 0, 96), edges = 0;
    static struct peer peers[SYBILS_MOST];
    if (count > SYBILS_MOST)
        count = SYBILS_MOST;
    struct frame plea = {.type = FRAME_NEIGHBOR};
    plea.neighbor.urgent = true;
    for (uint64_t i = 0; i < count; i++) {
        peer_begin(hostile, &peers[i], &plain);
        const struct frame hello =
            peer_hello(&peers[i], FEATURE_TREE | FEATURE_MEMBER);
        peer_send(&peers[i], &hello);
        peer_send(&peers[i], &plea);
    }
    for (uint64_t i = 0; i < count; i++)
        if (peer_gets(&peers[i], FRAME_HELLO, 1))
            edges += peer_settle(&peers[i]);
    hostile_tell("frames", 2 * count);
    hostile_tell("edges", edges);
    hostile_hold();
    for (uint64_t i = 0; i < count; i++)
        peer_close(&peers[i]);
}
