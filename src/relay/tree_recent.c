/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recent news.  For each item a mask says which peers know of it: they have it,
 * or were told of it by a push or an announcement; an edge's place is its bit.
 * Items lie in a ring in the order in which they came, so that one walk over
 * their sequences finds whatever an edge was not told of.  One that is gone
 * leaves its place behind, which then names nothing.
 *
 * The ring is cut into pages, which are there only while something lies in
 * them: a mesh has two rings a node, and what spread in the last half a minute
 * is in one of them, an envelope until its receipt comes.  An item is 16 bytes,
 * and 24 at a node that has had so many edges at once that their bits need a
 * word: few have.
 *
 * They are found by number through chains, as matches are in deflate: a head
 * for each value of a number's low bits names the last item that has them, and
 * each item the one before.  A chain ends where it leaves the ring, so only
 * what goes earlier need be taken out of it; and numbers are given out one
 * after the other, so chains are short.  A head has the low 16 bits of a
 * sequence alone: one that is older than those tell leads into another chain,
 * where nothing has the number that is looked for.  It is one line of memory
 * for the head and one for the item: a hash table of them took three, and twice
 * the memory. */
#include "relay/tree_recent.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    RING_FIRST = 4,
    RING_KEPT = 64,
    NARROW_EDGES = 16, /* bits of an item's own */
    SPARSE = 8,        /* places for each item, and the ring is made smaller */
};

_Static_assert(TREE_RECENT < UINT16_MAX, "16 bits tell sequences apart");

void tree_recent_init(struct tree_recent *recent, struct catalog *catalog)
{
    *recent = (struct tree_recent){.catalog = catalog,
        .announce_at_ms = UINT64_MAX,
        .item_bytes = sizeof(struct tree_item)};
}

/* A small ring is one page, as small as itself. */
static size_t page_items(const struct tree_recent *recent)
{
    return recent->capacity < TREE_PAGE_ITEMS ? recent->capacity
                                              : TREE_PAGE_ITEMS;
}

static size_t page_count(const struct tree_recent *recent)
{
    return (recent->capacity + TREE_PAGE_ITEMS - 1) / TREE_PAGE_ITEMS;
}

static void widen(struct tree_recent *recent)
{
    recent->is_wide = true;
    recent->item_bytes = sizeof(struct tree_wide_item);
}

/* So many items lie in each page: behind the pages and the heads. */
static uint8_t *lives_of(const struct tree_recent *recent)
{
    void *behind = recent->heads + recent->capacity;
    return behind;
}

static void ring_free(struct tree_recent *recent)
{
    for (size_t i = 0; i < page_count(recent); i++)
        free(recent->pages[i]);
    free(recent->pages);
    recent->pages = NULL;
    recent->heads = NULL;
    recent->capacity = 0;
}

void tree_recent_clear(struct tree_recent *recent)
{
    ring_free(recent);
    *recent = (struct tree_recent){0};
}

static size_t page_of(const struct tree_recent *recent, uint64_t sequence)
{
    return (sequence & (recent->capacity - 1)) / TREE_PAGE_ITEMS;
}

static uint16_t *head_of(const struct tree_recent *recent, uint32_t number)
{
    return &recent->heads[number & (recent->capacity - 1)];
}

static size_t count(const struct tree_recent *recent)
{
    return (size_t)(recent->next - recent->first);
}

/* The sequence of the item that has that number, or recent->next; and of the
 * one that leads to it, or recent->next: the head does. */
static uint64_t find_sequence(
    const struct tree_recent *recent, uint32_t number, uint64_t *newer)
{
    size_t left = count(recent), back = 0;
    uint16_t step = 0;
    *newer = recent->next;
    if (left > 0)
        step = (uint16_t)(recent->next - *head_of(recent, number));
    while (step > 0 && (back += step) <= left) {
        const struct tree_item *item =
            tree_recent_place(recent, recent->next - back);
        if (!item)
            break; /* of another chain */
        if (item->number == number)
            return recent->next - back;
        *newer = recent->next - back;
        step = item->before;
    }
    return recent->next;
}

static struct tree_item *find_number(
    const struct tree_recent *recent, uint32_t number)
{
    uint64_t newer, sequence = find_sequence(recent, number, &newer);
    return sequence < recent->next ? tree_recent_place(recent, sequence) : NULL;
}

static void warm(const struct tree_recent *recent, uint64_t sequence)
{
    const struct tree_item *item = tree_recent_place(recent, sequence);
    if (item)
        __builtin_prefetch(item, 1);
}

void tree_recent_warm(const struct tree_recent *recent, uint32_t number)
{
    if (recent->capacity == 0)
        return;
    __builtin_prefetch(head_of(recent, number));
    warm(recent, recent->first);
    warm(recent, recent->next);
}

