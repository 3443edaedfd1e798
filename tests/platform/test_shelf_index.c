/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The index against a plain array, through thousands of random changes. */
#include "platform/shelf_index.h"

#include <string.h>

#include "base/random.h"
#include "tests/tap.h"

enum { IDS = 600, TAGS = 40, STEPS = 20000 };

static struct model {
    int64_t row; /* 0: not there */
    int tag;     /* -1: none */
} model[IDS];

static struct envelope_id id_of(size_t number)
{
    struct envelope_id id = {{0}};
    memcpy(id.bytes, &number, sizeof(number));
    return id;
}

static struct tag tag_of(int number)
{
    struct tag tag = {{7}};
    memcpy(tag.bytes + 8, &number, sizeof(number));
    return tag;
}

/* Whether the entries under a tag are the model's, each once. */
static bool same_under(const struct shelf_index *index, int number)
{
    struct tag tag = tag_of(number);
    size_t expected = 0, found = 0;
    for (size_t i = 0; i < IDS; i++)
        expected += model[i].row != 0 && model[i].tag == number;
    uint32_t place = 0;
    while ((place = shelf_index_next(index, &tag, place))) {
        const struct shelf_entry *entry = &index->entries[place];
        size_t id;
        memcpy(&id, entry->id.bytes, sizeof(id));
        if (id >= IDS || model[id].tag != number ||
            model[id].row != entry->row || ++found > expected)
            return false;
    }
    return found == expected;
}

static bool same(const struct shelf_index *index)
{
    size_t count = 0;
    for (size_t i = 0; i < IDS; i++) {
        struct envelope_id id = id_of(i);
        const struct shelf_entry *entry = shelf_index_find(index, &id);
        if ((entry ? entry->row : 0) != model[i].row)
            return false;
        count += entry != NULL;
    }
    for (int tag = 0; tag < TAGS; tag++)
        if (!same_under(index, tag))
            return false;
    return count == index->count;
}

static void change(
    struct shelf_index *index, struct random *random, int64_t step)
{
    size_t i = random_below(random, IDS);
    struct envelope_id id = id_of(i);
    struct shelf_entry *entry = shelf_index_find(index, &id);
    int number = (int)random_below(random, TAGS);
    struct tag tag = tag_of(number);
    if (!entry) {
        need(shelf_index_add(index, &id, step, &entry) == STATUS_OK);
        model[i] = (struct model){step, -1};
    }
    switch (random_below(random, 4)) {
    case 0:
        shelf_index_remove(index, entry);
        model[i] = (struct model){0, -1};
        break;
    case 1:
        shelf_index_untag(index, entry);
        model[i].tag = -1;
        break;
    default:
        shelf_index_tag(index, entry, &tag);
        model[i].tag = number;
        break;
    }
}

int main(void)
{
    struct shelf_index index;
    struct random_seeded random;
    random_seeded_init(&random, 3, 0);
    shelf_index_init(&index, 9);
    struct tag none = tag_of(1);
    ok(same(&index) && shelf_index_next(&index, &none, 0) == 0,
        "an empty index has nothing");
    bool all = true;
    for (int64_t step = 1; step <= STEPS; step++) {
        change(&index, &random.base, step);
        if (step % 97 == 0)
            all &= same(&index);
    }
    ok(all && same(&index), "through 20,000 changes it is what it should be");
    for (size_t i = 0; i < IDS; i++) {
        struct envelope_id id = id_of(i);
        struct shelf_entry *entry = shelf_index_find(&index, &id);
        if (entry)
            shelf_index_remove(&index, entry);
        model[i] = (struct model){0, -1};
    }
    ok(same(&index) && index.count == 0, "and it can be emptied");
    size_t used = index.used;
    for (size_t i = 0; i < IDS / 2; i++) {
        struct envelope_id id = id_of(i);
        struct shelf_entry *entry;
        need(shelf_index_add(&index, &id, 1, &entry) == STATUS_OK);
    }
    ok(index.used == used && index.count == IDS / 2,
        "places that were given back are used again");
    shelf_index_clear(&index);
    return tap_done();
}
