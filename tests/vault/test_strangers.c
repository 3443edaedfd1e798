/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many strangers at once, and what the timing of a vault's receipts tells. */
#include "crypto/intro.h"
#include "proto/card.h"
#include "tests/vault/pair.h"
#include "vault/step.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, STRANGERS = 10000 };

static struct world world;

/* Hand a vault an envelope, as its relay would. */
static void hand(struct person *person, const struct sealed *sealed)
{
    struct envelope envelope;
    need(!envelope_decode(
        (struct span){sealed->encoding, sealed->size}, &envelope));
    struct port_message message = {.type = PORT_ENVELOPE};
    message.envelope.id = sealed->id;
    message.envelope.envelope = &envelope;
    struct vault_event event = {.kind = VAULT_PORT, .port = &message};
    person_step(person, &event);
    run_errands(person);
}

/* Somebody whom nobody knows makes first contact with the owner of a card. */
static void make_stranger(
    struct random *random, const struct card *to, struct sealed *out)
{
    uint32_t now_h = (uint32_t)(world.clock_s / 3600);
    struct identity identity;
    struct prekey prekey;
    struct card card;
    struct intro intro;
    struct ratchet ratchet;
    struct tags *tags = tags_new(LIMIT_TAG_WINDOW, 1);
    need(tags);
    identity_generate(&identity, random);
    prekey_generate(&prekey, 1, now_h + 100, random);
    card_make(&identity, &prekey, &card);
    need(!intro_begin(
        &intro, &ratchet, 1, &identity, &card, to, now_h, tags, random));
    intro_seal(&intro, intro_draw(intro_day(now_h), now_h + 100, random), out);
    tags_free(tags);
}

static void test_many(void)
{
    static struct sealed sealed;
    struct random_seeded random;
    struct card card;
    random_seeded_init(&random, 11, 1);
    world_init(&world, 2, 21);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    need(!card_from_text(person_card(a), &card));

    size_t most = 0;
    for (size_t i = 0; i < STRANGERS; i++) {
        make_stranger(&random.base, &card, &sealed);
        hand(a, &sealed);
        size_t held = disk_count(&a->disk, RECORD_REQUEST);
        most = held > most ? held : most;
    }
    ok(most == LIMIT_REQUESTS,
        "of 10,000 strangers 64 wait, and the disk holds no more");
    ok(ask_word(a, CONTROL_STATUS, "")->status_of.requests == LIMIT_REQUESTS,
        "which is what the vault says");
    ok(a->note_letters + a->note_sessions + a->note_outbox == 0 &&
            a->releases == 0 && a->submits == 0,
        "no notification, receipt or answer comes of any");
    ok(disk_count(&a->disk, RECORD_SESSION) == 0, "and no session");
    ask_send(b, "ann", "it is me");
    world_run(&world, MINUTE_MS);
    ok(a->note_letters == 1 && strcmp(a->last_text, "it is me") == 0,
        "and one whom she knows gets through");
    world_free(&world);
}

/* How long after a letter has come is it confirmed? */
static uint64_t receipt_wait_ms(struct person *a, struct person *b)
{
    enum { PATIENCE_MS = 600000, GRAIN_MS = 10 };
    size_t before = b->releases;
    uint64_t start_ms = world.now_ms;
    ask_send(a, "bo", "when");
    while (b->releases == before && world.now_ms < start_ms + PATIENCE_MS)
        world_run(&world, GRAIN_MS);
    need(b->releases > before);
    return world.now_ms - start_ms;
}

static void test_receipts(void)
{
    enum { LETTERS = 40 };
    world_init(&world, 2, 22);
    world_meet(&world);
    struct person *a = &world.people[0];
    struct person *b = &world.people[1];
    ask_send(a, "bo", "first");
    world_run(&world, HOUR_MS);
    size_t prompt = 0, different = 0;
    uint64_t last_ms = 0;
    for (size_t i = 0; i < LETTERS; i++) {
        uint64_t wait_ms = receipt_wait_ms(a, b);
        prompt += wait_ms <= 20;
        different += wait_ms != last_ms;
        last_ms = wait_ms;
        world_run(&world, HOUR_MS);
    }
    ok(different > LETTERS / 2 && prompt < LETTERS / 4,
        "a receipt waits a random time after its letter came");

    ask_word(b, CONTROL_LOCK, "");
    size_t before = b->releases;
    ask_send(a, "bo", "asleep");
    world_run(&world, 24 * HOUR_MS);
    ok(b->releases == before, "a locked vault confirms nothing");
    ask_word(b, CONTROL_UNLOCK, "bo");
    world_run(&world, 2 * HOUR_MS);
    ok(b->releases > before, "until it is unlocked");

    ask_send(a, "bo", "just before");
    while (b->note_letters < LETTERS + 3)
        world_run(&world, 1);
    before = b->releases;
    ask_word(b, CONTROL_LOCK, "");
    world_run(&world, 24 * HOUR_MS);
    ok(b->releases == before, "nor what had come when it was locked");
    ask_word(b, CONTROL_UNLOCK, "bo");
    world_run(&world, HOUR_MS);
    ok(b->releases == before + 1, "which is confirmed afterwards");
    world_free(&world);
}

