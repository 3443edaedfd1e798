/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number.h"

#include <string.h>

#include "tests/tap.h"

int main(void)
{
    static const uint8_t eight[] = {1, 2, 3, 4, 5, 6, 7, 0xf8};
    uint8_t bytes[10];
    memset(bytes, 0xaa, sizeof(bytes));
    number_put(bytes + 1, 8, UINT64_C(0x01020304050607f8));
    ok(memcmp(bytes + 1, eight, 8) == 0,
        "the most significant byte stands first");
    ok(bytes[0] == 0xaa && bytes[9] == 0xaa, "and no other is touched");
    ok(number_get(eight, 8) == UINT64_C(0x01020304050607f8) &&
            number_get(eight, 3) == 0x010203 &&
            number_get(eight + 7, 1) == 0xf8,
        "and is read as it was written, in every width");
    ok(number_word(eight) == number_get(eight, 8) &&
            number_word_reversed(eight) == UINT64_C(0xf807060504030201),
        "eight are a word, from either end");
    number_put(bytes, 2, 0x12345);
    ok(bytes[0] == 0x23 && bytes[1] == 0x45 && bytes[2] == 2,
        "what does not fit is cut off");
    return tap_done();
}
