/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a peer has and we lack: asked for in batches, of another where the first
 * does not give it, and not asked for where it would not be kept. */
#include "relay/wants.h"

#include "proto/limits.h"
#include "relay/reconcile.h"
#include "tests/relay/offers.h"

static struct probe_letter letter;

/* Whether that peer is asked for the letter when it tells that it has it. */
static bool is_wanted_of(uint32_t link)
{
    const struct reconcile_item item = item_of(&letter);
    return offer(link, &item, 1) == 1 &&
           probe_effect(&probe, RELAY_SEND)->link == link;
}

static void who_is_gone_owes_nothing(void)
{
    begin();
    probe_write(&letter, 1, SMALL, LIFE_H);
    need(is_wanted_of(1));
    probe_down(&probe, 1);
    probe_tick(&probe, 2 * RECONCILE_PAUSE_MS);
    ok(compares_with(2), "when it is gone, others are compared with");
    ok(is_wanted_of(2), "and asked for what it owed");
    probe_open(&probe, 9, 2);
    need(probe_refused(&probe, REFUSAL_LINK) == 1);
    ok(is_wanted_of(9), "or the same is, on a new link");
    probe_free(&probe);
}

static void what_does_not_come_is_given_up(void)
{
    begin();
    probe_write(&letter, 1, SMALL, LIFE_H);
    need(is_wanted_of(1));
    probe_tick(&probe, WANTS_ANSWER_MS - 1);
    ok(!is_wanted_of(2), "what one owes is asked of no other");
    probe_tick(&probe, 1);
    ok(is_wanted_of(2), "what did not come is asked of another");
    probe_tick(&probe, 2 * RECONCILE_PAUSE_MS);
    ok(compares_with(1), "and who owed it is compared with again");
    probe_free(&probe);
}

static void what_would_not_be_kept_is_not_wanted(void)
{
    begin();
    probe_write(&letter, 1, SMALL, LIFE_H);
    ok(is_wanted_of(1), "what lives is asked for");
    probe_write(&letter, 2, SMALL, -2);
    ok(!is_wanted_of(2), "not what has expired");
    probe_write(&letter, 3, SMALL, LIMIT_ENVELOPE_LIFE_H + LIFE_H);
    ok(!is_wanted_of(2), "nor what lives longer than may be");
    probe_free(&probe);
}

/* In each of the first two batches the first letter alone is large. */
static void batches_suppose_the_largest_of_the_last(void)
{
    enum { MAKES = WANTS_BATCH_BYTES / LIMIT_ENVELOPE_BYTES };
    static struct reconcile_item items[MANY];
    static struct probe_letter letters[3 * MAKES];
    begin();
    for (uint32_t i = 0; i < MANY; i++) {
        struct probe_letter *of = i < 3 * MAKES ? &letters[i] : &letter;
        probe_write(
            of, i, i % MAKES == 0 && i < 2 * MAKES ? LARGE : SMALL, LIFE_H);
        items[i] = item_of(of);
    }
    size_t first = offer(1, items, MANY);
    for (uint32_t i = 0; i < MAKES; i++)
        probe_push(&probe, 1, &letters[i]);
    probe_tick(&probe, WANTS_PAUSE_MS);
    size_t second = asked();
    for (uint32_t i = MAKES; i < 2 * MAKES; i++)
        probe_push(&probe, 1, &letters[i]);
    probe_tick(&probe, WANTS_PAUSE_MS);
    size_t third = asked();
    for (uint32_t i = 2 * MAKES; i < 3 * MAKES; i++)
        probe_push(&probe, 1, &letters[i]);
    probe_tick(&probe, WANTS_PAUSE_MS);
    size_t fourth = asked();
    ok(first == MAKES && second == MAKES && third == MAKES,
        "as many are asked for as a batch holds if all are as the largest was");
    ok(fourth > 50, "of the last batch, and none before");
    probe_free(&probe);
}

