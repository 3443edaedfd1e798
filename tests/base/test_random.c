/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/random.h"
#include "tests/tap.h"

int main(void)
{
    struct random_seeded a, b, c;
    random_seeded_init(&a, 7, 0);
    random_seeded_init(&b, 7, 0);
    random_seeded_init(&c, 7, 1);
    uint64_t first = random_u64(&a.base);
    ok(first == random_u64(&b.base), "one seed and stream repeat");
    ok(first != random_u64(&c.base), "another stream differs");

    int in_bounds = 1;
    unsigned seen[7] = {0};
    for (int i = 0; i < 70000; i++) {
        uint64_t n = random_below(&a.base, 7);
        in_bounds &= n < 7;
        seen[n % 7]++;
    }
    int fair = 1;
    for (int i = 0; i < 7; i++) /* 10,000 expected, sigma 93 */
        fair &= seen[i] > 9500 && seen[i] < 10500;
    ok(in_bounds, "below stays below");
    ok(fair, "below is uniform");

    uint64_t sum = 0, most = 0;
    unsigned under_mean = 0;
    for (int i = 0; i < 100000; i++) {
        uint64_t draw = random_exponential(&a.base, 1000);
        sum += draw;
        under_mean += draw < 1000;
        most = draw > most ? draw : most;
    }
    ok(sum > 98000000 && sum < 102000000, "exponential has its mean");
    ok(under_mean > 62200 && under_mean < 64200,
        "and 1 - 1/e of it lies under the mean");
    ok(most <= 16000, "and is bounded");
    ok(random_exponential(&a.base, 0) == 0, "a mean of zero is zero");
    return tap_done();
}
