/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First contact.
 *
 * Two stages, as in Noise's X pattern: the first hides who writes from all but
 * the owner of the address; the second proves, by an agreement of both
 * long-term keys' owners, that it is the one whose card is inside.  The proof
 * is a MAC and no signature, so the responder cannot show it to others.
 * Whoever has stolen the responder's identity key alone can't make it: the
 * prekey's secret is needed as well.
 *
 * The header is masked and not sealed, because the key that would authenticate
 * it is only known from what it says; the body's associated data covers it. */
#include "crypto/intro.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"
#include "crypto/intro_keys.h"
#include "proto/limits.h"

enum {
    AT_PREKEY_ID = 32,
    AT_SUITE = 36,
    HEADER_USED_BYTES = 37,
    AT_KEM_ID = 37,
    KEM_HEADER_USED_BYTES = 41,
    PROOF_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    BODY_BYTES = CARD_BYTES + PROOF_BYTES,
    KEM_BODY_BYTES = KEM_CIPHERTEXT_BYTES + BODY_BYTES, /* the larger */
    CLASS_1_BYTES = 2048,
};

static void append(uint8_t **at, const uint8_t *bytes, size_t size)
{
    memcpy(*at, bytes, size);
    *at += size;
}

/* Tags. */

void intro_tag(const uint8_t address[static 32], uint32_t day, uint32_t slot,
    struct tag *out)
{
    uint8_t input[8];
    number_put(input, 4, day);
    number_put(input + 4, 4, slot);
    kdf(out->bytes, sizeof(out->bytes), address, "sotto1 introtag",
        (struct span){input, sizeof(input)});
}

enum status intro_register(const struct intro_days *days, struct tags *tags)
{
    struct tag_entry entry = {.kind = TAG_INTRO, .session = days->door};
    for (uint32_t i = 0; i < days->count * LIMIT_INTRO_SLOTS; i++) {
        entry.chain = days->first + i / LIMIT_INTRO_SLOTS;
        entry.number = i % LIMIT_INTRO_SLOTS;
        intro_tag(days->address, entry.chain, entry.number, &entry.tag);
        enum status status = tags_add(tags, &entry);
        if (status != STATUS_OK && status != STATUS_EXISTS)
            return status;
    }
    return STATUS_OK;
}

/* Begin. */

/* An agreement to come to. */
struct pairing {
    uint8_t *out;
    const uint8_t *secret;
    const uint8_t *public_;
};

/* All of them, in order, or a refusal. */
static enum status agree_all(const struct pairing *pairings, size_t count)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && !status; i++)
        status =
            agree(pairings[i].out, pairings[i].secret, pairings[i].public_);
    return status;
}

/* The initiator's agreements, from a new ephemeral key; invite or NULL. */
static enum status agree_as_initiator(const struct intro_start *start,
    const struct invite *invite, struct random *random,
    struct intro_agreements *out, uint8_t ephemeral_public[static 32])
{
    *out = (struct intro_agreements){.invited = invite != NULL};
    const struct card *peer = start->peer;
    uint8_t ephemeral[32];
    random_fill(random, ephemeral, sizeof(ephemeral));
    agree_public(ephemeral_public, ephemeral);
    const struct pairing pairings[] = {
        {out->ephemeral_prekey, ephemeral, peer->prekey},
        {out->ephemeral_identity, ephemeral, peer->agree_key},
        {out->identity_prekey, start->identity->agree_secret, peer->prekey},
        {out->ephemeral_one_time, ephemeral, invite ? invite->prekey : NULL},
    };
    if (invite)
        memcpy(out->one_time_secret, invite->secret, 32);
    enum status status = agree_all(pairings, invite ? 4 : 3);
    secret_wipe(ephemeral, sizeof(ephemeral));
    return status;
}

/* Beside the agreements, a secret for the owner of an X-Wing key. */
static enum status encapsulate(const struct kem_offer *offer,
    struct random *random, struct intro_agreements *agreements,
    struct intro *intro)
{
    uint8_t coins[KEM_COINS_BYTES];
    random_fill(random, coins, sizeof(coins));
    enum status status = kem_encapsulate(
        intro->ciphertext, agreements->kem_shared, offer->public_, coins);
    agreements->encapsulated = true;
    intro->kem_id = offer->id;
    secret_wipe(coins, sizeof(coins));
    return status;
}

