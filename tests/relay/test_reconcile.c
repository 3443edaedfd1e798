/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an answer parts what differs: the fewer members, the fewer parts, until
 * they are listed. */
#include "relay/reconcile.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

static struct probe probe;
static struct probe_letter letter;

/* The answer of a relay that has so many envelopes to one that has others. */
static const struct frame_reconcile *answer_of(uint32_t items)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 1 << 20});
    probe_open(&probe, 1, 1);
    for (uint32_t i = 0; i < items; i++) {
        probe_write(&letter, i, 0, 20);
        probe_push(&probe, 1, &letter);
    }
    probe_open(&probe, 2, 2);
    struct reconcile_range whole = {
        .bound = {.expires_h = UINT32_MAX}, .mode = RECONCILE_FINGERPRINT};
    struct frame run = {.type = FRAME_RECONCILE,
        .reconcile = {.run = 7, .range_count = 1, .ranges = &whole}};
    probe_frame(&probe, 2, &run);
    const struct frame *sent = probe_sent(&probe, FRAME_RECONCILE);
    return sent ? &sent->reconcile : NULL;
}

static bool all_are_fingerprints(const struct frame_reconcile *answer)
{
    for (size_t i = 0; i < answer->range_count; i++)
        if (answer->ranges[i].mode != RECONCILE_FINGERPRINT)
            return false;
    return true;
}

int main(void)
{
    const struct frame_reconcile *answer = answer_of(RECONCILE_LIST);
    ok(answer && answer->range_count == 1 &&
            answer->ranges[0].mode == RECONCILE_ITEMS &&
            answer->ranges[0].item_count == RECONCILE_LIST,
        "what is few is listed");
    probe_free(&probe);
    answer = answer_of(RECONCILE_LIST + 1);
    ok(answer && answer->range_count == (RECONCILE_LIST + 1) / RECONCILE_PART &&
            all_are_fingerprints(answer),
        "a little more is parted in a few that are worth a fingerprint each");
    probe_free(&probe);
    answer = answer_of(100);
    ok(answer && answer->range_count == 100 / RECONCILE_PART,
        "more in more of them");
    probe_free(&probe);
    answer = answer_of(1000);
    ok(answer && answer->range_count == RECONCILE_WAYS &&
            all_are_fingerprints(answer),
        "and however much there is, in no more than may be");
    probe_free(&probe);
    return tap_done();
}
