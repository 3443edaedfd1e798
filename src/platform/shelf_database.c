/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shelf as one table.  A row outlives its envelope: wiped when a receipt
 * clears it (the opening stays, as proof) or when it is evicted (the id stays,
 * so that it is not taken again), and goes when it expires.
 *
 * synchronous NORMAL: after a power cut the last moments may be missing, and
 * neighbours, who keep copies, have them; what the vault was promised is in the
 * vault's own database.  No column tells when, from where or for whom. */
#include "platform/shelf_database.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>

#include "platform/database.h"

enum shelf_statement {
    SHELF_PUT,
    SHELF_CLEAR,
    SHELF_EVICT,
    SHELF_FORGET,
    SHELF_GET,
    SHELF_WALK,
    SHELF_WALK_TAG,
    SHELF_WALK_BEHIND,
    SHELF_STATEMENT_COUNT,
};

#define SHELF_COLUMNS "id, tag, receipt_hash, opening, expires_h, bytes, state"

static const char *const shelf_texts[] = {
    [SHELF_PUT] = "INSERT OR REPLACE INTO envelope (" SHELF_COLUMNS
                  ", encoding) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [SHELF_CLEAR] = "UPDATE envelope SET state = 1, opening = ?2,"
                    " encoding = NULL WHERE id = ?1",
    [SHELF_EVICT] = "UPDATE envelope SET state = 2, encoding = NULL"
                    " WHERE id = ?1",
    [SHELF_FORGET] = "DELETE FROM envelope WHERE id = ?1",
    [SHELF_GET] =
        "SELECT " SHELF_COLUMNS ", encoding FROM envelope WHERE id = ?1",
    [SHELF_WALK] = "SELECT " SHELF_COLUMNS " FROM envelope",
    [SHELF_WALK_TAG] = "SELECT " SHELF_COLUMNS ", encoding FROM envelope"
                       " WHERE tag = ?1 AND state = 0",
    [SHELF_WALK_BEHIND] = "SELECT " SHELF_COLUMNS " FROM envelope"
                          " WHERE id > ?1 ORDER BY id",
};

struct shelf_database {
    sqlite3 *handle;
    sqlite3_stmt *statements[SHELF_STATEMENT_COUNT];
    enum shelf_statement walking;
};

enum status shelf_database_open(
    const char *path, struct shelf_database **out, char *why)
{
    const struct database_plan plan = {
        .path = path,
        .pragmas = "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192;"
                   "PRAGMA wal_autocheckpoint = 4000;"
                   "PRAGMA journal_size_limit = 16777216;"
                   "PRAGMA secure_delete = FAST;",
        .schema =
            "CREATE TABLE envelope (key INTEGER PRIMARY KEY,"
            " id BLOB NOT NULL UNIQUE, tag BLOB NOT NULL,"
            " receipt_hash BLOB NOT NULL, opening BLOB,"
            " expires_h INTEGER NOT NULL, bytes INTEGER NOT NULL,"
            " state INTEGER NOT NULL, encoding BLOB);"
            "CREATE INDEX envelope_tag ON envelope (tag) WHERE state = 0;",
        .version = 1,
    };
    struct shelf_database *database = calloc(1, sizeof(*database));
    if (!database)
        return STATUS_NO_MEMORY;
    enum status status = database_open(&plan, &database->handle, why);
    if (!status)
        status = database_prepare(database->handle, shelf_texts,
            database->statements, SHELF_STATEMENT_COUNT);
    if (status) {
        shelf_database_close(database);
        return status;
    }
    *out = database;
    return STATUS_OK;
}

void shelf_database_close(struct shelf_database *database)
{
    if (!database)
        return;
    database_close(
        database->handle, database->statements, SHELF_STATEMENT_COUNT);
    free(database);
}

/* A statement left in the middle of a read keeps the log from shrinking. */
static void end_reads(struct shelf_database *database)
{
    sqlite3_reset(database->statements[SHELF_GET]);
    sqlite3_reset(database->statements[SHELF_WALK]);
    sqlite3_reset(database->statements[SHELF_WALK_TAG]);
    sqlite3_reset(database->statements[SHELF_WALK_BEHIND]);
}

enum status shelf_database_begin(struct shelf_database *database)
{
    end_reads(database);
    return database_begin(database->handle);
}

enum status shelf_database_commit(struct shelf_database *database)
{
    end_reads(database);
    return database_commit(database->handle);
}

