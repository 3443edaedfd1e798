/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores, budgets and the graylist, and that each refusal is counted. */
#include "relay/score.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

static struct probe probe;
static struct probe_letter letter;

static void garbage(uint32_t link)
{
    probe_step(
        &probe, &(struct relay_event){.kind = RELAY_MALFORMED, .link = {link}});
}

static void offenders_are_dropped(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_open(&probe, 1, 1);
    probe_step(
        &probe, &(struct relay_event){.kind = RELAY_UNKNOWN, .link = {1}});
    ok(probe_refused(&probe, REFUSAL_UNKNOWN_TYPE) == 1 &&
            probe_look(&probe)->links[0].score == 0,
        "an unknown frame is counted and costs nothing");
    garbage(1);
    ok(probe_sent(&probe, FRAME_DISCONNECT)->disconnect.reason ==
                DISCONNECT_SCORE &&
            probe_refused(&probe, REFUSAL_MALFORMED) == 1,
        "garbage ends a link");
    probe_up(&probe, 2, 1);
    ok(probe_effect(&probe, RELAY_HANGUP)->link == 2 &&
            probe_refused(&probe, REFUSAL_GRAYLIST) == 1,
        "and reconnecting does not wipe the slate");
    probe_tick(&probe, 8 * 60000);
    probe_up(&probe, 3, 1);
    ok(probe_count(&probe, RELAY_HANGUP) == 1, "eight minutes are too few");
    probe_tick(&probe, 60000);
    probe_open(&probe, 4, 1);
    ok(probe_look(&probe)->link_count == 1 &&
            probe_look(&probe)->links[0].score == -19,
        "nine make -50 into -19");
    probe_up(&probe, 5, 2);
    ok(probe_look(&probe)->link_count == 2, "others are not concerned");
    garbage(4);
    probe_tick(&probe, SCORE_GRAY_MS - 1);
    probe_up(&probe, 6, 1);
    ok(probe_count(&probe, RELAY_HANGUP) == 1,
        "a second offence is remembered for an hour");
    probe_tick(&probe, 1);
    probe_up(&probe, 7, 1);
    ok(probe_count(&probe, RELAY_HANGUP) == 0, "and no more");
    probe_free(&probe);
}

static void the_graylist_lasts_an_hour(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_open(&probe, 1, 1);
    for (uint32_t i = 0; i < 40; i++) { /* credit: 40 first deliveries */
        probe_write(&letter, i, 0, 20);
        probe_push(&probe, 1, &letter);
    }
    ok(probe_look(&probe)->links[0].score == 40, "deliveries earn credit");
    garbage(1);
    ok(probe_look(&probe)->link_count == 1, "which one slip does not use up");
    for (int i = 0; i < 3; i++)
        probe_receipt(&probe, 1, &letter, false);
    ok(probe_look(&probe)->link_count == 0 &&
            probe_refused(&probe, REFUSAL_FALSE_RECEIPT) == 1,
        "but a false receipt then does");
    probe_free(&probe);

    struct score score;
    struct peers none = {0};
    struct relay_effects effects;
    relay_effects_init(&effects);
    uint64_t refused[REFUSAL_COUNT] = {0};
    struct turn turn = {
        .now_ms = 5, .peers = &none, .effects = &effects, .refused = refused};
    score_init(&score, 65536);
    struct node_key key = probe_key(1);
    score_link_up(&score, &turn, &key, false);
    need(!score_change(&score, &turn, &key, -101));
    score_link_down(&score, &turn, &key);
    turn.now_ms += SCORE_GRAY_MS - 1;
    ok(!score_admits(&score, &turn, &key), "an hour is an hour");
    turn.now_ms += 1;
    ok(score_admits(&score, &turn, &key), "and no more");
    score_link_up(&score, &turn, &key, false);
    need(score_change(&score, &turn, &key, SCORE_BROKEN_PROMISE));
    uint64_t now_ms = turn.now_ms;
    ok(score_of(&score, now_ms, &key) == SCORE_BROKEN_PROMISE &&
            score_of(&score, now_ms + 120000, &key) == -4 &&
            score_of(&score, now_ms + 201 * 60000, &key) == 0,
        "a score is looked at as it is by then, though nothing happens");
    struct node_key rich = probe_key(7);
    score_link_up(&score, &turn, &rich, false);
    for (int i = 0; i < 2 * SCORE_MOST; i++)
        need(score_change(&score, &turn, &rich, SCORE_FIRST_DELIVERY));
    ok(score_of(&score, turn.now_ms, &rich) == SCORE_MOST,
        "and nobody earns more than there is to earn");
    for (unsigned i = 0; i < 5000; i++) {
        key.bytes[0] = (uint8_t)i;
        key.bytes[1] = (uint8_t)(i >> 8);
        score_link_up(&score, &turn, &key, false);
        need(!score_change(&score, &turn, &key, -60));
        score_link_down(&score, &turn, &key);
        need(score.count <= SCORE_RECORDS);
    }
    ok(!score_violation(&score), "5,000 offenders do not fill the memory");
    struct score_record swap = score.list[0];
    score.list[0] = score.list[1];
    score.list[1] = swap;
    ok(score_violation(&score), "records out of order show");
    score_clear(&score);
    relay_effects_free(&effects);
}

