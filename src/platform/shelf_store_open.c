/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening a store: its records are read once through, and put into the index in
 * the order in which they came.  What is damaged is given up, so that the head
 * may then say of all that is there that it is well. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "platform/file.h"
#include "platform/random.h"
#include "platform/shelf_store.h"
#include "platform/shelf_store_inside.h"

enum { READ_RECORDS = 512, PATH_BYTES = 4096 };

/* A record that was read, and when it came. */
struct found {
    uint64_t serial;
    uint32_t number;
};

struct finds {
    struct found *list;
    size_t count;
};

static int compare(const void *a, const void *b)
{
    const struct found *one = a, *other = b;
    return (one->serial > other->serial) - (one->serial < other->serial);
}

static enum status erase(struct shelf_store *store, uint32_t number)
{
    enum status status = STATUS_OK;
    if (!shelf_file_has_room(&store->ids, SHELF_RECORD_BYTES))
        status = shelf_file_flush(&store->ids);
    return status ? status : shelf_write_record(store, number, NULL);
}

static enum status note(struct shelf_store *store, struct finds *finds,
    uint32_t number, const uint8_t *bytes)
{
    struct shelf_record record;
    enum status status = shelf_record_decode(bytes, &record);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status) {
        store->damaged++;
        return erase(store, number);
    }
    finds->list[finds->count++] = (struct found){record.serial, number};
    if (store->serial < record.serial)
        store->serial = record.serial;
    return STATUS_OK;
}

/* Read all records but the head. */
static enum status find_all(struct shelf_store *store, struct finds *finds)
{
    static const size_t most = READ_RECORDS * SHELF_RECORD_BYTES;
    uint64_t size = store->ids.size / SHELF_RECORD_BYTES * SHELF_RECORD_BYTES;
    uint8_t *bytes = malloc(most);
    enum status status = bytes ? STATUS_OK : STATUS_NO_MEMORY;
    for (uint64_t at = SHELF_RECORD_BYTES; at < size && !status;) {
        size_t part = size - at < most ? (size_t)(size - at) : most;
        status = shelf_file_read(&store->ids, at, bytes, part);
        for (size_t i = 0; i < part && !status; i += SHELF_RECORD_BYTES)
            status = note(store, finds,
                (uint32_t)((at + i) / SHELF_RECORD_BYTES), bytes + i);
        at += part;
    }
    free(bytes);
    return status == STATUS_NOT_FOUND ? STATUS_IO : status;
}

/* Forget what was put into the index: another record is right. */
static enum status drop(struct shelf_store *store, struct shelf_entry *entry)
{
    struct shelf_record record;
    uint32_t number = (uint32_t)entry->row;
    if (entry->is_tagged &&
        shelf_read_record(store, number, &record) == STATUS_OK)
        shelf_slots_give(
            &store->sizes[shelf_class_of(record.row.bytes)].slots, record.slot);
    shelf_slots_give(&store->records, number);
    shelf_index_remove(&store->index, entry);
    return erase(store, number);
}

/* A slot of two records, which only a power cut can make: it is the later's. */
static enum status drop_owner(
    struct shelf_store *store, const struct shelf_slots *slots, uint32_t slot)
{
    struct shelf_record record;
    enum status status =
        shelf_read_record(store, shelf_slots_owner(slots, slot), &record);
    if (status)
        return status;
    store->damaged++;
    return drop(store, shelf_index_find(&store->index, &record.row.id));
}

/* Give a stored record its slot.  STATUS_INVALID when what lies there is not
 * its encoding, as far as one has to look. */
static enum status claim(struct shelf_store *store, uint32_t number,
    const struct shelf_record *record, uint64_t synced)
{
    struct shelf_size *size = &store->sizes[shelf_class_of(record->row.bytes)];
    uint64_t end = (uint64_t)record->slot * size->bytes + record->row.bytes;
    if (record->row.bytes != size->bytes || end > size->file.size)
        return STATUS_INVALID;
    if (record->serial > synced) {
        enum status status = shelf_read_encoding(store, record);
        if (status)
            return status;
    }
    enum status status = shelf_slots_claim(&size->slots, record->slot, number);
    if (status != STATUS_EXISTS)
        return status;
    status = drop_owner(store, &size->slots, record->slot);
    return status ? status
                  : shelf_slots_claim(&size->slots, record->slot, number);
}

static enum status enter(
    struct shelf_store *store, uint32_t number, uint64_t synced)
{
    struct shelf_record record;
    struct shelf_entry *entry;
    enum status status = shelf_read_record(store, number, &record);
    if (!status && record.row.state == SHELF_ROW_STORED)
        status = claim(store, number, &record, synced);
    if (status == STATUS_INVALID) {
        store->damaged++;
        return erase(store, number);
    }
    if (!status && (entry = shelf_index_find(&store->index, &record.row.id)))
        status = drop(store, entry);
    if (!status)
        status = shelf_slots_claim(&store->records, number, 1);
    if (!status)
        status = shelf_index_add(&store->index, &record.row.id, number, &entry);
    if (!status && record.row.state == SHELF_ROW_STORED)
        shelf_index_tag(&store->index, entry, &record.row.tag);
    return status;
}

