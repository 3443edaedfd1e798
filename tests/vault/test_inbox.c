/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading by pages, peeking, burning, and contacts. */
#include "base/hex.h"
#include "proto/card.h"
#include "tests/vault/pair.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

static struct world world;

static struct answer *send_burning(
    struct person *person, const char *text, uint64_t burn_s)
{
    struct control_request request = {.method = CONTROL_SEND,
        .name = span_of_text("bo"),
        .text = span_of_text(text),
        .burn_s = burn_s};
    return person_ask(person, &request);
}

static void test_pages(void)
{
    world_init(&world, 2, 1);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    for (int i = 0; i < 10; i++) {
        char text[16];
        snprintf(text, sizeof(text), "n%d", i);
        ask_send(a, "bo", text);
        world_run(&world, 5000);
    }
    struct control_request request = {
        .method = CONTROL_READ, .limit = 4, .peek = true};
    struct answer *answer = person_ask(b, &request);
    ok(answer->count == 4 && answer->next &&
            strcmp(answer->rows[0].text, "n0") == 0,
        "a page of four, in order");
    request.cursor = answer->next;
    request.peek = false;
    answer = person_ask(b, &request);
    ok(answer->count == 4 && strcmp(answer->rows[0].text, "n4") == 0,
        "the next page");
    request.cursor = answer->next;
    answer = person_ask(b, &request);
    ok(answer->count == 2 && answer->next == 0, "the last page");
    ok(ask_word(b, CONTROL_STATUS, "")->status_of.unread == 4,
        "what was peeked at is not read");
    ok(ask_word(b, CONTROL_READ, "ann")->count == 4, "it is read by name");
    ok(ask_word(b, CONTROL_READ, "amy")->status == STATUS_NOT_FOUND,
        "an unknown name is not found");
    world_run(&world, MINUTE_MS);
    answer = ask_word(a, CONTROL_OUTBOX, "");
    size_t read = 0;
    for (size_t i = 0; i < answer->count; i++)
        read += answer->rows[i].outbox == OUTBOX_READ;
    ok(read == 10, "the sender learns of each");
    world_free(&world);
}

static void test_by_name(void)
{
    char card[CARD_TEXT_CHARS + 1];
    world_init(&world, 3, 8);
    world_meet(&world);
    struct person *b = &world.people[1];
    struct person *c = &world.people[2];
    strcpy(card, person_card(b));
    need(ask_add(c, "bo", card)->kind == CONTROL_CONTACT_ROWS);
    strcpy(card, person_card(c));
    need(ask_add(b, "cy", card)->kind == CONTROL_CONTACT_ROWS);
    ask_send(&world.people[0], "bo", "from ann");
    ask_send(c, "bo", "from cy");
    world_run(&world, MINUTE_MS);
    struct answer *answer = ask_word(b, CONTROL_READ, "ann");
    ok(answer->count == 1 && strcmp(answer->rows[0].text, "from ann") == 0,
        "who reads one person's letters is shown nobody else's");
    ok(ask_word(b, CONTROL_STATUS, "")->status_of.unread == 1,
        "and the others stay unread");
    world_free(&world);
}

static void test_heavy_page(void)
{
    world_init(&world, 2, 2);
    world_meet(&world);
    struct person *b = &world.people[1];
    char *text = malloc(LIMIT_TEXT_BYTES + 1);
    need(text);
    memset(text, '\x01', LIMIT_TEXT_BYTES);
    text[LIMIT_TEXT_BYTES] = 0;
    for (int i = 0; i < 6; i++) {
        need(ask_send(&world.people[0], "bo", text)->kind == CONTROL_SENT);
        world_run(&world, 5000);
    }
    free(text);
    struct control_request request = {.method = CONTROL_READ};
    struct answer *answer = person_ask(b, &request);
    ok(answer->count == 4 && answer->next,
        "a page holds what fits a line of JSON, escapes counted");
    world_free(&world);
}

