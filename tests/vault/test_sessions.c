/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First contacts that cross, that come from strangers and that follow a loss;
 * and many letters over a bad mesh. */
#include "tests/vault/pair.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

static struct world world;

static size_t count_text(struct person *person, const char *text)
{
    size_t count = 0;
    struct control_request request = {
        .method = CONTROL_READ, .id = 1, .all = true, .peek = true};
    do {
        struct answer *answer = person_ask(person, &request);
        need(answer->kind == CONTROL_LETTER_ROWS);
        for (size_t i = 0; i < answer->count; i++)
            count += strcmp(answer->rows[i].text, text) == 0;
        request.cursor = answer->next;
    } while (request.cursor);
    return count;
}

static bool all_delivered(struct person *person)
{
    struct control_request request = {.method = CONTROL_OUTBOX, .id = 1};
    do {
        struct answer *answer = person_ask(person, &request);
        need(answer->kind == CONTROL_OUTBOX_ROWS);
        for (size_t i = 0; i < answer->count; i++)
            if (answer->rows[i].outbox != OUTBOX_DELIVERED &&
                answer->rows[i].outbox != OUTBOX_READ)
                return false;
        request.cursor = answer->next;
    } while (request.cursor);
    return true;
}

static void test_simultaneous(uint64_t seed, size_t *wrong, size_t *apart)
{
    world_init(&world, 2, seed);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    world.double_percent = 20;
    ask_send(a, "bo", "a1");
    ask_send(b, "ann", "b1");
    ask_send(a, "bo", "a2");
    world_run(&world, MINUTE_MS);
    for (int i = 0; i < 6; i++) {
        ask_send(i % 2 ? a : b, i % 2 ? "bo" : "ann", i % 2 ? "x" : "y");
        world_run(&world, MINUTE_MS);
    }
    *wrong += count_text(b, "a1") != 1 || count_text(b, "a2") != 1 ||
              count_text(a, "b1") != 1 || count_text(b, "x") != 3 ||
              count_text(a, "y") != 3 || !all_delivered(a) || !all_delivered(b);
    *apart += disk_count(&a->disk, RECORD_SESSION) != 2 ||
              disk_count(&b->disk, RECORD_SESSION) != 2;
    world_free(&world);
}

static void test_crossing(void)
{
    size_t wrong = 0;
    size_t apart = 0;
    for (uint64_t seed = 0; seed < 20; seed++)
        test_simultaneous(seed, &wrong, &apart);
    ok(wrong == 0, "first contacts that cross: all letters come, once");
    ok(apart == 0, "and both sessions are kept at both ends");
}

static void test_retirement(void)
{
    world_init(&world, 2, 3);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    ask_send(a, "bo", "a1");
    ask_send(b, "ann", "b1");
    world_run(&world, MINUTE_MS);
    for (int day = 0; day < 18; day++) {
        ask_send(a, "bo", "daily");
        ask_send(b, "ann", "daily");
        world_run(&world, 24 * HOUR_MS);
    }
    ok(disk_count(&a->disk, RECORD_SESSION) == 1 &&
            disk_count(&b->disk, RECORD_SESSION) == 1,
        "the session not written on is dropped after a lifetime");
    ok(count_text(a, "daily") == 18 && count_text(b, "daily") == 18,
        "and no letter with it");
    world_free(&world);
}

static void test_stranger(void)
{
    world_init(&world, 3, 4);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *c = &world.people[2];
    char card[CARD_TEXT_CHARS + 1];
    strcpy(card, person_card(a));
    need(ask_add(c, "ann", card)->kind == CONTROL_CONTACT_ROWS);
    ask_send(c, "ann", "you do not know me");
    world_run(&world, 2 * HOUR_MS);
    ok(a->note_letters == 0 && a->note_sessions == 0,
        "a stranger's first contact is silent");
    ok(a->releases == 0, "and is not confirmed");
    struct answer *answer = ask_word(a, CONTROL_STATUS, "");
    ok(answer->status_of.requests == 1, "however often it is repeated, one "
                                        "request waits");
    ask_word(a, CONTROL_LOCK, "");
    ask_word(a, CONTROL_UNLOCK, "ann");
    ok(ask_word(a, CONTROL_STATUS, "")->status_of.requests == 1,
        "also over a lock");
    strcpy(card, person_card(c));
    ok(ask_add(a, "cy", card)->kind == CONTROL_CONTACT_ROWS,
        "their card is added");
    world_run(&world, MINUTE_MS);
    ok(a->note_letters == 1 && count_text(a, "you do not know me") == 1,
        "and the letter that had waited on the shelf comes");
    ok(c->last_outbox == OUTBOX_DELIVERED, "and is confirmed");
    ok(ask_word(a, CONTROL_STATUS, "")->status_of.requests == 0,
        "no request waits");
    ask_send(a, "cy", "now I do");
    world_run(&world, MINUTE_MS);
    ok(count_text(c, "now I do") == 1, "the answer comes");
    ok(world.people[1].note_letters == 0, "nobody else has read anything");
    world_free(&world);
}

