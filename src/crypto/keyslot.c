/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key slots: how a passphrase opens a vault.
 *
 * The whole file is random but for its cost byte, and a real slot is its AEAD
 * under a key that only the passphrase gives: nobody can count the real ones.
 * All slots are always tried, so the time taken says nothing of which one
 * opened.  The salt is the file's, not a slot's, so that one derivation, made
 * slow on purpose, serves all eight. */
#include "crypto/keyslot.h"

#include <assert.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/hash.h"

enum {
    AT_COST = KEYSLOT_SALT_BYTES,
    AT_SLOTS = 64,
    SLOT_BYTES = 504,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    SEALED_BYTES =
        KEYSLOT_KEY_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    AD_BYTES = AT_SLOTS + 1,
};
_Static_assert(AT_SLOTS + KEYSLOT_COUNT * SLOT_BYTES == KEYSLOT_FILE_BYTES,
    "the slots fill the file");

struct cost {
    unsigned long long passes;
    size_t memory_bytes;
};

static bool cost_of(enum keyslot_cost cost, struct cost *out)
{
    switch (cost) {
    case KEYSLOT_INTERACTIVE:
        *out = (struct cost){crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE,
            crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE};
        return true;
    case KEYSLOT_MODERATE:
        *out = (struct cost){crypto_pwhash_argon2id_OPSLIMIT_MODERATE,
            crypto_pwhash_argon2id_MEMLIMIT_MODERATE};
        return true;
    case KEYSLOT_SENSITIVE:
        *out = (struct cost){crypto_pwhash_argon2id_OPSLIMIT_SENSITIVE,
            crypto_pwhash_argon2id_MEMLIMIT_SENSITIVE};
        return true;
    }
    return false;
}

enum status keyslot_derive(struct span passphrase,
    const uint8_t salt[static KEYSLOT_SALT_BYTES], enum keyslot_cost cost,
    uint8_t out[static KEYSLOT_KEY_BYTES])
{
    struct cost price;
    bool known = cost_of(cost, &price);
    assert(known);
    const char *text = passphrase.size > 0 ? (const char *)passphrase.data : "";
    uint8_t key[KEYSLOT_KEY_BYTES];
    int failed = crypto_pwhash_argon2id(key, sizeof(key), text, passphrase.size,
        salt, price.passes, price.memory_bytes,
        crypto_pwhash_argon2id_ALG_ARGON2ID13);
    if (!failed)
        memcpy(out, key, sizeof(key));
    secret_wipe(key, sizeof(key));
    return failed ? STATUS_NO_MEMORY : STATUS_OK;
}

/* The associated data of a slot: the file's head and the slot's place. */
static void slot_ad(
    const uint8_t *file, size_t slot, uint8_t out[static AD_BYTES])
{
    memcpy(out, file, AT_SLOTS);
    out[AT_SLOTS] = (uint8_t)slot;
}

void keyslot_make(const uint8_t slot_key[static KEYSLOT_KEY_BYTES],
    const uint8_t salt[static KEYSLOT_SALT_BYTES], enum keyslot_cost cost,
    const uint8_t master[static KEYSLOT_KEY_BYTES], struct random *random,
    uint8_t out[static KEYSLOT_FILE_BYTES])
{
    random_fill(random, out, KEYSLOT_FILE_BYTES);
    memcpy(out, salt, KEYSLOT_SALT_BYTES);
    out[AT_COST] = (uint8_t)cost;

    size_t slot = random_below(random, KEYSLOT_COUNT);
    uint8_t *nonce = out + AT_SLOTS + slot * SLOT_BYTES;
    uint8_t ad[AD_BYTES];
    slot_ad(out, slot, ad);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_BYTES, NULL,
        master, KEYSLOT_KEY_BYTES, ad, sizeof(ad), NULL, nonce, slot_key);
}

enum status keyslot_parameters(struct span file,
    uint8_t salt[static KEYSLOT_SALT_BYTES], enum keyslot_cost *cost)
{
    struct cost price;
    if (file.size != KEYSLOT_FILE_BYTES ||
        !cost_of((enum keyslot_cost)file.data[AT_COST], &price))
        return STATUS_INVALID;
    memcpy(salt, file.data, KEYSLOT_SALT_BYTES);
    *cost = (enum keyslot_cost)file.data[AT_COST];
    return STATUS_OK;
}

enum status keyslot_open(struct span file,
    const uint8_t slot_key[static KEYSLOT_KEY_BYTES],
    uint8_t master[static KEYSLOT_KEY_BYTES])
{
    if (file.size != KEYSLOT_FILE_BYTES)
        return STATUS_REFUSED;
    bool opened = false;
    for (size_t slot = 0; slot < KEYSLOT_COUNT; slot++) {
        const uint8_t *nonce = file.data + AT_SLOTS + slot * SLOT_BYTES;
        uint8_t ad[AD_BYTES], key[KEYSLOT_KEY_BYTES];
        slot_ad(file.data, slot, ad);
        if (!crypto_aead_xchacha20poly1305_ietf_decrypt(key, NULL, NULL,
                nonce + NONCE_BYTES, SEALED_BYTES, ad, sizeof(ad), nonce,
                slot_key)) {
            memcpy(master, key, sizeof(key));
            opened = true;
        }
        secret_wipe(key, sizeof(key));
    }
    return opened ? STATUS_OK : STATUS_REFUSED;
}
