/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integers throughout: shares in parts per million, times in microseconds.  A
 * percentile is the least value that at least that share of the letters does
 * not exceed (nearest rank), so it is always some letter's own. */
#include "sim/measure.h"

#include <stdlib.h>

#include "base/number.h"
#include "sim/units.h"

bool counts_may_renew(const struct envelope_id *id)
{
    return number_word(id->bytes) <= UINT64_MAX / COUNTS_RENEW;
}

enum status samples_add(struct samples *samples, uint64_t second,
    const struct counts *counts, uint32_t sent, uint32_t shown)
{
    if (samples->count == samples->capacity) {
        size_t capacity = samples->capacity ? samples->capacity * 2 : 256;
        struct sample *list =
            realloc(samples->list, capacity * sizeof(*samples->list));
        if (!list)
            return STATUS_NO_MEMORY;
        samples->list = list;
        samples->capacity = capacity;
    }
    samples->list[samples->count++] = (struct sample){
        .second = second,
        .nodes_up = counts->nodes_up,
        .links = counts->links,
        .sent = sent,
        .shown = shown,
        .stored = counts->stored,
        .stored_bytes = counts->stored_bytes,
        .cleared = counts->cleared,
        .frames_sent = counts->frames_sent,
        .frames_lost = counts->frames_lost,
        .payloads_arrived = counts->payloads_arrived,
        .payloads_new = counts->payloads_new,
        .sent_bytes = counts->sent_bytes,
        .control_bytes = counts->control_bytes,
        .events = counts->events,
    };
    return STATUS_OK;
}

void samples_clear(struct samples *samples)
{
    free(samples->list);
    *samples = (struct samples){0};
}

static int compare_times(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static uint64_t percentile(const uint64_t *sorted, size_t count, size_t share)
{
    return count ? sorted[(count * share + 99) / 100 - 1] : 0;
}

/* The time that a letter had to arrive: its lifetime, or less when the run
 * ended first. */
static uint64_t time_given(const struct letter_fate *fate, uint64_t end_us)
{
    uint64_t lifetime_us = fate->life_h * HOUR_US;
    uint64_t rest = end_us - fate->sent_us;
    return rest < lifetime_us ? rest : lifetime_us;
}

void measure_percentiles(uint64_t *times, size_t count, uint64_t *out)
{
    qsort(times, count, sizeof(*times), compare_times);
    out[0] = percentile(times, count, 50);
    out[1] = percentile(times, count, 90);
    out[2] = percentile(times, count, 99);
    out[3] = percentile(times, count, 100);
}

/* Returns how many arrived in time. */
static uint64_t measure_latency(const struct letters *letters, uint64_t end_us,
    uint64_t *times, struct measures *out)
{
    size_t shown = 0;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < letters->count; i++) {
        const struct letter_fate *fate = &letters->list[i];
        if (fate->shown_us != LETTERS_NEVER && !letters_is_late(fate))
            sum += times[shown++] = fate->shown_us - fate->sent_us;
        else if (fate->sent_us != LETTERS_NEVER)
            sum += time_given(fate, end_us);
    }
    uint64_t *values = out->values;
    values[METRIC_DELIVERED] =
        letters->count ? shown * PPM / letters->count : PPM;
    measure_percentiles(times, shown, &values[METRIC_LATENCY_P50]);
    values[METRIC_LATENCY_MEAN] = letters->sent ? sum / letters->sent : 0;
    return shown;
}

/* What is over all that was sent and came. */
static void measure_together(const struct counts *counts, struct measures *out)
{
    uint64_t *values = out->values;
    values[METRIC_OVERHEAD] =
        out->came > 0 && counts->payloads_arrived > out->came
            ? (counts->payloads_arrived - out->came) * PPM / out->came
            : 0;
    values[METRIC_STAMP_WORK] = out->sent ? counts->stamps_us / out->sent : 0;
}

