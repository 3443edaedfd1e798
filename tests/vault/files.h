/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_VAULT_FILES_H
#define TESTS_VAULT_FILES_H

/* Files as a person's program hands them over and takes them out. */
#include "base/hex.h"
#include "tests/vault/pair.h"

enum { PIECE_BYTES = 65536 };

/* Bytes that repeat nowhere, from a seed. */
static inline void file_fill(uint8_t *out, size_t size, uint64_t seed)
{
    struct random_seeded random;
    random_seeded_init(&random, seed, 5);
    random_fill(&random.base, out, size);
}

/* Hand a file over as that request says, in pieces; the last answer. */
static inline struct answer *hand_over(
    struct person *person, struct control_request request, const uint8_t *bytes)
{
    static char text[2 * PIECE_BYTES + 1];
    request.method = CONTROL_FILE_SEND;
    request.id = 1;
    struct answer *answer = person_ask(person, &request);
    for (size_t done = 0; answer->came && answer->kind == CONTROL_DONE;) {
        size_t size = request.size - done;
        if (size > PIECE_BYTES)
            size = PIECE_BYTES;
        hex_encode((struct span){bytes + done, size}, text);
        const struct control_request more = {.method = CONTROL_FILE_MORE,
            .id = 2,
            .cursor = done,
            .data = span_of_text(text)};
        answer = person_ask(person, &more);
        done += size;
    }
    return answer;
}

static inline struct answer *send_file(
    struct person *person, const char *to, const char *name, struct span bytes)
{
    return hand_over(person,
        (struct control_request){.name = span_of_text(to),
            .file = span_of_text(name),
            .size = bytes.size},
        bytes.data);
}

static inline struct answer *ask_file(
    struct person *person, enum control_method method, const char *id)
{
    const struct control_request request = {
        .method = method, .id = 3, .letter = span_of_text(id)};
    return person_ask(person, &request);
}

/* The row of the only file, or of the last one; a row of nothing if none. */
static inline struct row last_file(struct person *person)
{
    const struct answer *answer = ask_file(person, CONTROL_FILE_LIST, "");
    need(answer->kind == CONTROL_FILE_ROWS);
    return answer->count ? answer->rows[answer->count - 1]
                         : (struct row){.copies = 0};
}

static inline bool file_is(struct person *person, const char *state)
{
    struct row row = last_file(person);
    bool is = strcmp(row.file_state, state) == 0;
    if (!is)
        printf("# a file is %s (%s), %llu of %llu\n", row.file_state,
            row.file_reason, (unsigned long long)row.file_done,
            (unsigned long long)row.file_bytes);
    return is;
}

/* Take a file out, and whether it has these bytes. */
static inline bool comes_out(
    struct person *person, const char *id, struct span bytes)
{
    static uint8_t part[LIMIT_FILE_PART_BYTES];
    struct control_request request = {
        .method = CONTROL_FILE_GET, .id = 4, .letter = span_of_text(id)};
    size_t done = 0;
    do {
        const struct answer *answer = person_ask(person, &request);
        size_t size = strlen(part_data) / 2;
        if (answer->kind != CONTROL_PART || size > sizeof(part) ||
            hex_decode(part_data, part, size) || size > bytes.size - done ||
            (size && memcmp(part, bytes.data + done, size) != 0))
            return false;
        done += size;
        request.cursor = answer->next;
    } while (request.cursor);
    return done == bytes.size;
}

#endif
