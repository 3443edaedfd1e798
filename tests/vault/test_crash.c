/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A crash at every step of a conversation, before its commit and after it: what
 * was answered is never lost, and nothing is shown twice. */
#include "tests/vault/pair.h"

enum { MINUTE_MS = 60000, LETTERS = 4, STEPS_MAXIMUM = 400 };

struct script {
    struct world world;
    bool answered[2][LETTERS]; /* the send of a letter was answered */
};

static void recover(struct world *world)
{
    static const char *const words[] = {"ann", "bo"};
    for (size_t i = 0; i < world->count; i++) {
        struct person *person = &world->people[i];
        if (person->vault)
            continue;
        person->crash = CRASH_NONE;
        person_start(person);
        if (vault_get_state(person->vault) == VAULT_EMPTY)
            need(
                ask_word(person, CONTROL_INIT, words[i])->kind == CONTROL_CARD);
        else
            need(ask_word(person, CONTROL_UNLOCK, words[i])->kind ==
                 CONTROL_DONE);
    }
}

static void say(struct script *script, size_t who, size_t number)
{
    struct person *person = &script->world.people[who];
    char text[32];
    snprintf(text, sizeof(text), "%s %zu", who ? "bo" : "ann", number);
    struct answer *answer = ask_send(person, who ? "ann" : "bo", text);
    script->answered[who][number] = answer->came;
    if (answer->came)
        need(answer->kind == CONTROL_SENT);
    recover(&script->world);
}

/* A conversation in which both write, read, lock and unlock. */
static void play(struct script *script)
{
    struct world *world = &script->world;
    struct person *b = &world->people[1];
    for (size_t i = 0; i < LETTERS; i++) {
        say(script, 0, i);
        world_run(world, 700);
        recover(world);
        if (i == 2) {
            ask_word(b, CONTROL_LOCK, "");
            recover(world);
            if (vault_get_state(b->vault) == VAULT_LOCKED)
                ask_word(b, CONTROL_UNLOCK, "bo");
            recover(world);
        }
        say(script, 1, i);
        world_run(world, 3000);
        recover(world);
        ask_word(b, CONTROL_READ, "");
        recover(world);
    }
    for (int i = 0; i < 4; i++) {
        world_run(world, 400 * MINUTE_MS);
        recover(world);
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
static bool is_right(struct script *script)
{
    bool right = true;
    for (size_t who = 0; who < 2; who++) {
        struct answer *answer = ask_read_all(&script->world.people[1 - who]);
        for (size_t i = 0; i < LETTERS; i++) {
            char text[32];
            snprintf(text, sizeof(text), "%s %zu", who ? "bo" : "ann", i);
            size_t count = count_text(answer, text);
            if (count > 1 || (script->answered[who][i] && count != 1)) {
                printf("# %s: shown %zu times\n", text, count);
                right = false;
            }
        }
    }
    return right;
}

/* Whether all that was sent is known to have come. */
static bool is_settled(struct script *script)
{
    for (size_t who = 0; who < 2; who++) {
        struct answer *answer =
            ask_word(&script->world.people[who], CONTROL_OUTBOX, "");
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

/* Whether the person was still to crash when the play was over. */
static bool run(size_t who, uint64_t step, enum crash crash, bool *right)
{
    static struct script script;
    memset(&script, 0, sizeof(script));
    world_init(&script.world, 2, 17);
    world_meet(&script.world);
    struct person *person = &script.world.people[who];
    person->steps = 0;
    person->crash = crash;
    person->crash_step = step;
    play(&script);
    bool crashed = person->crashed;
    person->crash = CRASH_NONE;
    *right = is_right(&script) && is_settled(&script);
    if (!*right)
        printf("# person %zu, step %llu, crash %d\n", who,
            (unsigned long long)step, (int)crash);
    world_free(&script.world);
    return crashed;
}

static void test_each_step(size_t who, enum crash crash, const char *what)
{
    size_t wrong = 0;
    uint64_t step = 1;
    bool right = true;
    while (step < STEPS_MAXIMUM && run(who, step, crash, &right)) {
        wrong += !right;
        step++;
    }
    printf("# %llu crashes\n", (unsigned long long)step - 1);
    ok(step > 20 && step < STEPS_MAXIMUM, "the whole conversation was cut");
    ok(wrong == 0 && right, what);
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
