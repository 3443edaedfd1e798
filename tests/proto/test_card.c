/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/card.h"

#include <stdbool.h>
#include <string.h>

#include "tests/proto/samples.h"
#include "tests/tap.h"

int main(void)
{
    uint8_t bytes[CARD_BYTES], again[CARD_BYTES];
    char text[CARD_TEXT_CHARS + 1], other[CARD_TEXT_CHARS + 16];
    struct card card;
    sample_fill(bytes, sizeof(bytes), CARD_SUITE);
    need(card_decode(bytes, &card) == STATUS_OK);
    card_encode(&card, again);
    ok(memcmp(bytes, again, sizeof(bytes)) == 0, "bytes come back");
    ok(card.prekey_id == 0x62636465 && card.prekey_expires_h == 0x66676869 &&
            card.address[0] == 66 && card.signature[0] == 138,
        "numbers are big endian, and fields where the protocol says");
    card_to_text(&card, text);
    struct card back;
    need(card_from_text(text, &back) == STATUS_OK);
    card_encode(&back, again);
    ok(strlen(text) == CARD_TEXT_CHARS && strncmp(text, "sotto:", 6) == 0 &&
            memcmp(bytes, again, sizeof(bytes)) == 0,
        "text comes back");
    for (size_t i = 0; i <= CARD_TEXT_CHARS; i++)
        other[i] = text[i] >= 'a' && text[i] <= 'z'
                       ? (char)(text[i] - 'a' + 'A')
                       : text[i];
    ok(card_from_text(other, &back) == STATUS_OK, "in capitals too");
    snprintf(other, sizeof(other), " \t\n%s\r\n ", text);
    ok(card_from_text(other, &back) == STATUS_OK, "and amid white space");
    other[20] = ' ';
    ok(card_from_text(other, &back) == STATUS_INVALID, "but not broken by it");

    bool refused = true;
    for (size_t cut = 0; cut < CARD_TEXT_CHARS; cut++) {
        snprintf(other, cut + 1, "%s", text);
        refused = refused && card_from_text(other, &back) == STATUS_INVALID;
        refused =
            refused && card_from_text(text + cut + 1, &back) == STATUS_INVALID;
    }
    ok(refused, "cut at either end by any length is refused");
    snprintf(other, sizeof(other), "%sa", text);
    ok(card_from_text(other, &back) == STATUS_INVALID, "so is one letter more");
    memcpy(other, text, sizeof(text));
    other[30] = '1';
    ok(card_from_text(other, &back) == STATUS_INVALID,
        "and a letter that is not base32");
    memcpy(other, text, sizeof(text));
    other[CARD_TEXT_CHARS - 1]++;
    ok(card_from_text(other, &back) == STATUS_INVALID,
        "and a second spelling of the last letter");
    bytes[0] = CARD_SUITE + 1;
    ok(card_decode(bytes, &back) == STATUS_INVALID, "and an unknown suite");
    return tap_done();
}