/* What there is beyond a card: one, or neither. */
struct extra {
    const struct invite *invite;
    const struct kem_offer *offer;
};

static uint8_t suite_of(const struct extra *extra)
{
    if (extra->offer)
        return KEM_SUITE;
    return extra->invite ? INVITE_SUITE : CARD_SUITE;
}

/* Keep what repeats need, and what the ratchet starts from. */
static void keep(const struct intro_agreements *agreements,
    const struct intro_start *from, const struct extra *extra,
    struct intro *intro, struct ratchet_start *start)
{
    struct intro_outer_keys outer;
    intro_keys_outer(agreements, intro->address, &outer);
    memcpy(intro->key, outer.body, 32);
    memcpy(intro->opening_key, outer.opening, 32);
    card_encode(from->own_card, intro->own_card);

    struct intro_parties parties = {
        .initiator = from->own_card,
        .responder_sign = intro->peer.sign_key,
        .responder_agree = intro->peer.agree_key,
        .ephemeral = intro->ephemeral_public,
        .prekey = intro->peer.prekey,
        .prekey_id = intro->peer.prekey_id,
        .one_time = extra->invite ? extra->invite->prekey : NULL,
        .kem_public = extra->offer ? extra->offer->public_ : NULL,
        .kem_id = intro->kem_id,
        .kem_ciphertext = intro->ciphertext,
    };
    struct intro_inner_keys inner;
    intro_keys_inner(agreements, &parties, &inner);
    memcpy(intro->proof, inner.proof, 32);
    memcpy(start->root, inner.root, 32);
    memcpy(start->own_tag_key, inner.initiator_tag_key, 32);
    memcpy(start->peer_tag_key, inner.responder_tag_key, 32);
    secret_wipe(&outer, sizeof(outer));
    secret_wipe(&inner, sizeof(inner));
}

static enum status begin(struct intro *out, struct ratchet *ratchet,
    const struct intro_start *from, const struct extra *extra,
    struct tags *tags, struct random *random)
{
    assert(memcmp(from->own_card->agree_key, from->identity->agree_public,
               32) == 0);
    assert(
        memcmp(from->own_card->sign_key, from->identity->sign_public, 32) == 0);
    if (from->now_h > from->peer->prekey_expires_h ||
        (extra->offer && from->now_h > extra->offer->expires_h))
        return STATUS_EXPIRED;
    const struct invite *invite = extra->invite;
    struct intro_agreements agreements;
    struct intro intro = {.peer = *from->peer, .suite = suite_of(extra)};
    memcpy(intro.address, invite ? invite->address : from->peer->address, 32);
    struct ratchet_start start = {.session = from->session};
    enum status status = agree_as_initiator(
        from, invite, random, &agreements, intro.ephemeral_public);
    if (!status && extra->offer)
        status = encapsulate(extra->offer, random, &agreements, &intro);
    if (!status) {
        keep(&agreements, from, extra, &intro, &start);
        status = ratchet_begin_initiator(
            ratchet, &start, from->peer->prekey, tags, random);
    }
    if (!status)
        *out = intro;
    secret_wipe(&agreements, sizeof(agreements));
    secret_wipe(&intro, sizeof(intro));
    secret_wipe(&start, sizeof(start));
    return status;
}

enum status intro_begin(struct intro *out, struct ratchet *ratchet,
    uint32_t session, const struct identity *identity,
    const struct card *own_card, const struct card *peer, uint32_t now_h,
    struct tags *tags, struct random *random)
{
    const struct intro_start from = {session, identity, own_card, peer, now_h};
    const struct extra nothing = {NULL, NULL};
    return begin(out, ratchet, &from, &nothing, tags, random);
}

enum status intro_begin_invited(struct intro *out, struct ratchet *ratchet,
    const struct intro_start *from, const struct invite *invite,
    struct tags *tags, struct random *random)
{
    assert(from->peer == &invite->card);
    const struct extra extra = {invite, NULL};
    return begin(out, ratchet, from, &extra, tags, random);
}

enum status intro_begin_kem(struct intro *out, struct ratchet *ratchet,
    const struct intro_start *from, const struct kem_offer *offer,
    struct tags *tags, struct random *random)
{
    const struct extra extra = {NULL, offer};
    return begin(out, ratchet, from, &extra, tags, random);
}

