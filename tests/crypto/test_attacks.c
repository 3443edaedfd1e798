/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thief of keys can do, and what not: each refusal stands beside the
 * theft that goes one key further, which succeeds.  The thief derives by hand,
 * from the protocol's text, so that nothing in the way helps us. */
#include <string.h>

#include "crypto/chain.h"
#include "tests/crypto/pair.h"

static struct sealed sealed, later;
static struct ratchet_opened opened;

/* The secret of a first contact, from three agreements and what is public. */
struct contact_keys {
    uint8_t body[32];    /* k1 */
    uint8_t opening[32]; /* ko */
    uint8_t root[32];
    uint8_t proof[32]; /* kp */
};

struct agreed {
    uint8_t first[32];  /* EK·SPK */
    uint8_t second[32]; /* EK·IKb */
    uint8_t third[32];  /* IKa·SPK */
};

static uint8_t *put(uint8_t *at, const uint8_t bytes[static 32])
{
    memcpy(at, bytes, 32);
    return at + 32;
}

static void derive(const struct agreed *agreed, const struct card *a,
    const struct card *b, const uint8_t ephemeral[static 32],
    struct contact_keys *out)
{
    static const uint8_t zeros[32];
    uint8_t input[3 * 32 + 2 + 6 * 32 + 4], both[64], secret[32];
    uint8_t *at = put(put(input, agreed->first), agreed->second);
    kdf(both, 64, b->address, "sotto1 introkey", (struct span){input, 64});
    put(out->body, both);
    put(out->opening, both + 32);
    at = put(at, agreed->third);
    *at++ = 1;
    *at++ = 1;
    at = put(put(at, a->sign_key), a->agree_key);
    at = put(put(at, b->sign_key), b->agree_key);
    at = put(at, ephemeral);
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(b->prekey_id >> shift);
    at = put(at, b->prekey);
    need(at == input + sizeof(input));
    kdf(secret, 32, zeros, "sotto1 introroot",
        (struct span){input, sizeof(input)});
    kdf(both, 64, secret, "sotto1 session", (struct span){NULL, 0});
    put(out->root, both);
    put(out->proof, both + 32);
}

/* What a thief may try in the place of an agreement that it does not know. */
static size_t substitutes(const struct person *a, const struct person *b,
    const uint8_t ephemeral[static 32], const struct agreed *agreed,
    uint8_t out[static 7][32])
{
    memset(out[0], 0, 32);
    put(out[1], agreed->second);
    put(out[2], agreed->third);
    need(!agree(out[3], a->identity.agree_secret, ephemeral));
    need(!agree(out[4], b->identity.agree_secret, b->prekey.public_));
    need(!agree(out[5], a->identity.agree_secret, b->identity.agree_public));
    put(out[6], b->prekey.public_);
    return 7;
}

/* Both people's identity keys leak, after the prekey's secret is destroyed. */
static void test_identities_leak(struct person *a, struct person *b)
{
    struct intro_opened intro;
    need(!intro_begin(&a->intro, &a->ratchet, 1, &a->identity, &a->card,
        &b->card, PAIR_NOW_H, a->tags, &a->random.base));
    intro_seal(&a->intro,
        intro_draw(intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, &a->random.base),
        &sealed);
    struct envelope envelope = decoded(&sealed);
    need(!intro_open(&b->identity, &b->prekey, 1, &envelope, &intro));
    const uint8_t *ephemeral = intro.ephemeral_public;

    struct agreed agreed;
    struct contact_keys keys;
    uint8_t others[7][32];
    need(!agree(agreed.first, b->prekey.secret, ephemeral));
    need(!agree(agreed.second, b->identity.agree_secret, ephemeral));
    need(!agree(agreed.third, a->identity.agree_secret, b->prekey.public_));
    derive(&agreed, &a->card, &b->card, ephemeral, &keys);
    ok(memcmp(keys.root, intro.start.root, 32) == 0,
        "identity keys and the prekey's secret give the root of a session");

    int all = 1;
    size_t count = substitutes(a, b, ephemeral, &agreed, others);
    for (size_t i = 0; i < count; i++) {
        uint8_t plain[512];
        size_t size;
        put(agreed.first, others[i]);
        derive(&agreed, &a->card, &b->card, ephemeral, &keys);
        all &=
            memcmp(keys.root, intro.start.root, 32) != 0 &&
            sealed_open(&envelope, keys.body, plain, &size) == STATUS_REFUSED;
    }
    ok(all, "both identity keys without it give neither root nor writer");
    ok(intro_open(&b->identity, NULL, 0, &envelope, &intro) == STATUS_NOT_FOUND,
        "and their owner's own program opens it no more");
    tags_remove_session(a->tags, 1);
}

