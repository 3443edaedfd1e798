/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom a node turns to that nobody of its view answers. */
#include "relay/member_past.h"

#include <string.h>

#include "tests/tap.h"

static struct past past;
static struct turn turn;
static struct relay_effects effects;

static void begin(void)
{
    relay_effects_init(&effects);
    turn = (struct turn){.now_ms = 1000000, .effects = &effects};
}

static void end(void)
{
    const struct node_key self = {{0xff, 0xff}};
    need(!past_violation(&past, &self));
    past_clear(&past);
    relay_effects_free(&effects);
}

static struct node_address node_at(uint32_t number)
{
    struct node_address node = {
        .address = {.size = 4, .port = 7311, .bytes = {20, 0, 0, 1}}};
    memcpy(node.node.bytes, &number, sizeof(number));
    return node;
}

/* The finaliser of MurmurHash3 (Appleby): ranks are as good as random. */
static uint64_t rank_of(uint32_t number)
{
    uint64_t rank = number + 1;
    rank = (rank ^ rank >> 33) * UINT64_C(0xff51afd7ed558ccd);
    rank = (rank ^ rank >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return rank ^ rank >> 33;
}

static void add(uint32_t number, uint32_t introducer, bool is_known)
{
    struct node_address at = node_at(number);
    past_add(&past, &turn,
        &(struct past_offer){.at = &at,
            .rank = rank_of(number),
            .introducer = introducer,
            .is_known = is_known});
}

static size_t count_below(uint32_t number)
{
    size_t cursor = 0, count = 0;
    const struct past_entry *entry;
    while ((entry = past_next(&past, &cursor))) {
        uint32_t its;
        memcpy(&its, entry->at.node.bytes, sizeof(its));
        count += its < number;
    }
    return count;
}

static void test_room(void)
{
    begin();
    ok(past_bytes(&past) == 0 && count_below(UINT32_MAX) == 0,
        "who has displaced nobody remembers nobody, and has no table");
    for (uint32_t i = 0; i < 400; i++)
        add(i, (2 * i + 1), false);
    size_t kept = count_below(UINT32_MAX);
    printf("# of 400 names that eight in turn told, %zu are left\n", kept);
    ok(kept > 180 && kept <= PAST_NODES, "of many names most places are taken");
    for (uint32_t i = 0; i < 400; i++)
        add(i, (2 * i + 1), false);
    ok(count_below(UINT32_MAX) == kept, "the same names take the same places");
    end();
}

static void test_flood(void)
{
    begin();
    for (uint32_t i = 0; i < 1000; i++)
        add(i, (2 * i + 1), false);
    size_t before = count_below(1000);
    for (uint32_t i = 1000; i < 11000; i++)
        add(i, 99, false);
    size_t left = count_below(1000);
    printf("# %zu of %zu after ten thousand names of one\n", left, before);
    ok(left < before && before - left <= PAST_INTRODUCER,
        "one introducer's names take no more than its share");
    end();

    begin();
    for (uint32_t i = 0; i < 1000; i++)
        add(i, 0, true);
    size_t known = count_below(1000);
    for (uint32_t i = 1000; i < 11000; i++)
        add(i, 2 * i + 1, false);
    ok(known > 200 && count_below(1000) == known,
        "and no hearsay that of one to whom we had a link");
    end();
}

static size_t walk_round(void)
{
    struct node_address out;
    size_t count = 0;
    while (count <= PAST_NODES && past_pick(&past, &turn, &out))
        count++;
    return count;
}

static void test_rounds(void)
{
    begin();
    for (uint32_t i = 0; i < 100; i++)
        add(i, (2 * i + 1), false);
    size_t all = count_below(UINT32_MAX);
    ok(walk_round() == all && walk_round() == 0,
        "each comes once in a round, and then they rest");
    turn.now_ms += PAST_REST_MS;
    ok(walk_round() == all, "nobody is forgotten for having come to nothing");
    turn.now_ms += PAST_REST_MS;
    ok(walk_round() == 0, "but rounds grow rarer");
    turn.now_ms += PAST_REST_MS;
    ok(walk_round() == all, "and go on");
    for (int i = 0; i < 20; i++) {
        turn.now_ms += PAST_REST_MOST_MS;
        need(walk_round() == all);
    }
    ok(true, "for ever, one an hour at least");
    past_hope(&past);
    turn.now_ms += PAST_REST_MOST_MS;
    need(walk_round() == all);
    turn.now_ms += PAST_REST_MS;
    ok(walk_round() == all, "once somebody has answered, as often as at first");
    end();
}

static bool says(const struct node_key *self, const char *words)
{
    const char *all = past_violation(&past, self);
    const char *at_once = past_step_violation(&past, self);
    return all && strcmp(all, words) == 0 && at_once == all;
}

/* What it says of itself when something is wrong. */
static void test_planted(void)
{
    begin();
    add(7, 1, false);
    const struct node_key stranger = {{0xff, 0xff}};
    struct node_address self = node_at(7);
    need(!past_violation(&past, &stranger));
    ok(says(&self.node, "a node is among those that it knew before"),
        "to remember oneself is caught");
    past.walked = PAST_NODES + 1;
    ok(says(&stranger, "a round of those known before has no end"),
        "so is a round that has gone too far");
    past.walked = 0;
    end();
}

int main(void)
{
    test_room();
    test_flood();
    test_rounds();
    test_planted();
    return tap_done();
}
