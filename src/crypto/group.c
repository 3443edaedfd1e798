/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sender keys with tags.
 *
 * The body holds signature 64 ‖ letter.  The signature is over a hash of the
 * group's id, the author's fingerprint, all clear fields but the stamp, the
 * sealed header, the view and the letter: so a member cannot move a message to
 * another group, place or expiry, nor put another name under a text.  The
 * author is in the tag, too: two people's chains never meet in the table of
 * tags, also where one has handed over the other's as theirs.
 *
 * The message key's second half, which is the opening of a letter between two,
 * is thrown away here: every member could compute it, and so clear the
 * envelope before others have it. */
#include "crypto/group.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "crypto/chain.h"
#include "crypto/hash.h"

enum {
    HEADER_BYTES = ENVELOPE_HEADER_BYTES - ENVELOPE_AEAD_BYTES,
    SIGNATURE_BYTES = 64,
    DIGEST_BYTES = 64,
    SKIPPED_LIFE_H = LIMIT_ENVELOPE_LIFE_H + 48,
};
_Static_assert(HEADER_BYTES == 32 + 2, "a view and two zeros");

static const char signed_context[] = "sotto1 group letter";
enum { CONTEXT_BYTES = sizeof(signed_context) - 1 };

/* Own end. */

void group_sender_begin(struct group_sender *out, struct random *random)
{
    uint8_t pair[crypto_sign_SECRETKEYBYTES];
    out->sent = 0;
    random_fill(random, out->chain_key, sizeof(out->chain_key));
    random_fill(random, out->tag_key, sizeof(out->tag_key));
    random_fill(random, out->sign_seed, sizeof(out->sign_seed));
    crypto_sign_seed_keypair(out->sign_public, pair, out->sign_seed);
    secret_wipe(pair, sizeof(pair));
}

void group_sender_hand(const struct group_sender *sender, struct group_key *out)
{
    out->number = sender->sent;
    memcpy(out->chain_key, sender->chain_key, sizeof(out->chain_key));
    memcpy(out->tag_key, sender->tag_key, sizeof(out->tag_key));
    memcpy(out->sign_public, sender->sign_public, sizeof(out->sign_public));
}

/* What is signed of a message whose clear fields and header stand in an
 * encoding: the context and a digest. */
struct claim {
    const struct group_origin *origin;
    const struct group_view *view;
    const uint8_t *encoding;
    struct span letter;
};

static void claim_bytes(
    const struct claim *claim, uint8_t out[static CONTEXT_BYTES + DIGEST_BYTES])
{
    uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES] =
        "sotto1 groupbody";
    uint8_t ad[ENVELOPE_BODY_AD_BYTES];
    envelope_body_ad(claim->encoding, ad);
    crypto_generichash_blake2b_state state;
    crypto_generichash_blake2b_init_salt_personal(
        &state, NULL, 0, DIGEST_BYTES, NULL, personal);
    crypto_generichash_blake2b_update(&state, claim->origin->group->bytes, 32);
    crypto_generichash_blake2b_update(&state, claim->origin->author->bytes, 32);
    crypto_generichash_blake2b_update(&state, ad, sizeof(ad));
    crypto_generichash_blake2b_update(&state, claim->view->bytes, 32);
    crypto_generichash_blake2b_update(
        &state, claim->letter.data, claim->letter.size);
    memcpy(out, signed_context, CONTEXT_BYTES);
    crypto_generichash_blake2b_final(&state, out + CONTEXT_BYTES, DIGEST_BYTES);
    secret_wipe(&state, sizeof(state));
}

static void sign(const struct group_sender *sender, const struct claim *claim,
    uint8_t signature[static SIGNATURE_BYTES])
{
    uint8_t message[CONTEXT_BYTES + DIGEST_BYTES];
    uint8_t pair[crypto_sign_SECRETKEYBYTES]; /* seed ‖ public, RFC 8032 */
    claim_bytes(claim, message);
    memcpy(pair, sender->sign_seed, 32);
    memcpy(pair + 32, sender->sign_public, 32);
    crypto_sign_detached(signature, NULL, message, sizeof(message), pair);
    secret_wipe(pair, sizeof(pair));
}

static enum status check_signature(
    const struct claim *claim, const uint8_t *signature, const uint8_t *key)
{
    uint8_t message[CONTEXT_BYTES + DIGEST_BYTES];
    claim_bytes(claim, message);
    if (crypto_sign_verify_detached(signature, message, sizeof(message), key))
        return STATUS_REFUSED;
    return STATUS_OK;
}

static void seal_header(const struct group_view *view,
    const uint8_t key[static 32], struct sealed *out)
{
    uint8_t header[HEADER_BYTES] = {0}, nonce[SEALED_NONCE_BYTES];
    uint8_t ad[ENVELOPE_HEADER_AD_BYTES];
    memcpy(header, view->bytes, sizeof(view->bytes));
    envelope_header_ad(out->encoding, ad);
    sealed_nonce(out->encoding + ENVELOPE_AT_SALT, nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        out->encoding + ENVELOPE_AT_HEADER, NULL, header, sizeof(header), ad,
        sizeof(ad), NULL, nonce, key);
}