static enum status load_head(
    struct shelf_store *store, struct shelf_head *out, char *why)
{
    uint8_t bytes[SHELF_RECORD_BYTES];
    if (shelf_file_read(&store->ids, 0, bytes, sizeof(bytes)) ||
        shelf_head_decode(bytes, out))
        return STATUS_INVALID;
    if (out->format <= SHELF_FORMAT)
        return STATUS_OK;
    snprintf(why, SHELF_WHY_BYTES,
        "a later version of Sotto wrote it (format %lu; this program knows %d)",
        (unsigned long)out->format, SHELF_FORMAT);
    return STATUS_REFUSED;
}

/* Without a head, records alone prove that it is ours; what is shorter than
 * one is nobody's. */
static enum status accept(struct shelf_store *store, enum status head,
    const struct finds *finds, char *why)
{
    if (!head || store->ids.size < SHELF_RECORD_BYTES)
        return STATUS_OK;
    if (finds->count == 0) {
        snprintf(why, SHELF_WHY_BYTES, "it is not a file of Sotto's");
        return STATUS_INVALID;
    }
    store->damaged++;
    return STATUS_OK;
}

enum status shelf_store_load(struct shelf_store *store, char *why)
{
    struct shelf_head head = {0};
    struct finds finds = {0};
    enum status status = load_head(store, &head, why);
    if (status == STATUS_REFUSED)
        return status;
    finds.list =
        calloc(store->ids.size / SHELF_RECORD_BYTES + 1, sizeof(*finds.list));
    if (!finds.list)
        return STATUS_NO_MEMORY;
    enum status found = find_all(store, &finds);
    status = found ? found : accept(store, status, &finds, why);
    qsort(finds.list, finds.count, sizeof(*finds.list), compare);
    for (size_t i = 0; i < finds.count && !status; i++)
        status = enter(store, finds.list[i].number, head.synced);
    free(finds.list);
    return status;
}

static enum status open_file(
    struct shelf_file *file, const char *directory, const char *name, char *why)
{
    char path[PATH_BYTES];
    if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= PATH_BYTES) {
        errno = ENAMETOOLONG;
        return STATUS_IO;
    }
    enum status status = shelf_file_open(file, path);
    if (status == STATUS_EXISTS)
        snprintf(why, SHELF_WHY_BYTES, "another process has it open");
    if (!status && file->size == 0)
        status = file_sync_directory(path);
    return status;
}

static enum status open_files(
    struct shelf_store *store, const char *directory, char *why)
{
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return STATUS_IO;
    enum status status = open_file(&store->ids, directory, "ids", why);
    for (uint8_t i = 0; i < ENVELOPE_CLASS_COUNT && !status; i++) {
        char name[16];
        store->sizes[i].bytes = envelope_class_bytes(i);
        snprintf(name, sizeof(name), "%zu", store->sizes[i].bytes);
        status = open_file(&store->sizes[i].file, directory, name, why);
    }
    return status;
}

static struct shelf_store *store_new(const struct shelf_store_config *config)
{
    struct shelf_store *store = calloc(1, sizeof(*store));
    if (!store)
        return NULL;
    store->is_whole = config->is_whole;
    shelf_index_init(&store->index, random_u64(random_system()));
    shelf_sync_init(&store->sync);
    shelf_file_init(&store->ids);
    for (size_t i = 0; i < ENVELOPE_CLASS_COUNT; i++)
        shelf_file_init(&store->sizes[i].file);
    return store;
}

static void store_free(struct shelf_store *store)
{
    for (size_t i = 0; i < ENVELOPE_CLASS_COUNT; i++) {
        shelf_file_close(&store->sizes[i].file);
        shelf_slots_clear(&store->sizes[i].slots);
    }
    shelf_file_close(&store->ids);
    shelf_slots_clear(&store->records);
    shelf_index_clear(&store->index);
    free(store);
}

/* Place 0 is the head's. */
static enum status start(
    struct shelf_store *store, const char *directory, char *why)
{
    enum status status = shelf_slots_claim(&store->records, 0, 1);
    if (!status)
        status = open_files(store, directory, why);
    if (!status)
        status = shelf_store_load(store, why);
    if (!status)
        status = shelf_flush(store);
    return status ? status : shelf_sync_all(store);
}

enum status shelf_store_open(const struct shelf_store_config *config,
    struct shelf_store **out, char *why)
{
    struct shelf_store *store = store_new(config);
    *why = '\0';
    if (!store)
        return STATUS_NO_MEMORY;
    errno = 0;
    enum status status = start(store, config->path, why);
    if (status) {
        if (!*why)
            snprintf(why, SHELF_WHY_BYTES, "%s",
                status == STATUS_NO_MEMORY ? "no memory" : strerror(errno));
        int saved = errno;
        store_free(store);
        errno = saved;
        return status;
    }
    *out = store;
    return STATUS_OK;
}

void shelf_store_close(struct shelf_store *store)
{
    if (!store)
        return;
    /* Of a disk that takes no write, commit has told. */
    enum status status = shelf_flush(store);
    if (!status)
        status = shelf_sync_all(store);
    (void)status;
    store_free(store);
}
