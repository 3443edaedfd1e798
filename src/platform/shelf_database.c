/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows are read in the order in which they came.  One that is not whole, or of
 * no size that there is, is left out: what was honest in it, neighbours have.
 */
#include "platform/shelf_database.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/database.h"
#include "platform/file.h"
#include "platform/shelf_store_inside.h"

#define SHELF_TABLE                                                            \
    "CREATE TABLE envelope (key INTEGER PRIMARY KEY, id BLOB NOT NULL,"        \
    " tag BLOB NOT NULL, receipt_hash BLOB NOT NULL, opening BLOB,"            \
    " expires_h INTEGER NOT NULL, bytes INTEGER NOT NULL,"                     \
    " state INTEGER NOT NULL, bits INTEGER NOT NULL, encoding BLOB);"

/* Version 1 had indexes, and no stamps: whoever made one there made it up. */
static const char shelf_upgrade[] =
    "ALTER TABLE envelope RENAME TO before;" SHELF_TABLE
    "INSERT INTO envelope SELECT key, id, tag, receipt_hash, opening,"
    " expires_h, bytes, state, 0, encoding FROM before"
    " WHERE state != 0 OR substr(encoding, 66, 8) = x'0000000000000000';"
    "DROP TABLE before;";

static const char *const all_rows[] = {
    "SELECT id, tag, receipt_hash, opening, expires_h, bytes, state, bits,"
    " encoding FROM envelope ORDER BY key"};

enum { VERSION = 2, ROWS_A_COMMIT = 256 };

static_assert((int)DATABASE_WHY_BYTES == (int)SHELF_WHY_BYTES, "one text");

static void read_row(sqlite3_stmt *statement, struct shelf_row *out)
{
    *out = (struct shelf_row){
        .expires_h = (uint32_t)sqlite3_column_int64(statement, 4),
        .bytes = (uint32_t)sqlite3_column_int64(statement, 5),
        .state = (enum shelf_row_state)sqlite3_column_int(statement, 6),
        .stamp_bits = (uint8_t)sqlite3_column_int(statement, 7),
        .encoding = database_span(statement, 8),
    };
    database_fixed(statement, 0, out->id.bytes, sizeof(out->id.bytes));
    database_fixed(statement, 1, out->tag.bytes, sizeof(out->tag.bytes));
    database_fixed(
        statement, 2, out->receipt_hash.bytes, sizeof(out->receipt_hash.bytes));
    database_fixed(
        statement, 3, out->opening.bytes, sizeof(out->opening.bytes));
}

static bool is_sound(
    const struct shelf_store *store, const struct shelf_row *row)
{
    if (row->bytes == 0 || row->bytes > LIMIT_ENVELOPE_BYTES)
        return false;
    switch (row->state) {
    case SHELF_ROW_STORED:
        return row->encoding.size == row->bytes &&
               row->bytes == envelope_class_bytes(shelf_class_of(row->bytes)) &&
               store->is_whole(&row->id, row->encoding);
    case SHELF_ROW_CLEARED:
    case SHELF_ROW_EVICTED:
        return true;
    }
    return false;
}

static enum status take_row(
    struct shelf_store *store, const struct shelf_row *row)
{
    if (shelf_index_find(&store->index, &row->id))
        return STATUS_OK;
    if (is_sound(store, row))
        return shelf_store_put(store, row);
    store->damaged++;
    return STATUS_OK;
}

static enum status take_all(struct shelf_store *store, sqlite3_stmt *rows)
{
    enum status status;
    struct shelf_row row;
    size_t count = 0;
    while (!(status = database_step(rows))) {
        read_row(rows, &row);
        status = take_row(store, &row);
        if (!status && ++count % ROWS_A_COMMIT == 0)
            status = shelf_store_commit(store);
        if (status)
            return status;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status take_file(
    const char *path, struct shelf_store *store, char *why)
{
    const struct database_plan plan = {
        .path = path,
        .pragmas = "PRAGMA synchronous = NORMAL;",
        .schema = SHELF_TABLE,
        .version = VERSION,
        .upgrade = shelf_upgrade,
    };
    sqlite3 *handle = NULL;
    sqlite3_stmt *rows = NULL;
    enum status status = database_open(&plan, &handle, why);
    if (status)
        return status;
    status = database_prepare(handle, all_rows, &rows, 1);
    if (!status)
        status = take_all(store, rows);
    if (status)
        snprintf(why, SHELF_WHY_BYTES, "%s", sqlite3_errmsg(handle));
    enum status kept = shelf_store_probe(store);
    database_close(handle, &rows, 1);
    return status ? status : kept;
}

static enum status remove_file(const char *path)
{
    static const char *const ends[] = {"-wal", "-shm", ""};
    char name[4096];
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        if (file_remove(name))
            return STATUS_IO;
    }
    return file_sync_directory(path);
}

enum status shelf_database_take(
    const char *path, struct shelf_store *store, char *why)
{
    *why = '\0';
    if (access(path, F_OK) != 0)
        return STATUS_NOT_FOUND;
    enum status status = take_file(path, store, why);
    return status ? status : remove_file(path);
}