/* What came of one who did so much harm a minute before a crowd of new keys
 * did, each on a link of its own. */
static enum standing after_a_crowd(int32_t points, int32_t crowd_points)
{
    static const struct peers none;
    static uint64_t refused[REFUSAL_COUNT];
    struct score score;
    struct relay_effects effects;
    relay_effects_init(&effects);
    struct turn turn = {.now_ms = SCORE_GRAY_MS,
        .peers = &none,
        .effects = &effects,
        .refused = refused};
    struct node_key key = probe_key(1);
    score_init(&score, 65536);
    score_link_up(&score, &turn, &key, false);
    need(!score_change(&score, &turn, &key, points));
    score_link_down(&score, &turn, &key);
    turn.now_ms += 60000;
    for (unsigned i = 0; i < 2 * SCORE_RECORDS; i++) {
        struct node_key other = probe_key(2);
        other.bytes[0] = (uint8_t)i;
        other.bytes[1] = (uint8_t)(i >> 8);
        score_link_up(&score, &turn, &other, false);
        score_change(&score, &turn, &other, crowd_points);
        score_link_down(&score, &turn, &other);
        relay_effects_reset(&effects);
    }
    need(score.count == SCORE_RECORDS && !score_violation(&score));
    enum standing standing = score_standing(&score, turn.now_ms, &key);
    score_clear(&score);
    relay_effects_free(&effects);
    return standing;
}

static void no_crowd_forgives(void)
{
    static const int32_t crowds[] = {SCORE_OVERFLOW, SCORE_FALSE_RECEIPT - 1,
        SCORE_MALFORMED, SCORE_GRAY_BELOW, SCORE_GRAY_BELOW - 1,
        SCORE_DROP_BELOW + SCORE_MALFORMED};
    bool is_gray = true, is_out = true;
    for (size_t i = 0; i < sizeof(crowds) / sizeof(crowds[0]); i++) {
        is_gray &= after_a_crowd(SCORE_GRAY_BELOW - 1, crowds[i]) ==
                   STANDING_GRAYLISTED;
        is_out &= crowds[i] < SCORE_GRAY_BELOW ||
                  after_a_crowd(SCORE_MALFORMED, crowds[i]) == STANDING_REFUSED;
    }
    ok(is_gray, "no crowd of new keys, however bad, clears the graylist");
    ok(is_out, "nor lets in who is kept out for minutes");
}

