/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A contact whose program lies: no letter of theirs makes anything evidential
 * that the other has not agreed to, or deniable what was signed; and what comes
 * twice is one. */
#include "tests/vault/evidence.h"
#include "vault/vault_state.h"

static const struct contact *only_contact(const struct person *person)
{
    return rows_at(&person->vault->opened->contacts.rows, 0);
}

static struct accord *current(const struct person *person)
{
    struct accord *accord = accords_current(
        &person->vault->opened->accords, only_contact(person)->row);
    need(accord);
    return accord;
}

/* Have a person's vault post a letter of its program's own making. */
static void post(struct person *person, struct letter *letter)
{
    struct vault_effects effects;
    struct opened *opened = person->vault->opened;
    struct step step = {.now_ms = world.now_ms,
        .clock_s = world.clock_s,
        .now_h = (uint32_t)(world.clock_s / HOUR_S),
        .config = &world.config,
        .random = &person->random.base,
        .effects = &effects,
        .tickets = &person->vault->tickets};
    vault_effects_init(&effects);
    vault_enter(&step, opened);
    random_fill(step.random, letter->id.bytes, sizeof(letter->id.bytes));
    if (!letter->sent_at_s)
        letter->sent_at_s = world.clock_s;
    letter->expires_h = step.now_h + 24;
    need(vault_post(opened, &step, only_contact(person), letter, false) ==
         STATUS_OK);
    for (size_t i = 0; i < effects.count; i++)
        perform(person, &effects.list[i]);
    vault_effects_free(&effects);
    world_run(&world, MINUTE_MS);
}

static void post_of(
    struct person *person, enum letter_type type, const struct evidence_id *id)
{
    struct letter letter = {.type = type};
    letter.evidence.conversation = *id;
    if (type == LETTER_SIGNED || type == LETTER_END)
        letter.evidence.number = 1;
    if (type == LETTER_SIGNED)
        letter.text = span_of_text("forged");
    post(person, &letter);
}

/* Bo answers his own proposal. */
static void test_own_acceptance(void)
{
    static const enum letter_type types[] = {
        LETTER_ACCEPT, LETTER_SIGNED, LETTER_END};
    evidence_begin(1);
    turn_on(bo, "ann");
    world_run(&world, MINUTE_MS);
    struct evidence_id id = current(bo)->id;
    memset(id.bytes + EVIDENCE_HALF_BYTES, 7, EVIDENCE_HALF_BYTES);
    for (size_t i = 0; i < 3; i++)
        post_of(bo, types[i], &id);
    ok(is_state(ann, "bo", "proposed-by-them"),
        "nobody accepts their own proposal for the other");
    ok(came_as(ann, "forged", "unproven"),
        "and what is signed under it is no evidence");
    struct answer *answer = ask_send(ann, "bo", "still deniable");
    ok(strcmp(answer->sent.evidence, "deniable") == 0 &&
            disk_count(&ann->disk, RECORD_PLACE) == 0,
        "nothing was signed");
    world_free(&world);
}

static void test_repeats(void)
{
    evidence_begin(2);
    turn_on(ann, "bo");
    struct evidence_id mine = current(ann)->id;
    world_run(&world, MINUTE_MS);
    post_of(bo, LETTER_PROPOSE, &mine);
    ok(is_state(ann, "bo", "proposed-by-you"),
        "one's own proposal that comes back is none of theirs");
    struct evidence_id id = mine, other = mine;
    memset(id.bytes + EVIDENCE_HALF_BYTES, 7, EVIDENCE_HALF_BYTES);
    memset(other.bytes + EVIDENCE_HALF_BYTES, 8, EVIDENCE_HALF_BYTES);
    post_of(bo, LETTER_ACCEPT, &id);
    need(is_state(ann, "bo", "evidential"));
    post_of(bo, LETTER_ACCEPT, &other);
    post_of(bo, LETTER_SIGNED, &other);
    ok(evidence_id_equal(&current(ann)->id, &id) &&
            came_as(ann, "forged", "unproven"),
        "one proposal is accepted once");
    world_run(&world, MINUTE_MS);
    post_of(bo, LETTER_PROPOSE, &mine);
    ok(is_state(ann, "bo", "evidential"),
        "and ends no conversation when it comes again");
    struct evidence_id unknown = {{1, 2, 3}};
    post_of(bo, LETTER_NONE, &unknown);
    ok(is_state(ann, "bo", "evidential"),
        "nor does it end by what is said of another");
    world_free(&world);
}

