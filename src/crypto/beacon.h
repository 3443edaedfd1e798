/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_BEACON_H
#define CRYPTO_BEACON_H

#include <stdint.h>

#include "base/status.h"
#include "crypto/identity.h"
#include "proto/beacon.h"
#include "proto/ids.h"

/* A node's beacon that its person's contacts alone can read.  Two people who
 * have each other's cards share a secret; from it each has, for each epoch, a
 * tag by which the other knows the beacon, and a key for what it says:
 *
 *   P         = IKa·IKb
 *   tag, key  = bytes 0..7 and 32..63 of
 *               K64(P, "sotto1 beacon", epoch 4 ‖ agree key of who says it)
 *   nonce     = bytes 0..23 of H32("sotto1 beaconad", salt 16 ‖ address 16)
 *   entry     = tag ‖ AEAD(key, nonce, node key 32 ‖ port 2)
 *
 * The address is that from which the datagram came: said again from elsewhere,
 * it opens to nobody.  Who is no contact sees tags that look random and are
 * others in each epoch. */
enum { BEACON_EPOCH_S = 600 };

/* P.  STATUS_REFUSED for a key that is none. */
MUST_USE enum status beacon_pair(const struct identity *own,
    const uint8_t agree_public[static 32], uint8_t out[static 32]);

/* The key under which the one who has that agreement key says it. */
void beacon_key_make(const uint8_t pair[static 32], uint32_t epoch,
    const uint8_t agree_public[static 32], struct beacon_key *out);

/* The i-th that is nobody's, to fill a beacon up; the same each time. */
void beacon_key_fill(const struct identity *own, uint32_t epoch, uint32_t i,
    struct beacon_key *out);

/* Where and when a beacon is said: the salt of the datagram, and the address
 * it is sent from (of IPv4 the mapped form). */
struct beacon_place {
    const uint8_t *salt;    /* BEACON_SALT_BYTES */
    const uint8_t *address; /* 16 bytes */
};

void beacon_seal(const struct beacon_key *key, const struct beacon_place *place,
    const struct beacon_datagram *node, uint8_t out[static BEACON_ENTRY_BYTES]);

/* Open an entry that has the key's tag; node and port of *out are set.
 * STATUS_REFUSED. */
MUST_USE enum status beacon_open(const struct beacon_key *key,
    const struct beacon_place *place,
    const uint8_t entry[static BEACON_ENTRY_BYTES],
    struct beacon_datagram *out);

#endif
