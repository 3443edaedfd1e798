/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of expected tags.
 *
 * Entries lie densely in a pool.  Two indexes lead to them, by tag and, for
 * those of sessions, by place in their chain; each is linear probing over
 * 64-bit prefixes of seeded hashes.  A miss, which is what nearly every
 * envelope is, reads one line of prefixes and no entry.  At most half of the
 * slots are used, and a removed slot's followers are shifted back (Knuth,
 * vol. 3, algorithm 6.4R), so there are no tombstones.  Removing moves the
 * pool's last entry into the gap.
 *
 * Everything lies in one guarded block, which doubles; the old one is wiped
 * as it is freed.  Walking the pool to remove a session was preferred to a
 * list a session: it is rare, and links would cost every entry. */
#include "crypto/tags.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"

/* At first as many as a new identity's own tags need: each larger block costs
 * the system's calls that guard it. */
enum { FIRST_SLOTS = 512, BLOCK_ALIGNMENT = 64 };

/* Slots that lead to entries. */
struct index {
    uint64_t *prefixes; /* zero marks a free slot */
    uint32_t *places;
};

struct tags {
    uint64_t seed;
    size_t maximum; /* entries */
    size_t count;
    size_t slots; /* of an index: zero or a power of two; half the entries */
    void *block;  /* all that follows points into it */
    struct index by_tag;
    struct index by_place;
    struct tag_entry *entries;
};

struct tags *tags_new(size_t maximum, uint64_t seed)
{
    assert(maximum <= UINT32_MAX);
    struct tags *tags = calloc(1, sizeof(*tags));
    if (!tags)
        return NULL;
    tags->maximum = maximum;
    tags->seed = seed;
    return tags;
}

void tags_free(struct tags *tags)
{
    if (!tags)
        return;
    secret_free(tags->block);
    free(tags);
}

/* The finaliser of splitmix64 (Steele, Lea and Flood 2014). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* A zero would look like a free slot. */
static uint64_t prefix_of_tag(const struct tags *tags, const struct tag *tag)
{
    uint64_t head;
    memcpy(&head, tag->bytes, sizeof(head));
    uint64_t prefix = mix(tags->seed ^ head);
    return prefix ? prefix : 1;
}

static uint64_t prefix_of_place(
    const struct tags *tags, uint32_t session, uint32_t chain, uint32_t number)
{
    uint64_t prefix = mix(tags->seed ^ ((uint64_t)session << 32 | number));
    prefix = mix(prefix ^ chain);
    return prefix ? prefix : 1;
}

static size_t slot_after(const struct tags *tags, size_t slot)
{
    return (slot + 1) & (tags->slots - 1);
}

/* The first slot with that prefix, from slot on; else the free one reached. */
static size_t slot_with(const struct tags *tags, const struct index *index,
    uint64_t prefix, size_t slot)
{
    slot &= tags->slots - 1;
    while (index->prefixes[slot] != prefix && index->prefixes[slot] != 0)
        slot = slot_after(tags, slot);
    return slot;
}

const struct tag_entry *tags_find(
    const struct tags *tags, const struct tag *tag)
{
    if (tags->slots == 0)
        return NULL;
    const struct index *index = &tags->by_tag;
    uint64_t prefix = prefix_of_tag(tags, tag);
    for (size_t slot = slot_with(tags, index, prefix, prefix);
         index->prefixes[slot] != 0;
         slot = slot_with(tags, index, prefix, slot + 1)) {
        const struct tag_entry *entry = &tags->entries[index->places[slot]];
        if (tag_equal(&entry->tag, tag))
            return entry;
    }
    return NULL;
}

const struct tag_entry *tags_find_at(
    const struct tags *tags, uint32_t session, uint32_t chain, uint32_t number)
{
    if (tags->slots == 0)
        return NULL;
    const struct index *index = &tags->by_place;
    uint64_t prefix = prefix_of_place(tags, session, chain, number);
    for (size_t slot = slot_with(tags, index, prefix, prefix);
         index->prefixes[slot] != 0;
         slot = slot_with(tags, index, prefix, slot + 1)) {
        const struct tag_entry *entry = &tags->entries[index->places[slot]];
        if (entry->session == session && entry->chain == chain &&
            entry->number == number)
            return entry;
    }
    return NULL;
}

