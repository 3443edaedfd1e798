/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row a thing that was sent, or a second; what never came to pass leaves
 * its field empty. */
#include "sim/report_tables.h"

#include <inttypes.h>

void report_tables_metrics(FILE *file, const struct world *world)
{
    const struct samples *samples = &world->samples;
    fputs(REPORT_METRICS_COLUMNS "\n", file);
    for (size_t i = 0; i < samples->count; i++) {
        const struct sample *s = &samples->list[i];
        fprintf(file,
            "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu32 ",%" PRIu32
            ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
            ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n",
            s->second, s->nodes_up, s->links, s->sent, s->shown, s->stored,
            s->stored_bytes, s->cleared, s->frames_sent, s->frames_lost,
            s->payloads_arrived, s->payloads_new, s->sent_bytes,
            s->control_bytes, s->events);
    }
}

/* A time in milliseconds; nothing when it never came. */
static void csv_ms(FILE *file, uint64_t us)
{
    if (us != LETTERS_NEVER)
        fprintf(file, "%" PRIu64 ".%03" PRIu64, us / 1000, us % 1000);
}

void report_tables_letters(FILE *file, const struct world *world)
{
    const struct letters *letters = &world->letters;
    fputs(REPORT_LETTERS_COLUMNS "\n", file);
    for (uint32_t i = 0; i < letters->count; i++) {
        const struct letter_fate *fate = &letters->list[i];
        fprintf(file, "%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",", i,
            fate->from, fate->to, fate->text_bytes);
        csv_ms(file, fate->sent_us);
        fputc(',', file);
        csv_ms(file, fate->shown_us);
        fputc(',', file);
        csv_ms(file, fate->receipt_us);
        fputc(',', file);
        if (fate->shown_us != LETTERS_NEVER)
            csv_ms(file, fate->shown_us - fate->sent_us);
        fputc('\n', file);
    }
}

/* What nobody was shown ends its row with two empty fields. */
static void csv_shown(FILE *file, uint64_t sent_us, uint64_t shown_us)
{
    csv_ms(file, shown_us);
    fputc(',', file);
    if (shown_us != LETTERS_NEVER)
        csv_ms(file, shown_us - sent_us);
    fputc('\n', file);
}

static void write_group_letter(
    FILE *file, const struct circles *circles, uint32_t index)
{
    const struct circle_letter *letter = &circles->letters[index];
    for (uint32_t place = 0; place < circles->size; place++) {
        if (place == letter->writer)
            continue;
        fprintf(file,
            "%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",",
            index, letter->circle,
            circles_member(circles, letter->circle, letter->writer),
            circles_member(circles, letter->circle, place), letter->text_bytes);
        csv_ms(file, letter->sent_us);
        fputc(',', file);
        csv_shown(file, letter->sent_us,
            circles_copy(circles, index, place)->shown_us);
    }
}

void report_tables_groups(FILE *file, const struct world *world)
{
    const struct circles *circles = &world->circles;
    fputs(REPORT_GROUPS_COLUMNS "\n", file);
    for (uint32_t i = 0; i < circles->letter_count; i++)
        write_group_letter(file, circles, i);
}

void report_tables_files(FILE *file, const struct world *world)
{
    const struct shipments *shipments = &world->shipments;
    fputs(REPORT_FILES_COLUMNS "\n", file);
    for (uint32_t i = 0; i < shipments->count; i++) {
        const struct shipment *shipment = &shipments->list[i];
        fprintf(file, "%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",", i,
            shipment->from, shipment->to, shipment->bytes);
        csv_ms(file, shipment->sent_us);
        fputc(',', file);
        csv_ms(file, shipment->receipt_us);
        fputc(',', file);
        csv_shown(file, shipment->sent_us, shipment->whole_us);
    }
}
