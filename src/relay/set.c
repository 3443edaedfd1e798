/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums and orders of sets, after "Range-Based Set Reconciliation" (Meyer 2023)
 * and negentropy (Hoyte).  The shelf keeps the sum of the whole as it changes,
 * so that comparing two equal shelves costs neither of them a walk; a view is
 * only made once they are known to differ.  It is numbers, four bytes a member,
 * and a sum for each thirty-second; what lies between is added up when asked.
 */
#include "relay/set.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"

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

void set_sum_add(struct set_sum *sum, const uint64_t member[4])
{
    words_add(sum->words, member);
    sum->count++;
}

void set_sum_remove(struct set_sum *sum, const uint64_t member[4])
{
    words_subtract(sum->words, member);
    sum->count--;
}

bool set_sum_equal(const struct set_sum *a, const struct set_sum *b)
{
    uint64_t differs = a->count ^ b->count;
    for (size_t i = 0; i < 4; i++)
        differs |= a->words[i] ^ b->words[i];
    return differs == 0;
}

void set_fingerprint(
    const struct set_sum *sum, uint8_t out[static SET_FINGERPRINT_BYTES])
{
    uint8_t bytes[40];
    for (int i = 0; i < 4; i++)
        number_put_word_reversed(bytes + 8 * i, sum->words[i]);
    number_put_word_reversed(bytes + 32, sum->count);
    hash_labelled(out, SET_FINGERPRINT_BYTES, "sotto1 range",
        (struct span){bytes, sizeof(bytes)});
}

int set_compare(
    const struct reconcile_bound *a, const struct reconcile_bound *b)
{
    if (a->expires_h != b->expires_h)
        return a->expires_h < b->expires_h ? -1 : 1;
    return memcmp(a->id.bytes, b->id.bytes, sizeof(a->id.bytes));
}

int set_order(const struct catalog *catalog, uint32_t a, uint32_t b)
{
    const struct catalog_entry *x = catalog_at(catalog, a);
    const struct catalog_entry *y = catalog_at(catalog, b);
    if (x->expires_h != y->expires_h)
        return x->expires_h < y->expires_h ? -1 : 1;
    if (x->order != y->order) /* nearly always */
        return x->order < y->order ? -1 : 1;
    return memcmp(x->id.bytes, y->id.bytes, sizeof(x->id.bytes));
}

/* Heapsort: qsort allocates behind our back, and is quadratic in places where
 * strangers choose the keys. */
static void sift_down(
    const struct catalog *catalog, uint32_t *numbers, size_t root, size_t count)
{
    for (;;) {
        size_t child = root * 2 + 1;
        if (child >= count)
            return;
        if (child + 1 < count &&
            set_order(catalog, numbers[child], numbers[child + 1]) < 0)
            child++;
        if (set_order(catalog, numbers[root], numbers[child]) >= 0)
            return;
        uint32_t swap = numbers[root];
        numbers[root] = numbers[child];
        numbers[child] = swap;
        root = child;
    }
}

void set_sort(const struct catalog *catalog, uint32_t *numbers, size_t count)
{
    for (size_t i = count / 2; i > 0; i--)
        sift_down(catalog, numbers, i - 1, count);
    for (size_t end = count; end > 1; end--) {
        uint32_t swap = numbers[0];
        numbers[0] = numbers[end - 1];
        numbers[end - 1] = swap;
        sift_down(catalog, numbers, 0, end - 1);
    }
}

static void add_member(
    struct set_sum *sum, const struct set_view *view, size_t i)
{
    set_sum_add(sum, catalog_at(view->catalog, view->members[i])->member);
}

static size_t sum_count(size_t members)
{
    return members / SET_STRIDE + 1;
}

static void add_up(struct set_view *view)
{
    struct set_sum sum = {0};
    for (size_t i = 0; i < view->count; i++) {
        if (i % SET_STRIDE == 0)
            view->sums[i / SET_STRIDE] = sum;
        add_member(&sum, view, i);
    }
    if (view->count % SET_STRIDE == 0)
        view->sums[view->count / SET_STRIDE] = sum;
}

struct set_view *set_view_new(struct catalog *catalog, const uint32_t *members,
    size_t count, struct span marks)
{
    size_t sums_bytes = sum_count(count) * sizeof(struct set_sum);
    size_t members_bytes = count * sizeof(*members);
    struct set_view *view =
        malloc(sizeof(*view) + sums_bytes + members_bytes + marks.size);
    if (!view)
        return NULL;
    *view = (struct set_view){
        .catalog = catalog,
        .holders = 1,
        .count = count,
        .sums = (struct set_sum *)(view + 1),
        .mark_count = marks.size,
    };
    view->members = (uint32_t *)(view->sums + sum_count(count));
    view->marks = (uint8_t *)(view->members + count);
    if (count)
        memcpy(view->members, members, members_bytes);
    if (marks.size)
        memcpy(view->marks, marks.data, marks.size);
    add_up(view);
    return view;
}

struct set_view *set_view_hold(struct set_view *view)
{
    view->holders++;
    return view;
}

void set_view_drop(struct set_view *view)
{
    if (view && --view->holders == 0)
        free(view);
}

size_t set_view_bytes(const struct set_view *view)
{
    if (!view)
        return 0;
    return sizeof(*view) + sum_count(view->count) * sizeof(*view->sums) +
           view->count * sizeof(*view->members) + view->mark_count;
}

static struct reconcile_bound bound_of(const struct catalog_entry *entry)
{
    return (struct reconcile_bound){entry->expires_h, entry->id};
}

struct reconcile_bound set_at(const struct set_view *view, size_t i)
{
    return bound_of(catalog_at(view->catalog, view->members[i]));
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

size_t set_lower_bound(
    const struct set_view *view, const struct reconcile_bound *bound)
{
    size_t low = 0, count = view->count;
    while (count > 0) {
        size_t half = count / 2;
        struct reconcile_bound at = set_at(view, low + half);
        if (set_compare(&at, bound) < 0) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

enum set_state set_find(
    const struct set_view *view, const struct reconcile_bound *at)
{
    uint32_t number = catalog_find(view->catalog, &at->id);
    if (number >= view->mark_count ||
        catalog_at(view->catalog, number)->expires_h != at->expires_h)
        return SET_UNKNOWN;
    return (enum set_state)(view->marks[number] & SET_STATE_MASK);
}

/* The sum of members[0 .. end): from the last that was asked for, where that
 * is near, or from the stride below. */
static struct set_sum sum_before(struct set_view *view, size_t end)
{
    size_t i = end / SET_STRIDE * SET_STRIDE;
    struct set_sum sum = view->sums[i / SET_STRIDE];
    if (view->last.count >= i && view->last.count <= end) {
        i = view->last.count;
        sum = view->last;
    }
    for (; i < end; i++)
        add_member(&sum, view, i);
    view->last = sum;
    return sum;
}

void set_range_fingerprint(struct set_view *view, size_t low, size_t high,
    uint8_t out[static SET_FINGERPRINT_BYTES])
{
    struct set_sum before = sum_before(view, low);
    struct set_sum sum = sum_before(view, high);
    words_subtract(sum.words, before.words);
    sum.count -= before.count;
    set_fingerprint(&sum, out);
}
