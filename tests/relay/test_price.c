/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The price of a peer's mail: who meets one, what it keeps out, how it falls,
 * and whom it leaves alone. */
#include "relay/reconcile.h"
#include "relay/score.h"
#include "relay/tree.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

enum { RATE = 4096, PLAIN = 10, DEAR = 14, FRAME_ABOUT = 520, PEERS = 8 };

static struct probe probe;
static struct probe_letter letter;
static uint32_t number;

static void open_peer(uint32_t link, uint8_t key)
{
    struct frame hello = {.type = FRAME_HELLO,
        .hello = {.version = FRAME_PROTOCOL_VERSION,
            .node = probe_key(key),
            .features = FEATURE_STAMP | FEATURE_STEM}};
    probe_up(&probe, link, key);
    probe_frame(&probe, link, &hello);
}

/* A peer that has been here for as long as it takes to earn a burst. */
static void begin(void)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = RATE});
    number = 0;
    open_peer(1, 1);
    open_peer(2, 2);
    probe_tick(&probe, 10000);
}

/* One that lives for 20 hours is worth 10, one that lives for one 14. */
static bool takes(uint32_t link, enum frame_type type, int life_h)
{
    probe_write(&letter, number++, 0, life_h);
    struct frame push = {
        .type = type, .push = {.id = letter.id, .envelope = &letter.envelope}};
    uint64_t before = probe_refused(&probe, REFUSAL_VALUE) +
                      probe_refused(&probe, REFUSAL_RATE);
    probe_frame(&probe, link, &push);
    return probe_refused(&probe, REFUSAL_VALUE) +
               probe_refused(&probe, REFUSAL_RATE) ==
           before;
}

static uint32_t taken_until_refused(enum frame_type type, int life_h)
{
    uint32_t taken = 0;
    while (takes(1, type, life_h) && taken < 1000)
        taken++;
    return taken;
}

static int least_told(void)
{
    const struct frame *terms = probe_sent(&probe, FRAME_TERMS);
    return terms ? terms->terms.least : -1;
}

/* Links end of silence. */
static void keep_alive(uint32_t link)
{
    struct frame ping = {.type = FRAME_PING, .ping = {number + 1}};
    probe_frame(&probe, link, &ping);
}

/* About so many fit into a part of a burst. */
static bool is_about(uint32_t taken, uint32_t sixteenths)
{
    uint32_t fit = RATE * SCORE_BURST_S / 16 * sixteenths / FRAME_ABOUT;
    return taken >= fit - 2 && taken <= fit + 2;
}

static void a_flood_meets_a_price(void)
{
    begin();
    uint32_t taken = 0, until_told = 0;
    int told = -1;
    while (takes(1, FRAME_PUSH, 20) && taken < 1000) {
        taken++;
        if (told < 0 && least_told() >= 0) {
            told = least_told();
            until_told = taken;
        }
    }
    ok(is_about(until_told, SCORE_FREE_SIXTEENTHS) && told == PLAIN + 1,
        "a quarter of a burst is free, then its sender is told of a price");
    ok(is_about(taken, SCORE_FREE_SIXTEENTHS + SCORE_GRACE_SIXTEENTHS) &&
            probe_refused(&probe, REFUSAL_VALUE) == 1,
        "what was under way is taken, up to a sixteenth of a burst");
    ok(takes(1, FRAME_PUSH, 1), "what is worth more is not refused");
    ok(takes(2, FRAME_PUSH, 20), "nor what another peer brings");
    ok(least_told() == -1, "who is told nothing");
    probe_free(&probe);
}

/* It says that it has these, and brings them, to be refused. */
static void brings(uint32_t from, uint32_t count)
{
    taken_until_refused(FRAME_PUSH, 20);
    for (number = from; number < from + count;) {
        probe_write(&letter, number, 0, 20);
        struct envelope_id id = letter.id;
        probe_frame(&probe, 1,
            &(struct frame){.type = FRAME_IDONTWANT, .ids = {1, &id}});
        need(!takes(1, FRAME_PUSH, 20));
    }
}

static size_t asked_of(uint32_t ticks)
{
    size_t asked = 0;
    for (uint32_t i = 0; i < ticks; i++) {
        probe_tick(&probe, TREE_GRAFT_MS);
        const struct frame *graft = probe_sent(&probe, FRAME_GRAFT);
        const struct frame *want = probe_sent(&probe, FRAME_WANT);
        asked += (graft ? graft->ids.count : 0) + (want ? want->ids.count : 0);
    }
    return asked;
}

