/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One clock for all that is written down of a live run. */
#include "sim/live/course_state.h"

#include "sim/outside.h"

uint64_t course_state_now_us(const struct course *course)
{
    return course->zero_us ? outside_wall_us() - course->zero_us : 0;
}
