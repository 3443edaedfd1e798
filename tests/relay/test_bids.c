/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a peer declines: who is told, what is stamped anew and offered again,
 * how it goes then, and how often. */
#include "relay/bids.h"

#include <string.h>

#include "relay/admission.h"
#include "relay/reconcile.h"
#include "relay/score.h"
#include "relay/tree.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

enum { PLAIN = 10, FEATURES = FEATURE_STAMP | FEATURE_TREE | FEATURE_STEM };

static struct probe probe;
static struct probe_letter letter;

static void begin(uint32_t peers)
{
    probe_init(&probe, &(struct relay_config){0});
    for (uint32_t link = 1; link <= peers; link++)
        probe_open_with(&probe, link, FEATURES);
}

static void says_terms(uint32_t link, uint8_t least)
{
    struct frame frame = {.type = FRAME_TERMS, .terms = {.least = least}};
    probe_frame(&probe, link, &frame);
}

static void declines(uint32_t link)
{
    struct frame frame = {.type = FRAME_DECLINED, .ids = {1, &letter.id}};
    probe_frame(&probe, link, &frame);
}

/* An own letter, worth PLAIN. */
static void submit(uint32_t number)
{
    probe_write(&letter, number, 0, 20);
    probe_submit(&probe, &letter);
}

/* How many bits are to be made now; 0: none. */
static int asked_bits(void)
{
    const struct relay_effect *stamp = probe_effect(&probe, RELAY_STAMP);
    return stamp ? stamp->stamp.bits : 0;
}

/* The same after a peer has declined it once more, at once or a pause later. */
static int asked_after_declining(uint32_t link)
{
    declines(link);
    int bits = asked_bits();
    if (bits == 0) {
        probe_tick(&probe, BIDS_PAUSE_MS);
        bits = asked_bits();
    }
    return bits;
}

/* What the vault is told: -1: nothing. */
static int waits_for(void)
{
    const struct relay_effect *waits = probe_effect(&probe, RELAY_WAITS);
    return waits ? waits->stamp.bits : -1;
}

static void claim(uint8_t bits)
{
    letter.bytes[ENVELOPE_AT_STAMP] = letter.envelope.stamp[0] = bits;
}

static void made(uint8_t bits)
{
    claim(bits);
    probe_step(&probe,
        &(struct relay_event){.kind = RELAY_STAMPED,
            .stamped = {.id = letter.id, .envelope = &letter.envelope}});
}

static bool goes(enum relay_effect_kind kind, uint32_t link)
{
    for (size_t i = 0; i < probe.effects.count; i++)
        if (probe.effects.list[i].kind == kind &&
            probe.effects.list[i].link == link)
            return true;
    return false;
}

static bool sends(enum frame_type type, uint32_t link)
{
    for (size_t i = 0; i < probe.effects.count; i++)
        if (probe.effects.list[i].kind == RELAY_SEND &&
            probe.effects.list[i].frame.type == type &&
            probe.effects.list[i].link == link)
            return true;
    return false;
}

static void who_is_refused_is_told(void)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 1024});
    probe_open_with(&probe, 1, FEATURES);
    probe_open_with(&probe, 2, FEATURE_TREE);
    uint32_t refused = 0, told = 0, others = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        uint64_t before = probe_refused(&probe, REFUSAL_VALUE);
        probe_write(&letter, i, 0, 20);
        probe_push(&probe, 1 + i % 2, &letter);
        bool was = probe_refused(&probe, REFUSAL_VALUE) > before;
        refused += was && i % 2 == 0;
        const struct frame *word = probe_sent(&probe, FRAME_DECLINED);
        told += word && word->ids.count == 1 && was &&
                envelope_id_equal(&word->ids.ids[0], &letter.id) &&
                sends(FRAME_DECLINED, 1);
        others += sends(FRAME_DECLINED, 2);
        if (probe_look(&probe)->link_count < 2)
            break;
    }
    ok(told > 10 && told <= refused, "who is refused hears of which");
    ok(told <= 200, "so often, and no more");
    ok(others == 0, "who knows nothing of terms hears nothing");
    probe_free(&probe);
}

static void ones_own_is_offered_again(void)
{
    begin(1);
    submit(1);
    need(goes(RELAY_PUSH, 1));
    says_terms(1, PLAIN + 4);
    declines(1);
    ok(asked_bits() == 5 && probe_effect(&probe, RELAY_HANDED)->peers == 0,
        "what is declined is not handed over, and stamped for what is asked");
    ok(waits_for() == 5, "which its person can see");
    ok(!goes(RELAY_PUSH, 1), "it does not go before it has its stamp");
    made(5);
    const struct relay_effect *again = probe_effect(&probe, RELAY_RESTAMP);
    ok(again && again->store.envelope->stamp[0] == 5 && goes(RELAY_PUSH, 1) &&
            probe_effect(&probe, RELAY_HANDED)->peers == 1,
        "then it does, and is handed over");
    ok(waits_for() == 0, "and waits no more");
    declines(1);
    ok(asked_bits() == 0, "if that is declined too, there is a pause");
    probe_tick(&probe, BIDS_PAUSE_MS);
    ok(asked_bits() == 6, "and more is bid the next time");
    probe_free(&probe);
}

