/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing and opening letters in a session.
 *
 * Opening works on a copy: an attempt gathers what the envelope says and the
 * keys it leads to, verifies the body, makes sure of room, and only then
 * changes the table and, last, the ratchet.  So a forged, damaged or repeated
 * envelope changes nothing.
 *
 * A DH step that an envelope makes is the receiving half; the own new key is
 * drawn with the first letter that answers (Perrin and Marlinspike 2016,
 * section 6.5).  Until then there is none: the old one is wiped, and a peer
 * that goes on to a chain after the one we have not answered is refused.
 *
 * A header's count of the chain before is taken modulo 2^16 from that chain's
 * head and cut off at its window: an honest sender is never further ahead, and
 * a hostile one can fill no more than a window.  Invariant between calls: the
 * edge of a live chain is LIMIT_TAG_WINDOW past its head. */
#include "crypto/ratchet.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/number.h"
#include "crypto/chain.h"
#include "crypto/hash.h"

enum {
    HEADER_BYTES = ENVELOPE_HEADER_BYTES - ENVELOPE_AEAD_BYTES,
    HEADER_AT_PREVIOUS = 32,
    SKIPPED_LIFE_H = LIMIT_ENVELOPE_LIFE_H + 48,
};
_Static_assert(HEADER_BYTES == HEADER_AT_PREVIOUS + 2, "the header's fields");

/* Windows. */

/* Register tags up to the window's edge, and list those added.  There is room.
 * A tag that is there already can only be a peer's doing, by a collision of
 * 128 bits among keys it chose: what it sends under that tag is then lost. */
static void window_extend(struct ratchet_chain *chain, uint32_t session,
    struct tags *tags, struct ratchet_opened *out)
{
    struct tag_entry entry = {
        .kind = TAG_AHEAD,
        .session = session,
        .chain = chain->number,
    };
    for (; chain->edge - chain->head < LIMIT_TAG_WINDOW; chain->edge++) {
        chain_tag(chain->edge_key, &entry.tag, entry.header_key);
        entry.number = chain->edge;
        if (tags_add(tags, &entry) == STATUS_OK && out)
            out->added[out->added_count++] = entry.tag;
    }
    secret_wipe(&entry, sizeof(entry));
}

static void window_begin(struct ratchet_chain *chain, uint32_t number,
    const uint8_t tag_key[static 32])
{
    *chain = (struct ratchet_chain){.live = true, .number = number};
    memcpy(chain->tag_key, tag_key, 32);
    memcpy(chain->edge_key, tag_key, 32);
}

/* Begin. */

static enum status begin(struct ratchet *ratchet,
    const struct ratchet_start *start, struct tags *tags)
{
    ratchet->session = start->session;
    window_begin(&ratchet->next, ratchet->next_chain++, start->peer_tag_key);

    uint8_t tag_key[32], header_key[32];
    struct tag first;
    memcpy(tag_key, start->peer_tag_key, sizeof(tag_key));
    chain_tag(tag_key, &first, header_key);
    secret_wipe(tag_key, sizeof(tag_key));
    secret_wipe(header_key, sizeof(header_key));
    if (tags_find(tags, &first))
        return STATUS_EXISTS;
    enum status status = tags_reserve(tags, LIMIT_TAG_WINDOW);
    if (!status)
        window_extend(&ratchet->next, ratchet->session, tags, NULL);
    return status;
}

/* A DH step of the sending side, from a new own key. */
static enum status turn(struct ratchet *ratchet, struct random *random)
{
    uint8_t shared[32];
    ratchet->must_turn = false;
    random_fill(random, ratchet->own_secret, sizeof(ratchet->own_secret));
    agree_public(ratchet->own_public, ratchet->own_secret);
    enum status status =
        agree(shared, ratchet->own_secret, ratchet->peer_public);
    if (!status)
        chain_root(ratchet->root, shared, ratchet->send_chain_key,
            ratchet->next_send_tag_key);
    secret_wipe(shared, sizeof(shared));
    return status;
}

enum status ratchet_begin_initiator(struct ratchet *out,
    const struct ratchet_start *start, const uint8_t peer_prekey[static 32],
    struct tags *tags, struct random *random)
{
    struct ratchet ratchet = {.can_send = true};
    memcpy(ratchet.root, start->root, 32);
    memcpy(ratchet.peer_public, peer_prekey, 32);
    memcpy(ratchet.send_tag_key, start->own_tag_key, 32);
    enum status status = turn(&ratchet, random);
    if (!status)
        status = begin(&ratchet, start, tags);
    if (!status)
        *out = ratchet;
    secret_wipe(&ratchet, sizeof(ratchet));
    return status;
}

