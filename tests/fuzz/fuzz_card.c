/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The input is text; it has one spelling but for case and white space. */
#include "proto/card.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[1024] = {0}, out[CARD_TEXT_CHARS + 1];
    memcpy(text, data, size < sizeof(text) ? size : sizeof(text) - 1);
    struct card card, back;
    if (card_from_text(text, &card))
        return 0;
    card_to_text(&card, out);
    fuzz_claim(card_from_text(out, &back) == STATUS_OK);
    uint8_t bytes[2][CARD_BYTES];
    card_encode(&card, bytes[0]);
    card_encode(&back, bytes[1]);
    fuzz_claim(memcmp(bytes[0], bytes[1], CARD_BYTES) == 0);
    return 0;
}
