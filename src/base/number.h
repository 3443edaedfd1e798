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

#endif
