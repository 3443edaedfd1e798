/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_DEADLINE_H
#define DAEMON_DEADLINE_H

#include <stdint.h>
#include <uv.h>

/* Have a loop's timer ring once when its engine is due, by clock_now_ms, as the
 * engine said after its last step: at once where that has passed, and never for
 * UINT64_MAX.  What was set before is forgotten. */
void deadline_set(uv_timer_t *timer, uv_timer_cb ring, uint64_t at_ms);

#endif
