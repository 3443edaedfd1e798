/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums and orders of sets, after "Range-Based Set Reconciliation" (Meyer 2023)
 * and negentropy (Hoyte).  The shelf keeps the sum of the whole as it changes,
 * so that comparing two equal shelves costs neither of them a walk; a snapshot
 * is only made once they are known to differ. */
#include "relay/set.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"

static void put_u64(uint8_t *out, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_u64(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

static void member_hash(const struct envelope_id *id, uint64_t out[4])
{
    uint8_t hash[32];
    hash_labelled(hash, sizeof(hash), "sotto1 member",
        (struct span){id->bytes, sizeof(id->bytes)});
    for (int i = 0; i < 4; i++)
        out[i] = get_u64(hash + 8 * i);
}

static void words_add(uint64_t to[4], const uint64_t words[4])
{
    unsigned carry = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t value = to[i] + words[i];
        unsigned over = value < words[i];
        to[i] = value + carry;
        carry = over | (to[i] < value);
    }
}

static void words_subtract(uint64_t from[4], const uint64_t words[4])
{
    unsigned borrow = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t value = from[i] - words[i];
        unsigned under = from[i] < words[i];
        from[i] = value - borrow;
        borrow = under | (value < borrow);
    }
}

void set_sum_add(struct set_sum *sum, const struct envelope_id *id)
{
    uint64_t words[4];
    member_hash(id, words);
    words_add(sum->words, words);
    sum->count++;
}

void set_sum_remove(struct set_sum *sum, const struct envelope_id *id)
{
    uint64_t words[4];
    member_hash(id, words);
    words_subtract(sum->words, words);
    sum->count--;
}

bool set_sum_equal(const struct set_sum *a, const struct set_sum *b)
{
    return a->count == b->count &&
           memcmp(a->words, b->words, sizeof(a->words)) == 0;
}

void set_fingerprint(
    const struct set_sum *sum, uint8_t out[static SET_FINGERPRINT_BYTES])
{
    uint8_t bytes[40];
    for (int i = 0; i < 4; i++)
        put_u64(bytes + 8 * i, sum->words[i]);
    put_u64(bytes + 32, sum->count);
    hash_labelled(out, SET_FINGERPRINT_BYTES, "sotto1 range",
        (struct span){bytes, sizeof(bytes)});
}

void set_free(struct set_snapshot *snapshot)
{
    free(snapshot->stored);
    free(snapshot->other);
    free(snapshot->sums);
    *snapshot = (struct set_snapshot){0};
}

int set_compare(
    const struct reconcile_bound *a, const struct reconcile_bound *b)
{
    if (a->expires_h != b->expires_h)
        return a->expires_h < b->expires_h ? -1 : 1;
    return memcmp(a->id.bytes, b->id.bytes, sizeof(a->id.bytes));
}

static int compare_items(const void *a, const void *b)
{
    return set_compare(
        &((const struct set_item *)a)->at, &((const struct set_item *)b)->at);
}

/* Heapsort: qsort allocates behind our back, and is quadratic in places where
 * strangers choose the keys. */
static void sift_down(struct set_item *items, size_t root, size_t count)
{
    for (;;) {
        size_t child = root * 2 + 1;
        if (child >= count)
            return;
        if (child + 1 < count &&
            compare_items(&items[child], &items[child + 1]) < 0)
            child++;
        if (compare_items(&items[root], &items[child]) >= 0)
            return;
        struct set_item swap = items[root];
        items[root] = items[child];
        items[child] = swap;
        root = child;
    }
}

static void sort_items(struct set_item *items, size_t count)
{
    for (size_t i = count / 2; i > 0; i--)
        sift_down(items, i - 1, count);
    for (size_t end = count; end > 1; end--) {
        struct set_item swap = items[0];
        items[0] = items[end - 1];
        items[end - 1] = swap;
        sift_down(items, 0, end - 1);
    }
}

enum status set_prepare(struct set_snapshot *snapshot)
{
    size_t count = snapshot->stored_count;
    snapshot->sums = calloc(count + 1, sizeof(*snapshot->sums));
    if (!snapshot->sums)
        return STATUS_NO_MEMORY;
    sort_items(snapshot->stored, count);
    sort_items(snapshot->other, snapshot->other_count);
    for (size_t i = 0; i < count; i++) {
        snapshot->sums[i + 1] = snapshot->sums[i];
        set_sum_add(&snapshot->sums[i + 1], &snapshot->stored[i].at.id);
    }
    return STATUS_OK;
}

struct reconcile_bound set_end(void)
{
    return (struct reconcile_bound){.expires_h = UINT32_MAX};
}

struct reconcile_bound set_between(
    const struct reconcile_bound *a, const struct reconcile_bound *b)
{
    struct reconcile_bound out = {.expires_h = b->expires_h};
    if (a->expires_h != b->expires_h)
        return out;
    size_t same = 0;
    while (same < sizeof(b->id.bytes) - 1 &&
           a->id.bytes[same] == b->id.bytes[same])
        same++;
    memcpy(out.id.bytes, b->id.bytes, same + 1);
    return out;
}

size_t set_lower_bound(const struct set_item *items, size_t count,
    const struct reconcile_bound *bound)
{
    size_t low = 0;
    while (count > 0) {
        size_t half = count / 2;
        if (set_compare(&items[low + half].at, bound) < 0) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

const struct set_item *set_find(const struct set_item *items, size_t count,
    const struct reconcile_bound *at)
{
    size_t i = set_lower_bound(items, count, at);
    return i < count && set_compare(&items[i].at, at) == 0 ? &items[i] : NULL;
}

void set_range_fingerprint(const struct set_snapshot *snapshot, size_t low,
    size_t high, uint8_t out[static SET_FINGERPRINT_BYTES])
{
    struct set_sum sum = snapshot->sums[high];
    words_subtract(sum.words, snapshot->sums[low].words);
    sum.count -= snapshot->sums[low].count;
    set_fingerprint(&sum, out);
}
