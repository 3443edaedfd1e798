/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an envelope must be worth, when that changes, and who works for it. */
#include <string.h>

#include "crypto/stamp.h"
#include "relay/admission.h"
#include "relay/score.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

static struct probe probe;
static struct probe_letter letter;

static void open_peer(uint32_t link, uint8_t key, uint32_t features)
{
    struct frame hello = {.type = FRAME_HELLO,
        .hello = {.version = FRAME_PROTOCOL_VERSION,
            .node = probe_key(key),
            .features = features}};
    probe_up(&probe, link, key);
    probe_frame(&probe, link, &hello);
}

static void tell_terms(uint32_t link, uint8_t least, uint8_t asked)
{
    struct frame terms = {.type = FRAME_TERMS, .terms = {least, asked, 65536}};
    probe_frame(&probe, link, &terms);
}

/* Bits as claimed; whether they are genuine is what CHECKED says. */
static void claim(struct probe_letter *claimed, uint8_t bits, uint8_t nonce)
{
    uint8_t stamp[ENVELOPE_STAMP_BYTES] = {bits, nonce};
    if (bits == 0)
        stamp[1] = 0;
    memcpy(claimed->bytes + ENVELOPE_AT_STAMP, stamp, sizeof(stamp));
    memcpy(claimed->envelope.stamp, stamp, sizeof(stamp));
}

static void answer(uint32_t link, bool is_genuine, uint32_t cost_us)
{
    struct frame push = {.type = FRAME_PUSH,
        .push = {.id = letter.id, .envelope = &letter.envelope}};
    probe_step(&probe, &(struct relay_event){.kind = RELAY_CHECKED,
                           .frame = {.link = link,
                               .frame = &push,
                               .bytes = (uint32_t)frame_bytes(&push),
                               .is_genuine = is_genuine,
                               .cost_us = cost_us}});
}

static void push_stamped(uint32_t link, uint32_t number, uint8_t bits)
{
    probe_write(&letter, number, 0, 20);
    claim(&letter, bits, 1);
    probe_push(&probe, link, &letter);
}

static void at_rest_nobody_works(void)
{
    probe_init(&probe, &(struct relay_config){0});
    open_peer(1, 1, FEATURE_STAMP);
    const struct frame *terms = probe_sent(&probe, FRAME_TERMS);
    ok(terms && terms->terms.least == 0 && terms->terms.asked == 0 &&
            terms->terms.rate_bytes_s == LIMIT_PEER_RATE_BYTES_S,
        "a peer that opens is told the terms");
    open_peer(2, 2, 0);
    ok(!probe_sent(&probe, FRAME_TERMS), "one that knows of none is not");
    push_stamped(1, 1, 0);
    ok(probe_state(&probe, &letter) == SHELF_STORED,
        "no stamp is as good as any");
    probe_write(&letter, 2, 0, 20);
    probe_submit(&probe, &letter);
    ok(!probe_effect(&probe, RELAY_STAMP) && probe_effect(&probe, RELAY_PUSH),
        "and one's own goes out at once");
    probe_tick(&probe, ADMISSION_RAISE_MS);
    probe_tick(&probe, ADMISSION_RAISE_MS);
    probe_down(&probe, 1);
    probe_down(&probe, 2);
    ok(relay_deadline_ms(probe.relay) > probe.now_ms + 3600000,
        "a quiet relay has no beat");
    probe_free(&probe);
}

static void stamps_are_checked(void)
{
    probe_init(&probe, &(struct relay_config){0});
    open_peer(1, 1, FEATURE_STAMP);
    push_stamped(1, 1, 5);
    const struct relay_effect *check = probe_effect(&probe, RELAY_CHECK);
    ok(check && check->link == 1 && check->store.envelope == &letter.envelope &&
            probe_state(&probe, &letter) < 0,
        "a stamp is checked before anything is stored");
    answer(1, true, 1000);
    ok(probe_state(&probe, &letter) == SHELF_STORED &&
            probe_look(&probe)->stamps_checked == 1,
        "a genuine one is taken");
    probe_push(&probe, 1, &letter);
    ok(!probe_effect(&probe, RELAY_CHECK) &&
            probe_refused(&probe, REFUSAL_DUPLICATE) == 1,
        "what is known costs no check");
    push_stamped(1, 2, 5);
    answer(1, false, 1);
    ok(probe_state(&probe, &letter) < 0 &&
            probe_refused(&probe, REFUSAL_FALSE_STAMP) == 1 &&
            probe_look(&probe)->links[0].score == 1 + SCORE_FALSE_STAMP,
        "a false one costs its sender's standing");
    push_stamped(1, 3, 5);
    answer(1, false, 1);
    ok(probe_look(&probe)->link_count == 0, "and a second one its link");
    probe_free(&probe);
}

