/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_SHELF_DATABASE_H
#define PLATFORM_SHELF_DATABASE_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/ids.h"

/* shelf.db: the sealed envelopes that this node carries for everybody.  SQLite,
 * WAL, synchronous NORMAL, one connection.  No time of arrival, no origin, no
 * mark on what is one's own. */
struct shelf_database;

enum shelf_row_state { SHELF_ROW_STORED, SHELF_ROW_CLEARED, SHELF_ROW_EVICTED };

struct shelf_row {
    struct envelope_id id;
    struct tag tag;
    struct receipt_hash receipt_hash;
    struct opening opening; /* CLEARED */
    uint32_t expires_h;
    uint32_t bytes; /* of the envelope, also after it is wiped */
    uint8_t stamp_bits;
    enum shelf_row_state state;
    struct span encoding; /* STORED; borrowed until the next call */
};

/* Open or make the file.  STATUS_IO; STATUS_REFUSED when a newer version of
 * the program wrote it; STATUS_INVALID when it is damaged.  why, of at least
 * 256 bytes, then says so in words. */
MUST_USE enum status shelf_database_open(
    const char *path, struct shelf_database **out, char *why);
void shelf_database_close(struct shelf_database *database);

/* Several changes as one transaction, ended by commit. */
MUST_USE enum status shelf_database_begin(struct shelf_database *database);
MUST_USE enum status shelf_database_commit(struct shelf_database *database);

MUST_USE enum status shelf_database_put(
    struct shelf_database *database, const struct shelf_row *row);
MUST_USE enum status shelf_database_clear(struct shelf_database *database,
    const struct envelope_id *id, const struct opening *opening);
MUST_USE enum status shelf_database_evict(
    struct shelf_database *database, const struct envelope_id *id);
MUST_USE enum status shelf_database_forget(
    struct shelf_database *database, const struct envelope_id *id);

/* Whether the disk takes a write, made in a transaction of its own.
 * STATUS_IO. */
MUST_USE enum status shelf_database_probe(struct shelf_database *database);

/* STATUS_NOT_FOUND; STATUS_IO. */
MUST_USE enum status shelf_database_get(struct shelf_database *database,
    const struct envelope_id *id, struct shelf_row *out);

/* Walk rows: all of them without encodings (tag NULL), or the stored ones of a
 * tag with theirs, the newest first; or, without encodings, in the order of
 * their ids, those whose ids are greater than one.  Each call of next gives the
 * next row, STATUS_NOT_FOUND at the end. One walk at a time; no change
 * meanwhile. */
MUST_USE enum status shelf_database_walk(
    struct shelf_database *database, const struct tag *tag);
MUST_USE enum status shelf_database_walk_behind(
    struct shelf_database *database, const struct envelope_id *id);
MUST_USE enum status shelf_database_next(
    struct shelf_database *database, struct shelf_row *out);

#endif
