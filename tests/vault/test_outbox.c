/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a letter stands: held back, handed, delivered, read, expired, recalled,
 * and what is refused with which words. */
#include "tests/vault/pair.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

static struct world world;

static size_t count_state(struct person *person, enum outbox_state state)
{
    size_t count = 0;
    struct control_request request = {.method = CONTROL_OUTBOX, .id = 1};
    do {
        struct answer *answer = person_ask(person, &request);
        need(answer->kind == CONTROL_OUTBOX_ROWS);
        for (size_t i = 0; i < answer->count; i++)
            count += answer->rows[i].outbox == state;
        request.cursor = answer->next;
    } while (request.cursor);
    return count;
}

static void send_numbered(struct person *person, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof(text), "n%zu", i);
        need(ask_send(person, "bo", text)->kind == CONTROL_SENT);
    }
}

static void test_hold_back(void)
{
    world_init(&world, 2, 1);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    ask_word(b, CONTROL_LOCK, "");
    send_numbered(a, LIMIT_UNCONFIRMED + 40);
    world_run(&world, MINUTE_MS);
    ok(count_state(a, OUTBOX_HANDED) == LIMIT_UNCONFIRMED,
        "as many as may be unconfirmed are handed");
    ok(count_state(a, OUTBOX_QUEUED) == 40, "the others are held back");
    ask_word(a, CONTROL_LOCK, "");
    ask_word(a, CONTROL_UNLOCK, "ann");
    world_run(&world, MINUTE_MS);
    ok(count_state(a, OUTBOX_QUEUED) == 40, "also over a lock");
    ask_word(b, CONTROL_UNLOCK, "bo");
    world_run(&world, 10 * MINUTE_MS);
    ok(count_state(a, OUTBOX_DELIVERED) == LIMIT_UNCONFIRMED + 40,
        "when the first are confirmed the others follow");
    ok(ask_word(b, CONTROL_STATUS, "")->status_of.unread ==
            LIMIT_UNCONFIRMED + 40,
        "and all are there");
    world_free(&world);
}

/* Nobody reads for more than a week, and a whole allowance expires. */
static void test_exhausted(void)
{
    world_init(&world, 2, 2);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    ask_send(a, "bo", "first");
    world_run(&world, MINUTE_MS);
    ask_send(b, "ann", "answer");
    world_run(&world, MINUTE_MS);
    ask_word(b, CONTROL_LOCK, "");
    send_numbered(a, 2 * LIMIT_UNCONFIRMED);
    world_run(&world, 169 * HOUR_MS);
    ok(count_state(a, OUTBOX_EXPIRED) == 2 * LIMIT_UNCONFIRMED,
        "letters that nobody reads expire");
    for (size_t i = 0; i < world.carried_count; i++)
        world.carried[i].cleared = true;
    char card[CARD_TEXT_CHARS + 1];
    ask_word(b, CONTROL_UNLOCK, "bo");
    strcpy(card, person_card(b));
    ask_word(b, CONTROL_LOCK, "");
    need(ask_add(a, "bo", card)->kind == CONTROL_CONTACT_ROWS);
    need(ask_send(a, "bo", "after")->kind == CONTROL_SENT);
    ask_word(b, CONTROL_UNLOCK, "bo");
    world_run(&world, MINUTE_MS);
    ok(strcmp(b->last_text, "after") == 0,
        "and a fresh session carries the next");
    world_free(&world);
}

/* The first allowance expires while others are held back: they take a fresh
 * session, as the card allows it. */
static void test_unstuck(void)
{
    world_init(&world, 2, 12);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    ask_word(b, CONTROL_LOCK, "");
    struct control_request request = {.method = CONTROL_SEND,
        .name = span_of_text("bo"),
        .text = span_of_text("short"),
        .life_h = 2};
    for (size_t i = 0; i < LIMIT_UNCONFIRMED; i++)
        need(person_ask(a, &request)->kind == CONTROL_SENT);
    request.text = span_of_text("long");
    request.life_h = 100;
    for (size_t i = 0; i < 20; i++)
        need(person_ask(a, &request)->kind == CONTROL_SENT);
    world_run(&world, 5 * HOUR_MS);
    for (size_t i = 0; i < world.carried_count; i++)
        world.carried[i].cleared |=
            world.carried[i].envelope.expires_h < world.clock_s / HOUR_S;
    ok(count_state(a, OUTBOX_EXPIRED) == LIMIT_UNCONFIRMED &&
            count_state(a, OUTBOX_HANDED) == 20,
        "what was held back is sealed when nothing before it can arrive");
    ask_word(b, CONTROL_UNLOCK, "bo");
    world_run(&world, 10 * MINUTE_MS);
    ok(b->note_letters == 20 && count_state(a, OUTBOX_DELIVERED) == 20,
        "and arrives");
    world_free(&world);
}

