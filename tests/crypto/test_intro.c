/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First contact: who can make one, who can open it, and what is refused. */
#include <sodium.h>
#include <string.h>

#include "tests/crypto/pair.h"

static struct sealed sealed, again;

static struct intro_opened opened;

static enum status begin(
    struct person *from, const struct card *to, uint32_t now_h)
{
    return intro_begin(&from->intro, &from->ratchet, 1, &from->identity,
        &from->card, to, now_h, from->tags, &from->random.base);
}

static void seal(struct person *from, struct sealed *out)
{
    intro_seal(&from->intro,
        intro_draw(intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, &from->random.base),
        out);
}

static enum status open_as(const struct person *to, const struct sealed *intro)
{
    struct envelope envelope = decoded(intro);
    return intro_open(&to->identity, &to->prekey, 1, &envelope, &opened);
}

/* Whether an envelope that decodes is refused and *out stays as it was. */
static int refused(const struct person *to, const struct sealed *intro)
{
    static struct intro_opened zeros;
    struct envelope envelope;
    if (envelope_decode((struct span){intro->encoding, intro->size}, &envelope))
        return 1;
    memset(&opened, 0, sizeof(opened));
    enum status status =
        intro_open(&to->identity, &to->prekey, 1, &envelope, &opened);
    return (status == STATUS_REFUSED || status == STATUS_NOT_FOUND) &&
           memcmp(&opened, &zeros, sizeof(zeros)) == 0;
}

static void test_right(struct person *a, struct person *b)
{
    need(!begin(a, &b->card, PAIR_NOW_H));
    seal(a, &sealed);
    ok(sealed.class_ == 0, "an intro is of the smallest class");
    const struct intro_days days = {
        b->identity.address, 0, intro_day(PAIR_NOW_H) - 1, 16};
    need(!intro_register(&days, b->tags));
    ok(tags_count(b->tags) == 16 * LIMIT_INTRO_SLOTS, "all slots are expected");
    struct envelope envelope = decoded(&sealed);
    const struct tag_entry *entry = tags_find(b->tags, &envelope.tag);
    ok(entry && entry->kind == TAG_INTRO &&
            entry->chain == intro_day(PAIR_NOW_H) &&
            entry->number < LIMIT_INTRO_SLOTS,
        "its owner knows it by its tag");
    ok(!open_as(b, &sealed), "and opens it");
    ok(memcmp(opened.card.sign_key, a->card.sign_key, 32) == 0 &&
            memcmp(opened.card.address, a->card.address, 32) == 0 &&
            opened.prekey_id == b->prekey.id,
        "it says who writes, and to which prekey");
    ok(memcmp(&opened.opening, &sealed.opening, 32) == 0,
        "both ends know its opening");

    uint8_t ephemeral[32];
    memcpy(ephemeral, opened.ephemeral_public, 32);
    seal(a, &again);
    need(!open_as(b, &again));
    ok(memcmp(ephemeral, opened.ephemeral_public, 32) == 0 &&
            memcmp(again.encoding + ENVELOPE_AT_HEADER,
                sealed.encoding + ENVELOPE_AT_HEADER, 32) != 0 &&
            memcmp(&again.opening, &sealed.opening, 32) != 0,
        "a repeat shows the same key to its owner and none to others");
    const struct intro_draw draw =
        intro_draw(intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, &a->random.base);
    intro_seal(&a->intro, draw, &sealed);
    intro_seal(&a->intro, draw, &again);
    ok(again.size == sealed.size &&
            memcmp(again.encoding, sealed.encoding, sealed.size) == 0 &&
            memcmp(&again.id, &sealed.id, sizeof(again.id)) == 0,
        "with one draw it is one envelope");
    tags_remove_intro_before(b->tags, UINT32_MAX);
    ok(tags_count(b->tags) == 0, "days gone by are forgotten");
}