static void a_receipt_is_an_answer(void)
{
    struct reconcile_item items[3];
    begin();
    for (uint32_t i = 0; i < 3; i++) {
        probe_write(&letter, i, SMALL, LIFE_H);
        items[i] = item_of(&letter);
    }
    need(offer(1, items, 3) == 2);
    for (uint32_t i = 0; i < 2; i++) {
        probe_write(&letter, i, SMALL, LIFE_H);
        probe_receipt(&probe, 1, &letter, true);
    }
    probe_tick(&probe, WANTS_PAUSE_MS);
    ok(asked() == 1, "what is over is owed no more");
    probe_free(&probe);
}

/* It has brought more than may come at once, so its push would be refused. */
static void who_may_bring_no_more_is_not_asked(void)
{
    bool is_asked = false;
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 1 << 10});
    for (uint32_t link = 1; link <= 2; link++)
        probe_open(&probe, link, (uint8_t)link);
    probe_write(&letter, 1, LARGE, LIFE_H);
    probe_push(&probe, 1, &letter);
    need(probe_state(&probe, &letter) == SHELF_STORED);
    probe_write(&letter, 5000, SMALL, LIFE_H);
    struct envelope_id id = letter.id;
    for (uint32_t link = 1; link <= 2; link++) {
        probe_frame(&probe, link,
            &(struct frame){.type = FRAME_IHAVE, .ids = {1, &id}});
        for (int i = 0; i < 4; i++) {
            is_asked |= probe_sent(&probe, FRAME_GRAFT) != NULL;
            probe_tick(&probe, 250);
        }
        ok(is_asked == (link == 2), link == 2 ? "but another is"
                                              : "who may bring no more is not "
                                                "asked for what it announces");
    }
    probe_free(&probe);
}

static void one_answer_has_an_end(void)
{
    enum { ASKED = 10, ANSWERED = 192 * 1024 / LIMIT_ENVELOPE_BYTES };
    struct envelope_id ids[ASKED];
    begin();
    for (uint32_t i = 0; i < ASKED; i++) {
        probe_write(&letter, i, LARGE, LIFE_H);
        probe_submit(&probe, &letter);
        ids[i] = letter.id;
    }
    const struct frame want = {.type = FRAME_WANT, .ids = {ASKED, ids}};
    probe_frame(&probe, 1, &want);
    ok(probe_count(&probe, RELAY_PUSH) == ANSWERED,
        "what is asked for at once is answered in part");
    const struct frame terms = {
        .type = FRAME_TERMS, .terms = {.least = 20, .asked = 20}};
    probe_frame(&probe, 2, &terms);
    probe_frame(&probe, 2, &want);
    ok(probe_count(&probe, RELAY_PUSH) == 0,
        "and what is worth too little to who asks is not given");
    probe_free(&probe);
}

static void service_has_an_end(void)
{
    enum { TIMES = 1000 };
    uint64_t bytes = 0;
    begin();
    probe_write(&letter, 1, LARGE, LIFE_H);
    probe_submit(&probe, &letter);
    struct envelope_id id = letter.id;
    const struct frame want = {.type = FRAME_WANT, .ids = {1, &id}};
    for (int i = 0; i < TIMES && !probe_refused(&probe, REFUSAL_RATE); i++) {
        probe_frame(&probe, 1, &want);
        bytes += probe_count(&probe, RELAY_PUSH) * LIMIT_ENVELOPE_BYTES;
    }
    ok(probe_refused(&probe, REFUSAL_RATE) == 1 && bytes >= 4 << 20 &&
            bytes <= 5 << 20,
        "a peer is served so much at once and no more");
    probe_frame(&probe, 2, &want);
    ok(probe_count(&probe, RELAY_PUSH) == 1, "which is its own affair");
    probe_tick(&probe, 1000);
    probe_frame(&probe, 1, &want);
    ok(probe_count(&probe, RELAY_PUSH) == 1, "and passes");
    probe_free(&probe);
}

int main(void)
{
    who_is_gone_owes_nothing();
    what_does_not_come_is_given_up();
    what_would_not_be_kept_is_not_wanted();
    batches_suppose_the_largest_of_the_last();
    a_receipt_is_an_answer();
    who_may_bring_no_more_is_not_asked();
    one_answer_has_an_end();
    service_has_an_end();
    return tap_done();
}
