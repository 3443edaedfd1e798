/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invites: for one person, for one use, for a week. */
#include "tests/vault/pair.h"
#include "vault/vault_state.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];
static struct person *const cy = &world.people[2];

/* Three who do not know each other. */
static void begin(uint64_t seed)
{
    static const char *const names[] = {"ann", "bo", "cy"};
    world_init(&world, 3, seed);
    for (size_t i = 0; i < 3; i++)
        need(ask_word(&world.people[i], CONTROL_INIT, names[i])->kind ==
             CONTROL_CARD);
}

static struct answer *ask_invite(struct person *person)
{
    struct control_request request = {
        .method = CONTROL_ID, .id = 1, .invite = true};
    return person_ask(person, &request);
}

static void get_invite(
    struct person *person, char out[static INVITE_TEXT_CHARS + 1])
{
    struct answer *answer = ask_invite(person);
    need(answer->kind == CONTROL_CARD &&
         strlen(answer->card) == INVITE_TEXT_CHARS);
    strcpy(out, answer->card);
}

static struct answer *accept_first(struct person *person, const char *name)
{
    struct answer *answer = ask_word(person, CONTROL_REQUESTS, "");
    need(answer->kind == CONTROL_REQUEST_ROWS && answer->count == 1);
    char who[CONTROL_FINGERPRINT_CHARS + 1];
    strcpy(who, answer->rows[0].fingerprint);
    struct control_request request = {.method = CONTROL_ACCEPT,
        .id = 1,
        .name = span_of_text(who),
        .new_name = span_of_text(name)};
    return person_ask(person, &request);
}

static bool state_is(struct person *person, const char *state)
{
    struct answer *answer = ask_word(person, CONTROL_CONTACTS, "");
    return answer->count == 1 && strcmp(answer->rows[0].key_state, state) == 0;
}

