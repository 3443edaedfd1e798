/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_SCORE_H
#define RELAY_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/ids.h"
#include "relay/turn.h"

/* What peers have earned, by node key, so that reconnecting wipes no slate;
 * and what each may spend.  There is never a penalty for silence. */
enum {
    SCORE_OVERFLOW = -2,       /* each burst's worth over a quota */
    SCORE_BROKEN_PROMISE = -5, /* what was announced and never came */
    SCORE_FALSE_RECEIPT = -20,
    SCORE_FALSE_STAMP = -20,
    SCORE_MALFORMED = -50,
    SCORE_FIRST_DELIVERY = 1,
    SCORE_MOST = 50,
    SCORE_LAZY_BELOW = 0,   /* nothing is pushed to it unasked */
    SCORE_DROP_BELOW = -20, /* no link while it is so */
    /* No link for an hour.  A link ends at the first act that takes its peer
     * below the line above, and no act costs more than 50: a peer is as low as
     * this only after a second offence. */
    SCORE_GRAY_BELOW = -60,
    SCORE_GRAY_MS = 3600000,
    SCORE_KEEP_MS = 5000, /* after a fall, so that one writing has many */
    SCORE_KEEP_AGAIN_MS = 60000, /* no sooner after another */
    /* ... and for one onto the graylist, which does not wait either. */
    SCORE_KEEP_GRAY_AGAIN_MS = 10000,
    SCORE_RECORDS = 1024, /* then who is not held off goes, or was so last */
    SCORE_LATELY = 16,
    SCORE_BURST_S = 16, /* seconds of pushes that may come at once */
    /* So many seconds' worth of what was asked for may come at once, and more
     * at an eighth of the rate: a long while apart.  What goes beyond counts
     * as what is pushed. */
    SCORE_CATCH_S = 512,
    SCORE_CATCH_SLOWER = 8,
    SCORE_CATCH_NEW_S = 128, /* ... from a peer that is new */
    /* Of a peer's burst: so much is open to all, and then its mail has a
     * price. */
    SCORE_FREE_SIXTEENTHS = 4,
    SCORE_CHECKS_S = 12,   /* in a second, that are as much as its rate */
    SCORE_PRICE_MOST = 20, /* further up, honest people could not follow */
    /* Not more often than this; and until then what its mail was worth before
     * is enough, as far as it has no more under way than a part of a burst. */
    SCORE_PRICE_RAISE_MS = 1000,
    SCORE_GRACE_SIXTEENTHS = 1,
    SCORE_PRICE_LOWER_MS = 30000, /* without pressure, for each bit */
};

/* What a peer may spend, each with a rate and a burst. */
enum score_budget {
    BUDGET_PUSHES,   /* bytes of new envelopes that we did not ask for */
    BUDGET_CHEAP,    /* bytes of those that are not worth the price */
    BUDGET_CAUGHT,   /* bytes of those that we asked for, to catch up */
    BUDGET_DECLINES, /* words to it of what is not worth the price */
    BUDGET_RECEIPTS, /* receipts that we did not ask for */
    BUDGET_CHECKS,   /* stamps to be checked */
    BUDGET_SERVICE,  /* bytes that we send because it asked */
    BUDGET_RUNS,     /* reconciliations that it begins */
    BUDGET_COUNT,
};

struct score_record {
    struct node_key key;
    bool linked;
    int32_t score_milli;
    uint64_t decayed_ms; /* up to then */
    uint64_t gray_until_ms;
    uint64_t fell_ms; /* so low that it is held off; 0: before we began */
    uint64_t paid_us[BUDGET_COUNT]; /* until then all is spent (GCRA) */
    uint64_t over_bytes;            /* pushed though all was spent */
    uint8_t price;     /* value; what is worth less is not taken from it */
    uint8_t before;    /* ... until it rose */
    uint8_t told;      /* ... as it was told */
    uint8_t cheapest;  /* value taken from it since the price rose */
    uint64_t moved_ms; /* when the price rose, or was last lowered */
    uint64_t ebb_us;   /* least that was spent of its quota since it rose */
};

struct score {
    struct score_record *list; /* by key */
    size_t count;
    size_t last;      /* that was found */
    uint64_t keep_ms; /* bad scores are written then; UINT64_MAX */
    uint32_t push_rate_bytes_s;
    uint16_t lately[SCORE_LATELY]; /* places that were, by keys' first bits:
                                      one event asks for one peer many times,
                                      and a node has few */
    size_t capacity;
    uint64_t keep_again_ms;      /* and not before ... */
    uint64_t keep_gray_again_ms; /* ... but for the graylist, as of then */
    bool is_kept;                /* some may stand written */
};

