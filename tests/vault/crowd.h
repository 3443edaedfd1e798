/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_VAULT_CROWD_H
#define TESTS_VAULT_CROWD_H

/* Groups among the people of pair.h: what they ask, and what they are shown.
 * Person i is called name_of(i); person 0 knows everybody, and is known. */
#include "tests/vault/pair.h"

static inline const char *name_of(size_t who)
{
    static char names[PEOPLE_MAXIMUM][32];
    static const char *const first[] = {"ann", "bo", "cy", "dee"};
    if (who < 4)
        return first[who];
    snprintf(names[who], sizeof(names[who]), "person %zu", who);
    return names[who];
}

static inline void know_each_other(struct world *world, size_t a, size_t b)
{
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(&world->people[b]));
    need(ask_add(&world->people[a], name_of(b), card)->kind ==
         CONTROL_CONTACT_ROWS);
    strcpy(card, person_card(&world->people[a]));
    need(ask_add(&world->people[b], name_of(a), card)->kind ==
         CONTROL_CONTACT_ROWS);
}

static inline void crowd_meet(struct world *world)
{
    for (size_t i = 0; i < world->count; i++)
        need(ask_word(&world->people[i], CONTROL_INIT, name_of(i))->kind ==
             CONTROL_CARD);
    for (size_t i = 1; i < world->count; i++)
        know_each_other(world, 0, i);
}

static inline struct answer *ask_group(struct person *person,
    enum control_method method, const char *group, const char *name)
{
    struct control_request request = {.method = method,
        .id = 1,
        .group = span_of_text(group),
        .name = span_of_text(name)};
    return person_ask(person, &request);
}

static inline struct answer *ask_group_admin(
    struct person *person, const char *group, const char *name)
{
    struct control_request request = {.method = CONTROL_GROUP_ADD,
        .id = 1,
        .group = span_of_text(group),
        .name = span_of_text(name),
        .admin = true};
    return person_ask(person, &request);
}

static inline struct answer *ask_group_send(
    struct person *person, const char *group, const char *text)
{
    struct control_request request = {.method = CONTROL_GROUP_SEND,
        .id = 1,
        .group = span_of_text(group),
        .text = span_of_text(text)};
    return person_ask(person, &request);
}

static inline struct answer *ask_copies(
    struct person *person, const char *letter)
{
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    strcpy(id, letter); /* it may lie in the answer before */
    struct control_request request = {
        .method = CONTROL_OUTBOX, .id = 1, .letter = span_of_text(id)};
    return person_ask(person, &request);
}

/* Person 0 founds a group and everybody comes in. */
static inline void crowd_gather(struct world *world, const char *group)
{
    struct person *founder = &world->people[0];
    need(ask_word(founder, CONTROL_GROUP_NEW, group)->kind ==
         CONTROL_GROUP_ROWS);
    for (size_t i = 1; i < world->count; i++) {
        need(ask_group(founder, CONTROL_GROUP_ADD, group, name_of(i))->kind ==
             CONTROL_GROUP_ROWS);
        world_run(world, 2000);
    }
    world_run(world, 60000);
}

/* How often a person has a letter with that text, whatever it came through. */
static inline size_t times_shown(struct person *person, const char *text)
{
    struct answer *answer = ask_read_all(person);
    size_t count = 0;
    for (size_t i = 0; i < answer->count; i++)
        count += strcmp(answer->rows[i].text, text) == 0;
    return count;
}

/* The row of the letter with that text, or NULL; good until the next ask. */
static inline const struct row *shown(struct person *person, const char *text)
{
    struct answer *answer = ask_read_all(person);
    for (size_t i = 0; i < answer->count; i++)
        if (strcmp(answer->rows[i].text, text) == 0)
            return &answer->rows[i];
    return NULL;
}

static inline size_t member_count(struct person *person, const char *group)
{
    struct answer *answer = ask_group(person, CONTROL_GROUP_MEMBERS, group, "");
    return answer->kind == CONTROL_MEMBER_ROWS ? answer->count : 0;
}

/* The word for a person's membership of their only group. */
static inline const char *membership(struct person *person)
{
    struct answer *answer = ask_word(person, CONTROL_GROUP_LIST, "");
    return answer->count == 1 ? answer->rows[0].state : "";
}

/* Where the last letter in the outbox stands. */
static inline const struct row *last_in_outbox(struct person *person)
{
    struct answer *answer = ask_word(person, CONTROL_OUTBOX, "");
    need(answer->count > 0);
    return &answer->rows[answer->count - 1];
}

#endif
