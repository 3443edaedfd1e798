/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shelves of earlier versions of the program, taken into a store. */
#include "config.h"

#include "platform/shelf_database.h"

#include <sqlite3.h>

#include "tests/platform/scratch.h"
#include "tests/tap.h"

static char why[SHELF_WHY_BYTES];

/* Here all are, but those whose first byte is x. */
static bool is_whole(const struct envelope_id *id, struct span encoding)
{
    (void)id;
    return encoding.data[0] != 'x';
}

static struct shelf_store *open_at(const char *path)
{
    const struct shelf_store_config config = {path, is_whole};
    struct shelf_store *store;
    need(shelf_store_open(&config, &store, why) == STATUS_OK);
    return store;
}

static int count_rows(struct shelf_store *store, const struct tag *tag)
{
    struct shelf_row row;
    int count = 0;
    shelf_store_walk(store, tag);
    while (shelf_store_next(store, &row) == STATUS_OK)
        count++;
    return count;
}

static void make(const char *path, const char *text)
{
    sqlite3 *handle;
    need(sqlite3_open(path, &handle) == SQLITE_OK);
    need(sqlite3_exec(handle,
             "PRAGMA journal_mode = WAL; PRAGMA application_id = 0x536f7474;",
             NULL, NULL, NULL) == SQLITE_OK);
    need(sqlite3_exec(handle, text, NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(handle);
}

/* One cleared row, one stored without a stamp, and one whose stamp somebody
 * made up. */
static const char version_1[] =
    "PRAGMA user_version = 1;"
    "CREATE TABLE envelope (key INTEGER PRIMARY KEY,"
    " id BLOB NOT NULL UNIQUE, tag BLOB NOT NULL,"
    " receipt_hash BLOB NOT NULL, opening BLOB,"
    " expires_h INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    " state INTEGER NOT NULL, encoding BLOB);"
    "CREATE INDEX envelope_tag ON envelope (tag) WHERE state = 0;"
    "INSERT INTO envelope VALUES"
    " (1, x'00000000000000000000000000000001', zeroblob(16),"
    " zeroblob(32), zeroblob(32), 1001, 512, 1, NULL),"
    " (2, x'00000000000000000000000000000002', zeroblob(16),"
    " zeroblob(32), NULL, 1002, 512, 0, zeroblob(512)),"
    " (3, x'00000000000000000000000000000003', zeroblob(16),"
    " zeroblob(32), NULL, 1003, 512, 0, CAST(printf('%512d', 5) AS BLOB));";

/* 600 stored ones; one cleared, one evicted; one that is not whole, one of no
 * size there is, and one of no state. */
static const char version_2[] =
    "PRAGMA user_version = 2;"
    "CREATE TABLE envelope (key INTEGER PRIMARY KEY, id BLOB NOT NULL,"
    " tag BLOB NOT NULL, receipt_hash BLOB NOT NULL, opening BLOB,"
    " expires_h INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    " state INTEGER NOT NULL, bits INTEGER NOT NULL, encoding BLOB);"
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
    " WHERE i < 600) INSERT INTO envelope SELECT i,"
    " CAST(printf('id%014d', i) AS BLOB),"
    " CAST(printf('tag%013d', i / 100) AS BLOB),"
    " zeroblob(32), NULL, 2000 + i, 2048, 0, i % 30,"
    " CAST(printf('%2048d', i) AS BLOB) FROM n;"
    "INSERT INTO envelope VALUES"
    " (601, CAST('id00000000000601' AS BLOB), zeroblob(16), zeroblob(32),"
    " CAST(printf('%032d', 7) AS BLOB), 3000, 2048, 1, 3, NULL),"
    " (602, CAST('id00000000000602' AS BLOB), zeroblob(16),"
    " CAST(printf('%032d', 8) AS BLOB), NULL, 3000, 32768, 2, 3, NULL),"
    " (603, CAST('id00000000000603' AS BLOB), zeroblob(16), zeroblob(32),"
    " NULL, 3000, 512, 0, 0, CAST(replace(printf('%512d', 0), ' ', 'x') AS"
    " BLOB)),"
    " (604, CAST('id00000000000604' AS BLOB), zeroblob(16), zeroblob(32),"
    " NULL, 3000, 513, 0, 0, zeroblob(513)),"
    " (605, CAST('id00000000000605' AS BLOB), zeroblob(16), zeroblob(32),"
    " NULL, 3000, 512, 9, 0, NULL);";

static struct envelope_id id_of(int number)
{
    struct envelope_id id;
    char text[17];
    snprintf(text, sizeof(text), "id%014d", number);
    memcpy(id.bytes, text, sizeof(id.bytes));
    return id;
}

static void test_version_1(void)
{
    const char *path = strdup(scratch_path("version1.db"));
    struct shelf_store *store = open_at(scratch_path("shelf1"));
    struct tag tag = {{0}};
    struct envelope_id id = {{0}};
    struct shelf_row row;
    make(path, version_1);
    ok(shelf_database_take(path, store, why) == STATUS_OK &&
            count_rows(store, NULL) == 2 && count_rows(store, &tag) == 1,
        "a file of version 1 is taken in");
    id.bytes[15] = 2;
    ok(shelf_store_get(store, &id, &row) == STATUS_OK &&
            row.expires_h == 1002 && row.stamp_bits == 0 &&
            row.encoding.size == 512,
        "with all that was honest in it");
    id.bytes[15] = 3;
    ok(shelf_store_get(store, &id, &row) == STATUS_NOT_FOUND,
        "and without a stamp that nobody checked");
    shelf_store_close(store);
    free((char *)path);
}

