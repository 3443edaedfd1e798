/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of reconciliation: each speaks of one moment's set, takes its turns and
 * no others, and ends, whatever the other end says. */
#include "proto/limits.h"
#include "relay/reconcile.h"
#include "relay/reconcile_run.h"
#include "tests/relay/runs.h"

static void a_run_sees_one_moment(void)
{
    uint8_t before[SET_FINGERPRINT_BYTES];
    begin(10);
    dial(ASKED);
    need(answer() && answer()->range_count == 1);
    memcpy(before, answer()->ranges[0].fingerprint, sizeof(before));
    probe_open(&probe, ASKS, ASKS);
    say_whole(ASKS, RUN, 0, NULL);
    ok(answer() && answer()->range_count == 1 &&
            answer()->ranges[0].mode == RECONCILE_ITEMS &&
            answer()->ranges[0].item_count == 10,
        "a run is answered with what is here");
    probe_write(&letter, 10, 0, 20);
    probe_push(&probe, BRINGS, &letter);
    probe_receipt(&probe, BRINGS, &letter, true);
    probe_write(&letter, 11, 0, 20);
    probe_push(&probe, BRINGS, &letter);
    say_whole(ASKS, RUN, 2, before);
    ok(is_end(answer()), "and goes on with that, whatever has come since");
    say_whole(ASKS, RUN + 1, 0, before);
    ok(answer() && answer()->range_count == 1 &&
            answer()->ranges[0].item_count == 11,
        "the next one sees it");
    probe_free(&probe);
}

static void turns_are_taken(void)
{
    begin(10);
    probe_open(&probe, ASKS, ASKS);
    say_whole(ASKS, RUN, 2, NULL);
    ok(!answer() && probe_refused(&probe, REFUSAL_RECONCILE) == 1,
        "no run begins in its middle");
    say_whole(ASKS, RUN, 0, NULL);
    need(answer() && answer()->run == RUN && answer()->round == 1);
    say_whole(ASKS, RUN, 1, NULL);
    say_whole(ASKS, RUN, 3, NULL);
    say_whole(ASKS, RUN + 1, 2, NULL);
    say_whole(BRINGS, RUN, 2, NULL);
    say_whole(ASKS, RUN | UINT32_C(1) << 31, 2, NULL);
    ok(!answer() && probe_refused(&probe, REFUSAL_RECONCILE) == 6,
        "another's turn, round, run, link or side is refused");
    say_whole(ASKS, RUN, 2, NULL);
    ok(answer() && answer()->round == 3, "and one's own is answered");
    probe_tick(&probe, RUN_SLOW_MS);
    say_whole(ASKS, RUN, 4, NULL);
    ok(!answer() && probe_refused(&probe, REFUSAL_RECONCILE) == 7,
        "but not however late it is");
    probe_free(&probe);
}

/* One that never agrees. */
static void rounds_are_bounded(void)
{
    uint32_t answers = 0, round = 0;
    begin(200);
    probe_open(&probe, ASKS, ASKS);
    for (bool goes_on = true; goes_on; round += 2) {
        say_whole(ASKS, RUN, round, NULL);
        answers += answer() != NULL;
        goes_on = answer() && !is_end(answer());
    }
    ok(answers == LIMIT_RECONCILE_ROUNDS && is_end(answer()),
        "a run that never comes to an end is ended after its rounds");
    say_whole(ASKS, RUN, round, NULL);
    ok(!answer() && probe_refused(&probe, REFUSAL_RECONCILE) == 1,
        "and not gone on with");
    probe_free(&probe);
}

/* How many runs begin in so many seconds; the peers say nothing. */
static size_t begun_within(uint32_t seconds)
{
    size_t begun = 0;
    const struct frame ping = {.type = FRAME_PING};
    for (uint32_t i = 0; i < seconds; i++) {
        probe_tick(&probe, 1000);
        for (size_t j = 0; j < probe.effects.count; j++)
            begun += probe.effects.list[j].kind == RELAY_SEND &&
                     probe.effects.list[j].frame.type == FRAME_RECONCILE;
        probe_frame(&probe, ASKED, &ping);
    }
    return begun;
}

