/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is not there any more of letters that were evidence: lost, damaged,
 * burned, forgotten, or signed for another key. */
#include "tests/vault/evidence.h"
#include "vault/vault_state.h"

/* A letter that nobody ever gets leaves a gap, which is said to be one. */
static void test_gap(void)
{
    evidence_begin(5);
    agree_both();
    need(sent_as(ann, "bo", "one", "evidential"));
    world_run(&world, MINUTE_MS);
    world.deaf = true;
    need(sent_as(ann, "bo", "lost", "evidential"));
    struct answer *answer = ask_word(ann, CONTROL_OUTBOX, "");
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    strcpy(id, answer->rows[answer->count - 1].id);
    need(ask_word(ann, CONTROL_RECALL, id)->kind == CONTROL_SENT);
    world.deaf = false;
    need(sent_as(ann, "bo", "three", "evidential"));
    world_run(&world, MINUTE_MS);
    ok(came_as(bo, "three", "evidential") &&
            find_text(bo, "three")->number == 3,
        "behind a letter that was recalled the next one holds");
    ok(ask_word(bo, CONTROL_EVIDENCE, "ann")->evidence.missing == 1,
        "and one is seen to be missing");
    struct proof proof = proof_of(bo, "ann");
    ok(proof.status == STATUS_OK && proof.sides[0].letters == 2 &&
            proof.sides[0].missing == 1,
        "also in a transcript");
    ok(proof_of(ann, "bo").sides[0].missing == 0, "its writer has it");
    world_free(&world);
}

static bool has_bytes(const struct transcript_file *file, struct span bytes)
{
    for (size_t i = 0; i + bytes.size <= file->size; i++)
        if (memcmp(file->bytes + i, bytes.data, bytes.size) == 0)
            return true;
    return false;
}

static bool has_text(const struct transcript_file *file, const char *text)
{
    return has_bytes(file, span_of_text(text));
}

/* A signature's record is gone, or changed. */
static void test_damage(void)
{
    evidence_begin(20);
    agree_both();
    need(sent_as(ann, "bo", "one", "evidential"));
    need(sent_as(ann, "bo", "two", "evidential"));
    world_run(&world, MINUTE_MS);
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < ann->disk.count; i++)
        if (ann->disk.files[i].kind == RECORD_PLACE_BODY &&
            ann->disk.files[i].row < first)
            first = ann->disk.files[i].row;
    struct transcript_file file;
    disk_find(&ann->disk, RECORD_PLACE_BODY, first)->blob[40] ^= 1;
    ok(!export_transcript(ann, "bo", &file) &&
            ann->answer.status == STATUS_REFUSED &&
            strstr(ann->answer.message, "(signature)"),
        "a transcript is whole, or is not made: a damaged record is named");
    disk_delete(&ann->disk, RECORD_PLACE_BODY, first);
    ok(!export_transcript(ann, "bo", &file) &&
            ann->answer.status == STATUS_REFUSED,
        "and so is one that is not there");
    ok(proof_of(bo, "ann").status == STATUS_OK, "the other has it");
    world_free(&world);
}

static void test_burning(void)
{
    struct transcript_file file;
    evidence_begin(6);
    agree_both();
    struct control_request request = {.method = CONTROL_SEND,
        .id = 1,
        .name = span_of_text("bo"),
        .text = span_of_text("not for long"),
        .burn_s = 300};
    need(person_ask(ann, &request)->kind == CONTROL_SENT);
    need(sent_as(ann, "bo", "for good", "evidential"));
    world_run(&world, MINUTE_MS);
    ok(came_as(bo, "not for long", "evidential"),
        "a letter that will burn is signed, too");
    for (int i = 0; i < 2; i++) {
        struct person *person = i ? ann : bo;
        need(export_transcript(person, i ? "bo" : "ann", &file));
        struct proof proof = check_file(&file);
        ok(proof.status == STATUS_OK && proof.sides[0].burned == 1 &&
                proof.sides[0].letters == 1 && has_text(&file, "for good") &&
                !has_text(&file, "not for long"),
            "but its text is in no transcript, not even before it burns");
        free(file.bytes);
    }
    need(ask_word(bo, CONTROL_READ, "")->kind == CONTROL_LETTER_ROWS);
    world_run(&world, 10 * MINUTE_MS);
    ok(!find_text(bo, "not for long") && find_text(bo, "for good"),
        "it burns as it would have");
    struct proof proof = proof_of(bo, "ann");
    ok(proof.status == STATUS_OK && proof.sides[0].burned == 1,
        "and its place in the chain stays, signed");
    world_free(&world);
}

