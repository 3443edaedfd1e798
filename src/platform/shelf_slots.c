/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first free place is always the one taken, so that a file stays as short
 * as what is in it, and what comes together lies together. */
#include "platform/shelf_slots.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_PLACES = 64 };

void shelf_slots_init(struct shelf_slots *slots)
{
    *slots = (struct shelf_slots){0};
}

void shelf_slots_clear(struct shelf_slots *slots)
{
    free(slots->owners);
    shelf_slots_init(slots);
}

static enum status reach(struct shelf_slots *slots, uint32_t place)
{
    uint64_t capacity = slots->capacity ? slots->capacity : FIRST_PLACES;
    if (place < slots->capacity)
        return STATUS_OK;
    while (capacity <= place)
        capacity *= 2;
    if (capacity > UINT32_MAX)
        return STATUS_NO_MEMORY;
    uint32_t *owners =
        realloc(slots->owners, (size_t)capacity * sizeof(*owners));
    if (!owners)
        return STATUS_NO_MEMORY;
    memset(owners + slots->capacity, 0,
        (size_t)(capacity - slots->capacity) * sizeof(*owners));
    slots->owners = owners;
    slots->capacity = (uint32_t)capacity;
    return STATUS_OK;
}

enum status shelf_slots_claim(
    struct shelf_slots *slots, uint32_t place, uint32_t owner)
{
    assert(owner != 0);
    enum status status = reach(slots, place);
    if (status)
        return status;
    if (slots->owners[place] != 0)
        return STATUS_EXISTS;
    slots->owners[place] = owner;
    slots->used++;
    if (place >= slots->end)
        slots->end = place + 1;
    return STATUS_OK;
}

uint32_t shelf_slots_first(struct shelf_slots *slots)
{
    while (slots->free < slots->end && slots->owners[slots->free] != 0)
        slots->free++;
    return slots->free;
}

enum status shelf_slots_take(
    struct shelf_slots *slots, uint32_t owner, uint32_t *place)
{
    uint32_t first = shelf_slots_first(slots);
    enum status status = shelf_slots_claim(slots, first, owner);
    if (!status)
        *place = first;
    return status;
}

uint32_t shelf_slots_owner(const struct shelf_slots *slots, uint32_t place)
{
    return place < slots->end ? slots->owners[place] : 0;
}

void shelf_slots_pass(struct shelf_slots *slots, uint32_t place, uint32_t owner)
{
    assert(shelf_slots_owner(slots, place) != 0 && owner != 0);
    slots->owners[place] = owner;
}

void shelf_slots_give(struct shelf_slots *slots, uint32_t place)
{
    assert(shelf_slots_owner(slots, place) != 0);
    slots->owners[place] = 0;
    slots->used--;
    if (place < slots->free)
        slots->free = place;
    while (slots->end > 0 && slots->owners[slots->end - 1] == 0)
        slots->end--;
    if (slots->free > slots->end)
        slots->free = slots->end;
}
