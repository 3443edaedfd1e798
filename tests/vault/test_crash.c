/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A crash at every step of a conversation, before its commit and after it: what
 * was answered is never lost, and nothing is shown twice. */
#include "tests/vault/crash.h"

enum { MINUTE_MS = 60000, LETTERS = 4 };

static struct world world;
static bool answered[2][LETTERS]; /* the send of a letter was */

static void recover(void)
{
    crash_recover(&world);
}

static void say(size_t who, size_t number)
{
    struct person *person = &world.people[who];
    char text[32];
    snprintf(text, sizeof(text), "%s %zu", who ? "bo" : "ann", number);
    struct answer *answer = ask_send(person, who ? "ann" : "bo", text);
    answered[who][number] = answer->came;
    if (answer->came)
        need(answer->kind == CONTROL_SENT);
    recover();
}

/* A conversation in which both write, read, lock and unlock. */
static void play(void)
{
    struct person *b = &world.people[1];
    for (size_t i = 0; i < LETTERS; i++) {
        say(0, i);
        world_run(&world, 700);
        recover();
        if (i == 2) {
            ask_word(b, CONTROL_LOCK, "");
            recover();
            if (vault_get_state(b->vault) == VAULT_LOCKED)
                ask_word(b, CONTROL_UNLOCK, "bo");
            recover();
        }
        say(1, i);
        world_run(&world, 3000);
        recover();
        ask_word(b, CONTROL_READ, "");
        recover();
    }
    for (int i = 0; i < 4; i++) {
        world_run(&world, 400 * MINUTE_MS);
        recover();
    }
}

static size_t count_text(const struct answer *answer, const char *text)
{
    size_t count = 0;
    for (size_t i = 0; i < answer->count; i++)
        count += strcmp(answer->rows[i].text, text) == 0;
    return count;
}

/* Whether each letter is in its reader's inbox as often as it must be. */
static bool is_right(void)
{
    bool right = true;
    for (size_t who = 0; who < 2; who++) {
        struct answer *answer = ask_read_all(&world.people[1 - who]);
        for (size_t i = 0; i < LETTERS; i++) {
            char text[32];
            snprintf(text, sizeof(text), "%s %zu", who ? "bo" : "ann", i);
            size_t count = count_text(answer, text);
            if (count > 1 || (answered[who][i] && count != 1)) {
                printf("# %s: shown %zu times\n", text, count);
                right = false;
            }
        }
    }
    return right;
}

/* Whether all that was sent is known to have come. */
static bool is_settled(void)
{
    for (size_t who = 0; who < 2; who++) {
        struct answer *answer =
            ask_word(&world.people[who], CONTROL_OUTBOX, "");
        for (size_t i = 0; i < answer->count; i++)
            if (answer->rows[i].outbox != OUTBOX_DELIVERED &&
                answer->rows[i].outbox != OUTBOX_READ) {
                printf("# %s is %s\n", answer->rows[i].id,
                    outbox_state_name(answer->rows[i].outbox));
                return false;
            }
    }
    return true;
}

static void begin(void)
{
    memset(answered, 0, sizeof(answered));
    world_init(&world, 2, 17);
    world_meet(&world);
}

static bool is_well(void)
{
    return is_right() && is_settled();
}

static void test_each_step(size_t who, enum crash crash, const char *what)
{
    static const struct crash_play conversation = {
        &world, begin, play, is_well};
    struct crash_tally tally = crash_each_step(&conversation, who, crash);
    ok(tally.crashes > 19, "the whole conversation was cut");
    ok(tally.wrong == 0, what);
}

int main(void)
{
    test_each_step(0, CRASH_BEFORE_COMMIT,
        "the first writer crashes before any commit: nothing lost or twice");
    test_each_step(0, CRASH_AFTER_COMMIT,
        "the first writer crashes after any commit: nothing lost or twice");
    test_each_step(1, CRASH_BEFORE_COMMIT,
        "the other crashes before any commit: nothing lost or twice");
    test_each_step(1, CRASH_AFTER_COMMIT,
        "the other crashes after any commit: nothing lost or twice");
    return tap_done();
}
