/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing buffer whose maximum is fixed at the start, after OpenSSH's
 * sshbuf: whoever makes the buffer says how large it may ever become, so no
 * later length, however hostile, can make it larger. */
#include "base/buf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_FIRST_BYTES = 64 };

void buf_init(struct buf *buf, size_t maximum)
{
    *buf = (struct buf){.maximum = maximum};
}

void buf_clear(struct buf *buf)
{
    free(buf->data);
    buf_init(buf, buf->maximum);
}

static enum status buf_reserve(struct buf *buf, size_t size)
{
    if (size <= buf->capacity)
        return STATUS_OK;
    size_t capacity = buf->capacity ? buf->capacity : BUF_FIRST_BYTES;
    while (capacity < size)
        capacity = capacity > buf->maximum / 2 ? buf->maximum : capacity * 2;
    uint8_t *data = realloc(buf->data, capacity);
    if (!data)
        return STATUS_NO_MEMORY;
    buf->data = data;
    buf->capacity = capacity;
    return STATUS_OK;
}

enum status buf_extend(struct buf *buf, size_t size, uint8_t **out)
{
    if (size > buf->maximum - buf->size)
        return STATUS_TOO_LARGE;
    enum status status = buf_reserve(buf, buf->size + size);
    if (status)
        return status;
    *out = buf->data + buf->size;
    buf->size += size;
    return STATUS_OK;
}

enum status buf_append(struct buf *buf, struct span bytes)
{
    if (bytes.size == 0)
        return STATUS_OK;
    uint8_t *out;
    enum status status = buf_extend(buf, bytes.size, &out);
    if (status)
        return status;
    memcpy(out, bytes.data, bytes.size);
    return STATUS_OK;
}

void buf_consume(struct buf *buf, size_t size)
{
    assert(size <= buf->size);
    buf->size -= size;
    if (size && buf->size)
        memmove(buf->data, buf->data + size, buf->size);
}
