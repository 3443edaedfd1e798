/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shelf as one table without an index: rows are only ever added at its end,
 * and found by their numbers, which an index in memory knows by id and tag
 * (shelf_index.c).  A row outlives its envelope: wiped when a receipt clears it
 * (the opening stays, as proof) or when it is evicted (the id stays, so that it
 * is not taken again), and goes when it expires.
 *
 * synchronous NORMAL: after a power cut the last moments may be missing, and
 * neighbours, who keep copies, have them; what the vault was promised is in the
 * vault's own database.  No column tells when, from where or for whom. */
#include "platform/shelf_database.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform/database.h"
#include "platform/random.h"
#include "platform/shelf_index.h"

enum shelf_statement {
    SHELF_PUT,
    SHELF_CLEAR,
    SHELF_EVICT,
    SHELF_FORGET,
    SHELF_GET,
    SHELF_WALK,
    SHELF_PROBE,
    SHELF_STATEMENT_COUNT,
};

#define SHELF_COLUMNS                                                          \
    "key, id, tag, receipt_hash, opening, expires_h, bytes, state, bits"

static const char *const shelf_texts[] = {
    [SHELF_PUT] = "INSERT OR REPLACE INTO envelope (" SHELF_COLUMNS
                  ", encoding) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
                  " ?10)",
    [SHELF_CLEAR] = "UPDATE envelope SET state = 1, opening = ?2,"
                    " encoding = NULL WHERE key = ?1",
    [SHELF_EVICT] = "UPDATE envelope SET state = 2, encoding = NULL"
                    " WHERE key = ?1",
    [SHELF_FORGET] = "DELETE FROM envelope WHERE key = ?1",
    [SHELF_GET] =
        "SELECT " SHELF_COLUMNS ", encoding FROM envelope WHERE key = ?1",
    [SHELF_PROBE] = "PRAGMA user_version = 2",
    [SHELF_WALK] = "SELECT " SHELF_COLUMNS " FROM envelope",
};

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

enum { SHELF_VERSION = 2, SHELF_PAGE_BYTES = 8192 };

enum { SHELF_BATCH = 512 };

/* What the next row is looked for by. */
struct shelf_walk {
    enum { WALK_ALL, WALK_TAG, WALK_BEHIND } by;
    struct tag tag;
    uint32_t place; /* WALK_TAG: the last one's */
    struct envelope_id behind;
    size_t next, count; /* WALK_BEHIND: of the places that were found */
    uint32_t places[SHELF_BATCH];
};

struct shelf_database {
    sqlite3 *handle;
    sqlite3_stmt *statements[SHELF_STATEMENT_COUNT];
    struct shelf_index index;
    int64_t last_row;
    struct shelf_walk walk;
};

