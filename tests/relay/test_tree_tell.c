/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receipts on the tree: pushed over eager edges, announced over lazy ones, and
 * asked for where they are missed. */
#include "relay/tree.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

static struct probe probe;
static struct probe_letter a, b;

/* Peers 1 to 3 speak of trees, 4 does not; the edge to 3 is lazy, and all have
 * had letter a from 1. */
static void begin(void)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 1 << 20});
    for (uint32_t link = 1; link <= 4; link++)
        probe_open_with(&probe, link, link < 4 ? FEATURE_TREE : 0);
    probe_frame(&probe, 3, &(struct frame){.type = FRAME_PRUNE});
    probe_write(&a, 1, 0, 24);
    probe_push(&probe, 1, &a);
    probe_tick(&probe, TREE_BATCH_MS);
}

static size_t sends(enum frame_type type, uint32_t link)
{
    size_t count = 0;
    for (size_t i = 0; i < probe.effects.count; i++)
        count += probe.effects.list[i].kind == RELAY_SEND &&
                 probe.effects.list[i].link == link &&
                 probe.effects.list[i].frame.type == type;
    return count;
}

static void say(uint32_t link, enum frame_type type, struct probe_letter *of)
{
    struct frame frame = {.type = type, .ids = {1, &of->id}};
    probe_frame(&probe, link, &frame);
}

static void receipts_take_the_tree(void)
{
    begin();
    probe_receipt(&probe, 2, &a, true);
    ok(sends(FRAME_RECEIPT, 1) == 1 && sends(FRAME_RECEIPT, 4) == 1,
        "a receipt goes over eager edges");
    ok(sends(FRAME_RECEIPT, 2) == 0 && sends(FRAME_RECEIPT, 3) == 0,
        "not back, and not over a lazy one");
    probe_tick(&probe, TREE_BATCH_RECEIPTS_MS - 1);
    ok(!probe_sent(&probe, FRAME_CLEARED), "which is told later");
    probe_tick(&probe, 1);
    ok(sends(FRAME_CLEARED, 3) == 1 && sends(FRAME_CLEARED, 1) == 0 &&
            sends(FRAME_CLEARED, 2) == 0 && sends(FRAME_CLEARED, 4) == 0,
        "that it is here, and it alone");
    say(3, FRAME_WANT, &a);
    ok(sends(FRAME_RECEIPT, 3) == 1, "and is given it when it asks");
    ok(!probe_sent(&probe, FRAME_PRUNE), "no receipt prunes");
    probe_receipt(&probe, 4, &a, true);
    ok(!probe_sent(&probe, FRAME_PRUNE) && !probe_sent(&probe, FRAME_RECEIPT),
        "nor one that comes again");
    probe_free(&probe);
}

static void who_has_it_is_not_told(void)
{
    begin();
    probe_receipt(&probe, 2, &a, true);
    say(3, FRAME_CLEARED, &a);
    probe_tick(&probe, TREE_BATCH_RECEIPTS_MS);
    ok(!probe_sent(&probe, FRAME_CLEARED),
        "who has announced a receipt is told of it no more");
    probe_open_with(&probe, 5, FEATURE_TREE);
    probe_tick(&probe, TREE_BATCH_RECEIPTS_MS);
    ok(sends(FRAME_CLEARED, 5) == 1 && sends(FRAME_CLEARED, 3) == 0,
        "a new edge is told of the last ones");
    probe_free(&probe);
}

static void who_brought_it_is_not_told(void)
{
    begin();
    probe_receipt(&probe, 2, &a, true);
    probe_receipt(&probe, 3, &a, true);
    probe_tick(&probe, TREE_BATCH_RECEIPTS_MS);
    ok(!probe_sent(&probe, FRAME_CLEARED), "nor who has brought it, too");
    probe_free(&probe);
}

