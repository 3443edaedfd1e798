/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_POSTAGE_H
#define SIM_POSTAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/stamp.h"

/* Stamps as the simulator makes and checks them: real ones would take a
 * millisecond of real time for each check of each node.  In their place stands
 * a hash that only this simulator makes; the time is that of real ones, on the
 * virtual clock. */
enum {
    POSTAGE_FILTER_US = 1,   /* of a stamp that does not pass the filter */
    POSTAGE_CHECK_US = 1000, /* of one that does */
    POSTAGE_TRY_US = 1300,   /* to make: one try, 2^bits of them */
};

/* The stand-in for a stamp of that many bits. */
void postage_make(const struct envelope_id *id, uint8_t bits,
    uint8_t out[static ENVELOPE_STAMP_BYTES]);
/* How long it takes to make: 2^bits tries. */
uint64_t postage_make_us(uint8_t bits);

/* The same, or none where that is no bits. */
void postage_make_any(const struct envelope_id *id, uint8_t bits,
    uint8_t out[static ENVELOPE_STAMP_BYTES]);

/* Whether a stamp is one that was made, and what finding out costs.  One in
 * 256 false ones passes the filter (of real ones, one in 1,024). */
bool postage_is_good(const struct envelope_id *id,
    const uint8_t stamp[static ENVELOPE_STAMP_BYTES], uint32_t *cost_us);

#endif
