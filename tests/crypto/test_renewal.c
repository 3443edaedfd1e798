/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Renewals: found by those who know the address, opened by nobody else, signed
 * as a whole, and the same each time. */
#include "crypto/renewal.h"

#include <string.h>

#include "tests/crypto/pair.h"

static struct sealed sealed;
static struct renewal renewal;
static struct renewal opened;

static uint32_t week_of(const struct person *person)
{
    return renewal_week(person->card.address, PAIR_NOW_H);
}

static void seal(const struct person *person)
{
    renewal_seal(&renewal, &person->prekey, week_of(person), &sealed);
}

static enum status open_as(const uint8_t *address, uint32_t week)
{
    struct envelope envelope;
    if (envelope_decode((struct span){sealed.encoding, sealed.size}, &envelope))
        return STATUS_INVALID;
    return renewal_open(address, week, &envelope, &opened);
}

static enum status open_it(const struct person *from)
{
    return open_as(from->card.address, week_of(from));
}

static void test_right(struct person *a)
{
    static struct sealed again;
    struct tag tag;
    renewal_make(&a->identity, &a->prekey, &renewal);
    seal(a);
    again = sealed;
    ok(open_it(a) == STATUS_OK &&
            memcmp(&opened.card, &a->card, sizeof(a->card)) == 0,
        "who knows the address reads the card");
    struct envelope envelope = decoded(&sealed);
    renewal_tag(a->card.address, week_of(a), &tag);
    ok(tag_equal(&tag, &envelope.tag) && envelope.class_ == 0 &&
            envelope.zone == 0 && envelope.expires_h == a->prekey.expires_h,
        "an ordinary envelope under the week's tag, as long as its prekey");
    ok(opening_matches(&sealed.opening, &envelope.receipt_hash),
        "its owner can clear it");
    seal(a);
    ok(memcmp(sealed.encoding, again.encoding, again.size) == 0,
        "made again, it is the same to the byte");
    renewal_seal(&renewal, &a->prekey, week_of(a) + 1, &sealed);
    size_t same = 0;
    for (size_t at = ENVELOPE_AT_BODY; at < sealed.size; at++)
        same += sealed.encoding[at] == again.encoding[at];
    ok(same < 16 && memcmp(sealed.encoding + ENVELOPE_AT_HEADER,
                        again.encoding + ENVELOPE_AT_HEADER, 16) != 0,
        "in another week it has nothing in common with it");
}

static void test_bytes(const struct person *a)
{
    seal(a);
    int all = 1;
    for (size_t at = 0; at < sealed.size; at++) {
        bool is_stamp = at >= ENVELOPE_AT_STAMP && at < ENVELOPE_AT_STAMP + 8;
        sealed.encoding[at] ^= 1;
        all &= is_stamp == (open_it(a) == STATUS_OK);
        sealed.encoding[at] ^= 1;
    }
    ok(all, "with any byte flipped but the stamp's it does not open");
}

static void test_others(const struct person *a, const struct person *b)
{
    seal(a);
    ok(open_as(b->card.address, week_of(a)) == STATUS_REFUSED,
        "nor does it under another address");
    ok(open_as(a->card.address, week_of(a) + 1) == STATUS_REFUSED &&
            open_as(a->card.address, week_of(a) - 1) == STATUS_REFUSED,
        "nor in another week");
}

/* What is not as it should be. */
struct flaw {
    uint8_t salt;   /* and so the header, which follows from it */
    uint8_t header; /* alone */
    uint8_t swap;   /* the salt, under the right one's header */
};

/* Seal the renewal under a's address, by hand, whosever it is. */
static void seal_at(const struct person *a, struct flaw flaw)
{
    const uint8_t *address = a->card.address;
    uint8_t mark[68] = {0}, key[32], stream[64];
    uint8_t body[KEM_RENEWAL_BYTES];
    uint32_t week = week_of(a);
    for (int i = 0; i < 4; i++)
        mark[i] = (uint8_t)(week >> (24 - 8 * i));
    memcpy(mark + 4, renewal.signature, 64);
    struct sealed_choice choice = {.expires_h = PAIR_EXPIRES_H};
    renewal_tag(address, week, &choice.tag);
    kdf(choice.salt, 16, address, "sotto1 renewsalt", (struct span){mark, 68});
    choice.salt[15] ^= flaw.salt;
    kdf(stream, 64, address, "sotto1 renewmask",
        (struct span){choice.salt, 16});
    stream[49] ^= flaw.header;
    choice.salt[15] ^= flaw.swap;
    kdf(key, 32, address, "sotto1 renewkey", (struct span){mark, 4});
    size_t size = renewal_encode(&renewal, body);
    sealed_lay_out(&sealed, &choice, (struct span){body, size});
    memcpy(sealed.encoding + ENVELOPE_AT_HEADER, stream, 50);
    sealed_finish(&sealed, key);
}