/* Bo's place is taken by another key, which ann confirms. */
static void test_changed_key(void)
{
    world_init(&world, 3, 8);
    world_meet(&world);
    struct person *cy = &world.people[2];
    agree_both();
    need(sent_as(ann, "bo", "to the old key", "evidential"));
    world_run(&world, MINUTE_MS);
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(cy));
    need(ask_add(ann, "bo", card)->status == STATUS_REFUSED);
    ok(turn_off(ann, "bo")->status == STATUS_REFUSED &&
            turn_on(ann, "bo")->status == STATUS_REFUSED,
        "while a key is in doubt nothing is agreed or ended");
    struct control_request request = {.method = CONTROL_VERIFY,
        .id = 1,
        .name = span_of_text("bo"),
        .confirm = true};
    need(person_ask(ann, &request)->kind == CONTROL_SAFETY);
    ok(contact_is(ann, "deniable") && told(ann, "broken", false),
        "another key has agreed to nothing");
    ok(sent_as(ann, "bo", "to the new key", "deniable"),
        "and is written to so");
    struct proof proof = proof_of(ann, "bo");
    struct card bos;
    need(card_from_text(person_card(bo), &bos) == STATUS_OK);
    ok(proof.status == STATUS_OK && proof.sides[0].letters == 1,
        "what was signed with the old one can be shown still");
    struct transcript_file file;
    need(export_transcript(ann, "bo", &file));
    ok(has_bytes(&file, (struct span){bos.sign_key, 32}),
        "as with whom it was");
    free(file.bytes);
    world_free(&world);
}

/* What was signed for bo's old key had not come when another is confirmed: it
 * is sent again to who has that. */
