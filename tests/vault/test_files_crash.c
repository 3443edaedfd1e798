/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file through a mesh that loses, doubles and reorders, between vaults that
 * are killed, before a commit and after it: it comes whole, or not at all, and
 * what its sender is told is true. */
#include "tests/vault/crash.h"
#include "tests/vault/files.h"

enum { HOUR_MS = 3600 * 1000, BYTES = 9 * LIMIT_FILE_PART_BYTES + 77 };

static struct world world;
static uint8_t content[BYTES];

static bool answered; /* that it goes */

static void recover(void)
{
    crash_recover(&world);
}

/* Until the sender knows how it ended, or the hours are over. */
static void play(unsigned hours)
{
    for (unsigned i = 0; i < 50; i++) {
        world_run(&world, 300);
        recover();
    }
    for (unsigned i = 0; i < hours; i++) {
        world_run(&world, HOUR_MS);
        recover();
        const struct answer *answer =
            ask_file(&world.people[0], CONTROL_FILE_LIST, "");
        bool is_over = answer->count &&
                       strcmp(answer->rows[0].file_state, "delivered") == 0;
        recover();
        if (is_over)
            return;
    }
}

static bool is_right(void)
{
    struct person *bo = &world.people[1];
    struct row row = last_file(&world.people[0]);
    if (row.id[0] == 0 && !answered)
        return true; /* it was never begun, and nobody was told so */
    const struct answer *answer = ask_read_all(bo);
    return strcmp(row.file_state, "delivered") == 0 && answer->count == 1 &&
           strcmp(answer->rows[0].file_state, "whole") == 0 &&
           comes_out(bo, row.id, (struct span){content, BYTES}) &&
           disk_count(&world.people[0].disk, RECORD_FILE_PART) == 0;
}

static void begin(void)
{
    world_init(&world, 2, 23);
    world_meet(&world);
}

static void act(void)
{
    answered =
        send_file(&world.people[0], "bo", "f", (struct span){content, BYTES})
            ->kind == CONTROL_SENT;
    recover();
    play(30);
}

static void test_each_step(size_t who, enum crash crash, const char *claim)
{
    static const struct crash_play sending = {&world, begin, act, is_right};
    struct crash_tally tally = crash_each_step(&sending, who, crash);
    ok(tally.crashes > 19 && tally.wrong == 0, claim);
}

/* Whether each of a few files comes through, with crashes at random. */
static bool comes_through(uint64_t seed)
{
    enum { FILES = 3 };
    struct random_seeded random;
    random_seeded_init(&random, seed, 11);
    world_init(&world, 2, seed);
    world_meet(&world);
    world.loss_percent = 15;
    world.double_percent = 15;
    for (size_t i = 0; i < FILES; i++)
        need(send_file(&world.people[i % 2], i % 2 ? "ann" : "bo", "f",
                 (struct span){content, BYTES - i})
                 ->kind == CONTROL_SENT);
    for (unsigned i = 0; i < 24 * 6; i++) {
        struct person *person =
            &world.people[random_below(&random.base, world.count)];
        person->crash = random_below(&random.base, 2) ? CRASH_BEFORE_COMMIT
                                                      : CRASH_AFTER_COMMIT;
        person->crash_step = person->steps + 1 + random_below(&random.base, 20);
        world_run(&world, HOUR_MS);
        recover();
        for (size_t j = 0; j < world.count; j++)
            world.people[j].crash = CRASH_NONE;
    }
    size_t whole = 0;
    for (size_t who = 0; who < 2; who++) {
        const struct answer list =
            *ask_file(&world.people[who], CONTROL_FILE_LIST, "");
        for (size_t i = 0; i < list.count; i++) {
            const struct row *row = &list.rows[i];
            if (row->is_sent && strcmp(row->file_state, "delivered") != 0)
                printf("# seed %llu: %s\n", (unsigned long long)seed,
                    row->file_state);
            whole += !row->is_sent && strcmp(row->file_state, "whole") == 0 &&
                     comes_out(&world.people[who], row->id,
                         (struct span){content, row->file_bytes});
        }
    }
    world_free(&world);
    return whole == FILES;
}

int main(void)
{
    file_fill(content, sizeof(content), 1);
    test_each_step(0, CRASH_BEFORE_COMMIT,
        "a sender killed before any commit loses no file that it took");
    test_each_step(0, CRASH_AFTER_COMMIT, "nor after one");
    test_each_step(1, CRASH_BEFORE_COMMIT,
        "a reader killed before any commit has the whole file in the end");
    test_each_step(
        1, CRASH_AFTER_COMMIT, "nor does one after a commit lose it");
    size_t right = 0;
    for (uint64_t seed = 1; seed <= 12; seed++)
        right += comes_through(seed);
    ok(right == 12, "files come through loss, copies, disorder and crashes");
    return tap_done();
}
