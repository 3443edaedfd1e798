/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_IDS_H
#define PROTO_IDS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The names of things, each a struct of its own so that the compiler keeps
 * them apart.  All are public values: comparing them in variable time tells
 * nobody anything. */

/* An envelope: the first 16 bytes of BLAKE2b-256 over its encoding with the
 * stamp zeroed.  Computed by whoever holds it, never carried beside it. */
struct envelope_id {
    uint8_t bytes[16];
};

/* How a vault knows its own mail: a pseudo-random value that only the two
 * ends of a session can compute, used once. */
struct tag {
    uint8_t bytes[16];
};

/* The commitment in an envelope to the opening that clears it. */
struct receipt_hash {
    uint8_t bytes[32];
};

/* What matches a receipt hash: known to an envelope's two ends until one of
 * them lets it go. */
struct opening {
    uint8_t bytes[32];
};

/* A node on a link: its CURVE public key, unlinkable to any identity. */
struct node_key {
    uint8_t bytes[32];
};

/* A person: a hash of both identity keys. */
struct fingerprint {
    uint8_t bytes[32];
};

/* A letter, the same for all envelopes that carry it. */
struct message_id {
    uint8_t bytes[16];
};

static inline bool envelope_id_equal(
    const struct envelope_id *a, const struct envelope_id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static inline bool tag_equal(const struct tag *a, const struct tag *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static inline bool node_key_equal(
    const struct node_key *a, const struct node_key *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static inline bool fingerprint_equal(
    const struct fingerprint *a, const struct fingerprint *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static inline bool message_id_equal(
    const struct message_id *a, const struct message_id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

#endif
