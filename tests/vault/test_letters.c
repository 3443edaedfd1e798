/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters between two people, from the first contact on. */
#include "tests/vault/pair.h"
#include "vault/vault_state.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

static void test_both_ways(void)
{
    static struct world world;
    world_init(&world, 2, 1);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    struct answer *answer = ask_send(a, "bo", "hello bo");
    ok(answer->kind == CONTROL_SENT && answer->sent.outbox == OUTBOX_QUEUED,
        "a letter is queued at once");
    world_run(&world, MINUTE_MS);
    ok(b->note_letters == 1 && strcmp(b->last_text, "hello bo") == 0,
        "it comes once");
    ok(a->last_outbox == OUTBOX_DELIVERED, "its sender learns of it");
    ask_send(b, "ann", "hello ann");
    world_run(&world, MINUTE_MS);
    ok(a->note_letters == 1 && strcmp(a->last_text, "hello ann") == 0,
        "the answer comes");
    ok(b->last_outbox == OUTBOX_DELIVERED, "and is confirmed");
    answer = ask_word(a, CONTROL_CONTACTS, "");
    ok(answer->count == 1 && strcmp(answer->rows[0].state, "open") == 0,
        "the session is open");
    answer = ask_word(b, CONTROL_READ, "");
    ok(answer->kind == CONTROL_LETTER_ROWS && answer->count == 1 &&
            strcmp(answer->rows[0].text, "hello bo") == 0 &&
            strcmp(answer->rows[0].name, "ann") == 0,
        "it is read, with its writer");
    answer = ask_word(b, CONTROL_READ, "");
    ok(answer->kind == CONTROL_LETTER_ROWS && answer->count == 0,
        "once, unless asked for again");
    answer = ask_read_all(b);
    ok(answer->count == 1 && strcmp(answer->rows[0].state, "read") == 0,
        "which shows it as read");
    world_run(&world, MINUTE_MS);
    ok(a->last_outbox == OUTBOX_READ, "the sender learns that it was read");
    size_t cleared = 0;
    for (size_t i = 0; i < world.carried_count; i++)
        cleared += world.carried[i].cleared;
    ok(cleared == world.carried_count, "nothing is left on the shelves");
    ok(disk_count(&a->disk, RECORD_OUTBOX_BODY) == 0 &&
            disk_count(&b->disk, RECORD_OUTBOX_BODY) == 0,
        "no body of a finished letter stays on a disk");
    world_run(&world, HOUR_MS);
    ok(disk_count(&b->disk, RECORD_RELEASE) == 0,
        "nor does a receipt, an hour after");
    ok(a->disk.scrubs > 0, "and their residue is scrubbed");
    world_free(&world);
}

/* The mesh has the newest envelope, but its proof no more, and a relay of it
 * comes up. */
static void lose_proof(struct world *world, struct person *person)
{
    struct vault_event event = {.kind = VAULT_PORT_UP};
    world->carried[world->carried_count - 1].cleared = false;
    person_step(person, &event);
}

/* The relay that was given a receipt fails before another has it. */
static void test_relay_forgets(void)
{
    static struct world world;
    world_init(&world, 2, 3);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    ask_send(a, "bo", "hello bo");
    world_run(&world, 2 * HOUR_MS);
    size_t before = world.carried_count;
    ask_send(a, "bo", "are you there?");
    world_run(&world, MINUTE_MS);
    need(b->note_letters == 2 && world.carried_count == before + 1);
    need(disk_count(&b->disk, RECORD_RELEASE) == 1);

    const struct carried *newest = &world.carried[before];
    size_t releases = b->releases;
    lose_proof(&world, b);
    world_run(&world, MINUTE_MS);
    ok(b->releases == releases + 1 && newest->cleared,
        "a relay that comes up without what it was given is told again");
    world_run(&world, HOUR_MS / 2);
    ok(b->releases == releases + 1, "once");
    need(ask_word(b, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    need(ask_word(b, CONTROL_UNLOCK, "bo")->kind == CONTROL_DONE);
    lose_proof(&world, b);
    world_run(&world, MINUTE_MS);
    ok(b->releases > releases + 1 && newest->cleared,
        "also by a vault that was locked");

    world_run(&world, HOUR_MS);
    releases = b->releases;
    lose_proof(&world, b);
    world_run(&world, 2 * HOUR_MS);
    ok(b->releases == releases && disk_count(&b->disk, RECORD_RELEASE) == 0,
        "an hour later nothing is left to tell");
    world_free(&world);
}

/* Of more receipts than there is room for, those that a relay has give way. */
static void test_full(void)
{
    enum { ROOM = 2, LETTERS = 5 };
    static struct world world;
    world_init(&world, 2, 4);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    ask_send(a, "bo", "hello bo");
    world_run(&world, 2 * HOUR_MS);
    b->vault->opened->receipts.rows.maximum = ROOM;
    for (size_t i = 0; i < LETTERS; i++) {
        ask_send(a, "bo", "a letter");
        world_run(&world, MINUTE_MS);
    }
    ok(disk_count(&b->disk, RECORD_RELEASE) == ROOM &&
            b->note_letters == 1 + LETTERS,
        "no more receipts are kept than there is room for");
    lose_proof(&world, b);
    world_run(&world, MINUTE_MS);
    ok(world.carried[world.carried_count - 1].cleared,
        "the newest is one of them");
    world_free(&world);
}

int main(void)
{
    test_both_ways();
    test_relay_forgets();
    test_full();
    return tap_done();
}
