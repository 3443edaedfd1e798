/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash table of (kind, row); lists are sorted when asked for, so that no
 * order depends on how the table lies in memory. */
#include "sim/disk.h"

#include <stdlib.h>
#include <string.h>

struct disk_key {
    uint64_t row;
    uint64_t kind;
};

struct disk_entry {
    struct disk_key key;
    uint8_t *data;
    size_t size;
};

void disk_init(struct disk *disk)
{
    *disk = (struct disk){0};
    table_init(&disk->records, sizeof(struct disk_key),
        sizeof(struct disk_entry), SIZE_MAX, 0);
}

void disk_clear(struct disk *disk)
{
    size_t cursor = 0;
    struct disk_entry *entry;
    while ((entry = table_next(&disk->records, &cursor)))
        free(entry->data);
    table_clear(&disk->records);
    disk->slots_size = 0;
}

static struct disk_key key_of(enum record_kind kind, uint64_t row)
{
    return (struct disk_key){.row = row, .kind = kind};
}

enum status disk_put(struct disk *disk, const struct vault_record *record)
{
    uint8_t *data = malloc(record->blob.size ? record->blob.size : 1);
    if (!data)
        return STATUS_NO_MEMORY;
    struct disk_key key = key_of(record->kind, record->row);
    void *added;
    enum status status = table_add(&disk->records, &key, &added);
    if (status && status != STATUS_EXISTS) {
        free(data);
        return status;
    }
    struct disk_entry *entry = added;
    free(entry->data);
    memcpy(data, record->blob.data, record->blob.size);
    entry->data = data;
    entry->size = record->blob.size;
    return STATUS_OK;
}

void disk_delete(struct disk *disk, enum record_kind kind, uint64_t row)
{
    struct disk_key key = key_of(kind, row);
    struct disk_entry *entry = table_find(&disk->records, &key);
    if (!entry)
        return;
    free(entry->data);
    table_remove(&disk->records, &key);
}

static struct vault_record record_of(const struct disk_entry *entry)
{
    return (struct vault_record){
        .kind = (enum record_kind)entry->key.kind,
        .row = entry->key.row,
        .blob = {entry->data, entry->size},
    };
}

enum status disk_find(const struct disk *disk, enum record_kind kind,
    uint64_t row, struct vault_record *out)
{
    struct disk_key key = key_of(kind, row);
    const struct disk_entry *entry = table_find(&disk->records, &key);
    if (!entry)
        return STATUS_NOT_FOUND;
    *out = record_of(entry);
    return STATUS_OK;
}

static int compare_records(const void *a, const void *b)
{
    const struct vault_record *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

enum status disk_list(
    const struct disk *disk, struct vault_record **out, size_t *count)
{
    struct vault_record *list =
        malloc((disk->records.count + 1) * sizeof(*list));
    if (!list)
        return STATUS_NO_MEMORY;
    size_t cursor = 0, kept = 0;
    const struct disk_entry *entry;
    while ((entry = table_next(&disk->records, &cursor)))
        if (entry->key.kind != RECORD_OUTBOX_BODY &&
            entry->key.kind != RECORD_INBOX_BODY)
            list[kept++] = record_of(entry);
    qsort(list, kept, sizeof(*list), compare_records);
    *out = list;
    *count = kept;
    return STATUS_OK;
}