/* Lay out room for a signature and the letter behind it. */
static void lay_out(
    const struct sealed_choice *choice, struct span letter, struct sealed *out)
{
    uint8_t plain[LIMIT_ENVELOPE_BYTES];
    memset(plain, 0, SIGNATURE_BYTES);
    if (letter.size)
        memcpy(plain + SIGNATURE_BYTES, letter.data, letter.size);
    sealed_lay_out(
        out, choice, (struct span){plain, SIGNATURE_BYTES + letter.size});
    secret_wipe(plain, SIGNATURE_BYTES + letter.size);
}

enum status group_seal(struct group_sender *sender,
    const struct group_message *message, struct random *random,
    struct sealed *out)
{
    if (sender->sent >= LIMIT_GROUP_MESSAGES)
        return STATUS_FULL;
    struct sealed_choice choice = {.expires_h = message->expires_h};
    enum status status = envelope_class_for(
        SIGNATURE_BYTES + message->letter.size, &choice.class_);
    if (status)
        return status;
    random_fill(random, choice.salt, sizeof(choice.salt));
    random_fill(random, choice.opening.bytes, sizeof(choice.opening.bytes));

    uint8_t header_key[32], message_key[32], body_key[32];
    struct opening unused;
    chain_group_tag(sender->tag_key, message->origin.author->bytes, &choice.tag,
        header_key);
    chain_message(sender->chain_key, message_key);
    chain_body(message_key, body_key, &unused);
    lay_out(&choice, message->letter, out);
    seal_header(message->view, header_key, out);
    struct claim claim = {
        &message->origin, message->view, out->encoding, message->letter};
    sign(sender, &claim, sealed_plain(out));
    sealed_finish(out, body_key);
    sender->sent++;

    secret_wipe(header_key, sizeof(header_key));
    secret_wipe(message_key, sizeof(message_key));
    secret_wipe(body_key, sizeof(body_key));
    secret_wipe(&unused, sizeof(unused));
    secret_wipe(&choice, sizeof(choice));
    return STATUS_OK;
}

/* Another's end. */

void group_receiver_begin(struct group_receiver *out, uint32_t handle,
    const struct fingerprint *owner, const struct group_key *key)
{
    *out = (struct group_receiver){.owner = *owner,
        .handle = handle,
        .head = key->number,
        .edge = key->number};
    memcpy(out->chain_key, key->chain_key, 32);
    memcpy(out->tag_key, key->tag_key, 32);
    memcpy(out->edge_key, key->tag_key, 32);
    memcpy(out->sign_public, key->sign_public, 32);
}

static uint32_t window_end(const struct group_receiver *receiver)
{
    uint32_t end = receiver->head + (uint32_t)LIMIT_TAG_WINDOW;
    return end < LIMIT_GROUP_MESSAGES ? end : (uint32_t)LIMIT_GROUP_MESSAGES;
}

/* Register tags up to the window's end, and list those added.  There is room.
 * A tag that is there already is of the same chain, which its owner has handed
 * over before, and where it stays. */
static void window_extend(struct group_receiver *receiver, struct tags *tags,
    struct ratchet_opened *out)
{
    struct tag_entry entry = {.kind = TAG_GROUP, .session = receiver->handle};
    for (; receiver->edge < window_end(receiver); receiver->edge++) {
        chain_group_tag(receiver->edge_key, receiver->owner.bytes, &entry.tag,
            entry.header_key);
        entry.number = receiver->edge;
        if (tags_add(tags, &entry) == STATUS_OK && out)
            out->added[out->added_count++] = entry.tag;
    }
    secret_wipe(&entry, sizeof(entry));
}

enum status group_register(struct group_receiver *receiver, struct tags *tags)
{
    enum status status = tags_reserve(tags, LIMIT_TAG_WINDOW);
    if (status)
        return status;
    receiver->edge = receiver->head;
    memcpy(receiver->edge_key, receiver->tag_key, 32);
    window_extend(receiver, tags, NULL);
    return STATUS_OK;
}

/* What an envelope leads to, before anything has changed. */
struct attempt {
    struct tag_entry entry;
    uint32_t passed;
    uint8_t chain_key[32]; /* after the message */
    uint8_t message_key[32];
};

static enum status open_header(const struct attempt *attempt,
    const struct envelope *envelope, struct group_view *view)
{
    uint8_t header[HEADER_BYTES], nonce[SEALED_NONCE_BYTES];
    uint8_t ad[ENVELOPE_HEADER_AD_BYTES];
    envelope_header_ad(envelope->encoding.data, ad);
    sealed_nonce(envelope->salt, nonce);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(header, NULL, NULL,
            envelope->header, ENVELOPE_HEADER_BYTES, ad, sizeof(ad), nonce,
            attempt->entry.header_key) ||
        header[32] || header[33])
        return STATUS_REFUSED;
    memcpy(view->bytes, header, sizeof(view->bytes));
    return STATUS_OK;
}

