/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody is removed, and goes on writing on a session that is gone at the
 * other end; and is met again. */
#include "tests/vault/crowd.h"
#include "vault/vault_state.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];

static char card[CARD_TEXT_CHARS + 1];

static void restart(struct person *person, const char *passphrase)
{
    person_die(person);
    person_start(person);
    need(ask_word(person, CONTROL_UNLOCK, passphrase)->kind == CONTROL_DONE);
    world_run(&world, MINUTE_MS);
}

static const char *session_with(struct person *person)
{
    need(ask_word(person, CONTROL_CONTACTS, "")->count == 1);
    return person->answer.rows[0].state;
}

/* Ann and bo have written both ways; ann removes bo, who writes on. */
static void part(uint64_t seed)
{
    world_init(&world, 2, seed);
    world_meet(&world);
    need(ask_send(bo, "ann", "one")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(ask_send(ann, "bo", "two")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(ask_word(ann, CONTROL_REMOVE, "bo")->kind == CONTROL_DONE);
    need(ask_send(bo, "ann", "unheard")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    strcpy(card, person_card(bo));
}

static void test_added_again(void)
{
    part(41);
    ok(last_in_outbox(bo)->outbox == OUTBOX_HANDED,
        "what is written to who has removed one is handed, and not delivered");
    restart(ann, "ann");
    size_t notes = ann->note_sessions, theirs = bo->note_sessions;
    need(ask_add(ann, "bo", card)->kind == CONTROL_CONTACT_ROWS);
    world_run(&world, MINUTE_MS);
    ok(times_shown(ann, "unheard") == 1 &&
            last_in_outbox(bo)->outbox == OUTBOX_DELIVERED,
        "added again, what waited comes, with nothing written to them");
    ok(times_shown(bo, "two") == 1 && bo->note_letters == 1,
        "who is shown no letter by that");
    ok(ann->note_sessions == notes + 1 && bo->note_sessions == theirs + 1,
        "and both are told of a new session, once");
    ok(strcmp(session_with(ann), "open") == 0 &&
            disk_count(&ann->disk, RECORD_PARTED) == 0,
        "which is open; and no trace of the removal is left");
    world_free(&world);
}

/* Nobody is written to who is added for the first time, or was removed before
 * anything was written. */
static void test_never_met(void)
{
    world_init(&world, 2, 42);
    world_meet(&world);
    world_run(&world, MINUTE_MS);
    ok(ann->submits == 0, "who is added for the first time is told nothing");
    strcpy(card, person_card(bo));
    need(ask_word(ann, CONTROL_REMOVE, "bo")->kind == CONTROL_DONE);
    need(ask_add(ann, "bo", card)->kind == CONTROL_CONTACT_ROWS);
    world_run(&world, MINUTE_MS);
    ok(ann->submits == 0 && disk_count(&ann->disk, RECORD_PARTED) == 0,
        "nor is who was removed before anything was written");
    world_free(&world);
}

/* They have lost patience, and begun anew themselves. */
static void test_they_began(void)
{
    part(43);
    need(ask_word(bo, CONTROL_REMOVE, "ann")->kind == CONTROL_DONE);
    strcpy(card, person_card(ann));
    need(ask_add(bo, "ann", card)->kind == CONTROL_CONTACT_ROWS);
    world_run(&world, MINUTE_MS);
    strcpy(card, person_card(bo));
    size_t submits = ann->submits;
    need(ask_add(ann, "bo", card)->kind == CONTROL_CONTACT_ROWS);
    ok(ann->submits == submits && disk_count(&ann->disk, RECORD_SESSION) == 1,
        "whose first contact waits is answered, and not contacted");
    world_run(&world, MINUTE_MS);
    need(ask_send(ann, "bo", "well met")->kind == CONTROL_SENT);
    need(ask_send(bo, "ann", "likewise")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(times_shown(bo, "well met") == 1 && times_shown(ann, "likewise") == 1,
        "and letters go both ways");
    world_free(&world);
}

/* The mark holds no name, and ends. */
static void test_forgotten(void)
{
    part(44);
    need(disk_count(&ann->disk, RECORD_PARTED) == 1);
    world_run(&world, (PARTED_H - 2) * (uint64_t)HOUR_MS);
    size_t before = disk_count(&ann->disk, RECORD_PARTED);
    world_run(&world, 4ull * HOUR_MS);
    ok(before == 1 && disk_count(&ann->disk, RECORD_PARTED) == 0,
        "that somebody was removed is known for a year, and no longer");
    world_free(&world);
}

/* Cy brings together, in a group, those who have parted. */
static void test_in_a_group(void)
{
    struct person *cy = &world.people[2];
    world_init(&world, 3, 45);
    crowd_meet(&world);
    know_each_other(&world, 2, 1);
    need(ask_send(bo, "ann", "one")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(ask_word(ann, CONTROL_REMOVE, "bo")->kind == CONTROL_DONE);
    need(
        ask_word(cy, CONTROL_GROUP_NEW, "lantern")->kind == CONTROL_GROUP_ROWS);
    need(ask_group(cy, CONTROL_GROUP_ADD, "lantern", "ann")->kind ==
         CONTROL_GROUP_ROWS);
    need(ask_group(cy, CONTROL_GROUP_ADD, "lantern", "bo")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, HOUR_MS);
    need(member_count(bo, "lantern") == 3 && member_count(ann, "lantern") == 3);
    need(ask_group_send(bo, "lantern", "to all")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ok(times_shown(ann, "to all") == 1,
        "who was removed, and is met in a group, is heard there");
    world_free(&world);
}

int main(void)
{
    test_added_again();
    test_never_met();
    test_they_began();
    test_forgotten();
    test_in_a_group();
    return tap_done();
}
