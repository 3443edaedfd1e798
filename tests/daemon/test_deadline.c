/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "daemon/deadline.h"

#include <stdbool.h>

#include "platform/clock.h"
#include "tests/tap.h"

enum { HOUR_MS = 3600 * 1000, MINUTE_MS = 60 * 1000 };

static uint32_t rung;

static void ring(uv_timer_t *timer)
{
    (void)timer;
    rung++;
}

static bool is_due_within(uv_timer_t *timer, uint64_t least, uint64_t most)
{
    uint64_t due_ms = uv_timer_get_due_in(timer);
    return uv_is_active((uv_handle_t *)timer) && due_ms >= least &&
           due_ms <= most;
}

/* A turn of some milliseconds, which its loop doesn't see pass. */
static void test_long_turn(uv_timer_t *timer)
{
    uint64_t began_ms = uv_now(timer->loop);
    while (uv_hrtime() / 1000000 <= began_ms + 5)
        ;
    deadline_set(timer, ring, clock_now_ms() + HOUR_MS);
    ok(uv_now(timer->loop) > began_ms,
        "a timer counts from now, and not from its turn's beginning");
}

int main(void)
{
    uv_loop_t loop;
    uv_timer_t timer;
    if (uv_loop_init(&loop) || uv_timer_init(&loop, &timer))
        return 1;

    deadline_set(&timer, ring, clock_now_ms() + HOUR_MS);
    ok(is_due_within(&timer, HOUR_MS - MINUTE_MS, HOUR_MS),
        "what is due in an hour is rung for then");
    deadline_set(&timer, ring, UINT64_MAX);
    ok(!uv_is_active((uv_handle_t *)&timer),
        "who is never due is not rung for, whatever was said before");
    test_long_turn(&timer);
    deadline_set(&timer, ring, 0);
    ok(is_due_within(&timer, 0, 0), "what is past is due at once");
    uv_run(&loop, UV_RUN_DEFAULT);
    ok(rung == 1, "and rung for once");

    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    ok(uv_loop_close(&loop) == 0, "nothing is left of it");
    return tap_done();
}
