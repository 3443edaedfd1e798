/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run holds a frozen view of the set, so that what both ends say fits
 * together however the shelf goes on changing.  It names members by number;
 * numbers keep their meaning for longer than a run can last. */
#include "relay/reconcile_run.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(RUN_STEPS *RUN_SLOW_MS < CATALOG_REST_MS,
    "a run may not outlast the numbers of its view");

void reconcile_run_free(struct run **run)
{
    if (*run)
        set_view_drop((*run)->set);
    free(*run);
    *run = NULL;
}

struct run *reconcile_run_new(
    struct turn *turn, uint32_t link, uint32_t number, uint32_t round)
{
    struct run *run = calloc(1, sizeof(*run));
    if (!run) {
        turn->status = STATUS_NO_MEMORY;
        return NULL;
    }
    run->number = number;
    run->link = link;
    run->round = round;
    run->deadline_ms = turn->now_ms + RUN_ANSWER_MS;
    return run;
}

size_t reconcile_run_bytes(const struct run *run)
{
    if (!run)
        return 0;
    return sizeof(*run) + set_view_bytes(run->set);
}

void reconcile_run_send(struct turn *turn, const struct run *run,
    const struct reconcile_range *ranges, size_t count)
{
    turn_send(turn, run->link, FRAME_RECONCILE)->reconcile =
        (struct frame_reconcile){
            .run = run->number,
            .round = run->round - 1,
            .range_count = count,
            .ranges = ranges,
        };
}

void reconcile_run_open(
    struct turn *turn, struct run *run, const struct set_sum *whole)
{
    struct reconcile_range *range = turn_alloc(turn, sizeof(*range));
    if (!range)
        return;
    *range = (struct reconcile_range){
        .bound = set_end(), .mode = RECONCILE_FINGERPRINT};
    set_fingerprint(whole, range->fingerprint);
    reconcile_run_send(turn, run, range, 1);
}

bool reconcile_run_is_equal(
    const struct frame_reconcile *frame, const struct set_sum *whole)
{
    struct reconcile_bound end = set_end();
    if (frame->range_count != 1 ||
        frame->ranges[0].mode != RECONCILE_FINGERPRINT ||
        set_compare(&frame->ranges[0].bound, &end) != 0)
        return false;
    uint8_t ours[SET_FINGERPRINT_BYTES];
    set_fingerprint(whole, ours);
    return memcmp(ours, frame->ranges[0].fingerprint, sizeof(ours)) == 0;
}
