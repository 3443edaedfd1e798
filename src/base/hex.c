/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes as text: hexadecimal for ids and keys, base32 for what people copy
 * and scan (one case, no punctuation, dense in a QR code). */
#include "base/hex.h"

#include <stdbool.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";
static const char base32_digits[] = "abcdefghijklmnopqrstuvwxyz234567";

void hex_encode(struct span bytes, char *out)
{
    for (size_t i = 0; i < bytes.size; i++) {
        out[2 * i] = hex_digits[bytes.data[i] >> 4];
        out[2 * i + 1] = hex_digits[bytes.data[i] & 15];
    }
    out[2 * bytes.size] = '\0';
}

/* The value of a digit, whatever its case; or 255. */
static uint8_t digit_value(const char *digits, char c)
{
    char lower = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    const char *at = lower ? strchr(digits, lower) : NULL;
    return at ? (uint8_t)(at - digits) : 255;
}

enum status hex_decode(const char *text, uint8_t *out, size_t size)
{
    if (strlen(text) != 2 * size)
        return STATUS_INVALID;
    for (size_t i = 0; i < 2 * size; i++)
        if (digit_value(hex_digits, text[i]) == 255)
            return STATUS_INVALID;
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(digit_value(hex_digits, text[2 * i]) << 4 |
                           digit_value(hex_digits, text[2 * i + 1]));
    return STATUS_OK;
}

void base32_encode(struct span bytes, char *out)
{
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        bits = bits << 8 | bytes.data[i];
        for (count += 8; count >= 5; count -= 5)
            *out++ = base32_digits[bits >> (count - 5) & 31];
    }
    if (count)
        *out++ = base32_digits[bits << (5 - count) & 31];
    *out = '\0';
}

static bool base32_is_canonical(const char *text, size_t size)
{
    size_t chars = BASE32_CHARS(size);
    if (strlen(text) != chars)
        return false;
    for (size_t i = 0; i < chars; i++)
        if (digit_value(base32_digits, text[i]) == 255)
            return false;
    unsigned spare = (unsigned)(chars * 5 - size * 8);
    return chars == 0 || (digit_value(base32_digits, text[chars - 1]) &
                             ((1u << spare) - 1)) == 0;
}

enum status base32_decode(const char *text, uint8_t *out, size_t size)
{
    if (!base32_is_canonical(text, size))
        return STATUS_INVALID;
    uint32_t bits = 0;
    unsigned count = 0;
    for (; *text; text++) {
        bits = bits << 5 | digit_value(base32_digits, *text);
        count += 5;
        if (count >= 8) {
            count -= 8;
            *out++ = (uint8_t)(bits >> count);
        }
    }
    return STATUS_OK;
}
