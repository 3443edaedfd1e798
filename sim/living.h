/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVING_H
#define SIM_LIVING_H

#include <stdint.h>

#include "base/status.h"

/* The envelopes that vaults have made and that have not expired, in bytes: what
 * one shelf would hold if nothing ever cleared it. */
enum { LIVING_HOURS = 367 * 24 + 15 * 24 }; /* of the longest run, and a life */

struct living {
    uint64_t *expiring; /* bytes, by the hour of the run */
    uint64_t bytes;
};

/* STATUS_NO_MEMORY. */
MUST_USE enum status living_init(struct living *living);
void living_clear(struct living *living);

/* An envelope of that size was made, to be dropped in that hour; that hour has
 * come. */
void living_add(struct living *living, uint64_t hour, uint64_t bytes);
void living_pass(struct living *living, uint64_t hour);

#endif
