/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/renewal.h"

#include <string.h>

#include "tests/proto/samples.h"
#include "tests/tap.h"

int main(void)
{
    static uint8_t bytes[KEM_RENEWAL_BYTES + 1], again[KEM_RENEWAL_BYTES];
    struct span span = {bytes, RENEWAL_BYTES};
    struct renewal renewal, back;
    sample_fill(bytes, sizeof(bytes), 0);
    bytes[0] = bytes[1] = CARD_SUITE;
    need(renewal_decode(span, &renewal) == STATUS_OK);
    ok(renewal_encode(&renewal, again) == RENEWAL_BYTES &&
            memcmp(bytes, again, RENEWAL_BYTES) == 0,
        "bytes come back");
    ok(renewal.card.sign_key[0] == bytes[2] &&
            renewal.card.signature[63] == bytes[201] &&
            renewal.signature[0] == bytes[202],
        "its fields are where the protocol says");
    span.size--;
    ok(renewal_decode(span, &back) == STATUS_INVALID, "one byte less is none");
    span.size += 2;
    ok(renewal_decode(span, &back) == STATUS_INVALID, "nor one byte more");
    span.size = 0;
    ok(renewal_decode(span, &back) == STATUS_INVALID, "nor nothing");
    span.size = RENEWAL_BYTES;
    bytes[0] = INVITE_SUITE;
    ok(renewal_decode(span, &back) == STATUS_INVALID, "nor another suite");
    bytes[0] = CARD_SUITE;
    bytes[1] = INVITE_SUITE;
    ok(renewal_decode(span, &back) == STATUS_INVALID, "nor one of its card");

    bytes[0] = KEM_SUITE;
    bytes[1] = CARD_SUITE;
    ok(renewal_decode(span, &back) == STATUS_INVALID,
        "with an X-Wing key it has another size");
    span.size = KEM_RENEWAL_BYTES;
    need(renewal_decode(span, &renewal) == STATUS_OK);
    ok(renewal_encode(&renewal, again) == KEM_RENEWAL_BYTES &&
            memcmp(bytes, again, KEM_RENEWAL_BYTES) == 0 &&
            renewal.kem_public[0] == bytes[202] &&
            renewal.signature[0] == bytes[1418],
        "and comes back, with the key where the protocol says");
    bytes[0] = CARD_SUITE;
    ok(renewal_decode(span, &back) == STATUS_INVALID,
        "which cannot be left standing under another suite");
    return tap_done();
}
