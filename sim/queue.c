/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calendar queue of Brown (1988) in the form that measured best here: a
 * bucket is an unsorted chain of 1 KiB blocks until it is drained, then it is
 * sorted once into an array.  Three places hold events: the ring (what comes
 * within its span), the far heap (what comes later), and the near heap (what
 * was added to the bucket that is being drained).  Adding to the ring touches
 * one cache line, and blocks are reused, so a steady run allocates nothing.  A
 * bit a bucket says which hold anything: days in which little happens have
 * millions that do not.
 *
 * Where destinations cannot reach one another within some buckets, these are
 * drained together and sorted by destination: a node that has been fetched
 * from memory does all that it has to do in that time.  A bucket in which
 * something happens to all is drained alone, in order of time. */
#include "sim/queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUCKET_BITS = 10, /* 1,024 us */
    RING_BUCKETS = 8192,
    WORD_BUCKETS = 64,
    BLOCK_EVENTS = 31, /* and a header: 1 KiB */
    BLOCKS_AT_ONCE = 64,
    HEAP_WIDTH = 4,
    SORT_FEW = 16,
    DIGIT_MOST_BITS = 11,
};

struct block {
    struct block *next;
    uint64_t count; /* once another came before it in its chain */
    struct queue_event events[BLOCK_EVENTS];
};

/* A chain of blocks; how many events its first block has stands here, so that
 * adding one need not wait for the block. */
struct bucket {
    struct block *chain;
    uint64_t count;
};

struct chunk { /* how blocks are allocated */
    struct chunk *next;
    struct block blocks[BLOCKS_AT_ONCE];
};

struct events {
    struct queue_event *list;
    size_t count;
    size_t capacity;
};

struct queue {
    struct bucket ring[RING_BUCKETS];
    uint64_t held[RING_BUCKETS / WORD_BUCKETS]; /* a bit: it holds something */
    uint64_t for_all[RING_BUCKETS / WORD_BUCKETS]; /* ... for QUEUE_ALL */
    uint64_t window;  /* buckets that may be drained together; 0: none */
    uint64_t bucket;  /* number of the last that is being drained */
    bool takes_turns; /* that is done by destination */
    uint32_t turn;    /* whose */
    size_t in_ring;
    struct events sorted; /* what was drained, from next on */
    size_t next;
    struct events spare; /* for sorting, as these counts of each digit are */
    uint32_t places[1 << DIGIT_MOST_BITS];
    struct events near; /* heaps */
    struct events far;
    struct block *free_blocks;
    struct chunk *chunks;
    size_t chunk_count;
};

bool queue_before(const struct queue_event *a, const struct queue_event *b)
{
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us;
    if (a->to != b->to)
        return a->to < b->to;
    if (a->from != b->from)
        return a->from < b->from;
    return a->sequence < b->sequence;
}

static uint64_t bucket_of(const struct queue_event *event)
{
    return event->at_us >> BUCKET_BITS;
}

static enum status events_reserve(struct events *events, size_t count)
{
    if (count <= events->capacity)
        return STATUS_OK;
    size_t capacity = events->capacity ? events->capacity : 64;
    while (capacity < count)
        capacity *= 2;
    struct queue_event *list =
        realloc(events->list, capacity * sizeof(*events->list));
    if (!list)
        return STATUS_NO_MEMORY;
    events->list = list;
    events->capacity = capacity;
    return STATUS_OK;
}

static enum status heap_add(
    struct events *heap, const struct queue_event *event)
{
    enum status status = events_reserve(heap, heap->count + 1);
    if (status)
        return status;
    size_t i = heap->count++;
    while (i > 0) {
        size_t parent = (i - 1) / HEAP_WIDTH;
        if (!queue_before(event, &heap->list[parent]))
            break;
        heap->list[i] = heap->list[parent];
        i = parent;
    }
    heap->list[i] = *event;
    return STATUS_OK;
}

static struct queue_event heap_take(struct events *heap)
{
    struct queue_event first = heap->list[0];
    struct queue_event event = heap->list[--heap->count];
    size_t i = 0;
    for (;;) {
        size_t child = i * HEAP_WIDTH + 1, least = child;
        for (size_t c = child + 1; c < child + HEAP_WIDTH && c < heap->count;
             c++)
            if (queue_before(&heap->list[c], &heap->list[least]))
                least = c;
        if (child >= heap->count || !queue_before(&heap->list[least], &event))
            break;
        heap->list[i] = heap->list[least];
        i = least;
    }
    if (heap->count)
        heap->list[i] = event;
    return first;
}

