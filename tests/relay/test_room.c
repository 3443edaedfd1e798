/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What there is no room for: it is sent back, asked for again only where that
 * may help, and not given again unasked to who has sent it back. */
#include <string.h>

#include "relay/admission.h"
#include "relay/reconcile.h"
#include "relay/shelf.h"
#include "relay/tree.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

enum {
    SMALL_BYTES = 512,
    QUOTA = 16 * SMALL_BYTES, /* four of a peer fill its share */
    LIFE_H = 24,
    RUN = 7,
};

static struct probe probe;
static struct probe_letter letter, other, mine;

/* A link to a node of that number, which understands UNKEPT. */
static void open_link(uint32_t link, uint8_t key)
{
    struct frame hello = {.type = FRAME_HELLO,
        .hello = {.version = FRAME_PROTOCOL_VERSION,
            .node = probe_key(key),
            .features = FEATURE_STAMP}};
    probe_up(&probe, link, key);
    probe_frame(&probe, link, &hello);
}

static void open_links(void)
{
    for (uint32_t link = 1; link <= 4; link++)
        open_link(link, (uint8_t)link);
}

static void begin(uint64_t quota_bytes)
{
    probe_init(&probe, &(struct relay_config){.shelf_quota_bytes = quota_bytes,
                           .push_rate_bytes_s = 1 << 20});
    open_links();
}

/* So long that links would be taken for dead. */
static void be_away(uint64_t ms)
{
    for (uint32_t link = 1; link <= 4; link++)
        probe_down(&probe, link);
    probe_tick(&probe, ms);
    open_links();
}

static void say(
    uint32_t link, uint32_t run, uint32_t round, struct reconcile_range range)
{
    range.bound = set_end();
    probe_frame(&probe, link,
        &(struct frame){.type = FRAME_RECONCILE,
            .reconcile = {.run = run,
                .round = round,
                .range_count = 1,
                .ranges = &range}});
}

/* That peer tells that it has that letter; whether it is asked for it. */
static bool is_wanted_of(uint32_t link, const struct probe_letter *from)
{
    static uint32_t run = RUN;
    const struct reconcile_item item = {.expires_h = from->envelope.expires_h,
        .id = from->id,
        .state = ITEM_STORED};
    say(link, ++run, 0,
        (struct reconcile_range){
            .mode = RECONCILE_REPLY, .item_count = 1, .items = &item});
    return probe_sent(&probe, FRAME_WANT) != NULL;
}

static bool is_sent_back(uint32_t link, const struct probe_letter *from)
{
    const struct frame *sent;
    probe_push(&probe, link, from);
    sent = probe_sent(&probe, FRAME_UNKEPT);
    return sent && sent->ids.count == 1 &&
           envelope_id_equal(&sent->ids.ids[0], &from->id);
}

/* Fill what a peer may fill with what lives longer, or shorter, by hours. */
static void fill(uint32_t link, uint32_t first, int32_t life_h)
{
    for (uint32_t i = 0; i < QUOTA / SHELF_SHARE / SMALL_BYTES; i++) {
        probe_write(&letter, first + i, 0, life_h);
        probe_push(&probe, link, &letter);
        need(probe_state(&probe, &letter) == SHELF_STORED);
    }
}

static void what_has_no_room_is_sent_back(void)
{
    begin(QUOTA);
    fill(1, 0, LIFE_H);
    probe_write(&letter, 50, 0, LIFE_H);
    ok(is_sent_back(1, &letter) && probe_state(&probe, &letter) < 0 &&
            probe_refused(&probe, REFUSAL_NO_ROOM) == 1,
        "who brings what there is no room for is told");
    probe_open(&probe, 9, 9);
    fill(9, 100, LIFE_H);
    probe_write(&letter, 51, 0, LIFE_H);
    ok(!is_sent_back(9, &letter) && probe_refused(&probe, REFUSAL_NO_ROOM) == 2,
        "where he understands");
    probe_write(&letter, 0, 0, LIFE_H);
    ok(!is_sent_back(1, &letter), "and not of what is kept here");
    probe_free(&probe);
}

/* It says that it has these, and brings them: whether it is asked for them
 * again, or thought less of. */
