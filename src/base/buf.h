/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

/* Owned bytes with a hard maximum, growing by doubling.  Not for secrets:
 * growing leaves copies behind (use crypto/secret.h). */
struct buf {
    uint8_t *data;
    size_t size;
    size_t capacity;
    size_t maximum;
};

/* Begin an empty buffer that never holds more than maximum bytes; allocates
 * nothing yet.  End it with buf_clear. */
void buf_init(struct buf *buf, size_t maximum);

/* Free the bytes; the buffer is empty again and may be used on. */
void buf_clear(struct buf *buf);

/* Append bytes.  STATUS_TOO_LARGE past the maximum, STATUS_NO_MEMORY; the
 * buffer is unchanged by a failure.  The bytes may not lie in the buffer. */
MUST_USE enum status buf_append(struct buf *buf, struct span bytes);

/* Append size bytes of unset content and point *out at them (valid until the
 * next change).  Fails as buf_append does. */
MUST_USE enum status buf_extend(struct buf *buf, size_t size, uint8_t **out);

/* Drop size bytes from the front; size is at most what it holds. */
void buf_consume(struct buf *buf, size_t size);

static inline struct span buf_span(const struct buf *buf)
{
    return (struct span){buf->data, buf->size};
}

#endif
