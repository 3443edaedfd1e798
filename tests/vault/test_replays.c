/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First contacts that come again when their session is gone: after the contact
 * was removed, over a lock and a restart, and when newer sessions have taken
 * its place.  And how long prekeys live. */
#include "tests/vault/pair.h"
#include "vault/prekeys.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];

/* Whoever carried everything hands it all to a vault again, cleared or not. */
static void replay_all(struct person *person)
{
    size_t count = world.carried_count;
    for (size_t i = 0; i < count; i++) {
        const struct carried *carried = &world.carried[i];
        struct port_message message = {.type = PORT_ENVELOPE};
        struct envelope envelope = carried->envelope;
        message.envelope.id = carried->id;
        message.envelope.envelope = &envelope;
        struct vault_event event = {.kind = VAULT_PORT, .port = &message};
        person_step(person, &event);
        run_errands(person);
    }
    world_run(&world, MINUTE_MS);
}

static void restart(struct person *person, const char *passphrase)
{
    person_die(person);
    person_start(person);
    need(ask_word(person, CONTROL_UNLOCK, passphrase)->kind == CONTROL_DONE);
    world_run(&world, MINUTE_MS);
}

static bool nothing_came(struct person *person, size_t letters, size_t releases)
{
    return ask_word(person, CONTROL_STATUS, "")->status_of.requests == 0 &&
           disk_count(&person->disk, RECORD_SESSION) == 0 &&
           person->note_letters == letters && person->releases == releases;
}

/* Bo has written to ann, and is removed. */
static void test_removed(void)
{
    world_init(&world, 2, 31);
    world_meet(&world);
    need(ask_send(bo, "ann", "hello")->kind == CONTROL_SENT);
    world_run(&world, 2 * HOUR_MS); /* its receipt is told once and for all */
    size_t letters = ann->note_letters;
    need(letters == 1 && disk_count(&ann->disk, RECORD_REPLAY) == 1);
    need(ask_word(ann, CONTROL_REMOVE, "bo")->kind == CONTROL_DONE);
    size_t releases = ann->releases;
    replay_all(ann);
    ok(nothing_came(ann, letters, releases),
        "a first contact of somebody removed brings no request when it comes "
        "again");
    restart(ann, "ann");
    replay_all(ann);
    ok(nothing_came(ann, letters, releases), "nor after a restart");

    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(bo));
    need(ask_add(ann, "bo", card)->kind == CONTROL_CONTACT_ROWS);
    size_t sessions = disk_count(&ann->disk, RECORD_SESSION);
    replay_all(ann);
    ok(sessions == 1 && disk_count(&ann->disk, RECORD_SESSION) == 1 &&
            ann->note_letters == letters,
        "nor a session, when they are added again, beside the new one");
    need(ask_send(ann, "bo", "anew")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(strcmp(bo->last_text, "anew") == 0, "and what is begun anew begins");
    world_free(&world);
}

static void test_blocked(void)
{
    world_init(&world, 2, 32);
    world_meet(&world);
    need(ask_send(bo, "ann", "hello")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(ask_word(ann, CONTROL_BLOCK, "bo")->kind == CONTROL_CONTACT_ROWS);
    replay_all(ann);
    restart(ann, "ann");
    replay_all(ann);
    need(ask_word(ann, CONTROL_UNBLOCK, "bo")->kind == CONTROL_CONTACT_ROWS);
    replay_all(ann);
    ok(disk_count(&ann->disk, RECORD_SESSION) == 1 && ann->note_letters == 1,
        "blocked and unblocked, what comes again begins no other session and "
        "shows no letter twice");
    world_free(&world);
}

/* The row of the session that was begun last. */
static uint64_t newest_session(const struct person *person)
{
    uint64_t newest = 0;
    for (size_t i = 0; i < person->disk.count; i++) {
        const struct disk_file *file = &person->disk.files[i];
        if (file->kind == RECORD_SESSION && file->row > newest)
            newest = file->row;
    }
    return newest;
}

/* Bo loses all, again and again, and begins anew each time. */
static void test_crowded_out(void)
{
    enum { TIMES = 6, MOST = 4 };
    world_init(&world, 2, 33);
    world_meet(&world);
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(ann));
    for (int i = 0; i < TIMES; i++) {
        if (i > 0) {
            need(ask_word(bo, CONTROL_REMOVE, "ann")->kind == CONTROL_DONE);
            need(ask_add(bo, "ann", card)->kind == CONTROL_CONTACT_ROWS);
        }
        need(ask_send(bo, "ann", "hello")->kind == CONTROL_SENT);
        world_run(&world, MINUTE_MS);
    }
    need(disk_count(&ann->disk, RECORD_SESSION) == MOST);
    size_t letters = ann->note_letters;
    uint64_t newest = newest_session(ann);
    replay_all(ann);
    ok(letters == TIMES && ann->note_letters == letters &&
            newest_session(ann) == newest &&
            disk_count(&ann->disk, RECORD_REPLAY) == TIMES,
        "a session that newer ones have crowded out does not come back");
    world_run(&world, (7 + 14 + 2 + 1) * DAY_MS);
    ok(disk_count(&ann->disk, RECORD_REPLAY) == 0,
        "once their prekey is destroyed, first contacts are forgotten");
    world_free(&world);
}

/* A person whose card is asked for each day for a while, and then never. */
static void test_prekeys(void)
{
    world_init(&world, 2, 34);
    world_meet(&world);
    size_t most = 0;
    for (int day = 0; day < 40; day++) {
        person_card(ann);
        size_t held = disk_count(&ann->disk, RECORD_PREKEY);
        most = held > most ? held : most;
        world_run(&world, DAY_MS + HOUR_MS);
    }
    ok(most >= 20 && most <= PREKEYS_MAXIMUM,
        "a card asked for each day offers a prekey of that day");
    world_run(&world, (7 + 14 + 2 + 1) * DAY_MS);
    size_t held = disk_count(&ann->disk, RECORD_PREKEY);
    ok(held >= 3 && held <= 5,
        "23 days on, they are destroyed, and one a week is there");
    world_free(&world);
}

/* The first prekey, to the hour; and what is sent to it in its last. */
static void test_first_prekey(void)
{
    world_init(&world, 2, 35);
    world_meet(&world);
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    world_run(&world, 7 * DAY_MS - HOUR_MS); /* the card's last hour */
    struct control_request request = {.method = CONTROL_SEND,
        .id = 1,
        .name = span_of_text("ann"),
        .text = span_of_text("late"),
        .life_h = LIMIT_ENVELOPE_LIFE_H};
    need(person_ask(bo, &request)->kind == CONTROL_SENT);
    world_run(&world, 14 * DAY_MS - HOUR_MS);
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    world_run(&world, MINUTE_MS);
    ok(ann->note_letters == 1,
        "what was sent in a card's last hour opens while it lives");
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < ann->disk.count; i++)
        if (ann->disk.files[i].kind == RECORD_PREKEY &&
            ann->disk.files[i].row < first)
            first = ann->disk.files[i].row;
    world_run(&world, 2 * DAY_MS + HOUR_MS);
    bool was_there = disk_find(&ann->disk, RECORD_PREKEY, first) != NULL;
    world_run(&world, 2 * HOUR_MS);
    ok(was_there && !disk_find(&ann->disk, RECORD_PREKEY, first),
        "a prekey's secret is destroyed 7 + 14 + 2 days after it was made, to "
        "the hour");
    world_free(&world);
}

int main(void)
{
    test_removed();
    test_blocked();
    test_crowded_out();
    test_prekeys();
    test_first_prekey();
    return tap_done();
}