void tags_skip(struct tags *tags, const struct tag_entry *entry,
    const uint8_t message_key[static 32], uint32_t expires_h)
{
    assert(entry->kind == TAG_AHEAD || entry->kind == TAG_GROUP);
    struct tag_entry *own = &tags->entries[entry - tags->entries];
    own->kind = entry->kind == TAG_AHEAD ? TAG_SKIPPED : TAG_GROUP_SKIPPED;
    own->expires_h = expires_h;
    memcpy(own->message_key, message_key, sizeof(own->message_key));
}

/* Index. */

static void index_add(
    const struct tags *tags, struct index *index, uint64_t prefix, size_t place)
{
    size_t slot = prefix & (tags->slots - 1);
    while (index->prefixes[slot] != 0)
        slot = slot_after(tags, slot);
    index->prefixes[slot] = prefix;
    index->places[slot] = (uint32_t)place;
}

/* The slot that leads to a place, which is there. */
static size_t index_slot(const struct tags *tags, const struct index *index,
    uint64_t prefix, size_t place)
{
    size_t slot = slot_with(tags, index, prefix, prefix);
    while (index->prefixes[slot] != 0 && index->places[slot] != place)
        slot = slot_with(tags, index, prefix, slot + 1);
    assert(index->prefixes[slot] != 0);
    return slot;
}

/* Free a slot, shifting back the followers that may not pass a gap. */
static void index_free(const struct tags *tags, struct index *index, size_t gap)
{
    size_t mask = tags->slots - 1;
    for (size_t slot = slot_after(tags, gap); index->prefixes[slot] != 0;
         slot = slot_after(tags, slot)) {
        size_t home = index->prefixes[slot] & mask;
        if (((slot - home) & mask) < ((slot - gap) & mask))
            continue;
        index->prefixes[gap] = index->prefixes[slot];
        index->places[gap] = index->places[slot];
        gap = slot;
    }
    index->prefixes[gap] = 0;
    index->places[gap] = 0;
}

/* What both indexes know of the entry at a place: its prefixes. */
struct prefixes {
    uint64_t tag;
    uint64_t place; /* zero: not indexed by place */
};

static struct prefixes prefixes_of(
    const struct tags *tags, const struct tag_entry *entry)
{
    struct prefixes prefixes = {.tag = prefix_of_tag(tags, &entry->tag)};
    if (tag_is_placed(entry))
        prefixes.place =
            prefix_of_place(tags, entry->session, entry->chain, entry->number);
    return prefixes;
}

static void link_place(struct tags *tags, size_t place)
{
    struct prefixes prefixes = prefixes_of(tags, &tags->entries[place]);
    index_add(tags, &tags->by_tag, prefixes.tag, place);
    if (prefixes.place)
        index_add(tags, &tags->by_place, prefixes.place, place);
}

static void unlink_place(struct tags *tags, size_t place)
{
    struct prefixes prefixes = prefixes_of(tags, &tags->entries[place]);
    index_free(tags, &tags->by_tag,
        index_slot(tags, &tags->by_tag, prefixes.tag, place));
    if (prefixes.place)
        index_free(tags, &tags->by_place,
            index_slot(tags, &tags->by_place, prefixes.place, place));
}

/* Growing and adding. */

static size_t block_bytes(size_t slots)
{
    size_t bytes = 2 * slots * (sizeof(uint64_t) + sizeof(uint32_t)) +
                   slots / 2 * sizeof(struct tag_entry);
    return (bytes + BLOCK_ALIGNMENT - 1) / BLOCK_ALIGNMENT * BLOCK_ALIGNMENT;
}

