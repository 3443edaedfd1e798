/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records lie in an array ordered by key.  A score moves towards zero by a
 * tenth each minute, worked out when it is looked at: nothing ticks.  Budgets
 * are kept as the moment until which all is spent (the generic cell rate
 * algorithm, ITU-T I.371), one number each.
 *
 * A record outlives its link only while it says something: a bad score, the
 * graylist, or a budget not yet refilled.  Where all do and there is no room,
 * who is held off stays, and of those whoever was held off first.  Keys cost
 * nothing, and whoever makes a crowd of them chooses how bad each is, but not
 * that it was here sooner: so a crowd pushes out itself and nobody before it,
 * and what it gains, to be forgotten, another new key has as well. */
#include "relay/score.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "proto/limits.h"
#include "relay/score_inside.h"

enum { MINUTES_TO_ZERO = 200 };

struct budget {
    uint32_t rate_s;
    uint32_t burst;
};

/* So many seconds' worth of pushes. */
static struct budget of_pushes(const struct score *score, uint32_t seconds)
{
    uint32_t rate_s = score->push_rate_bytes_s;
    return (struct budget){
        rate_s, rate_s > UINT32_MAX / seconds ? UINT32_MAX : rate_s * seconds};
}

static struct budget slower(struct budget budget)
{
    uint32_t rate_s = budget.rate_s / SCORE_CATCH_SLOWER;
    return (struct budget){rate_s > 0 ? rate_s : 1, budget.burst};
}

static struct budget budget_of(
    const struct score *score, enum score_budget budget)
{
    switch (budget) {
    case BUDGET_PUSHES:
    case BUDGET_CHEAP:
        return of_pushes(score, SCORE_BURST_S);
    case BUDGET_CAUGHT:
        return slower(of_pushes(score, SCORE_CATCH_S));
    case BUDGET_DECLINES:
    case BUDGET_RECEIPTS:
        return (struct budget){20, 200};
    case BUDGET_CHECKS:
        return (struct budget){50, 100};
    case BUDGET_SERVICE:
        return (struct budget){4 * MIB, 4 * MIB};
    case BUDGET_RUNS:
        return (struct budget){1, 10};
    case BUDGET_COUNT:
        break;
    }
    assert(false);
    return (struct budget){0, 0};
}

void score_init(struct score *score, uint32_t push_rate_bytes_s)
{
    *score = (struct score){
        .push_rate_bytes_s = push_rate_bytes_s, .keep_ms = UINT64_MAX};
}

void score_clear(struct score *score)
{
    free(score->list);
    *score = (struct score){0};
}

/* Keys that differ do so in their first eight bytes, but for one pair in
 * 2^64 or who makes them so. */
static bool is_before(const struct node_key *a, const struct node_key *b)
{
    uint64_t x = number_word(a->bytes), y = number_word(b->bytes);
    return x != y ? x < y : memcmp(a->bytes, b->bytes, sizeof(a->bytes)) < 0;
}

