/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A crash at every step of an evidential conversation, before its commit and
 * after it: no place in a chain is signed twice, each letter is shown once and
 * as what it is, and the transcripts of both hold. */
#include "tests/vault/crash.h"
#include "tests/vault/evidence.h"

enum { LETTERS = 3 };

static void recover(void)
{
    crash_recover(&world);
}

/* Ask once more, as a person would, when a crash was the answer. */
static void insist(
    struct person *person, const char *name, enum control_method method)
{
    struct answer *answer = ask_word(person, method, name);
    if (!answer->came) {
        recover();
        answer = ask_word(person, method, name);
    }
    need(answer->kind == CONTROL_EVIDENCE_STATE);
    world_run(&world, 3000);
    recover();
}

static bool sent[2][2 * LETTERS];

static void say(size_t who, size_t number)
{
    char text[32];
    snprintf(text, sizeof(text), "%s %zu", who ? "bo" : "ann", number);
    struct answer *answer =
        ask_send(&world.people[who], who ? "ann" : "bo", text);
    sent[who][number] = answer->came;
    if (answer->came)
        need(answer->kind == CONTROL_SENT);
    recover();
}

static void play(void)
{
    insist(ann, "bo", CONTROL_EVIDENCE_ON);
    insist(bo, "ann", CONTROL_EVIDENCE_ON);
    for (size_t i = 0; i < LETTERS; i++) {
        say(0, i);
        say(1, i);
        world_run(&world, 3000);
        recover();
    }
    insist(bo, "ann", CONTROL_EVIDENCE_OFF);
    say(0, LETTERS);
    say(1, LETTERS);
    for (int i = 0; i < 4; i++) {
        world_run(&world, 400 * MINUTE_MS);
        recover();
    }
}

/* Whether a letter is shown once, and as what it was written as. */
static bool is_right_letter(size_t who, size_t number)
{
    struct answer *answer = ask_read_all(&world.people[1 - who]);
    size_t count = 0;
    char text[32];
    snprintf(text, sizeof(text), "%s %zu", who ? "bo" : "ann", number);
    bool unproven = false;
    for (size_t i = 0; i < answer->count; i++) {
        count += strcmp(answer->rows[i].text, text) == 0;
        unproven =
            unproven || strcmp(answer->rows[i].evidence, "unproven") == 0;
    }
    if (count <= 1 && !unproven && (count || !sent[who][number]))
        return true;
    printf("# %s: shown %zu times%s\n", text, count,
        unproven ? "; one is unproven" : "");
    return false;
}

static bool is_right(void)
{
    bool right = both_are("deniable");
    for (size_t who = 0; who < 2; who++)
        for (size_t i = 0; i <= LETTERS; i++)
            right = is_right_letter(who, i) && right;
    struct proof hers = proof_of(ann, "bo"), his = proof_of(bo, "ann");
    return right && hers.status == STATUS_OK && his.status == STATUS_OK &&
           hers.conversations == his.conversations && hers.sides[0].is_closed &&
           hers.sides[1].is_closed &&
           hers.sides[0].letters == his.sides[0].letters &&
           hers.sides[1].letters == his.sides[1].letters;
}

static void begin(void)
{
    world_init(&world, 2, 19);
    world_meet(&world);
    need(ask_send(ann, "bo", "hello")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
}

static void test_each_step(size_t who, enum crash crash, const char *what)
{
    static const struct crash_play conversation = {
        &world, begin, play, is_right};
    struct crash_tally tally = crash_each_step(&conversation, who, crash);
    ok(tally.crashes > 19, "the whole conversation was cut");
    ok(tally.wrong == 0, what);
}

int main(void)
{
    test_each_step(0, CRASH_BEFORE_COMMIT,
        "the proposer crashes before any commit: both have the same proof");
    test_each_step(0, CRASH_AFTER_COMMIT,
        "the proposer crashes after any commit: both have the same proof");
    test_each_step(1, CRASH_BEFORE_COMMIT,
        "the accepter crashes before any commit: both have the same proof");
    test_each_step(1, CRASH_AFTER_COMMIT,
        "the accepter crashes after any commit: both have the same proof");
    return tap_done();
}