/* Move to a new block of so many slots. */
static enum status resize(struct tags *tags, size_t slots)
{
    uint64_t *block = secret_new(block_bytes(slots));
    if (!block)
        return STATUS_NO_MEMORY;
    memset(block, 0, block_bytes(slots));
    struct tags grown = *tags;
    grown.slots = slots;
    grown.block = block;
    grown.by_tag.prefixes = block;
    grown.by_place.prefixes = block + slots;
    grown.by_tag.places = (uint32_t *)(block + 2 * slots);
    grown.by_place.places = grown.by_tag.places + slots;
    grown.entries = (struct tag_entry *)(grown.by_place.places + slots);
    for (size_t place = 0; place < tags->count; place++) {
        grown.entries[place] = tags->entries[place];
        link_place(&grown, place);
    }
    secret_free(tags->block);
    *tags = grown;
    return STATUS_OK;
}

enum status tags_reserve(struct tags *tags, size_t count)
{
    if (count > tags->maximum - tags->count)
        return STATUS_FULL;
    size_t slots = tags->slots > 0 ? tags->slots : FIRST_SLOTS;
    while (slots / 2 < tags->count + count)
        slots *= 2;
    return slots == tags->slots ? STATUS_OK : resize(tags, slots);
}

enum status tags_add(struct tags *tags, const struct tag_entry *entry)
{
    if (tags_find(tags, &entry->tag))
        return STATUS_EXISTS;
    enum status status = tags_reserve(tags, 1);
    if (status)
        return status;
    tags->entries[tags->count] = *entry;
    link_place(tags, tags->count++);
    return STATUS_OK;
}

/* Removing. */

static void remove_place(struct tags *tags, size_t place)
{
    size_t last = tags->count - 1;
    unlink_place(tags, place);
    if (place != last) {
        unlink_place(tags, last);
        tags->entries[place] = tags->entries[last];
        link_place(tags, place);
    }
    secret_wipe(&tags->entries[last], sizeof(tags->entries[last]));
    tags->count = last;
}

void tags_remove(struct tags *tags, const struct tag *tag)
{
    const struct tag_entry *entry = tags_find(tags, tag);
    if (entry)
        remove_place(tags, (size_t)(entry - tags->entries));
}

void tags_remove_session(struct tags *tags, uint32_t session)
{
    size_t place = 0;
    while (place < tags->count) {
        const struct tag_entry *entry = &tags->entries[place];
        if (tag_is_placed(entry) && entry->session == session)
            remove_place(tags, place);
        else
            place++;
    }
}

void tags_remove_door(struct tags *tags, uint32_t door)
{
    size_t place = 0;
    while (place < tags->count) {
        const struct tag_entry *entry = &tags->entries[place];
        if (entry->kind == TAG_INTRO && entry->session == door)
            remove_place(tags, place);
        else
            place++;
    }
}

void tags_remove_intro_before(struct tags *tags, uint32_t day)
{
    size_t place = 0;
    while (place < tags->count) {
        const struct tag_entry *entry = &tags->entries[place];
        if (entry->kind == TAG_INTRO && entry->chain < day)
            remove_place(tags, place);
        else
            place++;
    }
}

void tags_remove_renewals(struct tags *tags, uint32_t handle)
{
    size_t place = 0;
    while (place < tags->count) {
        const struct tag_entry *entry = &tags->entries[place];
        if (entry->kind == TAG_RENEWAL && entry->session == handle)
            remove_place(tags, place);
        else
            place++;
    }
}

void tags_remove_renewals_before(struct tags *tags, uint32_t hour)
{
    size_t place = 0;
    while (place < tags->count) {
        const struct tag_entry *entry = &tags->entries[place];
        if (entry->kind == TAG_RENEWAL && entry->expires_h < hour)
            remove_place(tags, place);
        else
            place++;
    }
}

size_t tags_count(const struct tags *tags)
{
    return tags->count;
}

const struct tag_entry *tags_next(const struct tags *tags, size_t *cursor)
{
    if (*cursor >= tags->count)
        return NULL;
    return &tags->entries[(*cursor)++];
}
