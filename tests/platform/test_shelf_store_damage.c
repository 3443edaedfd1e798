/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a damaged disk leaves of the store: it costs what was damaged, and the
 * store works on. */
#include "config.h"

#include "base/random.h"
#include "tests/platform/shelves.h"

static struct shelf_store *fill(const char *path)
{
    struct shelf_store *store = open_at(path);
    need(store);
    for (unsigned i = 1; i <= 8; i++)
        put(store, i, i % 2 ? SMALL : MIDDLE);
    commit(store);
    return store;
}

static void test_damage(void)
{
    const char *path = strdup(scratch_path("damage"));
    struct shelf_store *store = fill(path);
    struct shelf_row row;
    const struct envelope_id two = id_of(2);
    damage(path, "2048", 5);
    ok(shelf_store_get(store, &two, &row) == STATUS_NOT_FOUND &&
            shelf_store_damaged(store) == 1 && count_rows(store, NULL) == 7,
        "an envelope that a disk changed is given up when it is read");
    put(store, 2, MIDDLE);
    ok(has(store, 2, MIDDLE), "and may come again");
    shelf_store_close(store);

    damage(path, "ids", 128 + 3 * 128 + 40);
    store = open_at(path);
    need(store);
    ok(shelf_store_damaged(store) == 1 && count_rows(store, NULL) == 7 &&
            state_of(store, 4) == -1 && has(store, 3, SMALL),
        "a damaged record costs one envelope");
    shelf_store_close(store);

    cut(path, "512", 2 * SMALL + 100);
    store = open_at(path);
    need(store);
    ok(shelf_store_damaged(store) == 2 && has(store, 1, SMALL) &&
            has(store, 3, SMALL) && state_of(store, 5) == -1 &&
            state_of(store, 7) == -1 && has(store, 6, MIDDLE),
        "a file that was cut costs what lay behind");
    shelf_store_close(store);

    damage(path, "ids", 3);
    cut(path, "ids", 128 + 6 * 128 + 7);
    store = open_at(path);
    need(store);
    ok(has(store, 1, SMALL) && has(store, 6, MIDDLE) &&
            state_of(store, 8) == -1,
        "neither its head nor its end is needed to read the rest");
    shelf_store_close(store);
    store = open_at(path);
    need(store);
    ok(shelf_store_damaged(store) == 0,
        "what was given up is not found again the next time");
    shelf_store_close(store);
    free((char *)path);
}

/* Bytes anywhere in the files are turned, or an end is cut off. */
static void spoil(const char *directory, struct random *random)
{
    static const char *const names[] = {"ids", "512", "2048", "32768"};
    const char *name = names[random_below(random, 4)];
    off_t size = size_of(directory, name);
    if (size == 0)
        return;
    if (random_below(random, 4) == 0)
        cut(directory, name, (off_t)random_below(random, (uint64_t)size));
    else
        for (uint64_t i = random_below(random, 8) + 1; i > 0; i--)
            damage(
                directory, name, (off_t)random_below(random, (uint64_t)size));
}

/* Whether all that is there is whole, and the store works on. */
static bool works(struct shelf_store *store, unsigned fresh)
{
    const struct envelope_id id = id_of(fresh);
    struct shelf_row row;
    for (unsigned i = 1; i <= 60; i++) {
        const struct envelope_id some = id_of(i);
        if (shelf_store_get(store, &some, &row) == STATUS_OK &&
            row.state == SHELF_ROW_STORED && !is_whole(&some, row.encoding))
            return false;
    }
    put(store, fresh, MIDDLE);
    return shelf_store_commit(store) == STATUS_OK &&
           shelf_store_get(store, &id, &row) == STATUS_OK;
}

/* Where neither a head nor a record is left, begin anew, as a relay does. */
static struct shelf_store *open_or_begin(const char *path)
{
    const struct shelf_store_config config = {path, is_whole};
    struct shelf_store *store;
    char ids[300];
    enum status status = shelf_store_open(&config, &store, why);
    if (status != STATUS_INVALID)
        return status ? NULL : store;
    snprintf(ids, sizeof(ids), "%s/ids", path);
    need(unlink(ids) == 0);
    return open_at(path);
}

static void test_spoiled(void)
{
    enum { ROUNDS = 120 };
    const char *path = strdup(scratch_path("spoiled"));
    struct random_seeded random;
    struct shelf_store *store = fill(path);
    bool all = true;
    random_seeded_init(&random, 1, 0);
    for (unsigned i = 0; i < ROUNDS && store; i++) {
        put(store, 20 + i % 40, i % 3 ? SMALL : LARGE);
        clear(store, 20 + (i + 7) % 40);
        forget(store, 20 + (i + 13) % 40);
        commit(store);
        shelf_store_close(store);
        spoil(path, &random.base);
        store = open_or_begin(path);
        all = all && store && works(store, 100 + i % 100);
    }
    ok(all, "however its files are spoiled, it opens, and works on");
    shelf_store_close(store);
    free((char *)path);
}

int main(void)
{
    scratch_make();
    test_damage();
    test_spoiled();
    return tap_done();
}
