/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First contact to an X-Wing key, whatever X-Wing is: beside a stand-in for it,
 * which the makefile links in its place. */
#include "crypto/kem.h"

#include <string.h>

#include "crypto/renewal.h"
#include "tests/crypto/pair.h"

static struct sealed sealed;
static struct intro_opened opened;
static struct kem_offer offer;

/* What b's renewal says of an X-Wing key, as a reads it. */
static void learn(const struct person *b)
{
    struct renewal made, read;
    const uint8_t *address = b->card.address;
    uint32_t week = renewal_week(address, PAIR_NOW_H);
    renewal_make(&b->identity, &b->prekey, &made);
    renewal_seal(&made, &b->prekey, week, &sealed);
    struct envelope envelope = decoded(&sealed);
    need(!renewal_open(address, week, &envelope, &read));
    need(read.suite == KEM_SUITE);
    offer = (struct kem_offer){
        .id = read.card.prekey_id, .expires_h = read.card.prekey_expires_h};
    memcpy(offer.public_, read.kem_public, sizeof(offer.public_));
}

static void test_renewal(const struct person *b)
{
    struct renewal made, read;
    const uint8_t *address = b->card.address;
    uint32_t week = renewal_week(address, PAIR_NOW_H);
    learn(b);
    ok(sealed.class_ == 1 && offer.id == b->prekey.id,
        "a renewal brings the X-Wing key, in an envelope of the next class");
    uint8_t key[KEM_PUBLIC_BYTES];
    kem_public(key, b->prekey.kem_seed);
    ok(memcmp(key, offer.public_, sizeof(key)) == 0, "which is the owner's");

    int all = 1;
    for (size_t at = 0; at < sealed.size; at++) {
        struct envelope envelope;
        bool is_stamp = at >= ENVELOPE_AT_STAMP && at < ENVELOPE_AT_STAMP + 8;
        sealed.encoding[at] ^= 1;
        if (!envelope_decode(
                (struct span){sealed.encoding, sealed.size}, &envelope))
            all &= is_stamp == !renewal_open(address, week, &envelope, &read);
        sealed.encoding[at] ^= 1;
    }
    ok(all, "and opens with no byte flipped but the stamp's");

    /* Whoever knows the address seals what is left of it anew. */
    renewal_make(&b->identity, &b->prekey, &made);
    made.suite = CARD_SUITE;
    renewal_seal(&made, &b->prekey, week, &sealed);
    struct envelope envelope = decoded(&sealed);
    ok(renewal_open(address, week, &envelope, &read) == STATUS_REFUSED,
        "with the key stripped off it is refused");
    made.suite = KEM_SUITE;
    made.kem_public[5] ^= 1;
    renewal_seal(&made, &b->prekey, week, &sealed);
    envelope = decoded(&sealed);
    ok(renewal_open(address, week, &envelope, &read) == STATUS_REFUSED,
        "and so it is with another in its place");
}

static enum status begin(struct person *a, const struct person *b)
{
    const struct intro_start from = {
        1, &a->identity, &a->card, &b->card, PAIR_NOW_H};
    tags_remove_session(a->tags, 1);
    return intro_begin_kem(
        &a->intro, &a->ratchet, &from, &offer, a->tags, &a->random.base);
}

static void seal(struct person *a)
{
    intro_seal(&a->intro,
        intro_draw(intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, &a->random.base),
        &sealed);
}

static enum status open_by(const struct person *b)
{
    struct envelope envelope;
    if (envelope_decode((struct span){sealed.encoding, sealed.size}, &envelope))
        return STATUS_INVALID;
    return intro_open(&b->identity, &b->prekey, 1, &envelope, &opened);
}

static void test_right(struct person *a, struct person *b)
{
    static struct ratchet_opened letter;
    learn(b);
    need(!begin(a, b));
    seal(a);
    ok(sealed.class_ == 1 && open_by(b) == STATUS_OK &&
            opened.suite == KEM_SUITE && opened.kem_id == b->prekey.id,
        "a first contact to an X-Wing key opens");
    need(!intro_accept(&opened, &b->prekey, 1, b->tags, &b->ratchet));
    person_seal(a, 11, &sealed);
    ok(person_open(b, &sealed, &letter) == STATUS_OK, "a letter follows");
    person_seal(b, 12, &sealed);
    ok(person_open(a, &sealed, &letter) == STATUS_OK, "and its answer");

    uint8_t bytes[KEM_INTRO_BYTES];
    struct intro read;
    size_t size = intro_encode(&a->intro, bytes);
    ok(size == KEM_INTRO_BYTES &&
            intro_decode((struct span){bytes, size - 1}, &read) ==
                STATUS_INVALID &&
            intro_decode((struct span){bytes, INTRO_BYTES}, &read) ==
                STATUS_INVALID,
        "it is written down with its ciphertext");
    need(!intro_decode((struct span){bytes, size}, &read));
    a->intro = read;
    seal(a);
    ok(open_by(b) == STATUS_OK, "and can be repeated when it is read");
}

