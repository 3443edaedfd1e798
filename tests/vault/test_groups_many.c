/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A group of as many as there may be. */
#include "crypto/identity.h"
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

/* Add somebody to a person's contacts who has no vault here. */
static void add_another(struct person *person, const char *name)
{
    struct identity identity;
    struct prekey prekey;
    struct card card;
    char text[CARD_TEXT_CHARS + 1];
    uint32_t now_h = (uint32_t)(world.clock_s / HOUR_S);
    identity_generate(&identity, &world.random.base);
    prekey_generate(&prekey, 1, now_h + 100, &world.random.base);
    card_make(&identity, &prekey, &card);
    card_to_text(&card, text);
    need(ask_add(person, name, text)->kind == CONTROL_CONTACT_ROWS);
}

/* As many groups as one may have. */
static void test_groups(void)
{
    world_init(&world, 1, 82);
    need(ask_word(&world.people[0], CONTROL_INIT, "ann")->kind == CONTROL_CARD);
    char name[16];
    for (size_t i = 0; i < LIMIT_GROUPS; i++) {
        snprintf(name, sizeof(name), "group %zu", i);
        need(ask_word(&world.people[0], CONTROL_GROUP_NEW, name)->kind ==
             CONTROL_GROUP_ROWS);
    }
    struct answer *answer =
        ask_word(&world.people[0], CONTROL_GROUP_NEW, "one more");
    ok(answer->status == STATUS_FULL && strstr(answer->message, "256"),
        "one group more is refused, with the limit");
    ask_word(&world.people[0], CONTROL_LOCK, "");
    ok(ask_word(&world.people[0], CONTROL_UNLOCK, "ann")->kind ==
                CONTROL_DONE &&
            ask_word(&world.people[0], CONTROL_GROUP_LIST, "")->count ==
                LIMIT_GROUPS,
        "and all are there after a lock");
    world_free(&world);
}

int main(void)
{
    world_init(&world, LIMIT_GROUP_MEMBERS, 81);
    crowd_meet(&world);
    struct person *ann = &world.people[0];
    crowd_gather(&world, "lantern");
    ok(all_know_all(), "sixty-four people are in a group, and know it");
    need(ask_word(ann, CONTROL_GROUP_NEW, "torch")->kind == CONTROL_GROUP_ROWS);
    add_another(ann, "one too many");
    struct answer *answer =
        ask_group(ann, CONTROL_GROUP_ADD, "lantern", "one too many");
    ok(answer->status == STATUS_FULL && strstr(answer->message, "64 members") &&
            strstr(answer->message, "the limit is 64"),
        "one more is refused, with the numbers");
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
    test_groups();
    return tap_done();
}
