/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_STAMP_H
#define CRYPTO_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/envelope.h"
#include "proto/ids.h"

/* Proof of work on an envelope, in its eight bytes of stamp:
 *
 *   bits (1), nonce (7)         all zeros: no stamp, zero bits
 *
 *   filter = BLAKE2b-256("sotto1 stamp", id ‖ expires_h (4, big endian) ‖
 *            stamp), whose first STAMP_FILTER_BITS bits must be zero
 *   work   = Argon2id(password filter, salt id, 1 pass, 1 MiB), 32 bytes,
 *            whose first `bits` bits must be zero (RFC 9106, version 1.3)
 *
 * The filter is what a false stamp costs its maker about as much as its
 * checker (Back, "Hashcash", 2002, with the memory-hard part of Biryukov,
 * Dinu and Khovratovich); bits as claimed, so that what is worth too little is
 * known to be without any work. */
enum {
    STAMP_FILTER_BITS = 10,
    STAMP_BITS_MOST = 40, /* a claim of more is false */
    STAMP_MEMORY_BYTES = 1024 * 1024,
    /* What an unstamped envelope of the largest class and the longest life is
     * worth less than one of 1 KiB for an hour: values begin at 0 there. */
    STAMP_VALUE_ZERO = 13,
    STAMP_VALUE_MOST = STAMP_VALUE_ZERO + 1 + STAMP_BITS_MOST,
};

/* Whether it is no stamp: zeros. */
bool stamp_is_none(const uint8_t stamp[static ENVELOPE_STAMP_BYTES]);

/* The bits that a stamp claims. */
uint8_t stamp_bits(const uint8_t stamp[static ENVELOPE_STAMP_BYTES]);

/* What an envelope is worth at an hour, in bits above the least there can be:
 *
 *   STAMP_VALUE_ZERO + bits - (2 class - 1) - floor(log2(life))
 *
 * that is bits less log2(size / 1 KiB) less log2(life / 1 h), where life is
 * expires_h - hour, at least 1. */
uint8_t stamp_value(
    uint8_t bits, uint8_t class_, uint32_t expires_h, uint32_t hour);

/* The bits that give an envelope that value; STAMP_BITS_MOST when none do. */
uint8_t stamp_bits_for(
    uint8_t value, uint8_t class_, uint32_t expires_h, uint32_t hour);

/* Whether an envelope's stamp is what it claims; no stamp is.  One hash for
 * one that does not pass the filter, else about a millisecond.  STATUS_OK;
 * STATUS_INVALID: it is false; STATUS_NO_MEMORY. */
MUST_USE enum status stamp_check(const struct envelope_id *id,
    uint32_t expires_h, const uint8_t stamp[static ENVELOPE_STAMP_BYTES]);

/* What is to be stamped, and how far one has come. */
struct stamp_search {
    struct envelope_id id;
    uint32_t expires_h;
    uint8_t bits;   /* 1 .. STAMP_BITS_MOST */
    uint64_t nonce; /* where to begin: any */
};

/* One try, about a millisecond; 2^bits of them are needed on average.
 * STATUS_OK: out is the stamp; STATUS_AGAIN: not yet; STATUS_NO_MEMORY. */
MUST_USE enum status stamp_try(
    struct stamp_search *search, uint8_t out[static ENVELOPE_STAMP_BYTES]);

#endif
