/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The store: what goes in comes back, in order, and what is wiped does not; who
 * has no business there is refused; and its files become shorter. */
#include "config.h"

#include "tests/platform/shelves.h"

/* The ids of a walk, by their first bytes. */
static bool goes_on(struct shelf_store *store, const char *expected)
{
    struct shelf_row row;
    for (; *expected; expected++)
        if (shelf_store_next(store, &row) != STATUS_OK ||
            row.id.bytes[0] != *expected - '0')
            return false;
    return shelf_store_next(store, &row) == STATUS_NOT_FOUND;
}

static bool walks_behind(
    struct shelf_store *store, unsigned behind, const char *expected)
{
    const struct envelope_id id = id_of(behind);
    shelf_store_walk_behind(store, &id);
    return goes_on(store, expected);
}

static bool walks_tag(
    struct shelf_store *store, unsigned number, const char *expected)
{
    const struct tag tag = row_of(number, SMALL).tag;
    shelf_store_walk(store, &tag);
    return goes_on(store, expected);
}

static bool is_same_there(struct shelf_store *store)
{
    return has(store, 1, SMALL) && is_cleared(store, 2) &&
           state_of(store, 3) == SHELF_ROW_EVICTED && has(store, 4, LARGE) &&
           state_of(store, 5) == -1 && count_rows(store, NULL) == 4;
}

static void test_states(struct shelf_store *store)
{
    const size_t sizes[] = {0, SMALL, MIDDLE, MIDDLE, LARGE, MIDDLE};
    const struct envelope_id nobody = id_of(77);
    struct opening opening = {{0}};
    for (unsigned i = 1; i <= 5; i++)
        put(store, i, sizes[i]);
    ok(has(store, 1, SMALL) && has(store, 4, LARGE),
        "what is not committed yet can be read");
    commit(store);
    ok(has(store, 1, SMALL) && has(store, 2, MIDDLE) && has(store, 4, LARGE),
        "what is stored comes back whole, of each size");
    ok(count_rows(store, NULL) == 5, "all rows are there");
    ok(walks_tag(store, 2, "32") && walks_tag(store, 5, "54"),
        "those under one tag come, the newest first");
    ok(walks_behind(store, 0, "12345") && walks_behind(store, 3, "45") &&
            walks_behind(store, 5, ""),
        "those behind one come in order");
    clear(store, 2);
    evict(store, 3);
    forget(store, 5);
    ok(is_same_there(store), "one is cleared, one evicted, one forgotten");
    commit(store);
    ok(is_same_there(store), "also once it is committed");
    ok(walks_tag(store, 2, "") && walks_tag(store, 5, "4"),
        "none of them is found by tag");
    ok(shelf_store_clear(store, &nobody, &opening) == STATUS_OK &&
            shelf_store_evict(store, &nobody) == STATUS_OK &&
            shelf_store_forget(store, &nobody) == STATUS_OK &&
            count_rows(store, NULL) == 4,
        "what is not there can be neither");
}

static void test_again(struct shelf_store *store)
{
    struct shelf_row row = row_of(6, MIDDLE), got;
    uint8_t stamped[MIDDLE];
    need(shelf_store_put(store, &row) == STATUS_OK);
    commit(store);
    memcpy(stamped, row.encoding.data, sizeof(stamped));
    stamped[AT_STAMP] ^= 0x55;
    row.encoding.data = stamped;
    row.stamp_bits = 20;
    need(shelf_store_put(store, &row) == STATUS_OK);
    commit(store);
    ok(shelf_store_get(store, &row.id, &got) == STATUS_OK &&
            got.stamp_bits == 20 && span_equal(got.encoding, row.encoding),
        "another encoding takes the place of the first");
    forget(store, 6);
    commit(store);
}

