/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table, a column a metric.  Values are the program's own integers, shares
 * in parts per million and times in microseconds: what is read back is exactly
 * what was measured.  A row is one transaction, so an interrupted sweep keeps
 * every run that ended.  WAL is not used: shards may lie on a shared file
 * system, each file with one writer.  A file says which sources and which
 * scenario it is of: rows of others are refused, as numbers of two programs in
 * one table would compare what is not alike.  The sources count and not the
 * compiler, since a run comes to the same by each. */
#include "sim/runs_database.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/settings.h"
#include "sim/sources_digest.h"

enum { SQL_BYTES = 4096, FIXED_COLUMNS = 9, WAIT_FOR_LOCK_MS = 10000 };

struct runs_database {
    sqlite3 *sqlite;
    sqlite3_stmt *add;
    sqlite3_stmt *find;
    char scenario[64];
};

static enum status failed(
    const struct runs_database *database, struct complaint *complaint)
{
    complain(
        complaint, "the runs' database: %s", sqlite3_errmsg(database->sqlite));
    return STATUS_IO;
}

static enum status cannot_read(const struct runs_database *database,
    const char *path, struct complaint *complaint)
{
    complain(complaint, "%s: %s", path, sqlite3_errmsg(database->sqlite));
    return STATUS_IO;
}

/* Append to a statement; all its words are our own. */
static void append(char sql[static SQL_BYTES], const char *text)
{
    size_t at = strlen(sql);
    snprintf(sql + at, SQL_BYTES - at, "%s", text);
}

static const char fixed_columns[] =
    "fingerprint, scenario, seed, nodes, passed, violations, trace, wall_ms, "
    "peak_bytes";

