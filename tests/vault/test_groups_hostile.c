/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a member of a group, or somebody who was one, tries with a vault of
 * their own that says what ours would never say. */
#include "base/hex.h"
#include "tests/vault/crowd.h"
#include "vault/vault_state.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000 };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];
static struct person *const cy = &world.people[2];
static struct person *const dee = &world.people[3];

/* A step of somebody's vault in which the test has the say. */
struct deed {
    struct person *person;
    struct opened *opened;
    struct vault_effects effects;
    struct step step;
};

static void deed_begin(struct deed *deed, struct person *person)
{
    struct vault *vault = person->vault;
    *deed = (struct deed){.person = person, .opened = vault->opened};
    vault_effects_init(&deed->effects);
    deed->step = (struct step){.now_ms = world.now_ms,
        .clock_s = world.clock_s,
        .now_h = (uint32_t)(world.clock_s / HOUR_S),
        .config = &vault->config,
        .random = vault->random,
        .effects = &deed->effects,
        .tickets = &vault->tickets};
    vault_enter(&deed->step, vault->opened);
}

static void deed_end(struct deed *deed)
{
    for (size_t i = 0; i < deed->effects.count; i++)
        perform(deed->person, &deed->effects.list[i]);
    vault_effects_free(&deed->effects);
    run_errands(deed->person);
    world_run(&world, MINUTE_MS);
}

static struct vault_group *group_of(struct person *person, const char *name)
{
    struct vault_group *group, *other;
    need(groups_mean(&person->vault->opened->groups, span_of_text(name), &group,
             &other) == STATUS_OK);
    return group;
}

static const struct fingerprint *who_is(const struct person *person)
{
    return &person->vault->opened->fingerprint;
}

static const struct contact *contact_of(
    struct person *person, const struct person *other)
{
    const struct contact *contact =
        contacts_find_person(&person->vault->opened->contacts, who_is(other));
    need(contact);
    return contact;
}

/* One person says a letter to another, in their session. */
static void say(struct person *from, struct person *to, struct letter *letter)
{
    struct deed deed;
    deed_begin(&deed, from);
    need(vault_tell(deed.opened, &deed.step, contact_of(from, to), letter));
    deed_end(&deed);
}

static void say_op(struct person *from, struct person *to,
    const struct group_id *group, struct span op)
{
    struct letter letter = {
        .type = LETTER_GROUP_OPS, .group = *group, .op_count = 1};
    letter.ops[0] = op;
    say(from, to, &letter);
}

static size_t op_count(struct person *person, const char *name)
{
    return group_of(person, name)->roster.count;
}

/* An operation as somebody would sign it who may not. */
static struct span sign_anyway(struct person *person, const char *name,
    struct group_op *op, uint8_t out[static GROUP_OP_BYTES])
{
    struct vault_group *group = group_of(person, name);
    size_t size, signed_bytes;
    need(roster_sign(&group->roster, op, who_is(person), &group->key) ==
         STATUS_REFUSED);
    group_op_encode(op, out, &size, &signed_bytes);
    return (struct span){out, size};
}

static void begin(uint64_t seed)
{
    world_init(&world, 4, seed);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    for (size_t i = 0; i < 3; i++) { /* there are sessions between them */
        need(ask_group_send(&world.people[i], "lantern", "hello")->kind ==
             CONTROL_SENT);
        world_run(&world, MINUTE_MS);
    }
}

