/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vault's records as one table of (kind, row, blob).  The engine seals the
 * blobs; what a thief of the file sees is how many records of each kind there
 * are.
 *
 * Version 2 has kinds and forms of records that a program of version 1 would
 * take for damage; the table is the same.
 *
 * synchronous FULL: a letter is accepted when its commit returned, also against
 * a power cut.  A deleted record leaves copies in the log until it is
 * truncated: that is what scrub is for (secure_delete overwrites the table's
 * own pages). */
#include "platform/vault_database.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/database.h"
#include "platform/file.h"

enum vault_statement {
    VAULT_PUT,
    VAULT_DELETE,
    VAULT_GET,
    VAULT_WALK,
    VAULT_STATEMENT_COUNT,
};

static const char *const vault_texts[] = {
    [VAULT_PUT] = "INSERT INTO record (kind, row, blob) VALUES (?1, ?2, ?3)"
                  " ON CONFLICT (kind, row) DO UPDATE SET blob = ?3",
    [VAULT_DELETE] = "DELETE FROM record WHERE kind = ?1 AND row = ?2",
    [VAULT_GET] = "SELECT kind, row, blob FROM record"
                  " WHERE kind = ?1 AND row = ?2",
    [VAULT_WALK] = "SELECT kind, row, blob FROM record"
                   " WHERE (1 << kind) & ?1 = 0 ORDER BY kind, row",
};

struct vault_database {
    sqlite3 *handle;
    sqlite3_stmt *statements[VAULT_STATEMENT_COUNT];
};

static enum status name_file(
    char name[static PATH_MAX], const char *path, const char *ending)
{
    int size = snprintf(name, PATH_MAX, "%s%s", path, ending);
    if (size >= 0 && size < PATH_MAX)
        return STATUS_OK;
    errno = ENAMETOOLONG;
    return STATUS_IO;
}

static bool file_has_bytes(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && about.st_size > 0;
}

/* SQLite would remove such a log, which half a copy of a folder has. */
static bool log_is_alone(const char *path)
{
    char name[PATH_MAX];
    return !name_file(name, path, "-wal") && file_has_bytes(name) &&
           !file_has_bytes(path);
}

enum status vault_database_open(
    const char *path, struct vault_database **out, char *why)
{
    const struct database_plan plan = {
        .path = path,
        .pragmas = "PRAGMA synchronous = FULL; PRAGMA cache_size = -1024;"
                   "PRAGMA secure_delete = ON;",
        .schema = "CREATE TABLE record (kind INTEGER NOT NULL,"
                  " row INTEGER NOT NULL, blob BLOB NOT NULL,"
                  " PRIMARY KEY (kind, row)) WITHOUT ROWID;",
        .version = 2,
    };
    if (log_is_alone(path)) {
        snprintf(why, DATABASE_WHY_BYTES,
            "it is missing, but its log (vault.db-wal) is there: put it back "
            "beside the log, or move the log away");
        return STATUS_INVALID;
    }
    struct vault_database *database = calloc(1, sizeof(*database));
    if (!database)
        return STATUS_NO_MEMORY;
    enum status status = database_open(&plan, &database->handle, why);
    if (!status)
        status = database_prepare(database->handle, vault_texts,
            database->statements, VAULT_STATEMENT_COUNT);
    if (status) {
        vault_database_close(database);
        return status;
    }
    *out = database;
    return STATUS_OK;
}

void vault_database_close(struct vault_database *database)
{
    if (!database)
        return;
    database_close(
        database->handle, database->statements, VAULT_STATEMENT_COUNT);
    free(database);
}

/* A statement left in the middle of a read keeps the log from shrinking. */
static void end_reads(struct vault_database *database)
{
    sqlite3_reset(database->statements[VAULT_GET]);
    sqlite3_reset(database->statements[VAULT_WALK]);
}

enum status vault_database_begin(struct vault_database *database)
{
    end_reads(database);
    return database_begin(database->handle);
}

enum status vault_database_commit(struct vault_database *database)
{
    return database_commit(database->handle);
}

static sqlite3_stmt *statement_for(struct vault_database *database,
    enum vault_statement which, uint32_t kind, uint64_t row)
{
    assert(kind < 63);
    sqlite3_stmt *statement = database->statements[which];
    sqlite3_bind_int64(statement, 1, kind);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)row);
    return statement;
}

