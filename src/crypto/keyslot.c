/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key slots: how a passphrase opens a vault.
 *
 * The whole file is random but for its cost byte, and a real slot is its AEAD
 * under a key that only a passphrase gives: nobody can count the real ones.
 * All slots are always tried, so the time taken says nothing of which one
 * opened.  The salt is the file's, not a slot's, so that one derivation, made
 * slow on purpose, serves all eight; it stays when a passphrase is changed,
 * because the other slots need it.
 *
 * A duress slot holds no key of the vault, so that its passphrase gives away
 * nothing, whatever a changed program does with it. */
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
    AT_ROLE = KEYSLOT_KEY_BYTES,
    PLAIN_BYTES = 64,
    SEALED_BYTES = PLAIN_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    AD_BYTES = AT_SLOTS + 1,
};
_Static_assert(AT_SLOTS + KEYSLOT_COUNT * SLOT_BYTES == KEYSLOT_FILE_BYTES,
    "the slots fill the file");

/* What a void file has in the place of a salt; behind it a cost that is none.
 * So long a mark is no accident of a disk's, and none of chance. */
static const char void_mark[KEYSLOT_SALT_BYTES + 1] = "sotto: no vault.";
enum { VOID_DESTROYED = 255, VOID_BEGUN = 254 };

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

/* The slots in an order that only the master key gives; a role's place is the
 * role-th of them. */
static size_t slot_of(
    enum keyslot_role role, const uint8_t master[static KEYSLOT_KEY_BYTES])
{
    uint8_t draws[KEYSLOT_COUNT * 2], order[KEYSLOT_COUNT];
    kdf(draws, sizeof(draws), master, "sotto1 places", (struct span){NULL, 0});
    for (size_t i = 0; i < KEYSLOT_COUNT; i++)
        order[i] = (uint8_t)i;
    for (size_t i = KEYSLOT_COUNT - 1; i > 0; i--) {
        size_t draw = (size_t)draws[2 * i] << 8 | draws[2 * i + 1];
        size_t other = draw % (i + 1);
        uint8_t was = order[i];
        order[i] = order[other];
        order[other] = was;
    }
    size_t slot = order[role];
    secret_wipe(draws, sizeof(draws));
    secret_wipe(order, sizeof(order));
    return slot;
}

void keyslot_put(uint8_t file[static KEYSLOT_FILE_BYTES],
    enum keyslot_role role, const uint8_t slot_key[static KEYSLOT_KEY_BYTES],
    const uint8_t master[static KEYSLOT_KEY_BYTES], struct random *random)
{
    size_t slot = slot_of(role, master);
    uint8_t *nonce = file + AT_SLOTS + slot * SLOT_BYTES;
    uint8_t ad[AD_BYTES], plain[PLAIN_BYTES] = {0};
    random_fill(random, nonce, SLOT_BYTES);
    if (role == KEYSLOT_DURESS)
        random_fill(random, plain, KEYSLOT_KEY_BYTES);
    else
        memcpy(plain, master, KEYSLOT_KEY_BYTES);
    plain[AT_ROLE] = (uint8_t)role;
    slot_ad(file, slot, ad);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_BYTES, NULL, plain,
        sizeof(plain), ad, sizeof(ad), NULL, nonce, slot_key);
    secret_wipe(plain, sizeof(plain));
}

void keyslot_make(const uint8_t slot_key[static KEYSLOT_KEY_BYTES],
    const uint8_t salt[static KEYSLOT_SALT_BYTES], enum keyslot_cost cost,
    const uint8_t master[static KEYSLOT_KEY_BYTES], struct random *random,
    uint8_t out[static KEYSLOT_FILE_BYTES])
{
    random_fill(random, out, KEYSLOT_FILE_BYTES);
    memcpy(out, salt, KEYSLOT_SALT_BYTES);
    out[AT_COST] = (uint8_t)cost;
    keyslot_put(out, KEYSLOT_REAL, slot_key, master, random);
}

void keyslot_make_void(uint8_t file[static KEYSLOT_FILE_BYTES],
    enum keyslot_void which, struct random *random)
{
    assert(which != KEYSLOT_IN_USE);
    random_fill(random, file, KEYSLOT_FILE_BYTES);
    memcpy(file, void_mark, KEYSLOT_SALT_BYTES);
    file[AT_COST] = which == KEYSLOT_BEGUN ? VOID_BEGUN : VOID_DESTROYED;
}

enum keyslot_void keyslot_voidness(struct span file)
{
    if (file.size != KEYSLOT_FILE_BYTES ||
        memcmp(file.data, void_mark, KEYSLOT_SALT_BYTES) != 0)
        return KEYSLOT_IN_USE;
    if (file.data[AT_COST] == VOID_BEGUN)
        return KEYSLOT_BEGUN;
    return file.data[AT_COST] == VOID_DESTROYED ? KEYSLOT_DESTROYED
                                                : KEYSLOT_IN_USE;
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

/* Whether a slot opens with that key; plain is then its content. */
static bool slot_open(const uint8_t *file, size_t slot,
    const uint8_t slot_key[static KEYSLOT_KEY_BYTES],
    uint8_t plain[static PLAIN_BYTES])
{
    const uint8_t *nonce = file + AT_SLOTS + slot * SLOT_BYTES;
    uint8_t ad[AD_BYTES];
    slot_ad(file, slot, ad);
    return crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL,
               nonce + NONCE_BYTES, SEALED_BYTES, ad, sizeof(ad), nonce,
               slot_key) == 0;
}

void keyslot_keep(uint8_t file[static KEYSLOT_FILE_BYTES],
    const uint8_t slot_key[static KEYSLOT_KEY_BYTES], struct random *random)
{
    uint8_t plain[PLAIN_BYTES];
    for (size_t slot = 0; slot < KEYSLOT_COUNT; slot++)
        if (!slot_open(file, slot, slot_key, plain))
            random_fill(
                random, file + AT_SLOTS + slot * SLOT_BYTES, SLOT_BYTES);
    secret_wipe(plain, sizeof(plain));
}

enum status keyslot_open(struct span file,
    const uint8_t slot_key[static KEYSLOT_KEY_BYTES],
    struct keyslot_opened *out)
{
    if (file.size != KEYSLOT_FILE_BYTES)
        return STATUS_REFUSED;
    bool opened = false;
    for (size_t slot = 0; slot < KEYSLOT_COUNT; slot++) {
        uint8_t plain[PLAIN_BYTES];
        if (slot_open(file.data, slot, slot_key, plain) &&
            plain[AT_ROLE] <= KEYSLOT_RECOVERY) {
            memcpy(out->master, plain, KEYSLOT_KEY_BYTES);
            out->role = (enum keyslot_role)plain[AT_ROLE];
            opened = true;
        }
        secret_wipe(plain, sizeof(plain));
    }
    return opened ? STATUS_OK : STATUS_REFUSED;
}