/* The longest and the mean of many waits. */
static uint64_t draw_waits(
    uint64_t mean_ms, enum pace pace, uint64_t *longest_ms)
{
    enum { DRAWS = 4000 };
    struct random_seeded random;
    struct vault_config config = {.receipt_mean_ms = mean_ms};
    struct step step = {.config = &config, .random = &random.base};
    uint64_t sum_ms = 0;
    *longest_ms = 0;
    random_seeded_init(&random, 7, 0);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t wait_ms = step_receipt_wait_ms(&step, pace);
        sum_ms += wait_ms;
        *longest_ms = wait_ms > *longest_ms ? wait_ms : *longest_ms;
    }
    return sum_ms / DRAWS;
}

static void test_waits(void)
{
    uint64_t longest_ms;
    uint64_t mean_ms = draw_waits(1000, PACE_DEFAULT, &longest_ms);
    ok(mean_ms > 900 && mean_ms < 1100 && longest_ms > 4000,
        "a prompt receipt waits a second on average");
    mean_ms = draw_waits(HOUR_MS / 2, PACE_DEFAULT, &longest_ms);
    ok(mean_ms > HOUR_MS / 2 * 9 / 10 && mean_ms < HOUR_MS / 2 * 11 / 10,
        "a discreet one half an hour");
    draw_waits(12 * HOUR_MS, PACE_DEFAULT, &longest_ms);
    ok(longest_ms == 6 * HOUR_MS, "and none longer than six");
    mean_ms = draw_waits(12 * HOUR_MS, PACE_PROMPT, &longest_ms);
    ok(mean_ms > 900 && mean_ms < 1100,
        "a contact's pace goes before what is configured: prompt");
    mean_ms = draw_waits(1000, PACE_DISCREET, &longest_ms);
    ok(mean_ms > HOUR_MS / 2 * 9 / 10 && mean_ms < HOUR_MS / 2 * 11 / 10 &&
            longest_ms <= 6 * HOUR_MS,
        "or discreet");
}

static uint64_t count_requests(struct person *person)
{
    return ask_word(person, CONTROL_STATUS, "")->status_of.requests;
}

/* To a new identity nobody can have written on an earlier day, but by a clock
 * that is days late. */
static void test_late_clock(void)
{
    enum { LATE_S = 3 * 24 * 3600 };
    static struct sealed sealed;
    struct envelope envelope;
    struct random_seeded random;
    struct card card;
    random_seeded_init(&random, 12, 1);
    world_init(&world, 2, 23);
    world_meet(&world);
    struct person *a = &world.people[0];
    need(!card_from_text(person_card(a), &card));
    world.clock_s -= LATE_S;
    make_stranger(&random.base, &card, &sealed);
    world.clock_s += LATE_S;
    need(!envelope_decode(
        (struct span){sealed.encoding, sealed.size}, &envelope));
    struct port_message message = {.type = PORT_SUBMIT};
    message.envelope.id = sealed.id;
    message.envelope.envelope = &envelope;
    mesh_submit(&world, 1, &message);
    world_run(&world, MINUTE_MS);
    need(count_requests(a) == 0);
    world_run(&world, 24 * HOUR_MS);
    ok(count_requests(a) == 1,
        "who writes by a late clock to a new identity is found the next day");
    make_stranger(&random.base, &card, &sealed);
    hand(a, &sealed);
    ok(count_requests(a) == 2, "and whose is right at once");
    world_free(&world);
}

int main(void)
{
    test_late_clock();
    test_waits();
    test_receipts();
    test_many();
    return tap_done();
}
