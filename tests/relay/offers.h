/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_RELAY_OFFERS_H
#define TESTS_RELAY_OFFERS_H

#include "proto/limits.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

/* A relay with two peers, which tell it what they have, and what it asks them
 * for. */
enum { LIFE_H = 24, SMALL = 0, LARGE = 3, MANY = 300 };

static struct probe probe;

static inline void begin(void)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 1 << 20});
    for (uint32_t link = 1; link <= 2; link++)
        probe_open(&probe, link, (uint8_t)link);
}

static inline struct reconcile_item item_of(const struct probe_letter *of)
{
    return (struct reconcile_item){.expires_h = of->envelope.expires_h,
        .id = of->id,
        .state = ITEM_STORED};
}

/* How many the last step asks for. */
static inline size_t asked(void)
{
    const struct frame *want = probe_sent(&probe, FRAME_WANT);
    return want ? want->ids.count : 0;
}

/* That peer tells in a run of its own that it has these; the same. */
static inline size_t offer(
    uint32_t link, const struct reconcile_item *items, size_t count)
{
    static uint32_t run = 7;
    const struct reconcile_range range = {
        .bound = {.expires_h = UINT32_MAX},
        .mode = RECONCILE_REPLY,
        .item_count = count,
        .items = items,
    };
    probe_frame(&probe, link,
        &(struct frame){.type = FRAME_RECONCILE,
            .reconcile = {.run = ++run, .range_count = 1, .ranges = &range}});
    return asked();
}

static inline bool compares_with(uint32_t link)
{
    for (size_t i = 0; i < probe.effects.count; i++)
        if (probe.effects.list[i].kind == RELAY_SEND &&
            probe.effects.list[i].link == link &&
            probe.effects.list[i].frame.type == FRAME_RECONCILE)
            return true;
    return false;
}

#endif