static void test_no_receipts(void)
{
    world_init(&world, 2, 3);
    world.config.read_receipts = false;
    person_die(&world.people[1]);
    person_start(&world.people[1]);
    world_meet(&world);
    ask_send(&world.people[0], "bo", "x");
    world_run(&world, MINUTE_MS);
    ask_word(&world.people[1], CONTROL_READ, "");
    world_run(&world, MINUTE_MS);
    ok(world.people[0].last_outbox == OUTBOX_DELIVERED,
        "without read receipts, what was read is not told");
    world_free(&world);
}

static void test_burn_after_reading(void)
{
    world_init(&world, 2, 4);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    send_burning(a, "for your eyes", 300);
    world_run(&world, MINUTE_MS);
    ask_read_all(b);
    world_run(&world, 10 * MINUTE_MS);
    ok(ask_read_all(b)->count == 1, "unread and peeked at, it stays");
    struct answer *answer = ask_word(b, CONTROL_READ, "");
    ok(answer->count == 1 && answer->rows[0].burns_at_s == world.clock_s + 300,
        "read, it says when it burns");
    size_t scrubs = b->disk.scrubs;
    world_run(&world, 299 * 1000);
    ok(ask_read_all(b)->count == 1, "a second before, it is there");
    world_run(&world, 2000);
    ok(ask_read_all(b)->count == 0 && disk_count(&b->disk, RECORD_INBOX) == 0 &&
            disk_count(&b->disk, RECORD_INBOX_BODY) == 0,
        "then it is gone, from the disk too");
    ok(b->disk.scrubs > scrubs, "and its residue is scrubbed");
    world_free(&world);
}

static void test_burn_locked(void)
{
    world_init(&world, 2, 5);
    world_meet(&world);
    struct person *b = &world.people[1];
    send_burning(&world.people[0], "for your eyes", 300);
    world_run(&world, MINUTE_MS);
    ask_word(b, CONTROL_READ, "");
    ask_word(b, CONTROL_LOCK, "");
    world_run(&world, 10 * MINUTE_MS);
    ok(disk_count(&b->disk, RECORD_INBOX) == 1, "the locked burn nothing");
    ask_word(b, CONTROL_UNLOCK, "bo");
    ok(disk_count(&b->disk, RECORD_INBOX) == 0 && ask_read_all(b)->count == 0,
        "it burns on unlock, before anything is shown");
    world_free(&world);
}

static void test_burn_by_age(void)
{
    world_init(&world, 2, 6);
    world_meet(&world);
    struct person *b = &world.people[1];
    send_burning(&world.people[0], "never read", 300);
    ask_send(&world.people[0], "bo", "stays");
    world_run(&world, 6 * (uint64_t)DAY_MS);
    ok(ask_word(b, CONTROL_STATUS, "")->status_of.unread == 2,
        "an unread letter waits while it could be under way");
    world_run(&world, 2 * (uint64_t)DAY_MS);
    struct answer *answer = ask_read_all(b);
    ok(answer->count == 1 && strcmp(answer->rows[0].text, "stays") == 0 &&
            ask_word(b, CONTROL_STATUS, "")->status_of.unread == 1,
        "then it burns, and one without a timer stays");
    world_free(&world);
}

static void test_burn_jumps(void)
{
    world_init(&world, 2, 7);
    world_meet(&world);
    struct person *b = &world.people[1];
    send_burning(&world.people[0], "x", 3600);
    world_run(&world, MINUTE_MS);
    ask_word(b, CONTROL_READ, "");
    world.clock_s += 400 * DAY_S;
    world_run(&world, MINUTE_MS);
    ok(ask_read_all(b)->count == 1,
        "a wall clock that jumps ahead burns nothing early");
    world.clock_s -= 800 * DAY_S;
    world_run(&world, HOUR_MS);
    ok(ask_read_all(b)->count == 0, "one that jumps back keeps nothing");
    world.clock_s += 400 * DAY_S;
    send_burning(&world.people[0], "y", 3600);
    world_run(&world, MINUTE_MS);
    ask_word(b, CONTROL_READ, "");
    world.clock_s -= 400 * DAY_S;
    ask_word(b, CONTROL_LOCK, "");
    ask_word(b, CONTROL_UNLOCK, "bo");
    world_run(&world, HOUR_MS + MINUTE_MS);
    ok(ask_read_all(b)->count == 0, "not over a lock either");
    world_free(&world);
}

