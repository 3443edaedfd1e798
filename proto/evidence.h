/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_EVIDENCE_H
#define PROTO_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "proto/wire.h"

/* What makes a letter evidence: its place in a conversation that both people
 * have agreed to make evidential, and its writer's signature.
 *
 * Each of the two has a chain of its own, numbered from 1: a letter names the
 * hash of its writer's letter before it, and the last letter of the other's
 * that its writer had.  What is hashed and signed is crypto's to say
 * (crypto/evidence.h). */
enum {
    EVIDENCE_HALF_BYTES = 16,
    EVIDENCE_HASH_BYTES = 32,
    EVIDENCE_SIGNATURE_BYTES = 64,
};

/* Drawn by whoever proposes, 16 bytes, and by whoever accepts: so that neither
 * can make two conversations look like one. */
struct evidence_id {
    uint8_t bytes[2 * EVIDENCE_HALF_BYTES];
};

struct evidence_hash {
    uint8_t bytes[EVIDENCE_HASH_BYTES];
};

struct evidence {
    struct evidence_id conversation;
    uint32_t number;                /* 1 to LIMIT_EVIDENCE_NUMBER */
    struct evidence_hash previous;  /* zeros in the first */
    uint32_t seen;                  /* 0: none yet */
    struct evidence_hash seen_hash; /* zeros when none */
    uint8_t signature[EVIDENCE_SIGNATURE_BYTES];
};

static inline bool evidence_id_equal(
    const struct evidence_id *a, const struct evidence_id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static inline bool evidence_hash_equal(
    const struct evidence_hash *a, const struct evidence_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* The five elements from the number to the signature, inside an array. */
enum { EVIDENCE_PLACE_FIELDS = 5 };
void evidence_read_place(struct wire_reader *reader, struct evidence *out);
void evidence_write_place(
    struct wire_writer *writer, const struct evidence *evidence);

#endif
