/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include <stdint.h>

#include "proto/frame.h"
#include "sim/queue.h"

/* A hash of all that was delivered: each event's place in the total order and
 * what it brought are hashed together, and the hashes are added up.  A sum does
 * not depend on who adds first, so runs that are spread over threads or
 * machines have the same. */
struct trace {
    uint64_t low;
    uint64_t high;
};

/* A digest of everything a frame says (a push: its id). */
uint64_t trace_digest(const struct frame *frame);

/* digest: of the frame that came, or the kind of any other event. */
void trace_add(
    struct trace *trace, const struct queue_event *event, uint64_t digest);

enum { TRACE_CHARS = 32 };
void trace_print(const struct trace *trace, char out[static TRACE_CHARS + 1]);

#endif
