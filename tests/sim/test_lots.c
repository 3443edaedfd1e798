/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/lots.h"
#include "tests/tap.h"

enum { NODES = 1000 };

static uint32_t count_role(const struct lot *lots, enum role role)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < NODES; i++)
        count += lots[i].role == role;
    return count;
}

static void test_roles(void)
{
    static struct lot lots[NODES], more[NODES];
    struct scenario s = {.seed = 3};
    need(lots_draw(&s, NODES, lots) == STATUS_OK);
    ok(count_role(lots, ROLE_HONEST) == NODES && lot_is_home(&lots[0]),
        "without shares everybody is honest");
    s.role_ppm[ROLE_DROPPER] = 200000;
    s.role_ppm[ROLE_SPY] = 100500;
    need(lots_draw(&s, NODES, lots) == STATUS_OK);
    ok(count_role(lots, ROLE_DROPPER) == 200 &&
            count_role(lots, ROLE_SPY) == 101,
        "a share is that many nodes, rounded");
    s.role_ppm[ROLE_SPY] = 0;
    s.role_ppm[ROLE_DROPPER] = 300000;
    need(lots_draw(&s, NODES, more) == STATUS_OK);
    int kept = 1;
    for (uint32_t i = 0; i < NODES; i++)
        kept &= lots[i].role != ROLE_DROPPER || more[i].role == ROLE_DROPPER;
    ok(kept && count_role(more, ROLE_DROPPER) == 300,
        "a greater share takes the same ones and more");
    s.role_ppm[ROLE_DROPPER] = 1000000;
    need(lots_draw(&s, NODES, more) == STATUS_OK);
    ok(count_role(more, ROLE_DROPPER) == NODES, "all can be droppers");
    s.seed = 4;
    s.role_ppm[ROLE_DROPPER] = 200000;
    need(lots_draw(&s, NODES, more) == STATUS_OK);
    ok(memcmp(lots, more, sizeof(lots)) != 0, "another seed takes others");
}

static void test_faults(void)
{
    static struct lot lots[NODES];
    struct scenario s = {.seed = 3,
        .kill_share_ppm = 900000,
        .slow_share_ppm = 10000,
        .skew_share_ppm = 100000,
        .skew_us = UINT64_C(300000000)};
    need(lots_draw(&s, NODES, lots) == STATUS_OK);
    int dying = 0, slow = 0, fast_clocks = 0, slow_clocks = 0, wrong = 0;
    for (uint32_t i = 0; i < NODES; i++) {
        dying += lots[i].dies;
        slow += lots[i].is_slow;
        fast_clocks += lots[i].skew_s == 300;
        slow_clocks += lots[i].skew_s == -300;
        wrong += (lots[i].dies || lots[i].is_slow) == lot_is_home(&lots[i]);
    }
    ok(dying == 900 && slow == 10, "so many die, so many are slow");
    ok(fast_clocks == 50 && slow_clocks == 50,
        "half of the wrong clocks are fast, half slow");
    ok(wrong == 0, "people live where nobody dies and nothing is slow");
    s.skew_us *= 24;
    need(lots_draw(&s, NODES, lots) == STATUS_OK);
    for (uint32_t i = 0; i < NODES; i++)
        wrong += lots[i].skew_s != 0 && lot_is_home(&lots[i]);
    ok(wrong == 0, "nor where a clock is off by two hours");
}

int main(void)
{
    test_roles();
    test_faults();
    return tap_done();
}
