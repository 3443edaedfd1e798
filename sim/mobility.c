/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random waypoint (Johnson and Maltz 1996): go straight to a place drawn from
 * the whole square, at a speed drawn anew, wait, go on.  Random walk: the same,
 * but the place is not farther than one leg away.  Positions are integers in
 * millimetres, so that a seed gives the same contacts on every machine.
 *
 * Each step sorts nodes into cells as wide as their reach, and looks for
 * neighbours in nine of them. */
#include "sim/mobility.h"

#include <stdlib.h>
#include <string.h>

#include "sim/noise.h"

enum { LEG_REACHES = 10 }; /* a walk's leg, in reaches */

struct walker {
    int64_t x, y;           /* mm */
    int64_t from_x, from_y; /* where the leg began */
    int64_t to_x, to_y;
    uint64_t began_us;
    uint64_t arrives_us;
    uint64_t leaves_us; /* after the pause */
    uint64_t draws;
};

struct field {
    const struct scenario *scenario;
    struct walker *walkers;
    uint32_t nodes;
    int64_t side_mm;
    int64_t reach_mm;
    uint32_t cells;     /* a side */
    uint32_t *first;    /* of a cell; nodes: none */
    uint32_t *next;     /* in the same cell */
    uint64_t *in_touch; /* pairs, sorted: now, and a step ago */
    uint64_t *were;
    size_t count, were_count, capacity;
};

static uint64_t draw(struct field *field, uint32_t node, uint64_t below)
{
    return noise_below(noise(field->scenario->seed, node, NOISE_MOBILITY,
                           field->walkers[node].draws++),
        below);
}

/* The whole part of a square root. */
static uint64_t root(uint64_t square)
{
    uint64_t result = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1)
        if ((result | bit) * (result | bit) <= square)
            result |= bit;
    return result;
}

static int64_t bounded(int64_t value, int64_t most)
{
    return value < 0 ? 0 : value > most ? most : value;
}

static void set_out(struct field *field, uint32_t node, uint64_t at_us)
{
    const struct scenario *s = field->scenario;
    struct walker *w = &field->walkers[node];
    w->from_x = w->x;
    w->from_y = w->y;
    int64_t leg = LEG_REACHES * field->reach_mm;
    if (s->mobility == MOBILITY_WAYPOINT) {
        w->to_x = (int64_t)draw(field, node, (uint64_t)field->side_mm + 1);
        w->to_y = (int64_t)draw(field, node, (uint64_t)field->side_mm + 1);
    } else {
        uint64_t width = 2 * (uint64_t)leg + 1;
        w->to_x = bounded(
            w->x - leg + (int64_t)draw(field, node, width), field->side_mm);
        w->to_y = bounded(
            w->y - leg + (int64_t)draw(field, node, width), field->side_mm);
    }
    int64_t dx = w->to_x - w->from_x, dy = w->to_y - w->from_y;
    uint64_t way_mm = root((uint64_t)(dx * dx + dy * dy));
    uint64_t speed_mm_s =
        s->speed_least + draw(field, node, s->speed_most - s->speed_least + 1);
    w->began_us = at_us;
    w->arrives_us = at_us + way_mm * 1000000 / speed_mm_s + 1;
    w->leaves_us =
        w->arrives_us + (s->pause_us ? draw(field, node, s->pause_us + 1) : 0);
}

static void move(struct field *field, uint32_t node, uint64_t now_us)
{
    struct walker *w = &field->walkers[node];
    while (now_us >= w->leaves_us) {
        w->x = w->to_x;
        w->y = w->to_y;
        set_out(field, node, w->leaves_us);
    }
    if (now_us >= w->arrives_us) {
        w->x = w->to_x;
        w->y = w->to_y;
        return;
    }
    int64_t done = (int64_t)((now_us - w->began_us) / 1000);
    int64_t whole = (int64_t)((w->arrives_us - w->began_us) / 1000) + 1;
    w->x = w->from_x + (w->to_x - w->from_x) * done / whole;
    w->y = w->from_y + (w->to_y - w->from_y) * done / whole;
}

static uint32_t cell_of(const struct field *field, int64_t x, int64_t y)
{
    uint64_t column =
        (uint64_t)x * field->cells / (uint64_t)(field->side_mm + 1);
    uint64_t row = (uint64_t)y * field->cells / (uint64_t)(field->side_mm + 1);
    return (uint32_t)(row * field->cells + column);
}

static enum status note_pair(struct field *field, uint32_t one, uint32_t other)
{
    if (field->count == field->capacity) {
        size_t capacity = field->capacity ? field->capacity * 2 : 256;
        uint64_t *now = realloc(field->in_touch, capacity * sizeof(*now));
        if (!now)
            return STATUS_NO_MEMORY;
        field->in_touch = now;
        uint64_t *were = realloc(field->were, capacity * sizeof(*were));
        if (!were)
            return STATUS_NO_MEMORY;
        field->were = were;
        field->capacity = capacity;
    }
    field->in_touch[field->count++] = (uint64_t)one << 32 | other;
    return STATUS_OK;
}