/* A crash between the confirmation that makes room and the fetching. */
static void test_held_over_crash(void)
{
    world_init(&world, 2, 13);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    ask_word(b, CONTROL_LOCK, "");
    send_numbered(a, LIMIT_UNCONFIRMED + 5);
    world_run(&world, MINUTE_MS);
    ask_word(b, CONTROL_UNLOCK, "bo");
    while (!a->crashed) { /* every step of a's that stores is its last */
        a->crash = CRASH_AFTER_COMMIT;
        a->crash_step = a->steps + 1;
        world_run(&world, 1000);
    }
    a->crash = CRASH_NONE;
    world_run(&world, MINUTE_MS);
    person_start(a);
    need(ask_word(a, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    world_run(&world, 8 * HOUR_MS);
    ok(count_state(a, OUTBOX_DELIVERED) == LIMIT_UNCONFIRMED + 5,
        "letters that were held back over a crash are sealed after it");
    world_free(&world);
}

static void test_resubmit(void)
{
    world_init(&world, 2, 3);
    world_meet(&world);
    struct person *a = &world.people[0];
    world.deaf = true;
    send_numbered(a, 20);
    world_run(&world, MINUTE_MS);
    ok(world.carried_count == 0 && count_state(a, OUTBOX_QUEUED) == 20,
        "without a relay letters are queued");
    world.deaf = false;
    struct vault_event event = {.kind = VAULT_PORT_UP};
    for (size_t i = 0; i < 2; i++) {
        person_step(&world.people[i], &event);
        run_errands(&world.people[i]);
    }
    world_run(&world, MINUTE_MS);
    ok(count_state(a, OUTBOX_DELIVERED) == 20, "when it comes all are handed");
    world.deaf = true;
    send_numbered(a, 3);
    world.deaf = false;
    size_t before = a->submits;
    world_run(&world, 7 * HOUR_MS);
    ok(a->submits > before && count_state(a, OUTBOX_DELIVERED) == 23,
        "what was lost on the way to it is handed again within hours");
    world_free(&world);
}

static void test_recall(void)
{
    world_init(&world, 2, 4);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    ask_word(b, CONTROL_LOCK, "");
    char id[CONTROL_MESSAGE_ID_CHARS + 1];
    strcpy(id, ask_send(a, "bo", "never mind")->sent.id);
    ask_send(a, "bo", "mind this");
    world_run(&world, MINUTE_MS);
    struct answer *answer = ask_word(a, CONTROL_RECALL, id);
    ok(answer->kind == CONTROL_SENT && answer->sent.outbox == OUTBOX_RECALLED &&
            strcmp(answer->sent.id, id) == 0,
        "a letter that is not delivered is recalled");
    world_run(&world, MINUTE_MS);
    ok(count_state(a, OUTBOX_RECALLED) == 1,
        "its own receipt does not make it delivered");
    ask_word(b, CONTROL_UNLOCK, "bo");
    world_run(&world, MINUTE_MS);
    ok(b->note_letters == 1 && strcmp(b->last_text, "mind this") == 0,
        "it does not come; the next does");
    answer = ask_word(a, CONTROL_RECALL, id);
    ok(answer->kind == CONTROL_SENT, "recalling it again does no harm");
    answer = ask_word(a, CONTROL_OUTBOX, "");
    need(answer->count == 2);
    strcpy(id, answer->rows[1].id);
    answer = ask_word(a, CONTROL_RECALL, id);
    ok(answer->status == STATUS_REFUSED && strstr(answer->message, "delivered"),
        "a delivered one is not recalled");
    ok(ask_word(a, CONTROL_RECALL, "zz")->status == STATUS_NOT_FOUND,
        "nor one that is not there");
    ok(ask_word(a, CONTROL_RECALL, "")->status == STATUS_NOT_FOUND,
        "nor one without an id");
    world_free(&world);
}

static void test_prefix(void)
{
    world_init(&world, 2, 5);
    world_meet(&world);
    struct person *a = &world.people[0];
    ask_word(&world.people[1], CONTROL_LOCK, "");
    send_numbered(a, 17); /* two begin with the same digit */
    struct answer *answer = ask_word(a, CONTROL_OUTBOX, "");
    size_t digits[256] = {0};
    for (size_t i = 0; i < answer->count; i++)
        digits[(unsigned char)answer->rows[i].id[0]]++;
    char many[2] = "";
    for (int c = '0'; c <= 'f'; c++)
        if (digits[c] > 1)
            many[0] = (char)c;
    char one[13];
    memcpy(one, answer->rows[3].id, 12);
    one[12] = 0;
    ok(ask_word(a, CONTROL_RECALL, many)->status == STATUS_AMBIGUOUS,
        "a beginning that two ids share is not guessed at");
    ok(ask_word(a, CONTROL_RECALL, one)->kind == CONTROL_SENT,
        "one that is alone will do");
    world_free(&world);
}

static void test_refusals(void)
{
    world_init(&world, 2, 6);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct answer *answer = ask_send(a, "Bo", "x");
    ok(answer->status == STATUS_NOT_FOUND && strstr(answer->message, "Bo"),
        "names are exact");
    ok(ask_send(a, "b", "x")->status == STATUS_NOT_FOUND, "and whole");
    char *text = malloc(30001);
    need(text);
    memset(text, 'x', 30000);
    text[30000] = 0;
    answer = ask_send(a, "bo", text);
    ok(answer->status == STATUS_TOO_LARGE &&
            strcmp(answer->message,
                "the text is 30,000 bytes; the limit is 24,576") == 0,
        "too long a text is refused with the numbers");
    text[LIMIT_TEXT_BYTES] = 0;
    ok(ask_send(a, "bo", text)->kind == CONTROL_SENT, "the limit itself fits");
    free(text);
    ok(ask_send(a, "bo", "")->status == STATUS_INVALID, "no text is refused");
    ok(ask_send(a, "bo", "\xff")->status == STATUS_INVALID,
        "and one that is not UTF-8");
    struct control_request request = {.method = CONTROL_SEND,
        .name = span_of_text("bo"),
        .text = span_of_text("x"),
        .life_h = 337};
    answer = person_ask(a, &request);
    ok(answer->status == STATUS_TOO_LARGE && strstr(answer->message, "336") &&
            strstr(answer->message, "337"),
        "too long a life is refused");
    request.life_h = 336;
    request.burn_s = LIMIT_BURN_S + 1;
    answer = person_ask(a, &request);
    ok(answer->status == STATUS_TOO_LARGE &&
            strstr(answer->message, "31,536,000"),
        "and too long a burn timer");
    world_run(&world, MINUTE_MS);
    ok(world.people[1].note_letters == 1, "nothing that was refused came");
    request = (struct control_request){.method = CONTROL_PEERS};
    ok(person_ask(a, &request)->status == STATUS_INVALID,
        "the vault does not answer for the relay");
    world_free(&world);
}

/* Whether the method's chapter was asked, with nothing in the request. */
static bool is_answered(struct person *person, enum control_method method)
{
    struct control_request request = {.method = method};
    struct answer *answer = person_ask(person, &request);
    return answer->kind != CONTROL_ERROR ||
           !strstr(answer->message, "the vault does not answer");
}

static void test_every_method(void)
{
    world_init(&world, 2, 8);
    world_meet(&world);
    bool all = true;
    for (int method = CONTROL_ID; method < CONTROL_METHOD_COUNT; method++)
        all &= is_answered(&world.people[0], (enum control_method)method);
    ok(all && is_answered(&world.people[0], CONTROL_BACKUP) &&
            is_answered(&world.people[0], CONTROL_BACKUP_MORE) &&
            !is_answered(&world.people[0], CONTROL_PEERS),
        "every other method has somebody who answers it");
    world_free(&world);
}

static void test_clock_jumps(void)
{
    world_init(&world, 2, 7);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    ask_word(b, CONTROL_LOCK, "");
    ask_send(a, "bo", "x");
    world_run(&world, MINUTE_MS);
    size_t notes = a->note_outbox;
    world.clock_s += 30 * DAY_S;
    world_run(&world, 2 * HOUR_MS);
    ok(count_state(a, OUTBOX_EXPIRED) == 1 && a->note_outbox == notes + 1,
        "a clock that jumps ahead expires a letter, and says so");
    world.clock_s -= 30 * DAY_S;
    world_run(&world, 2 * HOUR_MS);
    world.clock_s += 8 * DAY_S;
    world_run(&world, 2 * HOUR_MS);
    ok(a->note_outbox == notes + 1, "once, whatever the clock does then");
    world.clock_s -= 8 * DAY_S;
    ask_word(b, CONTROL_UNLOCK, "bo");
    world_run(&world, 2 * MINUTE_MS);
    ok(b->note_letters == 1 && count_state(a, OUTBOX_DELIVERED) == 1,
        "if it was received after all, the receipt counts");
    ok(ask_send(a, "bo", "y")->kind == CONTROL_SENT, "and letters go on");
    world_run(&world, MINUTE_MS);
    ok(b->note_letters == 2, "and come");
    world_free(&world);
}

static void test_forgotten(void)
{
    world_init(&world, 2, 8);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    send_numbered(a, 3);
    world_run(&world, MINUTE_MS);
    ok(disk_count(&a->disk, RECORD_OUTBOX) == 3, "finished letters are listed");
    world_run(&world, 8 * 24 * HOUR_MS);
    ok(disk_count(&a->disk, RECORD_OUTBOX) == 0, "for a week");
    world_run(&world, 20 * 24 * HOUR_MS);
    ok(disk_count(&b->disk, RECORD_SEEN) == 0 &&
            disk_count(&b->disk, RECORD_RELEASE) == 0,
        "ids and receipts are forgotten when no copy can come");
    ok(disk_count(&a->disk, RECORD_PREKEY) <= 5,
        "old prekeys are destroyed, new ones made");
    world_free(&world);
}

/* What the relay says of all that was ever sent. */
static void relay_says(struct person *person, struct port_message message)
{
    for (size_t i = 0; i < world.carried_count; i++) {
        message.waits.id = world.carried[i].id;
        struct vault_event event = {.kind = VAULT_PORT, .port = &message};
        person_step(person, &event);
    }
}

static uint64_t stamp_bits(struct person *person)
{
    struct control_request request = {.method = CONTROL_OUTBOX, .id = 1};
    struct answer *answer = person_ask(person, &request);
    need(answer->kind == CONTROL_OUTBOX_ROWS && answer->count == 1);
    return answer->rows[0].stamp_bits;
}

static void test_waits(void)
{
    world_init(&world, 2, 1);
    world_meet(&world);
    struct person *a = &world.people[0];
    ask_word(&world.people[1], CONTROL_LOCK, "");
    send_numbered(a, 1);
    world_run(&world, MINUTE_MS);
    const struct port_message waits = {.type = PORT_WAITS,
                                  .waits = {.bits = 9}},
                              no_more = {.type = PORT_WAITS},
                              handed = {
                                  .type = PORT_HANDED, .handed = {.peers = 1}};
    ok(stamp_bits(a) == 0, "a letter waits for no stamp");
    relay_says(a, waits);
    ok(stamp_bits(a) == 9, "or for one of so many bits");
    relay_says(a, no_more);
    ok(stamp_bits(a) == 0, "until it has it");
    relay_says(a, waits);
    relay_says(a, handed);
    ok(stamp_bits(a) == 0, "or is taken without");
    relay_says(a, waits);
    ask_word(&world.people[1], CONTROL_UNLOCK, "bo");
    world_run(&world, MINUTE_MS);
    ok(stamp_bits(a) == 0 && count_state(a, OUTBOX_DELIVERED) == 1,
        "what has arrived waits for nothing");
    relay_says(a, waits);
    ok(stamp_bits(a) == 0, "whatever the relay says");
    world_free(&world);
}

int main(void)
{
    test_hold_back();
    test_exhausted();
    test_unstuck();
    test_held_over_crash();
    test_resubmit();
    test_recall();
    test_prefix();
    test_refusals();
    test_every_method();
    test_clock_jumps();
    test_forgotten();
    test_waits();
    return tap_done();
}
