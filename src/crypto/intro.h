/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_INTRO_H
#define CRYPTO_INTRO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/status.h"
#include "crypto/identity.h"
#include "crypto/kem.h"
#include "crypto/ratchet.h"
#include "crypto/sealed.h"
#include "crypto/tags.h"
#include "proto/card.h"
#include "proto/envelope.h"
#include "proto/ids.h"

/* First contact from a public card, with no server: X3DH (Marlinspike and
 * Perrin 2016) in the manner of Noise's X pattern, found by a tag that only
 * those who know the address can compute.
 *
 *   tag    = K16(S, "sotto1 introtag", day ‖ slot)
 *   header = 50 bytes masked by K64(S, "sotto1 intromask", salt):
 *            EK ‖ prekey id ‖ suite ‖ zeros
 *   k1, ko = K64(S, "sotto1 introkey", EK·SPK ‖ EK·IKb)
 *   opening = K32(ko, "sotto1 introopen", salt)
 *   r      = K32(zeros, "sotto1 introroot", EK·SPK ‖ EK·IKb ‖ IKa·SPK ‖
 *                transcript)
 *   root, kp = K64(r, "sotto1 session")
 *   TKa, TKb = K64(r, "sotto1 firsttags")
 *   body   = AEAD(k1): length ‖ initiator's card ‖ proof ‖ zeros
 *   proof  = AEAD(kp) of nothing, over the card and EK
 *
 * It carries the initiator's card and proof of its identity key, no letter:
 * letters follow through the session, so an intro can be repeated, with the
 * same EK and a new tag, until a reply comes.  proto/README.md has the bytes.
 *
 * Through an invite S is the invite's own, the suite is another, and
 *
 *   r      = K32(one-time secret, "sotto1 invroot", EK·SPK ‖ EK·IKb ‖ IKa·SPK ‖
 *                EK·OPK ‖ transcript ‖ OPK)
 *
 * To whom has renewed their card with an X-Wing key, the suite is a third, and
 *
 *   r      = K32(zeros, "sotto1 kemroot", EK·SPK ‖ EK·IKb ‖ IKa·SPK ‖ KEM ‖
 *                transcript ‖ the key's id ‖ the key ‖ the ciphertext)
 *
 * with the id in the header behind the suite, and the ciphertext in the body
 * before the card.  The first stage is as it was: who writes is hidden from a
 * quantum computer of later days as little as before, and what they write is
 * not within its reach. */

/* Encoded, zero-padded; with a ciphertext. */
enum {
    INTRO_BYTES = 576,
    KEM_INTRO_BYTES = INTRO_BYTES + 4 + KEM_CIPHERTEXT_BYTES,
};

/* The initiator's side, kept until a reply.  It holds no secret that opens a
 * letter: the root is the ratchet's alone.  Secret. */
struct intro {
    uint8_t ephemeral_public[32];
    uint8_t key[32];         /* k1 */
    uint8_t proof[32];       /* kp: key of the inner seal */
    uint8_t opening_key[32]; /* ko: derives the opening of each repeat */
    struct card peer;
    uint8_t own_card[CARD_BYTES];
    uint8_t address[32]; /* the peer's, or that of their invite */
    uint8_t suite;       /* CARD_SUITE, INVITE_SUITE, KEM_SUITE */
    uint32_t kem_id;     /* of KEM_SUITE */
    uint8_t ciphertext[KEM_CIPHERTEXT_BYTES];
};

/* The day (since the epoch) of an hour, and the tag of a day and slot. */
static inline uint32_t intro_day(uint32_t hour)
{
    return hour / 24;
}
void intro_tag(const uint8_t address[static 32], uint32_t day, uint32_t slot,
    struct tag *out);

/* Register all slots of some days of an address, as entries of a door, which
 * is the caller's handle (0 for the card's address); those that are there stay.
 * STATUS_FULL, STATUS_NO_MEMORY; some may then be added. */
