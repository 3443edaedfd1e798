/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_VAULT_EVIDENCE_H
#define TESTS_VAULT_EVIDENCE_H

/* Ann and Bo, who may make their letters evidential, and what a transcript of
 * a vault of theirs proves. */
#include "base/hex.h"
#include "crypto/evidence_check.h"
#include "tests/vault/pair.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];

static inline struct answer *turn_on(struct person *person, const char *name)
{
    return ask_word(person, CONTROL_EVIDENCE_ON, name);
}

static inline struct answer *turn_off(struct person *person, const char *name)
{
    return ask_word(person, CONTROL_EVIDENCE_OFF, name);
}

/* How letters between a person and a contact are, by the vault's own word. */
static inline bool is_state(
    struct person *person, const char *name, const char *state)
{
    struct answer *answer = ask_word(person, CONTROL_EVIDENCE, name);
    return answer->kind == CONTROL_EVIDENCE_STATE &&
           strcmp(answer->evidence.state, state) == 0;
}

static inline bool both_are(const char *state)
{
    return is_state(ann, "bo", state) && is_state(bo, "ann", state);
}

static inline void agree_both(void)
{
    need(turn_on(ann, "bo")->kind == CONTROL_EVIDENCE_STATE);
    world_run(&world, MINUTE_MS);
    need(turn_on(bo, "ann")->kind == CONTROL_EVIDENCE_STATE);
    world_run(&world, MINUTE_MS);
    need(both_are("evidential"));
}

/* Two who have met, and written once each. */
static inline void evidence_begin(uint64_t seed)
{
    world_init(&world, 2, seed);
    world_meet(&world);
    need(ask_send(ann, "bo", "hello")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(ask_send(bo, "ann", "hello yourself")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
}

static inline bool sent_as(struct person *person, const char *name,
    const char *text, const char *evidence)
{
    struct answer *answer = ask_send(person, name, text);
    return answer->kind == CONTROL_SENT &&
           strcmp(answer->sent.evidence, evidence) == 0;
}

static inline bool contact_is(struct person *person, const char *evidence)
{
    struct answer *answer = ask_word(person, CONTROL_CONTACTS, "");
    return answer->count == 1 &&
           strcmp(answer->rows[0].evidence, evidence) == 0;
}

static inline bool told(
    const struct person *person, const char *change, bool by_them)
{
    return strcmp(person->last_change, change) == 0 &&
           person->last_by_them == by_them;
}

/* The row of a text in a person's inbox, or NULL. */
static inline const struct row *find_text(
    struct person *person, const char *text)
{
    struct answer *answer = ask_read_all(person);
    need(answer->kind == CONTROL_LETTER_ROWS && answer->next == 0);
    for (size_t i = 0; i < answer->count; i++)
        if (strcmp(answer->rows[i].text, text) == 0)
            return &answer->rows[i];
    return NULL;
}

static inline bool came_as(
    struct person *person, const char *text, const char *evidence)
{
    const struct row *row = find_text(person, text);
    return row && strcmp(row->evidence, evidence) == 0;
}

/* A transcript, part by part. */
struct transcript_file {
    size_t size;
    uint8_t *bytes;
};

static inline bool export_next(struct person *person,
    const struct control_request *request, struct transcript_file *file)
{
    struct answer *answer = person_ask(person, request);
    if (answer->kind != CONTROL_PART)
        return false;
    size_t size = strlen(part_data) / 2;
    file->bytes = realloc(file->bytes, file->size + size + 1);
    need(file->bytes);
    need(hex_decode(part_data, file->bytes + file->size, size) == STATUS_OK);
    file->size += size;
    return true;
}

/* False when it was refused; free the bytes. */
static inline bool export_transcript(
    struct person *person, const char *name, struct transcript_file *file)
{
    struct control_request request = {
        .method = CONTROL_EXPORT, .id = 1, .name = span_of_text(name)};
    *file = (struct transcript_file){.size = 0};
    while (export_next(person, &request, file)) {
        uint64_t next = person->answer.next;
        if (next == 0)
            return true;
        request = (struct control_request){
            .method = CONTROL_EXPORT_MORE, .id = 1, .cursor = next};
    }
    free(file->bytes);
    file->bytes = NULL;
    return false;
}

/* All of a file's conversations, added up. */
struct proof {
    enum status status;
    size_t conversations;
    struct transcript_side sides[2]; /* the proposers' and the accepters' */
    const char *why;
};

static inline void side_add(
    struct transcript_side *sum, const struct transcript_side *side)
{
    sum->letters += side->letters;
    sum->burned += side->burned;
    sum->missing += side->missing;
    sum->is_closed = side->is_closed;
}

static inline struct proof check_file(const struct transcript_file *file)
{
    struct transcript_check check;
    struct transcript_conversation found;
    struct proof proof = {.conversations = 0};
    proof.status =
        transcript_check_begin(&check, (struct span){file->bytes, file->size});
    while (!proof.status) {
        proof.status = transcript_check_next(&check, &found);
        if (proof.status)
            break;
        proof.conversations++;
        side_add(&proof.sides[0], &found.proposer);
        side_add(&proof.sides[1], &found.accepter);
    }
    if (proof.status == STATUS_NOT_FOUND)
        proof.status = STATUS_OK;
    proof.why = check.fault.why;
    return proof;
}

static inline struct proof proof_of(struct person *person, const char *name)
{
    struct transcript_file file;
    struct proof proof = {.status = STATUS_NOT_FOUND};
    if (export_transcript(person, name, &file))
        proof = check_file(&file);
    if (proof.status)
        printf("# %s: %s\n", status_name(proof.status),
            proof.why ? proof.why : "no file");
    free(file.bytes);
    return proof;
}

#endif
