/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A group of as many as there may be. */
#include "tests/vault/crowd.h"

enum { MINUTE_MS = 60000, WRITERS = 3 };

static struct world world;

static bool all_know_all(void)
{
    for (size_t i = 0; i < world.count; i++)
        if (member_count(&world.people[i], "lantern") != world.count)
            return false;
    return true;
}

static size_t readers_of(const char *text)
{
    size_t count = 0;
    for (size_t i = 0; i < world.count; i++)
        count += times_shown(&world.people[i], text) == 1;
    return count;
}

int main(void)
{
    world_init(&world, LIMIT_GROUP_MEMBERS, 81);
    crowd_meet(&world);
    struct person *ann = &world.people[0];
    crowd_gather(&world, "lantern");
    ok(all_know_all(), "sixty-four people are in a group, and know it");
    need(ask_word(ann, CONTROL_GROUP_NEW, "torch")->kind == CONTROL_GROUP_ROWS);
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(&world.people[1]));
    ok(ask_group(ann, CONTROL_GROUP_ADD, "lantern", name_of(1))->status ==
            STATUS_EXISTS,
        "all of them");
    bool all = true, single = true;
    for (size_t i = 0; i < WRITERS; i++) {
        struct person *writer = &world.people[i * 20];
        char text[32];
        snprintf(text, sizeof(text), "by %s", name_of(i * 20));
        need(ask_group_send(writer, "lantern", text)->kind == CONTROL_SENT);
        world_run(&world, 10 * MINUTE_MS);
        all &= readers_of(text) == LIMIT_GROUP_MEMBERS - 1;
        const struct row *row = last_in_outbox(writer);
        all &= row->outbox == OUTBOX_DELIVERED &&
               row->delivered_to == LIMIT_GROUP_MEMBERS - 1;
        size_t before = world.carried_count;
        need(ask_group_send(writer, "lantern", "again")->kind == CONTROL_SENT);
        single &= world.carried_count == before + 1;
        world_run(&world, 10 * MINUTE_MS);
        all &= last_in_outbox(writer)->outbox == OUTBOX_DELIVERED;
    }
    ok(all, "what any of them writes comes to all the others, once, and all "
            "confirm it");
    ok(single, "in one envelope");
    world_free(&world);
    return tap_done();
}