enum status measure(const struct letters *letters, const struct counts *counts,
    uint32_t nodes, uint64_t end_us, struct measures *out)
{
    uint64_t *times = malloc((letters->count + 1) * sizeof(*times));
    if (!times)
        return STATUS_NO_MEMORY;
    *out = (struct measures){.missed = letters->count - letters->shown};
    out->came = measure_latency(letters, end_us, times, out);
    out->sent = letters->sent;
    free(times);
    uint64_t *values = out->values;
    uint64_t fresh = counts->payloads_new - counts->early_new;
    uint64_t arrived = counts->payloads_arrived - counts->early_arrived;
    values[METRIC_REDUNDANCY] =
        fresh > 0 && arrived > fresh ? (arrived - fresh) * PPM / fresh : 0;
    values[METRIC_SHELF_SHARE] =
        counts->alone_bytes ? (uint64_t)((unsigned __int128)counts->held_bytes *
                                         PPM / counts->alone_bytes)
                            : 0;
    values[METRIC_CATCHUP_BYTES] =
        counts->catchup_new ? counts->catchup_bytes / counts->catchup_new
                            : counts->catchup_bytes;
    values[METRIC_CATCHUP_TRIPS] = counts->catchup_trips;
    measure_together(counts, out);
    values[METRIC_CONFIRMED] =
        letters->shown ? letters->receipts * PPM / letters->shown : PPM;
    values[METRIC_EVENTS] = counts->events;
    values[METRIC_CONTROL_BYTES] = counts->control_bytes;
    values[METRIC_NODE_BYTES] = counts->sent_bytes / nodes;
    values[METRIC_SHELF_BYTES] = counts->shelf_peak_bytes;
    return STATUS_OK;
}

/* Into times, which has room for all copies; returns how many came in time. */
static size_t copies_in_time(const struct circles *circles, uint64_t *times)
{
    size_t shown = 0;
    for (uint32_t i = 0; i < circles->letter_count; i++) {
        const struct circle_letter *letter = &circles->letters[i];
        uint64_t end_us = letter->sent_us + letter->life_h * HOUR_US;
        for (uint32_t place = 0; place < circles->size; place++) {
            const struct circle_copy *copy = circles_copy(circles, i, place);
            if (copy->shown_us != LETTERS_NEVER && copy->shown_us <= end_us)
                times[shown++] = copy->shown_us - letter->sent_us;
        }
    }
    return shown;
}

static size_t files_in_time(const struct shipments *shipments, uint64_t *times)
{
    size_t whole = 0;
    for (uint32_t i = 0; i < shipments->count; i++) {
        const struct shipment *shipment = &shipments->list[i];
        if (shipment->whole_us != LETTERS_NEVER && !shipments_is_late(shipment))
            times[whole++] = shipment->whole_us - shipment->sent_us;
    }
    return whole;
}

enum status measure_more(const struct circles *circles,
    const struct shipments *shipments, const struct counts *counts,
    struct measures *out)
{
    size_t copies = (size_t)circles->letter_count * circles->size;
    uint64_t *values = out->values, wanted = circles_copies(circles);
    uint64_t *times = malloc((copies + shipments->count + 1) * sizeof(*times));
    if (!times)
        return STATUS_NO_MEMORY;
    size_t shown = copies_in_time(circles, times);
    measure_percentiles(times, shown, &values[METRIC_GROUP_LATENCY_P50]);
    values[METRIC_GROUP_DELIVERED] = wanted ? shown * PPM / wanted : PPM;
    size_t whole = files_in_time(shipments, times);
    measure_percentiles(times, whole, &values[METRIC_FILE_LATENCY_P50]);
    values[METRIC_FILE_DELIVERED] =
        shipments->count ? whole * PPM / shipments->count : PPM;
    free(times);
    out->came += shown + whole;
    out->sent += circles->sent + shipments->sent;
    measure_together(counts, out);
    return STATUS_OK;
}

bool measures_meet(
    const struct measures *measures, const struct expectation *expectation)
{
    uint64_t value = measures->values[expectation->metric];
    return expectation->at_least ? value >= expectation->value
                                 : value <= expectation->value;
}