static bool is_all_there(struct shelf_store *store)
{
    struct shelf_row row;
    for (int i = 1; i <= 600; i++) {
        const struct envelope_id id = id_of(i);
        char text[2049];
        snprintf(text, sizeof(text), "%2048d", i);
        if (shelf_store_get(store, &id, &row) || row.expires_h != 2000u + i ||
            row.stamp_bits != i % 30 ||
            !span_equal(row.encoding, span_of_text(text)))
            return false;
    }
    const struct envelope_id cleared = id_of(601), evicted = id_of(602);
    return shelf_store_get(store, &cleared, &row) == STATUS_OK &&
           row.state == SHELF_ROW_CLEARED && row.opening.bytes[31] == '7' &&
           shelf_store_get(store, &evicted, &row) == STATUS_OK &&
           row.state == SHELF_ROW_EVICTED && row.bytes == 32768 &&
           row.receipt_hash.bytes[31] == '8';
}

static bool is_gone(const char *path)
{
    char name[300];
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        if (access(name, F_OK) == 0)
            return false;
    }
    return true;
}

static void test_version_2(void)
{
    const char *path = strdup(scratch_path("version2.db"));
    const char *shelf = strdup(scratch_path("shelf2"));
    struct shelf_store *store = open_at(shelf);
    struct tag tag;
    make(path, version_2);
    memcpy(tag.bytes, "tag0000000000003", sizeof(tag.bytes));
    ok(shelf_database_take(path, store, why) == STATUS_OK &&
            is_all_there(store) && count_rows(store, &tag) == 100,
        "a file of version 2 is taken in whole");
    ok(count_rows(store, NULL) == 602 && shelf_store_damaged(store) == 3,
        "but for rows that were damaged, which are counted");
    ok(is_gone(path), "and is gone then");
    ok(shelf_database_take(path, store, why) == STATUS_NOT_FOUND,
        "which is once and for all");
    shelf_store_close(store);
    store = open_at(shelf);
    ok(is_all_there(store), "all is on the disk");

    /* Its end came when a part was taken in. */
    const struct envelope_id some = id_of(5), other = id_of(601);
    const struct envelope_id later = id_of(602);
    const struct opening opening = {{1}};
    struct shelf_row row;
    need(shelf_store_forget(store, &some) == STATUS_OK);
    need(shelf_store_forget(store, &other) == STATUS_OK);
    make(path, version_2);
    ok(shelf_database_take(path, store, why) == STATUS_OK &&
            is_all_there(store) && count_rows(store, NULL) == 602,
        "taken in again, it adds what is missing");
    need(shelf_store_clear(store, &later, &opening) == STATUS_OK);
    make(path, version_2);
    ok(shelf_database_take(path, store, why) == STATUS_OK &&
            shelf_store_get(store, &later, &row) == STATUS_OK &&
            row.state == SHELF_ROW_CLEARED,
        "and nothing that has changed since");
    shelf_store_close(store);
    free((char *)path);
    free((char *)shelf);
}

static void test_refusals(void)
{
    const char *path = strdup(scratch_path("later.db"));
    struct shelf_store *store = open_at(scratch_path("shelf3"));
    make(path, "PRAGMA user_version = 99; CREATE TABLE x (y);");
    ok(shelf_database_take(path, store, why) == STATUS_REFUSED &&
            strstr(why, "99") && !is_gone(path),
        "a file of a later version is refused, says which, and stays");
    FILE *file = fopen(path, "w");
    need(file);
    for (int i = 0; i < 300; i++)
        fputs("this is no database at all\n", file);
    fclose(file);
    ok(shelf_database_take(path, store, why) == STATUS_INVALID && *why,
        "one that is no database is refused in words");
    ok(count_rows(store, NULL) == 0, "the store is as it was");
    shelf_store_close(store);
    free((char *)path);
}

/* A page in the middle of a file is lost. */
static void test_damaged(void)
{
    static const char noise[4096] = {1};
    const char *path = strdup(scratch_path("damaged.db"));
    struct shelf_store *store = open_at(scratch_path("shelf4"));
    struct shelf_row row;
    struct stat stat_;
    const struct envelope_id first = id_of(1);
    make(path, version_2);
    int fd = open(path, O_RDWR);
    need(fd >= 0 && fstat(fd, &stat_) == 0);
    need(pwrite(fd, noise, sizeof(noise), stat_.st_size / 8192 * 4096) ==
         (ssize_t)sizeof(noise));
    close(fd);
    ok(shelf_database_take(path, store, why) == STATUS_INVALID && *why &&
            !is_gone(path),
        "a damaged file is refused");
    int count = count_rows(store, NULL);
    ok(count > 100 && count < 602 &&
            shelf_store_get(store, &first, &row) == STATUS_OK,
        "and what could be read of it is there");
    shelf_store_close(store);
    free((char *)path);
}

int main(void)
{
    scratch_make();
    test_version_1();
    test_version_2();
    test_refusals();
    test_damaged();
    return tap_done();
}