static void test_session(struct person *a, struct person *b)
{
    static struct ratchet_opened letter;
    ok(intro_accept(&opened, &b->prekey, 1, b->tags, &b->ratchet) == STATUS_OK,
        "the owner accepts");
    struct ratchet twice;
    ok(intro_accept(&opened, &b->prekey, 2, b->tags, &twice) == STATUS_EXISTS,
        "and only once");
    person_seal(a, 11, &sealed);
    ok(person_open(b, &sealed, &letter) == STATUS_OK &&
            opened_number(&letter) == 11,
        "a letter follows");
    person_seal(b, 12, &sealed);
    ok(person_open(a, &sealed, &letter) == STATUS_OK &&
            opened_number(&letter) == 12,
        "and its answer");
}

static void test_every_byte(struct person *a, struct person *b)
{
    seal(a, &sealed);
    int all = 1;
    for (size_t at = 0; at < sealed.size; at++) {
        if (at >= ENVELOPE_AT_STAMP &&
            at < ENVELOPE_AT_STAMP + ENVELOPE_STAMP_BYTES)
            continue;
        for (int bit = 1; bit < 256; bit <<= 7) {
            sealed.encoding[at] ^= (uint8_t)bit;
            all &= refused(b, &sealed);
            sealed.encoding[at] ^= (uint8_t)bit;
        }
    }
    ok(all, "an intro is refused when any byte is flipped");
    sealed.encoding[ENVELOPE_AT_STAMP] ^= 1;
    ok(!open_as(b, &sealed), "but for the stamp's");
}

static void test_wrong_people(struct person *a, struct person *b)
{
    struct person other;
    person_begin(&other, 77);
    seal(a, &sealed);
    ok(refused(&other, &sealed), "a stranger opens nothing");
    memcpy(other.identity.address, b->identity.address, 32);
    ok(refused(&other, &sealed), "nor one who knows the address");

    struct envelope envelope = decoded(&sealed);
    ok(intro_open(&b->identity, NULL, 0, &envelope, &opened) ==
            STATUS_NOT_FOUND,
        "once the prekey is gone, nobody does");
    struct prekey later = other.prekey;
    later.id = b->prekey.id;
    ok(intro_open(&b->identity, &later, 1, &envelope, &opened) ==
            STATUS_REFUSED,
        "nor with another prekey of that id");
    person_end(&other);
}

static void test_cards(struct person *a, struct person *b)
{
    ok(begin(a, &b->card, b->card.prekey_expires_h + 1) == STATUS_EXPIRED,
        "an expired card begins nothing");
    ok(begin(a, &b->card, b->card.prekey_expires_h) == STATUS_OK,
        "its last hour does");
    tags_remove_session(a->tags, 1);

    struct card bad = b->card;
    memset(bad.prekey, 0, 32);
    ok(begin(a, &bad, PAIR_NOW_H) == STATUS_REFUSED,
        "a prekey of low order begins nothing");
    bad = b->card;
    bad.agree_key[31] |= 0x80;
    ok(begin(a, &bad, PAIR_NOW_H) == STATUS_REFUSED,
        "nor an identity key in a second spelling");
    ok(tags_count(a->tags) == 0, "and nothing is left behind");
}

/* Somebody holds b's identity key, but not b's prekey, and wants to be a: he
 * can do all but agree a's identity key with the prekey. */
static void test_impersonation(struct person *a, struct person *b)
{
    struct person thief;
    person_begin(&thief, 99);
    need(!begin(&thief, &b->card, PAIR_NOW_H));
    card_encode(&a->card, thief.intro.own_card);
    seal(&thief, &sealed);
    ok(refused(b, &sealed), "a card that is not one's own is not proved");

    thief.identity = b->identity;
    memcpy(thief.identity.sign_public, a->identity.sign_public, 32);
    memcpy(thief.identity.agree_public, a->identity.agree_public, 32);
    thief.card = a->card;
    tags_remove_session(thief.tags, 1);
    need(!begin(&thief, &b->card, PAIR_NOW_H));
    seal(&thief, &sealed);
    ok(refused(b, &sealed), "not with the responder's identity key either");
    person_end(&thief);
}

/* What a writer who holds the keys may try. */
struct forgery {
    uint8_t class_;
    size_t header_at; /* byte of the header to change */
    uint8_t header_by;
    size_t size; /* of the plain body */
};

