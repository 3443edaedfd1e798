/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The edges of a session: windows, counts, limits, and a peer who holds the
 * keys and misuses them. */
#include <sodium.h>
#include <string.h>

#include "crypto/chain.h"
#include "tests/crypto/pair.h"

static struct sealed sealed, kept[256];
static struct ratchet_opened opened;
static struct snapshot before;

static void meet(struct person *a, struct person *b)
{
    person_begin(a, 1);
    person_begin(b, 2);
    pair_meet(a, b);
}

static void part(struct person *a, struct person *b)
{
    person_end(a);
    person_end(b);
}

static enum status deliver(struct person *to, const struct sealed *envelope)
{
    return person_open(to, envelope, &opened);
}

/* One letter each way, so that both have a current chain. */
static void talk(struct person *a, struct person *b)
{
    person_seal(a, 0, &sealed);
    need(!deliver(b, &sealed));
    person_seal(b, 0, &sealed);
    need(!deliver(a, &sealed));
}

/* Whether an envelope is refused without a change. */
static int refused(struct person *to, const struct sealed *envelope)
{
    snapshot_take(to, &before);
    return person_open(to, envelope, &opened) == STATUS_REFUSED &&
           snapshot_holds(to, &before);
}

static void test_sizes(void)
{
    static const struct {
        size_t size;
        uint8_t class_;
    } cases[] = {{0, 0}, {348, 0}, {349, 1}, {1884, 1}, {1885, 2}, {8028, 2},
        {8029, 3}, {32604, 3}};
    static uint8_t letter[LIMIT_ENVELOPE_BYTES];
    struct person a, b;
    meet(&a, &b);
    int passed = 1;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        random_fill(&a.random.base, letter, sizeof(letter));
        need(!ratchet_seal(&a.ratchet, (struct span){letter, cases[i].size}, 0,
            PAIR_EXPIRES_H, &a.random.base, &sealed));
        need(!deliver(&b, &sealed));
        passed &= sealed.class_ == cases[i].class_ &&
                  opened.plain_size == cases[i].size &&
                  memcmp(opened.plain, letter, cases[i].size) == 0;
    }
    ok(passed, "each size goes into the smallest class that holds it");
    need(!ratchet_seal(&a.ratchet, (struct span){letter, 10}, 2, PAIR_EXPIRES_H,
        &a.random.base, &sealed));
    ok(sealed.class_ == 2 && !deliver(&b, &sealed) && opened.plain_size == 10,
        "a least class is kept to");

    uint8_t encoding[2][RATCHET_BYTES];
    ratchet_encode(&a.ratchet, encoding[0]);
    ok(ratchet_seal(&a.ratchet, (struct span){letter, 32605}, 0, PAIR_EXPIRES_H,
           forbidden(), &sealed) == STATUS_TOO_LARGE,
        "a letter that no class holds is too large");
    ratchet_encode(&a.ratchet, encoding[1]);
    ok(memcmp(encoding[0], encoding[1], RATCHET_BYTES) == 0,
        "and moves nothing on");
    part(&a, &b);
}

static void test_order(void)
{
    struct person a, b;
    meet(&a, &b);
    ok(ratchet_seal(&b.ratchet, span_of_text("early"), 0, PAIR_EXPIRES_H,
           forbidden(), &sealed) == STATUS_AGAIN,
        "a responder waits for the first envelope");
    ok(tags_count(b.tags) == LIMIT_TAG_WINDOW, "one window is registered");

    struct ratchet rolled_back = a.ratchet;
    person_seal(&a, 1, &kept[0]);
    a.ratchet = rolled_back;
    person_seal(&a, 1, &kept[1]);
    ok(memcmp(kept[0].encoding + ENVELOPE_AT_TAG,
           kept[1].encoding + ENVELOPE_AT_TAG, 16) == 0 &&
            memcmp(kept[0].encoding + ENVELOPE_AT_BODY,
                kept[1].encoding + ENVELOPE_AT_BODY, 64) != 0,
        "a session rolled back does not repeat a key stream");
    ok(deliver(&b, &kept[0]) == STATUS_OK && opened.stepped &&
            opened.added_count == LIMIT_TAG_WINDOW + 1,
        "the first letter makes a step and registers a window");
    ok(deliver(&b, &kept[1]) == STATUS_NOT_FOUND, "a tag is used once");
    part(&a, &b);
}

