/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How soon a peer is compared with again: ever later where it does not answer,
 * or where room is short and nothing moves; at once where something does. */
#include "proto/limits.h"
#include "relay/shelf.h"
#include "tests/relay/runs.h"

enum {
    LAST = 2 * LIMIT_RECONCILE_ROUNDS - 1,
    THEIRS = RUN | INT32_MIN, /* of the end that was dialled */
    LONG_MS = 3600000,
    LONG_S = 200,
    TURN_S = 375, /* the longest until a peer has its turn */
    /* That it takes until nobody tries any more. */
    TRIED_S = 10 + 20 + (RECONCILE_TRIES - 2) * 35 + (1 << RECONCILE_TRIES) - 1,
    SMALL_BYTES = 512,
};

static uint32_t run; /* the last that was begun with who was dialled */

static void begin_with(uint64_t interval_ms, uint64_t quota_bytes)
{
    begin_as(&(struct relay_config){.push_rate_bytes_s = 1 << 20,
                 .reconcile_interval_ms = interval_ms,
                 .shelf_quota_bytes = quota_bytes},
        4);
}

static void dial_it(void)
{
    dial(ASKED);
    need(answer() && answer()->round == 0);
    run = answer()->run;
}

/* Nobody has a turn meanwhile. */
static void begin_dialled(void)
{
    begin_with(LONG_MS, 0);
    dial_it();
}

static bool begins(void)
{
    for (size_t i = 0; i < probe.effects.count; i++) {
        const struct relay_effect *effect = &probe.effects.list[i];
        if (effect->kind != RELAY_SEND || effect->link != ASKED ||
            effect->frame.type != FRAME_RECONCILE ||
            effect->frame.reconcile.round != 0)
            continue;
        run = effect->frame.reconcile.run;
        return true;
    }
    return false;
}

static bool begins_in_a_second(void)
{
    const struct frame ping = {.type = FRAME_PING};
    probe_frame(&probe, BRINGS, &ping);
    probe_frame(&probe, ASKED, &ping);
    probe_tick(&probe, 1000);
    return begins();
}

/* After how many seconds the next one begins; 0: not for long. */
static uint32_t begun_after_s(void)
{
    for (uint32_t s = 1; s <= LONG_S; s++)
        if (begins_in_a_second())
            return s;
    return 0;
}

static size_t begun_within(uint32_t seconds)
{
    size_t begun = 0;
    for (uint32_t s = 0; s < seconds; s++)
        begun += begins_in_a_second();
    return begun;
}

/* A frame for it was lost, so that it is to be compared with again. */
static uint32_t begun_when_lost_s(void)
{
    probe_step(&probe, &(struct relay_event){
                           .kind = RELAY_DROPPED, .dropped = {.link = ASKED}});
    return begun_after_s();
}

/* It has nothing, is told of what there is or given it, and that is all. */
static void differ_in_vain(void)
{
    say(ASKED, run, 1, (struct reconcile_range){.mode = RECONCILE_ITEMS});
    need(answer());
    say_end(ASKED, run, 3);
}

static void say_ids(enum frame_type type)
{
    struct envelope_id id = letter.id;
    probe_frame(&probe, ASKED, &(struct frame){.type = type, .ids = {1, &id}});
}

/* It sends back what it has no room for. */
static void begin_crowded(void)
{
    begin_dialled();
    say_ids(FRAME_UNKEPT);
}

static void import_one(uint32_t number)
{
    static struct probe_letter carried;
    probe_write(&carried, number, 0, 20);
    probe_step(&probe,
        &(struct relay_event){.kind = RELAY_IMPORT,
            .import = {.id = carried.id, .envelope = &carried.envelope}});
    need(probe_state(&probe, &carried) == SHELF_STORED);
}

static void crowded_ones_are_left_ever_longer(void)
{
    bool doubles = true, stays = true;
    begin_crowded();
    for (uint32_t wait_s = 2; wait_s <= 1 << RECONCILE_FRUITLESS; wait_s *= 2) {
        differ_in_vain();
        doubles &= begun_when_lost_s() == wait_s;
    }
    ok(doubles, "where room is short, runs that move nothing become rare");
    differ_in_vain();
    ok(begun_when_lost_s() == 1 << RECONCILE_FRUITLESS, "but no rarer");
    probe_free(&probe);
    begin_dialled();
    for (int i = 0; i < 3; i++) {
        differ_in_vain();
        stays &= begun_when_lost_s() == 1;
    }
    ok(stays, "and not at all where there is room");
    probe_free(&probe);
}

static void so_are_others_by_a_crowded_one(void)
{
    begin_with(LONG_MS, SHELF_SHARE * 4 * SMALL_BYTES);
    probe_write(&letter, 50, 0, 2); /* worth more than what lives longer */
    probe_push(&probe, BRINGS, &letter);
    need(probe_count(&probe, RELAY_EVICT) == 1);
    dial_it();
    differ_in_vain();
    ok(begun_when_lost_s() == 2, "also where it is our own shelf that is full");
    probe_free(&probe);
}

