/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The graph of a group's operations: taking in, signing, and views.
 *
 * What is taken in depends on the operation and on what stands before it, and
 * on nothing else, so all who know the same operations keep the same ones;
 * what then counts is roster_rule.c's to say.  An operation is taken in when
 * its author was given the right at some time before it, even if a removal has
 * made it void: others built on it, and their hashes must hold.
 *
 * Sets of operations are bit sets over places in the list, in which parents
 * stand before children. */
#include "crypto/roster.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/identity.h"

enum { SET_WORDS = LIMIT_GROUP_OPS / 64, FIRST_OPS = 4 };

static const char signed_context[] = "sotto1 group operation";
enum { CONTEXT_BYTES = sizeof(signed_context) - 1 };

void roster_init(struct roster *roster)
{
    *roster = (struct roster){.ops = NULL};
}

void roster_clear(struct roster *roster)
{
    if (roster->ops)
        secret_wipe(roster->ops, roster->capacity * sizeof(*roster->ops));
    free(roster->ops);
    roster_init(roster);
}

void roster_key_generate(struct roster_key *out, struct random *random)
{
    uint8_t pair[crypto_sign_SECRETKEYBYTES];
    random_fill(random, out->seed, sizeof(out->seed));
    crypto_sign_seed_keypair(out->public_, pair, out->seed);
    secret_wipe(pair, sizeof(pair));
}

const struct group_id *roster_group(const struct roster *roster)
{
    assert(roster->count > 0);
    _Static_assert(
        sizeof(struct group_id) == sizeof(struct group_op_hash), "one hash");
    return (const struct group_id *)(const void *)&roster->ops[0].hash;
}

/* Taking in. */

static size_t find_hash(
    const struct roster *roster, const struct group_op_hash *hash)
{
    size_t i = 0;
    while (i < roster->count &&
           memcmp(roster->ops[i].hash.bytes, hash->bytes, 32) != 0)
        i++;
    return i;
}

bool roster_has_op(
    const struct roster *roster, const struct group_op_hash *hash)
{
    return find_hash(roster, hash) < roster->count;
}

static void message_of(const struct roster_op *entry, size_t signed_bytes,
    uint8_t out[static CONTEXT_BYTES + GROUP_OP_BYTES])
{
    memcpy(out, signed_context, CONTEXT_BYTES);
    memcpy(out + CONTEXT_BYTES, entry->bytes, signed_bytes);
}

static bool is_signed_with(
    const struct roster_op *entry, size_t signed_bytes, const uint8_t *key)
{
    uint8_t message[CONTEXT_BYTES + GROUP_OP_BYTES];
    message_of(entry, signed_bytes, message);
    return crypto_sign_verify_detached(entry->op.signature, message,
               CONTEXT_BYTES + signed_bytes, key) == 0;
}

/* Whether the author was given, before this, what the operation takes, and
 * signed it with the key that was named then. */
static bool is_authentic(
    const struct roster *roster, const struct roster_op *entry)
{
    const struct group_op *op = &entry->op;
    size_t signed_bytes = entry->size - (2 + sizeof(op->signature));
    if (op->kind == GROUP_NEW)
        return is_signed_with(entry, signed_bytes, op->key);
    for (size_t i = 0; i < roster->count; i++) {
        const struct group_op *giving = &roster->ops[i].op;
        if (roster_bit(entry->past, i) &&
            (giving->kind == GROUP_NEW || giving->kind == GROUP_ADD) &&
            (giving->admin || op->kind == GROUP_LEAVE) &&
            fingerprint_equal(&giving->subject, &op->author) &&
            is_signed_with(entry, signed_bytes, giving->key))
            return true;
    }
    return false;
}

/* That a described person is who the card says. */
static enum status check_person(const struct group_op *op)
{
    struct fingerprint person;
    if (op->kind != GROUP_NEW && op->kind != GROUP_ADD)
        return STATUS_OK;
    card_fingerprint(&op->card, &person);
    if (!fingerprint_equal(&person, &op->subject))
        return STATUS_REFUSED;
    return card_verify(&op->card);
}

static enum status follow_parents(
    const struct roster *roster, struct roster_op *entry)
{
    for (size_t p = 0; p < entry->op.parent_count; p++) {
        size_t i = find_hash(roster, &entry->op.parents[p]);
        if (i == roster->count)
            return STATUS_NOT_FOUND;
        const struct roster_op *parent = &roster->ops[i];
        for (size_t w = 0; w < SET_WORDS; w++)
            entry->past[w] |= parent->past[w];
        entry->past[i / 64] |= UINT64_C(1) << (i % 64);
        if (entry->depth <= parent->depth)
            entry->depth = parent->depth + 1;
    }
    return STATUS_OK;
}

