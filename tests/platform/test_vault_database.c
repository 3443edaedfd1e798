/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "platform/vault_database.h"

#include "tests/platform/scratch.h"
#include "tests/tap.h"

#define MARK "a mark that a burnt letter would leave"

static char why[256];
static char path[256], log_path[300];

static struct vault_database *open_at(const char *at)
{
    struct vault_database *database;
    if (vault_database_open(at, &database, why))
        return NULL;
    return database;
}

static enum status put(struct vault_database *database, uint32_t kind,
    uint64_t number, const char *text)
{
    const struct vault_row row = {kind, number, span_of_text(text)};
    return vault_database_put(database, &row);
}

static int residue(void)
{
    return scratch_count(path, MARK) + scratch_count(log_path, MARK);
}

static void test_rows(struct vault_database *database)
{
    struct vault_row row;
    need(vault_database_begin(database) == STATUS_OK);
    need(put(database, 3, 1, "one") == STATUS_OK);
    need(put(database, 3, UINT64_MAX, "last") == STATUS_OK);
    need(put(database, 9, 5, "body") == STATUS_OK);
    need(put(database, 3, 1, "one again") == STATUS_OK);
    need(put(database, 4, 1, "") == STATUS_OK);
    need(vault_database_commit(database) == STATUS_OK);
    ok(vault_database_get(database, 3, 1, &row) == STATUS_OK &&
            span_equal(row.blob, span_of_text("one again")),
        "a record is replaced in its place");
    ok(vault_database_get(database, 3, UINT64_MAX, &row) == STATUS_OK &&
            row.row == UINT64_MAX,
        "row numbers have all 64 bits");
    ok(vault_database_get(database, 4, 1, &row) == STATUS_OK &&
            row.blob.size == 0,
        "an empty record is a record");
    ok(vault_database_get(database, 4, 2, &row) == STATUS_NOT_FOUND,
        "one that is not there is not found");
    int count = 0, bodies = 0;
    need(vault_database_walk(database, UINT64_C(1) << 9) == STATUS_OK);
    while (vault_database_next(database, &row) == STATUS_OK) {
        count++;
        bodies += row.kind == 9;
    }
    ok(count == 3 && bodies == 0, "a walk passes over the kinds it is told to");
}

static void test_crash(struct vault_database *database)
{
    const char *copy = scratch_path("copy.db");
    struct vault_row row;
    need(vault_database_begin(database) == STATUS_OK);
    need(put(database, 6, 1, "accepted") == STATUS_OK);
    need(vault_database_commit(database) == STATUS_OK);
    need(vault_database_begin(database) == STATUS_OK);
    need(put(database, 6, 2, "half a step") == STATUS_OK);
    need(vault_database_delete(database, 6, 1) == STATUS_OK);
    scratch_crash(path, copy);
    need(vault_database_commit(database) == STATUS_OK);
    struct vault_database *after = open_at(copy);
    need(after);
    ok(vault_database_get(after, 6, 1, &row) == STATUS_OK &&
            span_equal(row.blob, span_of_text("accepted")),
        "after a crash a committed step is there");
    ok(vault_database_get(after, 6, 2, &row) == STATUS_NOT_FOUND,
        "and of one that was not committed nothing");
    vault_database_close(after);
}

static void test_scrub(struct vault_database *database)
{
    char text[4096];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    memcpy(text + 1000, MARK, strlen(MARK));
    for (uint64_t i = 0; i < 12; i++) {
        need(vault_database_begin(database) == STATUS_OK);
        need(put(database, 9, 100 + i, text) == STATUS_OK);
        need(vault_database_commit(database) == STATUS_OK);
    }
    ok(residue() >= 12, "the mark is there while its records are");
    need(vault_database_begin(database) == STATUS_OK);
    for (uint64_t i = 0; i < 12; i++)
        need(vault_database_delete(database, 9, 100 + i) == STATUS_OK);
    need(vault_database_commit(database) == STATUS_OK);
    ok(residue() > 0, "deleting alone leaves it in the files");
    ok(vault_database_scrub(database) == STATUS_OK, "a scrub succeeds");
    ok(residue() == 0, "and leaves no trace of it");
    ok(vault_database_begin(database) == STATUS_OK &&
            put(database, 1, 1, "after") == STATUS_OK &&
            vault_database_commit(database) == STATUS_OK,
        "and the database works on");
}

static void set_version(unsigned char version)
{
    const unsigned char bytes[4] = {0, 0, 0, version};
    int fd = open(path, O_RDWR);
    need(fd >= 0 && pwrite(fd, bytes, sizeof(bytes), 60) == 4);
    close(fd);
}

static int get_version(void)
{
    unsigned char bytes[4];
    int fd = open(path, O_RDONLY);
    need(fd >= 0 && pread(fd, bytes, sizeof(bytes), 60) == 4);
    close(fd);
    return bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

/* A file of an earlier version opens with all that is in it, and is of this
 * one from then on. */
static void test_older(void)
{
    int version = get_version();
    struct vault_database *database = open_at(path);
    need(database && vault_database_begin(database) == STATUS_OK &&
         put(database, 3, 1, "from before") == STATUS_OK &&
         vault_database_commit(database) == STATUS_OK);
    vault_database_close(database);
    set_version(1);
    database = open_at(path);
    ok(database != NULL, "a file of version 1 is opened");
    struct vault_row row;
    ok(vault_database_get(database, 3, 1, &row) == STATUS_OK &&
            row.blob.size == strlen("from before"),
        "and has what was in it");
    vault_database_close(database);
    ok(version == 2 && get_version() == 2,
        "and is of version 2 then, which a program of before refuses");
}

/* The schema's version lies big endian at byte 60 of the file. */
static void test_version(void)
{
    struct vault_database *database = NULL;
    set_version(99);
    ok(vault_database_open(path, &database, why) == STATUS_REFUSED &&
            strstr(why, "later version") &&
            strstr(why, "format 99; this program knows 2"),
        "a file of a later version is refused, and both are named");
    struct stat before, after;
    need(stat(path, &before) == 0);
    ok(!open_at(path) && stat(path, &after) == 0 &&
            before.st_size == after.st_size,
        "again, and is left as it is");
}

/* What is erased is another file than before, and empty. */
static void test_erase(struct vault_database **database)
{
    struct vault_row row;
    struct stat before, after;
    int held = open(path, O_RDONLY); /* its number goes to no other file */
    need(held >= 0 && fstat(held, &before) == 0);
    ok(vault_database_erase(path, database, why) == STATUS_OK,
        "a database is erased");
    ok(stat(path, &after) == 0 && before.st_ino != after.st_ino &&
            (after.st_mode & 0777) == 0600 &&
            vault_database_get(*database, 3, 1, &row) == STATUS_NOT_FOUND,
        "and an empty one is in its place");
    close(held);
}

int main(void)
{
    scratch_make();
    snprintf(path, sizeof(path), "%s", scratch_path("vault.db"));
    snprintf(log_path, sizeof(log_path), "%s-wal", path);
    struct stat stat_;
    struct vault_database *database = open_at(path);
    need(database);
    ok(stat(path, &stat_) == 0 && (stat_.st_mode & 0777) == 0600 &&
            stat(log_path, &stat_) == 0 && (stat_.st_mode & 0777) == 0600,
        "file and log are 0600");
    test_rows(database);
    test_crash(database);
    test_scrub(database);
    test_erase(&database);
    vault_database_close(database);
    test_older();
    test_version();
    return tap_done();
}
