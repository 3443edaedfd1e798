/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Engines count on our clock, which goes on while the machine sleeps, and a
 * timer from when its loop last looked at libuv's: that is the turn's
 * beginning, and the turn may have been a long one. */
#include "config.h"

#include "daemon/deadline.h"

#include "platform/clock.h"

void deadline_set(uv_timer_t *timer, uv_timer_cb ring, uint64_t at_ms)
{
    if (at_ms == UINT64_MAX) {
        uv_timer_stop(timer);
        return;
    }
    uint64_t now_ms = clock_now_ms();
    uv_update_time(timer->loop);
    uv_timer_start(timer, ring, at_ms > now_ms ? at_ms - now_ms : 0, 0);
}
