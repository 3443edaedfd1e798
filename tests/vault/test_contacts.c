/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person decides about people: comparing keys, keys that change, names
 * that could mean two, blocking and removing. */
#include "crypto/identity.h"
#include "proto/card.h"
#include "tests/vault/pair.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];
static struct person *const cy = &world.people[2];

static void meet(uint64_t seed)
{
    world_init(&world, 3, seed);
    world_meet(&world);
}

static struct answer *ask_confirm(struct person *person, const char *name)
{
    struct control_request request = {.method = CONTROL_VERIFY,
        .id = 1,
        .name = span_of_text(name),
        .confirm = true};
    return person_ask(person, &request);
}

static struct answer *ask_rename(
    struct person *person, const char *name, const char *new_name)
{
    struct control_request request = {.method = CONTROL_RENAME,
        .id = 1,
        .name = span_of_text(name),
        .new_name = span_of_text(new_name)};
    return person_ask(person, &request);
}

/* The one contact there is. */
static struct row *only_contact(struct person *person)
{
    struct answer *answer = ask_word(person, CONTROL_CONTACTS, "");
    need(answer->kind == CONTROL_CONTACT_ROWS && answer->count == 1);
    return &answer->rows[0];
}

static bool is_refused(const struct answer *answer, enum status status)
{
    if (answer->kind == CONTROL_ERROR && answer->status == status)
        return true;
    printf("# kind %d, status %d: %s\n", (int)answer->kind, (int)answer->status,
        answer->message);
    return false;
}

static void test_safety(void)
{
    meet(1);
    char number[CONTROL_SAFETY_CHARS + 1];
    struct answer *answer = ask_word(ann, CONTROL_VERIFY, "bo");
    need(answer->kind == CONTROL_SAFETY);
    strcpy(number, answer->safety.number);
    ok(strspn(number, "0123456789") == 60, "a safety number is 60 digits");
    ok(!answer->safety.confirmed &&
            strcmp(only_contact(ann)->key_state, "unverified") == 0,
        "to see it confirms nothing");
    answer = ask_word(bo, CONTROL_VERIFY, "ann");
    ok(strcmp(answer->safety.number, number) == 0, "both ends see the same");
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(ann));
    need(ask_add(cy, "ann", card)->kind == CONTROL_CONTACT_ROWS);
    answer = ask_word(cy, CONTROL_VERIFY, "ann");
    ok(strcmp(answer->safety.number, number) != 0,
        "and another pair another one");
    ok(ask_confirm(ann, "bo")->safety.confirmed &&
            strcmp(only_contact(ann)->key_state, "verified") == 0,
        "a confirmed key is verified");
    lock_and_unlock(ann, "ann");
    ok(strcmp(only_contact(ann)->key_state, "verified") == 0,
        "also over a lock");
    ok(is_refused(ask_word(ann, CONTROL_VERIFY, "eve"), STATUS_NOT_FOUND),
        "nobody's number is refused");
    world_free(&world);
}

/* Ann knows bo; then a card of cy's comes under bo's name. */
static void offer(void)
{
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(cy));
    char known[CONTROL_FINGERPRINT_CHARS + 1];
    strcpy(known, only_contact(ann)->fingerprint);
    struct answer *answer = ask_add(ann, "bo", card);
    ok(is_refused(answer, STATUS_REFUSED),
        "another key under a known name is refused");
    char groups[9] = {0};
    memcpy(groups, known, 8);
    bool has_known = strstr(answer->message, groups) != NULL;
    struct row *row = only_contact(ann);
    memcpy(groups, row->offered, 8);
    ok(has_known && strlen(row->offered) == 64 &&
            strcmp(row->key_state, "changed") == 0 &&
            strcmp(row->fingerprint, known) == 0,
        "the contact is marked as changed, and keeps its key");
    need(ask_add(ann, "bo", card)->kind == CONTROL_ERROR);
    ok(strstr(ann->answer.message, groups) &&
            strstr(ann->answer.message, known) == NULL,
        "the refusal has both fingerprints, in groups");
}

