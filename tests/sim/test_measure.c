/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures held against figures worked out by hand. */
#include <stdio.h>
#include <string.h>

#include "proto/limits.h"
#include "sim/measure.h"
#include "sim/units.h"
#include "tests/tap.h"

enum { LETTERS = 10 };

static struct letters make_letters(void)
{
    static const uint32_t homes[] = {0, 1, 2, 3};
    struct scenario scenario = {.letters = LETTERS,
        .pairs = 2,
        .seed = 1,
        .text_least = 16,
        .lifetime_us = HOUR_S * SECOND_US};
    struct letters letters;
    need(letters_init(&letters, &scenario, homes, 4) == STATUS_OK);
    for (uint32_t i = 0; i < LETTERS; i++) {
        char id[CONTROL_MESSAGE_ID_CHARS + 1];
        snprintf(id, sizeof(id), "%032x", i);
        need(letters_sent(&letters, i, id, SECOND_US) == STATUS_OK);
    }
    /* Eight arrive, after 1 to 8 seconds; letters 8 and 9 never do. */
    for (uint32_t i = 0; i < 8; i++)
        letters_shown(&letters, i, (i + 2) * SECOND_US);
    letters_shown(&letters, 0, 50 * SECOND_US);
    return letters;
}

int main(void)
{
    struct letters letters = make_letters();
    struct counts counts = {.payloads_arrived = 45,
        .payloads_new = 36,
        .sent_bytes = 4000,
        .control_bytes = 1000,
        .shelf_peak_bytes = 512,
        .events = 99};
    struct measures m;
    need(measure(&letters, &counts, 4, 11 * SECOND_US, &m) == STATUS_OK);
    ok(m.values[METRIC_DELIVERED] == 800000 && m.missed == 2,
        "delivered: 8 of 10, the one shown again counted once");
    ok(m.values[METRIC_LATENCY_P50] == 4 * SECOND_US, "p50: the 4th of 8");
    ok(m.values[METRIC_LATENCY_P90] == 8 * SECOND_US, "p90: the 8th of 8");
    ok(m.values[METRIC_LATENCY_P99] == 8 * SECOND_US, "p99: the 8th too");
    ok(m.values[METRIC_LATENCY_LAST] == 8 * SECOND_US, "last: 8 s");
    /* (1 + 2 + ... + 8 + 10 + 10) / 10: two had 10 s until the end. */
    ok(m.values[METRIC_LATENCY_MEAN] == 5600000,
        "mean: what did not arrive counts with the time it had");
    ok(m.values[METRIC_REDUNDANCY] == 250000, "redundancy: 45 / 36 - 1");
    counts.early_arrived = 20;
    counts.early_new = 16;
    counts.held_bytes = 300;
    counts.alone_bytes = 1200;
    need(measure(&letters, &counts, 4, 11 * SECOND_US, &m) == STATUS_OK);
    ok(m.values[METRIC_REDUNDANCY] == 250000 &&
            m.values[METRIC_SHELF_SHARE] == 250000,
        "without what came before the mesh had settled: 25 / 20 - 1; and a "
        "quarter of what expiry alone would leave");
    counts.early_new = 15;
    need(measure(&letters, &counts, 4, 11 * SECOND_US, &m) == STATUS_OK);
    ok(m.values[METRIC_REDUNDANCY] == 190476, "25 / 21 - 1");
    ok(m.values[METRIC_NODE_BYTES] == 1000, "bytes a node: 4000 / 4");
    ok(m.values[METRIC_CONTROL_BYTES] == 1000 &&
            m.values[METRIC_SHELF_BYTES] == 512 &&
            m.values[METRIC_EVENTS] == 99,
        "and the plain counts");
    /* (1 + 2 + ... + 8 + 3600 + 3600) / 10 */
    need(measure(&letters, &counts, 4, 9999 * SECOND_US, &m) == STATUS_OK);
    ok(m.values[METRIC_LATENCY_MEAN] == 723600000,
        "no letter counts with more than its lifetime");
    struct expectation least = {
        .metric = METRIC_DELIVERED, .at_least = true, .value = 800000};
    struct expectation most = {
        .metric = METRIC_LATENCY_P50, .value = 4 * SECOND_US - 1};
    ok(measures_meet(&m, &least) && !measures_meet(&m, &most),
        "expectations hold at their bound and fail past it");
    letters.list[7].shown_us = SECOND_US + HOUR_US;
    need(measure(&letters, &counts, 4, 9999 * SECOND_US, &m) == STATUS_OK);
    ok(m.values[METRIC_DELIVERED] == 800000,
        "to its last moment one is in time");
    letters.list[7].shown_us++;
    need(measure(&letters, &counts, 4, 9999 * SECOND_US, &m) == STATUS_OK);
    ok(m.values[METRIC_DELIVERED] == 700000, "and then it is late");
    letters_clear(&letters);
    return tap_done();
}
