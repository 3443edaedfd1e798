/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_GROUP_H
#define PROTO_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/card.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* Membership of a group: operations that name the operations before them by
 * hash, each signed by its author's key for this group.
 *
 *   [kind, group, [parent ...], author, subject, admin, key, card, name,
 *    signature]
 *
 * All kinds have all fields; those that a kind does not use are empty.  A
 * hash is of the whole encoding, and the group's id is the hash of its first
 * operation. */
enum group_op_kind {
    GROUP_NEW = 1,    /* the first: author and subject are the founder */
    GROUP_ADD = 2,    /* an admin adds subject, or makes it an admin */
    GROUP_REMOVE = 3, /* an admin removes subject */
    GROUP_LEAVE = 4,  /* author and subject are who leaves */
};

struct group_id {
    uint8_t bytes[32];
};

struct group_op_hash {
    uint8_t bytes[32];
};

/* What a sender's state at an instant is to others: chains at message number,
 * and the key that its messages are signed with.  Secret. */
struct group_key {
    uint32_t number;
    uint8_t chain_key[32];
    uint8_t tag_key[32];
    uint8_t sign_public[32];
};

struct group_op {
    enum group_op_kind kind;
    struct group_id group; /* zeros in GROUP_NEW, which gives it */
    size_t parent_count;   /* GROUP_NEW: 0; else 1 at least */
    struct group_op_hash parents[LIMIT_GROUP_PARENTS]; /* ascending */
    struct fingerprint author;
    struct fingerprint subject;
    bool admin;       /* NEW: true; ADD: whether subject may add and remove */
    uint8_t key[32];  /* NEW and ADD: subject's key for this group */
    struct card card; /* NEW and ADD: subject's */
    uint8_t name_size;
    uint8_t name[LIMIT_NAME_BYTES]; /* NEW: the group's; ADD: subject's */
    uint8_t signature[64];
};

enum { GROUP_OP_BYTES = 864 }; /* the longest encoding, at least */

/* Whether a signature holds and the author may do this is crypto's to say.
 * STATUS_INVALID when malformed. */
MUST_USE enum status group_op_decode(struct span bytes, struct group_op *out);

/* Encode into out, which has room for GROUP_OP_BYTES; *signed_bytes is the
 * length of what the signature is over: all that stands before it. */
void group_op_encode(const struct group_op *op,
    uint8_t out[static GROUP_OP_BYTES], size_t *size, size_t *signed_bytes);

static inline bool group_id_equal(
    const struct group_id *a, const struct group_id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

#endif
