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
    fuzz_claim(memcmp(&card, &back, sizeof(card)) == 0);
    return 0;
}
