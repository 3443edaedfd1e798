/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_DATABASE_H
#define PLATFORM_DATABASE_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

/* What shelf_database and vault_database share: opening a file of ours, and
 * statements that turn SQLite's results into statuses.  For these two alone. */
struct sqlite3;
struct sqlite3_stmt;

enum { DATABASE_WHY_BYTES = 256 };

struct database_plan {
    const char *path;
    const char *pragmas; /* each time: durability, caches */
    const char *schema;  /* once, in a new file */
    const char *upgrade; /* once, in an older one; NULL: it is as it was */
    int version;         /* of what is in it, kept in user_version */
    int page_bytes;      /* of a new file; 0: as SQLite chooses */
};

/* Open or make a file as planned, for this one connection alone.  The file is
 * made 0600 and its directory entry is durable.  A file of an earlier version
 * is marked as of the plan's, which earlier programs then refuse.  STATUS_IO;
 * STATUS_REFUSED when its version is later than the plan's; STATUS_INVALID when
 * it is damaged or not ours.  why, of DATABASE_WHY_BYTES, then says so in
 * words. */
MUST_USE enum status database_open(
    const struct database_plan *plan, struct sqlite3 **out, char *why);

/* Prepare all statements, in order.  On failure those already prepared are
 * left in statements for database_close. */
MUST_USE enum status database_prepare(struct sqlite3 *handle,
    const char *const texts[], struct sqlite3_stmt *statements[], size_t count);

/* Finalise the statements and close; harmless for NULL. */
void database_close(
    struct sqlite3 *handle, struct sqlite3_stmt *statements[], size_t count);

/* Run a prepared statement that gives no rows, and reset it, clearing what was
 * bound.  STATUS_IO, with errno ENOSPC where the disk is full. */
MUST_USE enum status database_run(struct sqlite3_stmt *statement);

/* Step a prepared statement that gives rows.  STATUS_NOT_FOUND at the end (it
 * is then reset); STATUS_IO. */
MUST_USE enum status database_step(struct sqlite3_stmt *statement);

MUST_USE enum status database_begin(struct sqlite3 *handle);

/* STATUS_IO when it, or an earlier change in it, failed; nothing of the
 * transaction is then in the file. */
MUST_USE enum status database_commit(struct sqlite3 *handle);

/* A column's bytes, borrowed until the next step or reset. */
struct span database_span(struct sqlite3_stmt *statement, int column);

/* Copy a column's bytes when there are exactly size, else zeros. */
void database_fixed(
    struct sqlite3_stmt *statement, int column, uint8_t *out, size_t size);

#endif
