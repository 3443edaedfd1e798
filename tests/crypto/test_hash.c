/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "crypto/hash.h"
#include "proto/envelope.h"
#include "tests/tap.h"

static void test_identify(void)
{
    static uint8_t bytes[512];
    struct span encoding = {bytes, sizeof(bytes)};
    struct envelope_id plain, other;
    int blind = 1, sees = 1;
    envelope_identify(encoding, &plain);
    for (size_t at = 0; at < sizeof(bytes); at++) {
        bytes[at] ^= 1;
        envelope_identify(encoding, &other);
        int same = envelope_id_equal(&plain, &other);
        if (at >= ENVELOPE_AT_STAMP &&
            at < ENVELOPE_AT_STAMP + ENVELOPE_STAMP_BYTES)
            blind &= same;
        else
            sees &= !same;
        bytes[at] ^= 1;
    }
    ok(blind, "an id does not depend on the stamp");
    ok(sees, "and depends on every other byte");
}

static void test_labels(void)
{
    uint8_t key[32] = {1}, a[32], b[32], c[32];
    struct span input = span_of_text("input");
    kdf(a, sizeof(a), key, "sotto1 one", input);
    kdf(b, sizeof(b), key, "sotto1 two", input);
    hash_labelled(c, sizeof(c), "sotto1 one", input);
    ok(memcmp(a, b, 32) != 0, "labels part uses");
    ok(memcmp(a, c, 32) != 0, "a key is no part of the input");
    kdf(b, 16, key, "sotto1 one", input);
    ok(memcmp(a, b, 16) != 0, "lengths part uses");
}

static void test_openings(void)
{
    struct opening opening = {{7}};
    struct receipt_hash hash;
    receipt_hash_of(&opening, &hash);
    ok(opening_matches(&opening, &hash), "an opening matches its hash");
    int all = 1;
    for (size_t i = 0; i < sizeof(opening.bytes); i++) {
        opening.bytes[i] ^= 0x80;
        all &= !opening_matches(&opening, &hash);
        opening.bytes[i] ^= 0x80;
        hash.bytes[i] ^= 1;
        all &= !opening_matches(&opening, &hash);
        hash.bytes[i] ^= 1;
    }
    ok(all, "and no other");
}

static void test_secrets(void)
{
    uint8_t *secret = secret_new(64);
    need(secret);
    memset(secret, 1, 64);
    uint8_t same[64];
    memset(same, 1, sizeof(same));
    ok(secret_equal(secret, same, 64), "equal secrets are equal");
    same[63] = 2;
    ok(!secret_equal(secret, same, 64), "others are not");
    secret_wipe(secret, 64);
    memset(same, 0, sizeof(same));
    ok(secret_equal(secret, same, 64), "a wiped secret is zeros");
    secret_free(secret);
    secret_free(NULL);
}

int main(void)
{
    need(!crypto_start());
    test_identify();
    test_labels();
    test_openings();
    test_secrets();
    return tap_done();
}