static void test_window(void)
{
    struct person a, b;
    meet(&a, &b);
    for (uint32_t i = 0; i <= LIMIT_TAG_WINDOW; i++)
        person_seal(&a, i, &kept[i]);
    ok(deliver(&b, &kept[LIMIT_TAG_WINDOW]) == STATUS_NOT_FOUND,
        "the tag past the window is not known");
    ok(deliver(&b, &kept[LIMIT_TAG_WINDOW - 1]) == STATUS_OK &&
            opened.skipped_count == LIMIT_TAG_WINDOW - 1 &&
            opened.added_count == 2 * LIMIT_TAG_WINDOW,
        "the last in the window skips all before it");
    ok(b.ratchet.skipped == LIMIT_TAG_WINDOW - 1, "and counts them");
    ok(deliver(&b, &kept[LIMIT_TAG_WINDOW]) == STATUS_OK,
        "the window moved on");

    struct envelope envelope = decoded(&kept[5]);
    const struct tag_entry *entry = tags_find(b.tags, &envelope.tag);
    ok(entry && entry->kind == TAG_SKIPPED && entry->number == 5 &&
            entry->expires_h == PAIR_NOW_H + 14 * 24 + 48,
        "a skipped entry lives as long as an envelope, and two days");
    int all = 1;
    for (uint32_t i = 0; i < LIMIT_TAG_WINDOW - 1; i++)
        all &= person_open(&b, &kept[i], &opened) == STATUS_OK &&
               opened_number(&opened) == i && opened.used_skipped &&
               !opened.stepped && opened.added_count == 0;
    ok(all && b.ratchet.skipped == 0,
        "each skipped letter opens when it comes");
    part(&a, &b);
}

/* Fill the skipped entries: a opens every 128th of what b sends. */
static void test_skipped_limit(void)
{
    struct person a, b;
    meet(&a, &b);
    for (uint32_t i = 0; i < 16 * LIMIT_TAG_WINDOW; i++) {
        person_seal(&a, i, &sealed);
        if (i % LIMIT_TAG_WINDOW == LIMIT_TAG_WINDOW - 1)
            need(!deliver(&b, &sealed));
    }
    ok(b.ratchet.skipped == 16 * (LIMIT_TAG_WINDOW - 1),
        "skipped entries add up");
    uint32_t room = (uint32_t)LIMIT_SKIPPED - b.ratchet.skipped;
    for (uint32_t i = 0; i <= room + 1; i++)
        person_seal(&a, i, &kept[i]);
    snapshot_take(&b, &before);
    ok(person_open(&b, &kept[room + 1], &opened) == STATUS_FULL &&
            snapshot_holds(&b, &before),
        "one past the limit is refused, and nothing changes");
    ok(deliver(&b, &kept[room]) == STATUS_OK &&
            b.ratchet.skipped == LIMIT_SKIPPED,
        "exactly the limit is not");
    ok(deliver(&b, &kept[room + 1]) == STATUS_OK,
        "at the limit, letters in order still open");

    person_seal(&a, 0, &sealed);
    person_seal(&a, 7, &sealed);
    ok(deliver(&b, &sealed) == STATUS_FULL, "and others do not");
    struct envelope envelope = decoded(&kept[3]);
    ratchet_forget(&b.ratchet, b.tags, &envelope.tag);
    ratchet_forget(&b.ratchet, b.tags, &envelope.tag);
    ok(b.ratchet.skipped == LIMIT_SKIPPED - 1 &&
            skipped_in_table(&b) == LIMIT_SKIPPED - 1,
        "an entry is forgotten once");
    ok(deliver(&b, &sealed) == STATUS_OK && opened_number(&opened) == 7,
        "and makes room for what was refused");
    part(&a, &b);
}

static void test_closing(void)
{
    struct person a, b;
    meet(&a, &b);
    for (uint32_t i = 0; i < 10; i++)
        person_seal(&a, i, &kept[i]);
    need(!deliver(&b, &kept[2]));
    person_seal(&b, 0, &sealed);
    need(!deliver(&a, &sealed));
    person_seal(&a, 10, &sealed);
    ok(deliver(&b, &sealed) == STATUS_OK && opened.stepped &&
            opened.skipped_count == 7 && b.ratchet.skipped == 9,
        "a chain closes at the count that the next one tells");
    ok(tags_count(b.tags) == 2 * LIMIT_TAG_WINDOW + 9,
        "and what was never sent is no longer expected");
    int all = 1;
    for (uint32_t i = 0; i < 10; i++)
        all &= i == 2 || (deliver(&b, &kept[i]) == STATUS_OK &&
                             opened_number(&opened) == i);
    ok(all, "letters of a closed chain open when they come");
    part(&a, &b);
}

