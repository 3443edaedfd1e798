/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beacons that contacts alone can read: who can, when and from where. */
#include "crypto/beacon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "tests/tap.h"

enum { EPOCH = 3000000 };

static struct identity ann, bo, eve;
static struct beacon_datagram node = {.port = 7311};
static uint8_t salt[BEACON_SALT_BYTES] = {1, 2, 3};
static uint8_t address[16] = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1};
static const struct beacon_place place = {salt, address};

/* The key of what one says, as the other has it. */
static struct beacon_key key_of(
    const struct identity *own, const struct identity *other, bool own_says)
{
    uint8_t pair[32];
    struct beacon_key key;
    need(beacon_pair(own, other->agree_public, pair) == STATUS_OK);
    beacon_key_make(
        pair, EPOCH, own_says ? own->agree_public : other->agree_public, &key);
    return key;
}

static bool opens(const struct beacon_key *key, const struct beacon_place *at,
    const uint8_t *entry)
{
    struct beacon_datagram out;
    return beacon_open(key, at, entry, &out) == STATUS_OK &&
           node_key_equal(&out.node, &node.node) && out.port == node.port;
}

static void test_pair(void)
{
    uint8_t entry[BEACON_ENTRY_BYTES];
    struct beacon_key says = key_of(&ann, &bo, true);
    struct beacon_key knows = key_of(&bo, &ann, false);
    ok(memcmp(&says, &knows, sizeof(says)) == 0,
        "both have one key for what one of them says");
    beacon_seal(&says, &place, &node, entry);
    ok(opens(&knows, &place, entry), "and the other learns node and port");
    struct beacon_key other = key_of(&bo, &ann, true);
    ok(memcmp(says.tag, other.tag, sizeof(says.tag)) != 0 &&
            memcmp(says.key, other.key, sizeof(says.key)) != 0,
        "what the other says has another tag and key");
    struct beacon_key eves = key_of(&eve, &ann, false);
    struct beacon_key bent = knows;
    memcpy(eves.tag, knows.tag, sizeof(eves.tag));
    ok(!opens(&eves, &place, entry), "a third opens nothing, tag or no tag");
    bent.tag[0] ^= 1;
    ok(!opens(&bent, &place, entry), "nor does another tag");
    bool all = true;
    for (size_t i = 0; i < sizeof(entry); i++) {
        entry[i] ^= 1;
        all = all && !opens(&knows, &place, entry);
        entry[i] ^= 1;
    }
    ok(all, "no byte of it can be changed");
    uint8_t low[32] = {0};
    ok(beacon_pair(&ann, low, entry) == STATUS_REFUSED,
        "a key that is none makes no pair");
}

static void test_place(void)
{
    uint8_t entry[BEACON_ENTRY_BYTES], again[BEACON_ENTRY_BYTES];
    uint8_t elsewhere[16] = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 2};
    uint8_t later[BEACON_SALT_BYTES] = {9};
    const struct beacon_place moved = {salt, elsewhere};
    const struct beacon_place resalted = {later, address};
    struct beacon_key key = key_of(&ann, &bo, true);
    beacon_seal(&key, &place, &node, entry);
    ok(!opens(&key, &moved, entry), "said from another address it opens not");
    ok(!opens(&key, &resalted, entry), "nor under another salt");
    beacon_seal(&key, &moved, &node, again);
    ok(memcmp(entry + BEACON_TAG_BYTES, again + BEACON_TAG_BYTES,
           BEACON_ENTRY_BYTES - BEACON_TAG_BYTES) != 0,
        "two addresses of one node show nothing alike but the tag");
    node.port = 0;
    beacon_seal(&key, &place, &node, entry);
    node.port = 7311;
    struct beacon_datagram out;
    ok(beacon_open(&key, &place, entry, &out) == STATUS_REFUSED,
        "nobody listens at port 0");
}

/* In a thousand epochs, among tags of a pair and fillings, none comes twice. */
static void test_epochs(void)
{
    enum { EPOCHS = 1000 };
    static uint8_t tags[3 * EPOCHS][BEACON_TAG_BYTES];
    uint8_t pair[32];
    size_t same = 0;
    need(beacon_pair(&ann, bo.agree_public, pair) == STATUS_OK);
    for (uint32_t i = 0; i < EPOCHS; i++) {
        struct beacon_key key;
        beacon_key_make(pair, EPOCH + i, ann.agree_public, &key);
        memcpy(tags[3 * i], key.tag, sizeof(key.tag));
        beacon_key_make(pair, EPOCH + i, bo.agree_public, &key);
        memcpy(tags[3 * i + 1], key.tag, sizeof(key.tag));
        beacon_key_fill(&ann, EPOCH + i, 5, &key);
        memcpy(tags[3 * i + 2], key.tag, sizeof(key.tag));
    }
    for (size_t i = 0; i < 3 * EPOCHS; i++)
        for (size_t j = i + 1; j < 3 * EPOCHS; j++)
            same += memcmp(tags[i], tags[j], BEACON_TAG_BYTES) == 0;
    ok(same == 0, "no tag is seen in two epochs, or twice in one");
    struct beacon_key one, two;
    beacon_key_fill(&ann, EPOCH, 5, &one);
    beacon_key_fill(&ann, EPOCH, 5, &two);
    ok(memcmp(&one, &two, sizeof(one)) == 0,
        "what fills up is the same all through an epoch");
}

static void read_hex(const char *name, uint8_t *out, size_t size)
{
    static char line[4096];
    char path[4096];
    bool found = false;
    const char *source = getenv("top_srcdir");
    int length = snprintf(path, sizeof(path), "%s/proto/vectors/beacon.txt",
        source ? source : ".");
    need(length > 0 && (size_t)length < sizeof(path));
    FILE *vectors = fopen(path, "r");
    need(vectors);
    while (fgets(line, sizeof(line), vectors)) {
        line[strcspn(line, "\n")] = '\0';
        size_t start = strlen(name) + 1;
        if (strncmp(line, name, start - 1) == 0 && line[start - 1] == ' ')
            found = hex_decode(line + start, out, size) == STATUS_OK;
    }
    fclose(vectors);
    need(found);
}

/* As another program computes it. */
static void test_vector(void)
{
    struct identity one;
    uint8_t other[32], expected[BEACON_ENTRY_BYTES], entry[BEACON_ENTRY_BYTES];
    uint8_t pair[32];
    struct beacon_key key;
    read_hex("agree-secret", one.agree_secret, 32);
    agree_public(one.agree_public, one.agree_secret);
    read_hex("agree-other", other, 32);
    read_hex("entry", expected, sizeof(expected));
    need(beacon_pair(&one, other, pair) == STATUS_OK);
    beacon_key_make(pair, EPOCH, one.agree_public, &key);
    memset(salt, 0x40, sizeof(salt));
    memset(node.node.bytes, 0x30, sizeof(node.node.bytes));
    beacon_seal(&key, &place, &node, entry);
    ok(memcmp(entry, expected, sizeof(entry)) == 0,
        "an entry is what another program makes of it");
}

int main(void)
{
    struct random_seeded random;
    need(crypto_start() == 0);
    random_seeded_init(&random, 5, 0);
    identity_generate(&ann, &random.base);
    identity_generate(&bo, &random.base);
    identity_generate(&eve, &random.base);
    memset(node.node.bytes, 9, sizeof(node.node.bytes));
    test_pair();
    test_place();
    test_epochs();
    test_vector();
    return tap_done();
}
