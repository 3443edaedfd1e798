/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a vault tells of itself follows the pace that is chosen for whom it is
 * told: that a letter was read, and what became of a file. */
#include "tests/vault/files.h"
#include "vault/vault_state.h"

enum {
    MINUTE_MS = 60000,
    HOUR_MS = 60 * MINUTE_MS,
    ALL_TOLD_MS = 13 * HOUR_MS, /* two waits, none of which is over six hours */
    SEEDS = 10,
    LETTERS = 30,
};

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];

static void begin(uint64_t seed, const char *pace)
{
    world_init(&world, 2, seed);
    world_meet(&world);
    need(ask_send(ann, "bo", "hello")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(ask_word(bo, CONTROL_READ, "")->count == 1);
    need(ask_receipts(ann, "bo", pace)->kind == CONTROL_CONTACT_ROWS);
}

/* Bo's letters come, and ann reads them. */
static void read_letters(size_t count)
{
    for (size_t i = 0; i < count; i++)
        need(ask_send(bo, "ann", "a letter")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    const struct control_request request = {
        .method = CONTROL_READ, .id = 1, .limit = count};
    need(person_ask(ann, &request)->count == count);
}

static size_t owed(void)
{
    return disk_count(&ann->disk, RECORD_OWED);
}

static void test_prompt(void)
{
    begin(1, "prompt");
    world.config.receipt_mean_ms = 8ull * HOUR_MS;
    read_letters(1);
    world_run(&world, MINUTE_MS);
    ok(bo->last_outbox == OUTBOX_READ && owed() == 0,
        "at a prompt pace it is soon told what was read");
    world_free(&world);
}

static void test_discreet(void)
{
    begin(2, "discreet");
    read_letters(1);
    world_run(&world, MINUTE_MS);
    ok(bo->last_outbox != OUTBOX_READ && owed() == 1,
        "at a discreet one not for a while");
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    world_run(&world, MINUTE_MS);
    ok(bo->last_outbox != OUTBOX_READ && owed() == 1, "also over a lock");
    world_run(&world, ALL_TOLD_MS);
    ok(bo->last_outbox == OUTBOX_READ && owed() == 0, "and in the end");
    world_free(&world);
}

/* The shortest of so many waits would be a minute or less. */
static void test_many(void)
{
    size_t soon = 0, left = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        begin(seed, "discreet");
        read_letters(LETTERS);
        world_run(&world, MINUTE_MS);
        soon += owed() < LETTERS;
        world_run(&world, ALL_TOLD_MS);
        left += owed();
        world_free(&world);
    }
    ok(soon <= SEEDS / 4, "many that were read at once are told no sooner");
    ok(left == 0, "all of them");
}

/* The one thing that is owed to each of the two who wrote to ann. */
static const struct owing *owed_to(const struct fingerprint *who)
{
    const struct owed *owed = &ann->vault->opened->owed;
    const struct owing *found = NULL;
    need(owed->rows.count == 2);
    for (size_t i = 0; i < owed->rows.count; i++) {
        const struct owing *owing = rows_at(&owed->rows, i);
        if (fingerprint_equal(&owing->who, who))
            found = owing;
    }
    need(found);
    return found;
}

static void test_apart(void)
{
    struct person *cy = &world.people[2];
    char card[CARD_TEXT_CHARS + 1];
    world_init(&world, 3, 4);
    world_meet(&world);
    strcpy(card, person_card(cy));
    need(ask_add(ann, "cy", card)->kind == CONTROL_CONTACT_ROWS);
    strcpy(card, person_card(ann));
    need(ask_add(cy, "ann", card)->kind == CONTROL_CONTACT_ROWS);
    need(ask_receipts(ann, "bo", "discreet")->kind == CONTROL_CONTACT_ROWS);
    need(ask_receipts(ann, "cy", "discreet")->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(bo, "ann", "from bo")->kind == CONTROL_SENT);
    need(ask_send(cy, "ann", "from cy")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(ask_word(ann, CONTROL_READ, "")->count == 2);
    const struct owing *to_bo = owed_to(&bo->vault->opened->fingerprint);
    const struct owing *to_cy = owed_to(&cy->vault->opened->fingerprint);
    ok(to_bo->at_ms != to_cy->at_ms,
        "what is owed to another has its own time");
    const struct step later = {.now_ms = world.now_ms + ALL_TOLD_MS};
    struct fingerprint who;
    struct letter letter;
    ok(owed_due(&ann->vault->opened->owed, &later, to_bo->row, &who, &letter) &&
            letter.read_count == 1 &&
            message_id_equal(&letter.read[0], &to_bo->id),
        "and nobody is told what somebody else wrote");
    world_free(&world);
}

static void test_whole(void)
{
    static const uint8_t bytes[] = "a small file";
    begin(3, "discreet");
    need(send_file(bo, "ann", "f", (struct span){bytes, 12})->kind ==
         CONTROL_SENT);
    for (int i = 0; i < 24 * 60 && strcmp(ann->last_file_state, "whole"); i++)
        world_run(&world, MINUTE_MS);
    need(file_is(ann, "whole"));
    ok(owed() == 1 && strcmp(last_file(bo).file_state, "sending") == 0,
        "nor is it told at once that a file is whole");
    world_run(&world, ALL_TOLD_MS);
    ok(owed() == 0 && file_is(bo, "delivered"), "but in the end");
    world_free(&world);
}

/* One file more than ann takes at a time: its parts would be in vain. */
static void test_refused(void)
{
    static const uint8_t bytes[] = "a small file";
    size_t declined = 0, in_vain = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        begin(seed, "discreet");
        for (size_t i = 0; i <= LIMIT_FILES_ARRIVING; i++)
            need(send_file(bo, "ann", "f", (struct span){bytes, 1 + i})->kind ==
                 CONTROL_SENT);
        world_run(&world, MINUTE_MS);
        need(owed() >= 1);
        uint64_t row = 0;
        const struct file *last = NULL, *next;
        while ((next = files_next(&bo->vault->opened->files, row))) {
            last = next;
            row = next->row;
        }
        world_run(&world, ALL_TOLD_MS);
        declined += last->state == FILE_DECLINED;
        in_vain += last->posted != 0;
        world_free(&world);
    }
    ok(declined == SEEDS, "a file that is refused is declined");
    ok(in_vain == 0, "before its sender begins with the parts");
}

int main(void)
{
    test_prompt();
    test_discreet();
    test_many();
    test_apart();
    test_whole();
    test_refused();
    return tap_done();
}