/* A peer that lies about the chain before, again and again. */
static void test_hostile_counts(void)
{
    static const uint32_t lies[] = {40000, 65535, 128, 129, 0x8000};
    struct person a, b;
    meet(&a, &b);
    talk(&a, &b);
    int bounded = 1, full = 0, taken = 0;
    for (uint32_t i = 0; i < 40 && !full; i++) {
        a.ratchet.previous_sent = lies[i % 5];
        uint32_t skipped = b.ratchet.skipped;
        person_seal(&a, i, &sealed);
        snapshot_take(&b, &before);
        enum status status = deliver(&b, &sealed);
        full = status == STATUS_FULL;
        if (full)
            bounded &= snapshot_holds(&b, &before);
        bounded &= status == STATUS_OK || full;
        bounded &= b.ratchet.skipped <= skipped + LIMIT_TAG_WINDOW &&
                   b.ratchet.skipped <= LIMIT_SKIPPED &&
                   b.ratchet.skipped == skipped_in_table(&b);
        if (!full) {
            taken++;
            person_seal(&b, i, &sealed);
            need(!deliver(&a, &sealed));
        }
    }
    ok(bounded && taken == LIMIT_SKIPPED / LIMIT_TAG_WINDOW,
        "a false count fills at most a window");
    ok(full, "and at most the limit of a session");
    part(&a, &b);
}

/* Start b's first receiving chain, and a's counter, at a high number. */
static void start_at(struct person *a, struct person *b, uint32_t number)
{
    tags_remove_session(b->tags, 1);
    a->ratchet.sent = number;
    b->ratchet.next.head = number;
    b->ratchet.next.edge = number + (uint32_t)LIMIT_TAG_WINDOW;
    need(!ratchet_register(&b->ratchet, b->tags));
}

static void test_wrapping(uint32_t start, const char *what)
{
    struct person a, b;
    meet(&a, &b);
    start_at(&a, &b, start);
    for (uint32_t i = 0; i < 20; i++)
        person_seal(&a, i, &kept[i]);
    int all = deliver(&b, &kept[12]) == STATUS_OK;
    person_seal(&b, 0, &sealed);
    all &= deliver(&a, &sealed) == STATUS_OK;
    person_seal(&a, 20, &sealed);
    all &= deliver(&b, &sealed) == STATUS_OK && b.ratchet.skipped == 19;
    for (uint32_t i = 0; i < 20; i++)
        all &= i == 12 || (deliver(&b, &kept[i]) == STATUS_OK &&
                              opened_number(&opened) == i);
    ok(all && b.ratchet.skipped == 0, what);
    part(&a, &b);
}

static void test_hostile_keys(void)
{
    static const uint8_t keys[][32] = {
        {0},
        {1},
        /* p + 9, the base point's other spelling */
        {0xf6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    };
    static const uint8_t zeros[32];
    struct person a, b;
    meet(&a, &b);
    int all = 1;
    struct ratchet honest = a.ratchet;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        memcpy(a.ratchet.own_public, keys[i], 32);
        person_seal(&a, 1, &sealed);
        all &= refused(&b, &sealed);
        /* ... nor with the chain that an agreement on nothing leads to. */
        memcpy(a.ratchet.root, b.ratchet.root, 32);
        chain_root(a.ratchet.root, zeros, a.ratchet.send_chain_key,
            a.ratchet.next_send_tag_key);
        memcpy(a.ratchet.send_tag_key, honest.send_tag_key, 32);
        person_seal(&a, 1, &sealed);
        all &= refused(&b, &sealed);
        a.ratchet = honest;
    }
    a.ratchet.own_public[31] |= 0x80;
    person_seal(&a, 1, &sealed);
    all &= refused(&b, &sealed);
    ok(all, "bad ratchet keys are refused and change nothing");

    a.ratchet = honest;
    person_seal(&a, 1, &sealed);
    need(!deliver(&b, &sealed));
    memcpy(a.ratchet.own_public, b.identity.agree_public, 32);
    person_seal(&a, 2, &sealed);
    ok(refused(&b, &sealed), "a chain has one ratchet key");
    part(&a, &b);
}

/* b has no key while a waits for an answer; who goes on to a's next chain all
 * the same, with what is in the place of one, is refused. */
