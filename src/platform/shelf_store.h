/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_SHELF_STORE_H
#define PLATFORM_SHELF_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "platform/shelf_record.h"
#include "proto/ids.h"

/* The directory `shelf`: the sealed envelopes that this node carries for
 * everybody.  No time of arrival, no origin, no mark on what is one's own.
 *
 * Changes are kept in memory until a commit, and then written in an order in
 * which an end of the process at any time loses nothing that was committed.
 * What is written is on the disk itself after twice SHELF_SYNC_BYTES more, or
 * when the store is closed; a thread sees to that, so that no commit waits for
 * a disk that is fast enough. */
struct shelf_store;

enum { SHELF_SYNC_BYTES = 16 * 1024 * 1024, SHELF_WHY_BYTES = 256 };

struct shelf_store_config {
    const char *path; /* of the directory, made where it is not there */
    /* Whether an encoding has that id: what a disk made of one has not. */
    bool (*is_whole)(const struct envelope_id *id, struct span encoding);
};

/* STATUS_EXISTS when another process has it; STATUS_REFUSED when a later
 * version of the program wrote it; STATUS_INVALID when its file `ids` is
 * something else; STATUS_NO_MEMORY, STATUS_IO (errno).  why, of
 * SHELF_WHY_BYTES, then says so in words. */
MUST_USE enum status shelf_store_open(const struct shelf_store_config *config,
    struct shelf_store **out, char *why);

/* Commits, if it can.  Harmless for NULL. */
void shelf_store_close(struct shelf_store *store);

/* How many envelopes or records of them were found damaged, and given up, since
 * it was opened and while it was. */
uint64_t shelf_store_damaged(const struct shelf_store *store);

/* What came before is safe from the end of this process.  STATUS_IO (errno):
 * it is still in memory, and the next commit tries again; or an earlier sync
 * has failed. */
MUST_USE enum status shelf_store_commit(struct shelf_store *store);

/* Commit, and prove that the disk takes writes.  STATUS_IO. */
MUST_USE enum status shelf_store_probe(struct shelf_store *store);

/* A hint that an envelope is perhaps soon to be put: its memory is sent for. */
void shelf_store_warm(const struct shelf_store *store,
    const struct envelope_id *id, const struct tag *tag);

/* Store an envelope, or another encoding of one of that id; or a row of
 * another state.  An encoding has row->bytes bytes.  STATUS_NO_MEMORY;
 * STATUS_IO, as by commit. */
MUST_USE enum status shelf_store_put(
    struct shelf_store *store, const struct shelf_row *row);

/* Wipe the encoding, keep the opening; wipe it, keep the id; know nothing any
 * more.  Harmless for an id that is not there. */
MUST_USE enum status shelf_store_clear(struct shelf_store *store,
    const struct envelope_id *id, const struct opening *opening);
MUST_USE enum status shelf_store_evict(
    struct shelf_store *store, const struct envelope_id *id);
MUST_USE enum status shelf_store_forget(
    struct shelf_store *store, const struct envelope_id *id);

/* STATUS_NOT_FOUND, also where it was damaged and is now forgotten;
 * STATUS_IO. */
MUST_USE enum status shelf_store_get(struct shelf_store *store,
    const struct envelope_id *id, struct shelf_row *out);

/* Walk rows: all of them without encodings (tag NULL), or the stored ones of a
 * tag with theirs, the newest first; or, without encodings, in the order of
 * their ids, those whose ids are greater than one.  Each call of next gives the
 * next row, STATUS_NOT_FOUND at the end.  One walk at a time; no change
 * meanwhile. */
void shelf_store_walk(struct shelf_store *store, const struct tag *tag);
void shelf_store_walk_behind(
    struct shelf_store *store, const struct envelope_id *id);
MUST_USE enum status shelf_store_next(
    struct shelf_store *store, struct shelf_row *out);

#endif