/* Bo's signature fails once. */
static void test_bad_signature(void)
{
    evidence_begin(3);
    agree_both();
    struct opened *opened = bo->vault->opened;
    struct letter letter = {.type = LETTER_SIGNED,
        .sent_at_s = world.clock_s,
        .text = span_of_text("forged")};
    need(accords_sign(&opened->accords, current(bo), &opened->identity,
             &letter) == STATUS_OK);
    letter.evidence.signature[5] ^= 1;
    post(bo, &letter);
    ok(came_as(ann, "forged", "unproven") &&
            strcmp(ann->last_evidence, "unproven") == 0,
        "a letter whose signature does not hold is shown as that");
    need(ask_send(bo, "ann", "true")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(came_as(ann, "true", "evidential") && is_state(ann, "bo", "evidential"),
        "and makes the next one no worse");
    struct proof proof = proof_of(ann, "bo");
    ok(proof.status == STATUS_OK && proof.sides[1].letters == 1,
        "nor is it in a transcript");
    world_free(&world);
}

static size_t count_text(struct person *person, const char *text)
{
    struct answer *answer = ask_read_all(person);
    size_t count = 0;
    for (size_t i = 0; i < answer->count; i++)
        count += strcmp(answer->rows[i].text, text) == 0;
    return count;
}

/* What came once comes again, sealed anew for another session. */
static void test_sealed_anew(void)
{
    evidence_begin(4);
    agree_both();
    size_t opened_before = ann->note_letters;
    need(ask_send(bo, "ann", "once")->kind == CONTROL_SENT);
    world_run(&world, 2);
    need(ann->note_letters == opened_before + 1);
    turn_off(bo, "ann");
    world_run(&world, 2);
    world.loss_percent = 100; /* ann's receipts are lost */
    world_run(&world, MINUTE_MS);
    world.loss_percent = 0;
    struct control_request request = {
        .method = CONTROL_ID, .id = 1, .invite = true};
    char invite[INVITE_TEXT_CHARS + 1];
    strcpy(invite, person_ask(bo, &request)->card);
    need(ask_add(ann, "bo", invite)->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(ann, "bo", "anew")->kind == CONTROL_SENT);
    size_t submits = bo->submits, notes = ann->note_accords;
    world_run(&world, MINUTE_MS);
    need(bo->submits >= submits + 2);
    ok(count_text(ann, "once") == 1 && came_as(ann, "once", "evidential"),
        "a signed letter that comes in two envelopes is shown once");
    ok(ann->note_accords == notes && proof_of(ann, "bo").status == STATUS_OK,
        "and an end is told once");
    world_free(&world);
}

/* There is no room for one conversation more. */
static void test_full(void)
{
    evidence_begin(5);
    agree_both();
    struct rows *rows = &ann->vault->opened->accords.rows;
    rows->maximum = rows->count;
    struct evidence_id id = {{4, 4, 4}};
    post_of(bo, LETTER_PROPOSE, &id);
    world_run(&world, MINUTE_MS);
    ok(is_state(ann, "bo", "deniable") &&
            strcmp(ann->last_change, "broken") == 0,
        "what there was is over with a new proposal, also when that has no "
        "room, and its end is told");
    struct answer *answer = turn_on(ann, "bo");
    ok(answer->status == STATUS_FULL && strstr(answer->message, "limit is 1"),
        "and none is begun here, with the numbers");
    ok(is_state(bo, "ann", "evidential"), "whoever lies fools himself alone");
    need(ask_send(bo, "ann", "late")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(came_as(ann, "late", "evidential"),
        "what they still sign is what it is");
    world_free(&world);
}

/* Of two proposals that cross, the one with the lower half is the agreement. */
static void test_lower_half(void)
{
    size_t wrong = 0;
    for (uint64_t seed = 10; seed < 18; seed++) {
        evidence_begin(seed);
        turn_on(ann, "bo");
        turn_on(bo, "ann");
        struct evidence_id hers = current(ann)->id, his = current(bo)->id;
        bool is_hers = memcmp(hers.bytes, his.bytes, EVIDENCE_HALF_BYTES) < 0;
        world_run(&world, MINUTE_MS);
        wrong +=
            memcmp(current(ann)->id.bytes, is_hers ? hers.bytes : his.bytes,
                EVIDENCE_HALF_BYTES) != 0 ||
            current(ann)->is_ours != is_hers;
        world_free(&world);
    }
    ok(wrong == 0, "of two proposals that cross the lower half's is accepted");
}

int main(void)
{
    test_own_acceptance();
    test_repeats();
    test_bad_signature();
    test_sealed_anew();
    test_full();
    test_lower_half();
    return tap_done();
}
