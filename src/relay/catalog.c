/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages of entries, and a hash table from ids to their numbers.  An entry that
 * nobody holds any more waits in a queue, in the order of its drop, before its
 * number is given to another id: whoever kept a number without holding it, as
 * a frozen set does, never sees it change its meaning.  One that is held again
 * meanwhile stays in the queue and leaves it when its turn comes. */
#include "relay/catalog.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"

struct by_id {
    struct envelope_id id;
    uint32_t number;
};

void catalog_init(struct catalog *catalog, uint64_t seed)
{
    *catalog = (struct catalog){
        .free_head = CATALOG_NONE,
        .rest_head = CATALOG_NONE,
        .rest_tail = CATALOG_NONE,
    };
    table_init(&catalog->by_id, sizeof(struct envelope_id),
        sizeof(struct by_id), CATALOG_NONE - 1, seed);
}

void catalog_clear(struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->page_count; i++)
        free(catalog->pages[i]);
    free(catalog->pages);
    free(catalog->lately);
    table_clear(&catalog->by_id);
    *catalog = (struct catalog){0};
}

uint32_t catalog_look_up(struct catalog *catalog, const struct envelope_id *id)
{
    const struct by_id *found = table_find(&catalog->by_id, id);
    if (!found)
        return CATALOG_NONE;
    catalog->lately[catalog_lately(id)] = found->number;
    return found->number;
}

uint32_t catalog_warm(
    const struct catalog *catalog, const struct envelope_id *id)
{
    table_warm(&catalog->by_id, id);
    return catalog->free_head != CATALOG_NONE ? catalog->free_head
                                              : catalog->count;
}

/* One that nobody holds and that does not rest is in the table no more. */
void catalog_hint(struct catalog *catalog, uint32_t number)
{
    if (number >= catalog->count)
        return;
    const struct catalog_entry *entry = catalog_at(catalog, number);
    if (entry->holders > 0 || entry->rests)
        catalog->lately[catalog_lately(&entry->id)] = number;
}

static void rest(struct catalog *catalog, uint32_t number)
{
    struct catalog_entry *entry = catalog_at(catalog, number);
    entry->rests = true;
    entry->next = CATALOG_NONE;
    if (catalog->rest_tail == CATALOG_NONE)
        catalog->rest_head = number;
    else
        catalog_at(catalog, catalog->rest_tail)->next = number;
    catalog->rest_tail = number;
}

static void hear(struct catalog *catalog, uint64_t now_ms)
{
    if (now_ms > catalog->now_ms)
        catalog->now_ms = now_ms;
}

/* Free what has rested for long enough. */
static void wake(struct catalog *catalog)
{
    while (catalog->rest_head != CATALOG_NONE) {
        uint32_t number = catalog->rest_head;
        struct catalog_entry *entry = catalog_at(catalog, number);
        bool is_held = entry->holders > 0;
        if (!is_held && entry->dropped_ms + CATALOG_REST_MS > catalog->now_ms)
            return;
        catalog->rest_head = entry->next;
        if (catalog->rest_head == CATALOG_NONE)
            catalog->rest_tail = CATALOG_NONE;
        entry->rests = false;
        if (is_held)
            continue;
        uint32_t *lately = &catalog->lately[catalog_lately(&entry->id)];
        if (*lately == number)
            *lately = CATALOG_NONE;
        table_remove(&catalog->by_id, &entry->id);
        entry->next = catalog->free_head;
        catalog->free_head = number;
    }
}

static enum status lately_make(struct catalog *catalog)
{
    catalog->lately = malloc(CATALOG_LATELY * sizeof(*catalog->lately));
    if (!catalog->lately)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < CATALOG_LATELY; i++)
        catalog->lately[i] = CATALOG_NONE;
    return STATUS_OK;
}

