/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two formats that say who was seen with whom, a line each: they differ in
 * where the time stands and in how long a line holds.  Columns are parted by
 * blanks, or as tables of others' programs are: by commas or semicolons, below
 * a line of names. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "sim/import/formats.h"
#include "sim/input.h"
#include "sim/units.h"

enum { TIJ_STEP_S = 20, WORDS = 8 };

/* Takes the words of one line.  STATUS_INVALID with a complaint. */
typedef enum status parse_words(struct input *input, char *words[],
    size_t count, struct encounter *out, struct complaint *complaint);

static enum status parse_tij(struct input *input, char *words[], size_t count,
    struct encounter *out, struct complaint *complaint)
{
    uint32_t one, other;
    uint64_t at_us;
    if (count < 3 || !input_moment(words[0], &at_us) ||
        !input_number(words[1], &one) || !input_number(words[2], &other) ||
        one == other)
        return input_reject(input, complaint,
            "must be like \"54120 1108 1601\": seconds, and the numbers of two "
            "different persons");
    *out = (struct encounter){
        at_us, at_us + (uint64_t)TIJ_STEP_S * SECOND_US, one, other};
    return STATUS_OK;
}

static enum status parse_haggle(struct input *input, char *words[],
    size_t count, struct encounter *out, struct complaint *complaint)
{
    uint32_t one, other;
    uint64_t first_us, last_us;
    if (count < 4 || count > 6 || !input_number(words[0], &one) ||
        !input_number(words[1], &other) || !input_moment(words[2], &first_us) ||
        !input_moment(words[3], &last_us) || one == other)
        return input_reject(input, complaint,
            "must be like \"1 7 5120 5240\" or \"1 7 5120 5240 2 600\": the "
            "numbers of two different devices, and seconds");
    if (first_us > last_us)
        return input_reject(input, complaint,
            "ends (%s) before it begins (%s); the earlier second comes first",
            words[3], words[2]);
    *out = (struct encounter){first_us, last_us + SECOND_US, one, other};
    return STATUS_OK;
}

static void part_columns(char *line)
{
    for (; *line; line++)
        if (*line == ',' || *line == ';')
            *line = ' ';
}

/* The names of columns: nothing in it begins as a number does. */
static bool is_heading(char *words[], size_t count)
{
    for (size_t i = 0; i < count && i < WORDS; i++)
        if (isdigit((unsigned char)words[i][0]))
            return false;
    return true;
}

static enum status take_line(struct input *input, parse_words *parse,
    char *line, struct encounters *out, struct complaint *complaint)
{
    char *words[WORDS];
    struct encounter contact;
    part_columns(line);
    size_t count = input_words(line, words, WORDS);
    if (count == 0 || strchr("#%", words[0][0]) ||
        (out->count == 0 && is_heading(words, count)))
        return STATUS_OK;
    enum status status = parse(input, words, count, &contact, complaint);
    return status ? status : encounters_add(out, &contact);
}

static enum status read_sightings(const char *path, parse_words *parse,
    struct encounters *out, struct complaint *complaint)
{
    struct input input;
    char line[INPUT_LINE_BYTES];
    enum status status = input_open_path(&input, path, complaint);
    if (status)
        return status;
    while (!status && !(status = input_next(&input, line, complaint)))
        status = take_line(&input, parse, line, out, complaint);
    input_close(&input);
    if (status != STATUS_NOT_FOUND)
        return status;
    encounters_join(out);
    return encounters_settle(out, path, complaint);
}

enum status import_tij(
    const char *path, struct encounters *out, struct complaint *complaint)
{
    return read_sightings(path, parse_tij, out, complaint);
}

enum status import_haggle(
    const char *path, struct encounters *out, struct complaint *complaint)
{
    return read_sightings(path, parse_haggle, out, complaint);
}