static bool is_blamed(uint32_t first, int32_t life_h)
{
    bool is_asked = false;
    int32_t before = probe_look(&probe)->links[0].score;
    for (uint32_t i = 0; i < TREE_BROKEN; i++) {
        probe_write(&letter, first + i, 0, life_h);
        struct envelope_id id = letter.id;
        probe_frame(&probe, 1,
            &(struct frame){.type = FRAME_IDONTWANT, .ids = {1, &id}});
        probe_push(&probe, 1, &letter);
        need(probe_state(&probe, &letter) < 0);
    }
    for (uint32_t i = 0; i < 2 * TREE_TRIES; i++) {
        probe_tick(&probe, TREE_GRAFT_MS);
        is_asked |= probe_sent(&probe, FRAME_GRAFT) != NULL;
    }
    return is_asked || probe_look(&probe)->links[0].score < before;
}

static void who_brought_it_has_kept_its_promise(void)
{
    begin(QUOTA);
    fill(1, 0, LIFE_H);
    ok(!is_blamed(50, LIFE_H),
        "what there is no room for is not asked for where it came from");
    ok(!is_blamed(60, -2), "nor what is not taken");
    probe_free(&probe);
}

static void not_all_of_a_flood_is(void)
{
    enum { FLOOD = 300, AT_ONCE = 200 };
    uint32_t told = 0;
    begin(QUOTA);
    fill(1, 0, LIFE_H);
    for (uint32_t i = 0; i < FLOOD; i++) {
        probe_write(&letter, 1000 + i, 0, LIFE_H);
        told += is_sent_back(1, &letter);
    }
    ok(probe_refused(&probe, REFUSAL_NO_ROOM) == FLOOD && told == AT_ONCE,
        "of a flood no more is sent back than may be at once");
    probe_free(&probe);
}

static void nothing_goes_in_vain(void)
{
    begin(QUOTA);
    for (uint32_t i = 0; i < 3; i++) {
        probe_write(&letter, i, 0, LIFE_H);
        probe_push(&probe, 1, &letter);
    }
    probe_write(&other, 3, 0, 10 * LIFE_H);
    probe_push(&probe, 1, &other);
    need(probe_state(&probe, &other) == SHELF_STORED);
    probe_write(&letter, 4, 1, 20); /* worth more than that one alone */
    probe_push(&probe, 1, &letter);
    ok(probe_state(&probe, &letter) < 0 &&
            probe_count(&probe, RELAY_EVICT) == 0 &&
            probe_state(&probe, &other) == SHELF_STORED,
        "nothing is evicted for what has no room even so");
    probe_write(&letter, 5, 0, 2);
    probe_push(&probe, 1, &letter);
    ok(probe_state(&probe, &letter) == SHELF_STORED &&
            probe_state(&probe, &other) == SHELF_EVICTED,
        "what is worth least goes for what has");
    ok(is_sent_back(2, &other) && probe_refused(&probe, REFUSAL_DUPLICATE) == 1,
        "and is sent back when it is brought again");
    ok(!is_wanted_of(3, &other), "nor is it asked for");
    probe_free(&probe);
}

/* A shelf that is full of what is worth as much, and two that brought one. */
static void fill_for_two(void)
{
    begin(QUOTA);
    for (uint8_t link = 1; link <= 4; link++)
        fill(link, 100u * link, LIFE_H);
    probe_write(&other, 50, 0, LIFE_H);
    need(is_sent_back(1, &other));
}

static void it_is_asked_for_where_that_may_help(void)
{
    fill_for_two();
    ok(!is_wanted_of(1, &other), "who brought it is not asked for it again");
    ok(is_wanted_of(2, &other), "another is, who may have it better stamped");
    ok(is_sent_back(2, &other) && !is_wanted_of(3, &other),
        "and no third, when that one is refused, too");
    probe_tick(&probe, RECONCILE_SOON_MS);
    ok(!probe_sent(&probe, FRAME_RECONCILE),
        "and nothing more is done about it");
    probe_write(&letter, 100, 0, LIFE_H);
    probe_receipt(&probe, 2, &letter, true);
    need(probe_state(&probe, &letter) == SHELF_CLEARED);
    probe_tick(&probe, RECONCILE_SOON_MS);
    ok(probe_sent(&probe, FRAME_RECONCILE),
        "when room comes, shelves are compared");
    ok(is_wanted_of(1, &other), "and it is asked for");
    probe_push(&probe, 1, &other);
    ok(probe_state(&probe, &other) == SHELF_STORED, "and kept");
    probe_free(&probe);
}