static void what_comes_waits_as_long(void)
{
    begin_crowded();
    for (int i = 0; i < 2; i++) {
        differ_in_vain();
        begun_when_lost_s();
    }
    differ_in_vain();
    import_one(100);
    uint32_t wait_s = begun_after_s();
    ok(wait_s > 8 && wait_s <= 16,
        "what comes from elsewhere is found by it as late");
    probe_free(&probe);
}

static void what_was_given_brings_it_back(void)
{
    begin_crowded();
    for (int i = 0; i < 2; i++) {
        differ_in_vain();
        begun_when_lost_s();
    }
    say_ids(FRAME_WANT);
    need(probe_count(&probe, RELAY_PUSH) == 1);
    differ_in_vain();
    ok(begun_when_lost_s() == 1, "who takes something is asked soon again");
    differ_in_vain();
    ok(begun_when_lost_s() == 2, "and later when the next run moves nothing");
    probe_free(&probe);
}

/* In a run of its own, or one of ours, it tells that it has that letter, and
 * does not agree on the rest. */
static void offer(uint32_t in, uint32_t round, uint32_t number)
{
    probe_write(&letter, number, 0, 20);
    const struct reconcile_item item = {.expires_h = letter.envelope.expires_h,
        .id = letter.id,
        .state = ITEM_STORED};
    const struct reconcile_range ranges[] = {{.bound = {.expires_h = 1},
                                                 .mode = RECONCILE_REPLY,
                                                 .item_count = 1,
                                                 .items = &item},
        {.bound = set_end(), .mode = RECONCILE_FINGERPRINT}};
    const struct frame frame = {.type = FRAME_RECONCILE,
        .reconcile = {
            .run = in, .round = round, .range_count = 2, .ranges = ranges}};
    probe_frame(&probe, ASKED, &frame);
    need(probe_sent(&probe, FRAME_WANT));
}

static void so_does_what_it_gave(void)
{
    begin_crowded();
    for (int i = 0; i < 2; i++) {
        differ_in_vain();
        begun_when_lost_s();
    }
    offer(THEIRS, 0, 100);
    probe_push(&probe, ASKED, &letter);
    need(probe_state(&probe, &letter) == SHELF_STORED);
    differ_in_vain();
    ok(begun_when_lost_s() == 1, "so is who gives something");
    probe_free(&probe);
}

static void who_is_silent_is_tried_ever_later(void)
{
    begin_dialled();
    ok(begun_within(TRIED_S - 20) == RECONCILE_TRIES - 1 &&
            begun_within(LONG_S) == 1,
        "who does not answer is tried ever later, and then no more");
    import_one(100);
    ok(begun_within(LONG_S) == 1 + RECONCILE_TRIES,
        "until something comes from elsewhere");
    offer(THEIRS, 0, 101);
    ok(begun_within(LONG_S) == RECONCILE_TRIES,
        "or it has something itself, and does not give it");
    const struct frame dear = {.type = FRAME_TERMS, .terms = {.least = 30}};
    const struct frame cheap = {.type = FRAME_TERMS};
    probe_frame(&probe, ASKED, &dear);
    probe_frame(&probe, ASKED, &cheap);
    ok(begun_within(LONG_S) == RECONCILE_TRIES, "or it asks for less");
    probe_free(&probe);
    begin_with(0, 0);
    dial_it();
    probe_down(&probe, BRINGS);
    ok(begun_within(TURN_S + TRIED_S) >= 2 * RECONCILE_TRIES + 1,
        "or it is its turn");
    probe_free(&probe);
}

static void an_answer_makes_up_for_silence(void)
{
    begin_dialled();
    need(begun_after_s() == 11 && begun_after_s() == 22);
    say_end(ASKED, run, 1);
    ok(begun_when_lost_s() == 1, "who answers has been silent for nothing");
    probe_free(&probe);
}

/* It never agrees, until the rounds are over. */
static void cut_off(uint32_t round)
{
    for (; round < LAST; round += 2) {
        say_whole(ASKED, run, round, NULL);
        need(answer());
    }
    say_whole(ASKED, run, LAST, NULL);
    need(!answer());
}

static void each_run_is_useful_by_itself(void)
{
    begin_dialled();
    say_ids(FRAME_WANT);
    cut_off(1);
    ok(begun_after_s() == 1, "a run that was cut off and useful is followed");
    cut_off(1);
    ok(begun_after_s() == 0, "not for what was useful before it");
    probe_free(&probe);
    begin_dialled();
    offer(run, 1, 100);
    cut_off(3);
    probe_push(&probe, ASKED, &letter);
    ok(begun_after_s() == 1, "but for what comes only after it");
    probe_free(&probe);
}

int main(void)
{
    crowded_ones_are_left_ever_longer();
    so_are_others_by_a_crowded_one();
    what_comes_waits_as_long();
    what_was_given_brings_it_back();
    so_does_what_it_gave();
    who_is_silent_is_tried_ever_later();
    an_answer_makes_up_for_silence();
    each_run_is_useful_by_itself();
    return tap_done();
}
