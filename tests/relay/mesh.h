/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_RELAY_MESH_H
#define TESTS_RELAY_MESH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/random.h"
#include "base/table.h"
#include "proto/envelope.h"
#include "proto/frame.h"
#include "relay/relay.h"

/* A toy world for relays: a clock that jumps, frames that travel as encoded
 * bytes and get lost, links that come and go, and a store a node.  It checks
 * what must always hold and stops the test where it does not. */
enum {
    MESH_NODES = 40,
    MESH_FRAME_TYPES = 40,
    MESH_CLOCK_S = 1700000 * 1000 + 2600, /* where every run begins */
};

struct mesh_letter {
    struct envelope_id id;
    struct opening opening;
    struct envelope envelope;
    uint8_t *bytes;
};

struct mesh_link {
    uint32_t number;
    uint32_t peer;        /* node */
    uint32_t peer_number; /* its number for this link */
    bool up;
};

struct mesh_node {
    struct relay *relay;
    struct random_seeded random;
    struct node_key key;
    bool away;
    struct mesh_link *links;
    size_t link_count;
    struct table store; /* what the store holds, and how often it was put */
    size_t stored;      /* STORE effects ever */
    size_t delivered;
    size_t cleared;
    uint32_t handed; /* the last HANDED */
    uint64_t sent_bytes[MESH_FRAME_TYPES];
    uint64_t sent_frames[MESH_FRAME_TYPES];
};

struct mesh {
    struct mesh_node nodes[MESH_NODES];
    size_t count;
    uint64_t now_ms;
    uint64_t latency_ms;
    uint64_t loss_percent;
    uint64_t tick_ms; /* 0: only at deadlines */
    bool unlinked;    /* dials fail */
    struct random_seeded random;
    struct heap heap;
    struct mesh_event **events; /* by the heap's value */
    size_t event_count;         /* ever: equal times go by it */
    size_t event_capacity;
    struct relay_effects effects;
    struct frame_scratch scratch;
    uint64_t trace; /* a hash of every effect, and when */
    uint64_t steps;
};

void mesh_init(struct mesh *mesh, size_t count, uint64_t seed,
    const struct relay_config *config);
void mesh_free(struct mesh *mesh);

/* Let an event happen to a node now; its times are filled in. */
void mesh_step(struct mesh *mesh, size_t node, struct relay_event *event);
/* Have one node dial another, as a person would. */
void mesh_connect(struct mesh *mesh, size_t from, size_t to);
/* Cut all links of a node and let it dial and be dialled no more; or again. */
void mesh_away(struct mesh *mesh, size_t node, bool away);
/* Let time pass. */
void mesh_run(struct mesh *mesh, uint64_t ms);

/* A letter with that many hours to live and that size class. */
struct mesh_letter mesh_letter(
    struct random *random, uint8_t class_, uint32_t life_h);
void mesh_letter_free(struct mesh_letter *letter);
void mesh_submit(
    struct mesh *mesh, size_t node, const struct mesh_letter *letter);
void mesh_release(
    struct mesh *mesh, size_t node, const struct mesh_letter *letter);
/* Put it into a node's store as if restored from disk. */
void mesh_restore(
    struct mesh *mesh, size_t node, const struct mesh_letter *letter);

/* How many nodes know the letter in that state. */
size_t mesh_holders(const struct mesh *mesh, const struct mesh_letter *letter,
    enum shelf_state state);
uint64_t mesh_sent(const struct mesh *mesh, enum frame_type type, bool bytes);

#endif
