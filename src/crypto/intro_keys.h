/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_INTRO_KEYS_H
#define CRYPTO_INTRO_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/card.h"

/* The key schedule of a first contact; for intro.c alone.  Both ends compute
 * the same agreements, each from what it has.  Secret. */
struct intro_agreements {
    uint8_t ephemeral_prekey[32];   /* EK·SPK */
    uint8_t ephemeral_identity[32]; /* EK·IKb */
    uint8_t identity_prekey[32];    /* IKa·SPK */
    /* Through an invite: */
    bool invited;
    uint8_t ephemeral_one_time[32]; /* EK·OPK */
    uint8_t one_time_secret[32];
    /* To an X-Wing key: */
    bool encapsulated;
    uint8_t kem_shared[32];
};

/* k1 ‖ ko, from the first two agreements and the address. */
struct intro_outer_keys {
    uint8_t body[32];
    uint8_t opening[32];
};
void intro_keys_outer(const struct intro_agreements *agreements,
    const uint8_t address[static 32], struct intro_outer_keys *out);

/* Everything public that both ends must agree on. */
struct intro_parties {
    const struct card *initiator;
    const uint8_t *responder_sign;
    const uint8_t *responder_agree;
    const uint8_t *ephemeral;
    const uint8_t *prekey;
    uint32_t prekey_id;
    const uint8_t *one_time; /* the one-time prekey of an invite, or NULL */
    /* The X-Wing key, or NULL. */
    const uint8_t *kem_public;
    uint32_t kem_id;
    const uint8_t *kem_ciphertext;
};

struct intro_inner_keys {
    uint8_t root[32];
    uint8_t proof[32];
    uint8_t initiator_tag_key[32];
    uint8_t responder_tag_key[32];
};
void intro_keys_inner(const struct intro_agreements *agreements,
    const struct intro_parties *parties, struct intro_inner_keys *out);

#endif