/* Nothing of a wiped envelope is left in a file. */
static bool is_wiped(const char *directory, unsigned number)
{
    char path[300];
    char text[65] = "";
    memset(text, (int)number, 64);
    snprintf(path, sizeof(path), "%s/%d", directory, MIDDLE);
    return scratch_count(path, text) == 0;
}

static void test_refusals(const char *path)
{
    const struct shelf_store_config config = {path, is_whole};
    const char *other = scratch_path("other");
    const struct shelf_store_config foreign = {other, is_whole};
    const struct shelf_store_config nowhere = {
        scratch_path("no/such/place"), is_whole};
    struct shelf_store *store;
    char ids[300];
    ok(shelf_store_open(&config, &store, why) == STATUS_EXISTS && *why,
        "a second opening is refused while the first lasts");
    ok(shelf_store_open(&nowhere, &store, why) == STATUS_IO && *why,
        "so is a place that is not there");
    need(mkdir(other, 0700) == 0);
    snprintf(ids, sizeof(ids), "%s/ids", other);
    FILE *file = fopen(ids, "w");
    need(file);
    for (int i = 0; i < 300; i++)
        fputs("this is no shelf at all\n", file);
    fclose(file);
    ok(shelf_store_open(&foreign, &store, why) == STATUS_INVALID && *why,
        "a file that is something else is refused in words");
    const struct shelf_head later = {99, 0};
    uint8_t bytes[SHELF_RECORD_BYTES];
    shelf_head_encode(&later, bytes);
    int fd = open(ids, O_RDWR);
    need(fd >= 0 && write(fd, bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes));
    close(fd);
    ok(shelf_store_open(&foreign, &store, why) == STATUS_REFUSED &&
            strstr(why, "99"),
        "one of a later version, too, and it says which");
}

enum { MANY = 8000, KEPT = 500 };

/* Most of a file goes; those that stay lie anywhere in it. */
static void test_shrink(void)
{
    const char *path = strdup(scratch_path("many"));
    struct shelf_store *store = open_at(path);
    bool all = true;
    need(store);
    for (unsigned i = 1; i <= MANY; i++)
        put(store, i, MIDDLE);
    commit(store);
    need(size_of(path, "2048") == (off_t)MANY * MIDDLE);
    for (unsigned i = 1; i <= MANY; i++)
        if (i % (MANY / KEPT) != 0)
            forget(store, i);
    for (int i = 0; i < 20; i++)
        commit(store);
    ok(size_of(path, "2048") < (off_t)KEPT * MIDDLE + 5 * 1024 * 1024,
        "a file whose envelopes went becomes shorter");
    for (int again = 0; again < 2; again++) {
        for (unsigned i = MANY / KEPT; i <= MANY; i += MANY / KEPT)
            all = all && has(store, i, MIDDLE);
        shelf_store_close(store);
        store = open_at(path);
        need(store);
    }
    ok(all && count_rows(store, NULL) == KEPT &&
            shelf_store_damaged(store) == 0,
        "and those that stay are all there");
    shelf_store_close(store);
    free((char *)path);
}

int main(void)
{
    scratch_make();
    const char *path = strdup(scratch_path("shelf"));
    struct stat stat_;
    struct shelf_store *store = open_at(path);
    need(store);
    ok(stat(path, &stat_) == 0 && (stat_.st_mode & 0777) == 0700,
        "the directory is 0700");
    ok(stat(scratch_path("shelf/ids"), &stat_) == 0 &&
            (stat_.st_mode & 0777) == 0600,
        "and its files 0600");
    test_states(store);
    test_again(store);
    ok(is_wiped(path, 2) && is_wiped(path, 3) && is_wiped(path, 5) &&
            is_wiped(path, 6),
        "what went was overwritten");
    test_refusals(path);
    shelf_store_close(store);
    store = open_at(path);
    need(store);
    ok(is_same_there(store), "all is there again");
    ok(walks_behind(store, 0, "1234"), "in order");
    shelf_store_close(store);
    test_shrink();
    free((char *)path);
    return tap_done();
}