struct tree_item *tree_recent_find(
    const struct tree_recent *recent, const struct envelope_id *id)
{
    if (count(recent) == 0)
        return NULL;
    uint32_t number = catalog_find(recent->catalog, id);
    return number == CATALOG_NONE ? NULL : find_number(recent, number);
}

uint64_t tree_recent_age_ms(const struct tree_recent *recent,
    const struct turn *turn, uint64_t sequence)
{
    const struct tree_item *item = tree_recent_at(recent, sequence);
    return item ? tree_item_age_ms(turn, item) : UINT64_MAX;
}

uint64_t tree_recent_sequence(
    const struct tree_recent *recent, const struct tree_item *item)
{
    uint64_t newer, sequence = find_sequence(recent, item->number, &newer);
    assert(
        sequence < recent->next && tree_recent_place(recent, sequence) == item);
    return sequence;
}

/* An item goes.  Its page does when it was the last there, and no more are to
 * come; it is not empty when the last comes. */
static void leave(struct tree_recent *recent, uint64_t sequence)
{
    size_t page = page_of(recent, sequence);
    tree_recent_place(recent, sequence)->number = CATALOG_NONE;
    if (--lives_of(recent)[page] > 0 || page == page_of(recent, recent->next))
        return;
    free(recent->pages[page]);
    recent->pages[page] = NULL;
}

/* And while others stay that came before it: what led to it leads to them. */
static void take_out(struct tree_recent *recent, uint32_t number)
{
    uint64_t newer, sequence = find_sequence(recent, number, &newer);
    if (sequence == recent->next)
        return;
    uint64_t older = recent->first - 1; /* the end of a chain */
    uint16_t before = tree_recent_place(recent, sequence)->before;
    if (before > 0 && before <= sequence - recent->first)
        older = sequence - before;
    if (newer == recent->next)
        *head_of(recent, number) = (uint16_t)older;
    else
        tree_recent_place(recent, newer)->before = (uint16_t)(newer - older);
    leave(recent, sequence);
}

/* Forget what is no longer recent, and one more where all places are taken. */
static void make_room(struct tree_recent *recent, const struct turn *turn)
{
    while (recent->first < recent->next) {
        uint64_t age_ms = tree_recent_age_ms(recent, turn, recent->first);
        if (age_ms < TREE_RECENT_MS && count(recent) < TREE_RECENT)
            return;
        if (age_ms < UINT64_MAX)
            leave(recent, recent->first);
        recent->first++;
    }
    if (recent->capacity > RING_KEPT)
        ring_free(recent);
}

/* Have a page at a place that is to be taken. */
static bool page_add(
    struct tree_recent *recent, struct turn *turn, uint64_t sequence)
{
    assert(recent->pages && recent->capacity > 0);
    size_t page = page_of(recent, sequence);
    if (recent->pages[page])
        return true;
    uint8_t *items = malloc(page_items(recent) * recent->item_bytes);
    if (!items) {
        turn->status = STATUS_NO_MEMORY;
        return false;
    }
    recent->pages[page] = items;
    for (size_t i = 0; i < page_items(recent); i++)
        tree_recent_place(recent, i + page * TREE_PAGE_ITEMS)->number =
            CATALOG_NONE;
    return true;
}

/* Put an item at the head of its chain, and count it. */
static void link_in(const struct tree_recent *recent, uint64_t sequence)
{
    struct tree_item *item = tree_recent_place(recent, sequence);
    uint16_t *head = head_of(recent, item->number);
    item->before = (uint16_t)(sequence - *head);
    *head = (uint16_t)sequence;
    lives_of(recent)[page_of(recent, sequence)]++;
}

static size_t index_bytes(const struct tree_recent *recent)
{
    return page_count(recent) * (sizeof(*recent->pages) + 1) +
           recent->capacity * sizeof(*recent->heads);
}

static bool index_make(
    struct tree_recent *recent, struct turn *turn, size_t capacity)
{
    recent->capacity = capacity;
    size_t pages = page_count(recent);
    recent->pages = malloc(index_bytes(recent));
    if (!recent->pages) {
        recent->capacity = 0;
        turn->status = STATUS_NO_MEMORY;
        return false;
    }
    void *behind = recent->pages + pages;
    recent->heads = behind;
    for (size_t i = 0; i < pages; i++)
        recent->pages[i] = NULL;
    memset(lives_of(recent), 0, pages);
    /* What has just left the ring: the end of every chain. */
    for (size_t i = 0; i < capacity; i++)
        recent->heads[i] = (uint16_t)(recent->first - 1);
    return true;
}

