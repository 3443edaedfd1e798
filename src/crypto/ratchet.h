/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_RATCHET_H
#define CRYPTO_RATCHET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/span.h"
#include "base/status.h"
#include "crypto/identity.h"
#include "crypto/sealed.h"
#include "crypto/tags.h"
#include "proto/envelope.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* One session between two people: the Double Ratchet (Perrin and Marlinspike
 * 2016, section 4) with header encryption, in which a pseudo-random tag a
 * message replaces the trial decryption of headers.
 *
 *   TK', x  = K64(TK, "sotto1 tagchain")   tag = K16(x, "sotto1 tag")
 *   CK', mk = K64(CK, "sotto1 chain")      body key, opening =
 *                                              K64(mk, "sotto1 message")
 *   RK', CK = K64(RK, "sotto1 root", DH)
 *   NTK     = K32(RK, "sotto1 nexttag", DH)  heads the chain after the next
 *
 * The receiver has LIMIT_TAG_WINDOW tags of the current chain and of the next
 * in the tag table.  A peer cannot begin chain k + 2 before we have answered
 * k + 1, so these, and the entries skipped, are all there is.  Secret. */
struct ratchet_chain {
    bool live;
    uint32_t number;       /* of the chain, within the session */
    uint32_t head;         /* first message not yet opened or skipped */
    uint32_t edge;         /* first whose tag is not registered */
    uint8_t chain_key[32]; /* at head; of the current chain only */
    uint8_t tag_key[32];   /* at head */
    uint8_t edge_key[32];  /* the tag key at edge */
};

struct ratchet {
    uint32_t session; /* the caller's handle, copied into tag entries */
    bool can_send;
    bool must_turn; /* there is no own key: the next letter draws one */
    uint8_t root[32];
    uint8_t own_secret[32];
    uint8_t own_public[32];
    uint8_t peer_public[32];
    uint8_t send_chain_key[32];
    uint8_t send_tag_key[32];
    uint8_t next_send_tag_key[32];
    uint32_t sent;          /* in the sending chain; all counts wrap */
    uint32_t previous_sent; /* in the one before */
    uint32_t next_chain;    /* number of the next receiving chain */
    uint32_t skipped;       /* entries of kind TAG_SKIPPED in the table */
    struct ratchet_chain current;
    struct ratchet_chain next;
};

enum { RATCHET_BYTES = 512 }; /* encoded, fixed, zero-padded */

/* What a first contact gives both ends: the root, and the tag keys of either's
 * first chain.  Secret. */
struct ratchet_start {
    uint32_t session;
    uint8_t root[32];
    uint8_t own_tag_key[32];
    uint8_t peer_tag_key[32];
};

/* Begin as the initiator (who may send at once) or the responder (who may send
 * once the first envelope has opened).  Registers the first tags.
 * STATUS_FULL and STATUS_NO_MEMORY (of tags), STATUS_REFUSED (a bad key),
 * STATUS_EXISTS (its tags are there: a session has begun from it already). */
MUST_USE enum status ratchet_begin_initiator(struct ratchet *out,
    const struct ratchet_start *start, const uint8_t peer_prekey[static 32],
    struct tags *tags, struct random *random);
MUST_USE enum status ratchet_begin_responder(struct ratchet *out,
    const struct ratchet_start *start, const struct prekey *prekey,
    struct tags *tags);

/* Seal a letter into the smallest class that holds it (least_class at least)
 * and move the sending chain on; the first letter of a turn draws a key and
 * begins one.  STATUS_TOO_LARGE; STATUS_AGAIN when the session cannot send yet.
 * The ratchet is unchanged by a failure. */
MUST_USE enum status ratchet_seal(struct ratchet *ratchet, struct span letter,
    uint8_t least_class, uint32_t expires_h, struct random *random,
    struct sealed *out);

/* Forget a skipped entry of this ratchet's session, as when it expired;
 * harmless when there is no such entry. */
void ratchet_forget(
    struct ratchet *ratchet, struct tags *tags, const struct tag *tag);

/* What opening did, beside the letter itself, for the caller to make durable
 * and to look up.  About 40 KiB. */
struct ratchet_opened {
    struct opening opening;
    bool stepped;       /* a DH step was made: our next letter begins a chain */
    bool used_skipped;  /* the entry used was TAG_SKIPPED */
    size_t added_count; /* tags newly registered: look these up */
    struct tag added[2 * LIMIT_TAG_WINDOW];
    size_t skipped_count; /* entries that became TAG_SKIPPED */
    struct tag skipped[2 * LIMIT_TAG_WINDOW];
    size_t plain_size;
    uint8_t plain[LIMIT_ENVELOPE_BYTES]; /* the letter, padding off */
};

/* Open an envelope whose tag has that entry (of this ratchet's session).
 * Nothing changes, in the ratchet, the table or *out's meaning, before the
 * body has verified.  now_h dates what is skipped.  STATUS_REFUSED when it
 * does not verify or a key is bad; STATUS_FULL when LIMIT_SKIPPED or the
 * table's maximum would be passed, and then it opens once there is room;
 * STATUS_NO_MEMORY.  *entry need not outlive the call. */
MUST_USE enum status ratchet_open(struct ratchet *ratchet, struct tags *tags,
    const struct tag_entry *entry, const struct envelope *envelope,
    uint32_t now_h, struct ratchet_opened *out);

/* To and from bytes for the vault's database; the windows are derived again
 * (ratchet_register), skipped entries are records of the caller's.
 * STATUS_INVALID when the bytes are not such an encoding. */
void ratchet_encode(
    const struct ratchet *ratchet, uint8_t out[static RATCHET_BYTES]);
MUST_USE enum status ratchet_decode(
    const uint8_t bytes[static RATCHET_BYTES], struct ratchet *out);

/* Put the windows of a decoded ratchet into the table; tags that are there
 * stay.  STATUS_FULL, STATUS_NO_MEMORY; none is then added. */
MUST_USE enum status ratchet_register(
    const struct ratchet *ratchet, struct tags *tags);

#endif
