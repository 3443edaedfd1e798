/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/seal.h"
#include "tests/tap.h"

enum { PLAIN_MAX = 2000, RECORD_MAX = PLAIN_MAX + 512 };

static uint8_t key[32] = {3};
static uint8_t plain[PLAIN_MAX], record[RECORD_MAX], out[RECORD_MAX];
static struct random_seeded random_;

static void test_sizes(const char *place)
{
    int all = 1;
    for (size_t size = 0; size <= PLAIN_MAX; size++) {
        size_t got = 0;
        record_seal(key, span_of_text(place), (struct span){plain, size},
            &random_.base, record);
        struct span sealed = {record, record_bytes(size)};
        all &= (sealed.size - 40) % RECORD_UNIT_BYTES == 0;
        all &= !record_open(key, span_of_text(place), sealed, out, &got) &&
               got == size && memcmp(out, plain, size) == 0;
    }
    ok(all, "records of every size open to what was sealed");
    ok(record_bytes(0) == record_bytes(252) &&
            record_bytes(253) == record_bytes(252) + RECORD_UNIT_BYTES,
        "sizes show in units of 256 bytes only");
}

static void test_damage(const char *place)
{
    size_t got = 1234;
    struct span sealed = {record, record_bytes(100)};
    record_seal(key, span_of_text(place), (struct span){plain, 100},
        &random_.base, record);
    int all = 1;
    for (size_t at = 0; at < sealed.size; at++) {
        record[at] ^= 0x10;
        all &= record_open(key, span_of_text(place), sealed, out, &got) ==
               STATUS_REFUSED;
        record[at] ^= 0x10;
    }
    ok(all, "a record is refused with any byte flipped");
    all = 1;
    for (size_t size = 0; size < sealed.size; size++)
        all &= record_open(key, span_of_text(place),
                   (struct span){record, size}, out, &got) == STATUS_REFUSED;
    ok(all, "and cut short anywhere");
    ok(record_open(key, span_of_text("row 8"), sealed, out, &got) ==
            STATUS_REFUSED,
        "and in another place");
    key[0] ^= 1;
    ok(record_open(key, span_of_text(place), sealed, out, &got) ==
            STATUS_REFUSED,
        "and under another key");
    key[0] ^= 1;
    ok(got == 1234, "a refusal sets no size");
    ok(!record_open(key, span_of_text(place), sealed, out, &got) && got == 100,
        "and opens where it was sealed");
}

/* Whether a record opens whose 512 bytes inside begin with that length, and
 * are zeros but for one. */
static int opens(const char *place, size_t length, size_t mark_at)
{
    uint8_t inside[512] = {0, 0, (uint8_t)(length >> 8), (uint8_t)length};
    size_t got = 0;
    inside[mark_at] |= 1;
    crypto_aead_xchacha20poly1305_ietf_encrypt(record + RECORD_NONCE_BYTES,
        NULL, inside, sizeof(inside), (const uint8_t *)place, strlen(place),
        NULL, record, key);
    struct span sealed = {record, sizeof(inside) + 40};
    return !record_open(key, span_of_text(place), sealed, out, &got);
}

static void test_insides(const char *place)
{
    ok(opens(place, 300, 4) && opens(place, 507, 510),
        "a record sealed by hand opens");
    ok(!opens(place, 509, 3), "not with a length past its end");
    ok(!opens(place, 251, 3), "nor one that needs fewer units");
    ok(!opens(place, 301, 400), "nor with padding that is not zeros");
    ok(!opens(place, 301, 0), "nor with a length past all");
}

static void test_nonces(const char *place)
{
    record_seal(key, span_of_text(place), (struct span){plain, 100},
        &random_.base, record);
    record_seal(key, span_of_text(place), (struct span){plain, 100},
        &random_.base, out);
    ok(memcmp(record, out, RECORD_NONCE_BYTES) != 0 &&
            memcmp(record + 24, out + 24, 64) != 0,
        "the same text is sealed differently each time");
}

int main(void)
{
    need(!crypto_start());
    random_seeded_init(&random_, 1, 2);
    random_fill(&random_.base, plain, sizeof(plain));
    test_sizes("row 7");
    test_damage("row 7");
    test_nonces("row 7");
    test_insides("row 7");
    return tap_done();
}