static enum status execute(struct runs_database *database, const char *sql,
    struct complaint *complaint)
{
    return sqlite3_exec(database->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK
               ? STATUS_OK
               : failed(database, complaint);
}

/* Ask one row of a file, by the name that SQL has for it; the statement is to
 * be finalized whatever comes of it.  STATUS_NOT_FOUND when there is none. */
static enum status ask(struct runs_database *database, const char *format,
    const char *file, sqlite3_stmt **row)
{
    char *sql = sqlite3_mprintf(format, file);
    if (!sql)
        return STATUS_NO_MEMORY;
    int result = sqlite3_prepare_v2(database->sqlite, sql, -1, row, NULL);
    sqlite3_free(sql);
    if (result == SQLITE_OK)
        result = sqlite3_step(*row);
    return result == SQLITE_ROW    ? STATUS_OK
           : result == SQLITE_DONE ? STATUS_NOT_FOUND
                                   : STATUS_IO;
}

/* STATUS_NOT_FOUND when a file has not been begun. */
static enum status find_origin(struct runs_database *database, const char *file)
{
    sqlite3_stmt *row = NULL;
    enum status status = ask(database,
        "SELECT 1 FROM %s.sqlite_master WHERE name = 'origin'", file, &row);
    sqlite3_finalize(row);
    return status;
}

static enum status make_tables(
    struct runs_database *database, struct complaint *complaint)
{
    char sql[SQL_BYTES] =
        "BEGIN IMMEDIATE; CREATE TABLE runs (fingerprint TEXT PRIMARY KEY, "
        "scenario TEXT NOT NULL, seed INTEGER NOT NULL, nodes INTEGER NOT "
        "NULL, passed INTEGER NOT NULL, violations INTEGER NOT NULL, trace "
        "TEXT NOT NULL, wall_ms INTEGER NOT NULL, peak_bytes INTEGER NOT NULL";
    for (int i = 0; i < METRIC_COUNT; i++) {
        append(sql, ", ");
        append(sql, settings_metric((enum metric)i)->name);
        append(sql, " INTEGER NOT NULL");
    }
    append(sql, ") STRICT, WITHOUT ROWID; CREATE TABLE origin (sources TEXT "
                "NOT NULL, scenario TEXT NOT NULL) STRICT");
    char *origin = sqlite3_mprintf("INSERT INTO origin VALUES (%Q, %Q); COMMIT",
        SOURCES_DIGEST, database->scenario);
    enum status status = origin ? STATUS_OK : STATUS_NO_MEMORY;
    if (!status)
        status = execute(database, sql, complaint);
    if (!status)
        status = execute(database, origin, complaint);
    sqlite3_free(origin);
    return status;
}

/* Compare what a file is of with what we are. */
static enum status compare_origin(const struct runs_database *database,
    sqlite3_stmt *row, const char *path, struct complaint *complaint)
{
    const char *sources = (const char *)sqlite3_column_text(row, 0);
    const char *scenario = (const char *)sqlite3_column_text(row, 1);
    if (!sources || !scenario)
        return STATUS_NO_MEMORY;
    if (strcmp(sources, SOURCES_DIGEST) != 0)
        complain(complaint,
            "%s: its runs are of another build of sotto-sim (sources %.16s, "
            "this one's are %s); run them again, with another --out",
            path, sources, SOURCES_DIGEST);
    else if (strcmp(scenario, database->scenario) != 0)
        complain(complaint,
            "%s: its runs are of the scenario %.63s, not of %s; take another "
            "--out",
            path, scenario, database->scenario);
    else
        return STATUS_OK;
    return STATUS_INVALID;
}

static enum status check_origin(struct runs_database *database,
    const char *file, const char *path, struct complaint *complaint)
{
    sqlite3_stmt *row = NULL;
    enum status status =
        ask(database, "SELECT sources, scenario FROM %s.origin", file, &row);
    if (status)
        status = cannot_read(database, path, complaint);
    else
        status = compare_origin(database, row, path, complaint);
    sqlite3_finalize(row);
    return status;
}

static enum status prepare(
    struct runs_database *database, struct complaint *complaint)
{
    char add[SQL_BYTES] = "INSERT OR REPLACE INTO runs VALUES (?,?,?,?,?,?,?,?,"
                          "?";
    char find[SQL_BYTES] = "SELECT ";
    append(find, fixed_columns);
    for (int i = 0; i < METRIC_COUNT; i++) {
        append(add, ",?");
        append(find, ", ");
        append(find, settings_metric((enum metric)i)->name);
    }
    append(add, ")");
    append(find, " FROM runs WHERE fingerprint = ?");
    bool prepared = sqlite3_prepare_v2(database->sqlite, add, -1,
                        &database->add, NULL) == SQLITE_OK &&
                    sqlite3_prepare_v2(database->sqlite, find, -1,
                        &database->find, NULL) == SQLITE_OK;
    return prepared ? STATUS_OK : failed(database, complaint);
}

static enum status set_up(struct runs_database *database, const char *path,
    struct complaint *complaint)
{
    sqlite3_busy_timeout(database->sqlite, WAIT_FOR_LOCK_MS);
    enum status status = find_origin(database, "main");
    if (status == STATUS_IO)
        return cannot_read(database, path, complaint);
    if (status == STATUS_NOT_FOUND)
        status = make_tables(database, complaint);
    if (!status)
        status = check_origin(database, "main", path, complaint);
    return status ? status : prepare(database, complaint);
}

enum status runs_database_open(const char *path, const char *scenario,
    struct runs_database **out, struct complaint *complaint)
{
    struct runs_database *database = calloc(1, sizeof(*database));
    if (!database)
        return STATUS_NO_MEMORY;
    snprintf(database->scenario, sizeof(database->scenario), "%s", scenario);
    enum status status = STATUS_OK;
    if (sqlite3_open(path, &database->sqlite) != SQLITE_OK)
        status = cannot_read(database, path, complaint);
    if (!status)
        status = set_up(database, path, complaint);
    if (status)
        runs_database_close(database);
    else
        *out = database;
    return status;
}

void runs_database_close(struct runs_database *database)
{
    if (!database)
        return;
    sqlite3_finalize(database->add);
    sqlite3_finalize(database->find);
    sqlite3_close(database->sqlite);
    free(database);
}

/* A shard that was ended before its first run has left nothing to take. */
static enum status take_over(struct runs_database *database, const char *path,
    struct complaint *complaint)
{
    enum status status = find_origin(database, "other");
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (!status)
        status = check_origin(database, "other", path, complaint);
    if (!status)
        status = execute(database,
            "INSERT OR IGNORE INTO runs SELECT * FROM other.runs", complaint);
    if (status == STATUS_IO)
        return cannot_read(database, path, complaint);
    return status;
}

enum status runs_database_merge(struct runs_database *database,
    const char *path, struct complaint *complaint)
{
    char *attach = sqlite3_mprintf("ATTACH %Q AS other", path);
    if (!attach)
        return STATUS_NO_MEMORY;
    enum status status = execute(database, attach, complaint);
    sqlite3_free(attach);
    if (status)
        return cannot_read(database, path, complaint);
    status = take_over(database, path, complaint);
    enum status detached = execute(database, "DETACH other", complaint);
    return status ? status : detached;
}

static void bind_text(sqlite3_stmt *statement, int column, const char *text)
{
    sqlite3_bind_text(statement, column, text, -1, SQLITE_TRANSIENT);
}

enum status runs_database_add(struct runs_database *database,
    const struct run_result *result, struct complaint *complaint)
{
    const uint64_t numbers[] = {result->wall_ms, result->peak_bytes};
    sqlite3_stmt *add = database->add;
    bind_text(add, 1, result->fingerprint);
    bind_text(add, 2, result->scenario);
    sqlite3_bind_int64(add, 3, (sqlite3_int64)result->seed);
    sqlite3_bind_int64(add, 4, (sqlite3_int64)result->nodes);
    sqlite3_bind_int64(add, 5, result->passed);
    sqlite3_bind_int64(add, 6, (sqlite3_int64)result->violations);
    bind_text(add, 7, result->trace);
    sqlite3_bind_int64(add, 8, (sqlite3_int64)numbers[0]);
    sqlite3_bind_int64(add, 9, (sqlite3_int64)numbers[1]);
    for (int i = 0; i < METRIC_COUNT; i++)
        sqlite3_bind_int64(
            add, FIXED_COLUMNS + 1 + i, (sqlite3_int64)result->values[i]);
    bool added = sqlite3_step(add) == SQLITE_DONE;
    enum status status = added ? STATUS_OK : failed(database, complaint);
    sqlite3_reset(add);
    return status;
}

static void read_text(
    sqlite3_stmt *statement, int column, char *out, size_t capacity)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    snprintf(out, capacity, "%s", text ? text : "");
}

