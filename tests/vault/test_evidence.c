/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters become evidence by consent of both, and stop being it by either;
 * what each side is shown, and what a transcript of it proves. */
#include "tests/vault/evidence.h"
#include "vault/vault_state.h"

static void test_consent(void)
{
    evidence_begin(1);
    ok(contact_is(ann, "deniable") && came_as(bo, "hello", "deniable"),
        "letters are deniable, and shown as that, until it is agreed");
    struct answer *answer = turn_on(ann, "bo");
    ok(answer->kind == CONTROL_EVIDENCE_STATE &&
            strcmp(answer->evidence.change, "proposed") == 0 &&
            told(ann, "proposed", false),
        "one proposes");
    world_run(&world, MINUTE_MS);
    ok(contact_is(ann, "proposed-by-you") && contact_is(bo, "proposed-by-them"),
        "both are shown that, and by whom");
    ok(told(bo, "proposed", true), "and the other is told");
    ok(sent_as(ann, "bo", "before", "deniable") &&
            sent_as(bo, "ann", "before too", "deniable"),
        "a proposal alone changes nothing");
    world_run(&world, MINUTE_MS);
    lock_and_unlock(ann, "ann");
    lock_and_unlock(bo, "bo");
    answer = turn_on(bo, "ann");
    ok(strcmp(answer->evidence.change, "accepted") == 0 &&
            contact_is(bo, "evidential") && contact_is(ann, "proposed-by-you"),
        "the other accepts, and is the first to know");
    ok(sent_as(ann, "bo", "crossing", "deniable"),
        "what is written before one knows is deniable");
    world_run(&world, MINUTE_MS);
    ok(contact_is(ann, "evidential") && told(ann, "accepted", true),
        "then both know");
    ok(sent_as(ann, "bo", "signed", "evidential") &&
            sent_as(bo, "ann", "signed too", "evidential"),
        "and what they write is evidence, as send says");
    world_run(&world, MINUTE_MS);
    ok(came_as(bo, "signed", "evidential") &&
            find_text(bo, "signed")->number == 1 &&
            came_as(ann, "signed too", "evidential"),
        "and the reader is shown, with its number");
    ok(came_as(bo, "crossing", "deniable") && came_as(bo, "before", "deniable"),
        "while each letter stays what it was written as");
    answer = ask_word(ann, CONTROL_OUTBOX, "");
    size_t evidential = 0;
    for (size_t i = 0; i < answer->count; i++)
        evidential += strcmp(answer->rows[i].evidence, "evidential") == 0;
    ok(answer->count == 4 && evidential == 1, "the outbox shows it, too");
    lock_and_unlock(ann, "ann");
    lock_and_unlock(bo, "bo");
    ok(both_are("evidential") && came_as(bo, "signed", "evidential"),
        "all of it stays over a lock");
    size_t notes = ann->note_accords;
    ok(strcmp(turn_on(ann, "bo")->evidence.change, "none") == 0 &&
            ann->note_accords == notes,
        "agreeing again is nothing new");
    world_free(&world);
}

static void test_end(void)
{
    evidence_begin(2);
    agree_both();
    need(sent_as(ann, "bo", "one", "evidential"));
    need(sent_as(bo, "ann", "two", "evidential"));
    world_run(&world, MINUTE_MS);
    world.deaf = true; /* what bo says now goes out later */
    need(sent_as(bo, "ann", "late", "evidential"));
    world.deaf = false;
    struct answer *answer = turn_off(ann, "bo");
    ok(strcmp(answer->evidence.change, "ended") == 0 &&
            contact_is(ann, "deniable") &&
            sent_as(ann, "bo", "off the record", "deniable"),
        "either ends it, at once");
    world_run(&world, MINUTE_MS);
    ok(contact_is(bo, "deniable") && told(bo, "ended", true) &&
            sent_as(bo, "ann", "off it here, too", "deniable"),
        "and the other is shown, and writes so too");
    struct vault_event event = {.kind = VAULT_PORT_UP};
    person_step(bo, &event);
    run_errands(bo);
    world_run(&world, MINUTE_MS);
    ok(came_as(ann, "late", "evidential") &&
            came_as(ann, "off it here, too", "deniable") &&
            came_as(bo, "off the record", "deniable"),
        "a letter under way keeps what it is");
    struct proof proof = proof_of(ann, "bo");
    ok(proof.status == STATUS_OK && proof.conversations == 1 &&
            proof.sides[0].letters == 1 && proof.sides[1].letters == 2 &&
            proof.sides[0].is_closed && proof.sides[1].is_closed,
        "both have signed that it is over");
    ok(proof_of(bo, "ann").status == STATUS_OK, "at either end");
    agree_both();
    need(sent_as(ann, "bo", "again", "evidential"));
    world_run(&world, MINUTE_MS);
    ok(came_as(bo, "again", "evidential") &&
            find_text(bo, "again")->number == 1 &&
            proof_of(bo, "ann").conversations == 2,
        "they may agree again, which is another conversation");
    answer = ask_word(bo, CONTROL_EVIDENCE, "ann");
    ok(answer->evidence.received == 2 && answer->evidence.written == 2 &&
            answer->evidence.missing == 0,
        "what there is of both is counted");
    turn_off(ann, "bo");
    turn_off(bo, "ann");
    world_run(&world, MINUTE_MS);
    proof = proof_of(ann, "bo");
    ok(both_are("deniable") && proof.status == STATUS_OK &&
            proof.sides[0].is_closed && proof.sides[1].is_closed,
        "both may end it at once");
    world_free(&world);
}

