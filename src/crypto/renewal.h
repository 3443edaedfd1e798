/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_RENEWAL_H
#define CRYPTO_RENEWAL_H

#include <stdint.h>

#include "base/status.h"
#include "crypto/identity.h"
#include "crypto/sealed.h"
#include "crypto/tags.h"
#include "proto/envelope.h"
#include "proto/ids.h"
#include "proto/renewal.h"

/* A newer card in an ordinary envelope, which only those who know the address S
 * can find or read:
 *
 *   tag     = K16(S, "sotto1 renewtag", week)
 *   salt    = K16(S, "sotto1 renewsalt", week ‖ signature)
 *   header  = 50 bytes of K64(S, "sotto1 renewmask", salt)
 *   opening = K32(the prekey's secret, "sotto1 renewopen", week ‖ signature)
 *   body    = AEAD(K32(S, "sotto1 renewkey", week)): length ‖ renewal ‖ zeros
 *
 * Nothing is drawn: the same card in the same week is the same envelope, so it
 * can be given out again without a trace.  Only its owner can clear it. */

/* An address's week at an hour: each has its own hour to begin one. */
uint32_t renewal_week(const uint8_t address[static 32], uint32_t hour);
void renewal_tag(
    const uint8_t address[static 32], uint32_t week, struct tag *out);

/* Expect an address's renewals of the week before, of this and of the next;
 * entries have the caller's handle.  Tags that are there stay; of those that
 * were added, *added of them, a copy is made.  STATUS_FULL, STATUS_NO_MEMORY.
 */
enum { RENEWAL_WEEKS = 3 };
struct renewal_watch {
    const uint8_t *address; /* 32 bytes */
    uint32_t handle;
    uint32_t now_h;
};
MUST_USE enum status renewal_register(const struct renewal_watch *watch,
    struct tags *tags, struct tag added[static RENEWAL_WEEKS], size_t *count);

/* Sign one that offers this prekey. */
void renewal_make(const struct identity *identity, const struct prekey *prekey,
    struct renewal *out);

/* Seal it; the prekey is the one that it offers.  It expires with it. */
void renewal_seal(const struct renewal *renewal, const struct prekey *prekey,
    uint32_t week, struct sealed *out);

/* Open an envelope whose tag is that of an address and a week.  STATUS_REFUSED
 * when anything does not verify, or the card inside has another address.  Whose
 * card it is, and whether it has run out, is left to the caller. */
MUST_USE enum status renewal_open(const uint8_t address[static 32],
    uint32_t week, const struct envelope *envelope, struct renewal *out);

#endif
