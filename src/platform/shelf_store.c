/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shelf in five files: `ids` with a record for each envelope that is known,
 * and one for each size of envelopes with their encodings, in slots.  An index
 * in memory knows the record of an id or a tag; a record says which slot.
 *
 * Slots in place of a log or a database, since all envelopes have one of four
 * sizes: a freed slot fits the next that comes, so nothing has to be gathered
 * from among the dead, each envelope is written once, and damage stays where it
 * is.  A record lies within a sector and is changed in its place, in one
 * write.  An encoding needs no sum beside it: its id is its hash.
 *
 * The order of writes is the whole of recovery.  Encodings go before the
 * records that name their slots; a slot that was let go is wiped, and given to
 * another, only after the record that says so is written.  So a process that
 * ends in between leaves slots without an owner, and nothing else.  A power
 * cut may lose or tear what was written since the last sync; records later than
 * that are looked at, with their encodings, when the store is opened. */
#include "platform/shelf_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "platform/shelf_store_inside.h"

static const uint8_t zeros[LIMIT_ENVELOPE_BYTES];

uint8_t shelf_class_of(size_t bytes)
{
    uint8_t class_ = 0;
    assert(bytes <= LIMIT_ENVELOPE_BYTES);
    while (bytes > envelope_class_bytes(class_))
        class_++;
    return class_;
}

enum status shelf_read_record(
    const struct shelf_store *store, uint32_t number, struct shelf_record *out)
{
    uint8_t bytes[SHELF_RECORD_BYTES];
    enum status status = shelf_file_read(&store->ids,
        (uint64_t)number * SHELF_RECORD_BYTES, bytes, sizeof(bytes));
    if (!status)
        status = shelf_record_decode(bytes, out);
    return status == STATUS_NOT_FOUND ? STATUS_INVALID : status;
}

enum status shelf_read_encoding(
    struct shelf_store *store, const struct shelf_record *record)
{
    const struct shelf_size *size =
        &store->sizes[shelf_class_of(record->row.bytes)];
    enum status status =
        shelf_file_read(&size->file, (uint64_t)record->slot * size->bytes,
            store->encoding, record->row.bytes);
    if (status == STATUS_NOT_FOUND)
        return STATUS_INVALID;
    if (status)
        return status;
    const struct span encoding = {store->encoding, record->row.bytes};
    return store->is_whole(&record->row.id, encoding) ? STATUS_OK
                                                      : STATUS_INVALID;
}

static enum status flush_encodings(struct shelf_store *store)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < ENVELOPE_CLASS_COUNT && !status; i++)
        status = shelf_file_flush(&store->sizes[i].file);
    return status;
}

static enum status wipe(struct shelf_size *size, uint32_t slot)
{
    if (!shelf_file_has_room(&size->file, size->bytes)) {
        enum status status = shelf_file_flush(&size->file);
        if (status)
            return status;
    }
    return shelf_file_write(&size->file, (uint64_t)slot * size->bytes,
        (struct span){zeros, size->bytes});
}

/* All records are written. */
static enum status wipe_freed(struct shelf_store *store)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < store->freed_count && !status; i++)
        status =
            wipe(&store->sizes[store->freed[i].class_], store->freed[i].slot);
    if (!status)
        status = flush_encodings(store);
    if (status)
        return status;
    for (size_t i = 0; i < store->freed_count; i++)
        shelf_slots_give(
            &store->sizes[store->freed[i].class_].slots, store->freed[i].slot);
    store->freed_count = 0;
    return STATUS_OK;
}

enum status shelf_flush(struct shelf_store *store)
{
    enum status status = flush_encodings(store);
    if (!status)
        status = shelf_file_flush(&store->ids);
    if (!status && store->freed_count > 0)
        status = wipe_freed(store);
    return status;
}

/* Whether a change of one envelope can be kept. */
static bool has_room(
    const struct shelf_store *store, const struct shelf_row *row)
{
    return shelf_file_has_room(&store->ids, SHELF_RECORD_BYTES) &&
           store->freed_count < SHELF_FREED &&
           shelf_file_has_room(
               &store->sizes[shelf_class_of(row->bytes)].file, row->bytes);
}

static enum status make_room(
    struct shelf_store *store, const struct shelf_row *row)
{
    return has_room(store, row) ? STATUS_OK : shelf_flush(store);
}