static void test_changed(void)
{
    meet(2);
    need(ask_send(ann, "bo", "before")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    offer();
    ok(is_refused(ask_send(ann, "bo", "stopped"), STATUS_REFUSED),
        "sending stops");
    lock_and_unlock(ann, "ann");
    ok(is_refused(ask_send(ann, "bo", "stopped"), STATUS_REFUSED),
        "also over a lock");
    need(ask_send(bo, "ann", "from the known key")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(strcmp(ann->last_text, "from the known key") == 0,
        "letters from the known key still come");
    size_t submits = ann->submits;
    ask_read_all(ann);
    struct control_request request = {.method = CONTROL_READ, .id = 1};
    need(person_ask(ann, &request)->kind == CONTROL_LETTER_ROWS);
    world_run(&world, MINUTE_MS);
    ok(ann->submits == submits, "but nothing is said to it, not even of that");
    ok(ask_word(ann, CONTROL_DECLINE, "bo")->kind == CONTROL_DONE &&
            strcmp(only_contact(ann)->key_state, "unverified") == 0,
        "the other key is declined");
    ok(is_refused(ask_word(ann, CONTROL_DECLINE, "bo"), STATUS_NOT_FOUND),
        "which can be done once");
    need(ask_send(ann, "bo", "after")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(strcmp(bo->last_text, "after") == 0 && cy->note_letters == 0,
        "and letters go to the known key again");
    world_free(&world);
}

/* Each offer stands by itself. */
static void test_offers(void)
{
    struct card cards[2];
    char text[CARD_TEXT_CHARS + 1];
    struct random_seeded random;
    random_seeded_init(&random, 5, 5);
    meet(9);
    strcpy(text, person_card(cy));
    need(ask_add(ann, "cy", text)->kind == CONTROL_CONTACT_ROWS);
    static const char *const names[] = {"bo", "cy"};
    for (size_t i = 0; i < 2; i++) {
        struct identity identity;
        struct prekey prekey;
        identity_generate(&identity, &random.base);
        prekey_generate(&prekey, 1, 600000, &random.base);
        card_make(&identity, &prekey, &cards[i]);
        card_to_text(&cards[i], text);
        need(is_refused(ask_add(ann, names[i], text), STATUS_REFUSED));
    }
    card_to_text(&cards[0], text);
    need(ask_add(ann, "dee", text)->kind == CONTROL_CONTACT_ROWS);
    struct answer *answer = ask_word(ann, CONTROL_CONTACTS, "");
    need(answer->count == 3);
    for (size_t i = 0; i < 3; i++)
        ok(strcmp(answer->rows[i].key_state,
               strcmp(answer->rows[i].name, "cy") == 0 ? "changed"
                                                       : "unverified") == 0,
            strcmp(answer->rows[i].name, "cy") == 0
                ? "an offer that is not taken stays"
                : "one that turns out to be another's is forgotten");
    ok(is_refused(ask_word(ann, CONTROL_DECLINE, "bo"), STATUS_NOT_FOUND) &&
            ask_word(ann, CONTROL_DECLINE, "cy")->kind == CONTROL_DONE,
        "each is declined by its name");
    world_free(&world);
}

static void test_nobody(void)
{
    meet(10);
    ok(is_refused(ask_send(ann, "somebody else", "x"), STATUS_NOT_FOUND),
        "a long name is the beginning of nobody's fingerprint");
    ok(is_refused(ask_send(ann, "bo\x1b[2J", "x"), STATUS_NOT_FOUND) &&
            !strchr(ann->answer.message, 0x1b),
        "a name that could move a cursor is not repeated");
    world_free(&world);
}

static void test_taken(void)
{
    meet(3);
    world.down = true;
    need(ask_send(ann, "bo", "under way")->kind == CONTROL_SENT);
    offer();
    struct answer *answer = ask_word(ann, CONTROL_VERIFY, "bo");
    ok(strcmp(answer->safety.fingerprint, answer->safety.known) != 0,
        "the number shown is that of the new key, and says so");
    char number[CONTROL_SAFETY_CHARS + 1];
    strcpy(number, answer->safety.number);
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(ann));
    need(ask_add(cy, "ann", card)->kind == CONTROL_CONTACT_ROWS);
    ok(strcmp(ask_word(cy, CONTROL_VERIFY, "ann")->safety.number, number) == 0,
        "the new key's owner sees the same");
    world.down = false;
    size_t releases = ann->releases;
    ok(ask_confirm(ann, "bo")->safety.confirmed &&
            strcmp(only_contact(ann)->key_state, "verified") == 0 &&
            strlen(only_contact(ann)->offered) == 0,
        "confirmed, it takes the known one's place");
    ok(ann->releases == releases + 1,
        "what was sealed for the one before is recalled");
    ask_word(ann, CONTROL_LOCK, "");
    ask_word(ann, CONTROL_UNLOCK, "ann");
    world_run(&world, HOUR_MS);
    ok(strcmp(cy->last_text, "under way") == 0 && bo->note_letters == 0,
        "a letter that was under way goes to the new key alone");
    ok(ann->last_outbox == OUTBOX_DELIVERED, "and is confirmed");
    world_free(&world);
}

static void test_other(void)
{
    meet(4);
    offer();
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(cy));
    ok(ask_add(ann, "cy", card)->kind == CONTROL_CONTACT_ROWS,
        "the card is added under a name of its own");
    need(ask_send(ann, "bo", "to bo")->kind == CONTROL_SENT);
    need(ask_send(ann, "cy", "to cy")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(strcmp(bo->last_text, "to bo") == 0 && cy->note_letters == 0,
        "then the first is nobody else's any more");
    world_free(&world);
}

static void test_names(void)
{
    meet(5);
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(cy));
    ok(is_refused(ask_add(ann, "BO", card), STATUS_EXISTS),
        "a name that differs in capitals alone is refused");
    char prefix[9] = {0};
    memcpy(prefix, only_contact(ann)->fingerprint, 8);
    ok(ask_send(ann, prefix, "by fingerprint")->kind == CONTROL_SENT,
        "eight digits of a fingerprint mean a person");
    prefix[7] = '\0';
    ok(is_refused(ask_send(ann, prefix, "x"), STATUS_NOT_FOUND),
        "seven do not");
    memcpy(prefix, only_contact(ann)->fingerprint, 8);
    need(ask_add(ann, prefix, card)->kind == CONTROL_CONTACT_ROWS);
    struct answer *answer = ask_send(ann, prefix, "x");
    ok(is_refused(answer, STATUS_AMBIGUOUS) && strstr(answer->message, "bo ("),
        "a word that could mean two is refused, with both");
    ok(is_refused(ask_rename(ann, "bo", prefix), STATUS_EXISTS),
        "a name that is taken is no new name");
    ok(is_refused(ask_rename(ann, "bo", " "), STATUS_INVALID),
        "nor is a bad one");
    ok(ask_rename(ann, "bo", "Bo")->kind == CONTROL_CONTACT_ROWS &&
            ask_send(ann, "Bo", "x")->kind == CONTROL_SENT &&
            is_refused(ask_send(ann, "bo", "x"), STATUS_NOT_FOUND),
        "after a rename the new name alone is known");
    lock_and_unlock(ann, "ann");
    ok(ask_send(ann, "Bo", "x")->kind == CONTROL_SENT, "also over a lock");
    world_free(&world);
}

static bool has_receipts(struct person *person, const char *word)
{
    return strcmp(only_contact(person)->receipts, word) == 0;
}

/* Bo writes some letters, one after another; how many are confirmed within
 * the minute after each? */
static size_t count_prompt(size_t letters)
{
    size_t prompt = 0;
    for (size_t i = 0; i < letters; i++) {
        size_t releases = ann->releases;
        need(ask_send(bo, "ann", "a letter")->kind == CONTROL_SENT);
        world_run(&world, MINUTE_MS);
        prompt += ann->releases > releases;
        world_run(&world, 7 * HOUR_MS);
        need(ann->releases > releases);
    }
    return prompt;
}

static void test_pace(void)
{
    enum { LETTERS = 12 };
    meet(12);
    ok(strcmp(ask_receipts(ann, "bo", "")->rows[0].receipts, "default") == 0 &&
            count_prompt(LETTERS) == LETTERS,
        "by default letters are confirmed as it is configured");
    ok(strcmp(ask_receipts(ann, "bo", "discreet")->rows[0].receipts,
           "discreet") == 0 &&
            has_receipts(ann, "discreet"),
        "a contact's can be discreet");
    lock_and_unlock(ann, "ann");
    ok(has_receipts(ann, "discreet"), "also over a lock");
    ok(count_prompt(LETTERS) <= LETTERS / 4,
        "then they are confirmed about half an hour later");
    ok(is_refused(ask_receipts(ann, "bo", "soon"), STATUS_INVALID) &&
            strstr(ann->answer.message, "prompt, discreet or default") &&
            has_receipts(ann, "discreet"),
        "another word is refused, with those there are");
    ok(is_refused(ask_receipts(ann, "eve", "discreet"), STATUS_NOT_FOUND),
        "and nobody's receipts are");
    world.config.receipt_mean_ms = 8ull * HOUR_MS;
    person_die(ann);
    person_start(ann);
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    need(ask_receipts(ann, "bo", "prompt")->kind == CONTROL_CONTACT_ROWS);
    ok(count_prompt(LETTERS) == LETTERS,
        "prompt ones are so whatever is configured");
    need(ask_receipts(ann, "bo", "default")->kind == CONTROL_CONTACT_ROWS);
    ok(has_receipts(ann, "default") && count_prompt(LETTERS) <= LETTERS / 4,
        "and default ones are as it is configured again");
    world_free(&world);
}

/* The wait is drawn anew after a lock, of the same mean. */
static void test_pace_over_lock(void)
{
    meet(16);
    need(ask_receipts(ann, "bo", "discreet")->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(bo, "ann", "a letter")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(ann->note_letters == 1);
    ok(ann->releases == 0 && disk_count(&ann->disk, RECORD_RELEASE) == 2,
        "a first contact is confirmed at that pace, too");
    need(ask_receipts(ann, "bo", "default")->kind == CONTROL_CONTACT_ROWS);
    lock_and_unlock(ann, "ann");
    world_run(&world, MINUTE_MS);
    ok(ann->releases == 0,
        "a receipt that waits keeps its pace over a lock, and a change");
    world_run(&world, 7 * HOUR_MS);
    ok(ann->releases > 1, "and is let go in the end");
    world_free(&world);
}

static void test_block(void)
{
    meet(6);
    need(ask_send(bo, "ann", "hello")->kind == CONTROL_SENT);
    world_run(&world, 2 * HOUR_MS); /* its receipt is told once and for all */
    need(ann->note_letters == 1);
    ok(ask_word(ann, CONTROL_BLOCK, "bo")->rows[0].blocked, "bo is blocked");
    lock_and_unlock(ann, "ann");
    size_t releases = ann->releases;
    size_t sessions = ann->note_sessions;
    need(ask_send(bo, "ann", "are you there?")->kind == CONTROL_SENT);
    world_run(&world, 2 * HOUR_MS);
    ok(ann->note_letters == 1 && ann->releases == releases &&
            ann->note_sessions == sessions &&
            disk_count(&ann->disk, RECORD_INBOX) == 1,
        "what bo writes is neither kept, shown nor confirmed");
    ok(is_refused(ask_send(ann, "bo", "x"), STATUS_REFUSED),
        "and nothing is sent");
    size_t submits = ann->submits;
    struct control_request request = {.method = CONTROL_READ, .id = 1};
    need(person_ask(ann, &request)->count == 1);
    world_run(&world, MINUTE_MS);
    ok(ann->submits == submits, "nor is bo told what was read");
    need(!ask_word(ann, CONTROL_UNBLOCK, "bo")->rows[0].blocked);
    world_run(&world, MINUTE_MS);
    ok(strcmp(ann->last_text, "are you there?") == 0 &&
            bo->last_outbox == OUTBOX_DELIVERED,
        "unblocked, what still lies on a shelf comes");
    world_free(&world);
}

static void test_remove(void)
{
    meet(7);
    need(ask_send(bo, "ann", "hello")->kind == CONTROL_SENT);
    need(ask_send(ann, "bo", "hello")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ask_word(bo, CONTROL_LOCK, "");
    need(ask_send(ann, "bo", "never read")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    size_t scrubs = ann->disk.scrubs;
    ok(ask_word(ann, CONTROL_REMOVE, "bo")->kind == CONTROL_DONE,
        "bo is removed");
    ok(disk_count(&ann->disk, RECORD_CONTACT) == 0 &&
            disk_count(&ann->disk, RECORD_SESSION) == 0 &&
            disk_count(&ann->disk, RECORD_SKIPPED) == 0 &&
            disk_count(&ann->disk, RECORD_OUTBOX) == 0 &&
            disk_count(&ann->disk, RECORD_OUTBOX_BODY) == 0 &&
            disk_count(&ann->disk, RECORD_INBOX) == 0 &&
            disk_count(&ann->disk, RECORD_INBOX_BODY) == 0 &&
            ann->disk.scrubs > scrubs,
        "with all sessions and letters, and no residue");
    ok(ask_word(ann, CONTROL_STATUS, "")->status_of.outbox == 0 &&
            ann->answer.status_of.unread == 0,
        "and nothing is counted of them");
    world_run(&world, MINUTE_MS);
    ask_word(bo, CONTROL_UNLOCK, "bo");
    world_run(&world, MINUTE_MS);
    ok(strcmp(bo->last_text, "hello") == 0,
        "what was under way to bo is recalled");
    lock_and_unlock(ann, "ann");
    ok(is_refused(ask_send(ann, "bo", "x"), STATUS_NOT_FOUND),
        "nobody has that name");
    need(ask_send(bo, "ann", "who are you?")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ok(ann->note_letters == 1, "what bo writes is nobody's");
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(bo));
    need(ask_add(ann, "bo", card)->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(ann, "bo", "again")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ok(strcmp(bo->last_text, "again") == 0 &&
            ann->last_outbox == OUTBOX_DELIVERED,
        "added again, all begins anew");
    world_free(&world);
}

/* Cy has ann's card, and has written to her; she does not know cy. */
static void knock(
    uint64_t seed, char fingerprint[CONTROL_FINGERPRINT_CHARS + 1])
{
    meet(seed);
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(ann));
    need(ask_add(cy, "ann", card)->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(cy, "ann", "you do not know me")->kind == CONTROL_SENT);
    world_run(&world, 2 * HOUR_MS);
    struct answer *answer = ask_word(ann, CONTROL_REQUESTS, "");
    need(answer->kind == CONTROL_REQUEST_ROWS && answer->count == 1);
    strcpy(fingerprint, answer->rows[0].fingerprint);
}

static struct answer *ask_accept(
    struct person *person, const char *word, const char *name)
{
    struct control_request request = {.method = CONTROL_ACCEPT,
        .id = 1,
        .name = span_of_text(word),
        .new_name = span_of_text(name)};
    return person_ask(person, &request);
}

static size_t requests_of(struct person *person)
{
    return ask_word(person, CONTROL_REQUESTS, "")->count;
}

static void test_accept(void)
{
    char who[CONTROL_FINGERPRINT_CHARS + 1];
    knock(8, who);
    ask_word(cy, CONTROL_ID, "");
    ok(strcmp(who, cy->answer.fingerprint) == 0,
        "a request shows whose it is, by the fingerprint");
    ok(ann->note_letters == 0 && ann->releases == 0, "and is silent");
    ok(is_refused(ask_accept(ann, "01234567", "cy"), STATUS_NOT_FOUND),
        "a fingerprint that nobody has is refused");
    who[7] = '\0';
    ok(is_refused(ask_accept(ann, who, "cy"), STATUS_NOT_FOUND),
        "and so are seven digits");
    strcpy(who, cy->answer.fingerprint);
    who[8] = '\0';
    ok(is_refused(ask_accept(ann, who, " "), STATUS_INVALID) &&
            is_refused(ask_accept(ann, who, "Bo"), STATUS_EXISTS) &&
            requests_of(ann) == 1,
        "a bad name, or one that is taken, leaves the request");
    /* The card that the request brought runs out; the first contact does not.
     */
    world_run(&world, 8 * 24 * HOUR_MS);
    need(ask_send(cy, "ann", "still here")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    lock_and_unlock(ann, "ann");
    ok(ask_accept(ann, who, "cy")->kind == CONTROL_CONTACT_ROWS &&
            requests_of(ann) == 0,
        "eight digits and a name make a contact, also days later");
    world_run(&world, HOUR_MS);
    ok(strcmp(ann->last_text, "still here") == 0 &&
            cy->last_outbox == OUTBOX_DELIVERED,
        "what they wrote comes, and is confirmed");
    need(ask_send(ann, "cy", "now I do")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ok(strcmp(cy->last_text, "now I do") == 0, "and can be answered");
    world_free(&world);
}

static void test_accept_as_known(void)
{
    char who[CONTROL_FINGERPRINT_CHARS + 1];
    knock(9, who);
    ok(is_refused(ask_accept(ann, who, "bo"), STATUS_REFUSED) &&
            strcmp(only_contact(ann)->key_state, "changed") == 0,
        "a stranger under a known name is a changed key");
    ok(ask_confirm(ann, "bo")->safety.confirmed, "confirmed, it is taken");
    world_run(&world, MINUTE_MS);
    ok(strcmp(ann->last_text, "you do not know me") == 0 &&
            requests_of(ann) == 0,
        "and what it wrote comes");
    world_free(&world);
}

static void test_decline(void)
{
    char who[CONTROL_FINGERPRINT_CHARS + 1];
    knock(10, who);
    ok(ask_word(ann, CONTROL_DECLINE, who)->kind == CONTROL_DONE &&
            requests_of(ann) == 0 &&
            disk_count(&ann->disk, RECORD_REQUEST) == 0,
        "a stranger is declined");
    lock_and_unlock(ann, "ann");
    need(ask_send(cy, "ann", "please")->kind == CONTROL_SENT);
    world_run(&world, 24 * HOUR_MS);
    ok(requests_of(ann) == 0 && ann->releases == 0 && ann->note_letters == 0,
        "what they repeat is neither shown nor confirmed");
    ok(is_refused(ask_word(ann, CONTROL_DECLINE, who), STATUS_NOT_FOUND),
        "a request that is gone cannot be declined");
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(cy));
    need(ask_add(ann, "cy", card)->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(ann, "cy", "on second thoughts")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ok(strcmp(cy->last_text, "on second thoughts") == 0,
        "their card can be added all the same");
    world_run(&world, 24 * 24 * HOUR_MS);
    ok(disk_count(&ann->disk, RECORD_DECLINED) == 0,
        "and nothing is kept of it for ever");
    world_free(&world);
}

static void test_forgotten(void)
{
    char who[CONTROL_FINGERPRINT_CHARS + 1];
    knock(11, who);
    world_run(&world, 24 * 24 * HOUR_MS);
    ok(requests_of(ann) == 0 && disk_count(&ann->disk, RECORD_REQUEST) == 0,
        "a request is forgotten with its prekey");
    world_free(&world);
}

int main(void)
{
    test_safety();
    test_changed();
    test_offers();
    test_nobody();
    test_taken();
    test_other();
    test_names();
    test_pace();
    test_pace_over_lock();
    test_block();
    test_remove();
    test_accept();
    test_accept_as_known();
    test_decline();
    test_forgotten();
    return tap_done();
}