static void test_sent_again(void)
{
    world_init(&world, 3, 10);
    world_meet(&world);
    struct person *cy = &world.people[2];
    agree_both();
    need(sent_as(ann, "bo", "came", "evidential"));
    world_run(&world, MINUTE_MS);
    need(ask_word(bo, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    need(sent_as(ann, "bo", "waits", "evidential"));
    world_run(&world, MINUTE_MS);
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(ann));
    need(ask_add(cy, "ann", card)->kind == CONTROL_CONTACT_ROWS);
    strcpy(card, person_card(cy));
    need(ask_add(ann, "bo", card)->status == STATUS_REFUSED);
    struct control_request request = {.method = CONTROL_VERIFY,
        .id = 1,
        .name = span_of_text("bo"),
        .confirm = true};
    need(person_ask(ann, &request)->kind == CONTROL_SAFETY);
    world_run(&world, MINUTE_MS);
    ok(came_as(cy, "waits", "deniable") && !find_text(cy, "came"),
        "what is sent again to another key is not signed for the one before");
    struct answer *outbox = ask_word(ann, CONTROL_OUTBOX, "");
    ok(outbox->count == 2 &&
            strcmp(outbox->rows[0].evidence, "evidential") == 0 &&
            strcmp(outbox->rows[1].evidence, "deniable") == 0,
        "which its writer is shown");
    ok(proof_of(ann, "bo").status == STATUS_OK, "and what was signed holds");
    world_free(&world);
}

/* More than bo's vault, which is locked, could see coming: the rest is held
 * back, signed, and sealed when some have come. */
static void test_held_back(void)
{
    world_init(&world, 2, 13);
    world_meet(&world);
    agree_both();
    need(ask_word(bo, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    for (size_t i = 0; i < LIMIT_UNCONFIRMED; i++)
        need(ask_send(ann, "bo", "one of many")->kind == CONTROL_SENT);
    need(sent_as(ann, "bo", "the last", "evidential"));
    world_run(&world, MINUTE_MS);
    need(ann->vault->opened->outbox.held > 0);
    need(ask_word(bo, CONTROL_UNLOCK, "bo")->kind == CONTROL_DONE);
    world_run(&world, HOUR_MS);
    ok(came_as(bo, "the last", "evidential") &&
            proof_of(bo, "ann").sides[0].letters == LIMIT_UNCONFIRMED + 1,
        "what was held back is signed still");
    world_free(&world);
}

static void test_forgotten(void)
{
    world_init(&world, 2, 12);
    world_meet(&world);
    ok(ask_word(ann, CONTROL_EVIDENCE_FORGET, "bo")->status == STATUS_NOT_FOUND,
        "where nothing was signed, nothing is forgotten");
    agree_both();
    need(sent_as(ann, "bo", "one", "evidential"));
    need(sent_as(bo, "ann", "two", "evidential"));
    world_run(&world, MINUTE_MS);
    ok(ask_word(ann, CONTROL_EVIDENCE_FORGET, "bo")->status == STATUS_REFUSED &&
            disk_count(&ann->disk, RECORD_PLACE) == 2,
        "while letters are evidential, what was signed is needed");
    need(turn_off(ann, "bo")->kind == CONTROL_EVIDENCE_STATE);
    world_run(&world, MINUTE_MS);
    need(turn_on(ann, "bo")->kind == CONTROL_EVIDENCE_STATE);
    size_t scrubs = ann->disk.scrubs;
    struct answer *answer = ask_word(ann, CONTROL_EVIDENCE_FORGET, "bo");
    ok(answer->kind == CONTROL_EVIDENCE_STATE &&
            strcmp(answer->evidence.change, "forgotten") == 0 &&
            answer->evidence.written == 0 && answer->evidence.received == 0,
        "then it is forgotten");
    ok(strcmp(answer->evidence.state, "proposed-by-you") == 0,
        "and what is proposed anew is not");
    ok(disk_count(&ann->disk, RECORD_PLACE) == 0 &&
            disk_count(&ann->disk, RECORD_PLACE_BODY) == 0 &&
            disk_count(&ann->disk, RECORD_ACCORD) == 1 &&
            ann->disk.scrubs > scrubs,
        "on the disk, too");
    ok(proof_of(bo, "ann").status == STATUS_OK,
        "and the other has all of it still");
    need(turn_on(bo, "ann")->kind == CONTROL_EVIDENCE_STATE);
    world_run(&world, MINUTE_MS);
    need(sent_as(bo, "ann", "three", "evidential"));
    world_run(&world, MINUTE_MS);
    ok(came_as(ann, "three", "evidential") &&
            proof_of(ann, "bo").conversations == 1,
        "and both may agree again");
    world_free(&world);
}

/* Bo proposes anew, having lost all: what there was is over at once. */
static void test_proposed_anew(void)
{
    evidence_begin(9);
    agree_both();
    need(sent_as(ann, "bo", "one", "evidential"));
    world_run(&world, MINUTE_MS);
    need(ask_word(bo, CONTROL_REMOVE, "ann")->kind == CONTROL_DONE);
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(ann));
    need(ask_add(bo, "ann", card)->kind == CONTROL_CONTACT_ROWS);
    turn_on(bo, "ann");
    world_run(&world, MINUTE_MS);
    ok(contact_is(ann, "proposed-by-them"),
        "who proposes again does not know what there was, and it is over");
    turn_on(ann, "bo");
    world_run(&world, MINUTE_MS);
    ok(both_are("evidential") && sent_as(ann, "bo", "two", "evidential") &&
            proof_of(ann, "bo").conversations == 2,
        "and both may agree again");
    world_free(&world);
}

/* Signed letters whose conversation's record is gone. */
static void test_torn(void)
{
    world_init(&world, 2, 99);
    world_meet(&world);
    agree_both();
    need(sent_as(ann, "bo", "signed", "evidential"));
    world_run(&world, MINUTE_MS);
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    for (size_t i = 0; i < ann->disk.count; i++)
        if (ann->disk.files[i].kind == RECORD_ACCORD) {
            disk_delete(&ann->disk, RECORD_ACCORD, ann->disk.files[i].row);
            break;
        }
    struct answer *answer = ask_word(ann, CONTROL_UNLOCK, "ann");
    ok(answer->status == STATUS_REFUSED &&
            strstr(answer->message, "signed letter"),
        "signed letters of no conversation are named, and stop the unlock");
    world_free(&world);
}

int main(void)
{
    test_gap();
    test_damage();
    test_burning();
    test_changed_key();
    test_sent_again();
    test_held_back();
    test_forgotten();
    test_proposed_anew();
    test_torn();
    return tap_done();
}
