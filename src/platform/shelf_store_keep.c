/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a store does now and then: put onto the disk itself what was written,
 * and make its files shorter.
 *
 * A file has holes where slots are free, and the next that come fill them.
 * When a quarter of one is free, and 4 MiB at least, its last encodings move
 * into the first holes, a mebibyte a commit, and it is cut behind what is left.
 */
#include <string.h>

#include "platform/shelf_store.h"
#include "platform/shelf_store_inside.h"

enum {
    STEP_BYTES = 1024 * 1024,
    HOLES_BYTES = 4 * 1024 * 1024, /* not worth the trouble */
    MOVES = 512,
};

/* All up to that serial is on the disk itself. */
static enum status write_head(struct shelf_store *store, uint64_t synced)
{
    uint8_t bytes[SHELF_RECORD_BYTES];
    const struct shelf_head head = {SHELF_FORMAT, synced};
    shelf_head_encode(&head, bytes);
    enum status status =
        shelf_file_write(&store->ids, 0, (struct span){bytes, sizeof(bytes)});
    return status ? status : shelf_file_flush(&store->ids);
}

enum status shelf_sync_all(struct shelf_store *store)
{
    enum status status = shelf_sync_end(&store->sync, true);
    for (size_t i = 0; i < ENVELOPE_CLASS_COUNT && !status; i++)
        status = shelf_file_sync(&store->sizes[i].file);
    if (!status)
        status = shelf_file_sync(&store->ids);
    if (status)
        return status;
    store->unsynced_bytes = 0;
    return write_head(store, store->serial);
}

/* Encodings first, as when they are written. */
static enum status begin_sync(struct shelf_store *store)
{
    struct shelf_file *files[ENVELOPE_CLASS_COUNT + 1];
    for (size_t i = 0; i < ENVELOPE_CLASS_COUNT; i++)
        files[i] = &store->sizes[i].file;
    files[ENVELOPE_CLASS_COUNT] = &store->ids;
    store->syncing = store->serial;
    store->unsynced_bytes = 0;
    return shelf_sync_begin(&store->sync, ENVELOPE_CLASS_COUNT + 1, files);
}

/* A disk that is slower than what comes is waited for. */
enum status shelf_sync_some(struct shelf_store *store)
{
    bool is_much = store->unsynced_bytes >= SHELF_SYNC_BYTES;
    if (store->sync.is_under_way) {
        enum status status = shelf_sync_end(&store->sync, is_much);
        if (status == STATUS_AGAIN)
            return STATUS_OK;
        if (!status)
            status = write_head(store, store->syncing);
        if (status)
            return status;
    }
    return is_much ? begin_sync(store) : STATUS_OK;
}

/* What moves: a record's encoding, from one of the last slots to a free one. */
struct move {
    uint32_t number, from, to;
};

struct moves {
    size_t count;
    struct move list[MOVES];
};

/* The last slot before one that is taken; the first, if none is. */
static uint32_t last_before(const struct shelf_slots *slots, uint32_t slot)
{
    do
        slot--;
    while (slot > 0 && shelf_slots_owner(slots, slot) == 0);
    return slot;
}

/* Copy an encoding, whole or not, into the first free slot. */
static enum status copy(
    struct shelf_store *store, struct shelf_size *size, struct move *move)
{
    enum status status =
        shelf_slots_take(&size->slots, move->number, &move->to);
    if (!status)
        status = shelf_file_read(&size->file,
            (uint64_t)move->from * size->bytes, store->encoding, size->bytes);
    if (status == STATUS_NOT_FOUND)
        status = STATUS_OK;
    if (!status && !shelf_file_has_room(&size->file, size->bytes))
        status = shelf_file_flush(&size->file);
    if (!status)
        status = shelf_file_write(&size->file, (uint64_t)move->to * size->bytes,
            (struct span){store->encoding, size->bytes});
    return status;
}

static enum status copy_last(
    struct shelf_store *store, struct shelf_size *size, struct moves *moves)
{
    uint32_t from = size->slots.end;
    enum status status = STATUS_OK;
    while (!status && moves->count < MOVES &&
           moves->count * size->bytes < STEP_BYTES) {
        from = last_before(&size->slots, from);
        if (shelf_slots_first(&size->slots) >= from)
            break;
        struct move *move = &moves->list[moves->count++];
        move->from = from;
        move->number = shelf_slots_owner(&size->slots, from);
        status = copy(store, size, move);
    }
    if (!status)
        status = shelf_file_flush(&size->file);
    return status ? status : shelf_file_sync(&size->file);
}

/* A slot that no record names is one that damage left behind. */
static bool is_named(const struct shelf_record *record,
    const struct shelf_size *size, uint32_t slot)
{
    return record->row.state == SHELF_ROW_STORED &&
           record->row.bytes == size->bytes && record->slot == slot;
}

static enum status name_copy(
    struct shelf_store *store, struct shelf_size *size, const struct move *move)
{
    struct shelf_record record;
    enum status status = shelf_read_record(store, move->number, &record);
    if (status == STATUS_INVALID ||
        (!status && !is_named(&record, size, move->from))) {
        shelf_slots_give(&size->slots, move->to);
        return STATUS_OK;
    }
    if (!status && !shelf_file_has_room(&store->ids, SHELF_RECORD_BYTES))
        status = shelf_file_flush(&store->ids);
    record.slot = move->to;
    return status ? status : shelf_write_record(store, move->number, &record);
}

/* The copies are on the disk itself: name them in the records. */
static enum status name_copies(struct shelf_store *store,
    struct shelf_size *size, const struct moves *moves)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < moves->count && !status; i++)
        status = name_copy(store, size, &moves->list[i]);
    if (!status)
        status = shelf_file_flush(&store->ids);
    return status ? status : shelf_file_sync(&store->ids);
}

static enum status move_last(struct shelf_store *store, struct shelf_size *size)
{
    struct moves moves = {0};
    enum status status = copy_last(store, size, &moves);
    if (!status)
        status = name_copies(store, size, &moves);
    for (size_t i = 0; i < moves.count && !status; i++)
        shelf_slots_give(&size->slots, moves.list[i].from);
    return status;
}

static bool is_sparse(const struct shelf_size *size)
{
    uint64_t free = size->slots.end - size->slots.used;
    return free * size->bytes >= HOLES_BYTES && free > size->slots.end / 4;
}

static enum status cut(struct shelf_file *file, uint64_t end)
{
    return file->size < end + STEP_BYTES ? STATUS_OK
                                         : shelf_file_cut(file, end);
}

enum status shelf_shrink(struct shelf_store *store)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < ENVELOPE_CLASS_COUNT && !status; i++) {
        struct shelf_size *size = &store->sizes[i];
        if (is_sparse(size))
            status = move_last(store, size);
        if (!status)
            status = cut(&size->file, (uint64_t)size->slots.end * size->bytes);
    }
    return status ? status
                  : cut(&store->ids,
                        (uint64_t)store->records.end * SHELF_RECORD_BYTES);
}
