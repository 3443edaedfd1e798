/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_SHELF_STORE_INSIDE_H
#define PLATFORM_SHELF_STORE_INSIDE_H

#include "platform/shelf_file.h"
#include "platform/shelf_index.h"
#include "platform/shelf_record.h"
#include "platform/shelf_slots.h"
#include "platform/shelf_sync.h"
#include "proto/envelope.h"
#include "proto/limits.h"

/* What the files of shelf_store share.  A record's number is its place in
 * `ids`; number 0 is the head. */

enum { SHELF_WALK_BATCH = 512, SHELF_FREED = 256 };

/* The encodings of one size. */
struct shelf_size {
    struct shelf_file file;
    struct shelf_slots slots; /* owned by their records, by number */
    size_t bytes;
};

/* The owner of a slot whose record is not written yet that lets it go. */
#define SHELF_OWNER_FREED UINT32_MAX

struct shelf_freed {
    uint8_t class_;
    uint32_t slot;
};

/* What the next row is looked for by. */
struct shelf_walk {
    enum { WALK_ALL, WALK_TAG, WALK_BEHIND } by;
    struct tag tag;
    uint32_t place; /* the last one's */
    struct envelope_id behind;
    size_t next, count; /* WALK_BEHIND: of the places that were found */
    uint32_t places[SHELF_WALK_BATCH];
};

struct shelf_store {
    struct shelf_index index; /* rows by their records' numbers */
    struct shelf_file ids;
    struct shelf_slots records;
    struct shelf_size sizes[ENVELOPE_CLASS_COUNT];
    size_t freed_count;
    struct shelf_freed freed[SHELF_FREED];
    uint64_t serial;         /* the last given */
    uint64_t unsynced_bytes; /* of encodings, and not on their way */
    struct shelf_sync sync;  /* what is on its way onto the disk itself */
    uint64_t syncing;        /* up to which serial that is */
    uint64_t damaged;
    bool (*is_whole)(const struct envelope_id *id, struct span encoding);
    struct shelf_walk walk;
    uint8_t encoding[LIMIT_ENVELOPE_BYTES];
};

/* The class whose slots hold so many bytes. */
uint8_t shelf_class_of(size_t bytes);

/* A record that is there, by its number.  STATUS_INVALID when it is not;
 * STATUS_IO. */
MUST_USE enum status shelf_read_record(
    const struct shelf_store *store, uint32_t number, struct shelf_record *out);

/* Keep a record to be written; NULL: that there is none.  There is room. */
MUST_USE enum status shelf_write_record(struct shelf_store *store,
    uint32_t number, const struct shelf_record *record);

/* Its encoding, into store->encoding.  STATUS_INVALID when it is not whole;
 * STATUS_IO. */
MUST_USE enum status shelf_read_encoding(
    struct shelf_store *store, const struct shelf_record *record);

/* Write all that is kept, and wipe what was let go. */
MUST_USE enum status shelf_flush(struct shelf_store *store);

/* shelf_store_open.c: learn from the files what is where. */
MUST_USE enum status shelf_store_load(struct shelf_store *store, char *why);

/* shelf_store_keep.c: put all on the disk itself, and say so in the head. */
MUST_USE enum status shelf_sync_all(struct shelf_store *store);

/* shelf_store_keep.c: the same for what becomes too much to be looked at when
 * the store is next opened, without waiting for the disk. */
MUST_USE enum status shelf_sync_some(struct shelf_store *store);

/* shelf_store_keep.c: make files shorter that have become too long, a step at
 * a time. */
MUST_USE enum status shelf_shrink(struct shelf_store *store);

#endif
