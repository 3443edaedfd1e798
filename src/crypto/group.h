/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_GROUP_H
#define CRYPTO_GROUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/span.h"
#include "base/status.h"
#include "crypto/ratchet.h"
#include "crypto/sealed.h"
#include "crypto/tags.h"
#include "proto/envelope.h"
#include "proto/group.h"

/* Sender keys: what one member writes to a group, in one envelope whatever the
 * group's size.  The chains are those of a session (crypto/chain.h) without DH
 * steps, random at the start of an epoch; every message is signed inside its
 * seal, so that a member who can open one cannot write one.  Its tag is made
 * from the writer's fingerprint, too: whoever passes off another's chain as
 * their own expects other tags by it, and takes none away.  The opening is
 * random and stays with the sender: no member can clear the envelope.
 *
 * A view is a hash of the membership that the sender knew. */
struct group_view {
    uint8_t bytes[32];
};

/* The sender's own end, for one epoch.  Secret. */
struct group_sender {
    uint32_t sent; /* messages so far; at most LIMIT_GROUP_MESSAGES */
    uint8_t chain_key[32];
    uint8_t tag_key[32];
    uint8_t sign_seed[32];
    uint8_t sign_public[32];
};

/* Another's end of it: the chain that its owner handed over.  Secret. */
struct group_receiver {
    struct fingerprint owner;
    uint32_t handle; /* the caller's, copied into tag entries: not one that a
                      * session has */
    uint32_t head;   /* first message not yet opened or skipped */
    uint32_t edge;   /* first whose tag is not registered */
    uint8_t chain_key[32]; /* at head */
    uint8_t tag_key[32];   /* at head */
    uint8_t edge_key[32];  /* the tag key at edge */
    uint8_t sign_public[32];
};

/* Begin an epoch with fresh keys. */
void group_sender_begin(struct group_sender *out, struct random *random);

/* What a member needs to open all that is written from now on, and nothing
 * that was before.  Wipe *out. */
void group_sender_hand(
    const struct group_sender *sender, struct group_key *out);

/* Who writes, and where. */
struct group_origin {
    const struct group_id *group;
    const struct fingerprint *author;
};

struct group_message {
    struct group_origin origin;
    const struct group_view *view;
    struct span letter;
    uint32_t expires_h;
};

/* Seal and sign a letter, and move the chain on.  STATUS_TOO_LARGE;
 * STATUS_FULL after LIMIT_GROUP_MESSAGES: begin another epoch.  The sender is
 * unchanged by a failure. */
MUST_USE enum status group_seal(struct group_sender *sender,
    const struct group_message *message, struct random *random,
    struct sealed *out);

/* Take in what an owner handed over; its tags are registered by
 * group_register. */
void group_receiver_begin(struct group_receiver *out, uint32_t handle,
    const struct fingerprint *owner, const struct group_key *key);

/* Put a receiver's window into the table: LIMIT_TAG_WINDOW tags from its head,
 * fewer at the epoch's end.  Tags that are there stay.  STATUS_FULL,
 * STATUS_NO_MEMORY; none is then added. */
MUST_USE enum status group_register(
    struct group_receiver *receiver, struct tags *tags);

/* Open an envelope whose tag has that entry of kind TAG_GROUP or
 * TAG_GROUP_SKIPPED and of this receiver.  Fills *out as ratchet_open does (no
 * step; the opening is zeros, since it is not ours to know) and *view.
 * Nothing changes before seal and signature have verified, which is over the
 * group and the owner, too.  STATUS_REFUSED; STATUS_FULL and STATUS_NO_MEMORY,
 * of tags. */
MUST_USE enum status group_open(struct group_receiver *receiver,
    struct tags *tags, const struct tag_entry *entry,
    const struct envelope *envelope, const struct group_id *group,
    uint32_t now_h, struct ratchet_opened *out, struct group_view *view);

#endif
