/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer that gives what it announced has kept its promise, though it is
 * refused for coming too fast; and what was refused is found by comparing. */
#include "relay/reconcile.h"
#include "relay/tree.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

enum { LIFE_H = 24, ENOUGH = 1000 };

static struct probe probe;
static struct probe_letter promised[TREE_BROKEN], letter;
static int32_t before;

static bool sends(enum frame_type type)
{
    return probe_sent(&probe, type) != NULL;
}

/* Peer 1 says that of all that it will bring; what it is thought of then. */
static void promise(enum frame_type type)
{
    for (uint32_t i = 0; i < TREE_BROKEN; i++) {
        struct envelope_id id = promised[i].id;
        probe_frame(&probe, 1, &(struct frame){.type = type, .ids = {1, &id}});
    }
    probe_tick(&probe, TREE_PATIENCE_MS);
    need(sends(FRAME_GRAFT) || sends(FRAME_WANT));
    before = probe_look(&probe)->links[0].score;
}

static void begin(void)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 1 << 10});
    for (uint32_t link = 1; link <= 2; link++)
        probe_open_with(&probe, link, FEATURE_TREE | FEATURE_STAMP);
    for (uint32_t i = 0; i < TREE_BROKEN; i++)
        probe_write(&promised[i], i, 0, LIFE_H);
}

/* Nothing more comes of what was asked for. */
static bool is_blamed(void)
{
    for (uint32_t i = 0; i < 2 * TREE_TRIES; i++)
        probe_tick(&probe, TREE_AGAIN_MS);
    return probe_look(&probe)->links[0].score < before;
}

static void who_never_gives_is_blamed(void)
{
    begin();
    promise(FRAME_IHAVE);
    ok(is_blamed(), "who announces and never gives is thought less of");
    probe_free(&probe);
}

static void who_pushes_too_much_has_given(void)
{
    begin();
    promise(FRAME_IHAVE);
    probe_write(&letter, ENOUGH, ENVELOPE_CLASS_COUNT - 1, LIFE_H);
    probe_push(&probe, 1, &letter);
    need(probe_state(&probe, &letter) == SHELF_STORED);
    for (uint32_t i = 0; i < TREE_BROKEN; i++)
        probe_push(&probe, 1, &promised[i]);
    need(probe_refused(&probe, REFUSAL_RATE) == TREE_BROKEN);
    ok(!is_blamed(), "but not who gives it beside more than may come");
    probe_tick(&probe, RECONCILE_PAUSE_MS);
    ok(sends(FRAME_RECONCILE), "which is found by comparing");
    probe_free(&probe);
}

/* A stamp as it is claimed; whether it is genuine nobody says. */
static void push_stamped(struct probe_letter *of)
{
    enum { BITS = 4 };
    of->bytes[ENVELOPE_AT_STAMP] = of->envelope.stamp[0] = BITS;
    probe_push(&probe, 1, of);
}

static void whose_stamps_are_too_many_has_given(void)
{
    begin();
    promise(FRAME_IHAVE);
    for (uint32_t i = 0; probe_refused(&probe, REFUSAL_RATE) == 0; i++) {
        need(i < ENOUGH);
        probe_write(&letter, ENOUGH + i, 0, LIFE_H);
        push_stamped(&letter);
    }
    for (uint32_t i = 0; i < TREE_BROKEN; i++)
        push_stamped(&promised[i]);
    need(probe_refused(&probe, REFUSAL_RATE) == 1 + TREE_BROKEN);
    ok(!is_blamed(), "nor beside more stamps than are looked at");
    probe_free(&probe);
}

static void who_brings_too_many_receipts_has_given(void)
{
    begin();
    for (uint32_t i = 0; i < TREE_BROKEN; i++)
        probe_push(&probe, 2, &promised[i]);
    promise(FRAME_CLEARED);
    for (uint32_t i = 0; probe_refused(&probe, REFUSAL_RATE) == 0; i++) {
        need(i < ENOUGH);
        probe_write(&letter, ENOUGH + i, 0, LIFE_H);
        probe_receipt(&probe, 1, &letter, true);
    }
    for (uint32_t i = 0; i < TREE_BROKEN; i++)
        probe_receipt(&probe, 1, &promised[i], true);
    need(probe_refused(&probe, REFUSAL_RATE) == 1 + TREE_BROKEN);
    ok(!is_blamed(), "nor beside more receipts");
    probe_free(&probe);
}

int main(void)
{
    who_never_gives_is_blamed();
    who_pushes_too_much_has_given();
    whose_stamps_are_too_many_has_given();
    who_brings_too_many_receipts_has_given();
    return tap_done();
}
