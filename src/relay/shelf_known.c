/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known, and until when.  A mark is a byte a number, so that a mesh of
 * thousands of relays can know tens of thousands of ids each.  How many ids
 * expire at which hour is counted; which they are is found by a sweep over the
 * marks once their hour has passed, a bounded stretch at a time, for that costs
 * less than lists by hour would.
 *
 * Views are made from the last one and what has changed since, while that is
 * little: peers compare sets whenever they meet, and between two meetings few
 * things change. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "relay/shelf.h"
#include "relay/shelf_inside.h"

enum {
    MARK_BITS_MOST = 63, /* more than any stamp that is genuine */
    MARKS_FIRST = 16,
    CHANGES_FIRST = 64, /* that are remembered whatever is stored */
    VIEW_MARKS = 16,    /* a member, that a view is kept with */
    VIEW_FIRST = 256,   /* members that it may count as having */
};

void shelf_warm(const struct shelf *shelf, uint32_t number)
{
    if (number < shelf->mark_count)
        __builtin_prefetch(&shelf->marks[number], 1);
    table_warm(&shelf->stored, &number);
    __builtin_prefetch(shelf->hours);
    __builtin_prefetch(shelf->buckets);
}

static void forget_view(struct shelf *shelf)
{
    set_view_drop(shelf->view);
    shelf->view = NULL;
    shelf->change_count = 0;
}

/* Remember that the view is not true of that number any more, or that it is
 * not worth keeping. */
static void note_change(struct shelf *shelf, struct turn *turn, uint32_t number)
{
    const struct set_view *view = shelf->view;
    if (!view)
        return;
    if (shelf->change_count >= CHANGES_FIRST + view->count / 4 ||
        view->mark_count > VIEW_MARKS * (view->count + VIEW_FIRST) ||
        turn_grow(turn, (void **)&shelf->changes, shelf->change_count,
            &shelf->change_capacity, sizeof(*shelf->changes))) {
        forget_view(shelf);
        return;
    }
    shelf->changes[shelf->change_count++] = number;
}

/* What is stored and what is marked so are summed up each by itself, so that a
 * step which changes but one of them shows at once. */
static void enter(struct shelf *shelf, uint32_t number, enum set_state state)
{
    const uint64_t *member = catalog_at(shelf->catalog, number)->member;
    bool was_member = shelf_mark_state(shelf, number) == SET_MEMBER;
    if (state == SET_MEMBER && !was_member)
        set_sum_add(&shelf->marked, member);
    if (state != SET_MEMBER && was_member)
        set_sum_remove(&shelf->marked, member);
}

void shelf_mark(struct shelf *shelf, struct turn *turn, uint32_t number,
    enum set_state state, uint8_t bits)
{
    if (bits > MARK_BITS_MOST)
        bits = MARK_BITS_MOST;
    enter(shelf, number, state);
    shelf->marks[number] = (uint8_t)(bits << SHELF_MARK_SHIFT | state);
    note_change(shelf, turn, number);
}

/* By a quarter, and not twofold: a mesh has as many of these as nodes. */
static bool marks_reach(struct shelf *shelf, struct turn *turn, uint32_t number)
{
    if (number < shelf->mark_count)
        return true;
    size_t count = shelf->mark_count + shelf->mark_count / 4 + MARKS_FIRST;
    if (count <= number)
        count = (size_t)number + 1;
    uint8_t *marks = realloc(shelf->marks, count);
    if (!marks) {
        turn->status = STATUS_NO_MEMORY;
        return false;
    }
    memset(marks + shelf->mark_count, 0, count - shelf->mark_count);
    shelf->marks = marks;
    shelf->mark_count = count;
    return true;
}

static size_t hour_place(const struct shelf *shelf, uint32_t expires_h)
{
    size_t place = shelf->hour_count;
    while (place > 0 && shelf->hours[place - 1].expires_h >= expires_h)
        place--;
    return place;
}

static bool count_hour(
    struct shelf *shelf, struct turn *turn, uint32_t expires_h)
{
    size_t place = hour_place(shelf, expires_h);
    if (place == shelf->hour_count ||
        shelf->hours[place].expires_h != expires_h) {
        if (turn_grow(turn, (void **)&shelf->hours, shelf->hour_count,
                &shelf->hour_capacity, sizeof(*shelf->hours)))
            return false;
        struct shelf_hour *hour = &shelf->hours[place];
        memmove(hour + 1, hour, (shelf->hour_count - place) * sizeof(*hour));
        *hour = (struct shelf_hour){.expires_h = expires_h};
        shelf->hour_count++;
    }
    shelf->hours[place].count++;
    return true;
}

static void uncount_hour(struct shelf *shelf, uint32_t expires_h)
{
    size_t place = hour_place(shelf, expires_h);
    struct shelf_hour *hour = &shelf->hours[place];
    assert(place < shelf->hour_count && hour->expires_h == expires_h);
    if (--hour->count > 0)
        return;
    shelf->hour_count--;
    memmove(hour, hour + 1, (shelf->hour_count - place) * sizeof(*hour));
}

