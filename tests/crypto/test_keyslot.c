/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "crypto/hash.h"
#include "crypto/keyslot.h"
#include "tests/tap.h"

enum { AT_SLOTS = 64, SLOT_BYTES = 504, SLOT_USED_BYTES = 72 };

static const uint8_t salt[KEYSLOT_SALT_BYTES] = {1, 2, 3};
static const uint8_t master[KEYSLOT_KEY_BYTES] = {9, 8, 7};
static uint8_t file[KEYSLOT_FILE_BYTES];
static const struct span whole = {file, sizeof(file)};

static void derive(const char *passphrase, uint8_t out[static 32])
{
    need(!keyslot_derive(
        span_of_text(passphrase), salt, KEYSLOT_INTERACTIVE, out));
}

/* Which slot is the real one: the one without which nothing opens. */
static size_t find_slot(const uint8_t slot_key[static 32])
{
    uint8_t got[32];
    size_t found = KEYSLOT_COUNT;
    for (size_t slot = 0; slot < KEYSLOT_COUNT; slot++) {
        uint8_t *byte = file + AT_SLOTS + slot * SLOT_BYTES;
        *byte ^= 1;
        if (keyslot_open(whole, slot_key, got) == STATUS_REFUSED)
            found = slot;
        *byte ^= 1;
    }
    need(found < KEYSLOT_COUNT);
    return found;
}

static void test_damage(const uint8_t slot_key[static 32])
{
    uint8_t got[32] = {0}, zeros[32] = {0};
    size_t at_slot = AT_SLOTS + find_slot(slot_key) * SLOT_BYTES;
    int all = 1, others = 1;
    for (size_t at = 0; at < sizeof(file); at++) {
        int counts =
            at < AT_SLOTS || (at >= at_slot && at < at_slot + SLOT_USED_BYTES);
        file[at] ^= 0x20;
        if (counts)
            all &= keyslot_open(whole, slot_key, got) == STATUS_REFUSED &&
                   memcmp(got, zeros, 32) == 0;
        else
            others &= !keyslot_open(whole, slot_key, got);
        memset(got, 0, sizeof(got));
        file[at] ^= 0x20;
    }
    ok(all, "nothing opens with a byte of its slot or of the head flipped");
    ok(others, "and the rest is noise");
}

static void test_places(const uint8_t slot_key[static 32])
{
    int seen[KEYSLOT_COUNT] = {0}, places = 0;
    struct random_seeded random;
    for (uint64_t seed = 0; seed < 100; seed++) {
        random_seeded_init(&random, seed, 0);
        keyslot_make(
            slot_key, salt, KEYSLOT_INTERACTIVE, master, &random.base, file);
        seen[find_slot(slot_key)] = 1;
    }
    for (size_t i = 0; i < KEYSLOT_COUNT; i++)
        places += seen[i];
    ok(places == KEYSLOT_COUNT, "the real slot may lie in any place");
}

int main(void)
{
    need(!crypto_start());
    struct random_seeded random;
    random_seeded_init(&random, 4, 0);
    uint8_t right[32], wrong[32], got[32] = {0}, read[KEYSLOT_SALT_BYTES];
    enum keyslot_cost cost = KEYSLOT_SENSITIVE;
    derive("correct horse", right);
    derive("correct horsf", wrong);

    keyslot_make(right, salt, KEYSLOT_INTERACTIVE, master, &random.base, file);
    ok(!keyslot_parameters(whole, read, &cost) && cost == KEYSLOT_INTERACTIVE &&
            memcmp(read, salt, 16) == 0,
        "a file says how its key is derived");
    ok(!keyslot_open(whole, right, got) && memcmp(got, master, 32) == 0,
        "the passphrase opens it");
    ok(keyslot_open(whole, wrong, got) == STATUS_REFUSED, "another does not");
    derive("", wrong);
    ok(keyslot_open(whole, wrong, got) == STATUS_REFUSED, "nor none");

    struct span cut = {file, sizeof(file) - 1};
    ok(keyslot_parameters(cut, read, &cost) == STATUS_INVALID &&
            keyslot_open(cut, right, got) == STATUS_REFUSED,
        "a file has one size");
    uint8_t was = file[KEYSLOT_SALT_BYTES];
    file[KEYSLOT_SALT_BYTES] = 3;
    ok(keyslot_parameters(whole, read, &cost) == STATUS_INVALID,
        "and a cost that is known");
    file[KEYSLOT_SALT_BYTES] = was;
    test_damage(right);
    test_places(right);
    return tap_done();
}