static void what_is_missed_is_asked_for(void)
{
    begin();
    say(3, FRAME_CLEARED, &a);
    probe_tick(&probe, TREE_RECEIPT_LATE_MS - 1);
    ok(!probe_sent(&probe, FRAME_WANT), "the tree is given its time");
    probe_tick(&probe, 1);
    ok(sends(FRAME_WANT, 3) == 1 && !probe_sent(&probe, FRAME_GRAFT),
        "then it is asked for, which mends no tree");
    probe_receipt(&probe, 3, &a, true);
    ok(probe_state(&probe, &a) == SHELF_CLEARED &&
            sends(FRAME_RECEIPT, 1) == 1 && sends(FRAME_RECEIPT, 2) == 1,
        "and goes on from here");
    say(2, FRAME_CLEARED, &a);
    probe_tick(&probe, TREE_RECEIPT_LATE_MS);
    ok(!probe_sent(&probe, FRAME_WANT), "once");
    probe_free(&probe);
}

static void what_comes_in_time_is_not_asked_for(void)
{
    begin();
    say(3, FRAME_CLEARED, &a);
    say(2, FRAME_CLEARED, &a);
    probe_receipt(&probe, 1, &a, true);
    ok(sends(FRAME_RECEIPT, 2) == 0 && sends(FRAME_RECEIPT, 4) == 1,
        "who announced it is not sent it");
    probe_tick(&probe, TREE_RECEIPT_LATE_MS);
    ok(!probe_sent(&probe, FRAME_WANT), "and not asked for it");
    probe_free(&probe);
}

static void what_is_not_stored_is_not_missed(void)
{
    begin();
    probe_write(&b, 2, 0, 24);
    say(3, FRAME_CLEARED, &b);
    probe_tick(&probe, TREE_RECEIPT_LATE_MS);
    ok(!probe_sent(&probe, FRAME_WANT),
        "nobody asks for the receipt of what is not known");
    say(3, FRAME_IHAVE, &b);
    probe_tick(&probe, TREE_PATIENCE_MS);
    ok(sends(FRAME_GRAFT, 3) == 1, "what is announced is asked for");
    probe_receipt(&probe, 3, &b, true);
    for (int i = 0; i < TREE_BROKEN + 1; i++)
        probe_tick(&probe, TREE_PATIENCE_MS);
    ok(probe_look(&probe)->links[2].score == 0 &&
            !probe_sent(&probe, FRAME_WANT),
        "and a receipt in its place is an answer");
    probe_free(&probe);
}

/* Three receipts that were announced and never came are broken promises. */
static void promises_are_kept(void)
{
    begin();
    for (uint32_t i = 0; i < TREE_BROKEN; i++) {
        probe_write(&b, 2 + i, 0, 24);
        probe_push(&probe, 1, &b);
        say(3, FRAME_CLEARED, &b);
    }
    probe_tick(&probe, TREE_RECEIPT_LATE_MS);
    ok(sends(FRAME_WANT, 3) == 1, "one frame asks for several");
    probe_tick(&probe, TREE_PATIENCE_MS);
    ok(probe_look(&probe)->links[2].score < 0,
        "who announces receipts and gives none loses standing");
    probe_free(&probe);
}

static void a_true_receipt_costs_no_budget(void)
{
    enum { LETTERS = 400 }; /* 200 at once are a peer's to bring in vain */
    size_t cleared = 0;
    begin();
    for (uint32_t i = 0; i < LETTERS; i++) {
        probe_write(&b, 2 + i, 0, 24);
        probe_push(&probe, 1, &b);
        probe_receipt(&probe, 2, &b, true);
        cleared += probe_state(&probe, &b) == SHELF_CLEARED;
    }
    ok(cleared == LETTERS, "what clears is paid for by what it clears");
    for (uint32_t i = 0; i < LETTERS; i++)
        probe_receipt(&probe, 2, &b, true);
    ok(probe_refused(&probe, REFUSAL_DUPLICATE) > 0 &&
            probe_refused(&probe, REFUSAL_RATE) > 0,
        "what comes again is not");
    probe_free(&probe);
}

/* It has brought as many receipts in vain as it may. */
static void who_may_bring_no_more_is_not_asked(void)
{
    begin();
    for (uint32_t i = 0; probe_refused(&probe, REFUSAL_RATE) == 0; i++) {
        probe_write(&b, 100 + i, 0, 24);
        probe_receipt(&probe, 3, &b, true);
    }
    say(3, FRAME_CLEARED, &a);
    probe_tick(&probe, TREE_RECEIPT_LATE_MS);
    ok(!probe_sent(&probe, FRAME_WANT),
        "who may bring no more is not asked for a receipt");
    say(2, FRAME_CLEARED, &a);
    probe_tick(&probe, TREE_RECEIPT_LATE_MS);
    ok(sends(FRAME_WANT, 2) == 1, "but another is");
    probe_free(&probe);
}