/* Until the end of the hour; then the first peer's are gone. */
static void room_comes_by_time_too(void)
{
    begin(QUOTA);
    uint64_t hour_ms = HOUR_S * 1000;
    uint64_t now_ms = PROBE_CLOCK_S * UINT64_C(1000) + probe.now_ms;
    be_away(hour_ms - now_ms % hour_ms - 1000);
    fill(1, 100, -(int32_t)LIMIT_CLOCK_SKEW_H);
    for (uint8_t link = 2; link <= 4; link++)
        fill(link, 100u * link, -(int32_t)LIMIT_CLOCK_SKEW_H);
    probe_write(&other, 50, 0, LIFE_H);
    need(is_sent_back(1, &other) && !is_wanted_of(1, &other));
    probe_tick(&probe, 1000);
    need(probe_look(&probe)->shelf_bytes == 0);
    probe_tick(&probe, RECONCILE_SOON_MS);
    ok(probe_sent(&probe, FRAME_RECONCILE),
        "when what there is has expired, shelves are compared as well");
    probe_free(&probe);
}

static bool is_announced_and_asked_for(uint32_t link)
{
    bool is_asked = false;
    struct envelope_id id = other.id;
    probe_frame(&probe, link,
        &(struct frame){.type = FRAME_IDONTWANT, .ids = {1, &id}});
    for (uint32_t i = 0; i < TREE_TRIES; i++) {
        probe_tick(&probe, TREE_GRAFT_MS);
        is_asked |= probe_sent(&probe, FRAME_GRAFT) != NULL;
    }
    return is_asked;
}

static void what_two_brought_in_vain_no_third_is_asked_for(void)
{
    fill_for_two();
    ok(is_announced_and_asked_for(2),
        "another that announces it is asked, who may have it better stamped");
    probe_free(&probe);
    fill_for_two();
    need(is_sent_back(2, &other));
    ok(!is_announced_and_asked_for(3), "a third is not");
    probe_free(&probe);
    fill_for_two();
    struct envelope_id id = other.id;
    probe_frame(
        &probe, 3, &(struct frame){.type = FRAME_IDONTWANT, .ids = {1, &id}});
    need(is_sent_back(2, &other));
    probe_tick(&probe, TREE_GRAFT_MS);
    ok(!probe_sent(&probe, FRAME_GRAFT), "nor who announced it before");
    probe_free(&probe);
}

static void lack_of_room_is_pressure(void)
{
    begin(QUOTA);
    fill(1, 0, LIFE_H);
    probe_write(&other, 50, 0, LIFE_H);
    need(is_sent_back(1, &other));
    probe_tick(&probe, ADMISSION_RAISE_MS);
    ok(probe_look(&probe)->least_value == 1,
        "where something had no room, more is asked for");
    probe_free(&probe);
}

static void it_rests_for_a_while(void)
{
    fill_for_two();
    need(is_wanted_of(2, &other) && is_sent_back(2, &other));
    be_away(SHELF_REST_MS - 1);
    need(!is_wanted_of(3, &other));
    probe_tick(&probe, 1);
    ok(is_wanted_of(3, &other), "what rested for an hour is asked for again");
    need(is_sent_back(3, &other) && is_wanted_of(4, &other) &&
         is_sent_back(4, &other));
    be_away(SHELF_REST_MS + 1);
    ok(!is_wanted_of(1, &other), "then it rests for two");
    be_away(SHELF_REST_MS);
    ok(is_wanted_of(1, &other), "and no longer");
    probe_free(&probe);
}

/* That peer says that it has nothing; whether it is pushed that letter, and
 * whether it is told of it. */
static void compare_with_none(
    uint32_t link, const struct probe_letter *of, bool *pushed, bool *told)
{
    static uint32_t run = RUN;
    say(link, ++run, 0, (struct reconcile_range){.mode = RECONCILE_ITEMS});
    *pushed = *told = false;
    for (size_t i = 0; i < probe.effects.count; i++) {
        const struct relay_effect *effect = &probe.effects.list[i];
        *pushed |= effect->kind == RELAY_PUSH && effect->link == link &&
                   envelope_id_equal(&effect->id, &of->id);
    }
    const struct frame *frame = probe_sent(&probe, FRAME_RECONCILE);
    for (size_t i = 0; frame && i < frame->reconcile.range_count; i++)
        for (size_t j = 0; j < frame->reconcile.ranges[i].item_count; j++)
            *told |= envelope_id_equal(
                &frame->reconcile.ranges[i].items[j].id, &of->id);
}

