/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RANKS_H
#define SIM_RANKS_H

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/exchange.h"

/* The parts of a run as processes that mpirun started, on one machine or on
 * many.  `configure --with-mpi` builds ranks_mpi.c; without it ranks_absent.c
 * stands here, and knows none. */

/* Join the others: *out is how to speak with them (part 0 is the one that
 * reports), or NULL where this process was started alone.  STATUS_INVALID with
 * a complaint when there are others, and this program cannot join them.  Once,
 * before any thread is started. */
MUST_USE enum status ranks_begin(
    struct exchange **out, struct complaint *complaint);

/* Leave them, at the end of the program.  NULL does nothing. */
void ranks_end(struct exchange *exchange);

#endif