struct intro_days {
    const uint8_t *address; /* 32 bytes */
    uint32_t door;
    uint32_t first;
    uint32_t count;
};
MUST_USE enum status intro_register(
    const struct intro_days *days, struct tags *tags);

/* Begin a first contact with the owner of a verified card; makes the session's
 * ratchet, which may send at once.  own_card is a card of identity's.
 * STATUS_REFUSED when a key is bad, STATUS_EXPIRED when the card's prekey is at
 * now_h, STATUS_FULL and STATUS_NO_MEMORY of tags. */
MUST_USE enum status intro_begin(struct intro *out, struct ratchet *ratchet,
    uint32_t session, const struct identity *identity,
    const struct card *own_card, const struct card *peer, uint32_t now_h,
    struct tags *tags, struct random *random);

/* The same through a verified invite, whose card is from->peer: with its
 * address, and with the one-time prekey and secret in the root. */
struct intro_start {
    uint32_t session;
    const struct identity *identity;
    const struct card *own_card;
    const struct card *peer;
    uint32_t now_h;
};
MUST_USE enum status intro_begin_invited(struct intro *out,
    struct ratchet *ratchet, const struct intro_start *from,
    const struct invite *invite, struct tags *tags, struct random *random);

/* The same, to an X-Wing key that from->peer's owner has offered.
 * STATUS_NOT_FOUND where there is no X-Wing; STATUS_EXPIRED, STATUS_REFUSED of
 * that key, too. */
MUST_USE enum status intro_begin_kem(struct intro *out, struct ratchet *ratchet,
    const struct intro_start *from, const struct kem_offer *offer,
    struct tags *tags, struct random *random);

/* What one envelope of an intro differs in from another, all of which strangers
 * see, or can compute: with the same draw it is the same envelope, to the
 * byte.  Draw a slot of that day, and a salt. */
struct intro_draw {
    uint32_t day;
    uint32_t slot;
    uint32_t expires_h;
    uint8_t salt[ENVELOPE_SALT_BYTES];
};
struct intro_draw intro_draw(
    uint32_t day, uint32_t expires_h, struct random *random);

/* Seal the intro: an envelope of class 0, or of class 1 with a ciphertext. */
void intro_seal(
    const struct intro *intro, struct intro_draw draw, struct sealed *out);

/* What an intro that opened says: who writes, and under which EK (the same in
 * every repeat, so repeats are told by it). */
struct intro_opened {
    struct card card; /* verified */
    struct opening opening;
    uint8_t ephemeral_public[32];
    struct ratchet_start start; /* of the responder's ratchet: intro_accept */
    uint32_t prekey_id;
    bool invited; /* it came through an invite, and proves it */
    uint8_t suite;
    uint32_t kem_id; /* of KEM_SUITE */
};

/* Open an envelope whose tag is one of our intro tags.  prekeys are all whose
 * secrets still live.  STATUS_NOT_FOUND when the prekey, or that of the X-Wing
 * key, is not among them, STATUS_REFUSED when anything does not verify. */
MUST_USE enum status intro_open(const struct identity *identity,
    const struct prekey *prekeys, size_t prekey_count,
    const struct envelope *envelope, struct intro_opened *out);

/* The same for an envelope whose tag is one of an invite's. */
struct intro_invited {
    const struct identity *identity;
    const struct invite_keys *keys;
};
MUST_USE enum status intro_open_invited(const struct intro_invited *invited,
    const struct prekey *prekeys, size_t prekey_count,
    const struct envelope *envelope, struct intro_opened *out);

/* Begin the responder's ratchet of an opened intro; prekey is the one that it
 * names.  As ratchet_begin_responder. */
MUST_USE enum status intro_accept(const struct intro_opened *opened,
    const struct prekey *prekey, uint32_t session, struct tags *tags,
    struct ratchet *out);

/* Returns the size: INTRO_BYTES or KEM_INTRO_BYTES. */
size_t intro_encode(
    const struct intro *intro, uint8_t out[static KEM_INTRO_BYTES]);
MUST_USE enum status intro_decode(struct span bytes, struct intro *out);

#endif
