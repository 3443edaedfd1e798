/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/stamp.h"
#include "tests/tap.h"

enum { HOUR = 500000, BITS = 3 };

static struct stamp_search search = {
    .id = {{0x51}}, .expires_h = HOUR + 168, .bits = BITS};
static uint8_t stamp[ENVELOPE_STAMP_BYTES];

static bool is_good(const uint8_t tried[static ENVELOPE_STAMP_BYTES])
{
    return stamp_check(&search.id, search.expires_h, tried) == STATUS_OK;
}

static void what_is_made_is_good(void)
{
    enum status status = STATUS_AGAIN;
    unsigned tries = 0;
    while (status == STATUS_AGAIN && tries++ < 1000)
        status = stamp_try(&search, stamp);
    ok(status == STATUS_OK && is_good(stamp), "a stamp that was made is good");
    ok(stamp_bits(stamp) == BITS, "and says how good");
    uint8_t none[ENVELOPE_STAMP_BYTES] = {0};
    ok(is_good(none) && stamp_bits(none) == 0, "no stamp is no lie");
}

static void nothing_else_is_good(void)
{
    int all = 1;
    for (size_t bit = 0; bit < 8 * sizeof(stamp); bit++) {
        uint8_t changed[ENVELOPE_STAMP_BYTES];
        memcpy(changed, stamp, sizeof(changed));
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        all &= !is_good(changed);
    }
    ok(all, "no bit of a stamp can be changed");
    struct envelope_id other = search.id;
    other.bytes[15] ^= 1;
    ok(stamp_check(&other, search.expires_h, stamp) == STATUS_INVALID,
        "it is no stamp of another envelope");
    ok(stamp_check(&search.id, search.expires_h + 1, stamp) == STATUS_INVALID,
        "nor of another expiry");
    uint8_t claim[ENVELOPE_STAMP_BYTES] = {0, 1};
    ok(!is_good(claim), "a stamp that claims nothing is false");
    claim[0] = STAMP_BITS_MOST + 1;
    ok(!is_good(claim), "and one that claims too much");
}

static void values_are_as_written(void)
{
    ok(stamp_value(0, 3, HOUR + 337, HOUR) == 0,
        "the largest and longest is worth nothing without a stamp");
    ok(stamp_value(0, 0, HOUR + 1, HOUR) == STAMP_VALUE_ZERO + 1 &&
            stamp_value(0, 0, HOUR - 9, HOUR) == STAMP_VALUE_ZERO + 1,
        "the smallest and shortest is worth most");
    ok(stamp_value(9, 1, HOUR + 168, HOUR) == 13 + 9 - 1 - 7,
        "each bit, each doubling of size and of life counts one");
    ok(stamp_value(0, 1, HOUR + 127, HOUR) ==
            stamp_value(0, 1, HOUR + 128, HOUR) + 1,
        "lives count by their powers of two");
    ok(stamp_value(STAMP_BITS_MOST, 0, HOUR, HOUR) == STAMP_VALUE_MOST,
        "there is a most");
    ok(stamp_value(0, 3, UINT32_MAX, 0) == 0, "and never less than zero");
    int all = 1;
    for (uint8_t value = 0; value <= STAMP_VALUE_MOST; value++)
        for (uint8_t class_ = 0; class_ < ENVELOPE_CLASS_COUNT; class_++) {
            uint8_t bits = stamp_bits_for(value, class_, HOUR + 100, HOUR);
            uint8_t made = stamp_value(bits, class_, HOUR + 100, HOUR);
            all &= made >= value || bits == STAMP_BITS_MOST;
            all &= bits == 0 || bits == STAMP_BITS_MOST ||
                   stamp_value(bits - 1, class_, HOUR + 100, HOUR) < value;
        }
    ok(all, "as many bits are asked for as a value needs, and no more");
}

/* A line of stamps.txt: NAME, id and expiry and stamp, and a meaning. */
static void check_vector(const char *name, const char *hex)
{
    uint8_t bytes[16 + 4 + ENVELOPE_STAMP_BYTES];
    struct envelope_id id;
    need(hex_decode(hex, bytes, sizeof(bytes)) == 0);
    memcpy(id.bytes, bytes, sizeof(id.bytes));
    uint32_t expires_h = (uint32_t)bytes[16] << 24 | (uint32_t)bytes[17] << 16 |
                         (uint32_t)bytes[18] << 8 | bytes[19];
    enum status status = stamp_check(&id, expires_h, bytes + 20);
    bool good = strncmp(name, "good", 4) == 0;
    ok(status == (good ? STATUS_OK : STATUS_INVALID), name);
}

static void vectors_hold(void)
{
    char path[4096], name[64], hex[128], line[256];
    const char *srcdir = getenv("srcdir");
    snprintf(path, sizeof(path), "%s/proto/vectors/stamps.txt",
        srcdir ? srcdir : ".");
    FILE *file = fopen(path, "r");
    need(file);
    unsigned count = 0;
    while (fgets(line, sizeof(line), file)) {
        if (line[0] == '#')
            continue;
        need(sscanf(line, "%63s %127s", name, hex) == 2);
        check_vector(name, hex);
        count++;
    }
    ok(count >= 5, "all vectors were read");
    fclose(file);
}

int main(void)
{
    need(crypto_start() == 0);
    what_is_made_is_good();
    nothing_else_is_good();
    values_are_as_written();
    vectors_hold();
    return tap_done();
}
