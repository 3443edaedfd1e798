/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_CHAIN_H
#define CRYPTO_CHAIN_H

#include <stdint.h>

#include "proto/ids.h"

/* The ratchet's key schedule: each function moves a key on by one step, in
 * place, and hands out what the step gives.  All keys are 32 bytes. */

/* TK', x = K64(TK, "sotto1 tagchain"); tag = K16(x, "sotto1 tag").  x is the
 * header's key. */
void chain_tag(
    uint8_t tag_key[static 32], struct tag *tag, uint8_t header_key[static 32]);

/* The same step in a group, where a tag is its writer's: tag = K16(x,
 * "sotto1 grouptag", fingerprint). */
void chain_group_tag(uint8_t tag_key[static 32],
    const uint8_t fingerprint[static 32], struct tag *tag,
    uint8_t header_key[static 32]);

/* The same step, its tag left aside. */
void chain_pass_tag(uint8_t tag_key[static 32]);

/* CK', mk = K64(CK, "sotto1 chain"). */
void chain_message(
    uint8_t chain_key[static 32], uint8_t message_key[static 32]);

/* body key, opening = K64(mk, "sotto1 message"). */
void chain_body(const uint8_t message_key[static 32],
    uint8_t body_key[static 32], struct opening *opening);

/* RK', CK = K64(RK, "sotto1 root", DH); NTK = K32(RK, "sotto1 nexttag", DH),
 * the tag key of the chain after this one. */
void chain_root(uint8_t root[static 32], const uint8_t shared[static 32],
    uint8_t chain_key[static 32], uint8_t next_tag_key[static 32]);

#endif
