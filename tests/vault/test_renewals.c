/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cards that run out, and the newer ones that go out each week. */
#include "crypto/renewal.h"
#include "tests/vault/pair.h"
#include "vault/vault_state.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];
static struct person *const cy = &world.people[2];

static uint32_t now_h(void)
{
    return (uint32_t)(world.clock_s / 3600);
}

static void begin(uint64_t seed)
{
    world_init(&world, 3, seed);
    world.config.card_renewal = true;
    for (size_t i = 0; i < 3; i++) { /* as it is configured now */
        person_die(&world.people[i]);
        person_start(&world.people[i]);
    }
    world_meet(&world);
}

static void unlock(struct person *person, const char *passphrase)
{
    need(ask_word(person, CONTROL_UNLOCK, passphrase)->kind == CONTROL_DONE);
    world_run(&world, MINUTE_MS);
}

/* The prekey of the first contact's card, as a vault has it. */
static uint32_t known_prekey(const struct person *person)
{
    const struct rows *rows = &person->vault->opened->contacts.rows;
    need(rows->count > 0);
    return ((const struct contact *)rows_at(rows, 0))->card.prekey_id;
}

static uint32_t own_prekey(const struct person *person)
{
    return prekeys_newest(&person->vault->opened->prekeys)->id;
}

/* The carried envelope that renews a person's card in a week, or NULL. */
static const struct carried *renewal_of(
    const struct person *person, uint32_t week)
{
    struct tag tag;
    renewal_tag(person->vault->opened->identity.address, week, &tag);
    const struct carried *found = NULL;
    for (size_t i = 0; i < world.carried_count; i++) {
        if (!tag_equal(&world.carried[i].envelope.tag, &tag))
            continue;
        need(!found);
        found = &world.carried[i];
    }
    return found;
}

static uint32_t week_of(const struct person *person)
{
    return renewal_week(person->vault->opened->identity.address, now_h());
}

/* Until the next week has begun, and what goes out in it has come. */
static void pass_week(const struct person *person)
{
    uint32_t week = week_of(person);
    while (week_of(person) == week)
        world_run(&world, HOUR_MS);
    world_run(&world, HOUR_MS);
}

static void hand(struct person *person, const struct envelope *envelope)
{
    struct port_message message = {.type = PORT_ENVELOPE};
    message.envelope.envelope = envelope;
    envelope_identify(envelope->encoding, &message.envelope.id);
    struct vault_event event = {.kind = VAULT_PORT, .port = &message};
    person_step(person, &event);
    run_errands(person);
}

static void test_first_contact(void)
{
    begin(41);
    uint32_t first = known_prekey(ann);
    world_run(&world, 9 * DAY_MS);
    ok(known_prekey(ann) > first, "a contact's newer card is found");
    ok(ask_send(ann, "bo", "after nine days")->kind == CONTROL_SENT,
        "so a first contact can be made when the card has run out");
    world_run(&world, MINUTE_MS);
    ok(strcmp(bo->last_text, "after nine days") == 0 &&
            ann->last_outbox == OUTBOX_DELIVERED,
        "and is opened");
    ok(cy->note_letters == 0 && ask_word(cy, CONTROL_CONTACTS, "")->count == 0,
        "nobody else learns anything");
    world_free(&world);
}

static void test_off(void)
{
    world_init(&world, 2, 42);
    world_meet(&world);
    world_run(&world, 9 * DAY_MS);
    struct answer *answer = ask_send(ann, "bo", "too late");
    ok(answer->status == STATUS_EXPIRED && strstr(answer->message, "newer"),
        "where none goes out, an old card is refused, with words");
    ok(world.carried_count == 0, "and nothing was sent");
    world_free(&world);
}

static void test_weekly(void)
{
    enum { WEEKS = 6 };
    begin(43);
    size_t before = bo->submits;
    uint32_t first = week_of(bo);
    ok(world.carried_count == 0, "a first card is as new: nothing goes out");
    for (int day = 0; day < 7 * WEEKS; day++) {
        person_card(bo);
        world_run(&world, DAY_MS);
    }
    size_t weeks = 0;
    for (uint32_t week = first; week <= first + WEEKS; week++)
        weeks += renewal_of(bo, week) != NULL;
    ok(weeks == WEEKS && bo->submits - before == WEEKS,
        "then one goes out each week, however often a card is asked for");
    const struct carried *last = renewal_of(bo, week_of(bo));
    ok(last->envelope.expires_h <= now_h() + 7 * 24 &&
            last->envelope.expires_h >= now_h(),
        "and lives as long as its prekey");
    size_t carried = world.carried_count;
    person_die(bo);
    person_start(bo);
    unlock(bo, "bo");
    struct vault_event event = {.kind = VAULT_PORT_UP};
    person_step(bo, &event);
    world_run(&world, MINUTE_MS);
    ok(bo->submits - before > WEEKS && world.carried_count == carried,
        "given out again after a restart, it is the same");
    ok(ask_word(bo, CONTROL_LOCK, "")->kind == CONTROL_DONE, "locked");
    before = bo->submits;
    world_run(&world, 15 * DAY_MS);
    ok(bo->submits == before, "a locked vault gives none out");
    world_free(&world);
}

