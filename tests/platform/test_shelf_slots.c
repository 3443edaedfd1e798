/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slots against a plain array, through thousands of random changes. */
#include "platform/shelf_slots.h"

#include <stdbool.h>

#include "base/random.h"
#include "tests/tap.h"

enum { PLACES = 300, STEPS = 20000 };

static uint32_t model[PLACES]; /* owners; 0: free */

static uint32_t first_free(void)
{
    uint32_t place = 0;
    while (place < PLACES && model[place] != 0)
        place++;
    return place;
}

static bool is_same(const struct shelf_slots *slots)
{
    uint32_t used = 0, end = 0;
    for (uint32_t i = 0; i < PLACES; i++) {
        if (shelf_slots_owner(slots, i) != model[i])
            return false;
        used += model[i] != 0;
        end = model[i] != 0 ? i + 1 : end;
    }
    return slots->used == used && slots->end == end;
}

/* One random change; whether the slots answered as the model does. */
static bool step(struct shelf_slots *slots, struct random *random)
{
    uint32_t place = (uint32_t)random_below(random, PLACES);
    uint32_t owner = 1 + (uint32_t)random_below(random, 1000);
    uint32_t taken;
    switch (random_below(random, 4)) {
    case 0:
        if (first_free() == PLACES)
            return true;
        if (shelf_slots_take(slots, owner, &taken) || taken != first_free())
            return false;
        model[taken] = owner;
        return true;
    case 1:
        if (model[place] != 0)
            return shelf_slots_claim(slots, place, owner) == STATUS_EXISTS;
        model[place] = owner;
        return shelf_slots_claim(slots, place, owner) == STATUS_OK;
    case 2:
        if (model[place] == 0)
            return shelf_slots_owner(slots, place) == 0;
        shelf_slots_pass(slots, place, owner);
        model[place] = owner;
        return true;
    default:
        if (model[place] == 0)
            return true;
        shelf_slots_give(slots, place);
        model[place] = 0;
        return true;
    }
}

int main(void)
{
    struct shelf_slots slots;
    struct random_seeded random;
    bool answers = true, same = true;
    random_seeded_init(&random, 1, 0);
    shelf_slots_init(&slots);
    for (int i = 0; i < STEPS; i++) {
        answers = answers && step(&slots, &random.base);
        same = same && is_same(&slots);
    }
    ok(answers, "what is taken is the first that is free, or what was asked");
    ok(same, "each place has the owner that it was given");
    shelf_slots_clear(&slots);
    ok(shelf_slots_first(&slots) == 0 && slots.end == 0,
        "cleared, all is free");
    ok(shelf_slots_claim(&slots, UINT32_MAX, 1) == STATUS_NO_MEMORY &&
            shelf_slots_owner(&slots, UINT32_MAX) == 0,
        "a place that no memory reaches is refused");
    shelf_slots_clear(&slots);
    return tap_done();
}
