/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes: a span never owns, and lives no longer than what it points
 * into.  An empty span may have a null pointer. */
struct span {
    const uint8_t *data;
    size_t size;
};

/* The bytes of a string, without its terminator. */
static inline struct span span_of_text(const char *text)
{
    return (struct span){(const uint8_t *)text, strlen(text)};
}

/* Whether two spans hold the same bytes.  Not constant in time: never for
 * secrets (crypto/hash.h has secret_equal). */
static inline bool span_equal(struct span a, struct span b)
{
    return a.size == b.size &&
           (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* Take the first line off a text, without its end, which the last may lack.
 * False when nothing is left. */
static inline bool span_take_line(struct span *text, struct span *line)
{
    if (text->size == 0)
        return false;
    const uint8_t *end = (const uint8_t *)memchr(text->data, '\n', text->size);
    line->data = text->data;
    line->size = end ? (size_t)(end - text->data) : text->size;
    text->data += line->size + (end != NULL);
    text->size -= line->size + (end != NULL);
    return true;
}

#endif