enum status ratchet_begin_responder(struct ratchet *out,
    const struct ratchet_start *start, const struct prekey *prekey,
    struct tags *tags)
{
    struct ratchet ratchet = {.can_send = false};
    memcpy(ratchet.root, start->root, 32);
    memcpy(ratchet.own_secret, prekey->secret, 32);
    memcpy(ratchet.own_public, prekey->public_, 32);
    memcpy(ratchet.next_send_tag_key, start->own_tag_key, 32);
    enum status status = begin(&ratchet, start, tags);
    if (!status)
        *out = ratchet;
    secret_wipe(&ratchet, sizeof(ratchet));
    return status;
}

/* Seal. */

static void seal_header(const struct ratchet *ratchet,
    const uint8_t key[static 32], struct sealed *out)
{
    uint8_t header[HEADER_BYTES], nonce[SEALED_NONCE_BYTES];
    uint8_t ad[ENVELOPE_HEADER_AD_BYTES];
    memcpy(header, ratchet->own_public, 32);
    number_put(header + HEADER_AT_PREVIOUS, 2, ratchet->previous_sent);
    envelope_header_ad(out->encoding, ad);
    sealed_nonce(out->encoding + ENVELOPE_AT_SALT, nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        out->encoding + ENVELOPE_AT_HEADER, NULL, header, sizeof(header), ad,
        sizeof(ad), NULL, nonce, key);
}

/* Draw a new key, if the last envelope made a step; all or nothing. */
static enum status answer(struct ratchet *ratchet, struct random *random)
{
    if (!ratchet->must_turn)
        return STATUS_OK;
    struct ratchet after = *ratchet;
    enum status status = turn(&after, random);
    if (!status)
        *ratchet = after;
    secret_wipe(&after, sizeof(after));
    return status;
}

enum status ratchet_seal(struct ratchet *ratchet, struct span letter,
    uint8_t least_class, uint32_t expires_h, struct random *random,
    struct sealed *out)
{
    if (!ratchet->can_send)
        return STATUS_AGAIN;
    struct sealed_choice choice = {.expires_h = expires_h};
    enum status status = envelope_class_for(letter.size, &choice.class_);
    if (!status)
        status = answer(ratchet, random);
    if (status)
        return status;
    if (choice.class_ < least_class)
        choice.class_ = least_class;
    random_fill(random, choice.salt, sizeof(choice.salt));

    uint8_t header_key[32], message_key[32], body_key[32];
    chain_tag(ratchet->send_tag_key, &choice.tag, header_key);
    chain_message(ratchet->send_chain_key, message_key);
    chain_body(message_key, body_key, &choice.opening);
    sealed_lay_out(out, &choice, letter);
    seal_header(ratchet, header_key, out);
    sealed_finish(out, body_key);
    ratchet->sent++;

    secret_wipe(header_key, sizeof(header_key));
    secret_wipe(message_key, sizeof(message_key));
    secret_wipe(body_key, sizeof(body_key));
    secret_wipe(&choice, sizeof(choice));
    return STATUS_OK;
}

/* Open. */

/* What an envelope leads to, before anything has changed. */
struct attempt {
    struct tag_entry entry;
    struct ratchet after; /* the ratchet as it will be */
    uint8_t peer_public[32];
    uint16_t previous;
    bool steps;             /* the entry is of the next chain */
    uint32_t passed;        /* messages of its chain to skip before it */
    uint32_t closing;       /* messages of the chain before to skip */
    uint8_t root_chain[32]; /* first chain key of the next chain */
    uint8_t next_tag_key[32];
    uint8_t chain_key[32]; /* after the message */
    uint8_t message_key[32];
    struct opening opening;
};

static enum status open_header(
    struct attempt *attempt, const struct envelope *envelope)
{
    uint8_t header[HEADER_BYTES], nonce[SEALED_NONCE_BYTES];
    uint8_t ad[ENVELOPE_HEADER_AD_BYTES];
    envelope_header_ad(envelope->encoding.data, ad);
    sealed_nonce(envelope->salt, nonce);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(header, NULL, NULL,
            envelope->header, ENVELOPE_HEADER_BYTES, ad, sizeof(ad), nonce,
            attempt->entry.header_key))
        return STATUS_REFUSED;
    memcpy(attempt->peer_public, header, 32);
    attempt->previous = (uint16_t)number_get(header + HEADER_AT_PREVIOUS, 2);
    return STATUS_OK;
}

static uint32_t closing_count(
    const struct ratchet_chain *chain, uint16_t previous)
{
    uint16_t count = (uint16_t)(previous - chain->head);
    return count < LIMIT_TAG_WINDOW ? count : (uint32_t)LIMIT_TAG_WINDOW;
}

