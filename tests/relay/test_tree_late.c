/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time that a push is given by the tree, after it was announced: as long as
 * the way to who announced it is, and as the tree was late. */
#include "relay/tree.h"

#include "tests/relay/probe.h"
#include "tests/tap.h"

static struct probe probe;
static struct probe_letter letter;

static void begin(uint32_t peers)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 1 << 30});
    for (uint32_t link = 1; link <= peers; link++)
        probe_open_with(&probe, link, FEATURE_TREE);
}

/* That link pushes letter number so. */
static void push(uint32_t link, uint32_t number)
{
    probe_write(&letter, number, 0, 24);
    probe_push(&probe, link, &letter);
}

static void list(uint32_t link, enum frame_type type, uint32_t number)
{
    probe_write(&letter, number, 0, 24);
    struct frame frame = {.type = type, .ids = {1, &letter.id}};
    probe_frame(&probe, link, &frame);
}

/* Whether the last step sent that frame to that link, with the letter's id
 * where it has ids. */
static bool sends(enum frame_type type, uint32_t link)
{
    for (size_t i = 0; i < probe.effects.count; i++) {
        const struct relay_effect *effect = &probe.effects.list[i];
        if (effect->kind != RELAY_SEND || effect->link != link ||
            effect->frame.type != type)
            continue;
        if (!frame_has_ids(type))
            return true;
        for (size_t j = 0; j < effect->frame.ids.count; j++)
            if (envelope_id_equal(&effect->frame.ids.ids[j], &letter.id))
                return true;
    }
    return false;
}

/* How long it takes until that link is asked for the letter. */
static uint64_t asked_after_ms(uint32_t link)
{
    uint64_t from_ms = probe.now_ms;
    while (probe.now_ms < from_ms + 3 * TREE_PATIENCE_MS) {
        probe_tick(&probe, 10);
        if (sends(FRAME_GRAFT, link) || sends(FRAME_WANT, link))
            break;
    }
    return probe.now_ms - from_ms;
}

/* That link's round trip is measured. */
static void measure(uint32_t link, uint64_t rtt_ms)
{
    for (int i = 0; i < 100 && !sends(FRAME_PING, link); i++)
        probe_tick(&probe, 1000);
    for (size_t i = 0; i < probe.effects.count; i++) {
        const struct relay_effect *effect = &probe.effects.list[i];
        if (effect->kind != RELAY_SEND || effect->link != link ||
            effect->frame.type != FRAME_PING)
            continue;
        const struct frame pong = {
            .type = FRAME_PONG, .ping = effect->frame.ping};
        probe.now_ms += rtt_ms;
        probe_frame(&probe, link, &pong);
        return;
    }
}

static void a_long_way_is_given_its_time(void)
{
    begin(1);
    measure(1, 300);
    probe_open_with(&probe, 2, FEATURE_TREE);
    list(1, FRAME_IHAVE, 1);
    list(2, FRAME_IHAVE, 1);
    ok(asked_after_ms(2) == 1200,
        "a push is waited for as long as four round trips to who announced it");
    ok(asked_after_ms(1) == TREE_AGAIN_MS,
        "the next is asked when the first does not answer");
    list(1, FRAME_IHAVE, 2);
    need(asked_after_ms(1) == 1200);
    list(2, FRAME_IHAVE, 2);
    ok(asked_after_ms(2) == 600, "after two round trips to him");
    probe_free(&probe);
}

/* An announced letter comes by the tree so much later. */
static void comes_late(uint32_t number, uint64_t late_ms)
{
    list(2, FRAME_IHAVE, number);
    probe_tick(&probe, late_ms);
    push(1, number);
}

static void a_slow_tree_is_given_its_time(void)
{
    begin(2);
    list(2, FRAME_IHAVE, 1);
    need(asked_after_ms(2) == TREE_GRAFT_MS);
    comes_late(2, 200);
    list(2, FRAME_IHAVE, 3);
    ok(asked_after_ms(2) == 200 + 4 * 100,
        "where the tree was late it is given as long again, and more");
    comes_late(4, 500);
    comes_late(5, 800);
    list(2, FRAME_IHAVE, 6);
    ok(asked_after_ms(2) == TREE_PATIENCE_MS, "but no more than a second");
    probe_free(&probe);
}

/* One that comes after seconds counts as one that took all of one. */
static void one_measure_counts_no_more_than_a_second(void)
{
    enum { PROMPT = 20, LATE_MS = 3500 };
    begin(1);
    measure(1, 1000);
    probe_open_with(&probe, 2, FEATURE_TREE);
    probe_open_with(&probe, 3, FEATURE_TREE);
    list(1, FRAME_IHAVE, 1);
    probe_tick(&probe, LATE_MS);
    push(3, 1);
    list(2, FRAME_IHAVE, 2);
    need(asked_after_ms(2) == TREE_PATIENCE_MS);
    for (uint32_t i = 0; i < PROMPT; i++) {
        list(2, FRAME_IHAVE, 3 + i);
        push(3, 3 + i);
    }
    list(2, FRAME_IHAVE, 3 + PROMPT);
    ok(asked_after_ms(2) < TREE_PATIENCE_MS,
        "one that took many seconds is soon made up for");
    probe_free(&probe);
}

int main(void)
{
    a_long_way_is_given_its_time();
    a_slow_tree_is_given_its_time();
    one_measure_counts_no_more_than_a_second();
    return tap_done();
}
