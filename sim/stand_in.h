/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_STAND_IN_H
#define SIM_STAND_IN_H

#include <stdbool.h>

#include "base/status.h"

/* Cheap stand-ins for what is dear in a vault's cryptography: agreements,
 * signatures, seals.  Sizes are the same, a tag or signature that does not fit
 * is refused, and two people agree on one secret; but anybody could work it
 * out, and read what is sealed.  What else a vault does is real, and so are all
 * hashes: a relay meets as many envelopes, of the same sizes, with ids as
 * random.
 *
 * For the whole process, until it is said otherwise.  STATUS_INVALID: this
 * program was linked without the $(sim_wraps) of sim/Makefile.inc, and
 * cannot. */
MUST_USE enum status stand_in_use(bool stub);

#endif
