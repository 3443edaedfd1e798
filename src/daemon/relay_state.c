/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The little that every part of the relay process does alike: name the moment
 * of an event, and ask for the end. */
#include "daemon/relay_state.h"

#include "platform/clock.h"

struct relay_event relay_state_event(enum relay_event_kind kind)
{
    return (struct relay_event){
        .kind = kind, .now_ms = clock_now_ms(), .clock_s = clock_wall_s()};
}

void relay_state_quit(struct relay_loop *loop, int exit_code)
{
    loop->exit_code = exit_code;
    uv_stop(&loop->uv);
}