static void a_stamp_may_take_long(void)
{
    begin(1);
    submit(1);
    says_terms(1, PLAIN + 4);
    declines(1);
    need(asked_bits() > 0);
    for (int i = 0; i < 4; i++) {
        probe_tick(&probe, TREE_RECENT_MS / 4);
        struct frame ping = {.type = FRAME_PING, .ping = {1}};
        probe_frame(&probe, 1, &ping);
    }
    made(5);
    need(probe_effect(&probe, RELAY_RESTAMP) != NULL);
    probe_tick(&probe, 2 * RECONCILE_PAUSE_MS);
    ok(sends(FRAME_RECONCILE, 1),
        "what is worth enough only later is found by comparing");
    probe_free(&probe);
}

static void tries_are_bounded(void)
{
    begin(1);
    submit(1);
    says_terms(1, PLAIN + 4);
    int tries = 0, last = 0;
    for (int i = 0; i < 50; i++) {
        int bits = asked_after_declining(1);
        if (bits == 0)
            continue;
        need(bits > last);
        last = bits;
        tries++;
        made((uint8_t)bits);
    }
    ok(tries == BIDS_TRIES, "who declines everything gains a few stamps");
    probe_free(&probe);
    begin(1);
    for (uint32_t i = 0; i < 2 * BIDS; i++) {
        submit(i);
        declines(1);
    }
    says_terms(1, PLAIN + 4);
    ok(probe_look(&probe)->stamps_making <= BIDS,
        "only so many are made for at a time");
    probe_free(&probe);
}

/* As many as may be are declined, and nobody asks for more than they have. */
static void decline_all(int32_t life_h)
{
    for (uint32_t i = 0; i < BIDS; i++) {
        probe_write(&letter, i, 0, life_h);
        probe_submit(&probe, &letter);
        declines(1);
    }
    probe_write(&letter, BIDS, 0, 20);
    need(probe_look(&probe)->stamps_making == 0);
}

/* Whether one more that is declined is stamped anew. */
static bool has_room_for_one(void)
{
    submit(BIDS + 1);
    says_terms(1, PLAIN + 4);
    declines(1);
    return asked_bits() == 5;
}

static void what_is_over_is_offered_no_more(void)
{
    begin(1);
    decline_all(20);
    ok(!has_room_for_one(), "no more are offered again than may be");
    probe_free(&probe);
    begin(1);
    decline_all(20);
    probe_write(&letter, 7, 0, 20);
    probe_receipt(&probe, 1, &letter, true);
    ok(has_room_for_one(), "one that has arrived makes room for another");
    probe_free(&probe);
    probe_init(&probe, &(struct relay_config){0});
    uint64_t hour_ms = HOUR_S * 1000;
    uint64_t now_ms = PROBE_CLOCK_S * UINT64_C(1000) + probe.now_ms;
    probe.now_ms += hour_ms - now_ms % hour_ms - 1000;
    probe_open_with(&probe, 1, FEATURES);
    decline_all(-(int32_t)LIMIT_CLOCK_SKEW_H);
    probe_tick(&probe, 1000);
    ok(has_room_for_one(), "and those that have expired do");
    probe_free(&probe);
}

static void no_more_than_a_person_would_pay(void)
{
    probe_init(&probe, &(struct relay_config){.stamp_bits = 3});
    probe_open_with(&probe, 1, FEATURES);
    submit(1);
    says_terms(1, PLAIN + 9);
    declines(1);
    ok(asked_bits() == 3, "no more bits are made than may be");
    made(3);
    declines(1);
    probe_tick(&probe, BIDS_PAUSE_MS);
    ok(asked_bits() == 0, "nor the same ones twice");
    ok(waits_for() == 9, "and its person sees what it would take");
    says_terms(1, PLAIN + 3);
    ok(sends(FRAME_RECONCILE, 1) ||
            (probe_tick(&probe, 1000), sends(FRAME_RECONCILE, 1)),
        "when the price falls, what is lacking is found by comparing");
    probe_free(&probe);
}

static void one_of_several_cannot_raise_it(void)
{
    begin(4);
    probe_step(&probe, &(struct relay_event){.kind = RELAY_SUBMIT,
                           .submit = {.id = letter.id,
                               .envelope = &letter.envelope,
                               .urgent = true}});
    need(goes(RELAY_PUSH, 1));
    says_terms(1, PLAIN + 4);
    declines(1);
    ok(asked_bits() == 0, "one peer's price is not followed among several");
    says_terms(2, PLAIN + 4);
    probe_tick(&probe, BIDS_LOOK_MS);
    ok(asked_bits() == 5, "that of two is");
    probe_receipt(&probe, 3, &letter, true);
    made(5);
    ok(!probe_effect(&probe, RELAY_RESTAMP), "unless it has arrived meanwhile");
    probe_free(&probe);
}

