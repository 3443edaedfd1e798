/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An auction at each edge, whose seats are a peer's rate.  Nothing tells one
 * envelope of a flood from an honest one but what it is worth, so the price is
 * put where it keeps out the cheapest of what is too much, step by step, until
 * the rest fits: as many steps as the flood has prices.  What is refused is
 * still counted: as long as it would be too much again, the price stays.
 *
 * There is no price for all peers together (but the shelf's, admission.c): who
 * floods would make everybody pay.  Where a flood comes over every edge, each
 * has its own price, and all agree. */
#include "relay/score.h"
#include "relay/score_inside.h"

enum {
    SECOND_US = 1000000,
    SWELL_US = SECOND_US / 2, /* over the ebb: the price is still too low */
    NOTHING_YET = UINT8_MAX,
};

static uint64_t used_us(const struct score_record *record,
    const struct turn *turn, enum score_budget budget)
{
    uint64_t now_us = turn->now_ms * 1000;
    return record->paid_us[budget] > now_us ? record->paid_us[budget] - now_us
                                            : 0;
}

static uint64_t sixteenths_us(const struct score *score, uint64_t sixteenths)
{
    return score_push_burst_us(score) / 16 * sixteenths;
}

/* What may be spent of either budget before there is a price. */
static uint64_t free_us(const struct score *score)
{
    return sixteenths_us(score, SCORE_FREE_SIXTEENTHS);
}

static bool is_pressed(const struct score *score,
    const struct score_record *record, const struct turn *turn)
{
    return used_us(record, turn, BUDGET_PUSHES) > free_us(score) ||
           used_us(record, turn, BUDGET_CHEAP) > free_us(score);
}

uint64_t score_catch_new_ms(void)
{
    return (uint64_t)(SCORE_CATCH_S - SCORE_CATCH_NEW_S) * SCORE_CATCH_SLOWER *
           1000;
}

void score_price_begins(const struct score *score, struct score_record *record,
    const struct turn *turn, bool dialled)
{
    record->cheapest = NOTHING_YET;
    uint64_t now_us = turn->now_ms * 1000;
    if (!dialled)
        record->paid_us[BUDGET_PUSHES] = now_us + free_us(score) - SECOND_US;
    record->paid_us[BUDGET_CAUGHT] = now_us + score_catch_new_ms() * 1000;
}

void score_price_falls(const struct score *score, struct score_record *record,
    const struct turn *turn)
{
    while (record->price > 0 &&
           turn->now_ms - record->moved_ms >= SCORE_PRICE_LOWER_MS) {
        record->before = record->price;
        if (is_pressed(score, record, turn)) {
            record->moved_ms = turn->now_ms;
            return;
        }
        record->moved_ms += SCORE_PRICE_LOWER_MS;
        record->before = --record->price;
    }
}

uint8_t score_price(
    struct score *score, const struct turn *turn, const struct node_key *key)
{
    struct score_record *record = score_find(score, key);
    if (!record)
        return 0;
    score_price_falls(score, record, turn);
    return record->price;
}

/* The peer may not have heard of the price yet. */
static bool is_news(const struct score *score,
    const struct score_record *record, const struct turn *turn)
{
    return record->price > record->before &&
           turn->now_ms - record->moved_ms < SCORE_PRICE_RAISE_MS &&
           used_us(record, turn, BUDGET_PUSHES) <
               sixteenths_us(
                   score, SCORE_FREE_SIXTEENTHS + SCORE_GRACE_SIXTEENTHS);
}

uint8_t score_price_due(
    struct score *score, const struct turn *turn, const struct node_key *key)
{
    uint8_t price = score_price(score, turn, key);
    const struct score_record *record = score_find(score, key);
    return record && is_news(score, record, turn) ? record->before : price;
}

bool score_may_push(struct score *score, const struct turn *turn,
    const struct node_key *key, uint8_t value)
{
    const struct score_record *record = score_find(score, key);
    if (!record)
        return true;
    uint64_t half_us = score_push_burst_us(score) / 2;
    uint64_t worth = value < SCORE_PRICE_MOST ? value : SCORE_PRICE_MOST;
    return used_us(record, turn, BUDGET_PUSHES) <
           half_us + half_us * worth / SCORE_PRICE_MOST;
}

/* More comes at this price than fits: what was spent before it rose ebbs away
 * by itself. */
static bool is_too_low(const struct score *score,
    const struct score_record *record, const struct turn *turn)
{
    uint64_t spent_us = used_us(record, turn, BUDGET_PUSHES);
    if (spent_us <= free_us(score))
        return false;
    return record->price == 0 ||
           (record->price < SCORE_PRICE_MOST &&
               spent_us > record->ebb_us + SWELL_US &&
               turn->now_ms - record->moved_ms >= SCORE_PRICE_RAISE_MS);
}

uint32_t score_checked_cost(const struct score *score, uint32_t bytes)
{
    uint32_t least = score->push_rate_bytes_s / SCORE_CHECKS_S;
    return bytes > least ? bytes : least;
}

bool score_pushed(struct score *score, const struct turn *turn,
    const struct node_key *key, uint8_t value, uint32_t bytes)
{
    struct score_record *record = score_find(score, key);
    if (!record)
        return false;
    uint64_t spent_us = used_us(record, turn, BUDGET_PUSHES);
    if (spent_us < record->ebb_us)
        record->ebb_us = spent_us;
    score_spend(score, turn, key, BUDGET_PUSHES, bytes);
    if (value < record->price) { /* it was under way when the price rose */
        record->ebb_us = used_us(record, turn, BUDGET_PUSHES);
        return false;
    }
    if (value < record->cheapest)
        record->cheapest = value;
    if (!is_too_low(score, record, turn))
        return false;
    record->before = record->price;
    if (record->cheapest > record->price)
        record->price = record->cheapest;
    record->price =
        record->price < SCORE_PRICE_MOST ? record->price + 1 : SCORE_PRICE_MOST;
    record->cheapest = NOTHING_YET;
    record->moved_ms = turn->now_ms;
    record->ebb_us = used_us(record, turn, BUDGET_PUSHES);
    return true;
}

bool score_catches_up(struct score *score, const struct turn *turn,
    const struct node_key *key, uint32_t bytes)
{
    if (!score_may_spend(score, turn, key, BUDGET_CAUGHT))
        return false;
    score_spend(score, turn, key, BUDGET_CAUGHT, bytes);
    return true;
}

void score_cheap(struct score *score, const struct turn *turn,
    const struct node_key *key, uint32_t bytes)
{
    struct score_record *record = score_find(score, key);
    if (!record)
        return;
    uint64_t most_us = turn->now_ms * 1000 + score_push_burst_us(score);
    score_spend(score, turn, key, BUDGET_CHEAP, bytes);
    if (record->paid_us[BUDGET_CHEAP] > most_us)
        record->paid_us[BUDGET_CHEAP] = most_us;
}

bool score_tell_price(
    struct score *score, const struct node_key *key, uint8_t price)
{
    struct score_record *record = score_find(score, key);
    if (!record || record->told == price)
        return false;
    record->told = price;
    return true;
}

bool score_is_priced(struct score *score, const struct turn *turn)
{
    bool priced = false;
    for (size_t i = 0; i < score->count; i++) {
        struct score_record *record = &score->list[i];
        if (!record->linked)
            continue;
        score_price_falls(score, record, turn);
        priced |= record->price > 0;
    }
    return priced;
}
