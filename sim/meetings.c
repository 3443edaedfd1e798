/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The format is that of the ONE (Keranen, Ott, Karkkainen 2009), in which most
 * published traces can be had.  Who is in touch is kept while reading, in a
 * table of pairs, since a trace that contradicts itself would silently measure
 * something else. */
#include "sim/meetings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "sim/blame.h"
#include "sim/input.h"

enum status meetings_add(
    struct meetings *meetings, const struct meeting *meeting)
{
    if (meetings->count == meetings->capacity) {
        size_t capacity = meetings->capacity ? meetings->capacity * 2 : 1024;
        struct meeting *list =
            realloc(meetings->list, capacity * sizeof(*list));
        if (!list)
            return STATUS_NO_MEMORY;
        meetings->list = list;
        meetings->capacity = capacity;
    }
    meetings->list[meetings->count++] = *meeting;
    uint32_t most =
        meeting->one > meeting->other ? meeting->one : meeting->other;
    if (most >= meetings->nodes)
        meetings->nodes = most + 1;
    return STATUS_OK;
}

void meetings_clear(struct meetings *meetings)
{
    free(meetings->list);
    *meetings = (struct meetings){0};
}

/* "seconds CONN a b up|down".  False when the line is anything else. */
static bool parse(char *line, struct meeting *out)
{
    enum { WORDS = 5 };
    char *words[WORDS];
    struct meeting meeting;
    uint32_t one, other;
    if (input_words(line, words, WORDS) != WORDS ||
        !input_seconds(words[0], &meeting.at_us) ||
        strcmp(words[1], "CONN") != 0 || !input_number(words[2], &one) ||
        !input_number(words[3], &other) || one == other ||
        one >= SCENARIO_NODES_MAXIMUM || other >= SCENARIO_NODES_MAXIMUM)
        return false;
    meeting.one = one < other ? one : other;
    meeting.other = one < other ? other : one;
    meeting.meets = !strcmp(words[4], "up");
    *out = meeting;
    return meeting.meets || !strcmp(words[4], "down");
}

struct pair {
    uint32_t one;
    uint32_t other;
};

static enum status take(struct input *input, struct meetings *meetings,
    struct table *in_touch, char *line, struct complaint *complaint)
{
    struct meeting meeting;
    if (!parse(line, &meeting))
        return input_reject(input, complaint,
            "must be like \"20.0 CONN 3 17 up\" or \"... down\", with two "
            "different nodes below %d and a time below %d s; `sotto-sim import "
            "one` makes it so of what the ONE takes",
            SCENARIO_NODES_MAXIMUM, INPUT_SECONDS_MAXIMUM);
    if (meetings->count > 0 &&
        meetings->list[meetings->count - 1].at_us > meeting.at_us)
        return input_reject(input, complaint,
            "is out of order: the line before is at a later time; sort the "
            "file by time, down before up, or have `sotto-sim import one` do "
            "so");
    struct pair pair = {meeting.one, meeting.other};
    bool have_met = table_find(in_touch, &pair) != NULL;
    if (have_met == meeting.meets)
        return input_reject(input, complaint,
            have_met ? "nodes %" PRIu32 " and %" PRIu32
                       " are in touch already; leave the line out, or put "
                       "their down before it"
                     : "nodes %" PRIu32 " and %" PRIu32
                       " are not in touch; leave the line out, or put their up "
                       "before it",
            meeting.one, meeting.other);
    void *unused;
    if (have_met)
        table_remove(in_touch, &pair);
    else if (table_add(in_touch, &pair, &unused) != STATUS_OK)
        return STATUS_NO_MEMORY;
    return meetings_add(meetings, &meeting);
}

enum status meetings_read(const struct scenario *scenario, struct meetings *out,
    struct complaint *complaint)
{
    struct input input;
    struct meetings meetings = {0};
    struct table in_touch;
    char line[INPUT_LINE_BYTES];
    enum status status = input_open(
        &input, scenario, "mobility.trace", scenario->trace, complaint);
    if (status)
        return status;
    table_init(
        &in_touch, sizeof(struct pair), sizeof(struct pair), SIZE_MAX, 0);
    while (!status && !(status = input_next(&input, line, complaint)))
        if (!input_is_blank(line))
            status = take(&input, &meetings, &in_touch, line, complaint);
    input_close(&input);
    table_clear(&in_touch);
    if (status == STATUS_NOT_FOUND && meetings.count == 0) {
        status = blame(scenario, complaint, "mobility.trace",
            "%s has no contact; a line of one is like \"20.0 CONN 3 17 up\"",
            input.path);
    }
    if (status != STATUS_NOT_FOUND) {
        meetings_clear(&meetings);
        return status;
    }
    *out = meetings;
    return STATUS_OK;
}