static enum status check(const struct roster *roster, struct roster_op *entry)
{
    bool is_first = entry->op.kind == GROUP_NEW;
    if (is_first != (roster->count == 0) ||
        (!is_first && !group_id_equal(&entry->op.group, roster_group(roster))))
        return STATUS_REFUSED;
    enum status status = check_person(&entry->op);
    if (!status)
        status = follow_parents(roster, entry);
    if (!status && !is_authentic(roster, entry))
        status = STATUS_REFUSED;
    return status;
}

static enum status grow(struct roster *roster)
{
    if (roster->count == LIMIT_GROUP_OPS)
        return STATUS_FULL;
    if (roster->count < roster->capacity)
        return STATUS_OK;
    size_t capacity = roster->capacity ? roster->capacity * 2 : FIRST_OPS;
    struct roster_op *ops = calloc(capacity, sizeof(*ops));
    if (!ops)
        return STATUS_NO_MEMORY;
    struct roster old = *roster;
    if (old.count)
        memcpy(ops, old.ops, old.count * sizeof(*ops));
    roster_clear(&old);
    roster->ops = ops;
    roster->capacity = capacity;
    return STATUS_OK;
}

void roster_hash_op(struct span bytes, struct group_op_hash *out)
{
    hash_labelled(out->bytes, sizeof(out->bytes), "sotto1 groupop", bytes);
}

enum status roster_take(struct roster *roster, struct span bytes, bool *added)
{
    struct roster_op entry = {.size = bytes.size};
    if (bytes.size > sizeof(entry.bytes) || group_op_decode(bytes, &entry.op))
        return STATUS_INVALID;
    roster_hash_op(bytes, &entry.hash);
    if (roster_has_op(roster, &entry.hash)) {
        *added = false;
        return STATUS_OK;
    }
    memcpy(entry.bytes, bytes.data, bytes.size);
    enum status status = check(roster, &entry);
    if (!status)
        status = grow(roster);
    if (!status) {
        roster->ops[roster->count++] = entry;
        roster_decide(roster);
        *added = true;
    }
    secret_wipe(&entry, sizeof(entry)); /* it names people */
    return status;
}

/* Heads. */

/* Those of a set that stand before no other of it, in order; how many. */
static size_t find_heads(const struct roster *roster, const uint64_t *set,
    struct group_op_hash out[static LIMIT_GROUP_OPS])
{
    uint64_t behind[SET_WORDS] = {0};
    for (size_t i = 0; i < roster->count; i++)
        for (size_t w = 0; w < SET_WORDS && roster_bit(set, i); w++)
            behind[w] |= roster->ops[i].past[w];
    size_t count = 0;
    for (size_t i = 0; i < roster->count; i++) {
        if (!roster_bit(set, i) || roster_bit(behind, i))
            continue;
        const struct group_op_hash *hash = &roster->ops[i].hash;
        size_t at = count++; /* most often there is one head */
        for (; at > 0 && memcmp(out[at - 1].bytes, hash->bytes, 32) > 0; at--)
            out[at] = out[at - 1];
        out[at] = *hash;
    }
    return count;
}

static void all_of(const struct roster *roster, uint64_t set[static SET_WORDS])
{
    memset(set, 0, SET_WORDS * sizeof(*set));
    for (size_t i = 0; i < roster->count; i++)
        set[i / 64] |= UINT64_C(1) << (i % 64);
}

size_t roster_heads(const struct roster *roster,
    struct group_op_hash out[static LIMIT_GROUP_PARENTS])
{
    uint64_t all[SET_WORDS];
    struct group_op_hash heads[LIMIT_GROUP_OPS];
    all_of(roster, all);
    size_t count = find_heads(roster, all, heads);
    if (count > LIMIT_GROUP_PARENTS)
        count = LIMIT_GROUP_PARENTS;
    memcpy(out, heads, count * sizeof(*heads));
    return count;
}

void roster_mark_known(const struct roster *roster,
    const struct group_op_hash *heads, size_t count,
    uint64_t set[static SET_WORDS])
{
    for (size_t h = 0; h < count; h++) {
        size_t i = find_hash(roster, &heads[h]);
        if (i == roster->count)
            continue;
        for (size_t w = 0; w < SET_WORDS; w++)
            set[w] |= roster->ops[i].past[w];
        set[i / 64] |= UINT64_C(1) << (i % 64);
    }
}