/* The order where destinations take turns, or not. */
static bool comes_before(
    const struct queue_event *a, const struct queue_event *b, bool by_turn)
{
    return by_turn && a->to != b->to ? a->to < b->to : queue_before(a, b);
}

static void sort_few(struct queue_event *list, size_t count, bool by_turn)
{
    for (size_t i = 1; i < count; i++) {
        struct queue_event event = list[i];
        size_t j = i;
        for (; j > 0 && comes_before(&event, &list[j - 1], by_turn); j--)
            list[j] = list[j - 1];
        list[j] = event;
    }
}

/* Merge sort; spare has room for half of it. */
static void sort_events(
    struct queue_event *list, struct queue_event *spare, size_t count)
{
    if (count <= SORT_FEW) {
        sort_few(list, count, false);
        return;
    }
    size_t half = count / 2;
    sort_events(list, spare, half);
    sort_events(list + half, spare, count - half);
    memcpy(spare, list, half * sizeof(*list));
    size_t i = 0, j = half, to = 0;
    while (i < half && j < count)
        list[to++] = queue_before(&list[j], &spare[i]) ? list[j++] : spare[i++];
    while (i < half)
        list[to++] = spare[i++];
}

/* Digits of the destination: as many values as there are events to sort, about,
 * since each costs as much as an event does. */
struct digits {
    unsigned bits, count;
};

static unsigned bits_of(uint64_t number)
{
    return number ? 64 - (unsigned)__builtin_clzll(number) : 1;
}

static struct digits digits_for(uint32_t most, size_t events)
{
    unsigned whole = bits_of(most), bits = bits_of(events);
    if (bits > DIGIT_MOST_BITS)
        bits = DIGIT_MOST_BITS;
    unsigned count = (whole + bits - 1) / bits;
    return (struct digits){(whole + count - 1) / count, count};
}

/* By one digit of the destination, what is alike in the order in which it
 * is. */
static void sort_by_digit(
    struct queue *queue, const struct digits *digits, unsigned shift)
{
    const struct events *from = &queue->sorted;
    uint32_t *places = queue->places, place = 0, mask = (1 << digits->bits) - 1;
    memset(places, 0, sizeof(*places) << digits->bits);
    for (size_t i = 0; i < from->count; i++)
        places[from->list[i].to >> shift & mask]++;
    for (size_t i = 0; i <= mask; i++) {
        uint32_t count = places[i];
        places[i] = place;
        place += count;
    }
    for (size_t i = 0; i < from->count; i++)
        queue->spare.list[places[from->list[i].to >> shift & mask]++] =
            from->list[i];
    queue->spare.count = from->count;
    struct events sorted = queue->spare;
    queue->spare = queue->sorted;
    queue->sorted = sorted;
}

/* All of one destination lie side by side, and then each one's are sorted:
 * they are few. */
static void sort_turns(struct queue *queue)
{
    const struct events *events = &queue->sorted;
    uint32_t most = 0;
    if (events->count <= SORT_FEW) {
        sort_few(events->list, events->count, true);
        return;
    }
    for (size_t i = 0; i < events->count; i++)
        most = events->list[i].to > most ? events->list[i].to : most;
    struct digits digits = digits_for(most, events->count);
    for (unsigned i = 0; i < digits.count; i++)
        sort_by_digit(queue, &digits, i * digits.bits);
    for (size_t i = 0, end; i < events->count; i = end) {
        for (end = i + 1;
             end < events->count && events->list[end].to == events->list[i].to;)
            end++;
        if (end - i > 1)
            sort_events(&events->list[i], queue->spare.list, end - i);
    }
}

struct queue *queue_new(void)
{
    return calloc(1, sizeof(struct queue));
}

void queue_free(struct queue *queue)
{
    if (!queue)
        return;
    while (queue->chunks) {
        struct chunk *chunk = queue->chunks;
        queue->chunks = chunk->next;
        free(chunk);
    }
    free(queue->sorted.list);
    free(queue->spare.list);
    free(queue->near.list);
    free(queue->far.list);
    free(queue);
}

void queue_set_window(struct queue *queue, uint64_t window_us)
{
    queue->window = window_us >> BUCKET_BITS;
}

static enum status blocks_grow(struct queue *queue)
{
    struct chunk *chunk = malloc(sizeof(*chunk));
    if (!chunk)
        return STATUS_NO_MEMORY;
    chunk->next = queue->chunks;
    queue->chunks = chunk;
    queue->chunk_count++;
    for (size_t i = 0; i < BLOCKS_AT_ONCE; i++) {
        chunk->blocks[i].next = queue->free_blocks;
        queue->free_blocks = &chunk->blocks[i];
    }
    return STATUS_OK;
}

