/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is over, by its hour or by a receipt that came by hand, is so in every
 * room: nobody counts it, tells of it or goes on with it. */
#include <string.h>

#include "relay/set.h"
#include "relay/tree.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

enum { WRITER = 1, ASKS = 2, ASKED = 3, LATER = 4, RUN = 7 };

static struct probe probe;
static struct probe_letter mine, other;

/* A peer shows by a run that it has all that is here, which is what we say by
 * one of ours; how many have one's own then: 0, none is told of. */
static uint32_t counted_when_equal(void)
{
    probe_connect(&probe, ASKED, ORIGIN_PERSON);
    const struct relay_effect *dial = probe_effect(&probe, RELAY_DIAL);
    need(dial);
    probe_dialled(&probe, ASKED, ASKED, dial->dial.target);
    probe_open_with(&probe, ASKS, 0);
    probe_hello(&probe, ASKED, ASKED);
    const struct frame *run = probe_sent(&probe, FRAME_RECONCILE);
    need(run && run->reconcile.range_count == 1);
    struct reconcile_range whole = run->reconcile.ranges[0];
    probe_frame(&probe, ASKS,
        &(struct frame){.type = FRAME_RECONCILE,
            .reconcile = {.run = RUN, .range_count = 1, .ranges = &whole}});
    const struct frame *end = probe_sent(&probe, FRAME_RECONCILE);
    need(end && end->reconcile.range_count == 0);
    const struct relay_effect *handed = probe_effect(&probe, RELAY_HANDED);
    return handed ? handed->peers : 0;
}

/* One's own, and one that a peer brought, which are kept no longer than to the
 * end of this hour; and almost until then. */
static void begin_to_expire(void)
{
    probe_init(&probe, &(struct relay_config){0});
    uint64_t hour_ms = HOUR_S * 1000;
    uint64_t now_ms = PROBE_CLOCK_S * UINT64_C(1000) + probe.now_ms;
    probe.now_ms += hour_ms - now_ms % hour_ms - 1000;
    probe_open_with(&probe, WRITER, FEATURE_TREE);
    probe_write(&mine, 1, 0, -(int32_t)LIMIT_CLOCK_SKEW_H);
    probe_submit(&probe, &mine);
    probe_write(&other, 2, 0, -(int32_t)LIMIT_CLOCK_SKEW_H);
    probe_push(&probe, WRITER, &other);
    need(probe_state(&probe, &mine) == SHELF_STORED &&
         probe_state(&probe, &other) == SHELF_STORED);
}

static void what_expires_is_over(void)
{
    begin_to_expire();
    ok(counted_when_equal() == 2, "who has all has one's own");
    probe_free(&probe);

    begin_to_expire();
    probe_tick(&probe, 1000);
    need(probe_state(&probe, &mine) < 0 && probe_state(&probe, &other) < 0);
    ok(counted_when_equal() == 0, "but not when it has expired");
    probe_open_with(&probe, LATER, FEATURE_TREE);
    probe_tick(&probe, TREE_BATCH_MS);
    ok(!probe_sent(&probe, FRAME_IHAVE), "nobody is told of what has");
    probe_free(&probe);

    begin_to_expire();
    probe_open_with(&probe, LATER, FEATURE_TREE);
    probe_tick(&probe, TREE_BATCH_MS);
    ok(probe_sent(&probe, FRAME_IHAVE) != NULL, "as it would be before");
    probe_free(&probe);
}

/* A receipt is hidden, and what it clears expires before its time. */
static void what_expires_hides_no_receipt(void)
{
    begin_to_expire();
    for (uint32_t link = LATER; link < LATER + LIMIT_STEM_LINKS; link++)
        probe_open_with(&probe, link, FEATURE_TREE | FEATURE_STEM);
    probe_step(
        &probe, &(struct relay_event){.kind = RELAY_RELEASE,
                    .release = {.id = other.id, .opening = other.opening}});
    need(probe_look(&probe)->hidden == 1);
    probe_tick(&probe, 1000);
    ok(probe_state(&probe, &other) < 0 && probe_look(&probe)->hidden == 0,
        "no receipt is hidden of what has expired");
    probe_free(&probe);
}