enum status vault_database_put(
    struct vault_database *database, const struct vault_row *row)
{
    sqlite3_stmt *statement =
        statement_for(database, VAULT_PUT, row->kind, row->row);
    /* A null pointer would bind NULL, and not a blob of no bytes. */
    const void *data = row->blob.size ? (const void *)row->blob.data : "";
    int result = sqlite3_bind_blob(
        statement, 3, data, (int)row->blob.size, SQLITE_STATIC);
    assert(result == SQLITE_OK);
    (void)result;
    return database_run(statement);
}

enum status vault_database_delete(
    struct vault_database *database, uint32_t kind, uint64_t row)
{
    return database_run(statement_for(database, VAULT_DELETE, kind, row));
}

static void read_row(sqlite3_stmt *statement, struct vault_row *out)
{
    out->kind = (uint32_t)sqlite3_column_int64(statement, 0);
    out->row = (uint64_t)sqlite3_column_int64(statement, 1);
    out->blob = database_span(statement, 2);
}

enum status vault_database_get(struct vault_database *database, uint32_t kind,
    uint64_t row, struct vault_row *out)
{
    sqlite3_reset(database->statements[VAULT_GET]);
    sqlite3_stmt *statement = statement_for(database, VAULT_GET, kind, row);
    enum status status = database_step(statement);
    if (!status)
        read_row(statement, out);
    return status;
}

enum status vault_database_walk(struct vault_database *database, uint64_t skip)
{
    sqlite3_stmt *statement = database->statements[VAULT_WALK];
    sqlite3_reset(statement);
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)skip);
    return STATUS_OK;
}

enum status vault_database_next(
    struct vault_database *database, struct vault_row *out)
{
    sqlite3_stmt *statement = database->statements[VAULT_WALK];
    enum status status = database_step(statement);
    if (!status)
        read_row(statement, out);
    return status;
}

enum status vault_database_scrub(struct vault_database *database)
{
    end_reads(database);
    int log_pages, moved_pages;
    int result = sqlite3_wal_checkpoint_v2(database->handle, NULL,
        SQLITE_CHECKPOINT_TRUNCATE, &log_pages, &moved_pages);
    if (result == SQLITE_OK)
        return STATUS_OK;
    errno = EIO;
    return STATUS_IO;
}

enum status vault_database_is_empty(struct vault_database *database, bool *out)
{
    struct vault_row row;
    enum status status = vault_database_walk(database, 0);
    if (!status)
        status = vault_database_next(database, &row);
    end_reads(database);
    if (status && status != STATUS_NOT_FOUND)
        return status;
    *out = status == STATUS_NOT_FOUND;
    return STATUS_OK;
}

/* The file last, so that no log is ever alone. */
enum status vault_database_erase(
    const char *path, struct vault_database **database, char *why)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal", ""};
    vault_database_close(*database);
    *database = NULL;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        char name[PATH_MAX];
        if (name_file(name, path, endings[i]) || file_remove(name)) {
            snprintf(why, DATABASE_WHY_BYTES, "cannot remove %s: %s", path,
                strerror(errno));
            return STATUS_IO;
        }
    }
    return vault_database_open(path, database, why);
}

static enum status name_aside(
    char name[static PATH_MAX], const char *path, int number)
{
    char ending[32];
    snprintf(ending, sizeof(ending), ".set-aside-%d", number);
    return name_file(name, path, ending);
}

/* The log is moved into the file first: it would not be found under another
 * name. */
enum status vault_database_set_aside(
    const char *path, struct vault_database **database, char *aside, char *why)
{
    enum status status = STATUS_OK;
    int number = 1;
    while (!(status = name_aside(aside, path, number)) &&
           access(aside, F_OK) == 0 && number <= VAULT_DATABASES_ASIDE)
        number++;
    if (!status && number > VAULT_DATABASES_ASIDE) {
        snprintf(why, DATABASE_WHY_BYTES,
            "%d databases are set aside already: move some away",
            VAULT_DATABASES_ASIDE);
        return STATUS_FULL;
    }
    if (!status)
        status = vault_database_scrub(*database);
    if (!status && rename(path, aside) != 0)
        status = STATUS_IO;
    if (!status)
        return vault_database_erase(path, database, why);
    snprintf(
        why, DATABASE_WHY_BYTES, "cannot set it aside: %s", strerror(errno));
    return STATUS_IO;
}

enum status vault_database_remove_aside(const char *path)
{
    for (int number = 1; number <= VAULT_DATABASES_ASIDE; number++) {
        char name[PATH_MAX];
        if (name_aside(name, path, number) || file_remove(name))
            return STATUS_IO;
    }
    return STATUS_OK;
}