enum status shelf_write_record(struct shelf_store *store, uint32_t number,
    const struct shelf_record *record)
{
    uint8_t bytes[SHELF_RECORD_BYTES] = {0};
    if (record)
        shelf_record_encode(record, bytes);
    return shelf_file_write(&store->ids, (uint64_t)number * SHELF_RECORD_BYTES,
        (struct span){bytes, sizeof(bytes)});
}

/* The record no longer names its slot, if it did. */
static void free_slot(
    struct shelf_store *store, const struct shelf_record *record)
{
    if (record->row.state != SHELF_ROW_STORED)
        return;
    uint8_t class_ = shelf_class_of(record->row.bytes);
    shelf_slots_pass(
        &store->sizes[class_].slots, record->slot, SHELF_OWNER_FREED);
    store->freed[store->freed_count++] =
        (struct shelf_freed){class_, record->slot};
}

/* Keep an encoding for a slot that the record is given. */
static enum status write_encoding(
    struct shelf_store *store, uint32_t number, struct shelf_record *record)
{
    const struct span encoding = record->row.encoding;
    struct shelf_size *size = &store->sizes[shelf_class_of(encoding.size)];
    assert(encoding.size == record->row.bytes && encoding.size == size->bytes);
    enum status status = shelf_slots_take(&size->slots, number, &record->slot);
    if (!status)
        status = shelf_file_write(
            &size->file, (uint64_t)record->slot * size->bytes, encoding);
    store->unsynced_bytes += encoding.size;
    return status;
}

/* The entry of an id, with a record's number, made where there is none; what
 * an earlier record of it named is let go. */
static enum status enter(struct shelf_store *store,
    const struct envelope_id *id, struct shelf_entry **out)
{
    struct shelf_entry *entry = shelf_index_find(&store->index, id);
    struct shelf_record before;
    uint32_t number;
    if (entry) {
        enum status status =
            shelf_read_record(store, (uint32_t)entry->row, &before);
        if (!status)
            free_slot(store, &before);
        *out = entry;
        return status == STATUS_INVALID ? STATUS_OK : status;
    }
    enum status status = shelf_slots_take(&store->records, 1, &number);
    if (!status &&
        (status = shelf_index_add(&store->index, id, number, out)) != STATUS_OK)
        shelf_slots_give(&store->records, number);
    return status;
}

void shelf_store_warm(const struct shelf_store *store,
    const struct envelope_id *id, const struct tag *tag)
{
    shelf_index_warm(&store->index, id, tag);
}

enum status shelf_store_put(
    struct shelf_store *store, const struct shelf_row *row)
{
    struct shelf_record record = {.row = *row};
    struct shelf_entry *entry;
    enum status status = make_room(store, row);
    if (!status)
        status = enter(store, &row->id, &entry);
    if (status)
        return status;
    uint32_t number = (uint32_t)entry->row;
    record.serial = ++store->serial;
    if (row->state == SHELF_ROW_STORED) {
        shelf_index_tag(&store->index, entry, &row->tag);
        status = write_encoding(store, number, &record);
    } else {
        shelf_index_untag(&store->index, entry);
    }
    return status ? status : shelf_write_record(store, number, &record);
}

static enum status forget_entry(
    struct shelf_store *store, struct shelf_entry *entry)
{
    uint32_t number = (uint32_t)entry->row;
    shelf_index_remove(&store->index, entry);
    shelf_slots_give(&store->records, number);
    return shelf_write_record(store, number, NULL);
}

/* What is damaged is of no use to anybody, and may come again.  Its slot, which
 * nobody can name now, is found when the store is next opened. */
static enum status give_up(struct shelf_store *store, struct shelf_entry *entry)
{
    store->damaged++;
    if (!shelf_file_has_room(&store->ids, SHELF_RECORD_BYTES)) {
        enum status status = shelf_flush(store);
        if (status)
            return status;
    }
    return forget_entry(store, entry);
}

/* Find a record that is to be changed, and let its slot go.  entry NULL: there
 * is none. */
static enum status begin_change(struct shelf_store *store,
    const struct envelope_id *id, struct shelf_entry **entry,
    struct shelf_record *record)
{
    *entry = shelf_index_find(&store->index, id);
    if (!*entry)
        return STATUS_OK;
    enum status status =
        shelf_read_record(store, (uint32_t)(*entry)->row, record);
    if (status == STATUS_INVALID) {
        status = give_up(store, *entry);
        *entry = NULL;
        return status;
    }
    if (!status)
        status = make_room(store, &record->row);
    if (status)
        return status;
    shelf_index_untag(&store->index, *entry);
    free_slot(store, record);
    record->slot = 0;
    return STATUS_OK;
}