bool shelf_know(struct shelf *shelf, struct turn *turn,
    const struct catalog_entry *like, uint32_t *number)
{
    if (shelf->known_count == LIMIT_SHELF_IDS)
        return false;
    enum status status =
        catalog_hold(shelf->catalog, like, turn->now_ms, number);
    if (status) {
        turn->status = STATUS_NO_MEMORY;
        return false;
    }
    if (!marks_reach(shelf, turn, *number) ||
        !count_hour(
            shelf, turn, catalog_at(shelf->catalog, *number)->expires_h)) {
        catalog_drop(shelf->catalog, *number, turn->now_ms);
        return false;
    }
    assert(shelf_mark_state(shelf, *number) == SET_UNKNOWN);
    shelf->known_count++;
    shelf_mark(shelf, turn, *number, SET_EVICTED, 0);
    return true;
}

void shelf_unknow(struct shelf *shelf, struct turn *turn, uint32_t number)
{
    forget_view(shelf); /* the number may come to mean another id */
    shelf->marks[number] = SET_UNKNOWN;
    shelf->known_count--;
    uncount_hour(shelf, catalog_at(shelf->catalog, number)->expires_h);
    catalog_drop(shelf->catalog, number, turn->now_ms);
}

uint64_t shelf_first_expiry_h(const struct shelf *shelf)
{
    if (shelf->hour_count == 0)
        return UINT64_MAX;
    return (uint64_t)shelf->hours[0].expires_h + LIMIT_CLOCK_SKEW_H + 1;
}

bool shelf_expired(
    struct shelf *shelf, uint32_t hour, size_t *looks, uint32_t *number)
{
    while (shelf_first_expiry_h(shelf) <= hour) {
        if (*looks == 0)
            return false;
        --*looks;
        if (shelf->sweep >= shelf->mark_count)
            shelf->sweep = 0;
        *number = shelf->sweep++;
        if (shelf->marks[*number] != SET_UNKNOWN &&
            (uint64_t)catalog_at(shelf->catalog, *number)->expires_h +
                    LIMIT_CLOCK_SKEW_H <
                hour)
            return true;
    }
    return false;
}

static void gather(const struct shelf *shelf, uint32_t *members)
{
    size_t cursor = 0, count = 0;
    for (const struct shelf_stored *item;
         (item = table_next(&shelf->stored, &cursor));)
        members[count++] = item->number;
    set_sort(shelf->catalog, members, count);
}

/* The last view's members and what has changed since, merged. */
static void merge(struct shelf *shelf, uint32_t *members)
{
    const struct set_view *view = shelf->view;
    size_t old = 0, changed = 0, count = 0;
    set_sort(shelf->catalog, shelf->changes, shelf->change_count);
    while (old < view->count || changed < shelf->change_count) {
        int order = changed == shelf->change_count ? -1
                    : old == view->count
                        ? 1
                        : set_order(shelf->catalog, view->members[old],
                              shelf->changes[changed]);
        uint32_t number =
            order <= 0 ? view->members[old++] : shelf->changes[changed];
        while (
            changed < shelf->change_count && shelf->changes[changed] == number)
            changed++;
        if (shelf_mark_state(shelf, number) == SET_MEMBER)
            members[count++] = number;
    }
    assert(count == shelf->stored.count);
}

struct set_view *shelf_view(struct shelf *shelf, struct turn *turn)
{
    if (shelf->view && shelf->change_count == 0)
        return shelf->view;
    uint32_t *members = malloc((shelf->stored.count + 1) * sizeof(*members));
    struct set_view *view = NULL;
    if (members) {
        if (shelf->view)
            merge(shelf, members);
        else
            gather(shelf, members);
        view = set_view_new(shelf->catalog, members, shelf->stored.count,
            (struct span){shelf->marks, shelf->mark_count});
    }
    free(members);
    forget_view(shelf);
    shelf->view = view;
    if (view)
        view->is_crowded = shelf->evicted_count > 0;
    else
        turn->status = STATUS_NO_MEMORY;
    return view;
}

const char *shelf_known_item_violation(
    const struct shelf *shelf, uint32_t number)
{
    uint32_t expires_h = catalog_at(shelf->catalog, number)->expires_h;
    size_t place = hour_place(shelf, expires_h);
    return place < shelf->hour_count &&
                   shelf->hours[place].expires_h == expires_h
               ? NULL
               : "an item would never be forgotten";
}

const char *shelf_known_violation(const struct shelf *shelf)
{
    uint64_t known = 0, counted = 0;
    for (size_t number = 0; number < shelf->mark_count; number++)
        known += shelf->marks[number] != SET_UNKNOWN;
    for (size_t i = 0; i < shelf->hour_count; i++)
        counted += shelf->hours[i].count;
    return known == shelf->known_count && counted == known
               ? NULL
               : "an item would never be forgotten";
}
