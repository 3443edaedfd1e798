/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file through a mesh that loses, doubles and reorders, between vaults that
 * are killed, before a commit and after it: it comes whole, or not at all, and
 * what its sender is told is true. */
#include "tests/vault/files.h"

enum { HOUR_MS = 3600 * 1000, BYTES = 9 * LIMIT_FILE_PART_BYTES + 77 };

static struct world world;
static uint8_t content[BYTES];

/* Whoever has crashed comes back from its disk. */
static void recover(void)
{
    static const char *const words[] = {"ann", "bo"};
    for (size_t i = 0; i < world.count; i++) {
        struct person *person = &world.people[i];
        if (person->vault)
            continue;
        person->crash = CRASH_NONE;
        person_start(person);
        need(ask_word(person, CONTROL_UNLOCK, words[i])->kind == CONTROL_DONE);
    }
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

static bool is_right(bool answered)
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

/* Whether the person was still to crash when the play was over. */
static bool run(size_t who, uint64_t step, enum crash crash, bool *right)
{
    world_init(&world, 2, 23);
    world_meet(&world);
    struct person *person = &world.people[who];
    person->steps = 0;
    person->crash = crash;
    person->crash_step = step;
    bool answered =
        send_file(&world.people[0], "bo", "f", (struct span){content, BYTES})
            ->kind == CONTROL_SENT;
    recover();
    play(30);
    bool crashed = person->crashed;
    person->crash = CRASH_NONE;
    *right = is_right(answered);
    if (!*right)
        printf("# person %zu, step %llu, crash %d: %s\n", who,
            (unsigned long long)step, (int)crash,
            last_file(&world.people[0]).file_state);
    world_free(&world);
    return crashed;
}

static void test_each_step(size_t who, enum crash crash, const char *claim)
{
    size_t wrong = 0;
    uint64_t step = 1;
    bool right = true;
    while (step < 400 && run(who, step, crash, &right)) {
        wrong += !right;
        step++;
    }
    printf("# %llu crashes\n", (unsigned long long)step - 1);
    ok(step > 20 && step < 400 && wrong == 0 && right, claim);
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
