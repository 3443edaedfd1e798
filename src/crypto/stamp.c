/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stamp is found by counting: each nonce whose hash passes the filter is
 * tried once with the memory-hard function.  The filter is half the maker's
 * work and nearly none of a checker's, so who sends false stamps pays for most
 * of the checks that he causes.
 *
 * The id is the hash of all but the stamp, so a stamp is good for one envelope
 * alone; its expiry is hashed beside it, so that nobody need ask what an id
 * binds.  One mebibyte is as much as a relay can give to a hundred checks a
 * second, and still no cache of a cheap chip. */
#include "crypto/stamp.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "crypto/hash.h"
#include "proto/limits.h"

enum { NONCE_BYTES = 7, FILTER_BYTES = 32, WORK_BYTES = 32, PASSES = 1 };

static_assert(sizeof(struct envelope_id) == crypto_pwhash_argon2id_SALTBYTES,
    "an id is a salt");
static_assert(STAMP_VALUE_MOST == LIMIT_STAMP_VALUE, "the most is the limit");

bool stamp_is_none(const uint8_t stamp[static ENVELOPE_STAMP_BYTES])
{
    static const uint8_t none[ENVELOPE_STAMP_BYTES];
    return memcmp(stamp, none, sizeof(none)) == 0;
}

uint8_t stamp_bits(const uint8_t stamp[static ENVELOPE_STAMP_BYTES])
{
    return stamp[0];
}

static unsigned log2_floor(uint32_t number)
{
    unsigned log = 0;
    while (number >>= 1)
        log++;
    return log;
}

/* What a stamp must make up for. */
static int weight(uint8_t class_, uint32_t expires_h, uint32_t hour)
{
    uint32_t life_h = expires_h > hour ? expires_h - hour : 1;
    return 2 * class_ - 1 + (int)log2_floor(life_h);
}

uint8_t stamp_value(
    uint8_t bits, uint8_t class_, uint32_t expires_h, uint32_t hour)
{
    int value = STAMP_VALUE_ZERO + bits - weight(class_, expires_h, hour);
    return value > 0 ? (uint8_t)value : 0;
}

uint8_t stamp_bits_for(
    uint8_t value, uint8_t class_, uint32_t expires_h, uint32_t hour)
{
    int bits = value - STAMP_VALUE_ZERO + weight(class_, expires_h, hour);
    if (value == 0 || bits <= 0)
        return 0;
    return bits < STAMP_BITS_MOST ? (uint8_t)bits : STAMP_BITS_MOST;
}

static bool begins_with_zeros(const uint8_t *bytes, unsigned bits)
{
    for (; bits >= 8; bits -= 8)
        if (*bytes++ != 0)
            return false;
    return bits == 0 || *bytes >> (8 - bits) == 0;
}

/* The hash that begins a check; true: it passes. */
static bool filter(const struct envelope_id *id, uint32_t expires_h,
    const uint8_t stamp[static ENVELOPE_STAMP_BYTES],
    uint8_t out[static FILTER_BYTES])
{
    uint8_t input[sizeof(id->bytes) + 4 + ENVELOPE_STAMP_BYTES];
    uint8_t *at = input;
    memcpy(at, id->bytes, sizeof(id->bytes));
    at += sizeof(id->bytes);
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(expires_h >> shift);
    memcpy(at, stamp, ENVELOPE_STAMP_BYTES);
    hash_labelled(
        out, FILTER_BYTES, "sotto1 stamp", (struct span){input, sizeof(input)});
    return begins_with_zeros(out, STAMP_FILTER_BITS);
}

static enum status work(const struct envelope_id *id,
    const uint8_t filtered[static FILTER_BYTES], unsigned bits)
{
    uint8_t out[WORK_BYTES];
    if (crypto_pwhash_argon2id(out, sizeof(out), (const char *)filtered,
            FILTER_BYTES, id->bytes, PASSES, STAMP_MEMORY_BYTES,
            crypto_pwhash_argon2id_ALG_ARGON2ID13))
        return STATUS_NO_MEMORY;
    return begins_with_zeros(out, bits) ? STATUS_OK : STATUS_INVALID;
}

enum status stamp_check(const struct envelope_id *id, uint32_t expires_h,
    const uint8_t stamp[static ENVELOPE_STAMP_BYTES])
{
    uint8_t filtered[FILTER_BYTES];
    if (stamp_is_none(stamp))
        return STATUS_OK;
    if (stamp[0] == 0 || stamp[0] > STAMP_BITS_MOST ||
        !filter(id, expires_h, stamp, filtered))
        return STATUS_INVALID;
    return work(id, filtered, stamp[0]);
}

static void write_stamp(
    const struct stamp_search *search, uint8_t out[static ENVELOPE_STAMP_BYTES])
{
    uint64_t nonce = search->nonce;
    for (int i = NONCE_BYTES; i > 0; i--, nonce >>= 8)
        out[i] = (uint8_t)nonce;
    out[0] = search->bits;
}

enum status stamp_try(
    struct stamp_search *search, uint8_t out[static ENVELOPE_STAMP_BYTES])
{
    uint8_t filtered[FILTER_BYTES], stamp[ENVELOPE_STAMP_BYTES];
    assert(search->bits > 0 && search->bits <= STAMP_BITS_MOST);
    do {
        search->nonce++;
        write_stamp(search, stamp);
    } while (!filter(&search->id, search->expires_h, stamp, filtered));
    enum status status = work(&search->id, filtered, search->bits);
    if (status == STATUS_INVALID)
        return STATUS_AGAIN;
    if (!status)
        memcpy(out, stamp, sizeof(stamp));
    return status;
}
