/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ONE takes an event as it comes; ours is the stricter reader, so this puts
 * in order what the ONE would let pass: letters before numbers, lines out of
 * order, contacts that nobody ends.  What contradicts itself is refused. */
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/table.h"
#include "sim/import/formats.h"
#include "sim/input.h"
#include "sim/scenario.h"

struct pair {
    uint32_t one;
    uint32_t other;
};

struct event {
    uint64_t at_us;
    struct pair pair;
    bool meets;
    int line;
};

struct events {
    struct event *list;
    size_t count;
    size_t capacity;
    uint64_t last_us;
};

struct in_touch {
    struct pair pair;
    uint64_t since_us;
};

static enum status add_event(struct events *events, const struct event *event)
{
    if (events->count == events->capacity) {
        size_t capacity = events->capacity ? events->capacity * 2 : 1024;
        struct event *list = realloc(events->list, capacity * sizeof(*list));
        if (!list)
            return STATUS_NO_MEMORY;
        events->list = list;
        events->capacity = capacity;
    }
    events->list[events->count++] = *event;
    if (event->at_us > events->last_us)
        events->last_us = event->at_us;
    return STATUS_OK;
}

/* "17", or "p17", in which the ONE reads the same. */
static bool parse_host(const char *word, uint32_t *out)
{
    while (*word && !isdigit((unsigned char)*word))
        word++;
    return input_number(word, out) && *out < SCENARIO_NODES_MAXIMUM;
}

static bool parse_change(char *words[], size_t count, struct event *out)
{
    uint32_t one, other;
    if (count < 5 || count > 6 || !input_moment(words[0], &out->at_us) ||
        !parse_host(words[2], &one) || !parse_host(words[3], &other) ||
        one == other)
        return false;
    out->pair.one = one < other ? one : other;
    out->pair.other = one < other ? other : one;
    out->meets = !strcasecmp(words[4], "up");
    return out->meets || !strcasecmp(words[4], "down");
}

static bool is_of_messages(const char *word)
{
    static const char *const actions[] = {"C", "S", "DE", "A", "DR", "R"};
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (!strcmp(word, actions[i]))
            return true;
    return false;
}

static enum status take_line(struct input *input, char *line,
    struct events *events, struct complaint *complaint)
{
    enum { WORDS = 8 };
    char *words[WORDS];
    size_t count = input_words(line, words, WORDS);
    if (count == 0 || words[0][0] == '#' ||
        (count > 1 && is_of_messages(words[1])))
        return STATUS_OK;
    struct event event = {.line = input->line};
    if (count < 2 || strcmp(words[1], "CONN") != 0 ||
        !parse_change(words, count, &event))
        return input_reject(input, complaint,
            "must be like \"20.0 CONN 3 17 up\" or \"... down\", with two "
            "different nodes below %d",
            SCENARIO_NODES_MAXIMUM);
    return add_event(events, &event);
}

static enum status read_events(
    struct input *input, struct events *events, struct complaint *complaint)
{
    char line[INPUT_LINE_BYTES];
    enum status status = STATUS_OK;
    while (!status && !(status = input_next(input, line, complaint)))
        status = take_line(input, line, events, complaint);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Down before up at one moment; the order of the file otherwise. */
static int by_time(const void *left, const void *right)
{
    const struct event *a = left, *b = right;
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    if (a->meets != b->meets)
        return a->meets - b->meets;
    return a->line - b->line;
}

static enum status take_event(
    const struct event *event, struct table *touching, struct encounters *out)
{
    if (event->meets) {
        void *entry;
        enum status status = table_add(touching, &event->pair, &entry);
        if (!status)
            ((struct in_touch *)entry)->since_us = event->at_us;
        return status;
    }
    const struct in_touch *found = table_find(touching, &event->pair);
    if (!found)
        return STATUS_NOT_FOUND;
    struct encounter contact = {
        found->since_us, event->at_us, event->pair.one, event->pair.other};
    table_remove(touching, &event->pair);
    return encounters_add(out, &contact);
}

/* Contacts that nobody ended end with the file. */
static enum status end_all(
    struct events *events, struct table *touching, struct encounters *out)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < events->count && !status; i++) {
        struct event end = events->list[i];
        const struct in_touch *found = table_find(touching, &end.pair);
        if (!found || found->since_us == events->last_us)
            continue;
        end.at_us = events->last_us;
        end.meets = false;
        status = take_event(&end, touching, out);
    }
    return status;
}

static enum status pair_events(struct input *input, struct events *events,
    struct encounters *out, struct complaint *complaint)
{
    struct table touching;
    enum status status = STATUS_OK;
    if (events->count > 0)
        qsort(events->list, events->count, sizeof(*events->list), by_time);
    table_init(
        &touching, sizeof(struct pair), sizeof(struct in_touch), SIZE_MAX, 0);
    for (size_t i = 0; i < events->count && !status; i++) {
        const struct event *event = &events->list[i];
        status = take_event(event, &touching, out);
        if (status != STATUS_EXISTS && status != STATUS_NOT_FOUND)
            continue;
        input->line = event->line;
        status = input_reject(input, complaint,
            "nodes %" PRIu32 " and %" PRIu32 " %s; a contact is one \"up\", "
            "and one \"down\" later",
            event->pair.one, event->pair.other,
            event->meets ? "are in touch already" : "are not in touch");
    }
    if (!status)
        status = end_all(events, &touching, out);
    table_clear(&touching);
    return status;
}

enum status import_one(
    const char *path, struct encounters *out, struct complaint *complaint)
{
    struct input input;
    struct events events = {0};
    enum status status = input_open_path(&input, path, complaint);
    if (status)
        return status;
    status = read_events(&input, &events, complaint);
    if (!status)
        status = pair_events(&input, &events, out, complaint);
    if (!status)
        status = encounters_shift(out, path, complaint);
    input_close(&input);
    free(events.list);
    return status;
}
