/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include <stdint.h>

#include "proto/frame.h"
#include "sim/queue.h"

struct journal;

/* A hash of all that was delivered: each event's place in the total order and
 * what it brought are hashed together, and the hashes are added up.  A sum does
 * not depend on who adds first, so runs that are spread over threads or
 * machines have the same. */
struct trace {
    uint64_t low;
    uint64_t high;
    const struct journal *journal; /* writes all of it down; NULL: nobody */
};

/* A digest of everything a frame says (a push: its id). */
uint64_t trace_digest(const struct frame *frame);

/* A frame that came; or any other event, by its kind, which is what in a word.
 */
void trace_frame(struct trace *trace, const struct queue_event *event,
    const struct frame *frame);
void trace_event(
    struct trace *trace, const struct queue_event *event, const char *what);

enum { TRACE_CHARS = 32 };
void trace_print(const struct trace *trace, char out[static TRACE_CHARS + 1]);

#endif
