/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conversation that proto/vectors/crypto.txt fixes and oracle.py plays,
 * played by this implementation. */
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/kem.h"
#include "crypto/renewal.h"
#include "tests/crypto/pair.h"

enum { VECTOR_BYTES = 2048 };

/* Each draw is filled with one value, one more than the last. */
struct counting {
    struct random base;
    uint8_t next;
};

static void counting_fill(struct random *self, uint8_t *out, size_t size)
{
    memset(out, ((struct counting *)self)->next++, size);
}

static FILE *vectors_open(void)
{
    char path[4096];
    const char *srcdir = getenv("srcdir");
    snprintf(path, sizeof(path), "%s/proto/vectors/crypto.txt",
        srcdir ? srcdir : ".");
    FILE *file = fopen(path, "r");
    need(file);
    return file;
}

/* Whether the next vector has that name and value. */
static void expect(FILE *file, const char *name, struct span value)
{
    static char line_name[64], line_value[2 * VECTOR_BYTES + 1];
    static char hex[2 * VECTOR_BYTES + 1];
    need(fscanf(file, "%63s %4096s", line_name, line_value) == 2);
    hex_encode(value, hex);
    ok(strcmp(line_name, name) == 0 && strcmp(line_value, hex) == 0, name);
}
/* The next vector, which has that name; its size. */
static size_t read_value(
    FILE *file, const char *name, uint8_t out[static VECTOR_BYTES])
{
    static char line_name[64], line_value[2 * VECTOR_BYTES + 1];
    need(fscanf(file, "%63s %4096s", line_name, line_value) == 2);
    size_t size = strlen(line_value) / 2;
    need(strcmp(line_name, name) == 0 && !hex_decode(line_value, out, size));
    return size;
}
#define bytes_of(array) ((struct span){(array), sizeof(array)})

static void expect_sealed(
    FILE *file, const char *name, const struct sealed *sealed)
{
    char full[64];
    snprintf(full, sizeof(full), "%s.envelope", name);
    expect(file, full, (struct span){sealed->encoding, sealed->size});
    snprintf(full, sizeof(full), "%s.id", name);
    expect(file, full, bytes_of(sealed->id.bytes));
    snprintf(full, sizeof(full), "%s.opening", name);
    expect(file, full, bytes_of(sealed->opening.bytes));
}

static void begin(struct person *person, struct random *random)
{
    identity_generate(&person->identity, random);
    prekey_generate(&person->prekey, 7, PAIR_EXPIRES_H, random);
    card_make(&person->identity, &person->prekey, &person->card);
    person->tags = tags_new(1024, 1);
}

static void expect_people(
    FILE *file, const struct person *a, const struct person *b)
{
    uint8_t card[CARD_BYTES];
    struct fingerprint print;
    card_encode(&a->card, card);
    expect(file, "card.alice", bytes_of(card));
    card_encode(&b->card, card);
    expect(file, "card.bob", bytes_of(card));
    card_fingerprint(&a->card, &print);
    expect(file, "fingerprint.alice", bytes_of(print.bytes));
    card_fingerprint(&b->card, &print);
    expect(file, "fingerprint.bob", bytes_of(print.bytes));
    struct fingerprint other;
    card_fingerprint(&a->card, &other);
    char number[SAFETY_NUMBER_DIGITS + 1];
    identity_safety_number(&print, &other, number);
    expect(file, "safety", span_of_text(number));
}

/* One seals, the other opens. */
static void say(struct person *from, struct random *from_random,
    struct person *to, const char *text, struct sealed *out)
{
    static struct ratchet_opened opened;
    need(!ratchet_seal(&from->ratchet, span_of_text(text), 0, PAIR_EXPIRES_H,
        from_random, out));
    need(!person_open(to, out, &opened));
    ok(span_equal(
           (struct span){opened.plain, opened.plain_size}, span_of_text(text)),
        text);
}

/* Bob invites, and Alice comes. */
static void invite(FILE *file, struct person *a, struct random *a_draws,
    struct person *b, struct random *b_draws)
{
    struct invite_keys keys;
    struct invite made;
    uint8_t bytes[INVITE_BYTES];
    invite_keys_generate(&keys, b_draws);
    invite_make(&b->identity, &keys, &b->card, &made);
    invite_encode(&made, bytes);
    expect(file, "invite", bytes_of(bytes));
    const struct intro_start from = {
        2, &a->identity, &a->card, &made.card, PAIR_NOW_H};
    static struct sealed sealed;
    need(!intro_begin_invited(
        &a->intro, &a->ratchet, &from, &made, a->tags, a_draws));
    intro_seal(&a->intro,
        intro_draw(intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, a_draws), &sealed);
    expect_sealed(file, "invited", &sealed);
}

/* Bob's card goes out in the week of the conversation. */
static void renew(FILE *file, const struct person *b)
{
    static struct sealed sealed;
    struct renewal renewal, opened;
    uint32_t week = renewal_week(b->card.address, PAIR_NOW_H);
    renewal_make(&b->identity, &b->prekey, &renewal);
    renewal_seal(&renewal, &b->prekey, week, &sealed);
    expect_sealed(file, "renewal", &sealed);
    struct envelope envelope = decoded(&sealed);
    ok(renewal_open(b->card.address, week, &envelope, &opened) == STATUS_OK,
        "and is opened");
}