static void test_locked_reader(void)
{
    begin(44);
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    world_run(&world, 9 * DAY_MS);
    unlock(ann, "ann");
    ok(known_prekey(ann) == bo->vault->opened->renewals.prekey_id,
        "what went out while a vault was locked is found on unlock");
    need(ask_word(ann, CONTROL_BLOCK, "bo")->kind == CONTROL_CONTACT_ROWS);
    uint32_t blocked = known_prekey(ann);
    world_run(&world, 7 * DAY_MS);
    ok(known_prekey(ann) == blocked, "that of a blocked contact is not opened");
    need(ask_word(ann, CONTROL_UNBLOCK, "bo")->kind == CONTROL_CONTACT_ROWS);
    world_run(&world, MINUTE_MS);
    ok(known_prekey(ann) > blocked, "until they are not blocked any more");
    need(ask_word(ann, CONTROL_REMOVE, "bo")->kind == CONTROL_DONE);
    size_t tags = tags_count(ann->vault->opened->tags);
    ok(tags == LIMIT_INTRO_SLOTS * LIMIT_INTRO_DAYS,
        "and nothing is looked for of one who was removed");
    world_free(&world);
}

/* Hand ann a renewal by bo's own hand, of a prekey of that number and sealed in
 * that week; what she takes for his prekey then. */
static uint32_t hand_own(uint32_t prekey_id, uint32_t week)
{
    static struct sealed sealed;
    struct prekey prekey;
    struct renewal renewal;
    struct envelope envelope;
    prekey_generate(&prekey, prekey_id, now_h() + 100, &cy->random.base);
    renewal_make(&bo->vault->opened->identity, &prekey, &renewal);
    renewal_seal(&renewal, &prekey, week, &sealed);
    need(!envelope_decode(
        (struct span){sealed.encoding, sealed.size}, &envelope));
    hand(ann, &envelope);
    return known_prekey(ann);
}

static void test_replayed(void)
{
    begin(45);
    pass_week(bo);
    uint32_t week = week_of(bo);
    uint32_t known = known_prekey(ann);
    ok(hand_own(known - 1, week - 1) == known,
        "an older one, come again, changes nothing");
    ok(hand_own(known - 1, week) == known, "nor sealed anew in this week");
    ok(hand_own(known + 1, week - 1) == known + 1,
        "where a newer one would, of either week");
    world_free(&world);
}

/* Cy knows bo's card, and so his address. */
static void test_another(void)
{
    static struct sealed sealed;
    struct envelope envelope;
    struct prekey prekey;
    struct renewal renewal;
    begin(46);
    const struct opened *opened = bo->vault->opened;
    struct identity identity = cy->vault->opened->identity;
    memcpy(identity.address, opened->identity.address, 32);
    prekey_generate(&prekey, UINT32_MAX, now_h() + 100, &cy->random.base);
    renewal_make(&identity, &prekey, &renewal);
    renewal_seal(&renewal, &prekey, week_of(bo), &sealed);
    need(!envelope_decode(
        (struct span){sealed.encoding, sealed.size}, &envelope));
    uint32_t known = known_prekey(ann);
    hand(ann, &envelope);
    ok(known_prekey(ann) == known &&
            ask_word(ann, CONTROL_CONTACTS, "")->rows[0].offered[0] == '\0',
        "another identity's under a contact's address is refused");
    prekey.expires_h = now_h() - 1;
    renewal_make(&opened->identity, &prekey, &renewal);
    renewal_seal(&renewal, &prekey, week_of(bo), &sealed);
    need(!envelope_decode(
        (struct span){sealed.encoding, sealed.size}, &envelope));
    hand(ann, &envelope);
    ok(known_prekey(ann) == known, "and so is one that has run out");
    world_free(&world);
}

/* Bo's key has changed; when ann takes the new one its card has run out, and
 * what was under way waits for a newer. */
static void test_held(void)
{
    begin(47);
    char card[CARD_TEXT_CHARS + 1];
    need(ask_word(bo, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    strcpy(card, person_card(cy));
    need(ask_word(cy, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    struct control_request request = {.method = CONTROL_SEND,
        .id = 1,
        .name = span_of_text("bo"),
        .text = span_of_text("under way"),
        .life_h = LIMIT_ENVELOPE_LIFE_H};
    need(person_ask(ann, &request)->kind == CONTROL_SENT);
    need(ask_add(ann, "bo", card)->status == STATUS_REFUSED);
    world_run(&world, 8 * DAY_MS);
    request = (struct control_request){.method = CONTROL_VERIFY,
        .id = 1,
        .name = span_of_text("bo"),
        .confirm = true};
    need(person_ask(ann, &request)->safety.confirmed);
    unlock(cy, "cy");
    strcpy(card, person_card(ann));
    need(ask_add(cy, "ann", card)->kind == CONTROL_CONTACT_ROWS);
    world_run(&world, MINUTE_MS);
    ok(strcmp(cy->last_text, "under way") == 0,
        "letters that wait for a card go out when it comes");
    world_free(&world);
}

/* Bo's disk is set back by two weeks. */
static void test_set_back(void)
{
    begin(48);
    struct disk old = {.count = 0};
    for (size_t i = 0; i < bo->disk.count; i++) {
        const struct disk_file *file = &bo->disk.files[i];
        const struct vault_record record = {
            file->kind, file->row, {file->blob, file->size}};
        disk_put(&old, &record);
    }
    old.slots_size = bo->disk.slots_size;
    memcpy(old.slots, bo->disk.slots, sizeof(old.slots));
    world_run(&world, 15 * DAY_MS);
    uint32_t known = known_prekey(ann);
    person_die(bo);
    disk_clear(&bo->disk);
    bo->disk = old;
    person_start(bo);
    world_run(&world, HOUR_MS);
    unlock(bo, "bo");
    ok(known_prekey(ann) > known && known_prekey(ann) == own_prekey(bo),
        "what a vault gives out after it was set back is newer all the same");
    world_free(&world);
}

int main(void)
{
    test_first_contact();
    test_off();
    test_weekly();
    test_locked_reader();
    test_replayed();
    test_another();
    test_held();
    test_set_back();
    return tap_done();
}