static void disk_copy(struct disk *to, const struct disk *from)
{
    *to = *from;
    to->capacity = from->count;
    to->files = calloc(from->count, sizeof(*to->files));
    need(to->files);
    for (size_t i = 0; i < from->count; i++) {
        to->files[i] = from->files[i];
        to->files[i].blob = malloc(from->files[i].size);
        need(to->files[i].blob);
        memcpy(to->files[i].blob, from->files[i].blob, from->files[i].size);
    }
}

/* Bo's disk is set back to before the first letter: identity, prekey and
 * contact are there, and no session, as after a restored backup. */
static void test_lost_session(bool a_writes_meanwhile)
{
    world_init(&world, 2, 6 + a_writes_meanwhile);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    struct disk old;
    disk_copy(&old, &b->disk);
    ask_send(a, "bo", "one");
    ask_send(b, "ann", "two");
    world_run(&world, MINUTE_MS);
    need(count_text(a, "two") == 1 && count_text(b, "one") == 1);
    person_die(b);
    disk_clear(&b->disk);
    b->disk = old;
    person_start(b);
    need(ask_word(b, CONTROL_UNLOCK, "bo")->kind == CONTROL_DONE);
    world_run(&world, MINUTE_MS);
    if (a_writes_meanwhile) {
        ask_send(a, "bo", "into the void");
        world_run(&world, MINUTE_MS);
    }
    size_t notes = a->note_sessions;
    size_t own_notes = b->note_sessions;
    ask_send(b, "ann", "I lost everything");
    world_run(&world, 2 * MINUTE_MS);
    ok(count_text(a, "I lost everything") == 1,
        "who has lost a session can write again");
    ok(a->note_sessions > notes && b->note_sessions > own_notes,
        "and both are told of the new session");
    ask_send(a, "bo", "welcome back");
    world_run(&world, 7 * HOUR_MS);
    ok(count_text(b, "welcome back") == 1, "and answers on it");
    if (a_writes_meanwhile)
        ok(count_text(b, "into the void") == 1,
            "what could not be read was sealed again");
    ok(all_delivered(a) && all_delivered(b), "nothing is left undelivered");
    world_free(&world);
}

static void send_many(size_t number)
{
    char text[32];
    snprintf(text, sizeof(text), "n%zu", number);
    bool from_a = number % 3 != 0;
    struct answer *answer =
        ask_send(&world.people[from_a ? 0 : 1], from_a ? "bo" : "ann", text);
    need(answer->kind == CONTROL_SENT);
}

static void test_bad_mesh(uint64_t seed)
{
    enum { MANY = 300 };
    world_init(&world, 2, seed);
    world_meet(&world);
    world.loss_percent = 15;
    world.double_percent = 15;
    for (size_t i = 0; i < MANY; i++) {
        send_many(i);
        world_run(&world, 2500);
        if (i % 60 == 30) {
            ask_word(&world.people[1], CONTROL_LOCK, "");
            ask_word(&world.people[1], CONTROL_UNLOCK, "bo");
        }
    }
    for (int i = 0; i < 10; i++) {
        world_run(&world, 6 * HOUR_MS);
        for (size_t who = 0; who < 2; who++) { /* the relay restarts */
            struct vault_event event = {.kind = VAULT_PORT_UP};
            person_step(&world.people[who], &event);
            run_errands(&world.people[who]);
        }
    }
    size_t wrong = 0;
    for (size_t i = 0; i < MANY; i++) {
        char text[32];
        snprintf(text, sizeof(text), "n%zu", i);
        wrong += count_text(&world.people[i % 3 != 0], text) != 1;
    }
    if (wrong)
        printf("# %zu letters are not there once\n", wrong);
    ok(wrong == 0, "300 letters over a mesh that loses 15 %, doubles 15 % and "
                   "reorders: each is there once");
    ok(all_delivered(&world.people[0]) && all_delivered(&world.people[1]),
        "and each sender knows");
    ok(disk_count(&world.people[0].disk, RECORD_SKIPPED) == 0 &&
            disk_count(&world.people[1].disk, RECORD_SKIPPED) == 0,
        "and no key of a letter that was opened is left on a disk");
    world_free(&world);
}

int main(void)
{
    test_crossing();
    test_retirement();
    test_stranger();
    test_lost_session(false);
    test_lost_session(true);
    test_bad_mesh(8);
    test_bad_mesh(9);
    return tap_done();
}