/* Signing. */

enum status roster_sign(struct roster *roster, struct group_op *op,
    const struct fingerprint *author, const struct roster_key *key)
{
    op->parent_count = roster_heads(roster, op->parents);
    if (roster->count)
        op->group = *roster_group(roster);
    op->author = *author;

    struct roster_op entry;
    size_t signed_bytes;
    group_op_encode(op, entry.bytes, &entry.size, &signed_bytes);
    uint8_t message[CONTEXT_BYTES + GROUP_OP_BYTES];
    uint8_t pair[crypto_sign_SECRETKEYBYTES]; /* seed ‖ public, RFC 8032 */
    message_of(&entry, signed_bytes, message);
    memcpy(pair, key->seed, 32);
    memcpy(pair + 32, key->public_, 32);
    crypto_sign_detached(
        op->signature, NULL, message, CONTEXT_BYTES + signed_bytes, pair);
    secret_wipe(pair, sizeof(pair));
    group_op_encode(op, entry.bytes, &entry.size, &signed_bytes);
    bool added;
    enum status status =
        roster_take(roster, (struct span){entry.bytes, entry.size}, &added);
    secret_wipe(&entry, sizeof(entry));
    secret_wipe(message, sizeof(message));
    return status;
}

/* Views. */

static void hash_view(
    const struct roster *roster, const uint64_t *set, struct group_view *out)
{
    struct {
        struct group_id group;
        struct group_op_hash heads[LIMIT_GROUP_OPS];
    } input;
    input.group = *roster_group(roster);
    size_t count = find_heads(roster, set, input.heads);
    hash_labelled(out->bytes, sizeof(out->bytes), "sotto1 groupview",
        (struct span){
            (const uint8_t *)&input, sizeof(input.group) + count * 32});
}

void roster_view(const struct roster *roster, struct group_view *out)
{
    uint64_t all[SET_WORDS];
    all_of(roster, all);
    hash_view(roster, all, out);
}

static bool is_view_of(const struct roster *roster, const uint64_t *set,
    const struct group_view *view)
{
    struct group_view made;
    hash_view(roster, set, &made);
    return memcmp(made.bytes, view->bytes, sizeof(made.bytes)) == 0;
}

/* The set up to one operation, or to two. */
static void set_up_to(const struct roster *roster, size_t i, size_t j,
    uint64_t set[static SET_WORDS])
{
    for (size_t w = 0; w < SET_WORDS; w++)
        set[w] = roster->ops[i].past[w] | roster->ops[j].past[w];
    set[i / 64] |= UINT64_C(1) << (i % 64);
    set[j / 64] |= UINT64_C(1) << (j % 64);
}

enum {
    PAIRS_OPS = 64
}; /* of the newest, so that a made-up view costs little */

/* The set that a view is of: all, or what stands before one or two of them.
 * More than two at once are joined by the next operation of anybody. */
static bool find_view(const struct roster *roster,
    const struct group_view *view, uint64_t set[static SET_WORDS])
{
    all_of(roster, set);
    if (is_view_of(roster, set, view))
        return true;
    for (size_t i = roster->count; i-- > 0;) {
        set_up_to(roster, i, i, set);
        if (is_view_of(roster, set, view))
            return true;
    }
    size_t least = roster->count > PAIRS_OPS ? roster->count - PAIRS_OPS : 0;
    for (size_t i = roster->count; i-- > least;)
        for (size_t j = i; j-- > least;) {
            if (roster_bit(roster->ops[i].past, j))
                continue;
            set_up_to(roster, i, j, set);
            if (is_view_of(roster, set, view))
                return true;
        }
    return false;
}

enum roster_standing roster_judge(
    const struct roster *roster, const struct group_view *view)
{
    uint64_t set[SET_WORDS];
    if (roster->count == 0 || !find_view(roster, view, set))
        return ROSTER_UNKNOWN;
    for (size_t i = 0; i < roster->count; i++) {
        const struct roster_op *entry = &roster->ops[i];
        bool removes =
            entry->op.kind == GROUP_REMOVE || entry->op.kind == GROUP_LEAVE;
        if (removes && entry->counts && !roster_bit(set, i))
            return ROSTER_OLD;
    }
    return ROSTER_CURRENT;
}