static void test_no(void)
{
    evidence_begin(3);
    turn_on(ann, "bo");
    world_run(&world, MINUTE_MS);
    struct answer *answer = turn_off(bo, "ann");
    ok(strcmp(answer->evidence.change, "declined") == 0, "one may decline");
    world_run(&world, MINUTE_MS);
    ok(both_are("deniable") && told(ann, "declined", true),
        "and the proposer is told");
    turn_on(ann, "bo");
    world_run(&world, MINUTE_MS);
    answer = turn_off(ann, "bo");
    ok(strcmp(answer->evidence.change, "withdrawn") == 0, "or take it back");
    world_run(&world, MINUTE_MS);
    ok(both_are("deniable") && told(bo, "withdrawn", true),
        "and the other is told");
    turn_on(ann, "bo");
    world_run(&world, MINUTE_MS);
    turn_on(bo, "ann");
    turn_off(ann, "bo"); /* their acceptance is on its way */
    need(sent_as(bo, "ann", "too soon", "evidential"));
    world_run(&world, MINUTE_MS);
    ok(both_are("deniable") && told(bo, "broken", true),
        "an acceptance of what was taken back meanwhile ends at both ends");
    ok(came_as(ann, "too soon", "unproven"),
        "and what was signed under it is shown as no evidence");
    turn_on(ann, "bo");
    world_run(&world, 13 * DAY_MS);
    ok(contact_is(bo, "proposed-by-them"), "a proposal waits for an answer");
    world_run(&world, 2 * DAY_MS);
    ok(both_are("deniable") && told(ann, "lapsed", false) &&
            told(bo, "lapsed", true),
        "for 14 days, and lapses at both ends");
    ok(disk_count(&ann->disk, RECORD_ACCORD) == 0 &&
            disk_count(&ann->disk, RECORD_PLACE) == 0 &&
            proof_of(ann, "bo").status == STATUS_NOT_FOUND,
        "with nothing signed there is nothing to show");
    world_free(&world);
}

static void test_crossing(void)
{
    size_t apart = 0, wrong = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        evidence_begin(100 + seed);
        world.double_percent = 30;
        turn_on(ann, "bo");
        turn_on(bo, "ann");
        world_run(&world, MINUTE_MS);
        world_run(&world, MINUTE_MS);
        apart += !both_are("evidential");
        char id[CONTROL_ACCORD_CHARS + 1];
        strcpy(
            id, ask_word(ann, CONTROL_EVIDENCE, "bo")->evidence.conversation);
        apart +=
            strcmp(id,
                ask_word(bo, CONTROL_EVIDENCE, "ann")->evidence.conversation) !=
            0;
        wrong += !sent_as(ann, "bo", "x", "evidential") ||
                 !sent_as(bo, "ann", "y", "evidential");
        world_run(&world, MINUTE_MS);
        wrong += !came_as(bo, "x", "evidential") ||
                 !came_as(ann, "y", "evidential") ||
                 proof_of(ann, "bo").status != STATUS_OK;
        world_free(&world);
    }
    ok(apart == 0, "proposals that cross are one agreement, the same for both");
    ok(wrong == 0, "in which both write");
}

static void test_bad_mesh(void)
{
    enum { MANY = 120 };
    evidence_begin(4);
    agree_both();
    world.loss_percent = 15;
    world.double_percent = 15;
    for (size_t i = 0; i < MANY; i++) {
        char text[32];
        snprintf(text, sizeof(text), "n%zu", i);
        need(sent_as(
            i % 3 ? ann : bo, i % 3 ? "bo" : "ann", text, "evidential"));
        world_run(&world, 2500);
    }
    for (int i = 0; i < 10; i++) {
        world_run(&world, 6 * HOUR_MS);
        for (size_t who = 0; who < 2; who++) {
            struct vault_event event = {.kind = VAULT_PORT_UP};
            person_step(&world.people[who], &event);
            run_errands(&world.people[who]);
        }
    }
    size_t wrong = 0;
    for (size_t i = 0; i < MANY; i++) {
        char text[32];
        snprintf(text, sizeof(text), "n%zu", i);
        wrong += !came_as(i % 3 ? bo : ann, text, "evidential");
    }
    ok(wrong == 0, "over a mesh that loses, doubles and reorders, each letter "
                   "is evidence");
    struct proof hers = proof_of(ann, "bo"), his = proof_of(bo, "ann");
    ok(hers.status == STATUS_OK && his.status == STATUS_OK &&
            hers.sides[0].letters == 80 && his.sides[1].letters == 40 &&
            hers.sides[0].missing + his.sides[0].missing +
                    hers.sides[1].missing + his.sides[1].missing ==
                0,
        "and the transcripts of both are whole");
    world_free(&world);
}

