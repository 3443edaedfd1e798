/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite as both databases use it: one process, one connection, one file.  The
 * lock is exclusive from the start, so the log needs no shared memory and no
 * second program can open the file by mistake (SQLite before 3.51.3 has a race
 * in its log between connections).
 *
 * A transaction in which one change failed never commits in part: SQLite may
 * have rolled it back by itself, and commit then reports it. */
#include "platform/database.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/file.h"

/* "Sott" in ASCII: marks the file as ours. */
enum { DATABASE_APPLICATION_ID = 0x536f7474 };

static enum status database_status(sqlite3 *handle, int result)
{
    switch (result) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
        return STATUS_OK;
    case SQLITE_FULL:
        errno = ENOSPC;
        return STATUS_IO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return STATUS_INVALID;
    default:
        errno = handle ? sqlite3_system_errno(handle) : 0;
        if (errno == 0)
            errno = EIO;
        return STATUS_IO;
    }
}

static enum status database_exec(sqlite3 *handle, const char *text)
{
    return database_status(
        handle, sqlite3_exec(handle, text, NULL, NULL, NULL) & 0xff);
}

static enum status pragma_number(
    sqlite3 *handle, const char *text, sqlite3_int64 *out)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(handle, text, -1, &statement, NULL);
    if (result == SQLITE_OK) {
        result = sqlite3_step(statement);
        if (result == SQLITE_ROW)
            *out = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return database_status(handle, result & 0xff);
}

/* Make a schema, or none, in one transaction with the marks that say that all
 * is as planned. */
static enum status database_make(
    sqlite3 *handle, const struct database_plan *plan, const char *schema)
{
    char marks[128];
    snprintf(marks, sizeof(marks),
        "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
        DATABASE_APPLICATION_ID, plan->version);
    enum status status = database_exec(handle, "BEGIN EXCLUSIVE");
    if (!status)
        status = database_exec(handle, schema);
    if (!status)
        status = database_exec(handle, marks);
    return status;
}

enum database_age { DATABASE_FRESH, DATABASE_OLDER, DATABASE_PRESENT };

static enum status database_check(sqlite3 *handle,
    const struct database_plan *plan, enum database_age *age, char *why)
{
    sqlite3_int64 version = 0, application = 0, tables = 0;
    enum status status = pragma_number(handle, "PRAGMA user_version", &version);
    if (!status)
        status = pragma_number(handle, "PRAGMA application_id", &application);
    if (!status)
        status = pragma_number(
            handle, "SELECT count(*) FROM sqlite_schema", &tables);
    if (status)
        return status;
    bool fresh = version == 0 && application == 0 && tables == 0;
    *age = fresh                     ? DATABASE_FRESH
           : version < plan->version ? DATABASE_OLDER
                                     : DATABASE_PRESENT;
    if (!fresh && application != DATABASE_APPLICATION_ID) {
        snprintf(why, DATABASE_WHY_BYTES, "it is not a file of Sotto's");
        return STATUS_INVALID;
    }
    if (version > plan->version) {
        snprintf(why, DATABASE_WHY_BYTES,
            "a later version of Sotto wrote it (format %lld; this program "
            "knows %d)",
            (long long)version, plan->version);
        return STATUS_REFUSED;
    }
    return STATUS_OK;
}

static enum status database_set_up(
    sqlite3 *handle, const struct database_plan *plan, char *why)
{
    enum database_age age = DATABASE_PRESENT;
    char page_size[48] = "";
    sqlite3_extended_result_codes(handle, 0);
    if (plan->page_bytes > 0)
        snprintf(page_size, sizeof(page_size), "PRAGMA page_size = %d",
            plan->page_bytes);
    enum status status = database_exec(handle, page_size);
    if (!status)
        status = database_exec(handle,
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
            "PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 4194304;"
            "PRAGMA trusted_schema = OFF;");
    if (!status)
        status = database_exec(handle, plan->pragmas);
    if (!status)
        status = database_check(handle, plan, &age, why);
    if (!status && age != DATABASE_PRESENT)
        status = database_make(handle, plan,
            age == DATABASE_FRESH ? plan->schema
            : plan->upgrade       ? plan->upgrade
                                  : "");
    if (!status && age == DATABASE_FRESH)
        status = file_sync_directory(plan->path);
    return status;
}

enum status database_open(
    const struct database_plan *plan, sqlite3 **out, char *why)
{
    sqlite3 *handle = NULL;
    *why = '\0';
    mode_t mask = umask(077);
    int result = sqlite3_open_v2(plan->path, &handle,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
            SQLITE_OPEN_NOFOLLOW,
        NULL);
    enum status status = database_status(handle, result & 0xff);
    if (!status)
        status = database_set_up(handle, plan, why);
    umask(mask);
    if (status) {
        if (!*why)
            snprintf(why, DATABASE_WHY_BYTES, "%s",
                handle ? sqlite3_errmsg(handle) : "no memory");
        sqlite3_close(handle);
        return status;
    }
    *out = handle;
    return STATUS_OK;
}

enum status database_prepare(sqlite3 *handle, const char *const texts[],
    sqlite3_stmt *statements[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int result = sqlite3_prepare_v3(handle, texts[i], -1,
            SQLITE_PREPARE_PERSISTENT, &statements[i], NULL);
        enum status status = database_status(handle, result & 0xff);
        if (status)
            return status;
    }
    return STATUS_OK;
}

void database_close(sqlite3 *handle, sqlite3_stmt *statements[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        sqlite3_finalize(statements[i]);
    sqlite3_close(handle);
}

enum status database_run(sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);
    enum status status =
        database_status(sqlite3_db_handle(statement), result & 0xff);
    int saved = errno;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    errno = saved;
    return status;
}

enum status database_step(sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        return STATUS_OK;
    enum status status =
        database_status(sqlite3_db_handle(statement), result & 0xff);
    int saved = errno;
    sqlite3_reset(statement);
    errno = saved;
    return status ? status : STATUS_NOT_FOUND;
}

enum status database_begin(sqlite3 *handle)
{
    return database_exec(handle, "BEGIN IMMEDIATE");
}

enum status database_commit(sqlite3 *handle)
{
    if (sqlite3_get_autocommit(handle)) {
        errno = EIO;
        return STATUS_IO;
    }
    enum status status = database_exec(handle, "COMMIT");
    if (status && !sqlite3_get_autocommit(handle)) {
        int saved = errno;
        sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
        errno = saved;
    }
    return status;
}

struct span database_span(sqlite3_stmt *statement, int column)
{
    const void *data = sqlite3_column_blob(statement, column);
    return (struct span){data, (size_t)sqlite3_column_bytes(statement, column)};
}

void database_fixed(
    sqlite3_stmt *statement, int column, uint8_t *out, size_t size)
{
    struct span bytes = database_span(statement, column);
    if (bytes.size == size)
        memcpy(out, bytes.data, size);
    else
        memset(out, 0, size);
}