static void budgets_hold(void)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 4096});
    probe_open(&probe, 1, 1);
    probe_open(&probe, 2, 2);
    probe_tick(&probe, 10000);
    uint32_t number = 0;
    while (probe_refused(&probe, REFUSAL_VALUE) == 0) {
        probe_write(&letter, number++, 0, 20);
        probe_push(&probe, 1, &letter);
        need(number < 1000);
    }
    ok(number > 35 && number < 44, "five seconds' worth may come at once");
    ok(probe_state(&probe, &letter) < 0 && probe_look(&probe)->link_count == 2,
        "then new pushes are refused, and nothing worse");
    probe_push(&probe, 2, &letter);
    ok(probe_state(&probe, &letter) == SHELF_STORED,
        "another peer's budget is its own");
    probe_write(&letter, number++, 0, 20);
    probe_tick(&probe, SCORE_PRICE_LOWER_MS);
    probe_push(&probe, 1, &letter);
    ok(probe_state(&probe, &letter) == SHELF_STORED,
        "half a minute later it goes on");

    uint64_t early = 0;
    for (int i = 0; i < 300; i++) {
        probe_write(&letter, 5000 + number++, 0, 20);
        probe_receipt(&probe, 2, &letter, true);
    }
    early = probe_refused(&probe, REFUSAL_EARLY_RECEIPT);
    ok(early == 200 && probe_refused(&probe, REFUSAL_RATE) == 100,
        "of 300 receipts at once 200 are looked at");

    struct reconcile_range range = {
        .bound = {.expires_h = UINT32_MAX}, .mode = RECONCILE_FINGERPRINT};
    struct frame run = {.type = FRAME_RECONCILE,
        .reconcile = {.range_count = 1, .ranges = &range}};
    for (uint32_t i = 0; i < 12; i++) {
        run.reconcile.run = i;
        probe_frame(&probe, 2, &run);
    }
    ok(probe_refused(&probe, REFUSAL_RATE) == 102,
        "of 12 reconciliations at once 10 are begun");
    run.reconcile.run = 77;
    run.reconcile.round = 3;
    probe_frame(&probe, 2, &run);
    ok(probe_refused(&probe, REFUSAL_RECONCILE) == 1,
        "a step out of turn is refused");
    probe_free(&probe);
}

/* Two that together are as large as a burst, the second worth more. */
static void what_is_past_a_quota_is_missed(void)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 4096});
    probe_open(&probe, 1, 1);
    probe_tick(&probe, 10000);
    probe_write(&letter, 1, 3, 20);
    probe_push(&probe, 1, &letter);
    probe_write(&letter, 2, 3, 1);
    probe_push(&probe, 1, &letter);
    ok(probe_state(&probe, &letter) == SHELF_STORED, "a burst is taken");
    probe_write(&letter, 3, 0, 20);
    probe_push(&probe, 1, &letter);
    ok(probe_refused(&probe, REFUSAL_RATE) == 1, "no more");
    probe_tick(&probe, 1000);
    ok(probe_sent(&probe, FRAME_RECONCILE) &&
            probe_effect(&probe, RELAY_SEND)->link == 1,
        "a second later the relay asks what it has missed");
    probe_tick(&probe, 5000);
    probe_push(&probe, 1, &letter);
    ok(probe_state(&probe, &letter) == SHELF_STORED, "and takes pushes again");
    probe_free(&probe);
}

/* A push over the quota each time, and what the peer is worth then. */
static void a_flood_ends_its_link(void)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 4096});
    probe_open(&probe, 1, 1);
    uint32_t number = 0;
    while (probe_refused(&probe, REFUSAL_VALUE) == 0) {
        probe_write(&letter, number++, 0, 20);
        probe_push(&probe, 1, &letter);
    }
    int32_t before = probe_look(&probe)->links[0].score;
    for (uint32_t i = 0; i < 100; i++) {
        probe_write(&letter, number++, 0, 20);
        probe_push(&probe, 1, &letter);
    }
    ok(probe_look(&probe)->links[0].score == before,
        "who has not heard of a price yet is only refused");
    for (uint32_t i = 0; i < 40; i++) {
        probe_write(&letter, number++, 0, 20);
        probe_push(&probe, 1, &letter);
    }
    ok(probe_look(&probe)->links[0].score == before + SCORE_OVERFLOW,
        "a burst's worth more costs two");
    uint32_t pushes = 0;
    while (probe_look(&probe)->link_count > 0) {
        probe_write(&letter, number++, 0, 20);
        probe_push(&probe, 1, &letter);
        need(pushes++ < 6000);
    }
    ok(pushes > 1000, "and who goes on loses all credit, and the link");
    probe_free(&probe);
}

