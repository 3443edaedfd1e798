/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who waits for whom. */
#include "base/fair.h"

#include <stdbool.h>

#include "tests/tap.h"

enum { ITEMS = 400, MANY = 60000 };

struct thing {
    struct fair_item item;
    uint32_t flow;
    uint32_t number;
};

static struct fair fair;
static struct thing things[ITEMS];
static uint32_t used;

static void put_as(uint32_t flow, size_t cost, bool yields)
{
    struct thing *thing = &things[used];
    need(used < ITEMS);
    *thing = (struct thing){{.cost = cost, .yields = yields}, flow, used++};
    need(fair_add(&fair, flow, &thing->item) == STATUS_OK);
}

static void put(uint32_t flow, size_t cost)
{
    put_as(flow, cost, false);
}

static const struct thing *take(void)
{
    return (const struct thing *)fair_take(&fair);
}

static void begin(void)
{
    while (fair_first(&fair))
        fair_take(&fair);
    used = 0;
}

/* Of so many bytes that go next, those of a flow. */
static size_t share(uint32_t flow, size_t bytes)
{
    size_t mine = 0;
    for (size_t all = 0; all < bytes && fair_first(&fair);) {
        const struct thing *thing = take();
        all += thing->item.cost;
        mine += thing->flow == flow ? thing->item.cost : 0;
    }
    return mine;
}

static void one_flow_keeps_its_order(void)
{
    begin();
    ok(!fair_first(&fair) && fair_flow_cost(&fair, 1) == 0, "it begins empty");
    for (int i = 0; i < 50; i++)
        put(1, 100 + (size_t)i * 700);
    bool ordered = true;
    for (uint32_t i = 0; i < 50; i++)
        ordered &= take()->number == i;
    ok(ordered && !fair_first(&fair), "what is of one flow keeps its order");
}

static void none_waits_for_all_of_another(void)
{
    begin();
    for (int i = 0; i < 100; i++)
        put(1, 8000);
    put(2, 500);
    uint32_t before = 0;
    while (take()->flow == 1)
        before++;
    ok(before <= 2, "one that comes after a hundred of another goes third");
    for (int i = 0; i < 20; i++)
        put(3, 500);
    size_t few = share(3, 20000);
    ok(few >= 20000 / 2 - 8000 && few <= 20000 / 2 + 2048,
        "small ones get as many bytes as large ones");
}

static void all_get_as_much(void)
{
    begin();
    static const size_t costs[] = {300, 1200, 8300, 32000, 40};
    for (uint32_t flow = 0; flow < 5; flow++)
        for (size_t sum = 0; sum < MANY; sum += costs[flow])
            if (used < ITEMS && (flow < 4 || sum < 4000))
                put(flow, costs[flow]);
    size_t first = share(1, MANY);
    ok(first > MANY / 5 - 8000 && first < MANY / 2,
        "each of several has its part");
}

static void the_first_stays(void)
{
    begin();
    put(1, 9000);
    const struct fair_item *first = fair_first(&fair);
    for (uint32_t flow = 2; flow < 40; flow++)
        put(flow, 100);
    ok(fair_first(&fair) == first,
        "what comes changes nothing of what is next");
    ok(fair_flow_cost(&fair, 1) == 9000 && fair_flow_cost(&fair, 99) == 0,
        "what waits of a flow is known");
    take();
    ok(fair_flow_cost(&fair, 1) == 0, "and that nothing does");
    put(1, 9000);
    uint32_t before = 0;
    while (take()->flow != 1)
        before++;
    ok(before == 38, "who comes back waits for its turn");
}

static void credit_is_not_saved(void)
{
    begin();
    put(1, 10);
    put(2, 10);
    for (int i = 0; i < 100; i++) {
        put(1, 10);
        take();
    }
    begin();
    for (int i = 0; i < 20; i++)
        put(1, 8000);
    for (int i = 0; i < 20; i++)
        put(2, 8000);
    size_t part = share(1, 80000);
    ok(part >= 32000 && part <= 48000, "nobody is paid for having had nothing");
}

/* What is left after some were removed, as it is taken. */
static bool leaves(const uint32_t *numbers, size_t count)
{
    bool as_said = true;
    for (size_t i = 0; i < count; i++)
        as_said &= fair_first(&fair) && take()->number == numbers[i];
    return as_said && !fair_first(&fair);
}

static void any_can_be_removed(void)
{
    static const uint32_t remaining[] = {1, 3, 4};
    begin();
    for (int i = 0; i < 6; i++)
        put(1, 100);
    fair_remove(&fair, &things[0].item);
    fair_remove(&fair, &things[2].item);
    fair_remove(&fair, &things[5].item);
    ok(fair_flow_cost(&fair, 1) == 300, "what was removed costs nothing more");
    ok(leaves(remaining, 3), "the first, one between and the last");
    static const uint32_t others[] = {0, 3};
    begin();
    for (uint32_t flow = 1; flow < 5; flow++)
        put(flow, 3000);
    fair_remove(&fair, &things[1].item);
    fair_remove(&fair, &things[2].item);
    ok(leaves(others, 2), "flows that lose all of theirs have no turn");
    begin();
    put(1, 100);
    put(2, 9000);
    fair_remove(&fair, &things[0].item);
    put(3, 100);
    ok(fair_first(&fair) && fair_flow_cost(&fair, 1) == 0,
        "the next has the turn of the one in front");
}

static void who_has_most_yields(void)
{
    begin();
    put_as(1, 100, true);
    ok(fair_yielding(&fair) == &things[0].item, "what yields is found");
    for (int i = 0; i < 3; i++)
        put(2, 1000);
    ok(fair_yielding(&fair) == &things[0].item, "and nothing else");
    put(3, 100);
    put_as(3, 100, true);
    put_as(3, 100, true);
    ok(fair_yielding(&fair) == &things[5].item,
        "the first of the flow that has most");
    ok(fair_flow_cost(&fair, 3) == 300 && fair_firm_cost(&fair, 3) == 100 &&
            fair_firm_cost(&fair, 1) == 0 && fair_firm_cost(&fair, 9) == 0,
        "what does not yield is counted");
    fair_remove(&fair, &things[5].item);
    fair_remove(&fair, &things[6].item);
    fair_remove(&fair, &things[0].item);
    ok(!fair_yielding(&fair), "until nothing yields");
}

int main(void)
{
    one_flow_keeps_its_order();
    none_waits_for_all_of_another();
    all_get_as_much();
    the_first_stays();
    credit_is_not_saved();
    any_can_be_removed();
    who_has_most_yields();
    begin();
    return tap_done();
}
