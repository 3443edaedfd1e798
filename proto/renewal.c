/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Renewals: fixed offsets, as in the card that they carry.  Whether one is
 * authentic, and whose, is not asked here: this layer has no keys. */
#include "proto/renewal.h"

#include <stdbool.h>
#include <string.h>

enum { AT_CARD = 1, AT_KEM = AT_CARD + CARD_BYTES };

/* 0 for a suite that is not known. */
static size_t bytes_of(uint8_t suite)
{
    if (suite == KEM_SUITE)
        return KEM_RENEWAL_BYTES;
    return suite == CARD_SUITE ? RENEWAL_BYTES : 0;
}

enum status renewal_decode(struct span bytes, struct renewal *out)
{
    if (bytes.size == 0 || bytes.size != bytes_of(bytes.data[0]) ||
        card_decode(bytes.data + AT_CARD, &out->card))
        return STATUS_INVALID;
    out->suite = bytes.data[0];
    memset(out->kem_public, 0, sizeof(out->kem_public));
    if (out->suite == KEM_SUITE)
        memcpy(out->kem_public, bytes.data + AT_KEM, sizeof(out->kem_public));
    memcpy(out->signature, bytes.data + bytes.size - sizeof(out->signature),
        sizeof(out->signature));
    return STATUS_OK;
}

size_t renewal_encode(
    const struct renewal *renewal, uint8_t out[static KEM_RENEWAL_BYTES])
{
    bool has_kem = renewal->suite == KEM_SUITE;
    size_t size = has_kem ? KEM_RENEWAL_BYTES : RENEWAL_BYTES;
    out[0] = renewal->suite;
    card_encode(&renewal->card, out + AT_CARD);
    if (has_kem)
        memcpy(out + AT_KEM, renewal->kem_public, sizeof(renewal->kem_public));
    memcpy(out + size - sizeof(renewal->signature), renewal->signature,
        sizeof(renewal->signature));
    return size;
}