static void a_better_stamp_replaces_the_old(void)
{
    probe_init(&probe, &(struct relay_config){0});
    open_peer(1, 1, FEATURE_STAMP);
    push_stamped(1, 1, 0);
    claim(&letter, 7, 1);
    probe_push(&probe, 1, &letter);
    answer(1, true, 1000);
    ok(probe_effect(&probe, RELAY_RESTAMP) &&
            probe_effect(&probe, RELAY_RESTAMP)->store.envelope->stamp[0] ==
                7 &&
            !probe_effect(&probe, RELAY_STORE) &&
            probe_count(&probe, RELAY_PUSH) == 0,
        "a new stamp is not a new envelope");
    claim(&letter, 6, 1);
    probe_push(&probe, 1, &letter);
    ok(!probe_effect(&probe, RELAY_CHECK), "a worse one is not looked at");
    probe_free(&probe);
}

static void checks_are_bounded(void)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 1 << 28});
    for (uint8_t link = 1; link <= 3; link++)
        open_peer(link, link, FEATURE_STAMP);
    uint32_t checks = 0;
    for (uint32_t i = 0; i < 200; i++) {
        push_stamped(1, 100 + i, 30);
        if (!probe_effect(&probe, RELAY_CHECK))
            continue;
        checks++;
        answer(1, true, 10);
    }
    ok(checks == 100, "of 200 stamps of one peer at once 100 are checked");
    for (uint32_t i = 0; i < 200; i++) {
        push_stamped(2 + i % 2, 1000 + i, 30);
        if (!probe_effect(&probe, RELAY_CHECK))
            continue;
        checks++;
        answer(2 + i % 2, true, 10000);
    }
    ok(checks > 100 && checks < 100 + 25,
        "of all together no more than fit a fifth of a second");
    uint64_t before = probe_look(&probe)->stamps_checked;
    for (uint32_t i = 0; i < 1000; i++) {
        probe.now_ms += 10;
        push_stamped(2 + i % 2, 2000 + i, 30);
        if (probe_effect(&probe, RELAY_CHECK))
            answer(2 + i % 2, true, 10000);
    }
    uint64_t more = probe_look(&probe)->stamps_checked - before;
    ok(more >= 95 && more <= 105,
        "and from then on a tenth of a core: 100 of 10 ms in 10 s");
    probe_free(&probe);
}

/* Half a minute with more new mail than may come for long. */
static void press(uint32_t first)
{
    for (uint32_t i = 0; i < 300; i++) {
        probe_write(&letter, first + i, 0, 1);
        claim(&letter, 30, 1);
        probe.now_ms += 90;
        probe_push(&probe, 1, &letter);
        if (probe_effect(&probe, RELAY_CHECK))
            answer(1, true, 1);
    }
    probe_tick(&probe, ADMISSION_RAISE_MS - 27000);
}

static void pressure_raises_the_price(void)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 8192});
    open_peer(1, 1, FEATURE_STAMP);
    probe_write(&letter, 1, 0, 20);
    probe_push(&probe, 1, &letter); /* begins the beat */
    probe_tick(&probe, ADMISSION_RAISE_MS);
    ok(probe_look(&probe)->least_value == 0, "one letter is no pressure");
    unsigned beats = 0;
    const struct frame *told = NULL;
    while (probe_look(&probe)->least_value < 12 && beats++ < 40) {
        press(1000 + 1000 * beats);
        const struct frame *sent = probe_sent(&probe, FRAME_TERMS);
        told = sent ? sent : told;
    }
    ok(probe_look(&probe)->least_value == 12 && beats <= 13,
        "under pressure the least value rises by one each half minute");
    ok(told && told->terms.least == 12 && told->terms.asked >= 12,
        "and peers are told");
    probe_write(&letter, 2, 0, 20); /* worth 13 + 1 - 4 */
    probe_push(&probe, 1, &letter);
    ok(probe_state(&probe, &letter) < 0 &&
            probe_refused(&probe, REFUSAL_VALUE) == 1,
        "what is worth less is refused, and nothing worse");
    claim(&letter, 2, 1);
    probe_push(&probe, 1, &letter);
    answer(1, true, 1);
    ok(probe_state(&probe, &letter) == SHELF_STORED, "two bits make it enough");
    probe_tick(&probe, ADMISSION_RAISE_MS);
    for (int i = 0; i < 18; i++)
        probe_tick(&probe, ADMISSION_RAISE_MS);
    ok(probe_look(&probe)->least_value == 12, "it stays for ten minutes");
    for (int i = 0; i < 2; i++)
        probe_tick(&probe, ADMISSION_RAISE_MS);
    ok(probe_look(&probe)->least_value == 11, "and falls by one");
    for (int i = 0; i < 12 * 20; i++)
        probe_tick(&probe, ADMISSION_RAISE_MS);
    ok(probe_look(&probe)->least_value == 0, "down to nothing");
    probe_free(&probe);
}