static void read_row(sqlite3_stmt *row, struct run_result *out)
{
    *out = (struct run_result){
        .seed = (uint64_t)sqlite3_column_int64(row, 2),
        .nodes = (uint64_t)sqlite3_column_int64(row, 3),
        .passed = sqlite3_column_int64(row, 4) != 0,
        .violations = (uint64_t)sqlite3_column_int64(row, 5),
        .wall_ms = (uint64_t)sqlite3_column_int64(row, 7),
        .peak_bytes = (uint64_t)sqlite3_column_int64(row, 8),
    };
    read_text(row, 0, out->fingerprint, sizeof(out->fingerprint));
    read_text(row, 1, out->scenario, sizeof(out->scenario));
    read_text(row, 6, out->trace, sizeof(out->trace));
    for (int i = 0; i < METRIC_COUNT; i++)
        out->values[i] = (uint64_t)sqlite3_column_int64(row, FIXED_COLUMNS + i);
}

enum status runs_database_find(struct runs_database *database,
    const char *fingerprint, struct run_result *out,
    struct complaint *complaint)
{
    sqlite3_stmt *find = database->find;
    bind_text(find, 1, fingerprint);
    enum status status = STATUS_OK;
    switch (sqlite3_step(find)) {
    case SQLITE_ROW:
        read_row(find, out);
        break;
    case SQLITE_DONE:
        status = STATUS_NOT_FOUND;
        break;
    default:
        status = failed(database, complaint);
    }
    sqlite3_reset(find);
    return status;
}
