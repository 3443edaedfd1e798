/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ten thousand letters between two vaults, over many sessions and hundreds of
 * turns of the ratchet, through a mesh that loses, doubles, delays and
 * reorders, while copies with a byte changed are handed to both: each letter is
 * there once, and no such copy changes anything. */
#include "tests/vault/pair.h"
#include "vault/vault_state.h"

enum {
    LETTERS = 10000,
    STRIDE_MS = 300,
    INVITE_EVERY = 400,
    LOCK_EVERY = 1000,
    RELAY_EVERY = 100,
    HOUR_MS = 3600000,
};

static struct world world;
static const char *const names[] = {"ann", "bo"};
static uint8_t seen[LETTERS];

struct tally {
    size_t mutants;
    size_t malformed; /* what no relay would hand to a vault */
    size_t changed;   /* mutants that did anything */
    size_t sessions;
    size_t steps; /* of the ratchet that ann writes on */
    uint64_t session;
    uint32_t chain;
};

static void step(struct person *person, struct vault_event event)
{
    person_step(person, &event);
    run_errands(person);
}

/* All that a vault can do, counted. */
static size_t doings(const struct person *person)
{
    return person->stores + person->submits + person->releases +
           person->note_letters + person->note_outbox + person->note_sessions +
           person->note_vault + person->note_accords + person->disk.scrubs;
}

/* A copy of what was carried last, with a byte changed but the stamp's. */
static void hand_mutant(struct person *person, struct tally *tally)
{
    if (world.carried_count == 0)
        return;
    size_t back = random_below(&world.random.base,
        world.carried_count < 64 ? world.carried_count : 64);
    const struct carried *carried =
        &world.carried[world.carried_count - 1 - back];
    struct span encoding = carried->envelope.encoding;
    static uint8_t bytes[LIMIT_ENVELOPE_BYTES];
    memcpy(bytes, encoding.data, encoding.size);
    size_t at = random_below(&world.random.base, encoding.size);
    if (at >= ENVELOPE_AT_STAMP &&
        at < ENVELOPE_AT_STAMP + ENVELOPE_STAMP_BYTES)
        at = ENVELOPE_AT_BODY;
    bytes[at] ^= (uint8_t)(1 + random_below(&world.random.base, 255));
    struct envelope envelope;
    tally->mutants++;
    if (envelope_decode((struct span){bytes, encoding.size}, &envelope)) {
        tally->malformed++;
        return;
    }
    struct port_message message = {.type = PORT_ENVELOPE};
    envelope_identify(envelope.encoding, &message.envelope.id);
    message.envelope.envelope = &envelope;
    step(person, (struct vault_event){.kind = VAULT_TICK});
    size_t before = doings(person);
    step(person, (struct vault_event){.kind = VAULT_PORT, .port = &message});
    tally->changed += doings(person) != before;
}

static void say(size_t number)
{
    size_t from = random_below(&world.random.base, 2);
    char text[32];
    snprintf(text, sizeof(text), "n%zu", number);
    struct answer *answer = ask_send(&world.people[from], names[!from], text);
    need(answer->kind == CONTROL_SENT);
}

/* One adds an invite of the other's, which begins another session. */
static void begin_session(size_t who, struct tally *tally)
{
    struct control_request request = {
        .method = CONTROL_ID, .id = 1, .invite = true};
    char invite[INVITE_TEXT_CHARS + 1];
    struct answer *answer = person_ask(&world.people[!who], &request);
    need(answer->kind == CONTROL_CARD);
    strcpy(invite, answer->card);
    answer = ask_add(&world.people[who], names[!who], invite);
    need(answer->kind == CONTROL_CONTACT_ROWS);
    tally->sessions++;
}

static void relock(size_t who)
{
    lock_and_unlock(&world.people[who], names[who]);
}

static void restart_relays(void)
{
    for (size_t who = 0; who < 2; who++)
        step(&world.people[who], (struct vault_event){.kind = VAULT_PORT_UP});
}

/* How far the ratchet that ann writes on has turned. */
static void count_steps(struct tally *tally)
{
    const struct opened *opened = world.people[0].vault->opened;
    const struct contact *contact = rows_at(&opened->contacts.rows, 0);
    const struct session *active =
        sessions_active(&opened->sessions, contact->row);
    if (!active)
        return;
    if (active->row == tally->session)
        tally->steps += active->chain - tally->chain;
    tally->session = active->row;
    tally->chain = active->chain;
}

static void play(struct tally *tally)
{
    for (size_t i = 0; i < LETTERS; i++) {
        say(i);
        world_run(&world, STRIDE_MS);
        count_steps(tally);
        if (i % 4 == 0)
            hand_mutant(&world.people[i / 4 % 2], tally);
        if (i % INVITE_EVERY == INVITE_EVERY / 2)
            begin_session(i / INVITE_EVERY % 2, tally);
        if (i % LOCK_EVERY == LOCK_EVERY / 3)
            relock(i / LOCK_EVERY % 2);
        if (i % RELAY_EVERY == RELAY_EVERY - 1)
            restart_relays();
    }
    for (int i = 0; i < 20; i++) {
        world_run(&world, HOUR_MS);
        restart_relays();
    }
}

/* How many letters are not in the two inboxes together just once. */
static size_t count_wrong(void)
{
    size_t wrong = 0;
    for (size_t who = 0; who < 2; who++) {
        struct control_request request = {
            .method = CONTROL_READ, .id = 1, .all = true, .peek = true};
        do {
            struct answer *answer = person_ask(&world.people[who], &request);
            need(answer->kind == CONTROL_LETTER_ROWS);
            for (size_t i = 0; i < answer->count; i++) {
                size_t number =
                    (size_t)strtoul(answer->rows[i].text + 1, NULL, 10);
                need(number < LETTERS);
                seen[number]++;
            }
            request.cursor = answer->next;
        } while (request.cursor);
    }
    for (size_t i = 0; i < LETTERS; i++)
        wrong += seen[i] != 1;
    return wrong;
}

static size_t count_undelivered(struct person *person)
{
    struct control_request request = {.method = CONTROL_OUTBOX, .id = 1};
    size_t count = 0;
    do {
        struct answer *answer = person_ask(person, &request);
        for (size_t i = 0; i < answer->count; i++)
            count += answer->rows[i].outbox != OUTBOX_DELIVERED;
        request.cursor = answer->next;
    } while (request.cursor);
    return count;
}

int main(void)
{
    struct tally tally = {0};
    world_init(&world, 2, 10);
    world_meet(&world);
    world.loss_percent = 8;
    world.double_percent = 10;
    play(&tally);
    printf("# %zu sessions, %zu steps of the ratchet, %zu mutants, %zu of them "
           "malformed\n",
        tally.sessions, tally.steps, tally.mutants, tally.malformed);
    ok(count_wrong() == 0, "each of 10,000 letters is there once");
    ok(count_undelivered(&world.people[0]) +
                count_undelivered(&world.people[1]) ==
            0,
        "and each sender knows");
    ok(tally.mutants - tally.malformed > 2000 && tally.changed == 0,
        "no copy that was changed did anything");
    ok(tally.sessions >= 20 && tally.steps > 200,
        "over many sessions and hundreds of steps");
    world_free(&world);
    return tap_done();
}
