/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/card.h"

#include <stdbool.h>
#include <string.h>

#include "tests/proto/samples.h"
#include "tests/tap.h"

static void test_invite(void)
{
    uint8_t bytes[INVITE_BYTES], again[INVITE_BYTES];
    char text[INVITE_TEXT_CHARS + 1];
    struct invite invite, back;
    struct card card;
    sample_fill(bytes, sizeof(bytes), 0);
    bytes[0] = INVITE_SUITE;
    bytes[1] = CARD_SUITE;
    need(invite_decode(bytes, &invite) == STATUS_OK);
    invite_encode(&invite, again);
    ok(memcmp(bytes, again, sizeof(bytes)) == 0 &&
            invite.address[0] == bytes[202] && invite.prekey[0] == bytes[234] &&
            invite.secret[0] == bytes[266] && invite.signature[0] == bytes[298],
        "an invite's bytes come back, its fields where the protocol says");
    invite_to_text(&invite, text);
    need(invite_from_text(text, &back) == STATUS_OK);
    invite_encode(&back, again);
    ok(strlen(text) == INVITE_TEXT_CHARS &&
            memcmp(bytes, again, sizeof(bytes)) == 0,
        "and its text");
    ok(card_from_text(text, &card) == STATUS_INVALID,
        "which is not that of a card");
    text[INVITE_TEXT_CHARS - 1] = '\0';
    ok(invite_from_text(text, &back) == STATUS_INVALID, "nor a shorter one");
    bytes[0] = CARD_SUITE;
    ok(invite_decode(bytes, &back) == STATUS_INVALID, "its suite is its own");
    base32_encode((struct span){bytes, sizeof(bytes)}, text + 6);
    ok(strlen(text) == INVITE_TEXT_CHARS &&
            invite_from_text(text, &back) == STATUS_INVALID,
        "in its text, too");
    bytes[0] = INVITE_SUITE;
    bytes[1] = INVITE_SUITE;
    ok(invite_decode(bytes, &back) == STATUS_INVALID, "and so is its card's");
}

static void test_suites(void)
{
    uint8_t bytes[INVITE_BYTES];
    char text[INVITE_TEXT_CHARS + 1] = "sotto:";
    sample_fill(bytes, sizeof(bytes), 0);
    bytes[0] = 9;
    base32_encode((struct span){bytes, sizeof(bytes)}, text + 6);
    ok(card_text_suite(text) == 9, "the suite of a later invite is told");
    base32_encode((struct span){bytes, 40}, text + 6);
    ok(card_text_suite(text) == 9, "and of a card of another length");
    base32_encode((struct span){bytes, 30}, text + 6);
    ok(card_text_suite(text) == 0, "what is shorter than a key is no card");
    base32_encode((struct span){bytes, 40}, text + 6);
    text[50] = '!';
    ok(card_text_suite(text) == 0, "nor what is no base32");
    bytes[0] = CARD_SUITE;
    base32_encode((struct span){bytes, CARD_BYTES}, text + 6);
    ok(card_text_suite(text) == 0, "and a known suite is none of these");
    ok(card_text_suite("") == 0 && card_text_suite("sotto:") == 0,
        "nor is nothing");
}

int main(void)
{
    test_suites();
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
    memcpy(other, "sotto:", 7);
    base32_encode((struct span){bytes, sizeof(bytes)}, other + 6);
    ok(strlen(other) == CARD_TEXT_CHARS &&
            card_from_text(other, &back) == STATUS_INVALID,
        "in a card's text, too");
    test_invite();
    return tap_done();
}
