/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/envelope.h"

#include <stdbool.h>

#include "tests/proto/samples.h"
#include "tests/tap.h"

static uint8_t bytes[LIMIT_ENVELOPE_BYTES + 1], again[LIMIT_ENVELOPE_BYTES];

static void test_round_trips(void)
{
    for (uint8_t class_ = 0; class_ < ENVELOPE_CLASS_COUNT; class_++) {
        struct envelope in = sample_envelope(class_, bytes), out;
        need(envelope_decode(in.encoding, &out) == STATUS_OK);
        ok(out.class_ == class_ && out.zone == in.zone &&
                out.expires_h == in.expires_h && tag_equal(&out.tag, &in.tag) &&
                memcmp(out.receipt_hash.bytes, in.receipt_hash.bytes, 32) ==
                    0 &&
                memcmp(out.stamp, in.stamp, sizeof(in.stamp)) == 0 &&
                memcmp(out.salt, in.salt, sizeof(in.salt)) == 0 &&
                memcmp(out.header, in.header, sizeof(in.header)) == 0 &&
                span_equal(out.body, in.body) && out.encoding.data == bytes,
            "every field comes back");
        envelope_encode(&out, again);
        ok(memcmp(bytes, again, out.encoding.size) == 0,
            "and encodes to the same bytes");
    }
}

/* Whether a byte of an encoding is the value of a field, free to be anything.
 * Written out here, so that a wrong offset in the code shows. */
static bool is_value(size_t at)
{
    return (at >= 4 && at <= 5) || (at >= 7 && at <= 10) ||
           (at >= 13 && at <= 28) || (at >= 31 && at <= 62) ||
           (at >= 65 && at <= 72) || (at >= 75 && at <= 90) ||
           (at >= 93 && at <= 142) || at >= 146;
}

static void test_every_byte(void)
{
    struct envelope envelope = sample_envelope(0, bytes), out;
    bool fixed = true, free_ = true;
    for (size_t at = 0; at < envelope.encoding.size; at++) {
        uint8_t before = bytes[at];
        for (unsigned value = 0; value < 256; value++) {
            bytes[at] = (uint8_t)value;
            bool taken = envelope_decode(envelope.encoding, &out) == STATUS_OK;
            if (is_value(at)) {
                envelope_encode(&out, again);
                free_ = free_ && taken && memcmp(bytes, again, 512) == 0;
            } else
                fixed = fixed && taken == (value == before);
        }
        bytes[at] = before;
    }
    ok(fixed, "every other value of a byte that is not a field's is refused");
    ok(free_, "every value of a field's bytes is taken and comes back");
}

static void test_sizes(void)
{
    bool refused = true;
    struct envelope out;
    for (uint8_t class_ = 0; class_ < ENVELOPE_CLASS_COUNT; class_++) {
        sample_envelope(class_, bytes);
        for (size_t size = 0; size <= LIMIT_ENVELOPE_BYTES + 1; size++)
            if (size != (size_t)512 << 2 * class_)
                refused = refused && envelope_decode((struct span){bytes, size},
                                         &out) == STATUS_INVALID;
    }
    ok(refused, "cut or longer by any length is refused");
    ok(envelope_class_bytes(0) == 512 && envelope_class_bytes(3) == 32768,
        "classes are 512 to 32768 bytes");
    uint8_t class_ = 9;
    bool fits = true;
    for (uint8_t i = 0; i < ENVELOPE_CLASS_COUNT; i++) {
        size_t most = envelope_class_bytes(i) - 146 - 2 - 16;
        fits = fits && envelope_class_for(most, &class_) == STATUS_OK &&
               class_ == i;
        if (i + 1 < ENVELOPE_CLASS_COUNT)
            fits = fits && envelope_class_for(most + 1, &class_) == 0 &&
                   class_ == i + 1;
        else
            fits = fits &&
                   envelope_class_for(most + 1, &class_) == STATUS_TOO_LARGE;
    }
    ok(fits, "the smallest class that fits is found, to the byte");
}

static void test_associated_data(void)
{
    struct envelope envelope = sample_envelope(1, bytes);
    uint8_t header[2][ENVELOPE_HEADER_AD_BYTES];
    uint8_t body[2][ENVELOPE_BODY_AD_BYTES];
    ok(sizeof(header[0]) == 81 && sizeof(body[0]) == 133,
        "associated data have the sizes that the protocol says");
    bool bound = true;
    for (size_t at = 0; at < envelope.encoding.size; at++) {
        envelope_header_ad(bytes, header[0]);
        envelope_body_ad(bytes, body[0]);
        bytes[at] ^= 1;
        envelope_header_ad(bytes, header[1]);
        envelope_body_ad(bytes, body[1]);
        bytes[at] ^= 1;
        bool stamp = at >= 63 && at <= 72;
        bound = bound &&
                (memcmp(header[0], header[1], sizeof(header[0])) != 0) ==
                    (at < 91 && !stamp) &&
                (memcmp(body[0], body[1], sizeof(body[0])) != 0) ==
                    (at < 143 && !stamp);
    }
    ok(bound, "they hold every clear byte but the stamp's element");
}

int main(void)
{
    test_round_trips();
    test_every_byte();
    test_sizes();
    test_associated_data();
    return tap_done();
}
