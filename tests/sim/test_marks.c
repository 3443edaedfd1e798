/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who in a mesh are adversaries, and which faults struck when, as JSON. */
#include "config.h"

#include "sim/marks.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

enum { NODES = 10, SECOND_US = 1000000 };

static struct world world;
static struct lot lots[NODES];

static void begin(void)
{
    memset(&world, 0, sizeof(world)); /* too large for a literal */
    memset(lots, 0, sizeof(lots));
    world.lots = lots;
    world.node_count = NODES;
    world.scenario.duration_us = 100ull * SECOND_US;
}

static bool prints(const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    need(file);
    marks_print_json(file, &world);
    need(fclose(file) == 0);
    bool is = strcmp(text, expected) == 0;
    if (!is)
        printf("# %s\n# not %s\n", text, expected);
    free(text);
    return is;
}

static void test_adversaries(void)
{
    begin();
    ok(prints("\"adversaries\":[],\"faults\":[],"),
        "of a quiet mesh there is nothing to say");
    lots[1].role = lots[4].role = ROLE_SPY;
    lots[2].role = ROLE_FLOODER;
    lots[3].role = ROLE_FLASH;
    world.scenario.attack_from_us = 2500000;
    world.scenario.flash_at_us = 7ull * SECOND_US;
    ok(prints("\"adversaries\":["
              "{\"role\":\"flooders\",\"nodes\":1,\"from_s\":2.500},"
              "{\"role\":\"flash\",\"nodes\":1,\"from_s\":7.000},"
              "{\"role\":\"spies\",\"nodes\":2,\"from_s\":0.000}"
              "],\"faults\":[],"),
        "each role that somebody has is counted, with when it begins");
}

static void test_splits(void)
{
    begin();
    struct scenario *s = &world.scenario;
    s->partition_at_us = 10ull * SECOND_US;
    s->partition_for_us = 5ull * SECOND_US;
    s->partition_share_ppm = 250000;
    ok(prints("\"adversaries\":[],\"faults\":["
              "{\"what\":\"split\",\"share\":0.250000,\"from_s\":10.000,"
              "\"until_s\":15.000}],"),
        "a split has a beginning and an end");
    s->partition_every_us = 20ull * SECOND_US;
    s->partition_times = 2;
    ok(prints("\"adversaries\":[],\"faults\":["
              "{\"what\":\"split\",\"share\":0.250000,\"from_s\":10.000,"
              "\"until_s\":15.000},"
              "{\"what\":\"split\",\"share\":0.250000,\"from_s\":30.000,"
              "\"until_s\":35.000}],"),
        "each of several is told");
}

static void test_others(void)
{
    begin();
    struct scenario *s = &world.scenario;
    s->kill_share_ppm = 1000000;
    s->kill_at_us = 3ull * SECOND_US;
    s->session_us = 1;
    s->churn_share_ppm = 500000;
    s->churn_from_us = 4ull * SECOND_US;
    s->slow_share_ppm = 100000;
    ok(prints("\"adversaries\":[],\"faults\":["
              "{\"what\":\"kill\",\"share\":1.000000,\"from_s\":3.000},"
              "{\"what\":\"churn\",\"share\":0.500000,\"from_s\":4.000,"
              "\"until_s\":100.000},"
              "{\"what\":\"slow links\",\"share\":0.100000,"
              "\"from_s\":0.000}],"),
        "one without an end has none, and churn lasts as long as the run");
    s->churn_until_us = 50ull * SECOND_US;
    s->kill_share_ppm = s->slow_share_ppm = 0;
    ok(prints("\"adversaries\":[],\"faults\":["
              "{\"what\":\"churn\",\"share\":0.500000,\"from_s\":4.000,"
              "\"until_s\":50.000}],"),
        "unless it is to end before");
}

int main(void)
{
    test_adversaries();
    test_splits();
    test_others();
    return tap_done();
}
