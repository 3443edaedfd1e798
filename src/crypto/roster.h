/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_ROSTER_H
#define CRYPTO_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/span.h"
#include "base/status.h"
#include "crypto/group.h"
#include "proto/group.h"

/* Who is in a group: a hash-chained graph of signed operations.
 *
 * The membership is a function of the set of operations alone, whatever order
 * they came in:
 *
 * - An operation counts when its author might do it by what stands before it:
 *   an admin adds and removes, a member leaves.
 * - What a removed person does without having the removal before it, or after
 *   it, is void; of two people who remove each other, the one who was added
 *   first stays.
 * - A person is in when an addition of theirs counts that has every removal of
 *   theirs before it.
 *
 * After the strong removal of local-first-web/auth; the graph is that of
 * Kleppmann and Howard, "Byzantine eventual consistency" (2020). */
struct roster_op {
    struct group_op_hash hash;
    struct group_op op;
    uint32_t depth;
    bool is_void; /* by a removal of its author */
    bool counts;
    size_t size;
    uint8_t bytes[GROUP_OP_BYTES];
    uint64_t past[LIMIT_GROUP_OPS / 64]; /* a bit for each that is before it */
};

struct roster {
    struct roster_op *ops; /* parents stand before their children */
    size_t count;
    size_t capacity;
};

/* Begin without operations; end with roster_clear. */
void roster_init(struct roster *roster);
void roster_clear(struct roster *roster);

/* The key that a person signs a group's operations with. */
struct roster_key {
    uint8_t seed[32];
    uint8_t public_[32];
};
void roster_key_generate(struct roster_key *out, struct random *random);

/* Take in an operation.  *added says whether it is new here.  The first must be
 * a GROUP_NEW, and all others of its group.
 *   STATUS_INVALID    malformed
 *   STATUS_REFUSED    forged: its author never had the right, or did not sign
 *   STATUS_NOT_FOUND  one that stands before it is not here yet
 *   STATUS_FULL       LIMIT_GROUP_OPS
 *   STATUS_NO_MEMORY */
MUST_USE enum status roster_take(
    struct roster *roster, struct span bytes, bool *added);

/* Sign an operation of our own, behind all that is here, and take it in: kind,
 * subject, admin and what a person is described by are set.  Statuses of
 * roster_take. */
MUST_USE enum status roster_sign(struct roster *roster, struct group_op *op,
    const struct fingerprint *author, const struct roster_key *key);

/* The group's id; there is an operation. */
const struct group_id *roster_group(const struct roster *roster);

/* Whether a person is in; and an admin. */
bool roster_has(const struct roster *roster, const struct fingerprint *person);
bool roster_has_admin(
    const struct roster *roster, const struct fingerprint *person);

/* The newest addition that describes a person, in or not; NULL: none. */
const struct group_op *roster_person(
    const struct roster *roster, const struct fingerprint *person);

/* The place of the newest removal of a person that counts; count: none. */
size_t roster_removal(
    const struct roster *roster, const struct fingerprint *person);

/* Walk those who are in, in the order of their first addition: start with
 * *cursor = 0, until NULL. */
const struct group_op *roster_next(const struct roster *roster, size_t *cursor);
size_t roster_member_count(const struct roster *roster);

/* The hash by which others name an operation. */
void roster_hash_op(struct span bytes, struct group_op_hash *out);

/* The heads, which no other operation has before it: the first of them, in
 * ascending order; how many. */
size_t roster_heads(const struct roster *roster,
    struct group_op_hash out[static LIMIT_GROUP_PARENTS]);

/* Mark in a set what somebody has who names these as heads: those of them that
 * are known here, and all that stands before them. */
void roster_mark_known(const struct roster *roster,
    const struct group_op_hash *heads, size_t count,
    uint64_t set[static LIMIT_GROUP_OPS / 64]);

/* Whether a hash is of an operation that is here. */
bool roster_has_op(
    const struct roster *roster, const struct group_op_hash *hash);

/* A hash of all that is known here. */
void roster_view(const struct roster *roster, struct group_view *out);

/* How a view stands to what is known here. */
enum roster_standing {
    ROSTER_CURRENT, /* it has every removal that counts here */
    ROSTER_OLD,     /* it lacks one */
    ROSTER_UNKNOWN, /* it has something that is not known here, or it is made
                     * up */
};
enum roster_standing roster_judge(
    const struct roster *roster, const struct group_view *view);

/* roster_rule.c: work out what counts, after a change. */
void roster_decide(struct roster *roster);
bool roster_has_in(const struct roster *roster, const uint64_t *set,
    const struct fingerprint *person, bool admin);

static inline bool roster_bit(const uint64_t *set, size_t i)
{
    return set[i / 64] >> (i % 64) & 1;
}

#endif
