/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two hash tables of chains over one array of entries, which name one another
 * by their places.  It takes the place of indexes in the database: ids and tags
 * are random, so an index there would have a page of its own rewritten for each
 * envelope, where the table itself only grows at its end.  About 64 bytes an
 * envelope, made anew from the table at each start. */
#include "platform/shelf_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ENTRIES = 64, NONE = 0 };

static_assert(sizeof(struct envelope_id) == 16 && sizeof(struct tag) == 16,
    "one hash for both");

void shelf_index_init(struct shelf_index *index, uint64_t seed)
{
    *index = (struct shelf_index){.seed = seed};
}

void shelf_index_clear(struct shelf_index *index)
{
    free(index->entries);
    free(index->by_id);
    free(index->by_tag);
    shelf_index_init(index, index->seed);
}

static uint64_t mix(uint64_t x)
{
    /* The finaliser of splitmix64 (Steele, Lea and Flood 2014). */
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* The head of the chain of these 16 bytes. */
static uint32_t *chain(const struct shelf_index *index, uint32_t *heads,
    const uint8_t bytes[static 16])
{
    uint64_t words[2];
    memcpy(words, bytes, sizeof(words));
    uint64_t hash = mix(mix(index->seed ^ words[0]) ^ words[1]);
    return &heads[hash & (index->capacity - 1)];
}

static uint32_t place_of(
    const struct shelf_index *index, const struct shelf_entry *entry)
{
    return (uint32_t)(entry - index->entries);
}

struct shelf_entry *shelf_index_find(
    const struct shelf_index *index, const struct envelope_id *id)
{
    if (index->count == 0)
        return NULL;
    uint32_t place = *chain(index, index->by_id, id->bytes);
    while (place != NONE && !envelope_id_equal(&index->entries[place].id, id))
        place = index->entries[place].next_same_id;
    return place == NONE ? NULL : &index->entries[place];
}

void shelf_index_warm(const struct shelf_index *index,
    const struct envelope_id *id, const struct tag *tag)
{
    if (index->count == 0)
        return;
    __builtin_prefetch(chain(index, index->by_id, id->bytes), 1);
    __builtin_prefetch(chain(index, index->by_tag, tag->bytes), 1);
}

static void link_id(struct shelf_index *index, struct shelf_entry *entry)
{
    uint32_t *head = chain(index, index->by_id, entry->id.bytes);
    entry->next_same_id = *head;
    *head = place_of(index, entry);
}

static void link_tag(struct shelf_index *index, struct shelf_entry *entry)
{
    uint32_t *head = chain(index, index->by_tag, entry->tag.bytes);
    entry->previous_same_tag = NONE;
    entry->next_same_tag = *head;
    if (*head != NONE)
        index->entries[*head].previous_same_tag = place_of(index, entry);
    *head = place_of(index, entry);
}

/* All chains anew, for a greater number of them. */
static void link_all(struct shelf_index *index)
{
    for (size_t place = 1; place <= index->used; place++) {
        struct shelf_entry *entry = &index->entries[place];
        if (entry->row == 0)
            continue;
        link_id(index, entry);
        if (entry->is_tagged)
            link_tag(index, entry);
    }
}

static enum status grow(struct shelf_index *index)
{
    if (index->free_place != NONE || index->used + 1 < index->capacity)
        return STATUS_OK;
    size_t capacity = index->capacity ? 2 * index->capacity : FIRST_ENTRIES;
    uint32_t *by_id = calloc(capacity, sizeof(*by_id));
    uint32_t *by_tag = calloc(capacity, sizeof(*by_tag));
    struct shelf_entry *entries =
        by_id && by_tag && capacity <= UINT32_MAX
            ? realloc(index->entries, capacity * sizeof(*entries))
            : NULL;
    if (!entries) {
        free(by_id);
        free(by_tag);
        return STATUS_NO_MEMORY;
    }
    free(index->by_id);
    free(index->by_tag);
    index->entries = entries;
    index->by_id = by_id;
    index->by_tag = by_tag;
    index->capacity = capacity;
    link_all(index);
    return STATUS_OK;
}

enum status shelf_index_add(struct shelf_index *index,
    const struct envelope_id *id, int64_t row, struct shelf_entry **out)
{
    assert(row > 0);
    enum status status = grow(index);
    if (status)
        return status;
    uint32_t place = index->free_place;
    if (place != NONE)
        index->free_place = index->entries[place].next_same_id;
    else
        place = (uint32_t)++index->used;
    struct shelf_entry *entry = &index->entries[place];
    *entry = (struct shelf_entry){.id = *id, .row = row};
    link_id(index, entry);
    index->count++;
    *out = entry;
    return STATUS_OK;
}

void shelf_index_remove(struct shelf_index *index, struct shelf_entry *entry)
{
    uint32_t place = place_of(index, entry);
    uint32_t *at = chain(index, index->by_id, entry->id.bytes);
    shelf_index_untag(index, entry);
    while (*at != place)
        at = &index->entries[*at].next_same_id;
    *at = entry->next_same_id;
    *entry = (struct shelf_entry){.next_same_id = index->free_place};
    index->free_place = place;
    index->count--;
}

void shelf_index_tag(
    struct shelf_index *index, struct shelf_entry *entry, const struct tag *tag)
{
    shelf_index_untag(index, entry);
    entry->tag = *tag;
    entry->is_tagged = true;
    link_tag(index, entry);
}

void shelf_index_untag(struct shelf_index *index, struct shelf_entry *entry)
{
    if (!entry->is_tagged)
        return;
    entry->is_tagged = false;
    if (entry->next_same_tag != NONE)
        index->entries[entry->next_same_tag].previous_same_tag =
            entry->previous_same_tag;
    if (entry->previous_same_tag != NONE)
        index->entries[entry->previous_same_tag].next_same_tag =
            entry->next_same_tag;
    else
        *chain(index, index->by_tag, entry->tag.bytes) = entry->next_same_tag;
}

uint32_t shelf_index_next(
    const struct shelf_index *index, const struct tag *tag, uint32_t behind)
{
    if (index->count == 0)
        return NONE;
    uint32_t place = behind == NONE ? *chain(index, index->by_tag, tag->bytes)
                                    : index->entries[behind].next_same_tag;
    while (place != NONE && memcmp(index->entries[place].tag.bytes, tag->bytes,
                                sizeof(tag->bytes)) != 0)
        place = index->entries[place].next_same_tag;
    return place;
}

static int compare(const struct shelf_index *index, uint32_t place,
    const struct envelope_id *id)
{
    return memcmp(index->entries[place].id.bytes, id->bytes, sizeof(id->bytes));
}

/* Where an id belongs among places that are in order. */
static size_t rank(const struct shelf_index *index, const uint32_t places[],
    size_t count, const struct envelope_id *id)
{
    size_t low = 0;
    while (count > 0) {
        size_t half = count / 2;
        if (compare(index, places[low + half], id) < 0) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

size_t shelf_index_behind(const struct shelf_index *index,
    const struct envelope_id *id, size_t most, uint32_t places[])
{
    size_t count = 0;
    for (uint32_t place = 1; place <= index->used; place++) {
        const struct shelf_entry *entry = &index->entries[place];
        if (entry->row == 0 || compare(index, place, id) <= 0 ||
            (count == most && compare(index, places[most - 1], &entry->id) < 0))
            continue;
        size_t at = rank(index, places, count, &entry->id);
        size_t moved = (count < most ? count : most - 1) - at;
        memmove(&places[at + 1], &places[at], moved * sizeof(*places));
        places[at] = place;
        count += count < most;
    }
    return count;
}
