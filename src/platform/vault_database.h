/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_VAULT_DATABASE_H
#define PLATFORM_VAULT_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

/* vault.db: sealed records, by kind and row.  SQLite, WAL, synchronous FULL,
 * secure_delete, one connection.  What is committed survives a power cut. */
struct vault_database;

struct vault_row {
    uint32_t kind;
    uint64_t row;
    struct span blob; /* borrowed until the next call */
};

/* As shelf_database_open; and STATUS_INVALID when there is a log and not the
 * file that it belongs to. */
MUST_USE enum status vault_database_open(
    const char *path, struct vault_database **out, char *why);
void vault_database_close(struct vault_database *database);

MUST_USE enum status vault_database_begin(struct vault_database *database);
MUST_USE enum status vault_database_commit(struct vault_database *database);
MUST_USE enum status vault_database_put(
    struct vault_database *database, const struct vault_row *row);
MUST_USE enum status vault_database_delete(
    struct vault_database *database, uint32_t kind, uint64_t row);

/* STATUS_NOT_FOUND; STATUS_IO. */
MUST_USE enum status vault_database_get(struct vault_database *database,
    uint32_t kind, uint64_t row, struct vault_row *out);

/* Walk all rows but those of the kinds in skip (a bit a kind), by kind and row.
 * As shelf_database_walk. */
MUST_USE enum status vault_database_walk(
    struct vault_database *database, uint64_t skip);
MUST_USE enum status vault_database_next(
    struct vault_database *database, struct vault_row *out);

/* Whether it has no row.  STATUS_INVALID, STATUS_IO. */
MUST_USE enum status vault_database_is_empty(
    struct vault_database *database, bool *out);

/* Close the database of that path, remove its files, and open an empty one in
 * its place.  As vault_database_open; after a failure *database is NULL. */
MUST_USE enum status vault_database_erase(
    const char *path, struct vault_database **database, char *why);

/* The same, but its file is first moved to PATH.set-aside-N, N the least of 1
 * to VAULT_DATABASES_ASIDE that is free: that path is then in aside, for
 * PATH_MAX bytes.  STATUS_FULL when there is none, and nothing was changed. */
enum { VAULT_DATABASES_ASIDE = 9 };
MUST_USE enum status vault_database_set_aside(
    const char *path, struct vault_database **database, char *aside, char *why);

/* Remove all that were set aside.  STATUS_IO (errno). */
MUST_USE enum status vault_database_remove_aside(const char *path);

/* Leave no residue of deleted rows: checkpoint with TRUNCATE. */
MUST_USE enum status vault_database_scrub(struct vault_database *database);

#endif
