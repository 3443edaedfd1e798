/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The identity keys' own agreement, and no session's: it is there as soon as
 * two people have each other's cards, and outlives lost sessions and restored
 * backups.  Whoever steals an identity key can tell its owner's contacts on a
 * network, as the owner could.
 *
 * One key seals one text under one nonce: node key and port change only with a
 * new salt, and another address is another nonce. */
#include "crypto/beacon.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"

enum {
    PLAIN_BYTES = 32 + 2,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
};
static_assert(
    BEACON_ENTRY_BYTES == BEACON_TAG_BYTES + PLAIN_BYTES +
                              crypto_aead_xchacha20poly1305_ietf_ABYTES,
    "an entry is a tag and what is sealed");

enum status beacon_pair(const struct identity *own,
    const uint8_t agree_public[static 32], uint8_t out[static 32])
{
    return agree(out, own->agree_secret, agree_public);
}

/* The halves of a K64. */
static void split(uint8_t both[static 64], struct beacon_key *out)
{
    memcpy(out->tag, both, sizeof(out->tag));
    memcpy(out->key, both + 32, sizeof(out->key));
    secret_wipe(both, 64);
}

void beacon_key_make(const uint8_t pair[static 32], uint32_t epoch,
    const uint8_t agree_public[static 32], struct beacon_key *out)
{
    uint8_t input[4 + 32], both[64];
    number_put(input, 4, epoch);
    memcpy(input + 4, agree_public, 32);
    kdf(both, sizeof(both), pair, "sotto1 beacon",
        (struct span){input, sizeof(input)});
    split(both, out);
}

void beacon_key_fill(const struct identity *own, uint32_t epoch, uint32_t i,
    struct beacon_key *out)
{
    uint8_t input[8], both[64];
    number_put(input, 4, epoch);
    number_put(input + 4, 4, i);
    kdf(both, sizeof(both), own->agree_secret, "sotto1 beaconpad",
        (struct span){input, sizeof(input)});
    split(both, out);
}

static void nonce_of(
    const struct beacon_place *place, uint8_t out[static NONCE_BYTES])
{
    uint8_t input[BEACON_SALT_BYTES + 16], hash[32];
    memcpy(input, place->salt, BEACON_SALT_BYTES);
    memcpy(input + BEACON_SALT_BYTES, place->address, 16);
    hash_labelled(hash, sizeof(hash), "sotto1 beaconad",
        (struct span){input, sizeof(input)});
    memcpy(out, hash, NONCE_BYTES);
}

void beacon_seal(const struct beacon_key *key, const struct beacon_place *place,
    const struct beacon_datagram *node, uint8_t out[static BEACON_ENTRY_BYTES])
{
    uint8_t plain[PLAIN_BYTES], nonce[NONCE_BYTES];
    nonce_of(place, nonce);
    memcpy(plain, node->node.bytes, 32);
    number_put(plain + 32, 2, node->port);
    memcpy(out, key->tag, BEACON_TAG_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + BEACON_TAG_BYTES, NULL,
        plain, sizeof(plain), NULL, 0, NULL, nonce, key->key);
}

enum status beacon_open(const struct beacon_key *key,
    const struct beacon_place *place,
    const uint8_t entry[static BEACON_ENTRY_BYTES], struct beacon_datagram *out)
{
    uint8_t plain[PLAIN_BYTES], nonce[NONCE_BYTES];
    nonce_of(place, nonce);
    if (memcmp(entry, key->tag, BEACON_TAG_BYTES) != 0 ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL,
            entry + BEACON_TAG_BYTES, BEACON_ENTRY_BYTES - BEACON_TAG_BYTES,
            NULL, 0, nonce, key->key) != 0)
        return STATUS_REFUSED;
    uint16_t port = (uint16_t)number_get(plain + 32, 2);
    if (port == 0)
        return STATUS_REFUSED;
    *out = (struct beacon_datagram){.port = port};
    memcpy(out->node.bytes, plain, 32);
    return STATUS_OK;
}
