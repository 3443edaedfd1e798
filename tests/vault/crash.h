/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_VAULT_CRASH_H
#define TESTS_VAULT_CRASH_H

/* A crash in each step of what people do, one after the other: the same play
 * again and again, until it is over before the crash. */
#include "tests/vault/pair.h"

enum { CRASH_STEPS_MAXIMUM = 2000 };

struct crash_play {
    struct world *world;
    void (*begin)(void); /* make the world; steps count from its end */
    void (*act)(void);   /* who crashes recovers */
    bool (*is_right)(void);
};

/* What came of it. */
struct crash_tally {
    uint64_t crashes;
    uint64_t wrong; /* plays that were not right, the whole one too */
};

/* Whoever has crashed comes back from its disk. */
static inline void crash_recover(struct world *world)
{
    static const char *const words[] = {"ann", "bo", "cy"};
    for (size_t i = 0; i < world->count; i++) {
        struct person *person = &world->people[i];
        if (person->vault)
            continue;
        person->crash = CRASH_NONE;
        person_start(person);
        need(ask_word(person, CONTROL_UNLOCK, words[i])->kind == CONTROL_DONE);
    }
}

/* Whether the person did crash. */
static inline bool crash_once(const struct crash_play *play, size_t who,
    enum crash crash, struct crash_tally *tally)
{
    struct person *person = &play->world->people[who];
    play->begin();
    person->steps = 0;
    person->crash = crash;
    person->crash_step = tally->crashes + 1;
    play->act();
    bool crashed = person->crashed;
    person->crash = CRASH_NONE;
    if (!play->is_right()) {
        printf("# person %zu, step %llu, crash %d\n", who,
            (unsigned long long)tally->crashes + 1, (int)crash);
        tally->wrong++;
    }
    world_free(play->world);
    return crashed;
}

static inline struct crash_tally crash_each_step(
    const struct crash_play *play, size_t who, enum crash crash)
{
    struct crash_tally tally = {0};
    while (crash_once(play, who, crash, &tally))
        need(++tally.crashes < CRASH_STEPS_MAXIMUM);
    printf("# %llu crashes\n", (unsigned long long)tally.crashes);
    return tally;
}

#endif
