/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sets of buffers in turn: what the others still read of the last swap is
 * not written over before the next, so that one meeting of all parts is enough
 * for each. */
#include "sim/exchange.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_BYTES = 16 << 20 }; /* of a buffer that is idle */

static struct buf *new_set(uint32_t parts)
{
    struct buf *set = calloc(parts, sizeof(*set));
    for (uint32_t i = 0; set && i < parts; i++)
        buf_init(&set[i], SIZE_MAX / 4);
    return set;
}

/* One that is alone speaks to itself. */
static void swap_alone(struct exchange *exchange)
{
    exchange->in[0] = buf_span(&exchange->out[0]);
}

enum status exchange_init(
    struct exchange *exchange, uint32_t part, uint32_t parts)
{
    *exchange =
        (struct exchange){.part = part, .parts = parts, .swap = swap_alone};
    exchange->sets[0] = new_set(parts);
    exchange->sets[1] = new_set(parts);
    exchange->in = calloc(parts, sizeof(*exchange->in));
    exchange->out = exchange->sets[0];
    if (exchange->sets[0] && exchange->sets[1] && exchange->in)
        return STATUS_OK;
    exchange_clear(exchange);
    return STATUS_NO_MEMORY;
}

void exchange_clear(struct exchange *exchange)
{
    for (int set = 0; set < 2; set++) {
        for (uint32_t i = 0; exchange->sets[set] && i < exchange->parts; i++)
            buf_clear(&exchange->sets[set][i]);
        free(exchange->sets[set]);
    }
    free(exchange->in);
    *exchange = (struct exchange){0};
}

enum status exchange_tell_all(struct exchange *exchange, struct span bytes)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < exchange->parts && !status; i++)
        status = buf_append(&exchange->out[i], bytes);
    return status;
}

static void empty(struct buf *buf)
{
    if (buf->capacity > KEPT_BYTES)
        buf_clear(buf);
    else
        buf_consume(buf, buf->size);
}

/* What is swapped stands behind it. */
static void check(const struct exchange *exchange, enum exchange_of what)
{
    uint32_t said;
    for (uint32_t i = 0; i < exchange->parts; i++) {
        struct span *in = &exchange->in[i];
        assert(in->size >= sizeof(said));
        in->size -= sizeof(said);
        memcpy(&said, in->data + in->size, sizeof(said));
        assert(said == what);
    }
}

enum status exchange_swap(struct exchange *exchange, enum exchange_of what)
{
    uint32_t said = what;
    enum status status = exchange_tell_all(
        exchange, (struct span){(const uint8_t *)&said, sizeof(said)});
    if (status)
        return status;
    exchange->swap(exchange);
    check(exchange, what);
    exchange->out = exchange->sets[exchange->out == exchange->sets[0] ? 1 : 0];
    for (uint32_t i = 0; i < exchange->parts; i++)
        empty(&exchange->out[i]);
    return STATUS_OK;
}