void score_init(struct score *score, uint32_t push_rate_bytes_s);
void score_clear(struct score *score);

/* Whether a peer may have a link now. */
bool score_admits(
    struct score *score, struct turn *turn, const struct node_key *key);

/* A link to that peer is there, dialled by us or by it, or gone. */
void score_link_up(struct score *score, struct turn *turn,
    const struct node_key *key, bool dialled);
void score_link_down(
    struct score *score, struct turn *turn, const struct node_key *key);

/* Change a linked peer's score; false: it fell so low that its link must
 * end. */
bool score_change(struct score *score, struct turn *turn,
    const struct node_key *key, int32_t points);
/* As it is by now. */
int32_t score_of(
    const struct score *score, uint64_t now_ms, const struct node_key *key);
enum standing score_standing(
    const struct score *score, uint64_t now_ms, const struct node_key *key);

/* The price of a peer's mail, so that a flood is stopped at the edge that it
 * comes over and costs nobody else anything.  When a peer pushes more than its
 * rate for long, the price rises to just above the cheapest that it brings,
 * and falls by a bit each SCORE_PRICE_LOWER_MS when neither it nor what was
 * refused for it would be too much.  It is known by node key, as the rest.
 *
 * A peer that is new and came by itself has no more of the free part of a burst
 * than what comes in a second: who changes keys gains little, and what is let
 * through for one such peer is well within what those further on take from us
 * for nothing. */
uint8_t score_price(
    struct score *score, const struct turn *turn, const struct node_key *key);
/* What its mail is held to now: not yet a price that has just risen, for what
 * was under way when the peer was told. */
uint8_t score_price_due(
    struct score *score, const struct turn *turn, const struct node_key *key);
/* Whether a linked peer may push something of that value: of its quota the
 * last part is for what is worth more. */
bool score_may_push(struct score *score, const struct turn *turn,
    const struct node_key *key, uint8_t value);
/* What something counts whose stamp had to be checked: time for checks is
 * shorter than room, and shared by as many peers. */
uint32_t score_checked_cost(const struct score *score, uint32_t bytes);
/* It has pushed something new, unasked; true when its price has risen. */
bool score_pushed(struct score *score, const struct turn *turn,
    const struct node_key *key, uint8_t value, uint32_t bytes);
/* It has given something new that it was asked for: whether that is still
 * catching up; where not, it counts as pushed. */
bool score_catches_up(struct score *score, const struct turn *turn,
    const struct node_key *key, uint32_t bytes);
/* It has pushed something that is worth less than its price. */
void score_cheap(struct score *score, const struct turn *turn,
    const struct node_key *key, uint32_t bytes);
/* Whether the peer has to be told another price than it was, from now on. */
bool score_tell_price(
    struct score *score, const struct node_key *key, uint8_t price);
/* Whether the mail of any linked peer has a price. */
bool score_is_priced(struct score *score, const struct turn *turn);

/* Whether a linked peer has anything left of a budget. */
bool score_may_spend(struct score *score, const struct turn *turn,
    const struct node_key *key, enum score_budget budget);
/* Take an amount; the last taking may overdraw. */
void score_spend(struct score *score, const struct turn *turn,
    const struct node_key *key, enum score_budget budget, uint32_t amount);

/* A peer has pushed so much though nothing was left.  True once for each
 * burst's worth: one who does not know our quota may meet it; one who floods
 * goes on. */
bool score_overflows(
    struct score *score, const struct node_key *key, uint32_t bytes);

/* Bad scores and the graylist outlive the relay: RELAY_KEEP_SCORES soon after
 * one fell so low that its link had to end, SCORE_KEEP_AGAIN_MS apart at least;
 * before that link ends where it fell onto the graylist, if no other was within
 * SCORE_KEEP_GRAY_AGAIN_MS; and where it is asked for at the end.  Prices do
 * not: what a peer brings now makes its price within a second, and what is left
 * over from a flood that has ended would only turn away honest mail.  Nor do
 * budgets: a restart gives nobody more of them than a new key does. */
void score_keep(struct score *score, struct turn *turn);
void score_tick(struct score *score, struct turn *turn);
static inline uint64_t score_deadline_ms(const struct score *score)
{
    return score->keep_ms;
}

/* Take up one that was kept, as it is by now.  A wall clock that was put back
 * since forgives nothing and punishes nobody for longer than was left then, and
 * never for longer than the relay itself would. */
void score_restore(
    struct score *score, struct turn *turn, const struct kept_score *kept);

size_t score_bytes(const struct score *score);

/* What does not hold of how many there are, or NULL; also of each. */
const char *score_step_violation(const struct score *score);
const char *score_violation(const struct score *score);

#endif
