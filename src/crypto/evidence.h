/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_EVIDENCE_H
#define CRYPTO_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "crypto/identity.h"
#include "proto/evidence.h"
#include "proto/ids.h"

/* What the writer of an evidential letter signs: who writes to whom, in which
 * conversation and which chain of it, the letter's number, the letter before
 * it, the other's letter that was seen last, and its content.  Whoever holds
 * the letter and the writer's public card can show it to anybody: that is what
 * evidential means, and what no other letter allows. */
enum evidence_kind {
    EVIDENCE_LETTER = 1,
    EVIDENCE_END = 2, /* the writer's chain ends with it */
};

struct evidence_writer {
    struct fingerprint writer;
    struct fingerprint reader;
    bool is_proposer; /* the writer proposed the conversation */
};

/* The hash of what a letter says.  Its random message id hides a short text
 * from whoever has the hash alone, once the letter has burned. */
void evidence_content(const struct message_id *id, uint64_t sent_at_s,
    struct span text, struct evidence_hash *out);

/* The hash of the whole letter: what is signed, and what the next one names.
 * The signature is no part of it. */
void evidence_hash(const struct evidence_writer *writer,
    enum evidence_kind kind, const struct evidence *evidence,
    const struct evidence_hash *content, struct evidence_hash *out);

void evidence_sign(const struct identity *identity,
    const struct evidence_hash *hash,
    uint8_t out[static EVIDENCE_SIGNATURE_BYTES]);

/* STATUS_OK when the signature is that key's over that hash; STATUS_REFUSED. */
MUST_USE enum status evidence_verify(const uint8_t sign_key[static 32],
    const struct evidence_hash *hash,
    const uint8_t signature[static EVIDENCE_SIGNATURE_BYTES]);

#endif
