/* SPDX-License-Identifier: GPL-3.0-or-later */
/* X-Wing keys between vaults, by a stand-in for X-Wing: they come with the
 * weekly renewal, first contacts are then made to them, and nobody but their
 * owner takes them back. */
#include "tests/vault/copies.h"
#include "tests/vault/other.h"

#include "crypto/renewal.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];

static void begin(uint64_t seed)
{
    world_init(&world, 2, seed);
    world.config.card_renewal = true;
    for (size_t i = 0; i < 2; i++) { /* as it is configured now */
        person_die(&world.people[i]);
        person_start(&world.people[i]);
    }
    world_meet(&world);
}

/* The X-Wing key that ann has of bo, or 0. */
static uint32_t known_id(void)
{
    const struct rows *rows = &ann->vault->opened->kems.rows;
    return rows->count ? ((const struct kem *)rows_at(rows, 0))->offer.id : 0;
}

/* Until bo's card has been renewed. */
static void learn(void)
{
    for (int day = 0; day < 9 && !known_id(); day++)
        world_run(&world, DAY_MS);
    need(known_id() && disk_count(&ann->disk, RECORD_KEM) == 1);
}

/* How many first contacts of a class have been made with somebody. */
static size_t intros_with(const struct person *person, uint8_t class_)
{
    size_t count = 0;
    for (size_t i = 0; i < world.carried_count; i++) {
        const struct tag_entry *entry = tags_find(
            person->vault->opened->tags, &world.carried[i].envelope.tag);
        count += entry && entry->kind == TAG_INTRO &&
                 world.carried[i].envelope.class_ == class_;
    }
    return count;
}

static size_t intros(uint8_t class_)
{
    return intros_with(bo, class_);
}