static void who_does_not_answer_is_left(void)
{
    begin(10);
    dial(ASKED);
    need(answer() && answer()->round == 0);
    ok(begun_within(RUN_ANSWER_MS / 1000 - 1) == 0, "an answer is waited for");
    probe_down(&probe, BRINGS);
    ok(begun_within(180) == RECONCILE_TRIES,
        "what got none is tried again a few times, ever later");
    probe_free(&probe);
}

/* A link may have a long queue. */
static void each_try_waits_longer(void)
{
    begin(10);
    dial(ASKED);
    probe_down(&probe, BRINGS);
    need(begun_within((RUN_ANSWER_MS + RECONCILE_PAUSE_MS) / 1000) == 1);
    ok(begun_within(2 * RUN_ANSWER_MS / 1000) == 0,
        "the second try waits twice as long for an answer");
    need(begun_within(3 * RECONCILE_PAUSE_MS / 1000) == 1);
    ok(begun_within(RUN_SLOW_MS / 1000) == 0,
        "and the others as long as for any answer");
    ok(begun_within(5 * RECONCILE_PAUSE_MS / 1000) == 1, "but not longer");
    probe_free(&probe);
}

static void few_begin_at_once(void)
{
    size_t begun = 0;
    begin(10);
    for (uint8_t i = 0; i < 6; i++) {
        dial((uint8_t)(ASKED + i));
        begun += answer() != NULL;
    }
    ok(begun == RECONCILE_AT_ONCE, "no more than two begin at once");
    say_end(ASKED, 1, 1);
    ok(answer() && answer()->round == 0 &&
            probe_effect(&probe, RELAY_SEND)->link == ASKED + 2,
        "when one has ended, the next does");
    probe_free(&probe);
}

/* Each part says what lies in it, and where it ends. */
static void parts_are_what_they_say(void)
{
    struct reconcile_range parts[RECONCILE_WAYS];
    begin(100);
    probe_open(&probe, ASKS, ASKS);
    say_whole(ASKS, RUN, 0, NULL);
    need(answer() && answer()->range_count > 2 &&
         answer()->range_count <= RECONCILE_WAYS);
    size_t count = answer()->range_count;
    memcpy(parts, answer()->ranges, count * sizeof(*parts));
    const struct frame echo = {.type = FRAME_RECONCILE,
        .reconcile = {
            .run = RUN, .round = 2, .range_count = count, .ranges = parts}};
    probe_frame(&probe, ASKS, &echo);
    ok(is_end(answer()), "who says the same of each part agrees");
    probe_free(&probe);
}

/* The first part in that way, and something else of the second: whether that
 * one alone is listed, and as beginning where the first ends. */
static bool is_passed_over(uint32_t round, struct reconcile_range first)
{
    const struct reconcile_range said[] = {
        first, {.bound = set_end(), .mode = RECONCILE_FINGERPRINT}};
    const struct frame frame = {.type = FRAME_RECONCILE,
        .reconcile = {
            .run = RUN, .round = round, .range_count = 2, .ranges = said}};
    probe_frame(&probe, ASKS, &frame);
    const struct reconcile_range *got = answer() ? answer()->ranges : NULL;
    return got && answer()->range_count == 2 && got[0].mode == RECONCILE_SKIP &&
           set_compare(&got[0].bound, &first.bound) == 0 &&
           got[1].mode == RECONCILE_ITEMS;
}

static void what_agrees_is_passed_over(void)
{
    static struct reconcile_item items[RECONCILE_LIST];
    begin(RECONCILE_LIST + 1);
    probe_open(&probe, ASKS, ASKS);
    say_whole(ASKS, RUN, 0, NULL);
    need(answer() && answer()->range_count == 2);
    struct reconcile_range part = answer()->ranges[0], listed = part;
    memset(listed.fingerprint, 0, sizeof(listed.fingerprint));
    const struct frame ask = {.type = FRAME_RECONCILE,
        .reconcile = {
            .run = RUN, .round = 2, .range_count = 1, .ranges = &listed}};
    probe_frame(&probe, ASKS, &ask);
    need(answer() && answer()->ranges[0].mode == RECONCILE_ITEMS);
    listed = answer()->ranges[0];
    memcpy(items, listed.items, listed.item_count * sizeof(*items));
    listed.items = items;
    ok(is_passed_over(4, part), "of what agrees nothing is said");
    ok(is_passed_over(6, listed), "nor where each item of a list is here");
    listed.mode = RECONCILE_REPLY;
    ok(is_passed_over(8, listed), "or is offered");
    part.mode = RECONCILE_SKIP;
    ok(is_passed_over(10, part), "nor of what the peer passes over");
    probe_free(&probe);
}

