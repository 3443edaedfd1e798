/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A crash in any step of a group's life, before its commit and after it: who is
 * in is the same for all in the end, what was answered as queued comes to each
 * once and is confirmed, and who was removed reads nothing more. */
#include "tests/vault/crash.h"
#include "tests/vault/crowd.h"

enum { MINUTE_MS = 60000, PEOPLE = 3, LETTERS = 3 };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];
static struct person *const cy = &world.people[2];

/* What was answered as queued. */
static bool answered[LETTERS + 1];
static const struct {
    size_t who;
    const char *text;
} letters[LETTERS + 1] = {
    {0, "one"}, {1, "two"}, {2, "three"}, {1, "without cy"}};

static void recover(void)
{
    crash_recover(&world);
}

static void run(uint64_t run_ms)
{
    world_run(&world, run_ms);
    recover();
    world_run(&world, run_ms); /* what a crash has cut short */
    recover();
}

/* Ask until there is an answer, be it that it was done already. */
static void insist(
    struct person *person, enum control_method method, const char *name)
{
    bool came;
    do {
        struct control_request request = {.method = method, .id = 1};
        request.name = span_of_text(name);
        if (method != CONTROL_GROUP_NEW)
            request.group = span_of_text("lantern");
        came = person_ask(person, &request)->came;
        recover();
    } while (!came);
}

static void write_letter(size_t i)
{
    struct person *person = &world.people[letters[i].who];
    struct answer *answer = ask_group_send(person, "lantern", letters[i].text);
    answered[i] = answer->came;
    if (answer->came)
        need(answer->kind == CONTROL_SENT);
    recover();
    run(MINUTE_MS);
}

static void play(void)
{
    insist(ann, CONTROL_GROUP_NEW, "lantern");
    insist(ann, CONTROL_GROUP_ADD, "bo");
    run(MINUTE_MS);
    insist(ann, CONTROL_GROUP_ADD, "cy");
    run(400 * MINUTE_MS);
    for (size_t i = 0; i < LETTERS; i++)
        write_letter(i);
    run(400 * MINUTE_MS);
    insist(ann, CONTROL_GROUP_REMOVE, "cy");
    run(400 * MINUTE_MS);
    write_letter(LETTERS);
    run(400 * MINUTE_MS);
}

static bool came_right(size_t i)
{
    for (size_t reader = 0; reader < PEOPLE; reader++) {
        if (reader == letters[i].who)
            continue;
        bool reads = reader != 2 || i < LETTERS;
        size_t times = times_shown(&world.people[reader], letters[i].text);
        if (times > reads || (answered[i] && times != reads)) {
            printf("# %s: shown %zu times to %s\n", letters[i].text, times,
                name_of(reader));
            return false;
        }
    }
    return true;
}

static bool is_confirmed(struct person *person)
{
    struct answer *answer = ask_word(person, CONTROL_OUTBOX, "");
    for (size_t i = 0; i < answer->count; i++)
        if (answer->rows[i].outbox != OUTBOX_DELIVERED &&
            answer->rows[i].outbox != OUTBOX_READ)
            return false;
    return true;
}

static bool is_right(void)
{
    bool right = member_count(ann, "lantern") == 2 &&
                 member_count(bo, "lantern") == 2 &&
                 strcmp(membership(cy), "removed") == 0;
    if (!right)
        printf("# %zu, %zu, %s\n", member_count(ann, "lantern"),
            member_count(bo, "lantern"), membership(cy));
    for (size_t i = 0; i <= LETTERS; i++)
        right &= came_right(i);
    for (size_t i = 0; i < PEOPLE; i++) {
        bool confirmed = is_confirmed(&world.people[i]);
        if (!confirmed)
            printf("# %s has letters that are not confirmed\n", name_of(i));
        right &= confirmed;
    }
    return right;
}

static void begin(void)
{
    world_init(&world, PEOPLE, 91);
    crowd_meet(&world);
}

static void test_each_step(size_t who, enum crash crash, const char *what)
{
    static const struct crash_play life = {&world, begin, play, is_right};
    struct crash_tally tally = crash_each_step(&life, who, crash);
    ok(tally.crashes > 39 && tally.wrong == 0, what);
}

int main(void)
{
    test_each_step(
        0, CRASH_BEFORE_COMMIT, "the founder crashes before any commit");
    test_each_step(
        0, CRASH_AFTER_COMMIT, "the founder crashes after any commit");
    test_each_step(1, CRASH_BEFORE_COMMIT, "a member, before any commit");
    test_each_step(1, CRASH_AFTER_COMMIT, "a member, after any commit");
    test_each_step(
        2, CRASH_BEFORE_COMMIT, "one who is removed, before any commit");
    test_each_step(
        2, CRASH_AFTER_COMMIT, "one who is removed, after any commit");
    return tap_done();
}
