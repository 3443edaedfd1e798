/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "proto/ids.h"

/* The one hash and key derivation of Sotto: keyed BLAKE2b (RFC 7693) with a
 * label as personalisation.  Python's hashlib.blake2b(key=, person=) computes
 * the same. */

/* Derive out_size (16 .. 64) bytes from a 32-byte key, a label of at most 16
 * characters ("sotto1 …", each used in one place) and an input whose length is
 * fixed by the label. */
void kdf(uint8_t *out, size_t out_size, const uint8_t key[static 32],
    const char *label, struct span input);

/* As kdf, without a key. */
void hash_labelled(
    uint8_t *out, size_t out_size, const char *label, struct span input);

/* The id of an encoded envelope (a whole one, as envelope_decode accepts it):
 * the first 16 bytes of BLAKE2b-256, personalised "sotto1 envelope", over it
 * with the stamp zeroed. */
void envelope_identify(struct span encoding, struct envelope_id *out);

/* H(opening), and whether an opening matches. */
void receipt_hash_of(const struct opening *opening, struct receipt_hash *out);
bool opening_matches(
    const struct opening *opening, const struct receipt_hash *hash);

/* Whether two secrets are equal, in constant time. */
bool secret_equal(const uint8_t *a, const uint8_t *b, size_t size);

/* Overwrite a secret so that no compiler leaves it out. */
void secret_wipe(void *secret, size_t size);

/* Overwrite what functions that have returned left on the stack, for 256 KiB
 * below the caller: copies that no wipe of their own has reached. */
void secret_wipe_stack(void);

/* Guarded memory for secrets: locked, with guard pages, left out of core
 * files, wiped by secret_free.  Each costs at least a page and 170 us: for few
 * large blocks.  Its bytes are unset.  What is past the system's limit on
 * locked memory is not locked.  NULL when there is no memory. */
void *secret_new(size_t size);
void secret_free(void *secret);

/* Must succeed before anything else of this layer is used; 0 on success.
 * libsodium opens the system's generator here, for the canaries of guarded
 * memory; no key or nonce of Sotto comes from it. */
int crypto_start(void);

#endif
