/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a restart must not wash off: scores below zero, and who is on the
 * graylist.  They are written by wall clock, the only one that goes on, and a
 * wall clock may be put forth and back: forth forgives, as it always could;
 * back, the time that was left when a score was written counts from now, and
 * what is so restored is written anew, so that it counts once.
 *
 * Good scores are not kept (a node earns them again), nor what is better than
 * -1: silence leaves nothing here.  A fall onto the graylist is written before
 * the link ends, since an hour is worth a crash to some; others wait for more.
 * Since all are written only so often, who makes keys and has them fall all the
 * time makes no node write all the time; what falls meanwhile, and is lost in a
 * crash, had to be earned by new offences.
 *
 * Where there is no room for all, those stay that would in memory. */
#include "proto/limits.h"
#include "relay/score.h"
#include "relay/score_inside.h"

enum {
    /* An act that ends a link takes off at most this from where it began. */
    LOWEST_MILLI = (SCORE_DROP_BELOW + SCORE_MALFORMED) * SCORE_MILLI,
    GRAY_S = SCORE_GRAY_MS / 1000,
    MINUTE_S = SCORE_MINUTE_MS / 1000,
};

void score_keep_fall(struct score *score, struct turn *turn, bool is_gray)
{
    uint64_t soon_ms = turn->now_ms + (is_gray ? 0 : SCORE_KEEP_MS);
    uint64_t again_ms =
        is_gray ? score->keep_gray_again_ms : score->keep_again_ms;
    if (soon_ms < again_ms)
        soon_ms = again_ms;
    if (soon_ms < score->keep_ms)
        score->keep_ms = soon_ms;
    score_tick(score, turn);
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

/* Those of which most is to be kept, in that order. */
struct shortlist {
    const struct score_record *records[LIMIT_KEPT_SCORES];
    size_t count;
};

/* Where there are enough, the last falls out. */
static void insert(
    struct shortlist *list, const struct score_record *record, uint64_t now_ms)
{
    size_t at = list->count;
    if (at == LIMIT_KEPT_SCORES &&
        !score_stays_before(record, list->records[--at], now_ms))
        return;
    for (; at > 0 && score_stays_before(record, list->records[at - 1], now_ms);
         at--)
        list->records[at] = list->records[at - 1];
    list->records[at] = record;
    if (list->count < LIMIT_KEPT_SCORES)
        list->count++;
}

static bool is_bad(const struct score_record *record, uint64_t now_ms)
{
    return record->score_milli <= -SCORE_MILLI ||
           record->gray_until_ms > now_ms;
}

void score_keep(struct score *score, struct turn *turn)
{
    struct shortlist list = {.count = 0};
    score->keep_ms = UINT64_MAX;
    for (size_t i = 0; i < score->count; i++) {
        struct score_record *record = &score->list[i];
        score_decay(record, turn->now_ms);
        if (is_bad(record, turn->now_ms))
            insert(&list, record, turn->now_ms);
    }
    if (list.count == 0 && !score->is_kept)
        return;
    score->is_kept = list.count > 0;
    score->keep_again_ms = turn->now_ms + SCORE_KEEP_AGAIN_MS;
    score->keep_gray_again_ms = turn->now_ms + SCORE_KEEP_GRAY_AGAIN_MS;
    struct kept_score *kept = turn_alloc(turn, list.count * sizeof(*kept));
    for (size_t i = 0; kept && i < list.count; i++)
        kept[i] = kept_of(list.records[i], turn);
    struct relay_effect *effect = turn_effect(turn, RELAY_KEEP_SCORES);
    effect->keep_scores.count = kept ? list.count : 0;
    effect->keep_scores.scores = kept;
}

void score_tick(struct score *score, struct turn *turn)
{
    if (score->keep_ms <= turn->now_ms)
        score_keep(score, turn);
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