/* Disagree, and offer a letter, where it is to be useful. */
static void offer(uint32_t run, uint32_t round, bool is_useful)
{
    const struct reconcile_item item = {.expires_h = letter.envelope.expires_h,
        .id = letter.id,
        .state = ITEM_STORED};
    const struct reconcile_range ranges[] = {{.bound = {.expires_h = 1},
                                                 .mode = RECONCILE_REPLY,
                                                 .item_count = is_useful,
                                                 .items = &item},
        {.bound = set_end(), .mode = RECONCILE_FINGERPRINT}};
    const struct frame frame = {.type = FRAME_RECONCILE,
        .reconcile = {
            .run = run, .round = round, .range_count = 2, .ranges = ranges}};
    probe_frame(&probe, ASKED, &frame);
}

/* The peer of a run that begins here offers something, where it is to be
 * useful, never agrees, and ends the run in its last frame or leaves that to
 * us.  Whether the next begins after a pause. */
static bool goes_on_when_cut(bool is_useful, bool ends)
{
    enum { LAST = 2 * LIMIT_RECONCILE_ROUNDS - 1 };
    begin(10);
    dial(ASKED);
    need(answer() && answer()->round == 0);
    uint32_t run = answer()->run;
    probe_write(&letter, 99, 0, 20);
    for (uint32_t round = 1; round < LAST; round += 2) {
        offer(run, round, is_useful);
        need(answer());
    }
    if (is_useful)
        probe_push(&probe, ASKED, &letter);
    if (ends)
        say_end(ASKED, run, LAST);
    else
        say_whole(ASKED, run, LAST, NULL);
    need(!answer());
    probe_tick(&probe, RECONCILE_PAUSE_MS);
    bool goes_on = answer() && answer()->round == 0 &&
                   probe_effect(&probe, RELAY_SEND)->link == ASKED;
    probe_free(&probe);
    return goes_on;
}

static void what_was_cut_is_gone_on_with(void)
{
    ok(goes_on_when_cut(true, false), "a run that was cut off is followed");
    ok(goes_on_when_cut(true, true), "whoever cut it");
    ok(!goes_on_when_cut(false, false) && !goes_on_when_cut(false, true),
        "but not one that moved nothing");
}

/* How many are known to have one's own letter, as the last step tells; 0: it
 * tells nothing. */
static uint32_t handed(void)
{
    const struct relay_effect *effect = probe_effect(&probe, RELAY_HANDED);
    return effect ? effect->peers : 0;
}

static void begin_with_own(uint32_t letters)
{
    begin(letters);
    probe_write(&letter, 1000, 0, 20);
    probe_submit(&probe, &letter);
    need(handed() == 1);
    dial(ASKED);
    need(answer() && answer()->range_count == 1);
}

static void who_has_all_is_counted(void)
{
    uint8_t whole[SET_FINGERPRINT_BYTES];
    begin_with_own(10);
    memcpy(whole, answer()->ranges[0].fingerprint, sizeof(whole));
    say_end(ASKED, answer()->run, 1);
    ok(handed() == 2, "who finds nothing to say has one's own");
    probe_open(&probe, ASKS, ASKS);
    say_whole(ASKS, RUN, 0, whole);
    ok(is_end(answer()) && handed() == 3, "and who begins with the same");
    probe_open(&probe, ASKS + 10, ASKS + 10);
    say_whole(ASKS + 10, RUN, 0, NULL);
    need(answer() && handed() == 0);
    say_whole(ASKS + 10, RUN, 2, whole);
    ok(is_end(answer()) && handed() == 4, "and who comes to the same");
    probe_free(&probe);
}