static enum status grow(struct catalog *catalog)
{
    if (catalog->count < catalog->page_count * CATALOG_PAGE)
        return STATUS_OK;
    if (!catalog->lately && lately_make(catalog) != STATUS_OK)
        return STATUS_NO_MEMORY;
    struct catalog_entry **pages = realloc(catalog->pages,
        (catalog->page_count + 1) * sizeof(struct catalog_entry *));
    if (!pages)
        return STATUS_NO_MEMORY;
    catalog->pages = pages;
    pages[catalog->page_count] = malloc(CATALOG_PAGE * sizeof(**pages));
    if (!pages[catalog->page_count])
        return STATUS_NO_MEMORY;
    catalog->page_count++;
    return STATUS_OK;
}

/* A number for a new id, which is in the table already. */
static enum status number_new(struct catalog *catalog, uint32_t *number)
{
    if (catalog->free_head != CATALOG_NONE) {
        *number = catalog->free_head;
        catalog->free_head = catalog_at(catalog, *number)->next;
        return STATUS_OK;
    }
    enum status status = grow(catalog);
    if (!status)
        *number = catalog->count++;
    return status;
}

static void hold_again(
    struct catalog_entry *entry, const struct catalog_entry *like)
{
    entry->holders++;
    if (entry->is_open || !like->is_open)
        return;
    memcpy(entry->proof, like->proof, sizeof(entry->proof));
    entry->is_open = true;
}

enum status catalog_hold(struct catalog *catalog,
    const struct catalog_entry *like, uint64_t now_ms, uint32_t *number)
{
    void *out = NULL;
    hear(catalog, now_ms);
    wake(catalog);
    uint32_t there = catalog_find(catalog, &like->id);
    if (there != CATALOG_NONE) {
        *number = there;
        hold_again(catalog_at(catalog, there), like);
        return STATUS_OK;
    }
    enum status status = table_add(&catalog->by_id, &like->id, &out);
    if (status)
        return status;
    struct by_id *found = out;
    status = number_new(catalog, &found->number);
    if (status) {
        table_remove(&catalog->by_id, &like->id);
        return status;
    }
    *number = found->number;
    catalog->lately[catalog_lately(&like->id)] = *number;
    struct catalog_entry *entry = catalog_at(catalog, *number);
    *entry = *like;
    entry->holders = 1;
    entry->rests = false;
    catalog_member(&entry->id, entry->member);
    entry->order = number_word(entry->id.bytes);
    return STATUS_OK;
}

void catalog_drop(struct catalog *catalog, uint32_t number, uint64_t now_ms)
{
    struct catalog_entry *entry = catalog_at(catalog, number);
    assert(entry->holders > 0);
    hear(catalog, now_ms);
    if (--entry->holders > 0)
        return;
    entry->dropped_ms = catalog->now_ms;
    if (!entry->rests)
        rest(catalog, number);
}

bool catalog_opens(
    struct catalog *catalog, uint32_t number, const struct opening *opening)
{
    struct catalog_entry *entry = catalog_at(catalog, number);
    struct receipt_hash hash;
    if (entry->is_open) /* it was let go: no secret of anybody's any more */
        return memcmp(entry->proof, opening->bytes, sizeof(entry->proof)) == 0;
    memcpy(hash.bytes, entry->proof, sizeof(hash.bytes));
    if (!opening_matches(opening, &hash))
        return false;
    memcpy(entry->proof, opening->bytes, sizeof(entry->proof));
    entry->is_open = true;
    return true;
}

void catalog_member(const struct envelope_id *id, uint64_t out[4])
{
    uint8_t hash[32];
    hash_labelled(hash, sizeof(hash), "sotto1 member",
        (struct span){id->bytes, sizeof(id->bytes)});
    for (int i = 0; i < 4; i++)
        out[i] = number_word_reversed(hash + 8 * i);
}

size_t catalog_bytes(const struct catalog *catalog)
{
    return table_bytes(&catalog->by_id) +
           (catalog->lately ? CATALOG_LATELY * sizeof(*catalog->lately) : 0) +
           catalog->page_count *
               (sizeof(struct catalog_entry *) +
                   CATALOG_PAGE * sizeof(struct catalog_entry));
}