enum status shelf_store_clear(struct shelf_store *store,
    const struct envelope_id *id, const struct opening *opening)
{
    struct shelf_record record;
    struct shelf_entry *entry;
    enum status status = begin_change(store, id, &entry, &record);
    if (status || !entry)
        return status;
    record.row.state = SHELF_ROW_CLEARED;
    record.row.opening = *opening;
    return shelf_write_record(store, (uint32_t)entry->row, &record);
}

enum status shelf_store_evict(
    struct shelf_store *store, const struct envelope_id *id)
{
    struct shelf_record record;
    struct shelf_entry *entry;
    enum status status = begin_change(store, id, &entry, &record);
    if (status || !entry)
        return status;
    record.row.state = SHELF_ROW_EVICTED;
    return shelf_write_record(store, (uint32_t)entry->row, &record);
}

enum status shelf_store_forget(
    struct shelf_store *store, const struct envelope_id *id)
{
    struct shelf_record record;
    struct shelf_entry *entry;
    enum status status = begin_change(store, id, &entry, &record);
    return status || !entry ? status : forget_entry(store, entry);
}

enum status shelf_store_commit(struct shelf_store *store)
{
    enum status status = shelf_flush(store);
    if (!status)
        status = shelf_sync_some(store);
    return status ? status : shelf_shrink(store);
}

enum status shelf_store_probe(struct shelf_store *store)
{
    enum status status = shelf_flush(store);
    return status ? status : shelf_sync_all(store);
}

uint64_t shelf_store_damaged(const struct shelf_store *store)
{
    return store->damaged;
}

static enum status get_entry(struct shelf_store *store,
    const struct shelf_entry *entry, bool encoding, struct shelf_row *out)
{
    struct shelf_record record;
    enum status status =
        shelf_read_record(store, (uint32_t)entry->row, &record);
    if (!status && encoding && record.row.state == SHELF_ROW_STORED) {
        status = shelf_read_encoding(store, &record);
        record.row.encoding = (struct span){store->encoding, record.row.bytes};
    }
    if (status == STATUS_OK)
        *out = record.row;
    return status;
}

enum status shelf_store_get(struct shelf_store *store,
    const struct envelope_id *id, struct shelf_row *out)
{
    struct shelf_entry *entry = shelf_index_find(&store->index, id);
    if (!entry)
        return STATUS_NOT_FOUND;
    enum status status = get_entry(store, entry, true, out);
    if (status != STATUS_INVALID)
        return status;
    status = give_up(store, entry);
    return status ? status : STATUS_NOT_FOUND;
}

void shelf_store_walk(struct shelf_store *store, const struct tag *tag)
{
    struct shelf_walk *walk = &store->walk;
    walk->by = tag ? WALK_TAG : WALK_ALL;
    if (tag)
        walk->tag = *tag;
    walk->place = 0;
}

void shelf_store_walk_behind(
    struct shelf_store *store, const struct envelope_id *id)
{
    struct shelf_walk *walk = &store->walk;
    walk->by = WALK_BEHIND;
    walk->behind = *id;
    walk->next = walk->count = 0;
}

/* The next place of a walk; 0 at its end. */
static uint32_t next_place(
    const struct shelf_index *index, struct shelf_walk *walk)
{
    switch (walk->by) {
    case WALK_ALL:
        do
            walk->place++;
        while (walk->place <= index->used && !index->entries[walk->place].row);
        return walk->place <= index->used ? walk->place : 0;
    case WALK_TAG:
        return walk->place = shelf_index_next(index, &walk->tag, walk->place);
    case WALK_BEHIND:
        break;
    }
    if (walk->next == walk->count) {
        walk->next = 0;
        walk->count = shelf_index_behind(
            index, &walk->behind, SHELF_WALK_BATCH, walk->places);
    }
    if (walk->count == 0)
        return 0;
    uint32_t place = walk->places[walk->next++];
    walk->behind = index->entries[place].id;
    return place;
}

enum status shelf_store_next(struct shelf_store *store, struct shelf_row *out)
{
    enum status status;
    do {
        uint32_t place = next_place(&store->index, &store->walk);
        if (place == 0)
            return STATUS_NOT_FOUND;
        status = get_entry(store, &store->index.entries[place],
            store->walk.by == WALK_TAG, out);
        store->damaged += status == STATUS_INVALID;
    } while (status == STATUS_INVALID); /* not worth ending the walk */
    return status;
}
