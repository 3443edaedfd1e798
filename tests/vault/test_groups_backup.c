/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A member of a group loses their vault and restores it from a backup. */
#include "tests/vault/copies.h"
#include "tests/vault/crowd.h"
#include "vault/vault_state.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];
static struct person *const cy = &world.people[2];
static struct person *const home = &world.people[3]; /* bo's next */

static void begin(uint64_t seed)
{
    world_init(&world, 3, seed);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    world.count = 4;
    home->world = &world;
    random_seeded_init(&home->random, seed, 9);
    person_start(home);
    for (size_t i = 0; i < 3; i++) {
        char text[32];
        snprintf(text, sizeof(text), "from %s", name_of(i));
        need(ask_group_send(&world.people[i], "lantern", text)->kind ==
             CONTROL_SENT);
    }
    world_run(&world, MINUTE_MS);
}

static struct vault_group *group_of(struct person *person)
{
    return rows_at(&person->vault->opened->groups.rows, 0);
}

static void restore(const struct copy *copy)
{
    need(copy_hand_all(home, copy, "kept")->kind == CONTROL_PART);
    need(copy_end(home, "new")->kind == CONTROL_RESTORED);
}

static void test_restored(void)
{
    begin(71);
    world.down = true;
    need(ask_group_send(bo, "lantern", "under way")->kind == CONTROL_SENT);
    struct row sent = bo->answer.sent;
    struct group_sender old = group_of(bo)->sender;
    struct copy copy = back_up(bo, "kept");
    person_die(bo);
    world.down = false;
    restore(&copy);
    ok(strcmp(membership(home), "member") == 0 &&
            member_count(home, "lantern") == 3 &&
            strcmp(home->answer.rows[2].key_state, "introduced") == 0,
        "a restored vault has the group, with who is in it");
    ok(home->answer.count == 3 && ask_word(home, CONTROL_CONTACTS, "") &&
            home->answer.count == 1,
        "whom it introduced is no contact here either");
    const struct row *row = shown(home, "from cy");
    ok(row && strcmp(row->group, "lantern") == 0, "and its letters");
    ok(disk_count(&home->disk, RECORD_GROUP_KEY) == 0,
        "but none of the others' chains");
    world_run(&world, 2 * HOUR_MS);
    ok(memcmp(old.sign_public, group_of(home)->sender.sign_public, 32) != 0 &&
            memcmp(old.chain_key, group_of(home)->sender.chain_key, 32) != 0,
        "nor its own: it has drawn another");
    ok(times_shown(ann, "under way") == 1 && times_shown(cy, "under way") == 1,
        "what was under way comes, once");
    ok(ask_copies(home, sent.id)->count == 2 &&
            strcmp(home->answer.rows[0].state, "delivered") == 0 &&
            strcmp(home->answer.rows[1].state, "delivered") == 0,
        "and is confirmed one by one");
    need(ask_group_send(ann, "lantern", "after")->kind == CONTROL_SENT);
    need(ask_group_send(cy, "lantern", "after, too")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ok(times_shown(home, "after") == 1 && times_shown(home, "after, too") == 1,
        "the others hand their chains over again, unasked");
    need(ask_group_send(home, "lantern", "anew")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ok(times_shown(ann, "anew") == 1 && times_shown(cy, "anew") == 1 &&
            times_shown(home, "from ann") == 1,
        "all goes on, and nothing is shown twice");
    ask_word(home, CONTROL_LOCK, "");
    ok(ask_word(home, CONTROL_UNLOCK, "new")->kind == CONTROL_DONE &&
            member_count(home, "lantern") == 3,
        "also after a lock");
    free(copy.bytes);
    world_free(&world);
}

/* What has changed since the backup was made. */
static void test_changed_since(void)
{
    begin(72);
    struct copy copy = back_up(bo, "kept");
    person_die(bo);
    need(ask_group(ann, CONTROL_GROUP_REMOVE, "lantern", "cy")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, HOUR_MS);
    for (size_t i = 0; i < world.carried_count; i++)
        world.carried[i].cleared = true;
    restore(&copy);
    need(member_count(home, "lantern") == 3);
    world_run(&world, HOUR_MS);
    ok(member_count(home, "lantern") == 2,
        "a restored vault asks what has changed since");
    need(ask_group_send(home, "lantern", "for ann")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ok(times_shown(ann, "for ann") == 1 && times_shown(cy, "for ann") == 0 &&
            last_in_outbox(home)->copies == 1,
        "and writes to who is in now");
    free(copy.bytes);
    world_free(&world);
}

/* A group, and letters through it, that come while a backup is made. */
static void test_meanwhile(void)
{
    begin(73);
    struct control_request request = {
        .method = CONTROL_BACKUP, .passphrase = span_of_text("kept")};
    struct copy copy = {0};
    struct answer *answer = person_ask(bo, &request);
    need(answer->kind == CONTROL_PART);
    uint64_t next = answer->next;
    copy_add(&copy);
    need(ask_word(ann, CONTROL_GROUP_NEW, "torch")->kind == CONTROL_GROUP_ROWS);
    need(ask_group(ann, CONTROL_GROUP_ADD, "torch", "bo")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    need(ask_group_send(ann, "torch", "too late")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(times_shown(bo, "too late") == 1);
    while (next) {
        request = (struct control_request){
            .method = CONTROL_BACKUP_MORE, .cursor = next};
        answer = person_ask(bo, &request);
        need(answer->kind == CONTROL_PART);
        next = answer->next;
        copy_add(&copy);
    }
    person_die(bo);
    restore(&copy);
    ok(ask_word(home, CONTROL_GROUP_LIST, "")->count == 1 &&
            times_shown(home, "too late") == 0 &&
            times_shown(home, "from ann") == 1,
        "a group that came while a backup was made is for the next one");
    free(copy.bytes);
    world_free(&world);
}

int main(void)
{
    test_restored();
    test_changed_since();
    test_meanwhile();
    return tap_done();
}
