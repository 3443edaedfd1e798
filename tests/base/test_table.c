/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/random.h"
#include "base/table.h"
#include "tests/tap.h"

struct entry {
    uint32_t key;
    uint32_t value;
};

enum { KEYS = 4096 };

/* Adds, finds and removes at random beside an array that cannot be wrong. */
static int agrees_with_array(struct table *table)
{
    static uint32_t model[KEYS]; /* 0 = absent */
    struct random_seeded random;
    random_seeded_init(&random, 3, 0);
    for (int i = 0; i < 200000; i++) {
        uint32_t key = (uint32_t)random_below(&random.base, KEYS);
        struct entry *found = table_find(table, &key);
        if ((found ? found->value : 0) != model[key])
            return 0;
        if (random_below(&random.base, 2)) {
            void *out = NULL;
            enum status status = table_add(table, &key, &out);
            if (status != (model[key] ? STATUS_EXISTS : STATUS_OK))
                return 0;
            model[key] = ((struct entry *)out)->value = (uint32_t)i + 1;
        } else {
            table_remove(table, &key);
            model[key] = 0;
        }
    }
    size_t cursor = 0, walked = 0;
    for (struct entry *e; (e = table_next(table, &cursor)); walked++)
        if (model[e->key] != e->value)
            return 0;
    return walked == table->count;
}

struct wide {
    uint8_t key[32];
    uint32_t number;
};

/* Keys of that size which differ in their last bytes alone. */
static int tells_apart(size_t key_bytes)
{
    struct table table;
    int right = 1;
    table_init(&table, key_bytes, sizeof(struct wide), KEYS, 7);
    for (uint32_t i = 0; i < 2 * KEYS; i++) {
        struct wide wide = {.number = i};
        memcpy(wide.key + key_bytes - sizeof(i), &i, sizeof(i));
        void *out = NULL;
        if (i % 2 == 0) {
            need(table_add(&table, wide.key, &out) == STATUS_OK);
            ((struct wide *)out)->number = i;
        }
    }
    for (uint32_t i = 0; i < 2 * KEYS; i++) {
        uint8_t key[32] = {0};
        memcpy(key + key_bytes - sizeof(i), &i, sizeof(i));
        const struct wide *found = table_find(&table, key);
        right &= i % 2 ? !found : found && found->number == i;
    }
    table_clear(&table);
    return right;
}

int main(void)
{
    ok(tells_apart(8) && tells_apart(16) && tells_apart(20) && tells_apart(32),
        "keys of any size are told apart by their last bytes");
    struct table table;
    table_init(&table, 4, sizeof(struct entry), KEYS, 99);
    uint32_t key = 5;
    ok(table_find(&table, &key) == NULL, "an empty table finds nothing");
    ok(agrees_with_array(&table), "200,000 random operations agree");
    table_clear(&table);

    table_init(&table, 4, sizeof(struct entry), 3, 99);
    void *out = NULL;
    for (key = 0; key < 3; key++)
        need(table_add(&table, &key, &out) == STATUS_OK);
    void *before = out;
    ok(table_add(&table, &key, &out) == STATUS_FULL && out == before,
        "refuses past its maximum and leaves the out-pointer");
    key = 1;
    ok(table_add(&table, &key, &out) == STATUS_EXISTS &&
            ((struct entry *)out)->key == 1,
        "a full table still finds what is there");
    table_remove(&table, &key);
    ok(table_find(&table, &key) == NULL && table.count == 2, "removes");
    table_clear(&table);

    table_init(&table, 4, sizeof(struct entry), KEYS, 99);
    for (key = 0; key < 100; key++)
        need(table_add(&table, &key, &out) == STATUS_OK);
    size_t rush_bytes = table_bytes(&table);
    for (key = 0; key < 100; key++)
        table_remove(&table, &key);
    ok(rush_bytes >= 100 * sizeof(struct entry) && table_bytes(&table) == 0,
        "an empty table gives back what a rush took");
    need(table_add(&table, &key, &out) == STATUS_OK);
    ok(table_find(&table, &key) == out, "and may be used on");
    table_clear(&table);
    return tap_done();
}
