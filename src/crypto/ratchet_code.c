/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ratchet as bytes: every field in order, numbers big endian, zeros to the
 * end.  What follows from other fields (the edge) is not written.  Decoding
 * accepts one encoding of each ratchet: a damaged record is not half
 * believed. */
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"
#include "crypto/ratchet.h"

enum { FORMAT = 1 };

/* Both ways, so that the list of fields is written once. */
struct cursor {
    uint8_t *to;         /* where to write, or NULL when reading */
    const uint8_t *from; /* where to read */
    bool failed;
};

static void code_bytes(struct cursor *cursor, uint8_t *field, size_t size)
{
    if (cursor->to) {
        memcpy(cursor->to, field, size);
        cursor->to += size;
    } else {
        memcpy(field, cursor->from, size);
        cursor->from += size;
    }
}

static void code_number(struct cursor *cursor, uint32_t *field)
{
    uint8_t bytes[4];
    number_put(bytes, sizeof(bytes), *field);
    code_bytes(cursor, bytes, sizeof(bytes));
    *field = (uint32_t)number_get(bytes, sizeof(bytes));
}

static void code_flag(struct cursor *cursor, bool *field)
{
    uint8_t byte = *field;
    code_bytes(cursor, &byte, 1);
    if (byte > 1)
        cursor->failed = true;
    *field = byte == 1;
}

static void code_chain(struct cursor *cursor, struct ratchet_chain *chain)
{
    code_flag(cursor, &chain->live);
    code_number(cursor, &chain->number);
    code_number(cursor, &chain->head);
    code_bytes(cursor, chain->chain_key, sizeof(chain->chain_key));
    code_bytes(cursor, chain->tag_key, sizeof(chain->tag_key));
    code_bytes(cursor, chain->edge_key, sizeof(chain->edge_key));
    chain->edge = chain->live ? chain->head + (uint32_t)LIMIT_TAG_WINDOW : 0;
}

static void code(struct cursor *cursor, struct ratchet *ratchet)
{
    uint32_t format = FORMAT;
    code_number(cursor, &format);
    if (format != FORMAT)
        cursor->failed = true;
    code_number(cursor, &ratchet->session);
    code_flag(cursor, &ratchet->can_send);
    code_bytes(cursor, ratchet->root, 32);
    code_bytes(cursor, ratchet->own_secret, 32);
    code_bytes(cursor, ratchet->own_public, 32);
    code_bytes(cursor, ratchet->peer_public, 32);
    code_bytes(cursor, ratchet->send_chain_key, 32);
    code_bytes(cursor, ratchet->send_tag_key, 32);
    code_bytes(cursor, ratchet->next_send_tag_key, 32);
    code_number(cursor, &ratchet->sent);
    code_number(cursor, &ratchet->previous_sent);
    code_number(cursor, &ratchet->next_chain);
    code_number(cursor, &ratchet->skipped);
    code_chain(cursor, &ratchet->current);
    code_chain(cursor, &ratchet->next);
    code_flag(cursor, &ratchet->must_turn);
}

void ratchet_encode(
    const struct ratchet *ratchet, uint8_t out[static RATCHET_BYTES])
{
    struct ratchet copy = *ratchet;
    memset(out, 0, RATCHET_BYTES);
    code(&(struct cursor){.to = out}, &copy);
    secret_wipe(&copy, sizeof(copy));
}

enum status ratchet_decode(
    const uint8_t bytes[static RATCHET_BYTES], struct ratchet *out)
{
    struct ratchet ratchet = {.session = 0};
    struct cursor cursor = {.from = bytes};
    code(&cursor, &ratchet);
    if (ratchet.skipped > LIMIT_SKIPPED)
        cursor.failed = true;
    for (; cursor.from < bytes + RATCHET_BYTES; cursor.from++)
        if (*cursor.from != 0)
            cursor.failed = true;
    if (!cursor.failed)
        *out = ratchet;
    secret_wipe(&ratchet, sizeof(ratchet));
    return cursor.failed ? STATUS_INVALID : STATUS_OK;
}