static void mark(uint64_t *bits, size_t place)
{
    bits[place / WORD_BUCKETS] |= UINT64_C(1) << place % WORD_BUCKETS;
}

static void unmark(uint64_t *bits, size_t place)
{
    bits[place / WORD_BUCKETS] &= ~(UINT64_C(1) << place % WORD_BUCKETS);
}

static bool is_marked(const uint64_t *bits, size_t place)
{
    return bits[place / WORD_BUCKETS] >> place % WORD_BUCKETS & 1;
}

static enum status ring_add(
    struct queue *queue, const struct queue_event *event)
{
    size_t place = bucket_of(event) % RING_BUCKETS;
    struct bucket *bucket = &queue->ring[place];
    if (!bucket->chain || bucket->count == BLOCK_EVENTS) {
        if (!queue->free_blocks && blocks_grow(queue) != STATUS_OK)
            return STATUS_NO_MEMORY;
        struct block *block = queue->free_blocks;
        queue->free_blocks = block->next;
        block->next = bucket->chain;
        if (bucket->chain)
            bucket->chain->count = BLOCK_EVENTS;
        *bucket = (struct bucket){block, 0};
        mark(queue->held, place);
    }
    if (event->to == QUEUE_ALL)
        mark(queue->for_all, place);
    bucket->chain->events[bucket->count++] = *event;
    queue->in_ring++;
    return STATUS_OK;
}

enum status queue_push(struct queue *queue, const struct queue_event *event)
{
    if (bucket_of(event) <= queue->bucket) {
        assert(!queue->takes_turns || event->to == queue->turn);
        return heap_add(&queue->near, event);
    }
    if (bucket_of(event) < queue->bucket + RING_BUCKETS)
        return ring_add(queue, event);
    return heap_add(&queue->far, event);
}

/* Collect a bucket's chain into the array. */
static enum status bucket_drain(struct queue *queue, uint64_t bucket)
{
    size_t place = bucket % RING_BUCKETS, count = queue->sorted.count;
    struct block *chain = queue->ring[place].chain;
    if (!chain)
        return STATUS_OK;
    chain->count = queue->ring[place].count;
    for (struct block *block = chain; block; block = block->next)
        count += block->count;
    if (events_reserve(&queue->sorted, count) != STATUS_OK)
        return STATUS_NO_MEMORY;
    queue->in_ring -= count - queue->sorted.count;
    queue->ring[place].chain = NULL;
    unmark(queue->held, place);
    unmark(queue->for_all, place);
    while (chain) {
        memcpy(queue->sorted.list + queue->sorted.count, chain->events,
            chain->count * sizeof(*chain->events));
        queue->sorted.count += chain->count;
        struct block *block = chain;
        chain = chain->next;
        block->next = queue->free_blocks;
        queue->free_blocks = block;
    }
    return STATUS_OK;
}

/* The first bucket behind that one which holds anything; the ring does. */
static uint64_t next_held(const struct queue *queue, uint64_t bucket)
{
    for (bucket++;;) {
        size_t place = bucket % RING_BUCKETS;
        uint64_t word =
            queue->held[place / WORD_BUCKETS] >> place % WORD_BUCKETS;
        if (word)
            return bucket + (uint64_t)__builtin_ctzll(word);
        bucket += WORD_BUCKETS - place % WORD_BUCKETS;
    }
}

/* In how many buckets, from that one on, destinations take turns. */
static uint64_t turns_from(
    const struct queue *queue, uint64_t bucket, uint64_t until_us)
{
    uint64_t count = 0;
    while (count < queue->window &&
           ((bucket + count + 1) << BUCKET_BITS) - 1 <= until_us &&
           !is_marked(queue->for_all, (bucket + count) % RING_BUCKETS))
        count++;
    return count;
}

static enum status window_drain(
    struct queue *queue, uint64_t bucket, uint64_t until_us)
{
    uint64_t turns = turns_from(queue, bucket, until_us);
    queue->takes_turns = turns > 0;
    queue->bucket = turns > 0 ? bucket + turns - 1 : bucket;
    queue->sorted.count = 0;
    queue->next = 0;
    for (; bucket <= queue->bucket; bucket++)
        if (bucket_drain(queue, bucket) != STATUS_OK)
            return STATUS_NO_MEMORY;
    if (events_reserve(&queue->spare, queue->sorted.count) != STATUS_OK)
        return STATUS_NO_MEMORY;
    if (queue->takes_turns)
        sort_turns(queue);
    else
        sort_events(queue->sorted.list, queue->spare.list, queue->sorted.count);
    return STATUS_OK;
}

