/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ACCOUNT_H
#define SIM_ACCOUNT_H

#include "base/buf.h"
#include "base/span.h"
#include "sim/survey.h"
#include "sim/world.h"

/* What a part of a run knows at its end, for the first part to report all:
 * traces and checks, the fates of letters, what became of envelopes, what spies
 * saw, the picture. */
void account_write(const struct world *world, struct buf *out);

/* Add another part's to a world that is measured next, and to the survey. */
void account_read(
    struct world *world, struct survey_part *all, struct span bytes);

#endif
