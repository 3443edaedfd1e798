/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/heap.h"
#include "base/random.h"
#include "tests/tap.h"

int main(void)
{
    struct random_seeded random;
    random_seeded_init(&random, 1, 0);
    struct heap heap;
    heap_init(&heap, 1000);
    ok(heap_first(&heap) == NULL, "an empty heap has no first item");
    for (uint64_t i = 0; i < 1000; i++)
        need(heap_push(&heap, (struct heap_item){random_below(&random.base, 50),
                                  i}) == STATUS_OK);
    ok(heap_push(&heap, (struct heap_item){0, 0}) == STATUS_FULL,
        "refuses past its maximum");
    int ordered = 1;
    struct heap_item last = {0, 0};
    for (int i = 0; i < 1000; i++) {
        struct heap_item item = heap_pop(&heap);
        if (i && (item.at_ms < last.at_ms ||
                     (item.at_ms == last.at_ms && item.value <= last.value)))
            ordered = 0;
        last = item;
    }
    ok(ordered, "pops by time, and by value at equal times");
    ok(heap.count == 0, "and ends empty");
    heap_clear(&heap);
    return tap_done();
}