/* Blocked, removed, and somebody who is not there. */
static void test_contacts(void)
{
    evidence_begin(7);
    ok(turn_on(ann, "cy")->status == STATUS_NOT_FOUND,
        "somebody unknown is not asked");
    ask_word(ann, CONTROL_BLOCK, "bo");
    ok(turn_on(ann, "bo")->status == STATUS_REFUSED, "nor somebody blocked");
    turn_on(bo, "ann");
    world_run(&world, MINUTE_MS);
    ok(contact_is(ann, "deniable"), "whose proposal is not heard");
    ask_word(ann, CONTROL_UNBLOCK, "bo");
    world_run(&world, MINUTE_MS);
    ok(contact_is(ann, "proposed-by-them"), "until the block is ended");
    turn_on(ann, "bo");
    world_run(&world, MINUTE_MS);
    need(both_are("evidential"));
    need(sent_as(bo, "ann", "kept", "evidential"));
    world_run(&world, MINUTE_MS);
    ask_word(ann, CONTROL_BLOCK, "bo");
    ok(turn_off(ann, "bo")->status == STATUS_REFUSED &&
            is_state(ann, "bo", "evidential"),
        "and nothing is ended behind one, since they would be told");
    ask_word(ann, CONTROL_UNBLOCK, "bo");
    need(ask_word(ann, CONTROL_REMOVE, "bo")->kind == CONTROL_DONE);
    ok(disk_count(&ann->disk, RECORD_ACCORD) == 0 &&
            disk_count(&ann->disk, RECORD_PLACE) == 0 &&
            disk_count(&ann->disk, RECORD_PLACE_BODY) == 0,
        "with a contact all that was signed is removed");
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(bo));
    need(ask_add(ann, "bo", card)->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(ann, "bo", "who are you")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(sent_as(bo, "ann", "you know me", "evidential"));
    world_run(&world, MINUTE_MS);
    ok(came_as(ann, "you know me", "unproven"),
        "what is signed under what one knows nothing of is no evidence");
    ok(is_state(bo, "ann", "deniable") && told(bo, "broken", true),
        "and its writer is told that");
    ok(proof_of(bo, "ann").status == STATUS_OK, "who keeps what was signed");
    world_free(&world);
}

static struct answer *send_if(const char *text, const char *evidence)
{
    struct control_request request = {.method = CONTROL_SEND,
        .id = 1,
        .name = span_of_text("bo"),
        .text = span_of_text(text),
        .evidence = span_of_text(evidence)};
    return person_ask(ann, &request);
}

static void test_guards(void)
{
    world_init(&world, 2, 11);
    world_meet(&world);
    ok(send_if("no", "evidential")->status == STATUS_REFUSED &&
            strstr(ann->answer.message, "are deniable") &&
            send_if("yes", "deniable")->kind == CONTROL_SENT,
        "what must be evidential is not sent while letters are deniable");
    need(turn_on(ann, "bo")->kind == CONTROL_EVIDENCE_STATE);
    world_run(&world, MINUTE_MS);
    ok(send_if("no", "evidential")->status == STATUS_REFUSED,
        "nor when it is proposed alone");
    need(turn_on(bo, "ann")->kind == CONTROL_EVIDENCE_STATE);
    world_run(&world, MINUTE_MS);
    ok(send_if("signed", "evidential")->kind == CONTROL_SENT &&
            send_if("no", "deniable")->status == STATUS_REFUSED &&
            strstr(ann->answer.message, "are evidential"),
        "and what must be deniable is not while they are evidential");
    ok(send_if("no", "either")->status == STATUS_REFUSED &&
            strstr(ann->answer.message, "evidential or deniable"),
        "another word is refused");
    world_run(&world, MINUTE_MS);
    ok(came_as(bo, "yes", "deniable") && came_as(bo, "signed", "evidential") &&
            !find_text(bo, "no"),
        "and nothing came but what was to");
    world_free(&world);
}

int main(void)
{
    test_consent();
    test_end();
    test_no();
    test_crossing();
    test_bad_mesh();
    test_contacts();
    test_guards();
    return tap_done();
}
