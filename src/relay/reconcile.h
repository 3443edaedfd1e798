/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_RECONCILE_H
#define RELAY_RECONCILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memo.h"
#include "proto/frame.h"
#include "relay/set.h"
#include "relay/turn.h"

/* Catching up: finding out, with one peer at a time, which stored envelopes
 * one has and the other lacks.  Range-based set reconciliation (Meyer 2023),
 * as negentropy does it.  A run goes back and forth at most
 * LIMIT_RECONCILE_ROUNDS times; what it did not reach, the next run does. */
enum {
    RECONCILE_WAYS = 16,          /* parts of a range that differs, at most */
    RECONCILE_PART = 12,          /* items in each, at least */
    RECONCILE_LIST = 32,          /* items that are listed, not split */
    RECONCILE_GIVE_BYTES = 65536, /* pushed unasked in one run */
    RECONCILE_GIVE_RECEIPTS = 32, /* likewise; the rest is listed */
    RECONCILE_PAUSE_MS = 1000,    /* between runs with one peer */
    RECONCILE_OWED_MS = 250, /* while the peer still owes what it offered */
    RECONCILE_SOON_MS = 20000,
    RECONCILE_AT_ONCE = 2,   /* runs of our own */
    RECONCILE_TRIES = 5,     /* then the periodic run is waited for */
    RECONCILE_FRUITLESS = 6, /* doublings of a pause */
};

struct reconcile {
    size_t capacity;
    uint64_t interval_ms;
    uint32_t last_run;
    struct memo unkept; /* by whom and what */
    struct reconcile_peer *peers;
    size_t count;
    uint64_t periodic_ms; /* UINT64_MAX: nobody is there */
    uint64_t due_ms;      /* the first moment at which anything is to be done */
};

void reconcile_init(
    struct reconcile *reconcile, uint64_t interval_ms, uint64_t seed);
void reconcile_clear(struct reconcile *reconcile);

/* A link opened: the end that dialled begins a run. */
void reconcile_link_open(struct reconcile *reconcile, struct turn *turn,
    uint32_t link, bool outbound);
void reconcile_link_down(struct reconcile *reconcile, uint32_t link);

/* Something is still missing that this peer had: run again. */
void reconcile_again(
    struct reconcile *reconcile, struct turn *turn, uint32_t link);
/* Something came that other peers may lack: run with all but this one. */
void reconcile_others(
    struct reconcile *reconcile, struct turn *turn, uint32_t link);
/* There is room for what was left with whoever had it: the next peer's turn is
 * soon. */
void reconcile_soon(struct reconcile *reconcile, const struct turn *turn);
/* The run moved something either way: it is worth going on with. */
void reconcile_useful(struct reconcile *reconcile, uint32_t link);
/* The same, and what was asked for has come. */
void reconcile_moved(struct reconcile *reconcile, uint32_t link);

/* Something new was pushed unasked: whether a run explains it, in which that
 * peer found out that it is lacking here. */
bool reconcile_gave(struct reconcile *reconcile, uint32_t link, uint32_t bytes);

/* That peer does not keep this, having evicted it or no room: from now on it
 * is told that it is here, and not given it unasked, also when it comes back;
 * and as long as it lacks anything, so it is with all else. */
void reconcile_unkept(struct reconcile *reconcile, struct turn *turn,
    uint32_t link, const struct envelope_id *id);

/* A WANT of that peer was answered: likewise, and it is not done yet. */
void reconcile_served(
    struct reconcile *reconcile, struct turn *turn, uint32_t link);

/* Give up the runs that nobody answered; let the periodic one be due. */
void reconcile_tick(struct reconcile *reconcile, struct turn *turn);
/* A link with which a run is due and may begin; false when there is none. */
bool reconcile_due(
    const struct reconcile *reconcile, const struct turn *turn, uint32_t *link);
/* Begin it; whole: the sum of all that is stored. */
void reconcile_begin(struct reconcile *reconcile, struct turn *turn,
    uint32_t link, const struct set_sum *whole);
/* Or not yet: that peer still owes what it offered. */
void reconcile_postpone(
    struct reconcile *reconcile, struct turn *turn, uint32_t link);

/* Whether a frame would begin a run, which costs its receiver most. */
bool reconcile_begins(const struct frame_reconcile *frame);

/* Take a RECONCILE frame: judge whether its turn has come. */
enum reconcile_step {
    RECONCILE_REFUSED, /* out of turn; counted */
    RECONCILE_DONE,    /* the run has ended */
    RECONCILE_EQUAL,   /* so it has, and the peer has all that is stored */
    RECONCILE_FREEZE,  /* reconcile_freeze, then reconcile_answer */
    RECONCILE_ANSWER,  /* reconcile_answer */
};
enum reconcile_step reconcile_receive(struct reconcile *reconcile,
    struct turn *turn, uint32_t link, const struct frame_reconcile *frame,
    const struct set_sum *whole);

/* Let the run that this frame belongs to hold a view. */
void reconcile_freeze(struct reconcile *reconcile, uint32_t link,
    const struct frame_reconcile *frame, struct set_view *view);

/* What a frame has shown: what the peer lacks and is to be given now, and what
 * we lack and should ask for.  Lists lie in the turn's memory. */
struct reconcile_findings {
    struct envelope_id *gives;
    size_t give_count;
    struct reconcile_bound *wants;
    size_t want_count;
    bool peer_has_all; /* the run ended, and what is stored here is there */
};
void reconcile_answer(struct reconcile *reconcile, struct turn *turn,
    uint32_t link, const struct frame_reconcile *frame,
    struct reconcile_findings *out);

uint64_t reconcile_deadline_ms(const struct reconcile *reconcile);
/* Send for the memory of the peers. */
void reconcile_warm(const struct reconcile *reconcile);

size_t reconcile_bytes(const struct reconcile *reconcile);

/* The first that does not hold of when it is due, or NULL; also of all runs. */
const char *reconcile_step_violation(const struct reconcile *reconcile);
const char *reconcile_violation(const struct reconcile *reconcile);

#endif
