/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_SHELF_SLOTS_H
#define PLATFORM_SHELF_SLOTS_H

#include <stdint.h>

#include "base/status.h"

/* Which places of a file of equal places are taken, and by whom. */
struct shelf_slots {
    uint32_t *owners; /* by place; 0: free */
    uint32_t capacity;
    uint32_t used;
    uint32_t end;  /* from here on all are free */
    uint32_t free; /* before this all are taken */
};

void shelf_slots_init(struct shelf_slots *slots);
void shelf_slots_clear(struct shelf_slots *slots);

/* Take the first free place for an owner, not 0.  STATUS_NO_MEMORY. */
MUST_USE enum status shelf_slots_take(
    struct shelf_slots *slots, uint32_t owner, uint32_t *place);

/* Take that place.  STATUS_EXISTS when somebody has it; STATUS_NO_MEMORY. */
MUST_USE enum status shelf_slots_claim(
    struct shelf_slots *slots, uint32_t place, uint32_t owner);

/* The first free place. */
uint32_t shelf_slots_first(struct shelf_slots *slots);

/* Its owner; 0. */
uint32_t shelf_slots_owner(const struct shelf_slots *slots, uint32_t place);

/* Hand a taken place on to another owner. */
void shelf_slots_pass(
    struct shelf_slots *slots, uint32_t place, uint32_t owner);

/* It is taken, and now free. */
void shelf_slots_give(struct shelf_slots *slots, uint32_t place);

#endif
