/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_RELAY_RUNS_H
#define TESTS_RELAY_RUNS_H

#include <string.h>

#include "relay/reconcile.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

/* A relay that is compared with: what its peers say in runs, and what it
 * answers. */
enum {
    BRINGS = 1, /* a link whose peer has brought all that is here */
    ASKS = 2,   /* one whose peer begins a run */
    ASKED = 3,  /* one that was dialled: a run begins here */
    RUN = 7,
};

static struct probe probe;
static struct probe_letter letter;

/* A relay of that kind, which has so many envelopes. */
static inline void begin_as(const struct relay_config *config, uint32_t letters)
{
    probe_init(&probe, config);
    probe_open(&probe, BRINGS, BRINGS);
    for (uint32_t i = 0; i < letters; i++) {
        probe_write(&letter, i, 0, 20);
        probe_push(&probe, BRINGS, &letter);
    }
}

static inline void begin(uint32_t letters)
{
    begin_as(&(struct relay_config){.push_rate_bytes_s = 1 << 20}, letters);
}

/* A node that a person named answers its dial. */
static inline void dial(uint8_t number)
{
    probe_connect(&probe, number, ORIGIN_PERSON);
    const struct relay_effect *effect = probe_effect(&probe, RELAY_DIAL);
    need(effect);
    probe_dialled(&probe, number, number, effect->dial.target);
    probe_hello(&probe, number, number);
}

/* Say one range that goes up to the end. */
static inline void say(
    uint32_t link, uint32_t run, uint32_t round, struct reconcile_range range)
{
    range.bound = set_end();
    const struct frame frame = {.type = FRAME_RECONCILE,
        .reconcile = {
            .run = run, .round = round, .range_count = 1, .ranges = &range}};
    probe_frame(&probe, link, &frame);
}

/* Say that the whole set is so, in that run and round. */
static inline void say_whole(
    uint32_t link, uint32_t run, uint32_t round, const uint8_t *fingerprint)
{
    struct reconcile_range whole = {.mode = RECONCILE_FINGERPRINT};
    if (fingerprint)
        memcpy(whole.fingerprint, fingerprint, sizeof(whole.fingerprint));
    say(link, run, round, whole);
}

/* End that run. */
static inline void say_end(uint32_t link, uint32_t run, uint32_t round)
{
    const struct frame frame = {
        .type = FRAME_RECONCILE, .reconcile = {.run = run, .round = round}};
    probe_frame(&probe, link, &frame);
}

/* What the last step answered; NULL: nothing. */
static inline const struct frame_reconcile *answer(void)
{
    const struct frame *sent = probe_sent(&probe, FRAME_RECONCILE);
    return sent ? &sent->reconcile : NULL;
}

static inline bool is_end(const struct frame_reconcile *frame)
{
    return frame && frame->range_count == 0;
}

#endif
