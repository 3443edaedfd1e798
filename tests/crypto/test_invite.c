/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First contact through an invite: who can make one, who can open it, and that
 * no suite passes for another. */
#include <string.h>

#include "tests/crypto/pair.h"

static struct sealed sealed;
static struct intro_opened opened;
static struct invite_keys keys;
static struct invite invite;

static void make(struct person *b)
{
    invite_keys_generate(&keys, &b->random.base);
    invite_make(&b->identity, &keys, &b->card, &invite);
}

static enum status begin(struct person *a, const struct invite *with)
{
    const struct intro_start from = {
        1, &a->identity, &a->card, &with->card, PAIR_NOW_H};
    tags_remove_session(a->tags, 1);
    return intro_begin_invited(
        &a->intro, &a->ratchet, &from, with, a->tags, &a->random.base);
}

static void seal(struct person *a)
{
    intro_seal(&a->intro,
        intro_draw(intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, &a->random.base),
        &sealed);
}

static enum status open_with(
    const struct person *b, const struct invite_keys *with)
{
    struct envelope envelope;
    if (envelope_decode((struct span){sealed.encoding, sealed.size}, &envelope))
        return STATUS_INVALID;
    const struct intro_invited invited = {&b->identity, with};
    return intro_open_invited(&invited, &b->prekey, 1, &envelope, &opened);
}

static void test_invite(const struct person *b)
{
    uint8_t bytes[INVITE_BYTES];
    struct invite read;
    ok(invite_verify(&invite) == STATUS_OK, "an invite verifies");
    invite_encode(&invite, bytes);
    int all = 1;
    for (size_t at = 0; at < sizeof(bytes); at++) {
        bytes[at] ^= 1;
        if (!invite_decode(bytes, &read))
            all &= invite_verify(&read) == STATUS_REFUSED;
        bytes[at] ^= 1;
    }
    ok(all, "and with no byte flipped");
    struct invite low = invite;
    struct invite_keys bad = keys;
    memset(bad.prekey_public, 0, 32);
    invite_make(&b->identity, &bad, &b->card, &low);
    ok(invite_verify(&low) == STATUS_REFUSED,
        "nor with a one-time prekey of low order, signed though it is");
    struct card card = b->card;
    card.signature[0] ^= 1;
    invite_make(&b->identity, &keys, &card, &low);
    ok(invite_verify(&low) == STATUS_REFUSED,
        "nor around a card that does not, though it is its owner's");
}

static void test_right(struct person *a, struct person *b)
{
    static struct ratchet_opened letter;
    need(!begin(a, &invite));
    seal(a);
    const struct intro_days days = {keys.address, 9, intro_day(PAIR_NOW_H), 1};
    need(!intro_register(&days, b->tags));
    struct envelope envelope = decoded(&sealed);
    const struct tag_entry *entry = tags_find(b->tags, &envelope.tag);
    ok(entry && entry->kind == TAG_INTRO && entry->session == 9,
        "an intro comes in by the invite's own door");
    tags_remove_door(b->tags, 8);
    size_t before = tags_count(b->tags);
    tags_remove_door(b->tags, 9);
    ok(before == LIMIT_INTRO_SLOTS && tags_count(b->tags) == 0,
        "which can be shut, and no other with it");
    ok(open_with(b, &keys) == STATUS_OK && opened.invited, "it opens");
    need(!intro_accept(&opened, &b->prekey, 1, b->tags, &b->ratchet));
    person_seal(a, 11, &sealed);
    ok(person_open(b, &sealed, &letter) == STATUS_OK, "and a letter follows");
}

static void test_every_byte(struct person *a, struct person *b)
{
    seal(a);
    int all = 1;
    for (size_t at = 0; at < sealed.size; at++) {
        if (at >= ENVELOPE_AT_STAMP &&
            at < ENVELOPE_AT_STAMP + ENVELOPE_STAMP_BYTES)
            continue;
        sealed.encoding[at] ^= 1;
        all &= open_with(b, &keys) != STATUS_OK;
        sealed.encoding[at] ^= 1;
    }
    ok(all, "no byte of it can be flipped");
}

/* Of what an invite adds, nothing may be missing. */
static void test_needs(struct person *a, struct person *b)
{
    seal(a);
    struct invite_keys other = keys;
    other.secret[0] ^= 1;
    ok(open_with(b, &other) == STATUS_REFUSED,
        "with another one-time secret it does not open");
    other = keys;
    other.prekey_secret[1] ^= 1;
    ok(open_with(b, &other) == STATUS_REFUSED,
        "nor with another one-time prekey");
    other = keys;
    other.prekey_public[0] ^= 1;
    ok(open_with(b, &other) == STATUS_REFUSED,
        "nor if the two ends name another");
    other = keys;
    other.address[0] ^= 1;
    ok(open_with(b, &other) != STATUS_OK, "nor at another address");

    struct invite forged = invite;
    memset(forged.secret, 0, sizeof(forged.secret));
    need(!begin(a, &forged));
    seal(a);
    ok(open_with(b, &keys) == STATUS_REFUSED,
        "whoever lacks the one-time secret makes no proof");
}

static void test_suites(struct person *a, struct person *b)
{
    /* The whole invite is there, but the writer leaves out what it adds. */
    struct card card = b->card;
    memcpy(card.address, keys.address, 32);
    tags_remove_session(a->tags, 1);
    need(!intro_begin(&a->intro, &a->ratchet, 1, &a->identity, &a->card, &card,
        PAIR_NOW_H, a->tags, &a->random.base));
    seal(a);
    ok(open_with(b, &keys) != STATUS_OK,
        "a first contact without it is refused at its address");
    a->intro.suite = INVITE_SUITE;
    seal(a);
    ok(open_with(b, &keys) == STATUS_REFUSED, "whatever suite it names");

    struct invite at_card = invite;
    memcpy(at_card.address, b->identity.address, 32);
    need(!begin(a, &at_card));
    seal(a);
    struct envelope envelope = decoded(&sealed);
    ok(intro_open(&b->identity, &b->prekey, 1, &envelope, &opened) != STATUS_OK,
        "and one with it is refused at the card's");
    a->intro.suite = CARD_SUITE;
    seal(a);
    envelope = decoded(&sealed);
    ok(intro_open(&b->identity, &b->prekey, 1, &envelope, &opened) ==
            STATUS_REFUSED,
        "whatever suite it names");
}

static void test_codes(struct person *a, struct person *b)
{
    uint8_t bytes[KEM_INTRO_BYTES];
    const struct span span = {bytes, INTRO_BYTES};
    need(!begin(a, &invite));
    need(intro_encode(&a->intro, bytes) == INTRO_BYTES);
    struct intro read;
    need(!intro_decode(span, &read));
    a->intro = read;
    seal(a);
    ok(open_with(b, &keys) == STATUS_OK, "an intro is read back whole");
    need(begin(a, &invite) == STATUS_OK);
    invite.card.prekey_expires_h = PAIR_NOW_H - 1;
    ok(begin(a, &invite) == STATUS_EXPIRED, "one that ran out begins nothing");
}

int main(void)
{
    need(!crypto_start());
    static struct person a, b;
    person_begin(&a, 1);
    person_begin(&b, 2);
    make(&b);
    test_invite(&b);
    test_right(&a, &b);
    test_every_byte(&a, &b);
    test_needs(&a, &b);
    test_suites(&a, &b);
    test_codes(&a, &b);
    person_end(&a);
    person_end(&b);
    return tap_done();
}
