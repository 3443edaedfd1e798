/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files and letters under way to the same person: what is said of one is never
 * taken for a word about another. */
#include "vault/files_parts.h"

#include "tests/vault/files.h"

enum { HOUR_MS = 3600 * 1000 };

static struct world world;
static struct person *ann, *bo;
static uint8_t bytes[LIMIT_FILE_BYTES];

/* Ids of letters are chosen at random, so two can differ in any byte: what is
 * of one file is of no other that is under way to the same person. */
static void test_part_ids(void)
{
    const struct file one = {.id.bytes = {1}, .part_count = LIMIT_FILE_PARTS};
    size_t taken = 0, own = 0;
    for (size_t at = 0; at < sizeof(one.id.bytes) - 1; at++) {
        struct file other = one;
        other.id.bytes[at] ^= 1;
        for (size_t i = 0; i < LIMIT_FILE_PARTS; i++) {
            struct message_id id = file_part_id(&other, i);
            size_t number = LIMIT_FILE_PARTS;
            taken += file_part_of_id(&one, &id, &number);
            own += file_part_of_id(&other, &id, &number) && number == i;
        }
    }
    ok(own == (sizeof(one.id.bytes) - 1) * LIMIT_FILE_PARTS && taken == 0,
        "a part that is confirmed counts for its own file, and no other");
    size_t number;
    const struct file small = {.id = one.id, .part_count = 1};
    struct message_id past = file_part_id(&one, 1);
    ok(!file_part_of_id(&small, &small.id, &number) &&
            !file_part_of_id(&small, &past, &number),
        "and neither its letter nor one past its end is a part of it");
}

/* Envelopes of parts that the mesh has; of them, those that were recalled. */
static size_t parts_carried(bool recalled)
{
    size_t count = 0;
    for (size_t i = 0; i < world.carried_count; i++)
        count += world.carried[i].envelope.class_ == 3 &&
                 (!recalled || world.carried[i].cleared);
    return count;
}

static struct row first_file(struct person *person)
{
    return ask_file(person, CONTROL_FILE_LIST, "")->rows[0];
}

static void begin(uint64_t seed)
{
    world_init(&world, 2, seed);
    world_meet(&world);
    ann = &world.people[0];
    bo = &world.people[1];
    file_fill(bytes, sizeof(bytes), seed);
    need(ask_send(ann, "bo", "hello")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
}

static void test_offer_waits(void)
{
    begin(1);
    send_file(ann, "bo", "one", (struct span){bytes, sizeof(bytes)});
    world.flight_count = 0; /* its letter is lost on the way */
    need(ask_send(ann, "bo", "a word")->kind == CONTROL_SENT);
    ann->last_outbox = OUTBOX_QUEUED;
    world_run(&world, HOUR_MS);
    ok(ann->last_outbox == OUTBOX_DELIVERED && file_is(ann, "offered") &&
            parts_carried(false) == 0,
        "a letter that is confirmed lets no part of a file go but its own");
    world_free(&world);
}

static void test_cancel_one(void)
{
    enum { SMALL_PARTS = 3 };
    begin(2);
    send_file(ann, "bo", "one",
        (struct span){bytes, SMALL_PARTS * LIMIT_FILE_PART_BYTES});
    send_file(ann, "bo", "other", (struct span){bytes, sizeof(bytes)});
    while (strcmp(first_file(ann).file_state, "sending") != 0)
        world_run(&world, 1);
    world.flight_count = 0; /* its parts are lost on their way */
    while (strcmp(last_file(ann).file_state, "sending") != 0)
        world_run(&world, 1);
    ask_word(bo, CONTROL_LOCK, "");
    world_run(&world, HOUR_MS);
    struct row one = first_file(ann);
    need(strcmp(one.file_state, "sending") == 0 && one.file_done == 0);
    need(parts_carried(false) == LIMIT_FILE_PARTS_FLYING);
    ask_file(ann, CONTROL_FILE_CANCEL, one.id);
    ok(parts_carried(true) == SMALL_PARTS,
        "what waits of the one is recalled when it is cancelled, and no more");
    ask_word(bo, CONTROL_UNLOCK, "bo");
    world_run(&world, HOUR_MS);
    ok(file_is(ann, "delivered") && file_is(bo, "whole") &&
            comes_out(
                bo, last_file(bo).id, (struct span){bytes, sizeof(bytes)}),
        "and the other comes");
    world_free(&world);
}

int main(void)
{
    test_part_ids();
    test_offer_waits();
    test_cancel_one();
    return tap_done();
}
