/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "platform/shelf_database.h"

#include <sqlite3.h>

#include "tests/platform/scratch.h"
#include "tests/tap.h"

static char why[256];

static struct shelf_database *open_at(const char *path)
{
    struct shelf_database *database;
    if (shelf_database_open(path, &database, why))
        return NULL;
    return database;
}

static struct shelf_row row_of(uint8_t number, const char *text)
{
    struct shelf_row row = {.expires_h = 1000u + number,
        .bytes = 512,
        .state = SHELF_ROW_STORED,
        .encoding = span_of_text(text)};
    memset(row.id.bytes, number, sizeof(row.id.bytes));
    memset(row.tag.bytes, number / 2, sizeof(row.tag.bytes));
    row.stamp_bits = number;
    memset(row.receipt_hash.bytes, number + 1, sizeof(row.receipt_hash.bytes));
    return row;
}

/* Good until the next call. */
static const struct envelope_id *id_of(uint8_t number)
{
    static struct envelope_id id;
    id = row_of(number, "").id;
    return &id;
}

static void put(struct shelf_database *database, uint8_t number)
{
    struct shelf_row row = row_of(number, "sealed bytes of an envelope");
    need(shelf_database_put(database, &row) == STATUS_OK);
}

static int count_rows(struct shelf_database *database, const struct tag *tag)
{
    struct shelf_row row;
    int count = 0;
    need(shelf_database_walk(database, tag) == STATUS_OK);
    while (shelf_database_next(database, &row) == STATUS_OK)
        count++;
    return count;
}

/* The ids of a walk behind number, by their first bytes. */
static bool walks(
    struct shelf_database *database, uint8_t behind, const char *expected)
{
    struct shelf_row row;
    need(shelf_database_walk_behind(database, id_of(behind)) == STATUS_OK);
    for (; *expected; expected++)
        if (shelf_database_next(database, &row) != STATUS_OK ||
            row.id.bytes[0] != *expected - '0')
            return false;
    return shelf_database_next(database, &row) == STATUS_NOT_FOUND;
}

static void test_states(struct shelf_database *database)
{
    struct opening opening;
    struct shelf_row row, two = row_of(2, "x"), three = row_of(3, "x");
    memset(opening.bytes, 9, sizeof(opening.bytes));
    need(shelf_database_begin(database) == STATUS_OK);
    for (uint8_t i = 1; i <= 5; i++)
        put(database, i);
    need(shelf_database_commit(database) == STATUS_OK);
    ok(count_rows(database, NULL) == 5, "five rows are there");
    ok(count_rows(database, &two.tag) == 2, "two of them under one tag");
    ok(walks(database, 0, "12345") && walks(database, 3, "45") &&
            walks(database, 5, ""),
        "those behind one come in order");
    ok(shelf_database_get(database, &two.id, &row) == STATUS_OK &&
            row.state == SHELF_ROW_STORED && row.expires_h == 1002 &&
            row.stamp_bits == 2 &&
            row.encoding.size == strlen("sealed bytes of an envelope"),
        "a stored row comes back whole");

    need(shelf_database_begin(database) == STATUS_OK);
    need(shelf_database_clear(database, &two.id, &opening) == STATUS_OK);
    need(shelf_database_evict(database, &three.id) == STATUS_OK);
    need(shelf_database_forget(database, id_of(5)) == STATUS_OK);
    need(shelf_database_commit(database) == STATUS_OK);
    ok(shelf_database_get(database, &two.id, &row) == STATUS_OK &&
            row.state == SHELF_ROW_CLEARED && row.encoding.size == 0 &&
            memcmp(&row.opening, &opening, sizeof(opening)) == 0 &&
            row.bytes == 512,
        "a cleared one keeps its opening and no bytes");
    ok(shelf_database_get(database, &three.id, &row) == STATUS_OK &&
            row.state == SHELF_ROW_EVICTED && row.encoding.size == 0,
        "an evicted one keeps its id");
    ok(shelf_database_get(database, id_of(5), &row) == STATUS_NOT_FOUND,
        "a forgotten one is gone");
    ok(count_rows(database, &two.tag) == 0,
        "neither cleared nor evicted ones are found by tag");
}

static void test_crash(struct shelf_database *database, const char *path)
{
    const char *copy = scratch_path("copy.db");
    need(shelf_database_begin(database) == STATUS_OK);
    put(database, 7);
    need(shelf_database_commit(database) == STATUS_OK);
    need(shelf_database_begin(database) == STATUS_OK);
    put(database, 8);
    scratch_crash(path, copy);
    need(shelf_database_commit(database) == STATUS_OK);
    struct shelf_database *after = open_at(copy);
    struct shelf_row row;
    need(after);
    ok(shelf_database_get(after, id_of(7), &row) == STATUS_OK,
        "after a crash what was committed is there");
    ok(shelf_database_get(after, id_of(8), &row) == STATUS_NOT_FOUND,
        "and what was not is not");
    shelf_database_close(after);
}

