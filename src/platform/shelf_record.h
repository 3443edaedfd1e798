/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_SHELF_RECORD_H
#define PLATFORM_SHELF_RECORD_H

#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/ids.h"

/* What the shelf's file `ids` holds: one record an envelope, of one size, each
 * at a multiple of that size, so that none lies across a sector and each is
 * written whole or not at all; and the first, which speaks for all. */
enum { SHELF_RECORD_BYTES = 128, SHELF_FORMAT = 3 };

enum shelf_row_state { SHELF_ROW_STORED, SHELF_ROW_CLEARED, SHELF_ROW_EVICTED };

struct shelf_row {
    struct envelope_id id;
    struct tag tag;
    struct receipt_hash receipt_hash; /* not CLEARED */
    struct opening opening;           /* CLEARED */
    uint32_t expires_h;
    uint32_t bytes; /* of the envelope, also after it is wiped */
    uint8_t stamp_bits;
    enum shelf_row_state state;
    struct span encoding; /* STORED; borrowed until the next call */
};

struct shelf_record {
    struct shelf_row row; /* but its encoding */
    uint32_t slot;        /* STORED: where among those of its size */
    uint64_t serial;      /* the later the greater */
};

void shelf_record_encode(
    const struct shelf_record *record, uint8_t out[static SHELF_RECORD_BYTES]);

/* STATUS_NOT_FOUND where zeros say that there is none; STATUS_INVALID where the
 * bytes were never a record. */
MUST_USE enum status shelf_record_decode(
    const uint8_t bytes[static SHELF_RECORD_BYTES], struct shelf_record *out);

/* The first: the format, and up to which serial all is on the disk itself. */
struct shelf_head {
    uint32_t format;
    uint64_t synced;
};

void shelf_head_encode(
    const struct shelf_head *head, uint8_t out[static SHELF_RECORD_BYTES]);

/* STATUS_INVALID. */
MUST_USE enum status shelf_head_decode(
    const uint8_t bytes[static SHELF_RECORD_BYTES], struct shelf_head *out);

#endif