/* Where the record is or belongs. */
static size_t place(const struct score *score, const struct node_key *key)
{
    size_t low = 0, count = score->count;
    while (count > 0) {
        size_t half = count / 2;
        if (is_before(&score->list[low + half].key, key)) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

static bool is_at(
    const struct score *score, size_t at, const struct node_key *key)
{
    return at < score->count && node_key_equal(&score->list[at].key, key);
}

struct score_record *score_find(struct score *score, const struct node_key *key)
{
    uint16_t *lately = &score->lately[key->bytes[0] % SCORE_LATELY];
    size_t at = *lately;
    if (!is_at(score, at, key)) {
        at = place(score, key);
        if (!is_at(score, at, key))
            return NULL;
        *lately = (uint16_t)at;
    }
    score->last = at;
    return &score->list[at];
}

static void remove_at(struct score *score, size_t at)
{
    score->count--;
    memmove(&score->list[at], &score->list[at + 1],
        (score->count - at) * sizeof(*score->list));
}

int32_t score_decayed(int32_t score_milli, uint64_t minutes)
{
    if (minutes > MINUTES_TO_ZERO)
        return 0;
    for (; minutes > 0 && score_milli != 0; minutes--)
        score_milli = score_milli * 9 / 10;
    return score_milli;
}

void score_decay(struct score_record *record, uint64_t now_ms)
{
    uint64_t minutes = (now_ms - record->decayed_ms) / SCORE_MINUTE_MS;
    record->decayed_ms += minutes * SCORE_MINUTE_MS;
    record->score_milli = score_decayed(record->score_milli, minutes);
}

static uint64_t burst_us(const struct score *score, enum score_budget budget)
{
    struct budget limit = budget_of(score, budget);
    return (uint64_t)limit.burst * 1000000 / limit.rate_s;
}

uint64_t score_push_burst_us(const struct score *score)
{
    return burst_us(score, BUDGET_PUSHES);
}

/* Whether anything would be lost with it. */
static bool says_something(const struct score *score,
    struct score_record *record, const struct turn *turn)
{
    uint64_t now_ms = turn->now_ms;
    score_decay(record, now_ms);
    score_price_falls(score, record, turn);
    if (record->score_milli <= -SCORE_MILLI || record->gray_until_ms > now_ms ||
        record->price > 0)
        return true;
    for (size_t i = 0; i < BUDGET_COUNT; i++)
        if (record->paid_us[i] / 1000 >
            now_ms + (i == BUDGET_CAUGHT ? score_catch_new_ms() : 0))
            return true;
    return false;
}

/* How firmly a peer is held off. */
static int hold_of(const struct score_record *record, uint64_t now_ms)
{
    if (record->gray_until_ms > now_ms)
        return 2;
    return record->score_milli < SCORE_DROP_BELOW * SCORE_MILLI ? 1 : 0;
}

bool score_stays_before(const struct score_record *record,
    const struct score_record *other, uint64_t now_ms)
{
    int hold = hold_of(record, now_ms), other_hold = hold_of(other, now_ms);
    if (hold != other_hold)
        return hold > other_hold;
    if (hold > 0 && record->fell_ms != other->fell_ms)
        return record->fell_ms < other->fell_ms;
    return record->score_milli < other->score_milli;
}

/* Forget those that say nothing any more; if none, one stranger. */
static void make_room(struct score *score, const struct turn *turn)
{
    size_t kept = 0, last = SIZE_MAX;
    for (size_t i = 0; i < score->count; i++) {
        struct score_record *record = &score->list[i];
        if (!record->linked && !says_something(score, record, turn))
            continue;
        score->list[kept] = *record;
        if (!record->linked &&
            (last == SIZE_MAX ||
                score_stays_before(&score->list[last], record, turn->now_ms)))
            last = kept;
        kept++;
    }
    bool was_full = kept == score->count;
    score->count = kept;
    if (was_full && last != SIZE_MAX)
        remove_at(score, last);
}

struct score_record *score_find_or_add(struct score *score, struct turn *turn,
    const struct node_key *key, bool dialled)
{
    struct score_record *there = score_find(score, key);
    if (there)
        return there;
    if (score->count >= SCORE_RECORDS)
        make_room(score, turn);
    if (turn_grow(turn, (void **)&score->list, score->count, &score->capacity,
            sizeof(*score->list)))
        return NULL;
    size_t at = place(score, key);
    struct score_record *record = &score->list[at];
    memmove(record + 1, record, (score->count - at) * sizeof(*record));
    score->count++;
    score->last = at;
    *record = (struct score_record){.key = *key, .decayed_ms = turn->now_ms};
    score_price_begins(score, record, turn, dialled);
    return record;
}

bool score_admits(
    struct score *score, struct turn *turn, const struct node_key *key)
{
    struct score_record *record = score_find(score, key);
    if (!record)
        return true;
    score_decay(record, turn->now_ms);
    return record->gray_until_ms <= turn->now_ms &&
           record->score_milli >= SCORE_DROP_BELOW * SCORE_MILLI;
}

void score_link_up(struct score *score, struct turn *turn,
    const struct node_key *key, bool dialled)
{
    struct score_record *record = score_find_or_add(score, turn, key, dialled);
    if (record)
        record->linked = true;
}

void score_link_down(
    struct score *score, struct turn *turn, const struct node_key *key)
{
    struct score_record *record = score_find(score, key);
    if (!record)
        return;
    record->linked = false;
    if (!says_something(score, record, turn))
        remove_at(score, (size_t)(record - score->list));
}

bool score_change(struct score *score, struct turn *turn,
    const struct node_key *key, int32_t points)
{
    struct score_record *record = score_find(score, key);
    if (!record)
        return true;
    score_decay(record, turn->now_ms);
    int32_t changed = record->score_milli + points * SCORE_MILLI;
    record->score_milli =
        changed > SCORE_MOST * SCORE_MILLI ? SCORE_MOST * SCORE_MILLI : changed;
    if (record->score_milli >= SCORE_DROP_BELOW * SCORE_MILLI)
        return true;
    record->fell_ms = turn->now_ms;
    if (record->score_milli < SCORE_GRAY_BELOW * SCORE_MILLI)
        record->gray_until_ms = turn->now_ms + SCORE_GRAY_MS;
    score_keep_fall(score, turn, record->gray_until_ms > turn->now_ms);
    return false;
}

/* A copy of what is known of a peer, as it is by then. */
static struct score_record as_of(
    const struct score *score, uint64_t now_ms, const struct node_key *key)
{
    size_t at = place(score, key);
    struct score_record record = {.decayed_ms = now_ms};
    if (is_at(score, at, key))
        record = score->list[at];
    score_decay(&record, now_ms);
    return record;
}

int32_t score_of(
    const struct score *score, uint64_t now_ms, const struct node_key *key)
{
    return as_of(score, now_ms, key).score_milli / SCORE_MILLI;
}

enum standing score_standing(
    const struct score *score, uint64_t now_ms, const struct node_key *key)
{
    struct score_record record = as_of(score, now_ms, key);
    if (record.gray_until_ms > now_ms)
        return STANDING_GRAYLISTED;
    if (record.score_milli < SCORE_DROP_BELOW * SCORE_MILLI)
        return STANDING_REFUSED;
    return record.score_milli / SCORE_MILLI < SCORE_LAZY_BELOW ? STANDING_POOR
                                                               : STANDING_GOOD;
}

bool score_may_spend(struct score *score, const struct turn *turn,
    const struct node_key *key, enum score_budget budget)
{
    const struct score_record *record = score_find(score, key);
    if (!record)
        return true;
    return record->paid_us[budget] <
           turn->now_ms * 1000 + burst_us(score, budget);
}

void score_spend(struct score *score, const struct turn *turn,
    const struct node_key *key, enum score_budget budget, uint32_t amount)
{
    struct score_record *record = score_find(score, key);
    if (!record)
        return;
    struct budget limit = budget_of(score, budget);
    uint64_t now_us = turn->now_ms * 1000;
    uint64_t *paid_us = &record->paid_us[budget];
    if (*paid_us < now_us)
        *paid_us = now_us;
    *paid_us += (uint64_t)amount * 1000000 / limit.rate_s;
}

bool score_overflows(
    struct score *score, const struct node_key *key, uint32_t bytes)
{
    struct score_record *record = score_find(score, key);
    if (!record)
        return false;
    record->over_bytes += bytes;
    if (record->over_bytes < budget_of(score, BUDGET_PUSHES).burst)
        return false;
    record->over_bytes = 0;
    return true;
}

size_t score_bytes(const struct score *score)
{
    return score->capacity * sizeof(*score->list);
}

static bool is_in_order(const struct score *score, size_t at)
{
    return at == 0 || at >= score->count ||
           is_before(&score->list[at - 1].key, &score->list[at].key);
}

static const char *record_violation(const struct score *score, size_t at)
{
    if (at < score->count && score->list[at].price > SCORE_PRICE_MOST)
        return "a peer's mail has a price that nobody could pay";
    return is_in_order(score, at) && is_in_order(score, at + 1)
               ? NULL
               : "scores are out of order";
}

/* What a step changes, it has looked for, or put there: it is the last. */
const char *score_step_violation(const struct score *score)
{
    return score->count > SCORE_RECORDS + LIMIT_LINKS
               ? "more scores than allowed"
               : record_violation(score, score->last);
}

const char *score_violation(const struct score *score)
{
    const char *why = score_step_violation(score);
    for (size_t i = 0; !why && i < score->count; i++)
        why = record_violation(score, i);
    return why;
}
