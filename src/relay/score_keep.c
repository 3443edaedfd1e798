/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a restart must not wash off: scores below zero, and who is on the
 * graylist.  They are written by wall clock, the only one that goes on, and a
 * wall clock may be put forth and back: forth forgives, as it always could;
 * back, the time that was left when a score was written counts from now, and
 * what is so restored is written anew, so that it counts once.
 *
 * Good scores are not kept (a node earns them again), nor what is better than
 * -1: silence leaves nothing here.  Since falls are written only so often, who
 * makes others fall all the time makes no node write all the time; what falls
 * meanwhile, and is lost in a crash, had to be earned by new offences. */
#include "proto/limits.h"
#include "relay/score.h"
#include "relay/score_inside.h"

enum {
    /* An act that ends a link takes off at most this from where it began. */
    LOWEST_MILLI = (SCORE_DROP_BELOW + SCORE_MALFORMED) * SCORE_MILLI,
    GRAY_S = SCORE_GRAY_MS / 1000,
    MINUTE_S = SCORE_MINUTE_MS / 1000,
};

void score_keep_soon(struct score *score, const struct turn *turn)
{
    uint64_t soon_ms = turn->now_ms + SCORE_KEEP_MS;
    if (soon_ms < score->keep_again_ms)
        soon_ms = score->keep_again_ms;
    if (soon_ms < score->keep_ms)
        score->keep_ms = soon_ms;
}

/* What is less than a second is rounded in the peer's favour, so that nothing
 * lasts longer by any number of restarts. */
static struct kept_score kept_of(
    const struct score_record *record, const struct turn *turn)
{
    uint64_t age_s = (turn->now_ms - record->decayed_ms + 999) / 1000;
    struct kept_score kept = {
        .key = record->key,
        .score_milli = record->score_milli,
        .as_of_s = turn->clock_s > age_s ? turn->clock_s - age_s : 0,
    };
    if (record->gray_until_ms > turn->now_ms)
        kept.gray_until_s =
            turn->clock_s + (record->gray_until_ms - turn->now_ms) / 1000;
    return kept;
}

static bool is_worse(const struct kept_score *a, const struct kept_score *b)
{
    if (a->gray_until_s != b->gray_until_s)
        return a->gray_until_s > b->gray_until_s;
    return a->score_milli < b->score_milli;
}

/* Put one among the worst, which are in order; where there are enough, the
 * least bad falls out. */
static size_t insert(
    struct kept_score *list, size_t count, const struct kept_score *kept)
{
    size_t at = count < LIMIT_KEPT_SCORES ? count : LIMIT_KEPT_SCORES - 1;
    if (at < count && !is_worse(kept, &list[at]))
        return count;
    for (; at > 0 && is_worse(kept, &list[at - 1]); at--)
        list[at] = list[at - 1];
    list[at] = *kept;
    return count < LIMIT_KEPT_SCORES ? count + 1 : count;
}

void score_keep(struct score *score, struct turn *turn)
{
    struct kept_score *list =
        turn_alloc(turn, LIMIT_KEPT_SCORES * sizeof(*list));
    size_t count = 0;
    score->keep_ms = UINT64_MAX;
    for (size_t i = 0; list && i < score->count; i++) {
        struct score_record *record = &score->list[i];
        score_decay(record, turn->now_ms);
        if (record->score_milli > -SCORE_MILLI &&
            record->gray_until_ms <= turn->now_ms)
            continue;
        struct kept_score kept = kept_of(record, turn);
        count = insert(list, count, &kept);
    }
    if (count == 0 && !score->is_kept)
        return;
    score->is_kept = count > 0;
    score->keep_again_ms = turn->now_ms + SCORE_KEEP_AGAIN_MS;
    struct relay_effect *effect = turn_effect(turn, RELAY_KEEP_SCORES);
    effect->keep_scores.count = count;
    effect->keep_scores.scores = list;
}

void score_tick(struct score *score, struct turn *turn)
{
    if (score->keep_ms <= turn->now_ms)
        score_keep(score, turn);
}

uint64_t score_deadline_ms(const struct score *score)
{
    return score->keep_ms;
}

/* How long it may still be on the graylist, by a clock that was at least at
 * then_s. */
static uint64_t gray_left_s(const struct kept_score *kept, uint64_t then_s)
{
    uint64_t left_s =
        kept->gray_until_s > then_s ? kept->gray_until_s - then_s : 0;
    return left_s < GRAY_S ? left_s : GRAY_S;
}

/* No lower than an act that ends a link can make it, and no credit. */
static int32_t bounded(int32_t score_milli)
{
    if (score_milli < LOWEST_MILLI)
        return LOWEST_MILLI;
    return score_milli < 0 ? score_milli : 0;
}

void score_restore(
    struct score *score, struct turn *turn, const struct kept_score *kept)
{
    bool was_put_back = turn->clock_s < kept->as_of_s;
    uint64_t then_s = was_put_back ? kept->as_of_s : turn->clock_s;
    uint64_t age_s = then_s - kept->as_of_s;
    uint64_t gray_s = gray_left_s(kept, then_s);
    int32_t score_milli =
        score_decayed(bounded(kept->score_milli), age_s / MINUTE_S);
    score->is_kept = true;
    if (score_milli > -SCORE_MILLI && gray_s == 0)
        return;
    struct score_record *record =
        score_find_or_add(score, turn, &kept->key, false);
    if (!record)
        return;
    uint64_t rest_ms = age_s % MINUTE_S * 1000;
    record->score_milli = score_milli;
    record->decayed_ms = turn->now_ms > rest_ms ? turn->now_ms - rest_ms : 0;
    record->gray_until_ms = gray_s > 0 ? turn->now_ms + gray_s * 1000 : 0;
    if (was_put_back)
        score->keep_ms = turn->now_ms;
}
