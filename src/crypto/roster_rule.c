/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is in: the rule, as a function of the set of operations.
 *
 * First, all that is not void counts by what stands before it.  Then removals
 * are gone through, the most senior author's first: the first that has not yet
 * had its effect makes void what its subject did without having it before, and
 * all is worked out again.  Each round voids one operation more, so it ends;
 * and nothing in it depends on the order in which operations came, since ties
 * are broken by depth and hash. */
#include <string.h>

#include "crypto/roster.h"

static bool is_addition(const struct group_op *op)
{
    return op->kind == GROUP_NEW || op->kind == GROUP_ADD;
}

/* Whether every removal of a person in a set stands before an addition; so no
 * removal outlasts any, itself included. */
static bool outlasts(const struct roster *roster, const uint64_t *set,
    const struct roster_op *addition)
{
    for (size_t i = 0; i < roster->count; i++) {
        const struct roster_op *entry = &roster->ops[i];
        if (roster_bit(set, i) && entry->counts && !is_addition(&entry->op) &&
            fingerprint_equal(&entry->op.subject, &addition->op.subject) &&
            !roster_bit(addition->past, i))
            return false;
    }
    return true;
}

bool roster_has_in(const struct roster *roster, const uint64_t *set,
    const struct fingerprint *person, bool admin)
{
    for (size_t i = 0; i < roster->count; i++) {
        const struct roster_op *entry = &roster->ops[i];
        if (roster_bit(set, i) && entry->counts &&
            (entry->op.admin || !admin) &&
            fingerprint_equal(&entry->op.subject, person) &&
            outlasts(roster, set, entry))
            return true;
    }
    return false;
}

static void count_all(struct roster *roster)
{
    for (size_t i = 0; i < roster->count; i++) {
        struct roster_op *entry = &roster->ops[i];
        entry->counts =
            !entry->is_void &&
            (entry->op.kind == GROUP_NEW ||
                roster_has_in(roster, entry->past, &entry->op.author,
                    entry->op.kind != GROUP_LEAVE));
    }
}

/* Whether the first is before the second by depth, then hash. */
static bool is_elder(const struct roster_op *a, const struct roster_op *b)
{
    if (a->depth != b->depth)
        return a->depth < b->depth;
    return memcmp(a->hash.bytes, b->hash.bytes, sizeof(a->hash.bytes)) < 0;
}

/* The first addition of a person that counts; NULL: none. */
static const struct roster_op *first_addition(
    const struct roster *roster, const struct fingerprint *person)
{
    const struct roster_op *first = NULL;
    for (size_t i = 0; i < roster->count; i++) {
        const struct roster_op *entry = &roster->ops[i];
        if (entry->counts && is_addition(&entry->op) &&
            fingerprint_equal(&entry->op.subject, person) &&
            (!first || is_elder(entry, first)))
            first = entry;
    }
    return first;
}

/* Whether a removal is to be gone through before another. */
static bool goes_before(const struct roster *roster, const struct roster_op *a,
    const struct roster_op *b)
{
    const struct roster_op *first = first_addition(roster, &a->op.author);
    const struct roster_op *second = first_addition(roster, &b->op.author);
    if (first && second && first != second)
        return is_elder(first, second);
    return is_elder(a, b);
}

/* Whether a removal makes an operation void. */
static bool voids(const struct roster *roster, size_t removal, size_t i)
{
    const struct roster_op *entry = &roster->ops[i];
    return i != removal && entry->counts && entry->op.kind != GROUP_NEW &&
           entry->op.kind != GROUP_LEAVE &&
           fingerprint_equal(
               &entry->op.author, &roster->ops[removal].op.subject) &&
           !roster_bit(entry->past, removal) &&
           !roster_bit(roster->ops[removal].past, i);
}

static bool has_effect_left(const struct roster *roster, size_t removal)
{
    for (size_t i = 0; i < roster->count; i++)
        if (voids(roster, removal, i))
            return true;
    return false;
}

/* The removal to go through next; count when there is none. */
static size_t next_removal(const struct roster *roster)
{
    size_t next = roster->count;
    for (size_t i = 0; i < roster->count; i++) {
        const struct roster_op *entry = &roster->ops[i];
        if (!entry->counts || is_addition(&entry->op) ||
            !has_effect_left(roster, i))
            continue;
        if (next == roster->count ||
            goes_before(roster, entry, &roster->ops[next]))
            next = i;
    }
    return next;
}

void roster_decide(struct roster *roster)
{
    for (size_t i = 0; i < roster->count; i++)
        roster->ops[i].is_void = false;
    count_all(roster);
    size_t removal;
    while ((removal = next_removal(roster)) < roster->count) {
        for (size_t i = 0; i < roster->count; i++)
            if (voids(roster, removal, i))
                roster->ops[i].is_void = true;
        count_all(roster);
    }
}

/* Members. */

static void all_of(
    const struct roster *roster, uint64_t set[static LIMIT_GROUP_OPS / 64])
{
    memset(set, 0, LIMIT_GROUP_OPS / 8);
    for (size_t i = 0; i < roster->count; i++)
        set[i / 64] |= UINT64_C(1) << (i % 64);
}

bool roster_has(const struct roster *roster, const struct fingerprint *person)
{
    uint64_t set[LIMIT_GROUP_OPS / 64];
    all_of(roster, set);
    return roster_has_in(roster, set, person, false);
}

bool roster_has_admin(
    const struct roster *roster, const struct fingerprint *person)
{
    uint64_t set[LIMIT_GROUP_OPS / 64];
    all_of(roster, set);
    return roster_has_in(roster, set, person, true);
}

const struct group_op *roster_person(
    const struct roster *roster, const struct fingerprint *person)
{
    const struct roster_op *newest = NULL;
    for (size_t i = 0; i < roster->count; i++) {
        const struct roster_op *entry = &roster->ops[i];
        if (entry->counts && is_addition(&entry->op) &&
            fingerprint_equal(&entry->op.subject, person) &&
            (!newest || is_elder(newest, entry)))
            newest = entry;
    }
    return newest ? &newest->op : NULL;
}

size_t roster_removal(
    const struct roster *roster, const struct fingerprint *person)
{
    for (size_t i = roster->count; i-- > 0;) {
        const struct roster_op *entry = &roster->ops[i];
        if (entry->op.kind == GROUP_REMOVE && entry->counts &&
            fingerprint_equal(&entry->op.subject, person))
            return i;
    }
    return roster->count;
}

static bool was_described_before(const struct roster *roster, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (roster->ops[i].counts && is_addition(&roster->ops[i].op) &&
            fingerprint_equal(
                &roster->ops[i].op.subject, &roster->ops[at].op.subject))
            return true;
    return false;
}

const struct group_op *roster_next(const struct roster *roster, size_t *cursor)
{
    while (*cursor < roster->count) {
        size_t i = (*cursor)++;
        const struct roster_op *entry = &roster->ops[i];
        if (entry->counts && is_addition(&entry->op) &&
            !was_described_before(roster, i) &&
            roster_has(roster, &entry->op.subject))
            return &entry->op;
    }
    return NULL;
}

size_t roster_member_count(const struct roster *roster)
{
    size_t count = 0;
    size_t cursor = 0;
    while (roster_next(roster, &cursor))
        count++;
    return count;
}