static void own_letters_pay_what_is_asked(void)
{
    probe_init(&probe, &(struct relay_config){0});
    open_peer(1, 1, FEATURE_STAMP);
    open_peer(2, 2, FEATURE_STAMP);
    tell_terms(1, 14, 14);
    probe_write(&letter, 1, 1, 20); /* worth 13 - 1 - 4 */
    probe_submit(&probe, &letter);
    const struct relay_effect *stamp = probe_effect(&probe, RELAY_STAMP);
    ok(stamp && stamp->stamp.bits == 14 + 1 - 8 &&
            stamp->stamp.expires_h == letter.envelope.expires_h,
        "as many bits are made as a neighbour asks for, and one");
    ok(probe_effect(&probe, RELAY_STORE) && !probe_effect(&probe, RELAY_PUSH),
        "meanwhile the letter is safe, and stays");
    probe_submit(&probe, &letter);
    ok(!probe_effect(&probe, RELAY_STAMP), "it is made once");
    claim(&letter, 7, 1);
    struct relay_event made = {.kind = RELAY_STAMPED,
        .stamped = {.id = letter.id, .envelope = &letter.envelope}};
    probe_step(&probe, &made);
    ok(probe_effect(&probe, RELAY_RESTAMP) &&
            probe_count(&probe, RELAY_PUSH) == 2,
        "stamped, it goes out");
    probe_step(&probe, &made);
    ok(probe.effects.count == 0, "once");
    probe_write(&letter, 2, 1, 20);
    probe_push(&probe, 2, &letter);
    ok(probe_state(&probe, &letter) == SHELF_STORED &&
            probe_count(&probe, RELAY_PUSH) == 0,
        "others' mail is taken, and kept from whom it is worth too little");
    probe_tick(&probe, 600);
    ok(!probe_sent(&probe, FRAME_IHAVE), "nor is it announced there");
    probe_free(&probe);
}

static void one_peer_of_three_raises_nothing(void)
{
    probe_init(&probe, &(struct relay_config){0});
    for (uint8_t link = 1; link <= 3; link++)
        open_peer(link, link, FEATURE_STAMP);
    tell_terms(1, 40, 40);
    ok(probe_look(&probe)->asked_value == 0,
        "the highest of three is not heard");
    tell_terms(2, 6, 40);
    ok(probe_look(&probe)->asked_value == 39, "two that agree are");
    tell_terms(2, 0, 7);
    ok(probe_look(&probe)->asked_value == 6, "what is far falls by one");
    ok(!probe_sent(&probe, FRAME_TERMS), "it is not told at each word");
    probe_tick(&probe, ADMISSION_TELL_MS);
    const struct frame *terms = probe_sent(&probe, FRAME_TERMS);
    ok(terms && terms->terms.least == 0 && terms->terms.asked == 6,
        "and is passed on, but not asked of anybody");
    probe_write(&letter, 7, 0, 20);
    probe_push(&probe, 1, &letter); /* begins a beat */
    probe_tick(&probe, ADMISSION_RAISE_MS);
    ok(!probe_sent(&probe, FRAME_TERMS), "once");
    tell_terms(2, 40, 40);
    probe_write(&letter, 1, 3, 300);
    probe_submit(&probe, &letter);
    ok(probe_effect(&probe, RELAY_STAMP)->stamp.bits == LIMIT_STAMP_BITS,
        "nobody makes one work for ever");
    probe_free(&probe);
}

