/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signatures on letters, by the identity key, for conversations that both
 * people have made evidential.  Their context is used for nothing else, and no
 * other context of that key begins like it: so a card, an invite or a letter
 * to a group is no evidential letter, nor the other way round.
 *
 * Content and place are hashed apart, so that a burned letter leaves its place
 * in the chain, still signed, and nothing of what it said. */
#include "crypto/evidence.h"

#include <sodium.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"

static const char signed_context[] = "sotto1 evidential letter";
enum {
    CONTEXT_BYTES = sizeof(signed_context) - 1,
    MESSAGE_BYTES = CONTEXT_BYTES + EVIDENCE_HASH_BYTES,
    /* writer, reader, conversation, role, kind, number, previous, seen, its
     * hash, content */
    STATEMENT_BYTES = 32 + 32 + 32 + 1 + 1 + 4 + 32 + 4 + 32 + 32,
};

void evidence_content(const struct message_id *id, uint64_t sent_at_s,
    struct span text, struct evidence_hash *out)
{
    uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES] =
        "sotto1 content";
    uint8_t time[8];
    number_put(time, sizeof(time), sent_at_s);
    crypto_generichash_blake2b_state state;
    crypto_generichash_blake2b_init_salt_personal(
        &state, NULL, 0, sizeof(out->bytes), NULL, personal);
    crypto_generichash_blake2b_update(&state, id->bytes, sizeof(id->bytes));
    crypto_generichash_blake2b_update(&state, time, sizeof(time));
    crypto_generichash_blake2b_update(&state, text.data, text.size);
    crypto_generichash_blake2b_final(&state, out->bytes, sizeof(out->bytes));
    secret_wipe(&state, sizeof(state));
}

static uint8_t *put(uint8_t *out, const uint8_t *bytes)
{
    memcpy(out, bytes, 32);
    return out + 32;
}

void evidence_hash(const struct evidence_writer *writer,
    enum evidence_kind kind, const struct evidence *evidence,
    const struct evidence_hash *content, struct evidence_hash *out)
{
    uint8_t statement[STATEMENT_BYTES];
    uint8_t *at = put(statement, writer->writer.bytes);
    at = put(at, writer->reader.bytes);
    at = put(at, evidence->conversation.bytes);
    *at++ = writer->is_proposer ? 1 : 2;
    *at++ = (uint8_t)kind;
    number_put(at, 4, evidence->number);
    at = put(at + 4, evidence->previous.bytes);
    number_put(at, 4, evidence->seen);
    at = put(at + 4, evidence->seen_hash.bytes);
    put(at, content->bytes);
    hash_labelled(out->bytes, sizeof(out->bytes), "sotto1 evidence",
        (struct span){statement, sizeof(statement)});
}

static void message_of(
    const struct evidence_hash *hash, uint8_t out[static MESSAGE_BYTES])
{
    memcpy(out, signed_context, CONTEXT_BYTES);
    memcpy(out + CONTEXT_BYTES, hash->bytes, sizeof(hash->bytes));
}

void evidence_sign(const struct identity *identity,
    const struct evidence_hash *hash,
    uint8_t out[static EVIDENCE_SIGNATURE_BYTES])
{
    uint8_t message[MESSAGE_BYTES];
    uint8_t pair[crypto_sign_SECRETKEYBYTES]; /* seed ‖ public, RFC 8032 */
    message_of(hash, message);
    memcpy(pair, identity->sign_seed, 32);
    memcpy(pair + 32, identity->sign_public, 32);
    crypto_sign_detached(out, NULL, message, sizeof(message), pair);
    secret_wipe(pair, sizeof(pair));
}

enum status evidence_verify(const uint8_t sign_key[static 32],
    const struct evidence_hash *hash,
    const uint8_t signature[static EVIDENCE_SIGNATURE_BYTES])
{
    uint8_t message[MESSAGE_BYTES];
    message_of(hash, message);
    if (crypto_sign_verify_detached(
            signature, message, sizeof(message), sign_key))
        return STATUS_REFUSED;
    return STATUS_OK;
}