/* The log must be used again from its start, also when every turn reads after
 * it wrote. */
static void test_log(struct shelf_database *database, const char *path)
{
    static char bytes[32768];
    struct shelf_row row = row_of(9, ""), got;
    struct stat stat_;
    char log[300];
    row.encoding = (struct span){(const uint8_t *)bytes, sizeof(bytes)};
    for (int i = 0; i < 1000; i++) {
        memset(bytes, i, sizeof(bytes));
        need(shelf_database_begin(database) == STATUS_OK);
        need(shelf_database_put(database, &row) == STATUS_OK);
        need(shelf_database_commit(database) == STATUS_OK);
        need(shelf_database_get(database, &row.id, &got) == STATUS_OK);
    }
    snprintf(log, sizeof(log), "%s-wal", path);
    need(stat(log, &stat_) == 0);
    ok(stat_.st_size < 20 * 1024 * 1024,
        "the log stays small when writes and reads take turns");
}

static void test_refusals(const char *path)
{
    struct shelf_database *database;
    const char *other = scratch_path("other.db");
    FILE *file = fopen(other, "w");
    need(file);
    for (int i = 0; i < 300; i++)
        fputs("this is no database at all\n", file);
    fclose(file);
    ok(shelf_database_open(other, &database, why) == STATUS_INVALID && *why,
        "a file that is no database is refused in words");
    ok(shelf_database_open(scratch_path("no/such/place"), &database, why) ==
                STATUS_IO &&
            *why,
        "so is a place that is not there");
    ok(shelf_database_open(path, &database, why) == STATUS_IO,
        "a second connection is refused while the first is open");
}

/* The schema's version lies big endian at byte 60 of the file. */
static void test_version(const char *path)
{
    struct shelf_database *database;
    int fd = open(path, O_RDWR);
    const unsigned char later[4] = {0, 0, 0, 99};
    need(fd >= 0 && pwrite(fd, later, 4, 60) == 4);
    close(fd);
    ok(shelf_database_open(path, &database, why) == STATUS_REFUSED &&
            strstr(why, "99"),
        "a file of a later version is refused, and says which");
}

/* As version 1 made them: one cleared row, one stored without a stamp, and one
 * whose stamp somebody made up. */
static void make_version_1(const char *path)
{
    sqlite3 *handle;
    need(sqlite3_open(path, &handle) == SQLITE_OK);
    need(sqlite3_exec(handle,
             "PRAGMA journal_mode = WAL;"
             "PRAGMA application_id = 0x536f7474; PRAGMA user_version = 1;"
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
             " zeroblob(32), NULL, 1003, 512, 0,"
             " CAST(printf('%512d', 5) AS BLOB));",
             NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(handle);
}

static void test_upgrade(void)
{
    const char *path = scratch_path("version1.db");
    struct tag tag = {{0}};
    struct envelope_id id = {{0}};
    struct shelf_row row;
    make_version_1(path);
    struct shelf_database *database = open_at(path);
    need(database);
    ok(count_rows(database, NULL) == 2 && count_rows(database, &tag) == 1,
        "a file of version 1 is brought up to date");
    id.bytes[15] = 2;
    ok(shelf_database_get(database, &id, &row) == STATUS_OK &&
            row.expires_h == 1002 && row.stamp_bits == 0 &&
            row.encoding.size == 512,
        "with all that was honest in it");
    id.bytes[15] = 3;
    ok(shelf_database_get(database, &id, &row) == STATUS_NOT_FOUND,
        "and without a stamp that nobody checked");
    ok(shelf_database_probe(database) == STATUS_OK, "and takes writes");
    shelf_database_close(database);
    database = open_at(path);
    ok(database && count_rows(database, NULL) == 2, "once and for all");
    shelf_database_close(database);
}

int main(void)
{
    scratch_make();
    const char *path = strdup(scratch_path("shelf.db"));
    struct stat stat_;
    struct shelf_database *database = open_at(path);
    need(database);
    ok(stat(path, &stat_) == 0 && (stat_.st_mode & 0777) == 0600,
        "the file is 0600");
    test_states(database);
    test_crash(database, path);
    test_log(database, path);
    test_refusals(path);
    shelf_database_close(database);
    database = open_at(path);
    need(database);
    ok(count_rows(database, NULL) == 7, "all rows are there again");
    shelf_database_close(database);
    test_version(path);
    test_upgrade();
    free((char *)path);
    return tap_done();
}
