/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_RECONCILE_RUN_H
#define RELAY_RECONCILE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/frame.h"
#include "proto/limits.h"
#include "relay/set.h"
#include "relay/turn.h"

/* One run, of either end.  Within reconcile.c and its files alone. */
enum {
    RUN_STEPS = 2 * LIMIT_RECONCILE_ROUNDS, /* frames of a run */
    RUN_ANSWER_MS = 10000, /* the first answer: twice as long at each try */
    RUN_SLOW_MS = 35000,   /* at most, and for any other: LIMIT_RECONCILE_BYTES
                              take half of it at a kilobyte a second */
};

struct reconcile;
struct reconcile_findings;

/* What a peer does not keep, by the first bytes of its key. */
struct unkept {
    uint64_t peer;
    struct envelope_id id;
};

struct run {
    uint32_t number;
    uint32_t link;
    uint32_t round; /* of the frame that is expected */
    uint64_t deadline_ms;
    bool listed; /* something that the peer lacks was not pushed */
    bool cut;    /* the rounds ended before the differences */
    uint32_t given_bytes;
    uint32_t given_receipts;
    struct set_view *set; /* NULL: not frozen yet */
};

/* What is known of an open link, in the room for it. */
struct reconcile_peer {
    uint32_t link;
    bool outbound;
    bool useful;
    bool moved;      /* something came or was asked for, since its run began */
    bool is_crowded; /* it has sent something back, and never had all since */
    uint8_t tries;
    uint8_t fruitless;       /* runs of late, where room is short */
    uint32_t may_give_bytes; /* unasked, since its last run began */
    uint64_t due_ms;         /* UINT64_MAX: not */
    uint64_t turn_ms;        /* when it last had one, or a run began */
    struct run *begun;
    struct run *answering;
};

struct reconcile_peer *reconcile_peer(
    const struct reconcile *reconcile, uint32_t link);

/* NULL where there is no memory, and the turn has failed. */
struct run *reconcile_run_new(
    struct turn *turn, uint32_t link, uint32_t number, uint32_t round);
/* Free *run, which may be NULL, and make it so. */
void reconcile_run_free(struct run **run);
size_t reconcile_run_bytes(const struct run *run);

/* Say the ranges of one round; none ends the run. */
void reconcile_run_send(struct turn *turn, const struct run *run,
    const struct reconcile_range *ranges, size_t count);

/* The first frame of a run of our own: the whole set in one fingerprint. */
void reconcile_run_open(
    struct turn *turn, struct run *run, const struct set_sum *whole);

/* Whether a first frame says that both have the same. */
bool reconcile_run_is_equal(
    const struct frame_reconcile *frame, const struct set_sum *whole);

/* reconcile_answer.c: answer a frame; true when the run is over by it. */
bool reconcile_run_answer(const struct reconcile *reconcile, struct turn *turn,
    struct run *run, const struct frame_reconcile *frame,
    struct reconcile_findings *out);

/* reconcile_unkept.c: whether a peer that lacks it is told of it first. */
bool reconcile_is_unkept(const struct reconcile *reconcile,
    const struct turn *turn, uint32_t link, const struct envelope_id *id);

#endif
