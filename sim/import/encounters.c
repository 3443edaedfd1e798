/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Foreign traces come as sightings, as intervals or as changes; all of them are
 * kept as intervals, so that what overlaps can be joined, and are taken apart
 * again when they are written. */
#include "sim/import/encounters.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "sim/input.h"
#include "sim/scenario.h"

enum status encounters_add(
    struct encounters *contacts, const struct encounter *contact)
{
    if (contacts->count == contacts->capacity) {
        size_t capacity = contacts->capacity ? contacts->capacity * 2 : 1024;
        struct encounter *list =
            realloc(contacts->list, capacity * sizeof(*list));
        if (!list)
            return STATUS_NO_MEMORY;
        contacts->list = list;
        contacts->capacity = capacity;
    }
    struct encounter *own = &contacts->list[contacts->count++];
    *own = *contact;
    if (contact->one > contact->other) {
        own->one = contact->other;
        own->other = contact->one;
    }
    return STATUS_OK;
}

static int compare_numbers(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

static int by_pair(const void *left, const void *right)
{
    const struct encounter *a = left, *b = right;
    int order = compare_numbers(a->one, b->one);
    if (!order)
        order = compare_numbers(a->other, b->other);
    return order ? order : compare_numbers(a->from_us, b->from_us);
}

void encounters_join(struct encounters *contacts)
{
    if (contacts->count == 0)
        return;
    qsort(contacts->list, contacts->count, sizeof(*contacts->list), by_pair);
    struct encounter *last = contacts->list;
    for (size_t i = 1; i < contacts->count; i++) {
        const struct encounter *next = &contacts->list[i];
        if (next->one != last->one || next->other != last->other ||
            next->from_us > last->to_us)
            *++last = *next;
        else if (next->to_us > last->to_us)
            last->to_us = next->to_us;
    }
    contacts->count = (size_t)(last - contacts->list) + 1;
}

static int by_name(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return compare_numbers(*a, *b);
}

/* The distinct numbers of the file, in order. */
static enum status collect_names(struct encounters *contacts)
{
    uint32_t *names = calloc(contacts->count, 2 * sizeof(*names));
    if (!names)
        return STATUS_NO_MEMORY;
    size_t count = 0;
    for (size_t i = 0; i < contacts->count; i++) {
        names[count++] = contacts->list[i].one;
        names[count++] = contacts->list[i].other;
    }
    qsort(names, count, sizeof(*names), by_name);
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++)
        if (distinct == 0 || names[distinct - 1] != names[i])
            names[distinct++] = names[i];
    contacts->names = names;
    contacts->node_count = distinct;
    return STATUS_OK;
}

static uint32_t number_of(const struct encounters *contacts, uint32_t name)
{
    const uint32_t *found = bsearch(&name, contacts->names,
        contacts->node_count, sizeof(*contacts->names), by_name);
    return (uint32_t)(found - contacts->names);
}

static void renumber(struct encounters *contacts)
{
    for (size_t i = 0; i < contacts->count; i++) {
        struct encounter *contact = &contacts->list[i];
        contact->one = number_of(contacts, contact->one);
        contact->other = number_of(contacts, contact->other);
    }
}

static uint64_t first_us(const struct encounters *contacts)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < contacts->count; i++)
        if (contacts->list[i].from_us < first)
            first = contacts->list[i].from_us;
    return first;
}

static void count_from(struct encounters *contacts, uint64_t origin_us)
{
    contacts->origin_us = origin_us;
    for (size_t i = 0; i < contacts->count; i++) {
        contacts->list[i].from_us -= origin_us;
        contacts->list[i].to_us -= origin_us;
    }
}

static bool is_long(const struct encounters *contacts)
{
    return encounters_end_us(contacts) / 1000000 >= INPUT_SECONDS_MAXIMUM;
}

static enum status check_length(const struct encounters *contacts,
    const char *path, struct complaint *complaint)
{
    if (!is_long(contacts))
        return STATUS_OK;
    complain(complaint,
        "%s goes on for %" PRIu64 " s from its first contact; a trace can have "
        "%d (366 days): take a part of it",
        path, encounters_end_us(contacts) / 1000000, INPUT_SECONDS_MAXIMUM);
    return STATUS_INVALID;
}

enum status encounters_shift(
    struct encounters *contacts, const char *path, struct complaint *complaint)
{
    if (!is_long(contacts))
        return STATUS_OK;
    count_from(contacts, first_us(contacts) / 1000000 * 1000000);
    return check_length(contacts, path, complaint);
}

enum status encounters_settle(
    struct encounters *contacts, const char *path, struct complaint *complaint)
{
    if (contacts->count == 0)
        return STATUS_OK;
    enum status status = collect_names(contacts);
    if (status)
        return status;
    if (contacts->node_count > SCENARIO_NODES_MAXIMUM) {
        complain(complaint, "%s has %zu nodes; a mesh can have %d", path,
            contacts->node_count, SCENARIO_NODES_MAXIMUM);
        return STATUS_INVALID;
    }
    count_from(contacts, first_us(contacts));
    renumber(contacts);
    return check_length(contacts, path, complaint);
}

uint64_t encounters_end_us(const struct encounters *contacts)
{
    uint64_t end_us = 0;
    for (size_t i = 0; i < contacts->count; i++)
        if (contacts->list[i].to_us > end_us)
            end_us = contacts->list[i].to_us;
    return end_us;
}

struct change {
    uint64_t at_us;
    uint32_t one;
    uint32_t other;
    bool meets;
};

static int by_time(const void *left, const void *right)
{
    const struct change *a = left, *b = right;
    int order = compare_numbers(a->at_us, b->at_us);
    if (!order)
        order = a->meets - b->meets;
    if (!order)
        order = compare_numbers(a->one, b->one);
    return order ? order : compare_numbers(a->other, b->other);
}

static void print_seconds(FILE *stream, uint64_t time_us)
{
    int decimals = 6;
    uint64_t fraction = time_us % 1000000;
    fprintf(stream, "%" PRIu64, time_us / 1000000);
    for (; fraction && fraction % 10 == 0; decimals--)
        fraction /= 10;
    if (fraction)
        fprintf(stream, ".%0*" PRIu64, decimals, fraction);
}

static void print_names(const struct encounters *contacts, FILE *stream)
{
    fputs("# second 0 was ", stream);
    print_seconds(stream, contacts->origin_us);
    fputc('\n', stream);
    for (size_t i = 0; contacts->names && i < contacts->node_count; i++)
        fprintf(stream, "# node %zu was %" PRIu32 "\n", i, contacts->names[i]);
}

enum status encounters_print(const struct encounters *contacts, FILE *stream)
{
    size_t count = 2 * contacts->count;
    struct change *changes = calloc(count, sizeof(*changes));
    if (!changes)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct encounter *contact = &contacts->list[i / 2];
        bool meets = i % 2 == 0;
        changes[i] = (struct change){meets ? contact->from_us : contact->to_us,
            contact->one, contact->other, meets};
    }
    qsort(changes, count, sizeof(*changes), by_time);
    if (contacts->names || contacts->origin_us > 0)
        print_names(contacts, stream);
    for (size_t i = 0; i < count; i++) {
        print_seconds(stream, changes[i].at_us);
        fprintf(stream, " CONN %" PRIu32 " %" PRIu32 " %s\n", changes[i].one,
            changes[i].other, changes[i].meets ? "up" : "down");
    }
    free(changes);
    return STATUS_OK;
}

void encounters_clear(struct encounters *contacts)
{
    free(contacts->list);
    free(contacts->names);
    *contacts = (struct encounters){0};
}