static void who_may_lack_some_is_not(void)
{
    enum { LAST = 2 * LIMIT_RECONCILE_ROUNDS - 1 };
    begin_with_own(200);
    uint32_t run = answer()->run;
    for (uint32_t round = 1; round < LAST; round += 2)
        say_whole(ASKED, run, round, NULL);
    say_end(ASKED, run, LAST);
    ok(handed() == 0, "but not where the rounds came to an end");
    probe_open(&probe, ASKS, ASKS);
    for (uint32_t round = 0; round < LAST; round += 2)
        say_whole(ASKS, RUN, round, NULL);
    ok(is_end(answer()) && handed() == 0, "of either's runs");
    probe_free(&probe);
}

/* That peer has sent one's own back, so that it is told of it and no more. */
static void tell_of_own(uint32_t link)
{
    struct envelope_id id = letter.id;
    probe_frame(
        &probe, link, &(struct frame){.type = FRAME_UNKEPT, .ids = {1, &id}});
    say(link, RUN, 0, (struct reconcile_range){.mode = RECONCILE_ITEMS});
    need(answer() && answer()->ranges[0].mode == RECONCILE_REPLY);
}

static void who_was_told_is_not(void)
{
    begin_with_own(0);
    probe_open(&probe, ASKS, ASKS);
    tell_of_own(ASKS);
    say_end(ASKS, RUN, 2);
    ok(!answer() && handed() == 0, "nor who was told of it and says no more");
    probe_open(&probe, ASKS + 10, ASKS + 10);
    tell_of_own(ASKS + 10);
    say(ASKS + 10, RUN, 2, (struct reconcile_range){.mode = RECONCILE_SKIP});
    ok(is_end(answer()) && handed() == 0, "or nothing that matters");
    probe_free(&probe);
}

static void each_answer_is_waited_for(void)
{
    begin(10);
    probe_open(&probe, ASKS, ASKS);
    for (uint32_t round = 0; round < 6; round += 2) {
        say_whole(ASKS, RUN, round, NULL);
        if (!answer())
            break;
        probe_tick(&probe, RUN_SLOW_MS - 1);
    }
    ok(probe_refused(&probe, REFUSAL_RECONCILE) == 0,
        "each answer may take what it needs at a kilobyte a second");
    probe_free(&probe);
}

/* What is over here and the peer still has: no more receipts are given at once
 * than may be, the rest is named. */
static void receipts_are_bounded(void)
{
    enum { MANY = RECONCILE_GIVE_RECEIPTS + 5 };
    static struct reconcile_item items[MANY];
    size_t given = 0;
    begin(MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        probe_write(&letter, i, 0, 20);
        probe_receipt(&probe, BRINGS, &letter, true);
        items[i] =
            (struct reconcile_item){.expires_h = letter.envelope.expires_h,
                .id = letter.id,
                .state = ITEM_STORED};
    }
    probe_open(&probe, ASKS, ASKS);
    say(ASKS, RUN, 0,
        (struct reconcile_range){
            .mode = RECONCILE_REPLY, .item_count = MANY, .items = items});
    for (size_t i = 0; i < probe.effects.count; i++)
        given += probe.effects.list[i].kind == RELAY_SEND &&
                 probe.effects.list[i].frame.type == FRAME_RECEIPT;
    ok(given == RECONCILE_GIVE_RECEIPTS && answer() &&
            answer()->ranges[0].mode == RECONCILE_REPLY &&
            answer()->ranges[0].item_count == MANY - RECONCILE_GIVE_RECEIPTS &&
            answer()->ranges[0].items[0].state == ITEM_CLEARED,
        "of many that are over some are given, and the rest named");
    probe_free(&probe);
}

int main(void)
{
    a_run_sees_one_moment();
    turns_are_taken();
    rounds_are_bounded();
    who_does_not_answer_is_left();
    each_try_waits_longer();
    few_begin_at_once();
    parts_are_what_they_say();
    what_agrees_is_passed_over();
    what_was_cut_is_gone_on_with();
    who_has_all_is_counted();
    who_may_lack_some_is_not();
    who_was_told_is_not();
    each_answer_is_waited_for();
    receipts_are_bounded();
    return tap_done();
}
