/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_VAULT_RESTORE_H
#define TESTS_VAULT_RESTORE_H

/* Two who write to each other, and a third home into which the first is
 * restored from a backup. */
#include "tests/vault/copies.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];
static struct person *const home = &world.people[2]; /* ann's next */

/* Hand over size bytes of a backup, as far as they are taken. */
static inline struct answer *restore_part(
    const struct copy *copy, size_t at, size_t size, const char *passphrase)
{
    return copy_hand(home, copy, at, size, passphrase);
}

static inline struct answer *restore_blocks(
    const struct copy *copy, const char *passphrase)
{
    return copy_hand_all(home, copy, passphrase);
}

static inline struct answer *restore_end(const char *fresh)
{
    return copy_end(home, fresh);
}

static inline struct answer *restore(
    const struct copy *copy, const char *passphrase, const char *fresh)
{
    struct answer *answer = restore_blocks(copy, passphrase);
    return home->vault && answer->kind == CONTROL_PART ? restore_end(fresh)
                                                       : answer;
}

static inline bool is_empty(void)
{
    return vault_get_state(home->vault) == VAULT_EMPTY &&
           home->disk.count == 0 && home->disk.slots_size == 0;
}

/* Two who have met; the third home has no vault. */
static inline void begin(uint64_t seed)
{
    world_init(&world, 2, seed);
    world_meet(&world);
    world.count = 3;
    home->world = &world;
    random_seeded_init(&home->random, seed, 9);
    person_start(home);
    need(ask_send(ann, "bo", "first")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(ask_send(bo, "ann", "second")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
}

static inline size_t count_text(struct person *person, const char *text)
{
    struct answer *answer = ask_read_all(person);
    size_t count = 0;
    for (size_t i = 0; i < answer->count; i++)
        count += strcmp(answer->rows[i].text, text) == 0;
    return count;
}

static inline void note(
    struct person *person, const char *text, uint64_t burn_s)
{
    struct control_request request = {.method = CONTROL_MEMO_ADD,
        .text = span_of_text(text),
        .burn_s = burn_s};
    need(person_ask(person, &request)->kind == CONTROL_MEMO_ROWS);
}

static inline void free_all(struct copy *copy)
{
    free(copy->bytes);
    world_free(&world);
}

#endif