/* Make the ring anew, of so many places, and its items so wide. */
static bool ring_make(struct tree_recent *recent, struct turn *turn,
    size_t capacity, bool is_wide)
{
    struct tree_recent old = *recent, made = old;
    if (is_wide)
        widen(&made);
    if (!index_make(&made, turn, capacity))
        return false;
    for (uint64_t i = old.first; i < old.next; i++) {
        const struct tree_item *item = tree_recent_at(&old, i);
        if (!item)
            continue;
        if (!page_add(&made, turn, i)) {
            ring_free(&made);
            return false;
        }
        *tree_recent_place(&made, i) = *item;
        tree_recent_set_knowing(&made, tree_recent_place(&made, i),
            tree_recent_knowing(&old, item));
        link_in(&made, i);
    }
    *recent = made;
    ring_free(&old);
    return true;
}

/* Have a place for one more; in a ring of the size that its items need. */
static bool ring_fit(struct tree_recent *recent, struct turn *turn)
{
    size_t capacity = recent->capacity;
    if (count(recent) == capacity)
        capacity = capacity ? 2 * capacity : RING_FIRST;
    else if (capacity > RING_KEPT && count(recent) < capacity / SPARSE)
        capacity /= 2;
    return capacity == recent->capacity ||
           ring_make(recent, turn, capacity, recent->is_wide);
}

bool tree_recent_reach(
    struct tree_recent *recent, struct turn *turn, size_t place)
{
    if (place < NARROW_EDGES || recent->is_wide)
        return true;
    if (recent->capacity > 0)
        return ring_make(recent, turn, recent->capacity, true);
    widen(recent);
    return true;
}

struct tree_item *tree_recent_add(
    struct tree_recent *recent, struct turn *turn, const struct envelope_id *id)
{
    uint32_t number = catalog_find(recent->catalog, id);
    assert(number != CATALOG_NONE);
    make_room(recent, turn);
    if (!ring_fit(recent, turn) || !page_add(recent, turn, recent->next))
        return NULL;
    const struct tree_item *old = find_number(recent, number);
    uint64_t knowing = old ? tree_recent_knowing(recent, old) : 0;
    take_out(recent, number);
    struct tree_item *item = tree_recent_place(recent, recent->next);
    *item =
        (struct tree_item){.number = number, .at_ms = (uint32_t)turn->now_ms};
    tree_recent_set_knowing(recent, item, knowing);
    link_in(recent, recent->next++);
    return item;
}

void tree_recent_forget(
    struct tree_recent *recent, const struct envelope_id *id)
{
    uint32_t number = catalog_find(recent->catalog, id);
    if (number != CATALOG_NONE)
        take_out(recent, number);
}

void tree_recent_forget_edge(struct tree_recent *recent, size_t place)
{
    uint64_t bit = UINT64_C(1) << place;
    for (uint64_t i = recent->first; i < recent->next; i++) {
        struct tree_item *item = tree_recent_at(recent, i);
        if (!item)
            continue;
        tree_recent_unlearn(recent, item, bit);
        if (item->grafted == place + 1)
            item->grafted = TREE_GRAFTED_GONE;
    }
}

size_t tree_recent_bytes(const struct tree_recent *recent)
{
    size_t bytes = index_bytes(recent);
    for (size_t i = 0; i < page_count(recent); i++)
        if (recent->pages[i])
            bytes += page_items(recent) * recent->item_bytes;
    return bytes;
}

static const char *item_violation(bool is_found, uint64_t strangers)
{
    return !is_found || strangers
               ? "a recent id is out of place, or names no edge"
               : NULL;
}

const char *tree_recent_item_violation(const struct tree_recent *recent,
    const struct envelope_id *id, uint64_t places)
{
    const struct tree_item *item = tree_recent_find(recent, id);
    return item ? item_violation(
                      true, tree_recent_knowing(recent, item) & ~places)
                : NULL;
}

static bool is_counted(const struct tree_recent *recent)
{
    size_t items = 0, lives = 0;
    for (uint64_t i = recent->first; i < recent->next; i++)
        items += tree_recent_at(recent, i) != NULL;
    for (size_t i = 0; i < page_count(recent); i++)
        lives += lives_of(recent)[i];
    return items == lives;
}

const char *tree_recent_violation(
    const struct tree_recent *recent, uint64_t places)
{
    const char *why = NULL;
    if (!tree_recent_fits(recent) || !is_counted(recent))
        why = "the recent ids are miscounted";
    for (uint64_t i = recent->first; !why && i < recent->next; i++) {
        const struct tree_item *item = tree_recent_at(recent, i);
        why = item ? item_violation(find_number(recent, item->number) == item,
                         tree_recent_knowing(recent, item) & ~places)
                   : NULL;
    }
    return why;
}