static void test_form(const struct person *a, const struct person *b)
{
    const struct renewal right = renewal;
    seal_at(a, (struct flaw){.salt = 0});
    ok(open_it(a) == STATUS_OK, "what is sealed by hand as it should be opens");
    seal_at(a, (struct flaw){.salt = 1});
    ok(open_it(a) == STATUS_REFUSED, "with another salt it is refused");
    seal_at(a, (struct flaw){.swap = 1});
    ok(open_it(a) == STATUS_REFUSED, "whosever the header is");
    seal_at(a, (struct flaw){.header = 1});
    ok(open_it(a) == STATUS_REFUSED, "and with another header");
    renewal_make(&b->identity, &b->prekey, &renewal);
    seal_at(a, (struct flaw){.salt = 0});
    ok(open_it(a) == STATUS_REFUSED,
        "and so is another person's, under this address");
    renewal = right;
}

/* Somebody who knows the address seals what they like under it. */
static void test_forged(const struct person *a, const struct person *b)
{
    const struct renewal right = renewal;
    renewal.suite = 3;
    seal(a);
    ok(open_it(a) == STATUS_REFUSED, "another suite is refused");
    renewal = right;
    renewal.card.suite = 3;
    seal(a);
    ok(open_it(a) == STATUS_REFUSED, "and so is one of its card");
    renewal = right;
    memcpy(renewal.signature, a->card.signature, 64);
    seal(a);
    ok(open_it(a) == STATUS_REFUSED, "a card that was given out is no renewal");
    renewal = right;
    renewal.card.prekey_id++;
    struct prekey later = a->prekey;
    later.id++;
    renewal_seal(&renewal, &later, week_of(a), &sealed);
    ok(open_it(a) == STATUS_REFUSED, "nor is one with another prekey id");
    renewal_make(&b->identity, &b->prekey, &renewal);
    struct renewal theirs = renewal;
    memcpy(renewal.card.address, a->card.address, 32);
    seal(b);
    ok(open_it(a) == STATUS_REFUSED, "nor another person's, moved here");
    struct identity low = a->identity;
    struct prekey weak = a->prekey;
    memset(weak.public_, 0, sizeof(weak.public_));
    renewal_make(&low, &weak, &renewal);
    renewal_seal(&renewal, &weak, week_of(a), &sealed);
    ok(open_it(a) == STATUS_REFUSED,
        "nor one whose prekey is of low order, signed though it is");
    renewal = theirs;
    seal(b);
    ok(open_it(b) == STATUS_OK, "and the other's own opens where it belongs");
    renewal = right;
}

/* Given out in any hour, it is looked for until its prekey has run out, by
 * clocks that go an hour wrong. */
static void test_weeks(struct person *a)
{
    enum { WEEK_H = 168 };
    const uint8_t *address = a->card.address;
    int all = 1, kept = 1;
    uint32_t begins = 0;
    for (uint32_t made_h = PAIR_NOW_H; made_h < PAIR_NOW_H + WEEK_H; made_h++) {
        struct tag tag, added[RENEWAL_WEEKS];
        uint32_t week = renewal_week(address, made_h);
        begins += week != renewal_week(address, made_h - 1);
        renewal_tag(address, week, &tag);
        for (uint32_t now_h = made_h - 1; now_h <= made_h + WEEK_H + 1;
             now_h++) {
            struct tags *tags = tags_new(8, now_h);
            size_t count;
            const struct renewal_watch watch = {address, 4, now_h};
            need(tags && !renewal_register(&watch, tags, added, &count) &&
                 count == RENEWAL_WEEKS);
            bool found = tags_find(tags, &tag) != NULL;
            all &= found || now_h > made_h + WEEK_H;
            tags_remove_renewals_before(tags, now_h);
            kept &= found == (tags_find(tags, &tag) != NULL);
            tags_free(tags);
        }
    }
    ok(all, "in every hour of its life it is looked for");
    ok(kept, "and no tag is dropped that would be added again");
    ok(begins == 1, "a week has 168 hours");
}

static void test_tags(struct person *a)
{
    struct tag added[RENEWAL_WEEKS];
    size_t count;
    const struct renewal_watch watch = {a->card.address, 1, PAIR_NOW_H};
    struct tag_entry ahead = {.kind = TAG_AHEAD, .session = 1, .tag = {{7}}};
    need(!tags_add(a->tags, &ahead));
    need(!renewal_register(&watch, a->tags, added, &count) && count == 3);
    need(!renewal_register(&watch, a->tags, added, &count));
    ok(count == 0 && tags_count(a->tags) == 4, "what is there stays");
    ok(tags_find_at(a->tags, 1, week_of(a), 0) == NULL,
        "a renewal's entry is in no session");
    tags_remove_session(a->tags, 1);
    ok(tags_count(a->tags) == 3, "and does not go with one");
    tags_remove_renewals(a->tags, 2);
    need(tags_count(a->tags) == 3);
    tags_remove_renewals(a->tags, 1);
    ok(tags_count(a->tags) == 0, "but with its contact");
}

int main(void)
{
    need(!crypto_start());
    static struct person a, b;
    person_begin(&a, 1);
    person_begin(&b, 2);
    test_right(&a);
    test_bytes(&a);
    test_others(&a, &b);
    test_form(&a, &b);
    test_forged(&a, &b);
    test_weeks(&a);
    test_tags(&a);
    person_end(&a);
    person_end(&b);
    return tap_done();
}