static void test_first_contact(void)
{
    begin(81);
    ok(known_id() == 0, "a card has no room for an X-Wing key");
    learn();
    ok(known_id() == bo->vault->opened->renewals.prekey_id,
        "the renewal of it brings one");
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    need(
        ask_send(ann, "bo", "beyond a quantum computer")->kind == CONTROL_SENT);
    ok(intros(1) == 1 && intros(0) == 0,
        "the first contact is made to it, also after a lock");
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    world_run(&world, MINUTE_MS);
    need(ask_send(bo, "ann", "and back")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(strcmp(bo->last_text, "beyond a quantum computer") == 0 &&
            strcmp(ann->last_text, "and back") == 0 &&
            ann->last_outbox == OUTBOX_DELIVERED,
        "and letters go both ways");
    world_free(&world);
}

/* A newer card comes by another way, and says nothing of a key. */
static void test_card(void)
{
    char card[CARD_TEXT_CHARS + 1];
    begin(82);
    learn();
    uint32_t known = known_id();
    world_run(&world, 2 * DAY_MS);
    strcpy(card, person_card(bo));
    struct card parsed;
    need(!card_from_text(card, &parsed));
    need(parsed.prekey_id > known);
    need(ask_add(ann, "bo", card)->kind == CONTROL_CONTACT_ROWS);
    ok(known_id() == known, "a newer card takes no X-Wing key away");
    need(ask_send(ann, "bo", "still beyond")->kind == CONTROL_SENT);
    ok(intros(1) == 1 && intros(0) == 0,
        "and so first contact is not made without it");
    world_run(&world, MINUTE_MS);
    ok(strcmp(bo->last_text, "still beyond") == 0, "and is opened");
    world_free(&world);
}

/* Hand ann a renewal of bo's that he has signed, with an X-Wing key or not. */
static void hand_renewal(uint32_t id, bool has_kem)
{
    static struct sealed sealed;
    const struct opened *opened = bo->vault->opened;
    struct prekey prekey = *prekeys_newest(&opened->prekeys);
    struct renewal renewal;
    prekey.id = id;
    prekey.has_kem = has_kem;
    prekey.expires_h = world_now_h(&world) + 100;
    renewal_make(&opened->identity, &prekey, &renewal);
    renewal_seal(&renewal, &prekey,
        renewal_week(opened->identity.address, world_now_h(&world)), &sealed);
    hand(ann, sealed.encoding, sealed.size);
}

static void test_renewals(void)
{
    begin(83);
    learn();
    uint32_t known = known_id();
    hand_renewal(known - 1, false);
    ok(known_id() == known, "an older renewal without a key takes none away");
    hand_renewal(known - 1, true);
    ok(known_id() == known, "nor does an older one bring one back");
    hand_renewal(known + 5, true);
    ok(known_id() == known + 5, "a newer one brings another");
    hand_renewal(known + 6, false);
    ok(known_id() == 0 && disk_count(&ann->disk, RECORD_KEM) == 0,
        "and its owner's signature on one without it takes it back");
    world_free(&world);
}

static void test_gone(void)
{
    begin(84);
    learn();
    need(ask_word(ann, CONTROL_REMOVE, "bo")->kind == CONTROL_DONE);
    ok(known_id() == 0 && disk_count(&ann->disk, RECORD_KEM) == 0,
        "it goes with its contact");
    world_free(&world);
}

/* A key that ran out is not used, and its prekey's seed is destroyed. */
static void test_age(void)
{
    begin(85);
    learn();
    bo->listening = false;
    need(ask_word(bo, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    world_run(&world, 9 * DAY_MS);
    ok(!kems_find(&ann->vault->opened->kems,
           &(struct step){.now_h = world_now_h(&world)}, 1) &&
            known_id(),
        "one that has run out is not used");
    need(ask_word(bo, CONTROL_UNLOCK, "bo")->kind == CONTROL_DONE);
    uint32_t was = known_id();
    world_run(&world, 25ull * DAY_MS);
    ok(!prekeys_find(&bo->vault->opened->prekeys, was) && known_id() > was,
        "what it opens is destroyed with its prekey, and newer ones come");
    world_free(&world);
}

/* A third home, into which ann is restored. */
static struct person *move_ann(void)
{
    struct person *home = &world.people[2];
    struct copy copy = back_up(ann, "safe");
    person_die(ann);
    world.count = 3;
    home->world = &world;
    random_seeded_init(&home->random, 86, 9);
    person_start(home);
    need(copy_hand_all(home, &copy, "safe")->kind == CONTROL_PART);
    need(copy_end(home, "fresh")->kind == CONTROL_RESTORED);
    free(copy.bytes);
    return home;
}

/* The keys of others go along, and the seeds of one's own. */
static void test_backup(void)
{
    begin(86);
    learn();
    for (int day = 0; day < 9 && !bo->vault->opened->kems.rows.count; day++)
        world_run(&world, DAY_MS);
    uint32_t known = known_id();
    need(bo->vault->opened->kems.rows.count == 1);
    struct person *home = move_ann();
    const struct rows *rows = &home->vault->opened->kems.rows;
    ok(rows->count == 1 &&
            ((const struct kem *)rows_at(rows, 0))->offer.id == known &&
            disk_count(&home->disk, RECORD_KEM) == 1,
        "a contact's X-Wing key is in a backup");
    ok(intros(0) == 0 && intros(1) > 0,
        "and the first contact after the restore is made to it");

    /* Bo has not heard of it yet, and writes to a key from before. */
    need(ask_send(bo, "ann", "to the old key")->kind == CONTROL_SENT);
    world_run(&world, 10 * MINUTE_MS);
    need(ask_send(home, "bo", "from home")->kind == CONTROL_SENT);
    world_run(&world, 10 * MINUTE_MS);
    ok(intros_with(home, 0) == 0 && intros_with(home, 1) > 0 &&
            strcmp(home->last_text, "to the old key") == 0,
        "the seed of one's own is in it, and opens what comes to it");
    ok(strcmp(bo->last_text, "from home") == 0, "and letters go both ways");
    world_free(&world);
}

int main(void)
{
    need(kem_is_here());
    test_first_contact();
    test_card();
    test_renewals();
    test_gone();
    test_age();
    test_backup();
    return tap_done();
}
