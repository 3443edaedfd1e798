/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizes are those of a letter's text: what is sealed around it is more, and in
 * one of four classes.  Ids in the file are not kept: letters.csv lists
 * letters in its order. */
#include "sim/messages_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "sim/blame.h"
#include "sim/input.h"
#include "sim/settings.h"

enum { TEXT_LEAST = 16, FIRST_CAPACITY = 256 };

struct reading {
    struct input input;
    const struct scenario *scenario;
    struct letter_fate *list;
    uint32_t nodes;
    uint32_t count;
    uint32_t capacity;
};

static bool parse(char *line, struct letter_fate *out)
{
    enum { WORDS = 6 };
    char *words[WORDS];
    struct letter_fate fate = {0};
    if (input_words(line, words, WORDS) != WORDS ||
        !input_seconds(words[0], &fate.write_at_us) ||
        strcmp(words[1], "C") != 0 || !input_number(words[3], &fate.from) ||
        !input_number(words[4], &fate.to) ||
        !input_number(words[5], &fate.text_bytes))
        return false;
    *out = fate;
    return true;
}

static enum status check(struct reading *reading,
    const struct letter_fate *fate, struct complaint *complaint)
{
    struct input *input = &reading->input;
    if (fate->from == fate->to)
        return input_reject(input, complaint,
            "node %" PRIu32
            " would write to itself; name another node as the fifth "
            "word",
            fate->from);
    if (fate->from >= reading->nodes || fate->to >= reading->nodes)
        return input_reject(input, complaint,
            "names node %" PRIu32 ", and the mesh has 0 to %" PRIu32,
            fate->from > fate->to ? fate->from : fate->to, reading->nodes - 1);
    if (fate->text_bytes < TEXT_LEAST || fate->text_bytes > LIMIT_TEXT_BYTES)
        return input_reject(input, complaint,
            "%" PRIu32 " bytes: a letter can have %d to %lu", fate->text_bytes,
            TEXT_LEAST, LIMIT_TEXT_BYTES);
    if (fate->write_at_us > reading->scenario->duration_us) {
        char end[32];
        settings_print(SETTING_TIME, NULL, reading->scenario->duration_us, end,
            sizeof(end));
        return input_reject(input, complaint,
            "is written after the run's end, at %s; leave it out, or make "
            "[mesh] duration longer",
            end);
    }
    return STATUS_OK;
}

static enum status take(
    struct reading *reading, char *line, struct complaint *complaint)
{
    struct letter_fate fate;
    if (!parse(line, &fate))
        return input_reject(&reading->input, complaint,
            "must be like \"12.5 C M1 3 17 2000\": seconds, C, a name, from, "
            "to, bytes");
    enum status status = check(reading, &fate, complaint);
    if (status)
        return status;
    if (reading->count == reading->capacity) {
        uint32_t capacity =
            reading->capacity ? reading->capacity * 2 : FIRST_CAPACITY;
        struct letter_fate *list =
            realloc(reading->list, capacity * sizeof(*list));
        if (!list)
            return STATUS_NO_MEMORY;
        reading->list = list;
        reading->capacity = capacity;
    }
    letters_draw_manner(reading->scenario, reading->count, &fate);
    reading->list[reading->count++] = fate;
    return STATUS_OK;
}

enum status messages_file_read(struct letters *out,
    const struct scenario *scenario, uint32_t nodes,
    struct complaint *complaint)
{
    struct reading reading = {.scenario = scenario, .nodes = nodes};
    char line[INPUT_LINE_BYTES];
    enum status status = input_open(&reading.input, scenario,
        "workload.messages", scenario->messages, complaint);
    while (!status && !(status = input_next(&reading.input, line, complaint)))
        if (!input_is_blank(line))
            status = take(&reading, line, complaint);
    input_close(&reading.input);
    if (status == STATUS_NOT_FOUND && reading.count == 0)
        status = blame(scenario, complaint, "workload.messages",
            "%s has no letter; a line of one is like \"12.5 C M1 3 17 2000\"",
            reading.input.path);
    if (status != STATUS_NOT_FOUND) {
        free(reading.list);
        return status;
    }
    letters_own(out, scenario, reading.list, reading.count);
    return STATUS_OK;
}