static void test_every_byte(struct person *a, const struct person *b)
{
    seal(a);
    int all = 1;
    for (size_t at = 0; at < sealed.size; at++) {
        bool is_stamp = at >= ENVELOPE_AT_STAMP && at < ENVELOPE_AT_STAMP + 8;
        sealed.encoding[at] ^= 1;
        all &= is_stamp || open_by(b) != STATUS_OK;
        sealed.encoding[at] ^= 1;
    }
    ok(all, "no byte of it can be flipped");
}

/* The writer has all that is needed, and leaves something out or exchanges
 * it. */
static void test_stripped(struct person *a, struct person *b)
{
    need(!begin(a, b));
    struct intro honest = a->intro;
    a->intro.suite = CARD_SUITE;
    seal(a);
    ok(open_by(b) == STATUS_REFUSED,
        "the suite cannot be stripped of what was begun under it");
    a->intro = honest;
    a->intro.ciphertext[40] ^= 1;
    seal(a);
    ok(open_by(b) == STATUS_REFUSED, "another ciphertext proves nothing");
    a->intro = honest;
    a->intro.kem_id++;
    seal(a);
    ok(open_by(b) == STATUS_NOT_FOUND, "nor is there another key");
    a->intro = honest;

    struct prekey own = b->prekey;
    b->prekey.kem_seed[3] ^= 1;
    seal(a);
    ok(open_by(b) == STATUS_REFUSED, "with another seed it does not open");
    b->prekey.has_kem = false;
    ok(open_by(b) == STATUS_NOT_FOUND, "nor without any");
    b->prekey = own;

    tags_remove_session(a->tags, 1);
    need(!intro_begin(&a->intro, &a->ratchet, 1, &a->identity, &a->card,
        &b->card, PAIR_NOW_H, a->tags, &a->random.base));
    a->intro.suite = KEM_SUITE;
    a->intro.kem_id = offer.id;
    memcpy(a->intro.ciphertext, honest.ciphertext, KEM_CIPHERTEXT_BYTES);
    seal(a);
    ok(open_by(b) == STATUS_REFUSED,
        "and what was begun without passes for nothing that was begun with");
}

/* Every agreement is known, as to a quantum computer of later days: all secrets
 * of X25519 but those of the KEM. */
static void test_recorded(struct person *a, struct person *b)
{
    need(!begin(a, b));
    seal(a);
    need(open_by(b) == STATUS_OK);
    struct ratchet_start right = opened.start;
    struct person thief = *b;
    thief.prekey.kem_seed[3] ^= 1;
    struct envelope envelope = decoded(&sealed);
    ok(intro_open(&thief.identity, &thief.prekey, 1, &envelope, &opened) !=
            STATUS_OK,
        "whoever has every other secret does not come to the root");
    ok(memcmp(right.root, opened.start.root, 32) == 0,
        "and learns nothing of it");
}

static void test_offers(struct person *a, struct person *b)
{
    learn(b);
    offer.expires_h = PAIR_NOW_H - 1;
    ok(begin(a, b) == STATUS_EXPIRED, "a key that has run out begins nothing");
    learn(b);
    memset(offer.public_, 0, 32);
    ok(begin(a, b) == STATUS_REFUSED, "nor does one that is none");
    ok(tags_count(a->tags) == 0, "and nothing is left behind");
}

int main(void)
{
    need(!crypto_start() && kem_is_here());
    static struct person a, b;
    person_begin(&a, 1);
    person_begin(&b, 2);
    prekey_add_kem(&b.prekey, &b.random.base);
    test_renewal(&b);
    test_right(&a, &b);
    test_every_byte(&a, &b);
    test_stripped(&a, &b);
    test_recorded(&a, &b);
    tags_remove_session(a.tags, 1);
    test_offers(&a, &b);
    person_end(&a);
    person_end(&b);
    return tap_done();
}