static void test_burn_during_read(void)
{
    world_init(&world, 2, 8);
    world_meet(&world);
    struct person *b = &world.people[1];
    send_burning(&world.people[0], "x", 60);
    world_run(&world, 5000);
    ask_word(b, CONTROL_READ, "");
    struct control_request request = {.method = CONTROL_READ, .all = true};
    struct vault_event event = {.kind = VAULT_REQUEST};
    event.request.request = &request;
    person_step(b, &event);
    need(b->errand_count == 1);
    world_to(&world, world.now_ms + 2 * MINUTE_MS);
    run_errands(b);
    ok(b->answer.kind == CONTROL_LETTER_ROWS && b->answer.count == 0,
        "a letter that burns while its text is fetched is not shown");
    world_free(&world);
}

static void test_contacts(void)
{
    world_init(&world, 3, 9);
    world_meet(&world);
    struct person *a = &world.people[0];
    char bo[CARD_TEXT_CHARS + 1];
    char cy[CARD_TEXT_CHARS + 1];
    char own[CARD_TEXT_CHARS + 1];
    strcpy(bo, person_card(&world.people[1]));
    strcpy(cy, person_card(&world.people[2]));
    strcpy(own, person_card(a));
    ok(ask_add(a, "me", own)->status == STATUS_REFUSED,
        "one's own card is refused");
    ok(ask_add(a, "bo", cy)->status == STATUS_REFUSED,
        "a name means one person");
    struct answer *answer = ask_add(a, "robert", bo);
    ok(answer->status == STATUS_EXISTS && strstr(answer->message, "as bo"),
        "and a person has one name");
    ok(ask_add(a, "bo", bo)->status == STATUS_EXISTS,
        "the same card again is said to be there");
    ok(ask_add(a, "cy", "sotto:nonsense")->status == STATUS_INVALID,
        "what is no card is refused");
    cy[60] = cy[60] == 'a' ? 'b' : 'a';
    ok(ask_add(a, "cy", cy)->status == STATUS_REFUSED,
        "and one whose signature does not hold");
    cy[60] = person_card(&world.people[2])[60];
    static const char *const bad[] = {"", " cy", "cy ", "c\ny", "c\x7fy",
        "c\xc2\x85y", "c\xe2\x80\xaey", "c\xe2\x81\xa6y", "\xff",
        "0123456789012345678901234567890123456789012345678901234567890123x"};
    size_t refused = 0;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        refused += ask_add(a, bad[i], cy)->status == STATUS_INVALID;
    ok(refused == sizeof(bad) / sizeof(*bad),
        "names that are empty, long or deceptive are refused");
    ok(ask_add(a, "c\xc3\xbd", cy)->kind == CONTROL_CONTACT_ROWS,
        "letters of any script are not");
    answer = ask_word(a, CONTROL_CONTACTS, "");
    ok(answer->count == 2 && strcmp(answer->rows[0].state, "none") == 0,
        "contacts are listed");
    world_run(&world, 3 * (uint64_t)DAY_MS);
    char newer[CARD_TEXT_CHARS + 1];
    strcpy(newer, person_card(&world.people[1]));
    ok(strcmp(newer, bo) != 0, "after some days a card offers a new prekey");
    ok(ask_add(a, "bo", newer)->kind == CONTROL_CONTACT_ROWS,
        "which may be added under the same name");
    world_run(&world, 8 * (uint64_t)DAY_MS);
    answer = ask_send(a, "bo", "x");
    ok(answer->status == STATUS_EXPIRED && strstr(answer->message, "bo"),
        "a card that ran out before its first use is named");
    answer = ask_add(&world.people[2], "bo", newer);
    ok(answer->status == STATUS_EXPIRED, "and can't be added");
    world_free(&world);
}

int main(void)
{
    test_pages();
    test_by_name();
    test_heavy_page();
    test_no_receipts();
    test_burn_after_reading();
    test_burn_locked();
    test_burn_by_age();
    test_burn_jumps();
    test_burn_during_read();
    test_contacts();
    return tap_done();
}
