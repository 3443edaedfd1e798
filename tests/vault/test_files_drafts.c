/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are being handed over to be sent: what is wrong with one is said
 * before its content is asked for, and again when all of it is there. */
#include "tests/vault/files.h"

static struct world world;
static struct person *ann;

static void begin(uint64_t seed)
{
    world_init(&world, 2, seed);
    world_meet(&world);
    ann = &world.people[0];
}

static struct control_request request_to_bo(void)
{
    return (struct control_request){.method = CONTROL_FILE_SEND,
        .id = 1,
        .name = span_of_text("bo"),
        .file = span_of_text("f"),
        .size = 4};
}

static void test_drafts(void)
{
    begin(1);
    const struct control_request first = request_to_bo();
    struct control_request more = {
        .method = CONTROL_FILE_MORE, .id = 2, .data = span_of_text("00ff")};
    ok(person_ask(ann, &more)->status == STATUS_NOT_FOUND,
        "a piece of nothing is refused");
    need(person_ask(ann, &first)->kind == CONTROL_DONE);
    more.cursor = 1;
    ok(person_ask(ann, &more)->status == STATUS_NOT_FOUND,
        "and one that does not follow");
    more.cursor = 0;
    more.data = span_of_text("0");
    ok(person_ask(ann, &more)->status == STATUS_INVALID, "or is no bytes");
    more.data = span_of_text("0011223344");
    ok(person_ask(ann, &more)->status == STATUS_INVALID, "or is too long");
    more.data = span_of_text("0011223g");
    ok(person_ask(ann, &more)->status == STATUS_INVALID, "or is not hex");
    ok(disk_count(&ann->disk, RECORD_FILE_PART) == 0 &&
            last_file(ann).id[0] == 0,
        "nothing is kept of a file before all of it is there");
    ask_word(ann, CONTROL_LOCK, "");
    ask_word(ann, CONTROL_UNLOCK, "ann");
    more.data = span_of_text("00112233");
    ok(person_ask(ann, &more)->status == STATUS_NOT_FOUND, "nor over a lock");
    need(person_ask(ann, &first)->kind == CONTROL_DONE);
    ok(person_ask(ann, &more)->kind == CONTROL_SENT, "whole, it is sent");
    world_free(&world);
}

/* The first answer is the last: none of the content is asked for. */
static void test_refused_at_once(void)
{
    begin(2);
    struct control_request request = request_to_bo();
    request.text = span_of_text("\xff");
    ok(person_ask(ann, &request)->status == STATUS_INVALID,
        "a text that is none is refused before a file's content comes");
    request = request_to_bo();
    request.burn_s = LIMIT_BURN_S + 1;
    ok(person_ask(ann, &request)->status == STATUS_TOO_LARGE,
        "so is a burn timer that is too long");
    request = request_to_bo();
    request.life_h = LIMIT_ENVELOPE_LIFE_H + 1;
    ok(person_ask(ann, &request)->status == STATUS_TOO_LARGE, "or a life");
    request = request_to_bo();
    need(ask_word(ann, CONTROL_BLOCK, "bo")->kind == CONTROL_CONTACT_ROWS);
    ok(person_ask(ann, &request)->status == STATUS_REFUSED,
        "and a file to somebody who is blocked");
    world_free(&world);
}

static void test_blocked_meanwhile(void)
{
    begin(3);
    const struct control_request request = request_to_bo();
    const struct control_request more = {
        .method = CONTROL_FILE_MORE, .id = 2, .data = span_of_text("00112233")};
    need(person_ask(ann, &request)->kind == CONTROL_DONE);
    need(ask_word(ann, CONTROL_BLOCK, "bo")->kind == CONTROL_CONTACT_ROWS);
    ok(person_ask(ann, &more)->status == STATUS_REFUSED,
        "a file is not sent to somebody who was blocked while it was read");
    ok(last_file(ann).id[0] == 0, "and nothing of it is kept");
    world_free(&world);
}

int main(void)
{
    test_drafts();
    test_refused_at_once();
    test_blocked_meanwhile();
    return tap_done();
}