/* The disk has lost it. */
static void lose(const struct probe_letter *letter)
{
    probe_step(&probe,
        &(struct relay_event){.kind = RELAY_LOST, .lost = {.id = letter->id}});
}

static void what_is_lost_is_over(void)
{
    begin_to_expire();
    lose(&mine);
    lose(&other);
    need(probe_state(&probe, &mine) < 0 && probe_state(&probe, &other) < 0);
    probe_open_with(&probe, LATER, FEATURE_TREE);
    probe_tick(&probe, TREE_BATCH_MS);
    ok(!probe_sent(&probe, FRAME_IHAVE), "nobody is told of what was lost");
    ok(counted_when_equal() == 0, "nor who has it counted");
    probe_free(&probe);
}

static void what_a_peer_clears_is_over(void)
{
    begin_to_expire();
    probe_receipt(&probe, WRITER, &mine, true);
    need(probe_state(&probe, &mine) == SHELF_CLEARED);
    ok(counted_when_equal() == 0, "nor who has what was confirmed");
    probe_free(&probe);
}

/* What came first lives longest: it is looked for behind what has gone. */
static void all_that_expires_is_found(void)
{
    static struct probe_letter later;
    probe_init(&probe, &(struct relay_config){0});
    probe_write(&later, 3, 0, 2);
    probe_submit(&probe, &later);
    probe_write(&other, 4, 0, 1);
    probe_submit(&probe, &other);
    probe_tick(&probe, (2 + LIMIT_CLOCK_SKEW_H) * HOUR_S * 1000);
    need(probe_state(&probe, &other) < 0 &&
         probe_state(&probe, &later) == SHELF_STORED);
    probe_tick(&probe, HOUR_S * 1000);
    ok(probe_state(&probe, &later) < 0,
        "all that expires is found in its turn");
    probe_free(&probe);
}

static void import_receipt(const struct probe_letter *letter)
{
    probe_step(
        &probe, &(struct relay_event){.kind = RELAY_IMPORT,
                    .import = {.id = letter->id, .opening = letter->opening}});
    const struct relay_effect *effect = probe_effect(&probe, RELAY_IMPORTED);
    need(effect && effect->import.is_receipt);
}

static void what_a_bundle_clears_is_over(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_open_with(&probe, WRITER, FEATURE_TREE);
    probe_write(&mine, 1, 0, 20);
    probe_submit(&probe, &mine);
    import_receipt(&mine);
    need(probe_state(&probe, &mine) == SHELF_CLEARED);
    probe_tick(&probe, 2000);
    ok(probe_sent(&probe, FRAME_RECONCILE) != NULL,
        "what a bundle's receipt clears the others soon find by comparing");
    ok(counted_when_equal() == 0, "and it is counted no more");
    probe_free(&probe);
}

/* It came by hand, to whom anybody may have given it: there is nobody to
 * hide. */
static void what_a_bundle_clears_early_is_not_hidden(void)
{
    probe_init(&probe, &(struct relay_config){0});
    for (uint32_t link = 1; link <= LIMIT_STEM_LINKS + 1; link++)
        probe_open_with(&probe, link, FEATURE_TREE | FEATURE_STEM);
    probe_write(&other, 2, 0, 20);
    import_receipt(&other);
    probe_push(&probe, WRITER, &other);
    ok(probe_state(&probe, &other) == SHELF_CLEARED &&
            probe_sent(&probe, FRAME_RECEIPT) != NULL &&
            !probe_sent(&probe, FRAME_STEM_RECEIPT),
        "a bundle's receipt that waited clears at once and goes to all");
    probe_free(&probe);
}

int main(void)
{
    what_expires_is_over();
    what_expires_hides_no_receipt();
    what_is_lost_is_over();
    what_a_peer_clears_is_over();
    all_that_expires_is_found();
    what_a_bundle_clears_is_over();
    what_a_bundle_clears_early_is_not_hidden();
    return tap_done();
}
