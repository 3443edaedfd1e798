/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of reconciliation: each speaks of one moment's set, takes its turns and
 * no others, and ends, whatever the other end says. */
#include "proto/limits.h"
#include "relay/reconcile.h"
#include "relay/reconcile_run.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

enum {
    BRINGS = 1, /* a link whose peer has brought all that is here */
    ASKS = 2,   /* one whose peer begins a run */
    ASKED = 3,  /* one that was dialled: a run begins here */
    RUN = 7,
};

static struct probe probe;
static struct probe_letter letter;

/* A relay that has so many envelopes. */
static void begin(uint32_t letters)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 1 << 20});
    probe_open(&probe, BRINGS, BRINGS);
    for (uint32_t i = 0; i < letters; i++) {
        probe_write(&letter, i, 0, 20);
        probe_push(&probe, BRINGS, &letter);
    }
}

/* A node that a person named answers its dial. */
static void dial(uint8_t number)
{
    probe_connect(&probe, number, ORIGIN_PERSON);
    const struct relay_effect *effect = probe_effect(&probe, RELAY_DIAL);
    need(effect);
    probe_dialled(&probe, number, number, effect->dial.target);
    probe_hello(&probe, number, number);
}

/* Say one range that is the whole set, in that run and round. */
static void say_whole(
    uint32_t link, uint32_t run, uint32_t round, const uint8_t *fingerprint)
{
    struct reconcile_range whole = {
        .bound = set_end(), .mode = RECONCILE_FINGERPRINT};
    if (fingerprint)
        memcpy(whole.fingerprint, fingerprint, sizeof(whole.fingerprint));
    const struct frame frame = {.type = FRAME_RECONCILE,
        .reconcile = {
            .run = run, .round = round, .range_count = 1, .ranges = &whole}};
    probe_frame(&probe, link, &frame);
}

/* What the last step answered; NULL: nothing. */
static const struct frame_reconcile *answer(void)
{
    const struct frame *sent = probe_sent(&probe, FRAME_RECONCILE);
    return sent ? &sent->reconcile : NULL;
}

static bool is_end(const struct frame_reconcile *frame)
{
    return frame && frame->range_count == 0;
}

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
    probe_tick(&probe, RUN_ANSWER_MS);
    say_whole(ASKS, RUN, 4, NULL);
    ok(!answer() && probe_refused(&probe, REFUSAL_RECONCILE) == 7,
        "but not ten seconds later");
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

static void few_begin_at_once(void)
{
    size_t begun = 0;
    begin(10);
    for (uint8_t i = 0; i < 6; i++) {
        dial((uint8_t)(ASKED + i));
        begun += answer() != NULL;
    }
    ok(begun == RECONCILE_AT_ONCE, "no more than two begin at once");
    const struct frame end = {
        .type = FRAME_RECONCILE, .reconcile = {.run = 1, .round = 1}};
    probe_frame(&probe, ASKED, &end);
    ok(answer() && answer()->round == 0 &&
            probe_effect(&probe, RELAY_SEND)->link == ASKED + 2,
        "when one has ended, the next does");
    probe_free(&probe);
}

int main(void)
{
    a_run_sees_one_moment();
    turns_are_taken();
    rounds_are_bounded();
    who_does_not_answer_is_left();
    few_begin_at_once();
    return tap_done();
}
