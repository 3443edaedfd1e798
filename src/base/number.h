/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* Numbers as bytes of a fixed width, 1 to 8, the most significant first: as
 * they stand in all that is hashed, stored or sent beside msgpack.  What does
 * not fit the width is cut off. */
static inline void number_put(uint8_t *out, size_t width, uint64_t number)
{
    for (size_t i = width; i > 0; i--, number >>= 8)
        out[i - 1] = (uint8_t)number;
}

static inline uint64_t number_get(const uint8_t *bytes, size_t width)
{
    uint64_t number = 0;
    for (size_t i = 0; i < width; i++)
        number = number << 8 | bytes[i];
    return number;
}

/* Eight bytes, the most significant first, and the least.  Written out, since
 * compilers make one load or store of that, but of a loop a walk over bytes;
 * for what is done with every envelope. */
static inline uint64_t number_word(const uint8_t b[8])
{
    return (uint64_t)b[0] << 56 | (uint64_t)b[1] << 48 | (uint64_t)b[2] << 40 |
           (uint64_t)b[3] << 32 | (uint64_t)b[4] << 24 | (uint64_t)b[5] << 16 |
           (uint64_t)b[6] << 8 | (uint64_t)b[7];
}

static inline uint64_t number_word_reversed(const uint8_t b[8])
{
    return (uint64_t)b[7] << 56 | (uint64_t)b[6] << 48 | (uint64_t)b[5] << 40 |
           (uint64_t)b[4] << 32 | (uint64_t)b[3] << 24 | (uint64_t)b[2] << 16 |
           (uint64_t)b[1] << 8 | (uint64_t)b[0];
}

static inline void number_put_word_reversed(uint8_t b[8], uint64_t number)
{
    b[0] = (uint8_t)number;
    b[1] = (uint8_t)(number >> 8);
    b[2] = (uint8_t)(number >> 16);
    b[3] = (uint8_t)(number >> 24);
    b[4] = (uint8_t)(number >> 32);
    b[5] = (uint8_t)(number >> 40);
    b[6] = (uint8_t)(number >> 48);
    b[7] = (uint8_t)(number >> 56);
}

#endif