/* Learn where everything lies. */
static enum status load(struct shelf_database *database)
{
    struct shelf_row row;
    enum status status = shelf_database_walk(database, NULL);
    while (!status && !(status = shelf_database_next(database, &row))) {
        struct shelf_entry *entry;
        int64_t key = sqlite3_column_int64(database->statements[SHELF_WALK], 0);
        if (key <= 0 || shelf_index_find(&database->index, &row.id))
            return STATUS_INVALID;
        status = shelf_index_add(&database->index, &row.id, key, &entry);
        if (!status && row.state == SHELF_ROW_STORED)
            shelf_index_tag(&database->index, entry, &row.tag);
        database->last_row = key;
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status shelf_database_open(
    const char *path, struct shelf_database **out, char *why)
{
    const struct database_plan plan = {
        .path = path,
        .pragmas = "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192;"
                   "PRAGMA wal_autocheckpoint = 2000;"
                   "PRAGMA journal_size_limit = 16777216;"
                   "PRAGMA secure_delete = FAST;",
        .schema = SHELF_TABLE,
        .version = SHELF_VERSION,
        .page_bytes = SHELF_PAGE_BYTES,
        .upgrade = shelf_upgrade,
    };
    struct shelf_database *database = calloc(1, sizeof(*database));
    if (!database)
        return STATUS_NO_MEMORY;
    shelf_index_init(&database->index, random_u64(random_system()));
    enum status status = database_open(&plan, &database->handle, why);
    if (!status)
        status = database_prepare(database->handle, shelf_texts,
            database->statements, SHELF_STATEMENT_COUNT);
    if (!status && (status = load(database)))
        snprintf(why, DATABASE_WHY_BYTES, "its rows cannot be read");
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
    shelf_index_clear(&database->index);
    free(database);
}

/* A statement left in the middle of a read keeps the log from shrinking. */
static void end_reads(struct shelf_database *database)
{
    sqlite3_reset(database->statements[SHELF_GET]);
    sqlite3_reset(database->statements[SHELF_WALK]);
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

static void bind_row(sqlite3_stmt *statement, const struct shelf_row *row)
{
    bind_bytes(statement, 2, row->id.bytes, sizeof(row->id.bytes));
    bind_bytes(statement, 3, row->tag.bytes, sizeof(row->tag.bytes));
    bind_bytes(
        statement, 4, row->receipt_hash.bytes, sizeof(row->receipt_hash.bytes));
    if (row->state == SHELF_ROW_CLEARED)
        bind_bytes(
            statement, 5, row->opening.bytes, sizeof(row->opening.bytes));
    sqlite3_bind_int64(statement, 6, row->expires_h);
    sqlite3_bind_int64(statement, 7, row->bytes);
    sqlite3_bind_int64(statement, 8, row->state);
    sqlite3_bind_int64(statement, 9, row->stamp_bits);
    if (row->state == SHELF_ROW_STORED)
        bind_bytes(statement, 10, row->encoding.data, row->encoding.size);
}

enum status shelf_database_put(
    struct shelf_database *database, const struct shelf_row *row)
{
    sqlite3_stmt *statement = database->statements[SHELF_PUT];
    struct shelf_entry *entry = shelf_index_find(&database->index, &row->id);
    if (!entry) {
        enum status status = shelf_index_add(
            &database->index, &row->id, database->last_row + 1, &entry);
        if (status)
            return status;
        database->last_row++;
    }
    if (row->state == SHELF_ROW_STORED)
        shelf_index_tag(&database->index, entry, &row->tag);
    else
        shelf_index_untag(&database->index, entry);
    sqlite3_bind_int64(statement, 1, entry->row);
    bind_row(statement, row);
    return database_run(statement);
}

/* Run a statement on the row of an id, if it has one. */
static enum status change(struct shelf_database *database,
    enum shelf_statement which, const struct shelf_entry *entry)
{
    sqlite3_bind_int64(database->statements[which], 1, entry->row);
    return database_run(database->statements[which]);
}

enum status shelf_database_clear(struct shelf_database *database,
    const struct envelope_id *id, const struct opening *opening)
{
    struct shelf_entry *entry = shelf_index_find(&database->index, id);
    if (!entry)
        return STATUS_OK;
    shelf_index_untag(&database->index, entry);
    bind_bytes(database->statements[SHELF_CLEAR], 2, opening->bytes,
        sizeof(opening->bytes));
    return change(database, SHELF_CLEAR, entry);
}

enum status shelf_database_evict(
    struct shelf_database *database, const struct envelope_id *id)
{
    struct shelf_entry *entry = shelf_index_find(&database->index, id);
    if (!entry)
        return STATUS_OK;
    shelf_index_untag(&database->index, entry);
    return change(database, SHELF_EVICT, entry);
}

enum status shelf_database_forget(
    struct shelf_database *database, const struct envelope_id *id)
{
    struct shelf_entry *entry = shelf_index_find(&database->index, id);
    if (!entry)
        return STATUS_OK;
    enum status status = change(database, SHELF_FORGET, entry);
    if (!status)
        shelf_index_remove(&database->index, entry);
    return status;
}

enum status shelf_database_probe(struct shelf_database *database)
{
    /* It is written again though it is the same. */
    return database_run(database->statements[SHELF_PROBE]);
}

static void read_row(
    sqlite3_stmt *statement, bool encoding, struct shelf_row *out)
{
    database_fixed(statement, 1, out->id.bytes, sizeof(out->id.bytes));
    database_fixed(statement, 2, out->tag.bytes, sizeof(out->tag.bytes));
    database_fixed(
        statement, 3, out->receipt_hash.bytes, sizeof(out->receipt_hash.bytes));
    database_fixed(
        statement, 4, out->opening.bytes, sizeof(out->opening.bytes));
    out->expires_h = (uint32_t)sqlite3_column_int64(statement, 5);
    out->bytes = (uint32_t)sqlite3_column_int64(statement, 6);
    out->state = (enum shelf_row_state)sqlite3_column_int(statement, 7);
    out->stamp_bits = (uint8_t)sqlite3_column_int(statement, 8);
    out->encoding = encoding ? database_span(statement, 9) : (struct span){0};
}

static enum status get_row(
    struct shelf_database *database, int64_t key, struct shelf_row *out)
{
    sqlite3_stmt *statement = database->statements[SHELF_GET];
    sqlite3_reset(statement);
    sqlite3_bind_int64(statement, 1, key);
    enum status status = database_step(statement);
    if (!status)
        read_row(statement, true, out);
    return status;
}

enum status shelf_database_get(struct shelf_database *database,
    const struct envelope_id *id, struct shelf_row *out)
{
    const struct shelf_entry *entry = shelf_index_find(&database->index, id);
    return entry ? get_row(database, entry->row, out) : STATUS_NOT_FOUND;
}

enum status shelf_database_walk(
    struct shelf_database *database, const struct tag *tag)
{
    struct shelf_walk *walk = &database->walk;
    walk->by = tag ? WALK_TAG : WALK_ALL;
    if (tag)
        walk->tag = *tag;
    walk->place = 0;
    sqlite3_reset(database->statements[SHELF_WALK]);
    return STATUS_OK;
}

enum status shelf_database_walk_behind(
    struct shelf_database *database, const struct envelope_id *id)
{
    struct shelf_walk *walk = &database->walk;
    walk->by = WALK_BEHIND;
    walk->behind = *id;
    walk->next = walk->count = 0;
    return STATUS_OK;
}

/* The next place of a walk that the index knows the way of; 0 at its end. */
static uint32_t next_place(
    const struct shelf_index *index, struct shelf_walk *walk)
{
    if (walk->by == WALK_TAG)
        return walk->place = shelf_index_next(index, &walk->tag, walk->place);
    if (walk->next == walk->count) {
        walk->next = 0;
        walk->count =
            shelf_index_behind(index, &walk->behind, SHELF_BATCH, walk->places);
    }
    if (walk->count == 0)
        return 0;
    uint32_t place = walk->places[walk->next++];
    walk->behind = index->entries[place].id;
    return place;
}

enum status shelf_database_next(
    struct shelf_database *database, struct shelf_row *out)
{
    if (database->walk.by != WALK_ALL) {
        uint32_t place = next_place(&database->index, &database->walk);
        return place == 0
                   ? STATUS_NOT_FOUND
                   : get_row(database, database->index.entries[place].row, out);
    }
    sqlite3_stmt *statement = database->statements[SHELF_WALK];
    enum status status = database_step(statement);
    if (!status)
        read_row(statement, false, out);
    return status;
}