static enum status lead_to_key(
    struct attempt *attempt, const struct group_receiver *receiver)
{
    if (attempt->entry.kind == TAG_GROUP_SKIPPED) {
        memcpy(attempt->message_key, attempt->entry.message_key, 32);
        return STATUS_OK;
    }
    attempt->passed = attempt->entry.number - receiver->head;
    if (attempt->passed >= LIMIT_TAG_WINDOW)
        return STATUS_REFUSED;
    memcpy(attempt->chain_key, receiver->chain_key, 32);
    for (uint32_t i = 0; i <= attempt->passed; i++)
        chain_message(attempt->chain_key, attempt->message_key);
    return STATUS_OK;
}

/* Open the body and hold it to its signature; the signature is taken off. */
static enum status open_body(const struct attempt *attempt,
    const struct envelope *envelope, struct claim *claim,
    const uint8_t sign_public[static 32], struct ratchet_opened *out)
{
    uint8_t body_key[32], signature[SIGNATURE_BYTES];
    struct opening unused;
    chain_body(attempt->message_key, body_key, &unused);
    enum status status =
        sealed_open(envelope, body_key, out->plain, &out->plain_size);
    secret_wipe(body_key, sizeof(body_key));
    secret_wipe(&unused, sizeof(unused));
    if (status)
        return status;
    if (out->plain_size < SIGNATURE_BYTES) {
        secret_wipe(out->plain, out->plain_size);
        return STATUS_REFUSED;
    }
    out->plain_size -= SIGNATURE_BYTES;
    memcpy(signature, out->plain, SIGNATURE_BYTES);
    memmove(out->plain, out->plain + SIGNATURE_BYTES, out->plain_size);
    claim->letter = (struct span){out->plain, out->plain_size};
    status = check_signature(claim, signature, sign_public);
    if (status)
        secret_wipe(out->plain, out->plain_size + SIGNATURE_BYTES);
    return status;
}

/* Turn the entries before a message into skipped ones, and move past it. */
static void pass(struct group_receiver *receiver, struct tags *tags,
    const struct attempt *attempt, uint32_t now_h, struct ratchet_opened *out)
{
    uint8_t message_key[32];
    for (uint32_t i = 0; i < attempt->passed; i++, receiver->head++) {
        chain_message(receiver->chain_key, message_key);
        chain_pass_tag(receiver->tag_key);
        const struct tag_entry *entry =
            tags_find_at(tags, receiver->handle, 0, receiver->head);
        if (!entry || entry->kind != TAG_GROUP)
            continue;
        out->skipped[out->skipped_count++] = entry->tag;
        tags_skip(tags, entry, message_key, now_h + SKIPPED_LIFE_H);
    }
    secret_wipe(message_key, sizeof(message_key));
    memcpy(receiver->chain_key, attempt->chain_key, 32);
    chain_pass_tag(receiver->tag_key);
    receiver->head++;
    window_extend(receiver, tags, out);
}

static void commit(struct group_receiver *receiver, struct tags *tags,
    const struct attempt *attempt, uint32_t now_h, struct ratchet_opened *out)
{
    out->opening = (struct opening){{0}};
    out->stepped = false;
    out->used_skipped = attempt->entry.kind == TAG_GROUP_SKIPPED;
    out->added_count = 0;
    out->skipped_count = 0;
    tags_remove(tags, &attempt->entry.tag);
    if (!out->used_skipped)
        pass(receiver, tags, attempt, now_h, out);
}

enum status group_open(struct group_receiver *receiver, struct tags *tags,
    const struct tag_entry *entry, const struct envelope *envelope,
    const struct group_id *group, uint32_t now_h, struct ratchet_opened *out,
    struct group_view *view)
{
    assert(entry->session == receiver->handle &&
           (entry->kind == TAG_GROUP || entry->kind == TAG_GROUP_SKIPPED));
    struct attempt attempt = {.entry = *entry};
    struct group_view seen;
    const struct group_origin origin = {group, &receiver->owner};
    struct claim claim = {&origin, &seen, envelope->encoding.data, {NULL, 0}};
    enum status status = open_header(&attempt, envelope, &seen);
    if (!status)
        status = lead_to_key(&attempt, receiver);
    if (!status)
        status =
            open_body(&attempt, envelope, &claim, receiver->sign_public, out);
    bool opened = !status;
    if (!status)
        status = tags_reserve(tags, attempt.passed + 1);
    if (status && opened)
        secret_wipe(out->plain, out->plain_size);
    if (!status) {
        commit(receiver, tags, &attempt, now_h, out);
        *view = seen;
    }
    secret_wipe(&attempt, sizeof(attempt));
    return status;
}