/* One with an X-Wing key, of zeros here, is made by another program, and its
 * card is taken by this one whether it has X-Wing or not. */
static void renew_with_kem(FILE *file, const struct person *b)
{
    static struct sealed sealed;
    static const uint8_t zeros[KEM_PUBLIC_BYTES];
    struct renewal opened;
    uint32_t week = renewal_week(b->card.address, PAIR_NOW_H);
    sealed.class_ = 1;
    sealed.size = read_value(file, "kemrenewal.envelope", sealed.encoding);
    struct envelope envelope = decoded(&sealed);
    ok(renewal_open(b->card.address, week, &envelope, &opened) == STATUS_OK &&
            opened.suite == KEM_SUITE &&
            memcmp(opened.kem_public, zeros, sizeof(zeros)) == 0 &&
            opened.card.prekey_id == b->card.prekey_id,
        "a renewal with an X-Wing key is opened");
    struct envelope_id id;
    envelope_identify(envelope.encoding, &id);
    expect(file, "kemrenewal.id", bytes_of(id.bytes));
    uint8_t opening[VECTOR_BYTES];
    need(read_value(file, "kemrenewal.opening", opening) == 32);
    memcpy(sealed.opening.bytes, opening, 32);
    ok(opening_matches(&sealed.opening, &envelope.receipt_hash),
        "kemrenewal.opening");
}

/* Alice makes first contact with the X-Wing key of Bob's next prekey: a
 * stand-in, since the vector must be the same where there is no X-Wing. */
static void meet_with_kem(FILE *file, struct person *a, struct random *a_draws,
    struct person *b, struct random *b_draws)
{
    static struct sealed sealed;
    static struct intro_opened opened;
    struct prekey prekeys[2] = {b->prekey};
    prekey_generate(&prekeys[1], 8, PAIR_EXPIRES_H, b_draws);
    prekey_add_kem(&prekeys[1], b_draws);
    struct kem_offer offer = {.id = 8, .expires_h = PAIR_EXPIRES_H};
    kem_public(offer.public_, prekeys[1].kem_seed);
    expect(file, "kem.public", bytes_of(offer.public_));

    const struct intro_start from = {
        3, &a->identity, &a->card, &b->card, PAIR_NOW_H};
    need(!intro_begin_kem(
        &a->intro, &a->ratchet, &from, &offer, a->tags, a_draws));
    uint8_t shared[KEM_SHARED_BYTES];
    need(!kem_decapsulate(shared, a->intro.ciphertext, prekeys[1].kem_seed));
    expect(file, "kem.shared", bytes_of(shared));
    intro_seal(&a->intro,
        intro_draw(intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, a_draws), &sealed);
    expect_sealed(file, "kemintro", &sealed);
    struct envelope envelope = decoded(&sealed);
    ok(intro_open(&b->identity, prekeys, 2, &envelope, &opened) == STATUS_OK &&
            opened.prekey_id == 7 && opened.kem_id == 8,
        "and is opened, with the keys of two prekeys");
}

int main(void)
{
    need(!crypto_start());
    FILE *file = vectors_open();
    uint8_t key[32], out[64];
    for (uint8_t i = 0; i < sizeof(key); i++)
        key[i] = i;
    kdf(out, sizeof(out), key, "sotto1 vector", span_of_text("input"));
    expect(file, "kdf", bytes_of(out));

    static struct person a, b;
    static struct sealed sealed;
    struct counting a_draws = {{counting_fill}, 0x10};
    struct counting b_draws = {{counting_fill}, 0x80};
    begin(&a, &a_draws.base);
    begin(&b, &b_draws.base);
    expect_people(file, &a, &b);

    struct intro_opened opened;
    need(!intro_begin(&a.intro, &a.ratchet, 1, &a.identity, &a.card, &b.card,
        PAIR_NOW_H, a.tags, &a_draws.base));
    intro_seal(&a.intro,
        intro_draw(intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, &a_draws.base),
        &sealed);
    expect_sealed(file, "intro", &sealed);
    struct envelope envelope = decoded(&sealed);
    need(!intro_open(&b.identity, &b.prekey, 1, &envelope, &opened));
    need(!intro_accept(&opened, &b.prekey, 1, b.tags, &b.ratchet));

    say(&a, &a_draws.base, &b, "one", &sealed);
    expect_sealed(file, "letter1", &sealed);
    say(&b, &b_draws.base, &a, "two", &sealed);
    expect_sealed(file, "letter2", &sealed);
    say(&a, &a_draws.base, &b, "three", &sealed);
    expect_sealed(file, "letter3", &sealed);
    invite(file, &a, &a_draws.base, &b, &b_draws.base);
    renew(file, &b);
    renew_with_kem(file, &b);
    meet_with_kem(file, &a, &a_draws.base, &b, &b_draws.base);
    fclose(file);
    person_end(&a);
    person_end(&b);
    return tap_done();
}
