/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_KEYSLOT_H
#define CRYPTO_KEYSLOT_H

#include <stdint.h>

#include "base/random.h"
#include "base/span.h"
#include "base/status.h"

/* The key slots of a vault: a fixed file of 4 KiB whose slots, used or not, all
 * look random.
 *
 *   0    16   salt of the passphrases' derivation
 *   16   1    cost: enum keyslot_cost; of a void file 255 or 254
 *   17   47   random
 *   64 + 504·i: slot i = 0 .. 7:
 *          24  nonce
 *          80  AEAD(master key 32 ‖ role 1 ‖ zeros 31), AD = bytes 0 .. 63 ‖ i
 *          ... random
 *
 * One derivation (Argon2id) gives a key that is tried on all slots.  The
 * derivation is slow and large, so it is a worker's job: keyslot_derive may
 * run in a thread of its own.
 *
 * Which slot has which role follows from the master key.  So whoever has that
 * key can replace a slot without being told what is in the others, and nothing
 * anywhere says how many of them are real. */
enum {
    KEYSLOT_FILE_BYTES = 4096,
    KEYSLOT_COUNT = 8,
    KEYSLOT_SALT_BYTES = 16,
    KEYSLOT_KEY_BYTES = 32,
};

enum keyslot_cost {
    KEYSLOT_INTERACTIVE = 0, /* 64 MiB, 2 passes: the floor */
    KEYSLOT_MODERATE = 1,    /* 256 MiB, 3 passes: the default */
    KEYSLOT_SENSITIVE = 2,   /* 1 GiB, 4 passes */
};

/* Derive the slot key from a passphrase.  STATUS_NO_MEMORY. */
MUST_USE enum status keyslot_derive(struct span passphrase,
    const uint8_t salt[static KEYSLOT_SALT_BYTES], enum keyslot_cost cost,
    uint8_t out[static KEYSLOT_KEY_BYTES]);

/* What a slot is for. */
enum keyslot_role {
    KEYSLOT_REAL = 0,
    KEYSLOT_DURESS = 1, /* holds no key: who opens it wants the others gone */
    KEYSLOT_RECOVERY = 2,
};

/* A new file whose one real slot holds the master key.  salt must be the one
 * that slot_key was derived with. */
void keyslot_make(const uint8_t slot_key[static KEYSLOT_KEY_BYTES],
    const uint8_t salt[static KEYSLOT_SALT_BYTES], enum keyslot_cost cost,
    const uint8_t master[static KEYSLOT_KEY_BYTES], struct random *random,
    uint8_t out[static KEYSLOT_FILE_BYTES]);

/* Make or replace the slot of that role in the file of a master key; the
 * others stay.  slot_key comes from the file's own salt and cost. */
void keyslot_put(uint8_t file[static KEYSLOT_FILE_BYTES],
    enum keyslot_role role, const uint8_t slot_key[static KEYSLOT_KEY_BYTES],
    const uint8_t master[static KEYSLOT_KEY_BYTES], struct random *random);

/* Overwrite every slot but the one that slot_key opens. */
void keyslot_keep(uint8_t file[static KEYSLOT_FILE_BYTES],
    const uint8_t slot_key[static KEYSLOT_KEY_BYTES], struct random *random);

/* A file that opens nothing, and says so, also when its writer went no further:
 * of a vault that is being destroyed, or of one that is being made. */
enum keyslot_void {
    KEYSLOT_IN_USE,
    KEYSLOT_DESTROYED,
    KEYSLOT_BEGUN,
};

/* Make a file void: random, but for its mark.  Which a file is. */
void keyslot_make_void(uint8_t file[static KEYSLOT_FILE_BYTES],
    enum keyslot_void which, struct random *random);
enum keyslot_void keyslot_voidness(struct span file);

/* The derivation's parameters in a file.  STATUS_INVALID when the file is not
 * of that size or its cost is unknown. */
MUST_USE enum status keyslot_parameters(struct span file,
    uint8_t salt[static KEYSLOT_SALT_BYTES], enum keyslot_cost *cost);

/* What a slot holds. */
struct keyslot_opened {
    uint8_t master[KEYSLOT_KEY_BYTES]; /* random in a duress slot */
    enum keyslot_role role;
};

/* Try the slots.  STATUS_REFUSED when none opens: a wrong passphrase, or a
 * damaged file.  Wipe *out. */
MUST_USE enum status keyslot_open(struct span file,
    const uint8_t slot_key[static KEYSLOT_KEY_BYTES],
    struct keyslot_opened *out);

#endif
