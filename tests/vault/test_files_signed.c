/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files where letters are evidential: what a letter says of its file, hash and
 * all, is signed and stands in both transcripts; its parts do not. */
#include "crypto/content.h"
#include "tests/vault/evidence.h"
#include "tests/vault/files.h"

static uint8_t bytes[LIMIT_FILE_PART_BYTES + 9];

static void begin(uint64_t seed)
{
    world_init(&world, 2, seed);
    world_meet(&world);
    file_fill(bytes, sizeof(bytes), seed);
}

static struct answer *send_as(
    const char *text, const char *evidence, uint64_t burn_s)
{
    return hand_over(ann,
        (struct control_request){.name = span_of_text("bo"),
            .file = span_of_text("plan.pdf"),
            .text = span_of_text(text),
            .evidence = span_of_text(evidence),
            .burn_s = burn_s,
            .size = sizeof(bytes)},
        bytes);
}

/* How often the statement that names the file's hash is in somebody's
 * transcript; the transcript must hold. */
static size_t statements_of(struct person *person, const char *name)
{
    char text[200], hash[2 * CONTENT_HASH_BYTES + 1];
    uint8_t digest[CONTENT_HASH_BYTES];
    struct transcript_file file;
    size_t count = 0;
    content_hash((struct span){bytes, sizeof(bytes)}, digest);
    hex_encode((struct span){digest, sizeof(digest)}, hash);
    int size = snprintf(text, sizeof(text),
        "file: plan.pdf\nbytes: %zu\nblake2b-256: %s\n", sizeof(bytes), hash);
    need(size > 0 && export_transcript(person, name, &file));
    need(check_file(&file).status == STATUS_OK);
    for (size_t i = 0; i + (size_t)size <= file.size; i++)
        count += memcmp(file.bytes + i, text, (size_t)size) == 0;
    free(file.bytes);
    return count;
}

static void test_signed(void)
{
    begin(1);
    agree_both();
    struct answer *answer = send_as("as agreed", "evidential", 0);
    ok(answer->kind == CONTROL_SENT &&
            strcmp(answer->sent.evidence, "evidential") == 0,
        "a letter with a file is signed where letters are");
    world_run(&world, HOUR_MS);
    ok(came_as(bo, "as agreed", "evidential") &&
            find_text(bo, "as agreed")->number == 1 && file_is(bo, "whole") &&
            comes_out(
                bo, last_file(bo).id, (struct span){bytes, sizeof(bytes)}),
        "it comes as signed, in its place, and its file whole");
    ok(statements_of(ann, "bo") == 1 && statements_of(bo, "ann") == 1,
        "both transcripts hold, and say the file's name, size and hash");
    struct proof proof = proof_of(bo, "ann");
    ok(proof.sides[0].letters == 1 && proof.sides[1].letters == 0,
        "as one letter: no part of a file is in them");
    need(ask_send(ann, "bo", "next")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(came_as(bo, "next", "evidential") && find_text(bo, "next")->number == 2,
        "the next letter follows it");
    ok(send_as("x", "deniable", 0)->status == STATUS_REFUSED,
        "a file that must not be signed is not sent");
    world_free(&world);
}

static void test_burned(void)
{
    begin(2);
    agree_both();
    need(send_as("not for long", "", 300)->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ok(came_as(bo, "not for long", "evidential") &&
            statements_of(bo, "ann") == 0 && statements_of(ann, "bo") == 0,
        "of one that burns the transcript has the place alone");
    world_free(&world);
}

static void test_limits(void)
{
    static char text[LIMIT_TEXT_BYTES + 1];
    begin(3);
    memset(text, 'x', LIMIT_TEXT_BYTES);
    need(send_as(text, "", 0)->kind == CONTROL_SENT);
    ok(send_as("x", "evidential", 0)->status == STATUS_REFUSED,
        "a file that must be signed is not sent where letters are deniable");
    agree_both();
    struct answer *answer = send_as(text, "", 0);
    ok(answer->status == STATUS_TOO_LARGE && strstr(answer->message, "24,576"),
        "what is signed of a file counts as text");
    need(send_as("short", "", 0)->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ok(came_as(bo, "short", "evidential") &&
            find_text(bo, "short")->number == 1,
        "and what was refused has taken no place");
    world_free(&world);
}

int main(void)
{
    test_signed();
    test_burned();
    test_limits();
    return tap_done();
}
