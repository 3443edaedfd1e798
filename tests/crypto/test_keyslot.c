/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "crypto/hash.h"
#include "crypto/keyslot.h"
#include "tests/tap.h"

enum { AT_SLOTS = 64, SLOT_BYTES = 504, SLOT_USED_BYTES = 104 };

static const uint8_t salt[KEYSLOT_SALT_BYTES] = {1, 2, 3};
static const uint8_t master[KEYSLOT_KEY_BYTES] = {9, 8, 7};
static uint8_t file[KEYSLOT_FILE_BYTES];
static const struct span whole = {file, sizeof(file)};

/* As keyslot_open, for its key alone. */
static enum status open_slot(struct span bytes,
    const uint8_t slot_key[static 32], uint8_t got[static 32])
{
    struct keyslot_opened opened;
    enum status status = keyslot_open(bytes, slot_key, &opened);
    if (!status)
        memcpy(got, opened.master, 32);
    return status;
}

static int has_role(
    const uint8_t slot_key[static 32], enum keyslot_role role, int has_master)
{
    struct keyslot_opened opened;
    return !keyslot_open(whole, slot_key, &opened) && opened.role == role &&
           (memcmp(opened.master, master, 32) == 0) == has_master;
}

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
        if (open_slot(whole, slot_key, got) == STATUS_REFUSED)
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
            all &= open_slot(whole, slot_key, got) == STATUS_REFUSED &&
                   memcmp(got, zeros, 32) == 0;
        else
            others &= !open_slot(whole, slot_key, got);
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
        uint8_t other[KEYSLOT_KEY_BYTES];
        random_seeded_init(&random, seed, 0);
        random_fill(&random.base, other, sizeof(other));
        keyslot_make(
            slot_key, salt, KEYSLOT_INTERACTIVE, other, &random.base, file);
        seen[find_slot(slot_key)] = 1;
    }
    for (size_t i = 0; i < KEYSLOT_COUNT; i++)
        places += seen[i];
    ok(places == KEYSLOT_COUNT, "the real slot may lie in any place");
}

static void test_roles(const uint8_t key[static 32])
{
    uint8_t duress[32] = {1}, recovery[32] = {2}, changed[32] = {3}, got[32];
    struct random_seeded random;
    random_seeded_init(&random, 5, 0);
    keyslot_make(key, salt, KEYSLOT_INTERACTIVE, master, &random.base, file);
    keyslot_put(file, KEYSLOT_DURESS, duress, master, &random.base);
    keyslot_put(file, KEYSLOT_RECOVERY, recovery, master, &random.base);
    ok(has_role(key, KEYSLOT_REAL, 1) &&
            has_role(recovery, KEYSLOT_RECOVERY, 1),
        "the real slot and the recovery slot open the vault");
    ok(has_role(duress, KEYSLOT_DURESS, 0),
        "the duress slot holds no key of it");
    keyslot_put(file, KEYSLOT_REAL, changed, master, &random.base);
    ok(has_role(changed, KEYSLOT_REAL, 1) &&
            open_slot(whole, key, got) == STATUS_REFUSED,
        "a slot that is replaced opens to its new key alone");
    ok(has_role(recovery, KEYSLOT_RECOVERY, 1) &&
            has_role(duress, KEYSLOT_DURESS, 0),
        "and the others stay");
    keyslot_keep(file, duress, &random.base);
    ok(has_role(duress, KEYSLOT_DURESS, 0) &&
            open_slot(whole, changed, got) == STATUS_REFUSED &&
            open_slot(whole, recovery, got) == STATUS_REFUSED,
        "of all slots the one that is kept opens");
}

/* No byte but the cost is more often one value than another. */
static void test_looks(const uint8_t key[static 32])
{
    static unsigned ones[KEYSLOT_FILE_BYTES];
    struct random_seeded random;
    enum { FILES = 256 };
    memset(ones, 0, sizeof(ones));
    for (uint64_t seed = 0; seed < FILES; seed++) {
        uint8_t other[KEYSLOT_KEY_BYTES], any[KEYSLOT_SALT_BYTES];
        random_seeded_init(&random, seed, 1);
        random_fill(&random.base, other, sizeof(other));
        random_fill(&random.base, any, sizeof(any));
        keyslot_make(key, any, KEYSLOT_MODERATE, other, &random.base, file);
        keyslot_put(file, KEYSLOT_DURESS, other, other, &random.base);
        for (size_t at = 0; at < sizeof(file); at++)
            ones[at] += (unsigned)__builtin_popcount(file[at]);
    }
    /* 2,048 coins: nine standard deviations are 204. */
    int even = 1;
    for (size_t at = 0; at < sizeof(file); at++)
        even &= at == KEYSLOT_SALT_BYTES ||
                (ones[at] > FILES * 4 - 204 && ones[at] < FILES * 4 + 204);
    ok(even, "every byte of a file but its cost looks random");
}

static void test_void(const uint8_t *key)
{
    uint8_t slots[KEYSLOT_FILE_BYTES], read[KEYSLOT_SALT_BYTES], got[32];
    struct span all = {slots, sizeof(slots)};
    struct random_seeded random;
    enum keyslot_cost cost;
    random_seeded_init(&random, 7, 0);
    keyslot_make(key, salt, KEYSLOT_INTERACTIVE, master, &random.base, slots);
    ok(keyslot_voidness(all) == KEYSLOT_IN_USE, "a file in use is not void");
    keyslot_make_void(slots, KEYSLOT_DESTROYED, &random.base);
    ok(keyslot_voidness(all) == KEYSLOT_DESTROYED &&
            keyslot_parameters(all, read, &cost) == STATUS_INVALID &&
            open_slot(all, key, got) == STATUS_REFUSED,
        "one that is destroyed says so, and opens nothing");
    keyslot_make_void(slots, KEYSLOT_BEGUN, &random.base);
    ok(keyslot_voidness(all) == KEYSLOT_BEGUN, "so does one that is begun");
    slots[0] ^= 1;
    ok(keyslot_voidness(all) == KEYSLOT_IN_USE,
        "no single bit makes another void");
    slots[0] ^= 1;
    slots[KEYSLOT_SALT_BYTES] = KEYSLOT_MODERATE;
    ok(keyslot_voidness(all) == KEYSLOT_IN_USE, "and no mark alone");
    all.size--;
    ok(keyslot_voidness(all) == KEYSLOT_IN_USE, "nor a file of another size");
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
    ok(!open_slot(whole, right, got) && memcmp(got, master, 32) == 0,
        "the passphrase opens it");
    ok(open_slot(whole, wrong, got) == STATUS_REFUSED, "another does not");
    derive("", wrong);
    ok(open_slot(whole, wrong, got) == STATUS_REFUSED, "nor none");

    struct span cut = {file, sizeof(file) - 1};
    ok(keyslot_parameters(cut, read, &cost) == STATUS_INVALID &&
            open_slot(cut, right, got) == STATUS_REFUSED,
        "a file has one size");
    uint8_t was = file[KEYSLOT_SALT_BYTES];
    file[KEYSLOT_SALT_BYTES] = 3;
    ok(keyslot_parameters(whole, read, &cost) == STATUS_INVALID,
        "and a cost that is known");
    file[KEYSLOT_SALT_BYTES] = was;
    test_void(right);
    test_damage(right);
    test_places(right);
    test_roles(right);
    test_looks(right);
    return tap_done();
}