/* Seal. */

/* Mask a header, or take its mask off. */
static void mask(const uint8_t address[static 32],
    const uint8_t salt[static ENVELOPE_SALT_BYTES],
    uint8_t header[static ENVELOPE_HEADER_BYTES])
{
    uint8_t stream[64];
    kdf(stream, sizeof(stream), address, "sotto1 intromask",
        (struct span){salt, ENVELOPE_SALT_BYTES});
    for (size_t i = 0; i < ENVELOPE_HEADER_BYTES; i++)
        header[i] ^= stream[i];
    secret_wipe(stream, sizeof(stream));
}

static void derive_opening(const uint8_t opening_key[static 32],
    const uint8_t salt[static ENVELOPE_SALT_BYTES], struct opening *out)
{
    kdf(out->bytes, sizeof(out->bytes), opening_key, "sotto1 introopen",
        (struct span){salt, ENVELOPE_SALT_BYTES});
}

/* The associated data of the proof. */
struct proven {
    uint8_t card[CARD_BYTES];
    uint8_t ephemeral[32];
};
_Static_assert(sizeof(struct proven) == CARD_BYTES + 32, "no padding");

/* Its size. */
static size_t write_body(const struct intro *intro,
    const uint8_t salt[static ENVELOPE_SALT_BYTES],
    uint8_t out[static KEM_BODY_BYTES])
{
    uint8_t *at = out;
    struct proven proven;
    uint8_t nonce[SEALED_NONCE_BYTES];
    memcpy(proven.card, intro->own_card, sizeof(proven.card));
    memcpy(proven.ephemeral, intro->ephemeral_public, 32);
    sealed_nonce(salt, nonce);
    if (intro->suite == KEM_SUITE)
        append(&at, intro->ciphertext, KEM_CIPHERTEXT_BYTES);
    append(&at, intro->own_card, CARD_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(at, NULL, NULL, 0,
        (const uint8_t *)&proven, sizeof(proven), NULL, nonce, intro->proof);
    return (size_t)(at - out) + PROOF_BYTES;
}

static uint8_t class_of(uint8_t suite)
{
    return suite == KEM_SUITE ? 1 : 0;
}

struct intro_draw intro_draw(
    uint32_t day, uint32_t expires_h, struct random *random)
{
    struct intro_draw draw = {.day = day, .expires_h = expires_h};
    draw.slot = (uint32_t)random_below(random, LIMIT_INTRO_SLOTS);
    random_fill(random, draw.salt, sizeof(draw.salt));
    return draw;
}

void intro_seal(
    const struct intro *intro, struct intro_draw draw, struct sealed *out)
{
    struct sealed_choice choice = {
        .expires_h = draw.expires_h, .class_ = class_of(intro->suite)};
    intro_tag(intro->address, draw.day, draw.slot, &choice.tag);
    memcpy(choice.salt, draw.salt, sizeof(choice.salt));
    derive_opening(intro->opening_key, choice.salt, &choice.opening);

    uint8_t body[KEM_BODY_BYTES];
    size_t size = write_body(intro, choice.salt, body);
    sealed_lay_out(out, &choice, (struct span){body, size});
    uint8_t *header = out->encoding + ENVELOPE_AT_HEADER;
    memcpy(header, intro->ephemeral_public, 32);
    number_put(header + AT_PREKEY_ID, 4, intro->peer.prekey_id);
    header[AT_SUITE] = intro->suite;
    if (intro->suite == KEM_SUITE)
        number_put(header + AT_KEM_ID, 4, intro->kem_id);
    mask(intro->address, choice.salt, header);
    sealed_finish(out, intro->key);
    secret_wipe(body, sizeof(body));
    secret_wipe(&choice, sizeof(choice));
}

/* Open. */

/* Where a first contact comes in: the card's address, or an invite's. */
struct door {
    const struct identity *identity;
    const struct invite_keys *invite; /* or NULL */
    const uint8_t *address;
};

static bool read_header(const struct door *door,
    const struct envelope *envelope, struct intro_opened *out)
{
    uint8_t header[ENVELOPE_HEADER_BYTES];
    memcpy(header, envelope->header, sizeof(header));
    mask(door->address, envelope->salt, header);
    memcpy(out->ephemeral_public, header, 32);
    out->prekey_id = (uint32_t)number_get(header + AT_PREKEY_ID, 4);
    out->suite = header[AT_SUITE];
    bool to_kem = out->suite == KEM_SUITE;
    if (to_kem)
        out->kem_id = (uint32_t)number_get(header + AT_KEM_ID, 4);
    size_t used = to_kem ? KEM_HEADER_USED_BYTES : HEADER_USED_BYTES;
    bool is_known = door->invite ? out->suite == INVITE_SUITE
                                 : out->suite == CARD_SUITE || to_kem;
    return is_known && envelope->class_ == class_of(out->suite) &&
           sodium_is_zero(header + used, sizeof(header) - used);
}

static const struct prekey *find_prekey(
    const struct prekey *prekeys, size_t count, uint32_t id)
{
    for (size_t i = 0; i < count; i++)
        if (prekeys[i].id == id)
            return &prekeys[i];
    return NULL;
}

/* What the outer stage holds. */
struct body {
    uint8_t ciphertext[KEM_CIPHERTEXT_BYTES]; /* of KEM_SUITE */
    uint8_t card[CARD_BYTES];
    uint8_t proof[PROOF_BYTES];
};
_Static_assert(sizeof(struct body) == KEM_BODY_BYTES, "no padding");

/* The outer stage: the card inside, and the proof that follows it. */
static enum status open_outer(const struct door *door,
    const struct envelope *envelope, const struct intro_agreements *agreements,
    struct intro_opened *out, struct body *body)
{
    struct intro_outer_keys keys;
    intro_keys_outer(agreements, door->address, &keys);
    derive_opening(keys.opening, envelope->salt, &out->opening);
    uint8_t plain[CLASS_1_BYTES];
    size_t plain_size = 0;
    size_t at = out->suite == KEM_SUITE ? 0 : KEM_CIPHERTEXT_BYTES;
    enum status status = STATUS_REFUSED;
    if (opening_matches(&out->opening, &envelope->receipt_hash))
        status = sealed_open(envelope, keys.body, plain, &plain_size);
    if (!status && plain_size != sizeof(*body) - at)
        status = STATUS_REFUSED;
    if (!status) {
        memcpy((uint8_t *)body + at, plain, plain_size);
        if (card_decode(body->card, &out->card))
            status = STATUS_REFUSED;
    }
    secret_wipe(&keys, sizeof(keys));
    secret_wipe(plain, sizeof(plain));
    return status ? status : card_verify(&out->card);
}

/* The inner stage: whether the writer holds the card's identity key, and means
 * this X-Wing key (or none). */
static enum status open_inner(const struct door *door,
    const struct prekey *prekey, const struct intro_agreements *agreements,
    const struct envelope *envelope, const struct body *body,
    const struct kem_offer *offer, struct intro_opened *out)
{
    struct intro_parties parties = {
        .initiator = &out->card,
        .responder_sign = door->identity->sign_public,
        .responder_agree = door->identity->agree_public,
        .ephemeral = out->ephemeral_public,
        .prekey = prekey->public_,
        .prekey_id = prekey->id,
        .one_time = door->invite ? door->invite->prekey_public : NULL,
        .kem_public = agreements->encapsulated ? offer->public_ : NULL,
        .kem_id = offer->id,
        .kem_ciphertext = body->ciphertext,
    };
    struct intro_inner_keys keys;
    intro_keys_inner(agreements, &parties, &keys);
    struct proven proven;
    uint8_t nonce[SEALED_NONCE_BYTES];
    memcpy(proven.card, body->card, sizeof(proven.card));
    memcpy(proven.ephemeral, out->ephemeral_public, 32);
    sealed_nonce(envelope->salt, nonce);
    int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(NULL, NULL, NULL,
        body->proof, PROOF_BYTES, (const uint8_t *)&proven, sizeof(proven),
        nonce, keys.proof);
    memcpy(out->start.root, keys.root, 32);
    memcpy(out->start.own_tag_key, keys.responder_tag_key, 32);
    memcpy(out->start.peer_tag_key, keys.initiator_tag_key, 32);
    secret_wipe(&keys, sizeof(keys));
    return failed ? STATUS_REFUSED : STATUS_OK;
}

/* What the ephemeral key alone leads to. */
static enum status agree_as_responder(const struct door *door,
    const struct prekey *prekey, const uint8_t ephemeral[static 32],
    struct intro_agreements *out)
{
    const struct invite_keys *invite = door->invite;
    const struct pairing pairings[] = {
        {out->ephemeral_prekey, prekey->secret, ephemeral},
        {out->ephemeral_identity, door->identity->agree_secret, ephemeral},
        {out->ephemeral_one_time, invite ? invite->prekey_secret : NULL,
            ephemeral},
    };
    out->invited = invite != NULL;
    if (invite)
        memcpy(out->one_time_secret, invite->secret, 32);
    return agree_all(pairings, invite ? 3 : 2);
}

/* What the ciphertext leads to, and the key that it was made for. */
static enum status decapsulate(const struct prekey *kem,
    const struct body *body, struct intro_agreements *agreements,
    struct kem_offer *offer)
{
    agreements->encapsulated = true;
    offer->id = kem->id;
    kem_public(offer->public_, kem->kem_seed);
    return kem_decapsulate(
        agreements->kem_shared, body->ciphertext, kem->kem_seed);
}

/* The prekeys that an intro names. */
struct named {
    const struct prekey *prekey;
    const struct prekey *kem; /* whose X-Wing key; NULL: none */
};

/* Agree on what the ephemeral key leads to, open the outer stage, agree with
 * the key found there, and check the inner stage. */
static enum status open_stages(const struct door *door,
    const struct named *named, const struct envelope *envelope,
    struct intro_agreements *agreements, struct intro_opened *out)
{
    struct body body;
    struct kem_offer offer = {.id = 0};
    const struct prekey *prekey = named->prekey;
    enum status status =
        agree_as_responder(door, prekey, out->ephemeral_public, agreements);
    if (!status)
        status = open_outer(door, envelope, agreements, out, &body);
    if (!status)
        status = agree(
            agreements->identity_prekey, prekey->secret, out->card.agree_key);
    if (!status && named->kem)
        status = decapsulate(named->kem, &body, agreements, &offer);
    if (!status)
        status =
            open_inner(door, prekey, agreements, envelope, &body, &offer, out);
    secret_wipe(&body, sizeof(body));
    return status;
}

static enum status open_at(const struct door *door,
    const struct prekey *prekeys, size_t prekey_count,
    const struct envelope *envelope, struct intro_opened *out)
{
    struct intro_opened opened = {.invited = door->invite != NULL};
    if (!read_header(door, envelope, &opened))
        return STATUS_REFUSED;
    bool to_kem = opened.suite == KEM_SUITE;
    const struct named named = {
        find_prekey(prekeys, prekey_count, opened.prekey_id),
        to_kem ? find_prekey(prekeys, prekey_count, opened.kem_id) : NULL};
    if (!named.prekey || (to_kem && !(named.kem && named.kem->has_kem)))
        return STATUS_NOT_FOUND;
    struct intro_agreements agreements = {.invited = false};
    enum status status =
        open_stages(door, &named, envelope, &agreements, &opened);
    if (!status)
        *out = opened;
    secret_wipe(&agreements, sizeof(agreements));
    secret_wipe(&opened, sizeof(opened));
    return status;
}

enum status intro_open(const struct identity *identity,
    const struct prekey *prekeys, size_t prekey_count,
    const struct envelope *envelope, struct intro_opened *out)
{
    const struct door door = {identity, NULL, identity->address};
    return open_at(&door, prekeys, prekey_count, envelope, out);
}

enum status intro_open_invited(const struct intro_invited *invited,
    const struct prekey *prekeys, size_t prekey_count,
    const struct envelope *envelope, struct intro_opened *out)
{
    const struct door door = {
        invited->identity, invited->keys, invited->keys->address};
    return open_at(&door, prekeys, prekey_count, envelope, out);
}

enum status intro_accept(const struct intro_opened *opened,
    const struct prekey *prekey, uint32_t session, struct tags *tags,
    struct ratchet *out)
{
    assert(prekey->id == opened->prekey_id);
    struct ratchet_start start = opened->start;
    start.session = session;
    enum status status = ratchet_begin_responder(out, &start, prekey, tags);
    secret_wipe(&start, sizeof(start));
    return status;
}