static void what_is_refused_is_asked_for_once(void)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = RATE});
    number = 0;
    probe_open_with(&probe, 1, FEATURE_STAMP | FEATURE_TREE);
    probe_tick(&probe, 10000);
    taken_until_refused(FRAME_PUSH, 20);
    brings(2000, TREE_BROKEN);
    number = 3000;
    ok(asked_of(1) == TREE_BROKEN, "what a price refused is asked for later");
    brings(2000, TREE_BROKEN);
    int32_t before = probe_look(&probe)->links[0].score;
    ok(asked_of(4 * TREE_TRIES) == 0, "and no more where that brought it");
    ok(probe_look(&probe)->links[0].score == before,
        "whose promise is kept by that");
    probe_free(&probe);
}

static void it_holds_once_it_is_known(void)
{
    begin();
    bool told = false;
    for (int i = 0; i < 1000 && !told; i++)
        told = takes(1, FRAME_PUSH, 20) && least_told() == PLAIN + 1;
    probe_tick(&probe, SCORE_PRICE_RAISE_MS - 1);
    ok(told && takes(1, FRAME_PUSH, 20),
        "what comes before the price can be known is taken");
    ok(least_told() == -1, "and raises it no further");
    probe_tick(&probe, 1);
    ok(!takes(1, FRAME_PUSH, 20), "what comes later is refused");
    ok(takes(1, FRAME_PUSH, 1), "unless it is worth the price");
    probe_free(&probe);
}

static void it_rises_as_far_as_the_flood(void)
{
    begin();
    taken_until_refused(FRAME_PUSH, 20);
    uint32_t more = 0;
    while (more < 1000 && takes(1, FRAME_PUSH, 1)) {
        more++;
        probe.now_ms += SCORE_PRICE_RAISE_MS / 16;
    }
    ok(more < 40 && !takes(1, FRAME_PUSH, 1),
        "a flood of what is worth more has its own price soon");
    probe_free(&probe);
}

static void it_falls(void)
{
    begin();
    taken_until_refused(FRAME_PUSH, 20);
    probe_tick(&probe, SCORE_PRICE_LOWER_MS - 1000);
    keep_alive(1);
    ok(!takes(1, FRAME_PUSH, 20), "it stays for half a minute");
    probe_tick(&probe, 1000);
    ok(takes(1, FRAME_PUSH, 20), "and then falls by one");
    int told = -1;
    for (int i = 0; i < 2 * (PLAIN + 3); i++) {
        probe_tick(&probe, SCORE_PRICE_LOWER_MS / 2);
        told = least_told() >= 0 ? least_told() : told;
        keep_alive(1);
        told = least_told() >= 0 ? least_told() : told;
    }
    ok(told == 0, "down to nothing, and its peer is told");
    probe_free(&probe);
}

static void it_stays_while_the_flood_does(void)
{
    begin();
    taken_until_refused(FRAME_PUSH, 20);
    bool any = false;
    probe_tick(&probe, SCORE_PRICE_RAISE_MS);
    for (uint32_t ms = 0; ms < 5 * SCORE_PRICE_LOWER_MS; ms += 100) {
        probe_tick(&probe, 100);
        any |= takes(1, FRAME_PUSH, 20) || takes(1, FRAME_PUSH, 20);
    }
    ok(!any, "what is refused at twice the rate keeps the price up");
    for (uint32_t ms = 0; ms < 2 * SCORE_PRICE_LOWER_MS; ms += 1000) {
        probe_tick(&probe, 1000);
        any |= takes(1, FRAME_PUSH, 20);
    }
    ok(any, "at an eighth of the rate it does not");
    probe_free(&probe);
}

static void reconnecting_changes_nothing(void)
{
    begin();
    taken_until_refused(FRAME_PUSH, 20);
    probe_tick(&probe, 20000);
    probe_down(&probe, 1);
    open_peer(3, 1);
    ok(least_told() == PLAIN + 1, "who comes back hears the price again");
    probe_down(&probe, 3);
    open_peer(1, 9);
    uint32_t taken = taken_until_refused(FRAME_PUSH, 20);
    ok(is_about(taken, 1 + SCORE_GRACE_SIXTEENTHS),
        "another key has a second's worth, what is under way, and no burst");
    probe_free(&probe);
}

static void stems_pay_too(void)
{
    begin();
    open_peer(3, 3);
    open_peer(4, 4);
    uint32_t taken = taken_until_refused(FRAME_STEM, 20);
    ok(taken > 10 && taken < 50 && takes(2, FRAME_STEM, 20),
        "a flood over stems meets a price as well");
    probe_free(&probe);
}

