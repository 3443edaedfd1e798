/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters between two people, from the first contact on. */
#include "tests/vault/pair.h"

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
            disk_count(&b->disk, RECORD_OUTBOX_BODY) == 0 &&
            disk_count(&b->disk, RECORD_RELEASE) == 0,
        "no body of a finished letter, and no receipt, stays on a disk");
    ok(a->disk.scrubs > 0, "and their residue is scrubbed");
    world_free(&world);
}

int main(void)
{
    test_both_ways();
    return tap_done();
}