/* The link that it went to on its stem. */
static uint32_t stem_link(void)
{
    const struct relay_effect *effect = probe_effect(&probe, RELAY_STEM);
    return effect ? effect->link : 0;
}

static void stems_stay_stems(void)
{
    begin(4);
    submit(1);
    uint32_t way = stem_link();
    need(way != 0);
    for (uint32_t link = 1; link <= 4; link++)
        says_terms(link, PLAIN + 4);
    declines(way % 4 + 1);
    ok(asked_bits() == 0, "who was never given it cannot decline it");
    declines(way);
    ok(asked_bits() == 5, "who was can");
    made(5);
    ok(stem_link() == way && probe_effect(&probe, RELAY_RESTAMP) &&
            probe_count(&probe, RELAY_PUSH) == 0 &&
            relay_hides(probe.relay, &letter.id),
        "it goes the same way once more, and is as hidden");
    const struct relay_effect *handed = probe_effect(&probe, RELAY_HANDED);
    ok(handed && handed->peers == 1, "which its vault is told");
    while (relay_hides(probe.relay, &letter.id))
        probe_tick(&probe, relay_deadline_ms(probe.relay) - probe.now_ms);
    ok(probe_count(&probe, RELAY_PUSH) == 4, "and is shown as it would be");
    need(asked_after_declining(1) == 6);
    made(6);
    ok(stem_link() == way && probe_count(&probe, RELAY_PUSH) == 0,
        "what is declined later begins at its stem, too");
    probe_free(&probe);
}

/* A stem that link 1 brings and that goes on; whom to. */
static uint32_t relay_one(void)
{
    uint32_t number = 1;
    struct frame frame = {.type = FRAME_STEM};
    do {
        probe_write(&letter, number++, 0, 20);
        frame.push.id = letter.id;
        frame.push.envelope = &letter.envelope;
        probe_frame(&probe, 1, &frame);
    } while (!stem_link());
    return stem_link();
}

static void relays_pass_it_back_and_on(void)
{
    begin(4);
    uint32_t way = relay_one();
    declines(way);
    ok(sends(FRAME_DECLINED, 1) && asked_bits() == 0,
        "what another has written is stamped by nobody: its way hears of it");
    claim(5);
    struct frame better = {.type = FRAME_STEM,
        .push = {.id = letter.id, .envelope = &letter.envelope}};
    probe_frame(&probe, way % 4 + 1 == 1 ? 2 : way % 4 + 1, &better);
    ok(!probe_effect(&probe, RELAY_CHECK), "only from there");
    probe_frame(&probe, 1, &better);
    const struct relay_effect *check = probe_effect(&probe, RELAY_CHECK);
    need(check != NULL);
    struct relay_event checked = {.kind = RELAY_CHECKED,
        .frame = {.link = 1,
            .frame = &better,
            .bytes = check->store.frame_bytes,
            .is_genuine = true,
            .cost_us = 1}};
    probe_step(&probe, &checked);
    ok(stem_link() == way && probe_effect(&probe, RELAY_RESTAMP) &&
            relay_hides(probe.relay, &letter.id),
        "comes the better one, which goes on");
    probe_free(&probe);
}

static void better_ones_go_where_worse_did_not(void)
{
    begin(2);
    probe_open_with(&probe, 3, FEATURES);
    says_terms(2, PLAIN + 2);
    probe_write(&letter, 1, 0, 20);
    probe_push(&probe, 1, &letter);
    need(goes(RELAY_PUSH, 3) && !goes(RELAY_PUSH, 2));
    claim(4);
    probe_push(&probe, 1, &letter);
    const struct relay_effect *check = probe_effect(&probe, RELAY_CHECK);
    need(check != NULL);
    struct frame push = {.type = FRAME_PUSH,
        .push = {.id = letter.id, .envelope = &letter.envelope}};
    probe_step(&probe, &(struct relay_event){.kind = RELAY_CHECKED,
                           .frame = {.link = 1,
                               .frame = &push,
                               .bytes = check->store.frame_bytes,
                               .is_genuine = true,
                               .cost_us = 1}});
    ok(goes(RELAY_PUSH, 2) && !goes(RELAY_PUSH, 3) && !goes(RELAY_PUSH, 1),
        "a better stamp takes it to whom it was worth too little, alone");
    probe_write(&letter, 2, 0, 20);
    probe_push(&probe, 1, &letter);
    need(!goes(RELAY_PUSH, 2));
    says_terms(2, PLAIN);
    probe_tick(&probe, TREE_BATCH_MS);
    ok(sends(FRAME_IHAVE, 2), "so do terms that ask for less");
    probe_free(&probe);
}

int main(void)
{
    who_is_refused_is_told();
    ones_own_is_offered_again();
    a_stamp_may_take_long();
    tries_are_bounded();
    what_is_over_is_offered_no_more();
    no_more_than_a_person_would_pay();
    one_of_several_cannot_raise_it();
    stems_stay_stems();
    relays_pass_it_back_and_on();
    better_ones_go_where_worse_did_not();
    return tap_done();
}
