/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was asked of a peer is owed until it comes, by whatever way; and is
 * asked of nobody else meanwhile. */
#include <string.h>

#include "relay/reconcile.h"
#include "relay/tree.h"
#include "relay/wants.h"
#include "tests/relay/offers.h"

enum { ASKED = 2, OFFERED = 3 }; /* of so many at once, and so many more */

static struct probe_letter letters[OFFERED];

/* Peer 1 offers them and is asked for the first two: they may be large. */
static void owe_two(void)
{
    struct reconcile_item items[OFFERED];
    for (uint32_t i = 0; i < OFFERED; i++) {
        probe_write(&letters[i], i, SMALL, LIFE_H);
        items[i] = item_of(&letters[i]);
    }
    need(offer(1, items, OFFERED) == ASKED);
}

/* Whether the third is asked for as soon as the second has come. */
static bool owes_no_first(void)
{
    probe_push(&probe, 1, &letters[1]);
    probe_tick(&probe, WANTS_PAUSE_MS);
    return asked() == 1;
}

static void open_trees(void)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 1 << 20});
    for (uint32_t link = 1; link <= 2; link++)
        probe_open_with(&probe, link, FEATURE_TREE);
}

static void say(uint32_t link, enum frame_type type, struct probe_letter *of)
{
    struct envelope_id id = of->id;
    probe_frame(&probe, link, &(struct frame){.type = type, .ids = {1, &id}});
}

/* Whether anybody is asked for it in a while. */
static bool is_grafted(void)
{
    bool is = false;
    for (int i = 0; i < TREE_TRIES; i++) {
        is |= probe_sent(&probe, FRAME_GRAFT) != NULL;
        probe_tick(&probe, TREE_GRAFT_MS);
    }
    return is || probe_sent(&probe, FRAME_GRAFT);
}

static void import(const struct probe_letter *of)
{
    probe_step(
        &probe, &(struct relay_event){.kind = RELAY_IMPORT,
                    .import = {.id = of->id, .envelope = &of->envelope}});
    need(probe_state(&probe, of) == SHELF_STORED);
}

static void what_comes_by_another_way_is_owed_no_more(void)
{
    begin();
    owe_two();
    ok(!owes_no_first(), "what did not come is waited for");
    probe_free(&probe);
    begin();
    owe_two();
    probe_push(&probe, 1, &letters[0]);
    ok(owes_no_first(), "and when it has, the next is asked for");
    probe_free(&probe);
    begin();
    owe_two();
    probe_submit(&probe, &letters[0]);
    ok(owes_no_first(), "so it is when one's own person has it");
    probe_free(&probe);
    begin();
    owe_two();
    import(&letters[0]);
    ok(owes_no_first(), "or a bundle");
    probe_free(&probe);
}

/* Who offered it said that it lives longer than it does. */
static void what_is_not_taken_is_owed_no_more(void)
{
    static struct probe_letter dead;
    begin();
    owe_two();
    probe_write(&dead, 50, SMALL, -2);
    dead.id = letters[0].id;
    probe_push(&probe, 1, &dead);
    need(probe_refused(&probe, REFUSAL_EXPIRED) == 1);
    ok(owes_no_first(), "what is brought and refused is owed no more");
    probe_free(&probe);
}

/* A stem that ends here is on the shelf before who was asked for it brings
 * it. */
static void what_is_known_by_then_is_an_answer(void)
{
    open_trees();
    owe_two();
    const struct frame stem = {.type = FRAME_STEM,
        .push = {.id = letters[0].id, .envelope = &letters[0].envelope}};
    probe_frame(&probe, 2, &stem);
    need(probe_state(&probe, &letters[0]) == SHELF_STORED);
    probe_push(&probe, 1, &letters[0]);
    ok(!probe_sent(&probe, FRAME_PRUNE),
        "who was asked for it is not pruned for what came meanwhile");
    ok(owes_no_first(), "and owes it no more");
    probe_push(&probe, 2, &letters[0]);
    ok(probe_sent(&probe, FRAME_PRUNE), "as is who was not asked");
    probe_free(&probe);
}

static void what_is_asked_for_is_asked_of_one(void)
{
    open_trees();
    owe_two();
    say(2, FRAME_IHAVE, &letters[0]);
    ok(!is_grafted(), "what one was asked for is asked of no other");
    probe_free(&probe);
    open_trees();
    probe_write(&letters[0], 0, SMALL, LIFE_H);
    say(2, FRAME_IHAVE, &letters[0]);
    owe_two();
    ok(!is_grafted(), "though that one had announced it before");
    probe_free(&probe);
    open_trees();
    probe_write(&letters[0], 0, SMALL, LIFE_H);
    say(2, FRAME_IHAVE, &letters[0]);
    import(&letters[0]);
    ok(!is_grafted(), "nor is what a bundle brought");
    probe_free(&probe);
}

static void another_may_have_it_later(void)
{
    begin();
    owe_two();
    const struct reconcile_item item = item_of(&letters[0]);
    need(offer(2, &item, 1) == 0);
    probe_tick(&probe, RECONCILE_PAUSE_MS);
    ok(compares_with(2), "who has it, too, is compared with again");
    probe_free(&probe);
}

static struct wants wants;
static struct relay_effects effects;
static struct turn turn;

static bool want(uint32_t link, uint32_t number)
{
    struct envelope_id id = {{0}};
    memcpy(id.bytes, &number, sizeof(number));
    return wants_add(&wants, &turn, link, &id);
}

static void settle(uint32_t number)
{
    struct envelope_id id = {{0}};
    memcpy(id.bytes, &number, sizeof(number));
    wants_settle(&wants, &turn, &id, 512);
}

/* How many are asked for when the next batch is due. */
static size_t next_batch(void)
{
    relay_effects_reset(&effects);
    turn.now_ms = wants_deadline_ms(&wants);
    wants_tick(&wants, &turn);
    return effects.count ? effects.list[0].frame.ids.count : 0;
}

static void begin_alone(void)
{
    static struct peers none;
    turn = (struct turn){.now_ms = 1000, .peers = &none, .effects = &effects};
    relay_effects_init(&effects);
    wants_init(&wants, 1);
}

static void end_alone(void)
{
    need(turn.status == STATUS_OK && !wants_violation(&wants));
    wants_clear(&wants);
    relay_effects_free(&effects);
}

/* It was to be asked for, came, was lost, and is wanted once more. */
static void what_is_wanted_again_is_asked_for_once(void)
{
    begin_alone();
    for (uint32_t i = 0; i < 4; i++)
        need(want(1, i));
    settle(2);
    need(want(1, 2));
    need(next_batch() == ASKED);
    settle(0);
    settle(1);
    ok(next_batch() == 2, "what is wanted anew is asked for once");
    settle(2);
    settle(3);
    ok(next_batch() == 0 && wants_idle(&wants, 1), "and owed once");
    end_alone();
}

static void each_link_has_room(void)
{
    bool all = true;
    begin_alone();
    for (uint32_t link = 1; link <= LIMIT_LINKS; link++)
        for (uint32_t i = 0; i < WANTS_QUEUE; i++)
            all &= want(link, link * WANTS_QUEUE + i);
    ok(all, "as much is wanted of each link as may be of one");
    end_alone();
}

int main(void)
{
    what_comes_by_another_way_is_owed_no_more();
    what_is_not_taken_is_owed_no_more();
    what_is_known_by_then_is_an_answer();
    what_is_asked_for_is_asked_of_one();
    another_may_have_it_later();
    what_is_wanted_again_is_asked_for_once();
    each_link_has_room();
    return tap_done();
}
