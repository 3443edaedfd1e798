/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Renewals: fixed offsets, as in the card that they carry.  Whether one is
 * authentic, and whose, is not asked here: this layer has no keys. */
#include "proto/renewal.h"

#include <string.h>

enum { AT_CARD = 1 };

enum status renewal_decode(struct span bytes, struct renewal *out)
{
    if (bytes.size != RENEWAL_BYTES || bytes.data[0] != CARD_SUITE ||
        card_decode(bytes.data + AT_CARD, &out->card))
        return STATUS_INVALID;
    out->suite = bytes.data[0];
    memcpy(out->signature, bytes.data + RENEWAL_SIGNED_BYTES,
        sizeof(out->signature));
    return STATUS_OK;
}

size_t renewal_encode(
    const struct renewal *renewal, uint8_t out[static RENEWAL_BYTES])
{
    out[0] = renewal->suite;
    card_encode(&renewal->card, out + AT_CARD);
    memcpy(out + RENEWAL_SIGNED_BYTES, renewal->signature,
        sizeof(renewal->signature));
    return RENEWAL_BYTES;
}
