/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between what chance would leave a figure of one run, by tables of others. */
#include <math.h>

#include "sim/quantile.h"
#include "tests/tap.h"

static int is_near(double value, double wanted)
{
    return fabs(value - wanted) < 0.0005;
}

int main(void)
{
    double values[1000];
    for (size_t i = 0; i < 1000; i++)
        values[i] = (double)(i + 1);
    struct quantile half = quantile_of(values, 100, 0.5);
    ok(half.value == 50 && half.low == 40 && half.high == 61,
        "of a hundred, the median is between the 40th and the 61st");
    struct quantile most = quantile_of(values, 1000, 0.99);
    ok(most.value == 990 && most.low == 983 && most.high == 998,
        "of a thousand, 99 in 100 are below one between the 983rd and 998th");
    struct quantile few = quantile_of(values, 100, 0.99);
    ok(few.value == 99 && few.low == 97 && isnan(few.high),
        "a hundred do not tell how late the latest can be");
    struct quantile one = quantile_of(values, 1, 0.5);
    ok(one.value == 1 && isnan(one.low) && isnan(one.high),
        "one tells nothing but itself");
    struct quantile none = quantile_of(values, 0, 0.5);
    ok(isnan(none.value) && isnan(none.low), "none tell nothing");
    struct quantile all = quantile_share(10, 10);
    ok(all.value == 1 && is_near(all.low, 0.7225) && is_near(all.high, 1),
        "ten of ten may be seven in ten");
    struct quantile some = quantile_share(5, 10);
    ok(some.value == 0.5 && is_near(some.low, 0.2366) &&
            is_near(some.high, 0.7634),
        "five of ten a quarter to three quarters");
    struct quantile not_one = quantile_share(0, 10);
    ok(not_one.value == 0 && not_one.low == 0 && is_near(not_one.high, 0.2775),
        "none of ten up to a quarter");
    ok(isnan(quantile_share(0, 0).value), "none of none are no share");
    return tap_done();
}