static void violations_show(void)
{
    struct admission admission;
    admission_init(&admission, 65536, 16, 1);
    ok(!admission_violation(&admission, 1000), "at rest all is well");
    admission.least = 3;
    admission.asked = 3;
    ok(admission_violation(&admission, 1000),
        "a price that would never fall shows");
    admission.beat_ms = 5;
    admission.asked = 2;
    ok(admission_violation(&admission, 1000), "so does one not paid oneself");
    admission.asked = 3;
    need(!admission_violation(&admission, 1000));
    /* At the end of time the sum of what may be spent is none. */
    admission.checked_us = UINT64_MAX / 2;
    const char *why = admission_violation(&admission, UINT64_MAX / 1000);
    ok(why && strcmp(why, "no stamp is checked though there is time") == 0,
        "so does rest where there is time to check");
    admission_clear(&admission);
}

/* A room of its own, without peers. */
struct alone {
    struct admission admission;
    struct peers none;
    struct relay_effects effects;
    struct turn turn;
};

static void be_alone(struct alone *alone)
{
    *alone = (struct alone){0};
    alone->turn =
        (struct turn){.peers = &alone->none, .effects = &alone->effects};
    relay_effects_init(&alone->effects);
    admission_init(&alone->admission, 65536, 16, 1);
}

static void leave(struct alone *alone)
{
    admission_clear(&alone->admission);
    relay_effects_free(&alone->effects);
}

/* Let the next beat come, without pressure from the shelf. */
static uint8_t least_after_beat(struct alone *alone)
{
    bool all;
    alone->turn.now_ms = admission_deadline_ms(&alone->admission);
    need(admission_tick(&alone->admission, &alone->turn, false, false, &all));
    return alone->admission.least;
}

static void what_was_turned_away_once_is_pressed_once(void)
{
    struct alone alone;
    be_alone(&alone);
    admission_no_room(&alone.admission, &alone.turn);
    ok(least_after_beat(&alone) == 1, "a shelf that has no room asks for more");
    ok(least_after_beat(&alone) == 1, "once for once");
    for (uint32_t i = 0; i < ADMISSION_LOWER_MS / ADMISSION_RAISE_MS; i++)
        least_after_beat(&alone);
    ok(alone.admission.least == 0 &&
            admission_deadline_ms(&alone.admission) == UINT64_MAX,
        "and for nothing when it has had room for a while");
    leave(&alone);
}

static void not_all_wait_for_stamps(void)
{
    struct alone alone;
    struct admission_waiting waiting = {0};
    const struct admission_worth worth = {.bytes = 512, .expires_h = 20};
    be_alone(&alone);
    alone.admission.asked = 5;
    probe_write(&letter, 1, 0, 20);
    for (uint32_t i = 0; i < ADMISSION_MAKING; i++) {
        need(admission_quote(&alone.admission, &alone.turn, &letter.envelope));
        memcpy(waiting.id.bytes, &i, sizeof(i));
        admission_make(&alone.admission, &alone.turn, &waiting, 5);
    }
    ok(!admission_quote(&alone.admission, &alone.turn, &letter.envelope) &&
            !admission_bid(&alone.admission, &alone.turn, &worth, 1) &&
            alone.turn.status == STATUS_OK,
        "where as many wait for stamps as may, the next does without");
    leave(&alone);
}

static void urgent_letters_go_ahead(void)
{
    probe_init(&probe, &(struct relay_config){0});
    open_peer(1, 1, 0);
    for (int urgent = 0; urgent < 2; urgent++) {
        probe_write(&letter, 1 + (uint32_t)urgent, 0, 20);
        probe_step(&probe, &(struct relay_event){.kind = RELAY_SUBMIT,
                               .submit = {.id = letter.id,
                                   .envelope = &letter.envelope,
                                   .urgent = urgent}});
        const struct relay_effect *push = probe_effect(&probe, RELAY_PUSH);
        ok(push && push->urgent == urgent,
            urgent ? "an urgent letter goes before others" : "another waits");
    }
    probe_write(&letter, 3, 0, 20);
    open_peer(2, 2, 0);
    probe_push(&probe, 2, &letter);
    ok(!probe_effect(&probe, RELAY_PUSH)->urgent, "nobody else's is urgent");
    probe_free(&probe);
}

int main(void)
{
    at_rest_nobody_works();
    stamps_are_checked();
    a_better_stamp_replaces_the_old();
    checks_are_bounded();
    pressure_raises_the_price();
    own_letters_pay_what_is_asked();
    one_peer_of_three_raises_nothing();
    what_was_turned_away_once_is_pressed_once();
    not_all_wait_for_stamps();
    urgent_letters_go_ahead();
    violations_show();
    return tap_done();
}