static void say_unkept(uint32_t link, const struct probe_letter *of)
{
    struct envelope_id id = of->id;
    probe_frame(
        &probe, link, &(struct frame){.type = FRAME_UNKEPT, .ids = {1, &id}});
}

static void what_was_sent_back_is_not_given_again(void)
{
    bool pushed, told;
    begin(0);
    probe_write(&mine, 1, 0, LIFE_H);
    probe_submit(&probe, &mine);
    compare_with_none(1, &mine, &pushed, &told);
    ok(pushed && !told, "what a peer lacks it is given");
    compare_with_none(1, &mine, &pushed, &told);
    ok(pushed && !told, "and again, for it may have been lost");
    say_unkept(1, &mine);
    const struct relay_effect *handed = probe_effect(&probe, RELAY_HANDED);
    ok(handed && handed->peers == 3, "who has sent it back has not taken it");
    compare_with_none(1, &mine, &pushed, &told);
    ok(!pushed && told, "who has sent it back is told of it");
    compare_with_none(2, &mine, &pushed, &told);
    ok(pushed && !told, "another is given it as ever");
    probe_write(&letter, 2, 0, LIFE_H);
    probe_submit(&probe, &letter);
    compare_with_none(1, &letter, &pushed, &told);
    ok(!pushed && told, "as long as it lacks something it is told of all");
    probe_down(&probe, 1);
    open_link(5, 1);
    compare_with_none(5, &mine, &pushed, &told);
    ok(!pushed && told, "what it sent back it is told when it comes back");
    compare_with_none(5, &letter, &pushed, &told);
    ok(pushed && !told, "and given the rest");
    struct envelope_id id = mine.id;
    probe_frame(
        &probe, 5, &(struct frame){.type = FRAME_WANT, .ids = {1, &id}});
    ok(probe_count(&probe, RELAY_PUSH) == 1, "it has but to ask");
    probe_write(&other, 99, 0, LIFE_H);
    say_unkept(2, &other);
    probe_receipt(&probe, 3, &letter, true);
    say_unkept(2, &letter);
    compare_with_none(2, &mine, &pushed, &told);
    ok(pushed && !told, "what is not here nobody can send back");
    probe_free(&probe);
}

static void who_is_crowded_tells_first(void)
{
    bool pushed, told;
    begin(QUOTA);
    fill(1, 0, LIFE_H);
    probe_write(&mine, 50, 0, 2);
    probe_push(&probe, 1, &mine);
    need(probe_count(&probe, RELAY_EVICT) == 1);
    compare_with_none(2, &mine, &pushed, &told);
    ok(!pushed && told, "who had to evict something supposes others had to");
    probe_free(&probe);
}

/* Whether a peer that is not pushed to was told of that letter just now. */
static bool is_announced(const struct probe_letter *of)
{
    const struct frame *sent = probe_sent(&probe, FRAME_IHAVE);
    for (size_t i = 0; sent && i < sent->ids.count; i++)
        if (envelope_id_equal(&sent->ids.ids[i], &of->id))
            return true;
    return false;
}

static void what_was_evicted_is_not_announced(void)
{
    begin(QUOTA);
    probe_open_with(&probe, 8, FEATURE_TREE);
    probe_frame(&probe, 8, &(struct frame){.type = FRAME_PRUNE});
    fill(1, 0, LIFE_H);
    probe_write(&letter, 50, 0, 1);
    probe_push(&probe, 1, &letter);
    need(probe_state(&probe, &letter) == SHELF_STORED);
    for (uint32_t i = 0; probe_state(&probe, &other) != SHELF_EVICTED; i++)
        probe_write(&other, i, 0, LIFE_H);
    probe_tick(&probe, TREE_BATCH_MS);
    ok(is_announced(&letter) && !is_announced(&other),
        "what was evicted at once is not announced, and what came for it is");
    probe_free(&probe);
}

int main(void)
{
    what_has_no_room_is_sent_back();
    who_brought_it_has_kept_its_promise();
    not_all_of_a_flood_is();
    nothing_goes_in_vain();
    it_is_asked_for_where_that_may_help();
    room_comes_by_time_too();
    what_two_brought_in_vain_no_third_is_asked_for();
    lack_of_room_is_pressure();
    it_rests_for_a_while();
    what_was_sent_back_is_not_given_again();
    what_was_evicted_is_not_announced();
    who_is_crowded_tells_first();
    return tap_done();
}
