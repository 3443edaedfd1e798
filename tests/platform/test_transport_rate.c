/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "platform/transport_rate.h"

#include "tests/tap.h"

enum { RATE = 10000, SECOND_US = 1000000, FRAME = 958, WHOLE = 1000 };

/* Frames that go at that moment. */
static int burst(struct transport_rate *rate, uint64_t now_us, bool ahead)
{
    int count = 0;
    for (; transport_rate_allows(rate, now_us, ahead); count++)
        transport_rate_spend(rate, now_us, FRAME);
    return count;
}

int main(void)
{
    struct transport_rate none = {0}, rate = {.bytes_s = RATE};
    uint64_t now_us = 5 * SECOND_US;
    transport_rate_spend(&none, now_us, 1 << 30);
    ok(transport_rate_allows(&none, now_us, false), "no limit is no limit");
    ok(burst(&rate, now_us, false) == 8, "three quarters of a second at once");
    ok(burst(&rate, now_us, true) == 2, "and the rest for what goes ahead");
    ok(!transport_rate_allows(&rate, now_us, true), "then nothing");
    uint64_t sent = 10, began_us = now_us;
    for (int i = 0; i < 1000; i++) {
        now_us += 10007;
        sent += (uint64_t)burst(&rate, now_us, i % 3 == 0);
    }
    uint64_t allowed =
        RATE * (now_us - began_us + SECOND_US) / SECOND_US + WHOLE;
    ok(sent * WHOLE <= allowed, "over any time no more than allowed");
    ok(sent * WHOLE >= allowed - 3 * RATE / 2, "and no less, where wanted");
    now_us += 3600ull * SECOND_US;
    ok(burst(&rate, now_us, true) == 10, "an hour's silence saves up a second");
    return tap_done();
}