static void test_forged_operations(void)
{
    uint8_t bytes[GROUP_OP_BYTES];
    begin(61);
    size_t before = op_count(cy, "lantern");
    struct group_id id = group_of(bo, "lantern")->id;
    struct group_op op = {.kind = GROUP_REMOVE, .subject = *who_is(ann)};
    say_op(bo, cy, &id, sign_anyway(bo, "lantern", &op, bytes));
    ok(op_count(cy, "lantern") == before && member_count(cy, "lantern") == 4,
        "a member who is no admin removes nobody");
    const struct group_op *own =
        roster_person(&group_of(bo, "lantern")->roster, who_is(bo));
    op = *own;
    op.admin = true;
    say_op(bo, cy, &id, sign_anyway(bo, "lantern", &op, bytes));
    ok(op_count(cy, "lantern") == before, "nor makes themselves an admin");
    size_t size, signed_bytes;
    op = group_of(ann, "lantern")->roster.ops[1].op;
    op.admin = !op.admin;
    group_op_encode(&op, bytes, &size, &signed_bytes);
    say_op(bo, cy, &id, (struct span){bytes, size});
    ok(op_count(cy, "lantern") == before,
        "nor changes what an admin has signed");

    need(ask_word(bo, CONTROL_GROUP_NEW, "torch")->kind == CONTROL_GROUP_ROWS);
    const struct roster_op *first = &group_of(bo, "torch")->roster.ops[0];
    say_op(bo, cy, &id, (struct span){first->bytes, first->size});
    need(ask_group(bo, CONTROL_GROUP_ADD, "torch", "ann")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    need(op_count(bo, "torch") == 2);
    const struct roster_op *second = &group_of(bo, "torch")->roster.ops[1];
    say_op(bo, cy, &id, (struct span){second->bytes, second->size});
    ok(op_count(cy, "lantern") == before && member_count(cy, "lantern") == 4,
        "nor does an operation of another group count in this one");
    world_free(&world);
}

/* Somebody outside, who is a contact of a member. */
static void test_outsider(void)
{
    world_init(&world, 4, 62);
    crowd_meet(&world);
    need(ask_word(ann, CONTROL_GROUP_NEW, "lantern")->kind ==
         CONTROL_GROUP_ROWS);
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "bo")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    need(ask_group_send(ann, "lantern", "hello")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    struct vault_group *group = group_of(ann, "lantern");
    struct letter ask = {.type = LETTER_GROUP_ASK, .group = group->id};
    size_t before = cy->note_group;
    size_t submits = ann->submits;
    say(cy, ann, &ask);
    ok(ann->submits <= submits + 1 && cy->note_group == before,
        "who knows a group's id is told nothing of it");
    struct letter join = {.type = LETTER_GROUP_JOIN, .group = group->id};
    join.card = contact_of(ann, cy)->card;
    say(cy, ann, &join);
    ok(member_count(ann, "lantern") == 2, "nor let in without being asked");
    struct letter key = {.type = LETTER_GROUP_KEY, .group = group->id};
    struct group_sender sender;
    group_sender_begin(&sender, cy->vault->random);
    group_sender_hand(&sender, &key.key);
    say(cy, ann, &key);
    const struct rows *chains = &ann->vault->opened->chains.rows;
    size_t used = 0;
    for (size_t i = 0; i < chains->count; i++) {
        const struct groups_chain *chain = rows_at(chains, i);
        used += chain->is_used;
    }
    ok(chains->count == 1 && used == 0, "nor is a chain of theirs used");
    struct letter receipt = {.type = LETTER_GROUP_RECEIPT, .read_count = 1};
    need(ask_group_send(ann, "lantern", "for bo")->kind == CONTROL_SENT);
    ask_word(ann, CONTROL_OUTBOX, "");
    for (size_t i = 0; i < ann->vault->opened->outbox.letters.count; i++) {
        const struct outbox_letter *letter =
            rows_at(&ann->vault->opened->outbox.letters, i);
        if (outbox_group_of(letter->contact))
            receipt.read[0] = letter->id;
    }
    world.down = true;
    struct deed deed;
    deed_begin(&deed, ann);
    vault_on_group_receipt(
        deed.opened, &deed.step, contact_of(ann, cy), &receipt);
    deed_end(&deed);
    ok(last_in_outbox(ann)->delivered_to == 0,
        "nor does their receipt count for a member's");
    world_free(&world);
}

/* What Ann has handed to Bo, Bo hands to Cy as theirs, before Ann does. */
static void test_anothers_chain(void)
{
    world_init(&world, 4, 63);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    need(ask_group_send(bo, "lantern", "hello")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ask_word(cy, CONTROL_LOCK, "");
    need(ask_group_send(ann, "lantern", "first")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    const struct groups_chain *stolen = NULL;
    for (size_t i = 0; i < bo->vault->opened->chains.rows.count; i++) {
        const struct groups_chain *chain =
            rows_at(&bo->vault->opened->chains.rows, i);
        if (fingerprint_equal(&chain->receiver.owner, who_is(ann)))
            stolen = chain;
    }
    need(stolen && stolen->receiver.head == 1);
    struct letter key = {
        .type = LETTER_GROUP_KEY, .group = group_of(bo, "lantern")->id};
    key.key.number = stolen->receiver.head;
    memcpy(key.key.chain_key, stolen->receiver.chain_key, 32);
    memcpy(key.key.tag_key, stolen->receiver.tag_key, 32);
    memcpy(key.key.sign_public, stolen->receiver.sign_public, 32);
    /* Ann's own word to Cy is late. */
    world.loss_percent = 100;
    need(ask_word(cy, CONTROL_UNLOCK, "cy")->kind == CONTROL_DONE);
    for (size_t i = 0; i < world.flight_count; i++)
        need(world.flights[i].to != 2);
    world.loss_percent = 0;
    struct deed deed;
    deed_begin(&deed, cy);
    vault_on_group_key(deed.opened, &deed.step, contact_of(cy, bo), &key);
    for (size_t i = 0; i < deed.effects.count; i++)
        if (is_stored(&deed.effects.list[i]))
            perform(cy, &deed.effects.list[i]);
    vault_effects_free(&deed.effects); /* its look-ups, too */
    need(ask_group_send(ann, "lantern", "second")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(times_shown(cy, "second") == 0,
        "by another's chain that is passed off as one's own nothing is read");
    ask_word(cy, CONTROL_LOCK, "");
    need(ask_word(cy, CONTROL_UNLOCK, "cy")->kind == CONTROL_DONE);
    world_run(&world, HOUR_MS);
    const struct row *row = shown(cy, "second");
    ok(row && strcmp(row->name, "ann") == 0,
        "and when its owner hands it over, letters are theirs");
    need(ask_group_send(ann, "lantern", "third")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    row = shown(cy, "third");
    ok(row && strcmp(row->name, "ann") == 0 && times_shown(cy, "third") == 1,
        "and go on to be");
    world_free(&world);
}

/* Whoever can open a letter uses its id up before it comes to others. */
static void test_used_id(void)
{
    begin(64);
    ask_word(dee, CONTROL_LOCK, "");
    need(ask_group_send(ann, "lantern", "the true one")->kind == CONTROL_SENT);
    struct carried *first = &world.carried[world.carried_count - 1];
    size_t at = (size_t)(first - world.carried);
    world_run(&world, MINUTE_MS);
    const struct inbox *inbox = &bo->vault->opened->inbox;
    const struct inbox_letter *newest =
        rows_at(&inbox->letters, inbox->letters.count - 1);
    struct deed deed;
    deed_begin(&deed, bo);
    struct letter letter = {.type = LETTER_TEXT,
        .id = newest->id,
        .sent_at_s = world.clock_s,
        .expires_h = deed.step.now_h + 24,
        .text = span_of_text("a false one")};
    need(vault_post_group(deed.opened, &deed.step, group_of(bo, "lantern"),
             &letter, false) == STATUS_OK);
    deed_end(&deed);
    world.carried[at].cleared = true; /* hidden, for a while */
    need(ask_word(dee, CONTROL_UNLOCK, "dee")->kind == CONTROL_DONE);
    world_run(&world, MINUTE_MS);
    need(times_shown(dee, "a false one") == 1);
    world.carried[at].cleared = false;
    ask_word(dee, CONTROL_LOCK, "");
    need(ask_word(dee, CONTROL_UNLOCK, "dee")->kind == CONTROL_DONE);
    world_run(&world, HOUR_MS);
    ok(times_shown(dee, "the true one") == 1,
        "a letter is shown though another member has used its id");
    world_free(&world);
}

/* Whoever was removed goes on writing under what they knew. */
static void test_removed_writes(void)
{
    begin(65);
    struct vault_group *group;
    /* Cy is away while Ann removes them, and does not hear of it. */
    ask_word(cy, CONTROL_LOCK, "");
    need(ask_group(ann, CONTROL_GROUP_REMOVE, "lantern", "cy")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    for (size_t i = 0; i < world.carried_count; i++)
        world.carried[i].cleared = true; /* lost, all that was under way */
    need(ask_word(cy, CONTROL_UNLOCK, "cy")->kind == CONTROL_DONE);
    group = group_of(cy, "lantern");
    need(group->membership == MEMBERSHIP_IN);
    need(ask_group_send(cy, "lantern", "not knowing")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    const struct row *row = shown(bo, "not knowing");
    ok(row && strcmp(row->view, "old") == 0,
        "a letter under a view that lacks a removal is flagged");
    ok(strcmp(membership(cy), "removed") == 0,
        "and its writer is told what they missed");
    struct deed deed;
    deed_begin(&deed, cy);
    group = group_of(cy, "lantern");
    group->membership = MEMBERSHIP_IN;
    struct letter letter = {.type = LETTER_TEXT,
        .id = {{7}},
        .sent_at_s = world.clock_s,
        .expires_h = deed.step.now_h + 24,
        .text = span_of_text("knowing")};
    need(vault_post_group(deed.opened, &deed.step, group, &letter, false) ==
         STATUS_OK);
    deed_end(&deed);
    row = shown(bo, "knowing");
    ok(!row || strcmp(row->view, "old") == 0,
        "who goes on all the same is flagged, or not heard");
    struct letter key = {.type = LETTER_GROUP_KEY, .group = group->id};
    struct group_sender sender;
    group_sender_begin(&sender, cy->vault->random);
    group_sender_hand(&sender, &key.key);
    say(cy, bo, &key);
    need(ask_group_send(bo, "lantern", "after")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(times_shown(cy, "after") == 0 && times_shown(dee, "after") == 1,
        "and reads nothing that is written since");
    world_free(&world);
}

/* A member who has not heard of a removal. */
static void test_old_view(void)
{
    begin(68);
    ask_word(dee, CONTROL_LOCK, "");
    need(ask_group(ann, CONTROL_GROUP_REMOVE, "lantern", "cy")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    for (size_t i = 0; i < world.carried_count; i++)
        world.carried[i].cleared = true;
    need(ask_word(dee, CONTROL_UNLOCK, "dee")->kind == CONTROL_DONE);
    need(ask_group_send(dee, "lantern", "to all four")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    const struct row *row = shown(bo, "to all four");
    ok(row && strcmp(row->view, "old") == 0,
        "a member's letter under a view that lacks a removal is flagged");
    need(ask_group_send(bo, "lantern", "to three")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    row = shown(dee, "to three");
    ok(row && strcmp(row->view, "unknown") == 0,
        "one under a view that has more is flagged, too");
    ok(member_count(dee, "lantern") == 3, "and what it has is asked for");
    need(ask_group_send(dee, "lantern", "to all three")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    row = shown(bo, "to all three");
    ok(row && strcmp(row->view, "current") == 0 &&
            times_shown(cy, "to all three") == 0,
        "and written by");
    world_free(&world);
}

/* The chain of somebody who is known, but not yet as a member. */
static void test_early_key(void)
{
    world_init(&world, 4, 69);
    crowd_meet(&world);
    know_each_other(&world, 1, 3);
    need(ask_word(ann, CONTROL_GROUP_NEW, "lantern")->kind ==
         CONTROL_GROUP_ROWS);
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "bo")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    struct letter key = {
        .type = LETTER_GROUP_KEY, .group = group_of(ann, "lantern")->id};
    for (size_t i = 0; i < LIMIT_GROUP_KEYS + 2; i++) {
        struct group_sender sender;
        group_sender_begin(&sender, dee->vault->random);
        group_sender_hand(&sender, &key.key);
        say(dee, bo, &key);
    }
    const struct rows *chains = &bo->vault->opened->chains.rows;
    const struct groups_chain *newest = rows_at(chains, chains->count - 1);
    ok(chains->count == LIMIT_GROUP_KEYS &&
            memcmp(newest->receiver.sign_public, key.key.sign_public, 32) == 0,
        "of one sender the newest chains are kept, and no more");
    ok(!newest->is_used, "and none used before they are a member");
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "dee")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    newest = rows_at(chains, chains->count - 1);
    ok(newest->is_used, "but then");
    world_free(&world);
}

/* Nobody is told at once that a letter came. */
static void test_prudence(void)
{
    begin(70);
    for (size_t i = 0; i < world.count; i++)
        world.people[i].vault->config.receipt_mean_ms = 8ull * HOUR_MS;
    need(
        ask_group_send(ann, "lantern", "take your time")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(times_shown(bo, "take your time") == 1);
    ok(last_in_outbox(ann)->delivered_to == 0,
        "a letter from a group is confirmed after a random wait");
    world_run(&world, 100ull * HOUR_MS);
    ok(last_in_outbox(ann)->outbox == OUTBOX_DELIVERED, "in the end");
    world_free(&world);
}

/* No session can be begun with one of the members. */
static void test_unreachable(void)
{
    world_init(&world, 3, 60);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    struct rows *sessions = &bo->vault->opened->sessions.rows;
    sessions->maximum = sessions->count;
    need(ask_group_send(bo, "lantern", "to whom I can")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(last_in_outbox(bo)->copies == 1 &&
            last_in_outbox(bo)->outbox == OUTBOX_DELIVERED &&
            times_shown(cy, "to whom I can") == 0,
        "who cannot be handed a chain is not among those it is to");
    sessions->maximum = SESSION_ROWS;
    need(ask_group_send(bo, "lantern", "to both")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(times_shown(cy, "to both") == 1 && last_in_outbox(bo)->copies == 2,
        "until they can");
    world_free(&world);
}

/* Under a group's seal nothing but a text is of use. */
static void test_other_letters(void)
{
    begin(59);
    size_t letters = cy->note_letters;
    struct deed deed;
    deed_begin(&deed, bo);
    struct letter letter = {.type = LETTER_READ,
        .id = {{9}},
        .sent_at_s = world.clock_s,
        .expires_h = deed.step.now_h + 24,
        .read_count = 1};
    need(vault_post_group(deed.opened, &deed.step, group_of(bo, "lantern"),
             &letter, false) == STATUS_OK);
    deed_end(&deed);
    need(ask_group_send(bo, "lantern", "a text")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(cy->note_letters == letters + 1 && strcmp(cy->last_text, "a text") == 0,
        "a letter to a group that is no text is shown to nobody");
    world_free(&world);
}

/* Somebody asks in without end, and nobody who is asked in is so for ever. */
static void test_askings(void)
{
    world_init(&world, 2, 58);
    crowd_meet(&world);
    struct letter letter = {
        .type = LETTER_GROUP_INVITE, .name = span_of_text("many")};
    for (uint8_t i = 1; i <= LIMIT_GROUP_JOINS + 3; i++) {
        letter.group.bytes[0] = i;
        say(ann, bo, &letter);
    }
    ok(bo->vault->opened->groups.rows.count == LIMIT_GROUP_JOINS &&
            disk_count(&bo->disk, RECORD_GROUP) == LIMIT_GROUP_JOINS,
        "only so many groups are being joined at a time");
    need(ask_word(ann, CONTROL_GROUP_NEW, "lantern")->kind ==
         CONTROL_GROUP_ROWS);
    ask_word(bo, CONTROL_LOCK, "");
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "bo")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, 13ull * 24 * HOUR_MS);
    need(member_count(ann, "lantern") == 2);
    world_run(&world, 2ull * 24 * HOUR_MS);
    ok(member_count(ann, "lantern") == 1,
        "who does not answer is asked in no more after two weeks");
    world_free(&world);
}

static void test_introduced_limit(void)
{
    world_init(&world, 2, 57);
    crowd_meet(&world);
    struct deed deed;
    deed_begin(&deed, ann);
    struct card card = contact_of(ann, bo)->card;
    const struct contact *contact;
    struct contacts *contacts = &deed.opened->contacts;
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < LIMIT_INTRODUCED && !status; i++) {
        memcpy(card.sign_key, &i, sizeof(i));
        status = contacts_introduce(contacts, &deed.step, &card, &contact);
    }
    memset(card.sign_key, 0xee, sizeof(card.sign_key));
    ok(status == STATUS_OK &&
            contacts_introduce(contacts, &deed.step, &card, &contact) ==
                STATUS_FULL &&
            contacts_count(contacts) == 1,
        "so many are known through groups alone, and no more");
    vault_effects_free(&deed.effects);
    world_free(&world);
}

/* A removed admin who removes in return, not knowing. */
static void test_void(void)
{
    begin(66);
    need(ask_group_admin(ann, "lantern", "bo")->kind == CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    ask_word(ann, CONTROL_LOCK, "");
    char print[CONTROL_FINGERPRINT_CHARS + 1];
    hex_encode((struct span){who_is(dee)->bytes, 32}, print);
    need(ask_group(bo, CONTROL_GROUP_REMOVE, "lantern", print)->kind ==
         CONTROL_GROUP_ROWS);
    world.deaf = true; /* nobody hears of that yet */
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    need(ask_group(ann, CONTROL_GROUP_REMOVE, "lantern", "bo")->kind ==
         CONTROL_GROUP_ROWS);
    world.deaf = false;
    for (size_t i = 0; i < world.count; i++) {
        ask_word(&world.people[i], CONTROL_LOCK, "");
        need(ask_word(&world.people[i], CONTROL_UNLOCK, name_of(i))->kind ==
             CONTROL_DONE);
    }
    world_run(&world, 8ull * HOUR_MS);
    ok(member_count(ann, "lantern") == 3 && member_count(cy, "lantern") == 3 &&
            member_count(dee, "lantern") == 3,
        "what a removed admin did concurrently is void, for all");
    ok(strcmp(membership(bo), "removed") == 0 &&
            strcmp(membership(dee), "member") == 0,
        "and who they removed is in");
    need(ask_group_send(dee, "lantern", "still in")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(times_shown(ann, "still in") == 1 && times_shown(cy, "still in") == 1,
        "and heard");
    world_free(&world);
}

/* Letters and operations before what they need, and copies that were changed.
 */
static void test_order(void)
{
    begin(67);
    struct vault_group *group = group_of(bo, "lantern");
    ask_word(dee, CONTROL_LOCK, "");
    group->is_stale = true; /* a new chain, whose key comes later */
    need(ask_group_send(bo, "lantern", "early")->kind == CONTROL_SENT);
    struct carried *letter = &world.carried[world.carried_count - 1];
    letter->bytes[ENVELOPE_AT_BODY + 20] ^= 1;
    struct carried damaged = *letter;
    world_run(&world, MINUTE_MS);
    need(ask_word(dee, CONTROL_UNLOCK, "dee")->kind == CONTROL_DONE);
    world_run(&world, HOUR_MS);
    size_t damaged_shown = times_shown(dee, "early");
    damaged.bytes[ENVELOPE_AT_BODY + 20] ^= 1;
    ask_word(dee, CONTROL_LOCK, "");
    need(ask_word(dee, CONTROL_UNLOCK, "dee")->kind == CONTROL_DONE);
    world_run(&world, HOUR_MS);
    ok(damaged_shown == 0 && times_shown(dee, "early") == 1,
        "a changed copy uses nothing up, and a letter that came before its "
        "key is found when the key has come");
    world_free(&world);
}

int main(void)
{
    test_forged_operations();
    test_outsider();
    test_anothers_chain();
    test_used_id();
    test_removed_writes();
    test_old_view();
    test_early_key();
    test_prudence();
    test_unreachable();
    test_other_letters();
    test_askings();
    test_introduced_limit();
    test_void();
    test_order();
    return tap_done();
}