/* Write to b in a's name, with keys that were derived by hand. */
static enum status forge(struct person *a, struct person *b,
    const struct contact_keys *keys, const uint8_t ephemeral[static 32])
{
    struct intro_opened intro;
    struct intro forged = {.peer = b->card, .suite = CARD_SUITE};
    put(forged.address, b->card.address);
    put(forged.ephemeral_public, ephemeral);
    put(forged.key, keys->body);
    put(forged.proof, keys->proof);
    put(forged.opening_key, keys->opening);
    card_encode(&a->card, forged.own_card);
    intro_seal(&forged,
        intro_draw(intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, &a->random.base),
        &sealed);
    struct envelope envelope = decoded(&sealed);
    return intro_open(&b->identity, &b->prekey, 1, &envelope, &intro);
}

/* Key compromise impersonation: b's own keys are used to fool b. */
static void test_impersonation(struct person *a, struct person *b)
{
    uint8_t secret[32] = {9}, ephemeral[32], others[7][32];
    struct agreed agreed;
    struct contact_keys keys;
    agree_public(ephemeral, secret);
    need(!agree(agreed.first, secret, b->card.prekey));
    need(!agree(agreed.second, secret, b->card.agree_key));

    put(agreed.third, agreed.first);
    size_t count = substitutes(a, b, ephemeral, &agreed, others);
    int all = 1;
    for (size_t i = 0; i < count; i++) {
        put(agreed.third, others[i]);
        derive(&agreed, &a->card, &b->card, ephemeral, &keys);
        all &= forge(a, b, &keys, ephemeral) == STATUS_REFUSED;
    }
    need(!agree(
        agreed.third, b->identity.agree_secret, a->identity.agree_public));
    derive(&agreed, &a->card, &b->card, ephemeral, &keys);
    all &= forge(a, b, &keys, ephemeral) == STATUS_REFUSED;
    ok(all, "the reader's identity key forges no first contact to its owner");

    need(!agree(agreed.third, b->prekey.secret, a->identity.agree_public));
    derive(&agreed, &a->card, &b->card, ephemeral, &keys);
    ok(forge(a, b, &keys, ephemeral) == STATUS_OK,
        "that key and the prekey's secret do, as is said");
}

/* A point of low order agrees on zeros with everybody: who could put one in
 * the place of a key would know what comes of it. */
static void test_low_order(struct person *a, struct person *b)
{
    static const uint8_t zeros[32];
    struct agreed agreed = {{0}, {0}, {0}};
    struct contact_keys keys;
    need(!agree(agreed.third, a->identity.agree_secret, b->prekey.public_));
    derive(&agreed, &a->card, &b->card, zeros, &keys);
    ok(forge(a, b, &keys, zeros) == STATUS_REFUSED,
        "a first contact from a key of low order is refused");

    struct intro_opened intro;
    need(!intro_begin(&a->intro, &a->ratchet, 1, &a->identity, &a->card,
        &b->card, PAIR_NOW_H, a->tags, &a->random.base));
    intro_seal(&a->intro,
        intro_draw(intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, &a->random.base),
        &sealed);
    struct envelope envelope = decoded(&sealed);
    need(!intro_open(&b->identity, &b->prekey, 1, &envelope, &intro));
    need(!intro_accept(&intro, &b->prekey, 1, b->tags, &b->ratchet));
    put(a->ratchet.own_public, zeros);
    put(a->ratchet.root, intro.start.root);
    chain_root(a->ratchet.root, zeros, a->ratchet.send_chain_key,
        a->ratchet.next_send_tag_key);
    person_seal(a, 1, &sealed);
    ok(person_open(b, &sealed, &opened) == STATUS_REFUSED,
        "and a step to one, before an answer to it is drawn");

    struct ratchet ratchet;
    tags_remove_session(a->tags, 1);
    tags_remove_session(b->tags, 1);
    ok(ratchet_begin_initiator(&ratchet, &intro.start, zeros, a->tags,
           &a->random.base) == STATUS_REFUSED &&
            tags_count(a->tags) == 0,
        "no session begins with one");
}

