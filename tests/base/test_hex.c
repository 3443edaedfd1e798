/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/hex.h"
#include "tests/tap.h"

int main(void)
{
    char text[64];
    uint8_t bytes[16];
    hex_encode((struct span){(const uint8_t *)"\x00\xff\x1a", 3}, text);
    ok(strcmp(text, "00ff1a") == 0, "hex encodes");
    ok(hex_decode("00FF1a", bytes, 3) == STATUS_OK && bytes[1] == 0xff,
        "hex decodes either case");
    ok(hex_decode("00ff1", bytes, 3) == STATUS_INVALID &&
            hex_decode("00ff1g", bytes, 3) == STATUS_INVALID &&
            hex_decode("00ff1a00", bytes, 3) == STATUS_INVALID,
        "hex refuses a wrong length or character");

    /* RFC 4648, section 10, padding left off. */
    static const char *const vectors[][2] = {{"", ""}, {"f", "my"},
        {"fo", "mzxq"}, {"foo", "mzxw6"}, {"foob", "mzxw6yq"},
        {"fooba", "mzxw6ytb"}, {"foobar", "mzxw6ytboi"}};
    int both = 1;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        struct span plain = span_of_text(vectors[i][0]);
        base32_encode(plain, text);
        both &= strcmp(text, vectors[i][1]) == 0;
        both &= base32_decode(vectors[i][1], bytes, plain.size) == STATUS_OK;
        both &= span_equal((struct span){bytes, plain.size}, plain);
    }
    ok(both, "base32 agrees with the RFC's vectors, both ways");
    ok(base32_decode("MZXW6", bytes, 3) == STATUS_OK, "base32 reads capitals");
    ok(base32_decode("mz", bytes, 1) == STATUS_INVALID,
        "base32 refuses unused bits that are set");
    ok(base32_decode("m1", bytes, 1) == STATUS_INVALID &&
            base32_decode("my=", bytes, 1) == STATUS_INVALID,
        "base32 refuses a wrong character or length");
    return tap_done();
}