static void test_unanswered(void)
{
    static const uint8_t zeros[32];
    struct person a, b;
    meet(&a, &b);
    person_seal(&a, 1, &sealed);
    need(!deliver(&b, &sealed));
    ok(sodium_is_zero(b.ratchet.own_secret, 32) &&
            sodium_is_zero(b.ratchet.send_chain_key, 32),
        "the key that was answered is gone, and no other is there");
    struct ratchet honest = a.ratchet;
    agree_public(a.ratchet.peer_public, zeros);
    memcpy(a.ratchet.send_tag_key, a.ratchet.next_send_tag_key, 32);
    a.ratchet.must_turn = true;
    person_seal(&a, 2, &sealed);
    ok(refused(&b, &sealed), "a chain that nobody can have begun is refused");

    a.ratchet = honest;
    person_seal(&b, 3, &sealed);
    ok(!sodium_is_zero(b.ratchet.own_secret, 32) && !deliver(&a, &sealed),
        "an answer is under a key drawn for it");
    struct ratchet answered = a.ratchet;
    static uint8_t letter[LIMIT_ENVELOPE_BYTES];
    ok(ratchet_seal(&a.ratchet, (struct span){letter, sizeof(letter)}, 0,
           PAIR_EXPIRES_H, forbidden(), &sealed) == STATUS_TOO_LARGE &&
            memcmp(&a.ratchet, &answered, sizeof(answered)) == 0,
        "and not for one that is refused");
    part(&a, &b);
}

/* The keys of a's next letter, for a peer who seals by hand. */
struct peer_keys {
    struct sealed_choice choice;
    uint8_t header_key[32];
    uint8_t body_key[32];
};

static void peer_keys_take(struct person *a, struct peer_keys *out)
{
    uint8_t message_key[32];
    *out = (struct peer_keys){.choice.expires_h = PAIR_EXPIRES_H};
    random_fill(&a->random.base, out->choice.salt, sizeof(out->choice.salt));
    chain_tag(a->ratchet.send_tag_key, &out->choice.tag, out->header_key);
    chain_message(a->ratchet.send_chain_key, message_key);
    chain_body(message_key, out->body_key, &out->choice.opening);
}

/* Seal by hand a body that is laid out already. */
static void seal_by_hand(
    const struct person *a, const struct peer_keys *keys, struct sealed *out)
{
    uint8_t header[34] = {0}, nonce[24], ad[ENVELOPE_HEADER_AD_BYTES];
    memcpy(header, a->ratchet.own_public, 32);
    envelope_header_ad(out->encoding, ad);
    sealed_nonce(keys->choice.salt, nonce);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        out->encoding + ENVELOPE_AT_HEADER, NULL, header, sizeof(header), ad,
        sizeof(ad), NULL, nonce, keys->header_key);
    sealed_finish(out, keys->body_key);
}

static void test_hostile_bodies(void)
{
    struct person a, b;
    meet(&a, &b);
    struct ratchet honest = a.ratchet;
    struct peer_keys keys;
    const struct span letter = {(const uint8_t *)"\0\0\0\5", 4};

    peer_keys_take(&a, &keys);
    keys.choice.opening.bytes[0] ^= 1;
    sealed_lay_out(&sealed, &keys.choice, letter);
    seal_by_hand(&a, &keys, &sealed);
    ok(refused(&b, &sealed), "a body is not opened under another commitment");

    a.ratchet = honest;
    peer_keys_take(&a, &keys);
    sealed_lay_out(&sealed, &keys.choice, letter);
    sealed.encoding[ENVELOPE_AT_BODY] = 0x01;
    sealed.encoding[ENVELOPE_AT_BODY + 1] = 0x5d; /* 349 */
    seal_by_hand(&a, &keys, &sealed);
    ok(refused(&b, &sealed), "a length past the body is refused");

    a.ratchet = honest;
    peer_keys_take(&a, &keys);
    sealed_lay_out(&sealed, &keys.choice, letter);
    sealed.encoding[512 - ENVELOPE_AEAD_BYTES - 1] = 1;
    seal_by_hand(&a, &keys, &sealed);
    ok(refused(&b, &sealed), "padding that is not zeros is refused");

    a.ratchet = honest;
    peer_keys_take(&a, &keys);
    sealed_lay_out(&kept[1], &keys.choice, letter);
    keys.header_key[0] ^= 1;
    seal_by_hand(&a, &keys, &kept[1]);
    ok(refused(&b, &kept[1]), "a header under another key is refused");

    a.ratchet = honest;
    peer_keys_take(&a, &keys);
    sealed_lay_out(&sealed, &keys.choice, letter);
    seal_by_hand(&a, &keys, &sealed);
    person_seal(&a, 6, &kept[0]);
    need(!deliver(&b, &kept[0]));
    ok(refused(&b, &kept[1]), "even by a skipped entry");
    ok(deliver(&b, &sealed) == STATUS_OK && opened_number(&opened) == 5,
        "the same by an honest hand opens");
    part(&a, &b);
}