/* Announce what is never given, until it is given up. */
static void promise(uint32_t number)
{
    struct envelope_id id = {{0xaa, (uint8_t)number, (uint8_t)(number >> 8)}};
    struct frame announce = {.type = FRAME_IHAVE, .ids = {1, &id}};
    probe_frame(&probe, 1, &announce);
    for (int i = 0; i < 4; i++)
        probe_tick(&probe, 1000);
}

/* A peer that speaks of trees. */
static void begin_with_tree(void)
{
    struct frame hello = {.type = FRAME_HELLO,
        .hello = {.version = FRAME_PROTOCOL_VERSION,
            .node = probe_key(1),
            .features = FEATURE_TREE}};
    probe_init(&probe, &(struct relay_config){0});
    probe_up(&probe, 1, 1);
    probe_frame(&probe, 1, &hello);
}

/* At whatever pace: a score has thousandths, of which fewer are forgotten the
 * sooner the next one is broken. */
static void promises_end_no_link(void)
{
    bool is_there = true;
    for (uint64_t pause_ms = 0; pause_ms < 30000; pause_ms += 3000) {
        begin_with_tree();
        for (uint32_t i = 0; i < 120; i++) {
            promise(i);
            probe_tick(&probe, pause_ms);
        }
        is_there &= probe_look(&probe)->link_count == 1;
        probe_free(&probe);
    }
    ok(is_there, "at no pace");
}

static void promises_are_kept_in_mind(void)
{
    begin_with_tree();
    promise(0);
    promise(1);
    ok(probe_look(&probe)->links[0].score == 0,
        "two broken promises are chance");
    promise(2);
    ok(probe_look(&probe)->links[0].score == SCORE_BROKEN_PROMISE,
        "a third costs five");
    probe_write(&letter, 1, 0, 20);
    probe_submit(&probe, &letter);
    ok(probe_count(&probe, RELAY_PUSH) == 1, "a node keeps one eager edge");
    probe_open(&probe, 2, 2);
    probe_receipt(&probe, 2, &letter, false);
    probe_receipt(&probe, 1, &letter, false);
    ok(probe_look(&probe)->link_count == 1, "a lie besides ends the link");
    probe_free(&probe);

    begin_with_tree();
    for (uint32_t i = 0; i < 60; i++)
        promise(i);
    ok(probe_look(&probe)->link_count == 1 &&
            probe_look(&probe)->links[0].score >= SCORE_DROP_BELOW,
        "promises alone never do");
    probe_open(&probe, 2, 2);
    probe_write(&letter, 2, 0, 20);
    probe_push(&probe, 2, &letter);
    ok(probe_count(&probe, RELAY_PUSH) == 0,
        "but nothing is pushed to who broke them");
    probe_tick(&probe, 1000);
    ok(probe_sent(&probe, FRAME_IHAVE), "it is told, and may ask");
    probe_free(&probe);
}

static void silence_costs_nothing(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_open(&probe, 1, 1);
    for (int i = 0; i < 60; i++) {
        probe_tick(&probe, 20000);
        const struct frame *ping = probe_sent(&probe, FRAME_PING);
        struct frame pong = {.type = FRAME_PONG};
        if (ping)
            pong.ping = ping->ping;
        probe_frame(&probe, 1, &pong);
    }
    ok(probe_look(&probe)->link_count == 1 &&
            probe_look(&probe)->links[0].score == 0,
        "who has nothing to say for long is as good as before");
    probe_free(&probe);
}

int main(void)
{
    offenders_are_dropped();
    the_graylist_lasts_an_hour();
    no_crowd_forgives();
    budgets_hold();
    what_is_past_a_quota_is_missed();
    a_flood_ends_its_link();
    promises_are_kept_in_mind();
    promises_end_no_link();
    silence_costs_nothing();
    return tap_done();
}
