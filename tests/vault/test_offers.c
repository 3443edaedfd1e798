/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A first contact is offered until it is answered: in one envelope as long as
 * that has enough of its life before it, whatever the relay loses. */
#include "tests/vault/pair.h"
#include "vault/vault_state.h"

enum {
    MINUTE_MS = 60000,
    HOUR_MS = 60 * MINUTE_MS,
    DAY_MS = 24 * HOUR_MS,
    OFFERS = 16,
};

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];

/* Ann has written to bo, whose vault is locked. */
static void begin(uint64_t seed)
{
    world_init(&world, 2, seed);
    world_meet(&world);
    need(ask_word(bo, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    need(ask_send(ann, "bo", "are you there")->kind == CONTROL_SENT);
    world_run(&world, 1000);
}

static const struct session *session_of_ann(void)
{
    const struct session *session =
        rows_at(&ann->vault->opened->sessions.rows, 0);
    need(ann->vault->opened->sessions.rows.count == 1);
    return session;
}

/* The envelopes under tags of the address in bo's card, in order. */
static size_t list_offers(const struct carried *out[static OFFERS])
{
    const uint8_t *address = session_of_ann()->intro.address;
    size_t count = 0;
    for (size_t i = 0; i < world.carried_count; i++) {
        uint32_t today = intro_day(world.carried[i].envelope.expires_h);
        for (uint32_t back = 0; back <= LIMIT_INTRO_DAYS; back++)
            for (uint32_t slot = 0; slot < LIMIT_INTRO_SLOTS; slot++) {
                struct tag tag;
                intro_tag(address, today - back, slot, &tag);
                if (!tag_equal(&tag, &world.carried[i].envelope.tag))
                    continue;
                need(count < OFFERS);
                out[count++] = &world.carried[i];
            }
    }
    return count;
}

static size_t count_offers(void)
{
    const struct carried *offers[OFFERS];
    return list_offers(offers);
}

static bool bo_hears(const char *text)
{
    need(ask_word(bo, CONTROL_UNLOCK, "bo")->kind == CONTROL_DONE);
    world_run(&world, MINUTE_MS);
    return strcmp(bo->last_text, text) == 0;
}

/* Relays lose all that they have. */
static void forget_all(void)
{
    for (size_t i = 0; i < world.carried_count; i++)
        free(world.carried[i].bytes);
    world.carried_count = 0;
    world.flight_count = 0;
}

static void test_one_envelope(void)
{
    begin(1);
    ok(count_offers() == 1, "a first contact is an envelope");
    size_t submits = ann->submits;
    world_run(&world, MINUTE_MS);
    ok(ann->submits == submits, "that is not offered again at once");
    world_run(&world, 3 * DAY_MS);
    ok(ann->submits >= submits + 2 * 12 && ann->submits <= submits + 2 * 13,
        "but every six hours, as the letter is");
    ok(count_offers() == 1, "and it is the same for three days");
    lock_and_unlock(ann, "ann");
    person_die(ann);
    person_start(ann);
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    struct vault_event event = {.kind = VAULT_PORT_UP};
    person_step(ann, &event);
    world_run(&world, MINUTE_MS);
    ok(count_offers() == 1,
        "also over a lock, a restart of the vault and one of the relay");
    ok(bo_hears("are you there"), "by it a letter opens that was found late");
    submits = ann->submits;
    world_run(&world, 2 * DAY_MS);
    ok(ann->submits == submits,
        "and once it is answered it is offered no more");
    world_free(&world);
}

static void test_lost(bool says_so)
{
    begin(2);
    const struct carried *offers[OFFERS];
    need(list_offers(offers) == 1);
    struct envelope_id id = offers[0]->id;
    forget_all();
    if (says_so) {
        struct vault_event event = {.kind = VAULT_PORT_UP};
        person_step(ann, &event);
        run_errands(ann);
    } else {
        world_run(&world, 6 * HOUR_MS);
    }
    need(list_offers(offers) == 1);
    ok(envelope_id_equal(&offers[0]->id, &id) && bo_hears("are you there"),
        says_so ? "a relay that comes up without its shelf is given it"
                : "one that lost it in silence has it after six hours");
    world_free(&world);
}

static void refuse(const struct envelope_id *id)
{
    struct port_message message = {.type = PORT_REFUSED};
    message.refused.id = *id;
    message.refused.reason = STATUS_FULL;
    struct vault_event event = {.kind = VAULT_PORT, .port = &message};
    person_step(ann, &event);
}

static void test_refused(void)
{
    begin(3);
    struct envelope_id id = session_of_ann()->envelope;
    size_t submits = ann->submits;
    id.bytes[0] ^= 1;
    refuse(&id);
    world_run(&world, 11 * MINUTE_MS);
    ok(ann->submits == submits, "what else is refused does not concern it");
    id.bytes[0] ^= 1;
    forget_all();
    refuse(&id);
    world_run(&world, 9 * MINUTE_MS);
    need(ann->submits == submits);
    world_run(&world, 2 * MINUTE_MS);
    ok(ann->submits == submits + 1 && carried_find(&world, &id),
        "where there was no room it is offered again after ten minutes");
    world_run(&world, 5 * HOUR_MS);
    ok(ann->submits == submits + 1, "once");
    world_free(&world);
}

/* Another envelope of it is there before the one before has ended, so that a
 * slow mesh always has some days; and they are few. */
static void test_life(void)
{
    begin(4);
    const struct carried *offers[OFFERS];
    uint64_t start_s = world.clock_s;
    uint32_t last_h = session_of_ann()->intro.peer.prekey_expires_h + 14 * 24;
    size_t short_hours = 0, long_hours = 0;
    uint64_t made_h[OFFERS] = {0};
    size_t known = 1;
    for (uint64_t hour = 1; world.clock_s / HOUR_S <= last_h; hour++) {
        world_run(&world, HOUR_MS);
        size_t count = list_offers(offers);
        need(count > 0 && count <= OFFERS);
        for (; known < count; known++)
            made_h[known] = hour;
        uint32_t end_h = offers[count - 1]->envelope.expires_h;
        uint64_t now_h = world.clock_s / HOUR_S;
        short_hours += end_h != last_h && end_h < now_h + 84 - 6;
        long_hours += end_h > last_h;
    }
    ok((world.clock_s - start_s) / DAY_S == 21, "for three weeks");
    ok(short_hours == 0, "there always is one with three days ahead of it, or "
                         "that lives as long as it can be answered");
    ok(long_hours == 0, "and none that lives longer");
    ok(known == 3, "of three in all");
    ok(made_h[1] >= 3 * 24 && made_h[1] <= 4 * 24 && made_h[2] >= 14 * 24,
        "that come ever less often");
    size_t submits = ann->submits;
    world_run(&world, 10 * DAY_MS);
    ok(count_offers() == 3 && ann->submits == submits,
        "and when nobody can answer none is offered");
    world_free(&world);
}

static void test_outlived(void)
{
    begin(5);
    const struct carried *offers[OFFERS];
    world_run(&world, 7 * DAY_MS + 12 * HOUR_MS);
    need(list_offers(offers) == 2);
    need(offers[0]->envelope.expires_h + LIMIT_CLOCK_SKEW_H <
         world.clock_s / HOUR_S);
    need(ask_send(ann, "bo", "still there")->kind == CONTROL_SENT);
    world_run(&world, 12 * HOUR_MS);
    ok(bo_hears("still there"),
        "who comes when the first has expired meets the second");
    ok(ann->last_outbox == OUTBOX_DELIVERED, "and answers");
    world_free(&world);
}

static void test_clock(void)
{
    begin(6);
    const struct carried *offers[OFFERS];
    world.clock_s -= 8 * DAY_S;
    world_run(&world, 7 * HOUR_MS);
    size_t count = list_offers(offers);
    ok(count == 2 && offers[1]->envelope.expires_h <=
                         world.clock_s / HOUR_S + LIMIT_ENVELOPE_LIFE_H,
        "after a clock was set back another replaces what relays would refuse");
    world_run(&world, 2 * DAY_MS);
    ok(count_offers() == 2, "once");
    world_free(&world);
}

int main(void)
{
    test_one_envelope();
    test_lost(true);
    test_lost(false);
    test_refused();
    test_life();
    test_outlived();
    test_clock();
    return tap_done();
}