static void test_every_byte(void)
{
    struct person a, b;
    meet(&a, &b);
    person_seal(&a, 1, &sealed);
    int all = 1, stamps = 0;
    snapshot_take(&b, &before);
    for (size_t at = 0; at < sealed.size; at++) {
        struct envelope envelope;
        struct span bytes = {sealed.encoding, sealed.size};
        sealed.encoding[at] ^= 0x40;
        if (!envelope_decode(bytes, &envelope)) {
            if (at >= ENVELOPE_AT_STAMP &&
                at < ENVELOPE_AT_STAMP + ENVELOPE_STAMP_BYTES)
                stamps++;
            else
                all &= person_open(&b, &sealed, &opened) != STATUS_OK;
        }
        sealed.encoding[at] ^= 0x40;
    }
    ok(all && snapshot_holds(&b, &before) && stamps == 8,
        "every byte but the stamp's is refused when it is flipped");
    sealed.encoding[ENVELOPE_AT_STAMP] ^= 1;
    struct envelope_id id;
    envelope_identify((struct span){sealed.encoding, sealed.size}, &id);
    ok(envelope_id_equal(&id, &sealed.id) && !deliver(&b, &sealed),
        "another stamp is the same envelope, and opens");
    part(&a, &b);
}

static void test_full_table(void)
{
    struct person a, b;
    person_begin(&a, 1);
    person_begin(&b, 2);
    tags_free(b.tags);
    b.tags = tags_new(2 * LIMIT_TAG_WINDOW, 9);
    pair_meet(&a, &b);
    person_seal(&a, 0, &kept[0]);
    person_seal(&a, 1, &kept[1]);
    person_seal(&a, 2, &kept[2]);
    snapshot_take(&b, &before);
    ok(person_open(&b, &kept[1], &opened) == STATUS_FULL &&
            snapshot_holds(&b, &before),
        "a full table stops what would add, and nothing changes");
    ok(deliver(&b, &kept[0]) == STATUS_OK && deliver(&b, &kept[1]) == STATUS_OK,
        "and does not stop letters in order");
    ok(tags_count(b.tags) == 2 * LIMIT_TAG_WINDOW, "it is as full as it gets");

    tags_free(b.tags);
    b.tags = tags_new(LIMIT_TAG_WINDOW, 9);
    ok(ratchet_register(&b.ratchet, b.tags) == STATUS_FULL &&
            tags_count(b.tags) == 0,
        "a session that has no room registers nothing");
    part(&a, &b);
}

static void test_codes(void)
{
    struct person a, b;
    meet(&a, &b);
    talk(&a, &b);
    uint8_t bytes[RATCHET_BYTES], again[RATCHET_BYTES];
    struct ratchet read;
    ratchet_encode(&a.ratchet, bytes);
    need(!ratchet_decode(bytes, &read));
    ratchet_encode(&read, again);
    ok(memcmp(bytes, again, RATCHET_BYTES) == 0,
        "a ratchet is read back whole");

    int all = 1;
    for (int value = 1; value < 256; value++) {
        bytes[RATCHET_BYTES - 1] = (uint8_t)value;
        all &= ratchet_decode(bytes, &read) == STATUS_INVALID;
    }
    bytes[RATCHET_BYTES - 1] = 0;
    bytes[8] = 2; /* can_send */
    all &= ratchet_decode(bytes, &read) == STATUS_INVALID;
    bytes[8] = 1;
    bytes[3] = 2; /* format */
    all &= ratchet_decode(bytes, &read) == STATUS_INVALID;
    ok(all, "and refused when it is not one encoding of a ratchet");
    size_t registered = tags_count(a.tags);
    ok(ratchet_register(&a.ratchet, a.tags) == STATUS_OK &&
            tags_count(a.tags) == registered,
        "registering again adds nothing");
    part(&a, &b);
}

int main(void)
{
    need(!crypto_start());
    test_sizes();
    test_order();
    test_window();
    test_skipped_limit();
    test_closing();
    test_hostile_counts();
    test_wrapping(UINT16_MAX - 9, "chains go on past 2^16 letters");
    test_wrapping(UINT32_MAX - 9, "and past 2^32");
    test_hostile_keys();
    test_unanswered();
    test_hostile_bodies();
    test_every_byte();
    test_full_table();
    test_codes();
    return tap_done();
}
