/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_BACKUP_H
#define VAULT_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "crypto/archive.h"
#include "vault/event.h"
#include "vault/records.h"
#include "vault/step.h"

/* What is inside a backup: records as their rooms write them, one behind the
 * other,
 *
 *   kind 1 ‖ row 8 ‖ size 4 ‖ the plain text of the record
 *
 * and zeros from the end on.  Records run on from block to block. */
enum {
    BACKUP_ITEM_BYTES = 1 + 8 + 4,
    BACKUP_FETCH_ROWS = 8, /* that are added before a block is taken */
    BACKUP_BYTES = ARCHIVE_PLAIN_BYTES +
                   BACKUP_FETCH_ROWS * (BACKUP_ITEM_BYTES + DESK_PLAIN_BYTES),
};

/* Bytes between records and blocks.  Secret. */
struct backup_stream {
    size_t size;
    uint8_t bytes[BACKUP_BYTES];
};

struct backup_item {
    enum record_kind kind;
    uint64_t row;
    struct span plain; /* borrowed from the stream until it is dropped */
};

/* Add one; there must be room: at most BACKUP_FETCH_ROWS since the stream last
 * had less than a block. */
void backup_add(struct backup_stream *stream, const struct backup_item *item);

/* Whether there is a block to be taken; take it, or what there is with zeros
 * behind it. */
bool backup_has_block(const struct backup_stream *stream);
void backup_take(
    struct backup_stream *stream, uint8_t out[static ARCHIVE_PLAIN_BYTES]);

/* Add a block, when backup_peek has said that there is no whole record.  Look
 * at the first record, and drop it.  STATUS_AGAIN: there is none yet;
 * STATUS_NOT_FOUND: it was the last, and only zeros follow; STATUS_INVALID. */
void backup_feed(struct backup_stream *stream,
    const uint8_t plain[static ARCHIVE_PLAIN_BYTES]);
MUST_USE enum status backup_peek(
    const struct backup_stream *stream, struct backup_item *out);
void backup_drop(struct backup_stream *stream, const struct backup_item *item);

/* The key that blinds rows, which goes along: a restored vault has a record of
 * it.  Write that record's plain text; take it from one, in the place of the
 * vault's own. */
enum { BACKUP_BLIND_ROW = 1 };
void backup_blind_write(
    const struct records *records, struct wire_writer *writer);
MUST_USE enum status backup_blind_load(struct step *step,
    const struct vault_record *record, struct records *records);

#endif
