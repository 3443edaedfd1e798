/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/spread.h"

#include "tests/tap.h"

static struct spread spread;

int main(void)
{
    uint64_t out[4] = {9, 9, 9, 9};
    spread_measure(&spread, out);
    ok(out[0] == 0 && out[2] == 0 && out[3] == 0, "of nothing there is none");
    for (uint64_t ms = 1; ms <= 100; ms++)
        spread_add(&spread, ms * 1000 + 7);
    spread_measure(&spread, out);
    ok(out[0] == 50000 && out[1] == 90000 && out[2] == 99000,
        "shares are to the millisecond");
    ok(out[3] == 100007, "the last is exact");
    spread_add(&spread, SPREAD_MS * UINT64_C(5000));
    spread_measure(&spread, out);
    ok(out[2] == 100000 && out[3] == SPREAD_MS * UINT64_C(5000),
        "what is too long for a count is the last");
    for (int i = 0; i < 99; i++)
        spread_add(&spread, SPREAD_MS * UINT64_C(2000));
    spread_measure(&spread, out);
    ok(out[0] == 100000 && out[1] == out[3],
        "a share past the counts is the last as well");
    return tap_done();
}
