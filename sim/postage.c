/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stamp is the hash of what it stands on, so checking compares bytes.  Its
 * last byte alone plays the filter. */
#include "sim/postage.h"

#include <string.h>

#include "crypto/hash.h"

enum { FILTER_AT = ENVELOPE_STAMP_BYTES - 1 };

void postage_make(const struct envelope_id *id, uint8_t bits,
    uint8_t out[static ENVELOPE_STAMP_BYTES])
{
    uint8_t input[sizeof(id->bytes) + 1], digest[16];
    memcpy(input, id->bytes, sizeof(id->bytes));
    input[sizeof(id->bytes)] = bits;
    hash_labelled(digest, sizeof(digest), "sotto-sim stamp",
        (struct span){input, sizeof(input)});
    memcpy(out, digest, ENVELOPE_STAMP_BYTES);
    out[0] = bits;
}

void postage_make_any(const struct envelope_id *id, uint8_t bits,
    uint8_t out[static ENVELOPE_STAMP_BYTES])
{
    memset(out, 0, ENVELOPE_STAMP_BYTES);
    if (bits > 0)
        postage_make(id, bits, out);
}

uint64_t postage_make_us(uint8_t bits)
{
    return (uint64_t)POSTAGE_TRY_US << bits;
}

bool postage_is_good(const struct envelope_id *id,
    const uint8_t stamp[static ENVELOPE_STAMP_BYTES], uint32_t *cost_us)
{
    uint8_t good[ENVELOPE_STAMP_BYTES];
    postage_make(id, stamp_bits(stamp), good);
    *cost_us = stamp[FILTER_AT] == good[FILTER_AT] ? POSTAGE_CHECK_US
                                                   : POSTAGE_FILTER_US;
    return memcmp(stamp, good, sizeof(good)) == 0;
}
