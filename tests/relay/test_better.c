/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A better stamped copy of what is known here: it is kept in the place of the
 * other, and who lacks it finds it by comparing, but for who brought it. */
#include "relay/reconcile.h"
#include "relay/shelf.h"
#include "relay/tree.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

enum { LIFE_H = 24, SMALL_BYTES = 512, WORSE = 1, BETTER = 2, OTHER = 3 };

static struct probe probe;
static struct probe_letter letter;

/* The letter came from one peer long ago. */
static void begin(uint64_t quota_bytes)
{
    probe_init(&probe, &(struct relay_config){.shelf_quota_bytes = quota_bytes,
                           .reconcile_interval_ms = 3600000});
    for (uint32_t link = WORSE; link <= OTHER; link++)
        probe_open_with(&probe, link, FEATURE_TREE);
    probe_write(&letter, 1, 0, LIFE_H);
    probe_push(&probe, WORSE, &letter);
    need(probe_state(&probe, &letter) == SHELF_STORED);
    probe_tick(&probe, TREE_RECENT_MS);
    for (uint32_t link = WORSE; link <= OTHER; link++)
        probe_frame(&probe, link, &(struct frame){.type = FRAME_PING});
}

static void bring_better(void)
{
    enum { BITS = 5 };
    letter.bytes[ENVELOPE_AT_STAMP] = letter.envelope.stamp[0] = BITS;
    struct frame push = {.type = FRAME_PUSH,
        .push = {.id = letter.id, .envelope = &letter.envelope}};
    probe_push(&probe, BETTER, &letter);
    const struct relay_effect *check = probe_effect(&probe, RELAY_CHECK);
    need(check);
    struct relay_event checked = {.kind = RELAY_CHECKED,
        .frame = {.link = BETTER,
            .frame = &push,
            .bytes = check->store.frame_bytes,
            .is_genuine = true}};
    probe_step(&probe, &checked);
}

/* Whether shelves are soon compared with the others, and with them alone; two
 * at a time are. */
static bool others_find_it(void)
{
    bool with[OTHER + 1] = {false};
    for (int i = 0; i < 20; i++) {
        probe_tick(&probe, RECONCILE_PAUSE_MS / 10);
        for (size_t j = 0; j < probe.effects.count; j++) {
            const struct relay_effect *effect = &probe.effects.list[j];
            if (effect->kind == RELAY_SEND &&
                effect->frame.type == FRAME_RECONCILE)
                with[effect->link] = true;
        }
    }
    return with[WORSE] && !with[BETTER] && with[OTHER];
}

static void what_is_stored_is_worth_more(void)
{
    begin(0);
    bring_better();
    const struct relay_effect *again = probe_effect(&probe, RELAY_RESTAMP);
    ok(again && probe_count(&probe, RELAY_PUSH) == 0,
        "a better stamped copy takes the other's place, and is not pushed");
    ok(others_find_it(), "all but who brought it are compared with");
    probe_free(&probe);
}

static void what_was_evicted_is_stored_again(void)
{
    static struct probe_letter dear;
    begin(SHELF_SHARE * SMALL_BYTES);
    probe_write(&dear, 2, 0, 2);
    probe_push(&probe, WORSE, &dear);
    need(probe_state(&probe, &letter) == SHELF_EVICTED);
    bring_better();
    ok(probe_state(&probe, &letter) == SHELF_STORED,
        "what was evicted may be worth storing again");
    ok(others_find_it(), "which all but who brought it find as well");
    probe_free(&probe);
}

int main(void)
{
    what_is_stored_is_worth_more();
    what_was_evicted_is_stored_again();
    return tap_done();
}
