/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two formats that say who was seen with whom, a line each: they differ in
 * where the time stands and in how long a line holds. */
#include "sim/import/formats.h"
#include "sim/input.h"

enum { SECOND_US = 1000000, TIJ_STEP_S = 20, WORDS = 8 };

/* Takes the words of one line.  STATUS_INVALID with a complaint. */
typedef enum status parse_words(struct input *input, char *words[],
    size_t count, struct encounter *out, struct complaint *complaint);

static enum status parse_tij(struct input *input, char *words[], size_t count,
    struct encounter *out, struct complaint *complaint)
{
    uint32_t at_s, one, other;
    if (count < 3 || !input_number(words[0], &at_s) ||
        !input_number(words[1], &one) || !input_number(words[2], &other) ||
        one == other)
        return input_reject(input, complaint,
            "must be like \"54120 1108 1601\": whole seconds and two "
            "different numbers of persons");
    *out = (struct encounter){(uint64_t)at_s * SECOND_US,
        ((uint64_t)at_s + TIJ_STEP_S) * SECOND_US, one, other};
    return STATUS_OK;
}

static enum status parse_haggle(struct input *input, char *words[],
    size_t count, struct encounter *out, struct complaint *complaint)
{
    uint32_t first_s, last_s, one, other;
    if (count < 4 || count > 6 || !input_number(words[0], &one) ||
        !input_number(words[1], &other) || !input_number(words[2], &first_s) ||
        !input_number(words[3], &last_s) || one == other)
        return input_reject(input, complaint,
            "must be like \"1 7 5120 5240\" or \"1 7 5120 5240 2 600\": two "
            "different numbers of devices, and whole seconds");
    if (first_s > last_s)
        return input_reject(input, complaint,
            "ends (%s) before it begins (%s); the earlier second comes first",
            words[3], words[2]);
    *out = (struct encounter){(uint64_t)first_s * SECOND_US,
        ((uint64_t)last_s + 1) * SECOND_US, one, other};
    return STATUS_OK;
}

static enum status take_line(struct input *input, parse_words *parse,
    char *line, struct encounters *out, struct complaint *complaint)
{
    char *words[WORDS];
    struct encounter contact;
    size_t count = input_words(line, words, WORDS);
    if (count == 0 || words[0][0] == '#')
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
