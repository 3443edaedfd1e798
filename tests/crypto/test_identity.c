/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/hex.h"
#include "tests/crypto/pair.h"

/* RFC 7748, section 6.1. */
static void test_rfc(void)
{
    uint8_t a[32], b[32], a_public[32], b_public[32], shared[32], made[32];
    need(!hex_decode("77076d0a7318a57d3c16c17251b26645"
                     "df4c2f87ebc0992ab177fba51db92c2a",
        a, 32));
    need(!hex_decode("5dab087e624a8a4b79e17f8b83800ee6"
                     "6f3bb1292618b6fd1c2f8b27ff88e0eb",
        b, 32));
    need(!hex_decode("8520f0098930a754748b7ddcb43ef75a"
                     "0dbf3a0d26381af4eba4a98eaa9b4e6a",
        a_public, 32));
    need(!hex_decode("de9edb7d7b7dc1b4d35b61c2ece43537"
                     "3f8343c85b78674dadfc7e146f882b4f",
        b_public, 32));
    need(!hex_decode("4a5d9d5ba4ce2de1728e3bf480350f25"
                     "e07e21c947d19e3376f09b3c1e161742",
        shared, 32));
    agree_public(made, a);
    ok(memcmp(made, a_public, 32) == 0, "a public key is RFC 7748's");
    ok(!agree(made, a, b_public) && memcmp(made, shared, 32) == 0,
        "and so is a shared secret");
    ok(!agree(made, b, a_public) && memcmp(made, shared, 32) == 0,
        "from either end");
}

/* Points whose order divides 8. */
static const char *const low_order[] = {
    "00000000000000000000000000000000"
    "00000000000000000000000000000000",
    "01000000000000000000000000000000"
    "00000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffff7f",
    "e0eb7a7c3b41b8ae1656e3faf19fc46a"
    "da098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b"
    "04445cc4581c8e86d8224eddd09f1157",
};

/* Numbers from p = 2^255 - 19 on, or with the top bit set. */
static const char *const not_reduced[] = {
    "edffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffff7f",
    "f6ffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffff7f",
    "02000000000000000000000000000000"
    "00000000000000000000000000000080",
    "09000000000000000000000000000000"
    "00000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffffff",
    "00000000000000000000000000000000"
    "00000000000000000000000000000080",
    "e0eb7a7c3b41b8ae1656e3faf19fc46a"
    "da098deb9c32b1fd866205165f49b880",
};

/* Neither. */
static const char *const good[] = {
    "09000000000000000000000000000000"
    "00000000000000000000000000000000",
    "02000000000000000000000000000000"
    "00000000000000000000000000000000",
    "03000000000000000000000000000000"
    "00000000000000000000000000000000",
    "ebffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffff7f",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum status agree_with(const char *hex)
{
    uint8_t key[32], secret[32] = {42}, out[32], before[32];
    need(!hex_decode(hex, key, sizeof(key)));
    memset(out, 0xa5, sizeof(out));
    memcpy(before, out, sizeof(out));
    enum status status = agree(out, secret, key);
    need(!status || memcmp(out, before, sizeof(out)) == 0);
    return status;
}

/* A card, rightly signed, with that agreement key or prekey. */
static enum status verify_with(
    struct person *person, const char *hex, int as_prekey)
{
    struct identity identity = person->identity;
    struct prekey prekey = person->prekey;
    struct card card;
    need(!hex_decode(
        hex, as_prekey ? prekey.public_ : identity.agree_public, 32));
    card_make(&identity, &prekey, &card);
    return card_verify(&card);
}

static void test_keys(struct person *person)
{
    int all = 1;
    for (size_t i = 0; i < COUNT(low_order); i++)
        all &= agree_with(low_order[i]) == STATUS_REFUSED &&
               verify_with(person, low_order[i], 0) == STATUS_REFUSED &&
               verify_with(person, low_order[i], 1) == STATUS_REFUSED;
    ok(all, "keys of low order are refused");
    all = 1;
    for (size_t i = 0; i < COUNT(not_reduced); i++)
        all &= agree_with(not_reduced[i]) == STATUS_REFUSED &&
               verify_with(person, not_reduced[i], 0) == STATUS_REFUSED &&
               verify_with(person, not_reduced[i], 1) == STATUS_REFUSED;
    ok(all, "keys in a second spelling are refused");
    all = 1;
    for (size_t i = 0; i < COUNT(good); i++)
        all &= agree_with(good[i]) == STATUS_OK &&
               verify_with(person, good[i], 0) == STATUS_OK &&
               verify_with(person, good[i], 1) == STATUS_OK;
    ok(all, "and others are not");
}

static void test_card(const struct person *person)
{
    uint8_t bytes[CARD_BYTES];
    struct card card;
    ok(card_verify(&person->card) == STATUS_OK, "a card verifies");
    card_encode(&person->card, bytes);
    int all = 1;
    for (size_t at = 0; at < sizeof(bytes); at++) {
        for (int bit = 1; bit < 256; bit <<= 1) {
            bytes[at] ^= (uint8_t)bit;
            if (!card_decode(bytes, &card))
                all &= card_verify(&card) == STATUS_REFUSED;
            bytes[at] ^= (uint8_t)bit;
        }
    }
    ok(all, "no card verifies with a bit flipped");
}

static void test_fingerprint(const struct person *person)
{
    struct fingerprint print, other;
    card_fingerprint(&person->card, &print);
    identity_fingerprint(
        person->identity.sign_public, person->identity.agree_public, &other);
    ok(fingerprint_equal(&print, &other), "a card shows its owner's print");
    identity_fingerprint(
        person->identity.agree_public, person->identity.sign_public, &other);
    ok(!fingerprint_equal(&print, &other), "keys have their places in it");

    char number[SAFETY_NUMBER_DIGITS + 1], turned[SAFETY_NUMBER_DIGITS + 1];
    identity_safety_number(&print, &other, number);
    identity_safety_number(&other, &print, turned);
    ok(strlen(number) == SAFETY_NUMBER_DIGITS && strcmp(number, turned) == 0,
        "a safety number does not ask who is first");
    other.bytes[31] ^= 1;
    identity_safety_number(&print, &other, turned);
    ok(strcmp(number, turned) != 0, "a bit more is another number");
}

int main(void)
{
    need(!crypto_start());
    static struct person person;
    person_begin(&person, 5);
    test_rfc();
    test_keys(&person);
    test_card(&person);
    test_fingerprint(&person);
    person_end(&person);
    return tap_done();
}