static void test_stranger(void)
{
    char invite[INVITE_TEXT_CHARS + 1];
    begin(1);
    get_invite(ann, invite);
    lock_and_unlock(ann, "ann");
    struct answer *answer = ask_add(bo, "ann", invite);
    ok(answer->kind == CONTROL_CONTACT_ROWS &&
            strcmp(answer->rows[0].key_state, "invited") == 0 &&
            strcmp(answer->rows[0].state, "contacting") == 0,
        "whoever adds an invite begins at once, and is invited");
    need(ask_send(bo, "ann", "we met")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(ask_word(ann, CONTROL_REQUESTS, "")->count == 1 &&
            ann->answer.rows[0].invited && ann->note_letters == 0,
        "the inviter is told, when asking, that a request came through it");
    ok(disk_count(&ann->disk, RECORD_INVITE) == 0, "the invite is used up");
    lock_and_unlock(ann, "ann");
    answer = accept_first(ann, "bo");
    ok(answer->kind == CONTROL_CONTACT_ROWS && state_is(ann, "invited"),
        "accepted, they are invited at this end too");
    world_run(&world, MINUTE_MS);
    ok(strcmp(ann->last_text, "we met") == 0 &&
            bo->last_outbox == OUTBOX_DELIVERED,
        "and what they wrote comes");
    need(ask_send(ann, "bo", "we did")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(strcmp(bo->last_text, "we did") == 0, "and is answered");
    lock_and_unlock(bo, "bo");
    ok(state_is(bo, "invited"), "invited stays, over a lock");
    world_free(&world);
}

static void test_once(void)
{
    char invite[INVITE_TEXT_CHARS + 1];
    begin(2);
    get_invite(ann, invite);
    need(ask_add(bo, "ann", invite)->kind == CONTROL_CONTACT_ROWS);
    world_run(&world, MINUTE_MS);
    need(ask_add(cy, "ann", invite)->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(cy, "ann", "me too")->kind == CONTROL_SENT);
    world_run(&world, DAY_MS);
    ok(ask_word(ann, CONTROL_REQUESTS, "")->count == 1 && ann->releases == 0,
        "the second who adds an invite reaches nobody");
    world_free(&world);
}

static void test_known(void)
{
    char invite[INVITE_TEXT_CHARS + 1];
    world_init(&world, 3, 3);
    world_meet(&world);
    need(ask_send(ann, "bo", "before")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    get_invite(ann, invite);
    ok(ask_add(bo, "ann", invite)->kind == CONTROL_CONTACT_ROWS,
        "an invite of somebody known is taken");
    need(ask_send(bo, "ann", "through it")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(strcmp(ann->last_text, "through it") == 0 && state_is(ann, "invited") &&
            state_is(bo, "invited"),
        "both are invited, and letters go through it");
    need(ask_send(ann, "bo", "and back")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(strcmp(bo->last_text, "and back") == 0, "and back");
    char other[INVITE_TEXT_CHARS + 1];
    get_invite(cy, other);
    ok(ask_add(bo, "ann", other)->status == STATUS_REFUSED &&
            state_is(bo, "changed"),
        "another's invite under a known name is a changed key");
    world_free(&world);
}

static void test_expiry(void)
{
    char invite[INVITE_TEXT_CHARS + 1];
    begin(4);
    get_invite(ann, invite);
    world_run(&world, 6 * DAY_MS);
    need(ask_add(bo, "ann", invite)->kind == CONTROL_CONTACT_ROWS);
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    world_run(&world, 3 * DAY_MS);
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    world_run(&world, HOUR_MS);
    ok(ask_word(ann, CONTROL_REQUESTS, "")->count == 1,
        "what was sent to it in time is let in later");
    get_invite(ann, invite);
    world_run(&world, 8 * DAY_MS);
    ok(ask_add(cy, "ann", invite)->status == STATUS_EXPIRED,
        "after a week it cannot be added");
    world_run(&world, 16 * DAY_MS);
    ok(disk_count(&ann->disk, RECORD_INVITE) == 0, "and then it is destroyed");
    for (int i = 0; i < 32; i++)
        get_invite(ann, invite);
    ok(ask_invite(ann)->status == STATUS_FULL, "33 at once are refused");
    char last[INVITE_TEXT_CHARS + 1];
    strcpy(last, invite);
    invite[100] = invite[100] == 'a' ? 'b' : 'a';
    ok(ask_add(bo, "eve", invite)->status == STATUS_REFUSED,
        "and so is one that was damaged");
    strcpy(invite, last);
    invite[400] = invite[400] == 'a' ? 'b' : 'a';
    ok(ask_add(bo, "eve", invite)->status == STATUS_REFUSED &&
            ask_word(bo, CONTROL_CONTACTS, "")->count == 1,
        "wherever it was");
    lock_and_unlock(ann, "ann");
    ok(ask_invite(ann)->status == STATUS_FULL, "also over a lock");
    world_free(&world);
}

static const struct tags *tags_of(const struct person *person)
{
    return person->vault->opened->tags;
}

static struct answer *ask_void(struct person *person, uint64_t number)
{
    struct control_request request = {
        .method = CONTROL_INVITE_VOID, .id = 1, .number = number};
    return person_ask(person, &request);
}

static size_t invites_out(struct person *person)
{
    struct answer *answer = ask_word(person, CONTROL_INVITES, "");
    need(answer->kind == CONTROL_INVITE_ROWS && answer->next == 0);
    return answer->count;
}

/* Three are out; one is used, and one is void. */
static void test_void(void)
{
    char first[INVITE_TEXT_CHARS + 1], second[INVITE_TEXT_CHARS + 1];
    begin(5);
    get_invite(ann, first);
    get_invite(ann, second);
    need(ask_invite(ann)->kind == CONTROL_CARD);
    ok(invites_out(ann) == 3 &&
            ann->answer.rows[0].number < ann->answer.rows[1].number &&
            ann->answer.rows[1].number < ann->answer.rows[2].number,
        "invites that are out are listed");
    uint64_t used = ann->answer.rows[0].number;
    uint64_t void_ = ann->answer.rows[1].number;
    uint64_t third = ann->answer.rows[2].number;
    need(ask_add(bo, "ann", first)->kind == CONTROL_CONTACT_ROWS);
    world_run(&world, MINUTE_MS);
    ok(invites_out(ann) == 2 && ask_void(ann, used)->status == STATUS_NOT_FOUND,
        "one that was used is not");
    size_t scrubs = ann->disk.scrubs, tags = tags_count(tags_of(ann));
    ok(ask_void(ann, void_)->kind == CONTROL_DONE &&
            disk_count(&ann->disk, RECORD_INVITE) == 1 &&
            ann->disk.scrubs > scrubs && tags_count(tags_of(ann)) < tags,
        "one that is void is destroyed");
    ok(ask_void(ann, void_)->status == STATUS_NOT_FOUND &&
            ask_void(ann, 0)->status == STATUS_NOT_FOUND &&
            ask_void(ann, UINT64_C(1) << 32 | third)->status ==
                STATUS_NOT_FOUND,
        "once, and no other");
    need(ask_add(cy, "ann", second)->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(cy, "ann", "hello?")->kind == CONTROL_SENT);
    world_run(&world, DAY_MS);
    ok(ask_word(ann, CONTROL_REQUESTS, "")->count == 1 &&
            ann->answer.rows[0].invited,
        "and leads to nobody, as one that was used");
    lock_and_unlock(ann, "ann");
    ok(invites_out(ann) == 1, "over a lock, too");
    world_free(&world);
}

static bool session_is(struct person *person, const char *word)
{
    struct answer *answer = ask_word(person, CONTROL_CONTACTS, "");
    return answer->count == 1 && strcmp(answer->rows[0].state, word) == 0;
}

/* Who comes with an invite that another has used. */
static void test_unanswered(void)
{
    char invite[INVITE_TEXT_CHARS + 1];
    begin(6);
    get_invite(ann, invite);
    need(ask_add(bo, "ann", invite)->kind == CONTROL_CONTACT_ROWS);
    world_run(&world, MINUTE_MS);
    need(ask_add(cy, "ann", invite)->kind == CONTROL_CONTACT_ROWS);
    world_run(&world, 20 * DAY_MS);
    ok(session_is(cy, "contacting"), "as long as it could be answered it may");
    world_run(&world, 2 * DAY_MS);
    ok(session_is(cy, "unanswered"),
        "then who has come in vain knows that nobody will answer");
    size_t submits = cy->submits;
    world_run(&world, 2 * DAY_MS);
    ok(cy->submits == submits, "nothing is tried any more");
    ok(ask_send(cy, "ann", "hello?")->status == STATUS_EXPIRED &&
            strstr(cy->answer.message, "run out"),
        "and no letter goes where it would lead to nobody");
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(ann));
    need(ask_add(cy, "ann", card)->kind == CONTROL_CONTACT_ROWS);
    ok(ask_send(cy, "ann", "hello!")->kind == CONTROL_SENT &&
            session_is(cy, "contacting"),
        "with a fresh card it begins anew");
    world_run(&world, MINUTE_MS);
    ok(ask_word(ann, CONTROL_REQUESTS, "")->count == 1,
        "and comes to the requests");
    world_free(&world);
}

/* The session that a person writes to their only contact on, or NULL. */
static const struct session *written_on(const struct person *person)
{
    const struct opened *opened = person->vault->opened;
    const struct contact *contact = contacts_next(&opened->contacts, 0);
    return sessions_active(&opened->sessions, contact->row);
}

/* Ann and bo write to each other; bo comes by an invite of hers. */
static void test_beside_open(void)
{
    char invite[INVITE_TEXT_CHARS + 1];
    world_init(&world, 3, 7);
    world_meet(&world);
    need(ask_send(ann, "bo", "before")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    uint64_t before = written_on(bo)->row;
    get_invite(ann, invite);
    need(ask_void(ann, 1)->kind == CONTROL_DONE);
    need(ask_add(bo, "ann", invite)->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(bo, "ann", "as ever")->kind == CONTROL_SENT);
    world_run(&world, DAY_MS);
    ok(strcmp(ann->last_text, "as ever") == 0 &&
            bo->last_outbox == OUTBOX_DELIVERED &&
            written_on(bo)->row == before,
        "a void invite takes no session's place that is open");
    world_run(&world, 21 * DAY_MS + HOUR_MS);
    ok(disk_count(&bo->disk, RECORD_SESSION) == 1,
        "and what was begun in vain is dropped when nobody can answer it");
    get_invite(ann, invite);
    need(ask_add(bo, "ann", invite)->kind == CONTROL_CONTACT_ROWS);
    ok(written_on(bo)->row == before, "one that is good does not at once");
    lock_and_unlock(bo, "bo");
    size_t notes = ann->note_sessions, theirs = bo->note_sessions;
    world_run(&world, MINUTE_MS);
    ok(written_on(bo)->row != before &&
            memcmp(written_on(bo)->ephemeral, written_on(ann)->ephemeral, 32) ==
                0,
        "but when it is answered, at both ends");
    ok(ann->note_sessions == notes + 1 && bo->note_sessions == theirs + 1,
        "which both are told, once");
    need(ask_send(bo, "ann", "anew")->kind == CONTROL_SENT);
    need(ask_send(ann, "bo", "and back")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(strcmp(ann->last_text, "anew") == 0 &&
            strcmp(bo->last_text, "and back") == 0,
        "and letters go both ways");
    world_free(&world);
}

/* All that ann says to bo in letters is lost; her receipt is not. */
static void test_receipt_alone(void)
{
    char invite[INVITE_TEXT_CHARS + 1];
    world_init(&world, 3, 8);
    world_meet(&world);
    need(ask_send(ann, "bo", "before")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    uint64_t before = written_on(bo)->row;
    get_invite(ann, invite);
    need(ask_add(bo, "ann", invite)->kind == CONTROL_CONTACT_ROWS);
    size_t submits = ann->submits;
    while (ann->submits == submits)
        world_run(&world, 1);
    for (size_t i = 0; i < world.flight_count; i++)
        if (world.flights[i].type == PORT_ENVELOPE)
            world.flights[i].at_ms = UINT64_MAX;
    world_run(&world, MINUTE_MS);
    ok(written_on(bo)->row != before,
        "that what went through it was received is answer enough");
    world_free(&world);
}

int main(void)
{
    test_receipt_alone();
    test_beside_open();
    test_void();
    test_unanswered();
    test_stranger();
    test_once();
    test_known();
    test_expiry();
    return tap_done();
}