static void forge(const struct person *a, const struct forgery *forgery)
{
    static uint8_t plain[LIMIT_ENVELOPE_BYTES];
    struct envelope honest = decoded(&sealed);
    struct sealed_choice choice = {
        .tag = honest.tag,
        .opening = sealed.opening,
        .expires_h = honest.expires_h,
        .class_ = forgery->class_,
    };
    size_t size = 0;
    memset(plain, 0, sizeof(plain));
    memcpy(choice.salt, honest.salt, sizeof(choice.salt));
    need(!sealed_open(&honest, a->intro.key, plain, &size));
    sealed_lay_out(&again, &choice, (struct span){plain, forgery->size});
    uint8_t *header = again.encoding + ENVELOPE_AT_HEADER;
    memcpy(header, honest.header, ENVELOPE_HEADER_BYTES);
    header[forgery->header_at] ^= forgery->header_by;
    sealed_finish(&again, a->intro.key);
}

static void test_forgeries(struct person *a, struct person *b)
{
    enum { SIZE = CARD_BYTES + 16 };
    seal(a, &sealed);
    forge(a, &(struct forgery){0, 0, 0, SIZE});
    ok(!open_as(b, &again), "what is sealed by hand as it must be opens");
    int all = 1;
    for (size_t at = 36; at < ENVELOPE_HEADER_BYTES; at++) {
        forge(a, &(struct forgery){0, at, 3, SIZE});
        all &= refused(b, &again);
    }
    ok(all, "an unknown suite is refused, and so is what follows it");
    forge(a, &(struct forgery){1, 0, 0, SIZE});
    ok(refused(b, &again), "and another class");
    forge(a, &(struct forgery){3, 0, 0, 32000});
    ok(refused(b, &again), "of whatever size");
    forge(a, &(struct forgery){0, 0, 0, SIZE - 1});
    all = refused(b, &again);
    forge(a, &(struct forgery){0, 0, 0, SIZE + 1});
    ok(all && refused(b, &again), "a body has one length");

    struct intro honest = a->intro;
    a->intro.opening_key[0] ^= 1;
    seal(a, &sealed);
    ok(refused(b, &sealed), "an intro commits to its opening");
    a->intro = honest;

    struct card card = a->card;
    card.address[0] ^= 1;
    tags_remove_session(a->tags, 1);
    need(!intro_begin(&a->intro, &a->ratchet, 1, &a->identity, &card, &b->card,
        PAIR_NOW_H, a->tags, &a->random.base));
    seal(a, &sealed);
    ok(refused(b, &sealed),
        "a card that is not signed is refused from its owner");
    a->intro = honest;
}

static void test_codes(struct person *a, struct person *b)
{
    uint8_t bytes[KEM_INTRO_BYTES], twice[KEM_INTRO_BYTES];
    const struct span span = {bytes, INTRO_BYTES};
    struct intro read;
    need(intro_encode(&a->intro, bytes) == INTRO_BYTES);
    need(!intro_decode(span, &read));
    need(intro_encode(&read, twice) == INTRO_BYTES);
    ok(memcmp(bytes, twice, INTRO_BYTES) == 0, "an intro is read back whole");
    a->intro = read;
    seal(a, &sealed);
    ok(!open_as(b, &sealed), "and can be repeated");
    bytes[INTRO_BYTES - 1] = 1;
    ok(intro_decode(span, &read) == STATUS_INVALID, "zeros end it");
    bytes[INTRO_BYTES - 1] = 0;
    bytes[0] = 2;
    ok(intro_decode(span, &read) == STATUS_INVALID, "its format is known");
    bytes[0] = 1;
    bytes[1 + 4 * 32 + CARD_BYTES] = INVITE_SUITE;
    ok(intro_decode(span, &read) == STATUS_INVALID, "and its card's suite");
}

int main(void)
{
    need(!crypto_start());
    static struct person a, b;
    person_begin(&a, 1);
    person_begin(&b, 2);
    test_right(&a, &b);
    test_session(&a, &b);
    test_every_byte(&a, &b);
    test_wrong_people(&a, &b);
    test_codes(&a, &b);
    test_forgeries(&a, &b);
    test_impersonation(&a, &b);
    tags_remove_session(a.tags, 1);
    test_cards(&a, &b);
    person_end(&a);
    person_end(&b);
    return tap_done();
}