static bool in_reach(const struct field *field, uint32_t one, uint32_t other)
{
    const struct walker *a = &field->walkers[one], *b = &field->walkers[other];
    int64_t dx = a->x - b->x, dy = a->y - b->y;
    return dx * dx + dy * dy <= field->reach_mm * field->reach_mm;
}

/* All that a node is in touch with, of higher number. */
static enum status look_around(struct field *field, uint32_t node)
{
    const struct walker *w = &field->walkers[node];
    uint32_t cell = cell_of(field, w->x, w->y);
    uint32_t column = cell % field->cells, row = cell / field->cells;
    for (uint32_t y = row ? row - 1 : 0; y <= row + 1 && y < field->cells; y++)
        for (uint32_t x = column ? column - 1 : 0;
             x <= column + 1 && x < field->cells; x++)
            for (uint32_t i = field->first[y * field->cells + x];
                 i < field->nodes; i = field->next[i])
                if (i > node && in_reach(field, node, i) &&
                    note_pair(field, node, i) != STATUS_OK)
                    return STATUS_NO_MEMORY;
    return STATUS_OK;
}

static int compare_pairs(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static enum status find_pairs(struct field *field)
{
    for (uint32_t i = 0; i < field->cells * field->cells; i++)
        field->first[i] = field->nodes;
    for (uint32_t i = 0; i < field->nodes; i++) {
        uint32_t cell =
            cell_of(field, field->walkers[i].x, field->walkers[i].y);
        field->next[i] = field->first[cell];
        field->first[cell] = i;
    }
    uint64_t *spare = field->were;
    field->were = field->in_touch;
    field->were_count = field->count;
    field->in_touch = spare;
    field->count = 0;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < field->nodes && !status; i++)
        status = look_around(field, i);
    if (field->count)
        qsort(field->in_touch, field->count, sizeof(uint64_t), compare_pairs);
    return status;
}

/* What is in one sorted list and not in the other has parted, or met. */
static enum status note_changes(
    const struct field *field, bool meets, uint64_t at_us, struct meetings *out)
{
    const uint64_t *list = meets ? field->in_touch : field->were;
    const uint64_t *other = meets ? field->were : field->in_touch;
    size_t count = meets ? field->count : field->were_count;
    size_t other_count = meets ? field->were_count : field->count;
    for (size_t i = 0, k = 0; i < count; i++) {
        while (k < other_count && other[k] < list[i])
            k++;
        if (k < other_count && other[k] == list[i])
            continue;
        struct meeting meeting = {
            at_us, (uint32_t)(list[i] >> 32), (uint32_t)list[i], meets};
        if (meetings_add(out, &meeting) != STATUS_OK)
            return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

static enum status field_init(
    struct field *field, const struct scenario *scenario)
{
    *field = (struct field){.scenario = scenario,
        .nodes = (uint32_t)scenario->nodes,
        .side_mm = (int64_t)scenario->area_mm,
        .reach_mm = (int64_t)scenario->reach_mm};
    uint64_t cells = scenario->area_mm / scenario->reach_mm;
    field->cells = (uint32_t)(cells > 1024 ? 1024 : cells ? cells : 1);
    field->walkers = calloc(field->nodes, sizeof(*field->walkers));
    field->next = malloc(field->nodes * sizeof(*field->next));
    field->first =
        malloc((size_t)field->cells * field->cells * sizeof(*field->first));
    if (!field->walkers || !field->next || !field->first)
        return STATUS_NO_MEMORY;
    for (uint32_t i = 0; i < field->nodes; i++) {
        struct walker *w = &field->walkers[i];
        w->x = (int64_t)draw(field, i, scenario->area_mm + 1);
        w->y = (int64_t)draw(field, i, scenario->area_mm + 1);
        set_out(field, i, 0);
    }
    return STATUS_OK;
}

static void field_clear(struct field *field)
{
    free(field->walkers);
    free(field->next);
    free(field->first);
    free(field->in_touch);
    free(field->were);
}

static enum status walk(const struct scenario *scenario, struct meetings *out)
{
    struct field field;
    struct meetings meetings = {.nodes = (uint32_t)scenario->nodes};
    enum status status = field_init(&field, scenario);
    for (uint64_t at_us = 0; at_us <= scenario->duration_us && !status;
         at_us += scenario->step_us) {
        for (uint32_t i = 0; i < field.nodes; i++)
            move(&field, i, at_us);
        status = find_pairs(&field);
        if (!status)
            status = note_changes(&field, false, at_us, &meetings);
        if (!status)
            status = note_changes(&field, true, at_us, &meetings);
    }
    field_clear(&field);
    if (status)
        meetings_clear(&meetings);
    else
        *out = meetings;
    return status;
}

enum status mobility_make(const struct scenario *scenario, struct meetings *out,
    struct complaint *complaint)
{
    switch ((enum mobility_kind)scenario->mobility) {
    case MOBILITY_NONE:
        *out = (struct meetings){.nodes = (uint32_t)scenario->nodes};
        return STATUS_OK;
    case MOBILITY_TRACE:
        return meetings_read(scenario, out, complaint);
    case MOBILITY_WAYPOINT:
    case MOBILITY_WALK:
        return walk(scenario, out);
    }
    return STATUS_INVALID;
}