/* All of b's session is copied. */
static void steal(struct person *thief, const struct person *b)
{
    uint8_t bytes[RATCHET_BYTES];
    tags_free(thief->tags);
    thief->tags = tags_new(65536, 5);
    need(thief->tags);
    ratchet_encode(&b->ratchet, bytes);
    need(!ratchet_decode(bytes, &thief->ratchet));
    need(!ratchet_register(&thief->ratchet, thief->tags));
}

static enum status open_by(struct person *person, const struct sealed *letter)
{
    return person_open(person, letter, &opened);
}

static void test_stolen_session(struct person *a, struct person *b)
{
    struct person thief;
    person_begin(&thief, 3);
    pair_meet(a, b);
    person_seal(a, 1, &sealed);
    need(!open_by(b, &sealed));
    steal(&thief, b);
    ok(open_by(&thief, &sealed) != STATUS_OK,
        "who steals a session today does not open yesterday's letters");

    person_seal(a, 2, &later);
    ok(open_by(&thief, &later) == STATUS_OK && opened_number(&opened) == 2,
        "and does open what comes until a new key is drawn");
    need(!open_by(b, &later));
    person_seal(b, 3, &sealed); /* under a key that nobody has seen */
    need(!open_by(a, &sealed));
    person_seal(a, 4, &sealed);
    ok(open_by(&thief, &sealed) != STATUS_OK,
        "which is the next that is sent: its answer is out of reach");

    steal(&thief, b); /* with that key */
    ok(open_by(&thief, &sealed) == STATUS_OK,
        "what was sent under a stolen key, its answer can be opened with");
    need(!open_by(b, &sealed));
    person_seal(b, 5, &sealed);
    need(!open_by(a, &sealed));
    person_seal(a, 6, &sealed);
    ok(open_by(&thief, &sealed) != STATUS_OK,
        "after one more turn of both the copy opens nothing");
    ok(open_by(b, &sealed) == STATUS_OK && opened_number(&opened) == 6,
        "while its owner does");
    person_end(&thief);
}

/* Nothing of a letter is let out before all of it has been authenticated. */
static void test_nothing_early(struct person *a, struct person *b)
{
    uint8_t text[256];
    memset(text, 0xa5, sizeof(text));
    need(!ratchet_seal(&a->ratchet, (struct span){text, sizeof(text)}, 0,
        PAIR_EXPIRES_H, &a->random.base, &sealed));
    int all = 1;
    for (size_t at = ENVELOPE_AT_BODY; at < sealed.size; at++) {
        sealed.encoding[at] ^= 1;
        memset(opened.plain, 0, sizeof(opened.plain));
        opened.plain_size = 0;
        all &= person_open(b, &sealed, &opened) == STATUS_REFUSED &&
               opened.plain_size == 0 &&
               !memchr(opened.plain, 0xa5, sizeof(opened.plain));
        sealed.encoding[at] ^= 1;
    }
    ok(all, "no byte of a damaged letter's text is ever let out");
    ok(open_by(b, &sealed) == STATUS_OK &&
            memcmp(opened.plain, text, sizeof(text)) == 0,
        "the whole one's text is");
}

int main(void)
{
    need(!crypto_start());
    static struct person a, b;
    person_begin(&a, 1);
    person_begin(&b, 2);
    test_identities_leak(&a, &b);
    test_impersonation(&a, &b);
    test_low_order(&a, &b);
    test_stolen_session(&a, &b);
    test_nothing_early(&a, &b);
    person_end(&a);
    person_end(&b);
    return tap_done();
}