/* The receiving half of a DH step: the next chain's keys. */
static enum status lead_to_next(struct attempt *attempt)
{
    if (attempt->after.must_turn)
        return STATUS_REFUSED;
    uint8_t shared[32];
    enum status status =
        agree(shared, attempt->after.own_secret, attempt->peer_public);
    if (!status)
        chain_root(attempt->after.root, shared, attempt->root_chain,
            attempt->next_tag_key);
    secret_wipe(shared, sizeof(shared));
    if (attempt->after.current.live)
        attempt->closing =
            closing_count(&attempt->after.current, attempt->previous);
    return status;
}

/* From the entry of a message ahead to its key. */
static enum status lead_ahead(struct attempt *attempt)
{
    const struct ratchet *after = &attempt->after;
    const struct ratchet_chain *chain = &after->current;
    attempt->steps =
        after->next.live && attempt->entry.chain == after->next.number;
    if (attempt->steps) {
        chain = &after->next;
        enum status status = lead_to_next(attempt);
        if (status)
            return status;
        memcpy(attempt->chain_key, attempt->root_chain, 32);
    } else {
        if (!chain->live || attempt->entry.chain != chain->number ||
            memcmp(attempt->peer_public, after->peer_public, 32) != 0)
            return STATUS_REFUSED;
        memcpy(attempt->chain_key, chain->chain_key, 32);
    }
    attempt->passed = attempt->entry.number - chain->head;
    if (attempt->passed >= LIMIT_TAG_WINDOW)
        return STATUS_REFUSED;
    for (uint32_t i = 0; i <= attempt->passed; i++)
        chain_message(attempt->chain_key, attempt->message_key);
    return STATUS_OK;
}

static enum status lead_to_key(struct attempt *attempt)
{
    if (attempt->entry.kind == TAG_AHEAD)
        return lead_ahead(attempt);
    assert(attempt->entry.kind == TAG_SKIPPED);
    memcpy(attempt->message_key, attempt->entry.message_key, 32);
    return STATUS_OK;
}

/* Compare the commitment, then open the body: a key that was not committed to
 * opens nothing. */
static enum status open_body(struct attempt *attempt,
    const struct envelope *envelope, struct ratchet_opened *out)
{
    uint8_t body_key[32];
    chain_body(attempt->message_key, body_key, &attempt->opening);
    enum status status = STATUS_REFUSED;
    if (opening_matches(&attempt->opening, &envelope->receipt_hash))
        status = sealed_open(envelope, body_key, out->plain, &out->plain_size);
    secret_wipe(body_key, sizeof(body_key));
    return status;
}

/* Make sure of room for all that the table will take. */
static enum status reserve(const struct attempt *attempt, struct tags *tags)
{
    if (attempt->entry.kind == TAG_SKIPPED)
        return STATUS_OK;
    uint32_t skipped = attempt->passed + attempt->closing;
    if (attempt->after.skipped + skipped > LIMIT_SKIPPED)
        return STATUS_FULL;
    size_t added = attempt->passed + 1, removed = 1;
    if (attempt->steps) {
        added += LIMIT_TAG_WINDOW;
        if (attempt->after.current.live)
            removed += LIMIT_TAG_WINDOW - attempt->closing;
    }
    return added > removed ? tags_reserve(tags, added - removed) : STATUS_OK;
}

/* Commit. */

struct commit {
    struct ratchet *after;
    struct tags *tags;
    struct ratchet_opened *out;
    uint32_t now_h;
};

/* The entry ahead at a place of a chain, or NULL. */
static const struct tag_entry *entry_ahead(const struct commit *commit,
    const struct ratchet_chain *chain, uint32_t number)
{
    const struct tag_entry *entry = tags_find_at(
        commit->tags, commit->after->session, chain->number, number);
    return entry && entry->kind == TAG_AHEAD ? entry : NULL;
}

/* Turn the next so many entries of a chain into skipped ones. */
static void skip(
    struct commit *commit, struct ratchet_chain *chain, uint32_t count)
{
    struct ratchet_opened *out = commit->out;
    uint8_t message_key[32];
    for (; count > 0; count--, chain->head++) {
        chain_message(chain->chain_key, message_key);
        const struct tag_entry *entry = entry_ahead(commit, chain, chain->head);
        if (!entry)
            continue;
        out->skipped[out->skipped_count++] = entry->tag;
        tags_skip(
            commit->tags, entry, message_key, commit->now_h + SKIPPED_LIFE_H);
        commit->after->skipped++;
    }
    secret_wipe(message_key, sizeof(message_key));
}