/* A shelf on which a peer may have one: the second takes the first's place. */
static void what_was_evicted_is_not_missed(void)
{
    enum { FOUR = 4 * 512 };
    probe_init(&probe, &(struct relay_config){.shelf_quota_bytes = FOUR});
    for (uint32_t link = 1; link <= 3; link++)
        probe_open_with(&probe, link, FEATURE_TREE);
    probe_write(&a, 1, 0, 24);
    probe_push(&probe, 1, &a);
    probe_write(&b, 2, 0, 2);
    probe_push(&probe, 1, &b);
    need(probe_state(&probe, &a) == SHELF_EVICTED);
    say(3, FRAME_CLEARED, &a);
    probe_tick(&probe, TREE_RECEIPT_LATE_MS);
    ok(!probe_sent(&probe, FRAME_WANT),
        "nobody asks for the receipt of what was evicted");
    say(3, FRAME_CLEARED, &b);
    probe_tick(&probe, TREE_RECEIPT_LATE_MS);
    ok(sends(FRAME_WANT, 3) == 1, "but for that of what is here");
    probe_free(&probe);
}

/* What was announced is over: who gives its receipt in its place has kept the
 * promise. */
static void a_receipt_keeps_a_promise(void)
{
    begin();
    int32_t before = probe_look(&probe)->links[2].score;
    for (uint32_t i = 0; i < TREE_BROKEN; i++) {
        probe_write(&b, 100 + i, 0, 24);
        say(3, FRAME_IHAVE, &b);
        probe_tick(&probe, TREE_PATIENCE_MS);
        need(sends(FRAME_GRAFT, 3) + sends(FRAME_WANT, 3) == 1);
        probe_receipt(&probe, 3, &b, true);
        probe_tick(&probe, 2 * TREE_AGAIN_MS);
    }
    ok(probe_look(&probe)->links[2].score == before,
        "who answers by a receipt breaks no promise");
    probe_free(&probe);
}

/* How many ids a lazy edge is told of within so long. */
static size_t told_within(uint64_t ms)
{
    size_t told = 0;
    for (uint64_t until_ms = probe.now_ms + ms; probe.now_ms < until_ms;) {
        probe_tick(&probe, 500);
        for (size_t i = 0; i < probe.effects.count; i++) {
            const struct relay_effect *effect = &probe.effects.list[i];
            if (effect->kind == RELAY_SEND && effect->link == 3 &&
                effect->frame.type == FRAME_IHAVE)
                told += effect->frame.ids.count;
        }
    }
    return told;
}

/* What renews the tree is pushed over lazy edges, too, and not told. */
static void what_is_told_is_bounded(void)
{
    enum { MORE = 100 };
    begin();
    probe_tick(&probe, TREE_WINDOW_MS);
    for (uint32_t i = 0; i < TREE_WINDOW_IDS + MORE; i++) {
        probe_write(&b, 100 + i, 0, 24);
        probe_push(&probe, 1, &b);
    }
    ok(told_within(TREE_WINDOW_MS - 500) == TREE_WINDOW_IDS,
        "an edge is told of so much in a while");
    size_t rest = told_within(TREE_WINDOW_MS);
    ok(rest > MORE / 2 && rest <= MORE, "and of the rest later");
    probe_free(&probe);
}

int main(void)
{
    receipts_take_the_tree();
    who_has_it_is_not_told();
    who_brought_it_is_not_told();
    what_is_missed_is_asked_for();
    what_comes_in_time_is_not_asked_for();
    what_is_not_stored_is_not_missed();
    promises_are_kept();
    who_may_bring_no_more_is_not_asked();
    what_was_evicted_is_not_missed();
    a_true_receipt_costs_no_budget();
    a_receipt_keeps_a_promise();
    what_is_told_is_bounded();
    return tap_done();
}