/* Whether a stamped one is taken, its stamp being genuine. */
static bool takes_stamped(void)
{
    probe_write(&letter, number++, 0, 20);
    letter.bytes[ENVELOPE_AT_STAMP] = letter.envelope.stamp[0] = 1;
    probe_push(&probe, 1, &letter);
    const struct relay_effect *check = probe_effect(&probe, RELAY_CHECK);
    if (!check)
        return false;
    struct frame push = {.type = FRAME_PUSH,
        .push = {.id = letter.id, .envelope = &letter.envelope}};
    probe_step(&probe, &(struct relay_event){.kind = RELAY_CHECKED,
                           .frame = {.link = 1,
                               .frame = &push,
                               .bytes = check->store.frame_bytes,
                               .is_genuine = true,
                               .cost_us = 1}});
    return true;
}

static void checks_have_a_price(void)
{
    probe_init(&probe, &(struct relay_config){0});
    open_peer(1, 1);
    probe_tick(&probe, 10000);
    uint32_t taken = 0, fit = SCORE_CHECKS_S * SCORE_BURST_S / 16 *
                              (SCORE_FREE_SIXTEENTHS + SCORE_GRACE_SIXTEENTHS);
    while (taken < 1000 && takes_stamped())
        taken++;
    ok(taken >= fit - 2 && taken <= fit + 2 &&
            probe_refused(&probe, REFUSAL_VALUE) == 1,
        "what has to be checked counts for more than its bytes");
    probe_free(&probe);
}

/* What a peer says that it has, is asked for, and gives. */
static bool gives_when_asked(uint32_t link)
{
    probe_write(&letter, number++, 2, 20);
    struct reconcile_item item = {
        letter.envelope.expires_h, letter.id, ITEM_STORED};
    struct reconcile_range all = {.bound = {.expires_h = UINT32_MAX},
        .mode = RECONCILE_ITEMS,
        .item_count = 1,
        .items = &item};
    struct frame has = {.type = FRAME_RECONCILE,
        .reconcile = {.run = number, .range_count = 1, .ranges = &all}};
    probe_frame(&probe, link, &has);
    probe_tick(&probe, 1000);
    probe_push(&probe, link, &letter);
    return probe_state(&probe, &letter) == SHELF_STORED;
}

static void a_flood_cannot_come_by_asking(void)
{
    begin();
    for (uint8_t i = 3; i <= PEERS; i++) /* or the node is under pressure */
        open_peer(i, i);
    uint32_t taken = 0, until_told = 0;
    while (gives_when_asked(1) && taken < 1000) {
        taken++;
        if (until_told == 0 && least_told() > 0)
            until_told = taken;
        for (uint32_t i = 2; i <= PEERS; i++)
            keep_alive(i);
    }
    uint32_t free = RATE * SCORE_CATCH_NEW_S / 8192;
    ok(taken < 1000 && until_told > free && until_told < 2 * free,
        "what is asked for is free to catch up, and then has a price");
    ok(taken < until_told + 4, "which holds it back");
    ok(gives_when_asked(2), "and nobody else");
    probe_free(&probe);
}

/* The room alone, with one peer that has earned a burst. */
static struct score score;
static struct relay_effects effects;
static struct turn turn;
static struct node_key key;

static void begin_alone(void)
{
    key = probe_key(1);
    turn = (struct turn){.now_ms = 1000000, .effects = &effects};
    relay_effects_init(&effects);
    score_init(&score, RATE);
    score_link_up(&score, &turn, &key, false);
    turn.now_ms += 60000;
}

static void end_alone(void)
{
    score_clear(&score);
    relay_effects_free(&effects);
}

/* The seconds' worth in 32 parts that a new peer may push before a price, and
 * before its mail is held to it. */
static uint32_t pushed_by_new(bool dialled, uint32_t *until_price)
{
    key = probe_key(2);
    uint32_t pushed = 0;
    *until_price = 0;
    score_link_up(&score, &turn, &key, dialled);
    for (; score_price_due(&score, &turn, &key) == 0; pushed++)
        if (score_pushed(&score, &turn, &key, PLAIN, RATE / 32))
            *until_price = pushed;
    score_link_down(&score, &turn, &key);
    return pushed;
}

static void who_was_dialled_is_no_stranger(void)
{
    uint32_t until_price, free;
    begin_alone();
    uint32_t pushed = pushed_by_new(false, &until_price);
    ok(until_price == 32, "a peer that came has a second's worth at first");
    end_alone();
    begin_alone();
    pushed_by_new(true, &free);
    ok(free == 32 * SCORE_FREE_SIXTEENTHS * SCORE_BURST_S / 16,
        "one that was dialled has all that is free");
    ok(pushed + 32 * SCORE_PRICE_RAISE_MS / 1000 < free - free / 5,
        "what one that came gets through is well within that");
    end_alone();
}