static void bind_bytes(
    sqlite3_stmt *statement, int index, const void *data, size_t size)
{
    int result =
        sqlite3_bind_blob(statement, index, data, (int)size, SQLITE_STATIC);
    assert(result == SQLITE_OK);
    (void)result;
}

/* A statement whose first parameter is an id. */
static sqlite3_stmt *statement_for(struct shelf_database *database,
    enum shelf_statement which, const struct envelope_id *id)
{
    sqlite3_stmt *statement = database->statements[which];
    bind_bytes(statement, 1, id->bytes, sizeof(id->bytes));
    return statement;
}

enum status shelf_database_put(
    struct shelf_database *database, const struct shelf_row *row)
{
    sqlite3_stmt *statement = statement_for(database, SHELF_PUT, &row->id);
    bind_bytes(statement, 2, row->tag.bytes, sizeof(row->tag.bytes));
    bind_bytes(
        statement, 3, row->receipt_hash.bytes, sizeof(row->receipt_hash.bytes));
    if (row->state == SHELF_ROW_CLEARED)
        bind_bytes(
            statement, 4, row->opening.bytes, sizeof(row->opening.bytes));
    sqlite3_bind_int64(statement, 5, row->expires_h);
    sqlite3_bind_int64(statement, 6, row->bytes);
    sqlite3_bind_int64(statement, 7, row->state);
    if (row->state == SHELF_ROW_STORED)
        bind_bytes(statement, 8, row->encoding.data, row->encoding.size);
    return database_run(statement);
}

enum status shelf_database_clear(struct shelf_database *database,
    const struct envelope_id *id, const struct opening *opening)
{
    sqlite3_stmt *statement = statement_for(database, SHELF_CLEAR, id);
    bind_bytes(statement, 2, opening->bytes, sizeof(opening->bytes));
    return database_run(statement);
}

enum status shelf_database_evict(
    struct shelf_database *database, const struct envelope_id *id)
{
    return database_run(statement_for(database, SHELF_EVICT, id));
}

enum status shelf_database_forget(
    struct shelf_database *database, const struct envelope_id *id)
{
    return database_run(statement_for(database, SHELF_FORGET, id));
}

static void read_row(
    sqlite3_stmt *statement, bool encoding, struct shelf_row *out)
{
    database_fixed(statement, 0, out->id.bytes, sizeof(out->id.bytes));
    database_fixed(statement, 1, out->tag.bytes, sizeof(out->tag.bytes));
    database_fixed(
        statement, 2, out->receipt_hash.bytes, sizeof(out->receipt_hash.bytes));
    database_fixed(
        statement, 3, out->opening.bytes, sizeof(out->opening.bytes));
    out->expires_h = (uint32_t)sqlite3_column_int64(statement, 4);
    out->bytes = (uint32_t)sqlite3_column_int64(statement, 5);
    out->state = (enum shelf_row_state)sqlite3_column_int(statement, 6);
    out->encoding = encoding ? database_span(statement, 7) : (struct span){0};
}

enum status shelf_database_get(struct shelf_database *database,
    const struct envelope_id *id, struct shelf_row *out)
{
    sqlite3_stmt *statement = database->statements[SHELF_GET];
    sqlite3_reset(statement);
    statement_for(database, SHELF_GET, id);
    enum status status = database_step(statement);
    if (!status)
        read_row(statement, true, out);
    return status;
}

enum status shelf_database_walk(
    struct shelf_database *database, const struct tag *tag)
{
    database->walking = tag ? SHELF_WALK_TAG : SHELF_WALK;
    sqlite3_stmt *statement = database->statements[database->walking];
    sqlite3_reset(statement);
    if (tag) {
        int result = sqlite3_bind_blob(
            statement, 1, tag->bytes, sizeof(tag->bytes), SQLITE_TRANSIENT);
        if (result != SQLITE_OK)
            return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

enum status shelf_database_walk_behind(
    struct shelf_database *database, const struct envelope_id *id)
{
    database->walking = SHELF_WALK_BEHIND;
    sqlite3_stmt *statement = database->statements[SHELF_WALK_BEHIND];
    sqlite3_reset(statement);
    int result = sqlite3_bind_blob(
        statement, 1, id->bytes, sizeof(id->bytes), SQLITE_TRANSIENT);
    return result == SQLITE_OK ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status shelf_database_next(
    struct shelf_database *database, struct shelf_row *out)
{
    sqlite3_stmt *statement = database->statements[database->walking];
    enum status status = database_step(statement);
    if (!status)
        read_row(statement, database->walking == SHELF_WALK_TAG, out);
    return status;
}
