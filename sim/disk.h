/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_DISK_H
#define SIM_DISK_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/table.h"
#include "crypto/keyslot.h"
#include "vault/event.h"

/* A vault's disk, in memory: its records and its key slot file.  It outlives
 * the vault, so that a crash loses what a crash would lose. */
struct disk {
    struct table records;
    size_t slots_size; /* 0: there is no file */
    uint8_t slots[KEYSLOT_FILE_BYTES];
};

void disk_init(struct disk *disk);
void disk_clear(struct disk *disk);

/* Insert or replace; delete.  STATUS_NO_MEMORY. */
MUST_USE enum status disk_put(
    struct disk *disk, const struct vault_record *record);
void disk_delete(struct disk *disk, enum record_kind kind, uint64_t row);

/* Find one; *out borrows from the disk until it changes.  STATUS_NOT_FOUND. */
MUST_USE enum status disk_find(const struct disk *disk, enum record_kind kind,
    uint64_t row, struct vault_record *out);

/* All records but bodies, by kind and row; *out is malloc'd, and borrows from
 * the disk until it changes.  STATUS_NO_MEMORY. */
MUST_USE enum status disk_list(
    const struct disk *disk, struct vault_record **out, size_t *count);

#endif