static void it_rises_for_no_ebb(void)
{
    begin_alone();
    uint32_t half = RATE * SCORE_BURST_S / 2;
    need(score_pushed(&score, &turn, &key, PLAIN, half));
    bool rose = false;
    for (int i = 0; i < 40; i++) {
        turn.now_ms += SCORE_PRICE_RAISE_MS / 4;
        rose |= score_pushed(&score, &turn, &key, DEAR, RATE / 8);
    }
    ok(!rose && score_price(&score, &turn, &key) == PLAIN + 1,
        "honest mail that pays does not raise it while the flood ebbs");
    for (int i = 0; i < 40 && !rose; i++) {
        turn.now_ms += SCORE_PRICE_RAISE_MS / 4;
        rose |= score_pushed(&score, &turn, &key, DEAR, RATE / 2);
    }
    ok(rose && score_price(&score, &turn, &key) == DEAR + 1,
        "a flood that pays does");
    end_alone();
}

static void the_last_part_is_for_the_dear(void)
{
    begin_alone();
    uint32_t quarter = RATE * SCORE_BURST_S / 4;
    score_spend(&score, &turn, &key, BUDGET_PUSHES, 2 * quarter + RATE);
    ok(!score_may_push(&score, &turn, &key, 0) &&
            score_may_push(&score, &turn, &key, PLAIN),
        "of a quota of which half is spent the rest is not for the cheapest");
    score_spend(&score, &turn, &key, BUDGET_PUSHES, quarter);
    ok(!score_may_push(&score, &turn, &key, PLAIN) &&
            score_may_push(&score, &turn, &key, DEAR),
        "the less is left the dearer it is");
    score_spend(&score, &turn, &key, BUDGET_PUSHES, quarter);
    ok(!score_may_push(&score, &turn, &key, 54), "and none is more than all");
    ok(!score_violation(&score), "all is well");
    score.list[0].price = SCORE_PRICE_MOST + 1;
    ok(score_violation(&score), "a price that nobody could pay shows");
    end_alone();
}

/* A peer that has just come, and begins a run. */
static uint32_t taken_of_a_stranger(bool begins_a_run)
{
    begin();
    open_peer(3, 3);
    struct reconcile_range nothing = {
        .bound = {.expires_h = UINT32_MAX}, .mode = RECONCILE_ITEMS};
    struct frame run = {.type = FRAME_RECONCILE,
        .reconcile = {.run = 1, .range_count = 1, .ranges = &nothing}};
    if (begins_a_run)
        probe_frame(&probe, 3, &run);
    uint32_t taken = 0;
    while (taken < 1000 && takes(3, FRAME_PUSH, 20))
        taken++;
    probe_free(&probe);
    return taken;
}

static void what_a_run_gives_is_free(void)
{
    uint32_t more = taken_of_a_stranger(true) - taken_of_a_stranger(false);
    uint32_t given = RECONCILE_GIVE_BYTES / FRAME_ABOUT;
    ok(more >= given - 2 && more <= given + 2,
        "what a run shows to be lacking is given free, as much as a run gives");
}

static void a_price_that_falls_is_made_use_of(void)
{
    begin();
    struct frame terms = {.type = FRAME_TERMS, .terms = {.least = PLAIN}};
    probe_frame(&probe, 1, &terms);
    probe_tick(&probe, 2 * RECONCILE_PAUSE_MS);
    ok(!probe_sent(&probe, FRAME_RECONCILE), "a price that rises is obeyed");
    terms.terms.least = 0;
    probe_frame(&probe, 1, &terms);
    probe_tick(&probe, RECONCILE_PAUSE_MS);
    ok(probe_sent(&probe, FRAME_RECONCILE) != NULL,
        "when it falls, what was withheld is offered");
    probe_free(&probe);
}

int main(void)
{
    what_a_run_gives_is_free();
    a_price_that_falls_is_made_use_of();
    a_flood_meets_a_price();
    what_is_refused_is_asked_for_once();
    it_holds_once_it_is_known();
    it_rises_as_far_as_the_flood();
    it_falls();
    it_stays_while_the_flood_does();
    reconnecting_changes_nothing();
    stems_pay_too();
    checks_have_a_price();
    a_flood_cannot_come_by_asking();
    who_was_dialled_is_no_stranger();
    it_rises_for_no_ebb();
    the_last_part_is_for_the_dear();
    return tap_done();
}
