/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How one letter spread: which it is, and who brought it first. */
#include "sim/picture.h"

#include "tests/tap.h"

enum { NODES = 6 };

static struct picture *picture;

static void came(uint32_t from, uint32_t to, uint64_t at_us)
{
    picture_came(picture, &(struct topology_edge){from, to}, at_us);
}

static bool had(uint32_t node, uint32_t from, uint64_t at_us)
{
    const struct picture_arrival *arrival = &picture->arrivals[node];
    return arrival->is_there && arrival->from == from &&
           arrival->at_us == at_us;
}

static uint32_t letter_of(struct letter_fate *list, uint32_t count)
{
    const struct letters letters = {.list = list, .count = count};
    need(picture_new(&letters, NODES, &picture) == STATUS_OK);
    uint32_t letter = picture->letter;
    picture_free(picture);
    return letter;
}

static void test_choice(void)
{
    struct letter_fate list[] = {{.write_at_us = 50}, {.write_at_us = 10},
        {.write_at_us = 30}, {.write_at_us = 20}, {.write_at_us = 40}};
    ok(letter_of(list, 5) == 2, "it is the middle one by time");
    ok(letter_of(list, 1) == 0, "of one letter that");
    list[4].write_at_us = 30;
    ok(letter_of(list, 5) == 2, "of those at one time the first by number");
}

static void test_spread(void)
{
    struct letter_fate list[] = {{.from = 2, .to = 5}};
    const struct letters letters = {.list = list, .count = 1};
    need(picture_new(&letters, NODES, &picture) == STATUS_OK);
    ok(!picture->is_written && !picture->is_due, "it begins with nothing");
    picture_begin(picture, &list[0], 1000);
    ok(picture->is_written && picture->is_due && picture->began_us == 1000 &&
            had(2, 2, 1000),
        "the writer has it first, from nobody else");
    came(2, 3, 1100);
    came(4, 3, 1200);
    came(3, 3, 1050);
    ok(had(3, 2, 1100), "who brought it first counts");
    came(3, 2, 1300);
    ok(had(2, 2, 1000), "nobody brings it to the writer");
    ok(!picture->arrivals[5].is_there, "who has it not is not there");
    picture_free(picture);
    picture_came(NULL, &(struct topology_edge){0, 1}, 1);
    picture_free(NULL);
    ok(true, "where there is no picture nothing is drawn");
}

int main(void)
{
    test_choice();
    test_spread();
    return tap_done();
}