/* End a chain: what its sender has sent is skipped, the rest was never sent. */
static void close_chain(
    struct commit *commit, struct ratchet_chain *chain, uint32_t count)
{
    skip(commit, chain, count);
    for (; chain->head != chain->edge; chain->head++) {
        const struct tag_entry *entry = entry_ahead(commit, chain, chain->head);
        if (entry)
            tags_remove(commit->tags, &entry->tag);
    }
    secret_wipe(chain, sizeof(*chain));
}

/* Move a chain past the message that opened, those before it skipped. */
static void pass(struct commit *commit, struct ratchet_chain *chain,
    const struct attempt *attempt)
{
    skip(commit, chain, attempt->passed);
    memcpy(chain->chain_key, attempt->chain_key, 32);
    chain->head++;
    for (uint32_t i = 0; i <= attempt->passed; i++)
        chain_pass_tag(chain->tag_key);
    window_extend(chain, commit->after->session, commit->tags, commit->out);
}

/* The sending chain ends; what begins the next is drawn with its first letter.
 */
static void end_sending(
    struct ratchet *after, const uint8_t peer_public[static 32])
{
    memcpy(after->peer_public, peer_public, 32);
    secret_wipe(after->own_secret, sizeof(after->own_secret));
    secret_wipe(after->own_public, sizeof(after->own_public));
    secret_wipe(after->send_chain_key, sizeof(after->send_chain_key));
    memcpy(after->send_tag_key, after->next_send_tag_key, 32);
    after->previous_sent = after->sent;
    after->sent = 0;
    after->can_send = true;
    after->must_turn = true;
}

/* The next chain becomes the current one, and a new one is expected: behind the
 * answer that is due. */
static void step(struct commit *commit, const struct attempt *attempt)
{
    struct ratchet *after = commit->after;
    if (after->current.live)
        close_chain(commit, &after->current, attempt->closing);
    after->current = after->next;
    memcpy(after->current.chain_key, attempt->root_chain, 32);
    window_begin(&after->next, after->next_chain++, attempt->next_tag_key);
    window_extend(&after->next, after->session, commit->tags, commit->out);
    end_sending(after, attempt->peer_public);
}

static void commit_attempt(struct commit *commit, const struct attempt *attempt)
{
    struct ratchet_opened *out = commit->out;
    out->opening = attempt->opening;
    out->stepped = attempt->steps;
    out->used_skipped = attempt->entry.kind == TAG_SKIPPED;
    out->added_count = 0;
    out->skipped_count = 0;
    tags_remove(commit->tags, &attempt->entry.tag);
    if (out->used_skipped) {
        if (commit->after->skipped > 0)
            commit->after->skipped--;
        return;
    }
    if (attempt->steps)
        step(commit, attempt);
    pass(commit, &commit->after->current, attempt);
}

enum status ratchet_open(struct ratchet *ratchet, struct tags *tags,
    const struct tag_entry *entry, const struct envelope *envelope,
    uint32_t now_h, struct ratchet_opened *out)
{
    assert(tag_is_placed(entry) && entry->session == ratchet->session);
    struct attempt attempt = {.entry = *entry, .after = *ratchet};
    enum status status = open_header(&attempt, envelope);
    if (!status)
        status = lead_to_key(&attempt);
    if (!status)
        status = open_body(&attempt, envelope, out);
    bool opened = !status;
    if (!status)
        status = reserve(&attempt, tags);
    if (status && opened)
        secret_wipe(out->plain, out->plain_size);
    if (!status) {
        struct commit commit = {&attempt.after, tags, out, now_h};
        commit_attempt(&commit, &attempt);
        *ratchet = attempt.after;
    }
    secret_wipe(&attempt, sizeof(attempt));
    return status;
}

void ratchet_forget(
    struct ratchet *ratchet, struct tags *tags, const struct tag *tag)
{
    const struct tag_entry *entry = tags_find(tags, tag);
    if (!entry || entry->kind != TAG_SKIPPED ||
        entry->session != ratchet->session)
        return;
    tags_remove(tags, tag);
    if (ratchet->skipped > 0)
        ratchet->skipped--;
}

static void register_chain(
    const struct ratchet_chain *chain, uint32_t session, struct tags *tags)
{
    struct ratchet_chain window = *chain;
    window.edge = window.head;
    memcpy(window.edge_key, window.tag_key, 32);
    window_extend(&window, session, tags, NULL);
    secret_wipe(&window, sizeof(window));
}

enum status ratchet_register(const struct ratchet *ratchet, struct tags *tags)
{
    size_t chains = (size_t)ratchet->current.live + ratchet->next.live;
    enum status status = tags_reserve(tags, chains * LIMIT_TAG_WINDOW);
    if (status)
        return status;
    if (ratchet->current.live)
        register_chain(&ratchet->current, ratchet->session, tags);
    if (ratchet->next.live)
        register_chain(&ratchet->next, ratchet->session, tags);
    return STATUS_OK;
}