/* The next bucket that holds anything; something is in the ring or behind it.
 */
static uint64_t next_bucket(const struct queue *queue)
{
    if (queue->in_ring > 0)
        return next_held(queue, queue->bucket);
    uint64_t bucket = bucket_of(&queue->far.list[0]);
    return bucket > queue->bucket ? bucket : queue->bucket;
}

/* Move on to that bucket; what the ring now reaches comes out of the far heap,
 * and is later than all that was in the ring. */
static enum status queue_advance(
    struct queue *queue, uint64_t bucket, uint64_t until_us)
{
    while (queue->far.count > 0 &&
           bucket_of(&queue->far.list[0]) < bucket + RING_BUCKETS) {
        struct queue_event event = heap_take(&queue->far);
        enum status status = ring_add(queue, &event);
        if (status)
            return status;
    }
    return window_drain(queue, bucket, until_us);
}

/* What was added to what is being drained is, where destinations take turns,
 * all for the one whose turn it is. */
static bool is_before_near(
    const struct queue *queue, const struct queue_event *event)
{
    if (queue->takes_turns && event->to != queue->turn)
        return false;
    return queue_before(event, &queue->near.list[0]);
}

/* The first event, where it lies; NULL. */
static const struct queue_event *first(
    struct queue *queue, uint64_t until_us, bool *failed)
{
    *failed = false;
    while (queue->next == queue->sorted.count && queue->near.count == 0) {
        if (queue->in_ring + queue->far.count == 0)
            return NULL;
        uint64_t bucket = next_bucket(queue);
        if (bucket << BUCKET_BITS > until_us)
            return NULL;
        if (queue_advance(queue, bucket, until_us) != STATUS_OK) {
            *failed = true;
            return NULL;
        }
    }
    if (queue->near.count == 0)
        return &queue->sorted.list[queue->next];
    bool sorted_first = queue->next < queue->sorted.count &&
                        is_before_near(queue, &queue->sorted.list[queue->next]);
    return sorted_first ? &queue->sorted.list[queue->next]
                        : &queue->near.list[0];
}

bool queue_pop(struct queue *queue, uint64_t until_us, struct queue_event *out,
    bool *failed)
{
    const struct queue_event *event = first(queue, until_us, failed);
    if (!event || event->at_us > until_us)
        return false;
    if (event == queue->near.list) {
        *out = heap_take(&queue->near);
    } else {
        *out = *event;
        queue->next++;
    }
    queue->turn = out->to;
    return true;
}

static uint64_t earliest_us(
    uint64_t first_us, const struct queue_event *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        first_us = list[i].at_us < first_us ? list[i].at_us : first_us;
    return first_us;
}

uint64_t queue_first_us(const struct queue *queue)
{
    size_t left = queue->sorted.count - queue->next;
    uint64_t first_us = UINT64_MAX;
    if (left + queue->near.count > 0) {
        first_us = earliest_us(first_us, queue->near.list, queue->near.count);
        return left ? earliest_us(
                          first_us, queue->sorted.list + queue->next, left)
                    : first_us;
    }
    if (queue->in_ring == 0)
        return earliest_us(first_us, queue->far.list, queue->far.count > 0);
    uint64_t bucket = next_held(queue, queue->bucket);
    const struct bucket *ring = &queue->ring[bucket % RING_BUCKETS];
    first_us = earliest_us(first_us, ring->chain->events, ring->count);
    for (const struct block *block = ring->chain->next; block;
         block = block->next)
        first_us = earliest_us(first_us, block->events, block->count);
    return first_us;
}

const struct queue_event *queue_ahead(const struct queue *queue, size_t *count)
{
    *count = queue->sorted.count - queue->next;
    return *count > 0 ? &queue->sorted.list[queue->next] : NULL;
}

size_t queue_count(const struct queue *queue)
{
    return queue->in_ring + queue->far.count + queue->near.count +
           queue->sorted.count - queue->next;
}

size_t queue_bytes(const struct queue *queue)
{
    return sizeof(*queue) + queue->chunk_count * sizeof(struct chunk) +
           (queue->sorted.capacity + queue->spare.capacity +
               queue->near.capacity + queue->far.capacity) *
               sizeof(struct queue_event);
}
