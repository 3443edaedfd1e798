/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_VAULT_DISK_H
#define TESTS_VAULT_DISK_H

/* A disk that keeps what was committed. */
#include <stdlib.h>
#include <string.h>

#include "crypto/keyslot.h"
#include "tests/tap.h"
#include "vault/vault.h"

struct disk_file {
    enum record_kind kind;
    uint64_t row;
    uint8_t *blob;
    size_t size;
};

struct disk {
    struct disk_file *files;
    size_t count;
    size_t capacity;
    size_t scrubs;
    size_t erasures;
    size_t aside; /* records that were set aside */
    size_t slots_size;
    uint8_t slots[KEYSLOT_FILE_BYTES];
};

static struct disk_file *disk_find(
    struct disk *disk, enum record_kind kind, uint64_t row)
{
    for (size_t i = 0; i < disk->count; i++)
        if (disk->files[i].kind == kind && disk->files[i].row == row)
            return &disk->files[i];
    return NULL;
}

static void disk_delete(struct disk *disk, enum record_kind kind, uint64_t row)
{
    struct disk_file *file = disk_find(disk, kind, row);
    if (!file)
        return;
    free(file->blob);
    *file = disk->files[--disk->count];
}

static void disk_put(struct disk *disk, const struct vault_record *record)
{
    disk_delete(disk, record->kind, record->row);
    if (disk->count == disk->capacity) {
        disk->capacity = disk->capacity ? disk->capacity * 2 : 64;
        disk->files =
            realloc(disk->files, disk->capacity * sizeof(*disk->files));
        need(disk->files);
    }
    uint8_t *blob = malloc(record->blob.size);
    need(blob);
    memcpy(blob, record->blob.data, record->blob.size);
    disk->files[disk->count++] =
        (struct disk_file){record->kind, record->row, blob, record->blob.size};
}

static inline size_t disk_count(struct disk *disk, enum record_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < disk->count; i++)
        count += disk->files[i].kind == kind;
    return count;
}

static void disk_clear(struct disk *disk)
{
    for (size_t i = 0; i < disk->count; i++)
        free(disk->files[i].blob);
    free(disk->files);
    *disk = (struct disk){.count = 0};
}

#endif
