/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_SCORE_INSIDE_H
#define RELAY_SCORE_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "relay/turn.h"

struct score;
struct score_record;

/* Between score.c (what a peer has earned, and what it may spend),
 * score_price.c (what its mail must be worth) and score_keep.c (what outlives
 * the relay). */

enum { SCORE_MILLI = 1000, SCORE_MINUTE_MS = 60000 };

/* A peer's record, or NULL. */
struct score_record *score_find(
    struct score *score, const struct node_key *key);

/* The same, or a new one; NULL (and the turn has failed) without memory. */
struct score_record *score_find_or_add(struct score *score, struct turn *turn,
    const struct node_key *key, bool dialled);

/* What is left of a score after so many minutes; bring a record up to now. */
int32_t score_decayed(int32_t score_milli, uint64_t minutes);
void score_decay(struct score_record *record, uint64_t now_ms);

/* Whether the one is rather kept than the other, where there is no room for
 * both: on the graylist, else held off, else the worse; of two that are held
 * off alike, the one that was so first. */
bool score_stays_before(const struct score_record *record,
    const struct score_record *other, uint64_t now_ms);

/* A score fell so low that its link must end: write it down, and where that
 * was onto the graylist at once. */
void score_keep_fall(struct score *score, struct turn *turn, bool is_gray);

/* How long the budget of pushes takes to fill once it is spent. */
uint64_t score_push_burst_us(const struct score *score);

/* The price as it is by now: falls where it is time. */
void score_price_falls(const struct score *score, struct score_record *record,
    const struct turn *turn);

/* How long what a new peer may not give at once would take to be earned. */
uint64_t score_catch_new_ms(void);

/* What a new record begins with; whom we dialled ourselves has not come under
 * a new key to have a new burst. */
void score_price_begins(const struct score *score, struct score_record *record,
    const struct turn *turn, bool dialled);

#endif
