/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups of vaults: coming in, writing, who has it, going. */
#include "tests/vault/crowd.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60000, HOUR_MS = 3600000 };

static struct world world;

static size_t envelopes_after(size_t before)
{
    return world.carried_count - before;
}

static void test_life(void)
{
    world_init(&world, 4, 31);
    crowd_meet(&world);
    struct person *ann = &world.people[0], *bo = &world.people[1];
    struct person *cy = &world.people[2], *dee = &world.people[3];
    ok(ask_word(ann, CONTROL_GROUP_NEW, "lantern")->kind == CONTROL_GROUP_ROWS,
        "a group begins");
    ok(ask_group_send(ann, "lantern", "alone")->status == STATUS_REFUSED,
        "nobody is written to where nobody is");
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "bo")->kind ==
         CONTROL_GROUP_ROWS);
    ok(member_count(ann, "lantern") == 2 &&
            strcmp(ann->answer.rows[1].state, "invited") == 0,
        "who was asked in and has not answered is shown as that");
    world_run(&world, MINUTE_MS);
    ok(strcmp(membership(bo), "member") == 0 &&
            strcmp(bo->last_event, "joined") == 0,
        "who was asked in by a contact is in, and is told");
    ok(member_count(ann, "lantern") == 2 &&
            strcmp(ann->answer.rows[1].state, "member") == 0 &&
            strcmp(ann->answer.rows[1].name, "bo") == 0,
        "and is shown as a member");
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "cy")->kind ==
         CONTROL_GROUP_ROWS);
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "dee")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    ok(member_count(ann, "lantern") == 4 && member_count(bo, "lantern") == 4 &&
            member_count(cy, "lantern") == 4 &&
            member_count(dee, "lantern") == 4,
        "all know all four");
    const struct row *stranger = &dee->answer.rows[2];
    ok(strcmp(stranger->name, "") == 0 &&
            strcmp(stranger->key_state, "introduced") == 0 &&
            strcmp(stranger->called, "cy") == 0 &&
            strcmp(stranger->by, "ann") == 0,
        "who is no contact is shown without a name, and by whom they came");
    ok(ask_word(dee, CONTROL_CONTACTS, "")->count == 1,
        "and is not among the contacts");

    need(ask_group_send(ann, "lantern", "first")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(times_shown(bo, "first") == 1 && times_shown(cy, "first") == 1 &&
            times_shown(dee, "first") == 1,
        "a letter is shown to each, once");
    size_t before = world.carried_count;
    size_t submits = ann->submits;
    need(ask_group_send(ann, "lantern", "second")->kind == CONTROL_SENT);
    ok(ann->submits == submits + 1 && envelopes_after(before) == 1,
        "the next one is one envelope");
    world_run(&world, MINUTE_MS);
    const struct row *row = shown(dee, "second");
    ok(row && strcmp(row->group, "lantern") == 0 &&
            strcmp(row->name, "ann") == 0 && strcmp(row->view, "current") == 0,
        "with the group and the writer");
    row = last_in_outbox(ann);
    ok(row->outbox == OUTBOX_DELIVERED && row->copies == 3 &&
            row->delivered_to == 3,
        "it is delivered when all have confirmed it");
    ok(world.carried[before].cleared, "and then it is cleared, by its writer");
    ok(ask_copies(ann, last_in_outbox(ann)->id)->count == 3 &&
            strcmp(ann->answer.rows[2].state, "delivered") == 0 &&
            strcmp(ann->answer.rows[2].name, "dee") == 0,
        "and it is shown who has it");
    need(ask_word(cy, CONTROL_READ, "")->kind == CONTROL_LETTER_ROWS);
    world_run(&world, MINUTE_MS);
    row = last_in_outbox(ann);
    ok(row->read_by == 1 && row->outbox == OUTBOX_DELIVERED, "one has read it");
    need(ask_word(bo, CONTROL_READ, "")->kind == CONTROL_LETTER_ROWS);
    need(ask_word(dee, CONTROL_READ, "")->kind == CONTROL_LETTER_ROWS);
    world_run(&world, MINUTE_MS);
    ok(last_in_outbox(ann)->outbox == OUTBOX_READ, "all have read it");

    need(ask_group_send(dee, "lantern", "from dee")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    row = shown(cy, "from dee");
    ok(row && strcmp(row->name, "") == 0 &&
            strlen(row->fingerprint) == CONTROL_FINGERPRINT_CHARS,
        "between two who are no contacts it comes, with the fingerprint");
    ok(last_in_outbox(dee)->outbox == OUTBOX_DELIVERED,
        "and is confirmed in a session of theirs");
    ok(ask_word(cy, CONTROL_REQUESTS, "")->count == 0,
        "neither is a stranger's request to the other");
    world_free(&world);
}

static void test_going(void)
{
    world_init(&world, 4, 32);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    struct person *ann = &world.people[0], *bo = &world.people[1];
    struct person *cy = &world.people[2], *dee = &world.people[3];
    need(ask_group_send(ann, "lantern", "for all")->kind == CONTROL_SENT);
    need(ask_group_send(bo, "lantern", "from bo")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(ask_group(bo, CONTROL_GROUP_REMOVE, "lantern", "ann")->status ==
            STATUS_REFUSED,
        "only an admin removes");
    ok(ask_group(ann, CONTROL_GROUP_REMOVE, "lantern", "dee")->kind ==
            CONTROL_GROUP_ROWS,
        "an admin removes a member");
    world_run(&world, MINUTE_MS);
    ok(strcmp(membership(dee), "removed") == 0 &&
            strcmp(dee->last_event, "removed") == 0,
        "who is removed is told");
    ok(member_count(bo, "lantern") == 3 && member_count(cy, "lantern") == 3,
        "and so are the others");
    size_t keys = disk_count(&bo->disk, RECORD_GROUP_KEY);
    need(ask_group_send(ann, "lantern", "without dee")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(disk_count(&bo->disk, RECORD_GROUP_KEY) == keys + 1,
        "after it a sender draws fresh keys");
    ok(times_shown(bo, "without dee") == 1 &&
            times_shown(dee, "without dee") == 0,
        "and who is gone cannot open what is written then");
    ok(ask_group_send(dee, "lantern", "still here?")->status == STATUS_REFUSED,
        "who was removed writes no more");
    world.deaf = true;
    ok(ask_group(cy, CONTROL_GROUP_LEAVE, "lantern", "")->kind ==
            CONTROL_GROUP_ROWS,
        "a member leaves");
    world.deaf = false;
    need(ask_group_send(ann, "lantern", "unheard")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(times_shown(bo, "unheard") == 1 && times_shown(cy, "unheard") == 0,
        "and hears no more, though nobody knows of it yet");
    ask_word(cy, CONTROL_LOCK, "");
    need(ask_word(cy, CONTROL_UNLOCK, "cy")->kind == CONTROL_DONE);
    world_run(&world, MINUTE_MS);
    ok(member_count(ann, "lantern") == 2 && member_count(bo, "lantern") == 2,
        "and the others know");
    need(ask_group_send(bo, "lantern", "two of us")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(times_shown(ann, "two of us") == 1 && times_shown(cy, "two of us") == 0,
        "who has left is written to no more");
    ok(ask_group(ann, CONTROL_GROUP_FORGET, "lantern", "")->status ==
            STATUS_REFUSED,
        "a group is not forgotten while one is in it");
    need(times_shown(cy, "for all") == 1);
    ok(ask_group(cy, CONTROL_GROUP_FORGET, "lantern", "")->kind ==
                CONTROL_DONE &&
            ask_word(cy, CONTROL_GROUP_LIST, "")->count == 0 &&
            times_shown(cy, "for all") == 0 &&
            disk_count(&cy->disk, RECORD_GROUP) == 0 &&
            disk_count(&cy->disk, RECORD_GROUP_OP) == 0 &&
            disk_count(&cy->disk, RECORD_GROUP_KEY) == 0 &&
            disk_count(&cy->disk, RECORD_CONTACT) == 2,
        "afterwards it is, with its letters and who never wrote there");
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "cy")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    need(ask_group_send(bo, "lantern", "again three")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(times_shown(cy, "again three") == 1 && times_shown(cy, "two of us") == 0,
        "who comes back reads what is written from then on");
    world_free(&world);
}

/* A letter under way to somebody who goes is delivered without them. */
static void test_gone_meanwhile(void)
{
    world_init(&world, 3, 33);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    struct person *ann = &world.people[0], *cy = &world.people[2];
    ask_word(cy, CONTROL_LOCK, "");
    need(ask_group_send(ann, "lantern", "to both")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    const struct row *row = last_in_outbox(ann);
    ok(row->outbox == OUTBOX_HANDED && row->copies == 2 &&
            row->delivered_to == 1,
        "while one lacks it, it is not delivered: 1 of 2 has it");
    need(ask_group(ann, CONTROL_GROUP_REMOVE, "lantern", "cy")->kind ==
         CONTROL_GROUP_ROWS);
    row = last_in_outbox(ann);
    ok(row->outbox == OUTBOX_DELIVERED && row->copies == 1,
        "once who lacked it is gone, it is");
    ok(ask_copies(ann, last_in_outbox(ann)->id)->count == 2 &&
            strcmp(ann->answer.rows[1].state, "gone") == 0,
        "and they are shown as gone");
    world_free(&world);
}

static void test_rotation(void)
{
    world_init(&world, 2, 34);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    struct person *ann = &world.people[0], *bo = &world.people[1];
    char text[32];
    bool all = true;
    for (unsigned i = 0; i < LIMIT_GROUP_MESSAGES + 4; i++) {
        snprintf(text, sizeof(text), "number %u", i);
        need(ask_group_send(ann, "lantern", text)->kind == CONTROL_SENT);
        world_run(&world, 20 * SECOND_MS);
        all &= strcmp(bo->last_text, text) == 0;
    }
    ok(all, "more letters come than one chain has");
    ok(disk_count(&bo->disk, RECORD_GROUP_KEY) == 2, "on two chains");
    world_run(&world, 8ull * 24 * HOUR_MS);
    need(ask_group_send(ann, "lantern", "a week on")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(strcmp(bo->last_text, "a week on") == 0 &&
            disk_count(&bo->disk, RECORD_GROUP_KEY) == 3,
        "and after a week on another one");
    world_run(&world, 24ull * 24 * HOUR_MS);
    ok(disk_count(&bo->disk, RECORD_GROUP_KEY) == 0,
        "chains that nothing can be on any more are destroyed");
    world_free(&world);
}

/* A member who is away while more goes out than tags are expected. */
static void test_away(void)
{
    world_init(&world, 2, 35);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    struct person *ann = &world.people[0], *bo = &world.people[1];
    need(ask_group_send(ann, "lantern", "begun")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ask_word(bo, CONTROL_LOCK, "");
    struct control_request request = {.method = CONTROL_GROUP_SEND,
        .id = 1,
        .group = span_of_text("lantern"),
        .text = span_of_text("short-lived"),
        .life_h = 1};
    for (unsigned i = 0; i < LIMIT_TAG_WINDOW + 20; i++)
        need(person_ask(ann, &request)->kind == CONTROL_SENT);
    world_run(&world, 5ull * HOUR_MS);
    for (size_t i = 0; i < world.carried_count; i++) /* they expire */
        world.carried[i].cleared =
            world.carried[i].cleared ||
            world.carried[i].envelope.expires_h < world.clock_s / HOUR_S;
    need(ask_word(bo, CONTROL_UNLOCK, "bo")->kind == CONTROL_DONE);
    world_run(&world, MINUTE_MS);
    need(ask_group_send(ann, "lantern", "found again")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(times_shown(bo, "short-lived") == 0 &&
            times_shown(bo, "found again") == 1,
        "who lost sight of a chain is handed it again");
    world_free(&world);
}

static void test_locked_and_late(void)
{
    world_init(&world, 3, 36);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    struct person *ann = &world.people[0], *bo = &world.people[1];
    need(ask_group_send(ann, "lantern", "one")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ask_word(bo, CONTROL_LOCK, "");
    need(ask_group_send(ann, "lantern", "two")->kind == CONTROL_SENT);
    need(ask_group_send(ann, "lantern", "three")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ask_word(ann, CONTROL_LOCK, "");
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    need(ask_word(bo, CONTROL_UNLOCK, "bo")->kind == CONTROL_DONE);
    world_run(&world, HOUR_MS);
    ok(times_shown(bo, "two") == 1 && times_shown(bo, "three") == 1,
        "what came while the vault was locked is found on unlock");
    need(ask_group_send(bo, "lantern", "four")->kind == CONTROL_SENT);
    need(ask_group_send(ann, "lantern", "five")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(times_shown(ann, "four") == 1 && times_shown(bo, "five") == 1,
        "and after an unlock all goes on");
    struct control_request request = {.method = CONTROL_GROUP_SEND,
        .id = 1,
        .group = span_of_text("lantern"),
        .text = span_of_text("burns"),
        .burn_s = 60};
    need(person_ask(ann, &request)->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(times_shown(bo, "burns") == 1);
    ask_word(bo, CONTROL_READ, "lantern");
    ok(bo->answer.kind == CONTROL_LETTER_ROWS && bo->answer.count > 0,
        "a group's letters are read by its name");
    world_run(&world, 2 * MINUTE_MS);
    ok(times_shown(bo, "burns") == 0, "a burn timer runs for them, too");
    need(ask_group_send(ann, "lantern", "recalled")->kind == CONTROL_SENT);
    struct row sent = ann->answer.sent;
    size_t releases = ann->releases;
    ok(ask_word(ann, CONTROL_RECALL, sent.id)->kind == CONTROL_SENT &&
            ann->releases == releases + 1,
        "its writer, who alone has the opening, recalls one");
    world_run(&world, MINUTE_MS);
    ok(last_in_outbox(ann)->outbox == OUTBOX_RECALLED, "for good");
    world_free(&world);
}

static void test_admins(void)
{
    world_init(&world, 4, 37);
    crowd_meet(&world);
    know_each_other(&world, 1, 3);
    struct person *ann = &world.people[0], *bo = &world.people[1];
    struct person *dee = &world.people[3];
    need(ask_word(ann, CONTROL_GROUP_NEW, "lantern")->kind ==
         CONTROL_GROUP_ROWS);
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "bo")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    ok(ask_group(bo, CONTROL_GROUP_ADD, "lantern", "dee")->status ==
            STATUS_REFUSED,
        "a member who is no admin adds nobody");
    ok(ask_group_admin(ann, "lantern", "bo")->kind == CONTROL_GROUP_ROWS,
        "a member is made an admin");
    world_run(&world, MINUTE_MS);
    ok(ask_group(bo, CONTROL_GROUP_ADD, "lantern", "dee")->kind ==
            CONTROL_GROUP_ROWS,
        "and adds");
    world_run(&world, MINUTE_MS);
    ok(strcmp(membership(dee), "member") == 0 &&
            member_count(ann, "lantern") == 3,
        "whom all then know");
    ok(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "bo")->status ==
            STATUS_EXISTS,
        "who is in is not added again");
    ok(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "nobody")->status ==
                STATUS_NOT_FOUND &&
            ask_group(ann, CONTROL_GROUP_ADD, "torch", "bo")->status ==
                STATUS_NOT_FOUND,
        "nor is nobody, or to nothing");
    ok(ask_group(ann, CONTROL_GROUP_REMOVE, "lantern", "ann")->status ==
            STATUS_NOT_FOUND,
        "one's own name means nobody there");
    world_free(&world);
}

/* Asked in by somebody who is blocked, or no contact. */
static void test_unwelcome(void)
{
    world_init(&world, 3, 38);
    crowd_meet(&world);
    struct person *ann = &world.people[0], *bo = &world.people[1];
    need(ask_word(ann, CONTROL_GROUP_NEW, "lantern")->kind ==
         CONTROL_GROUP_ROWS);
    need(ask_word(bo, CONTROL_BLOCK, "ann")->kind == CONTROL_CONTACT_ROWS);
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "bo")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, HOUR_MS);
    ok(ask_word(bo, CONTROL_GROUP_LIST, "")->count == 0 && bo->note_group == 0,
        "who is blocked asks nobody in");
    need(ask_group(ann, CONTROL_GROUP_REMOVE, "lantern", "bo")->kind ==
         CONTROL_GROUP_ROWS);
    ok(member_count(ann, "lantern") == 1, "and takes that back");
    world_run(&world, HOUR_MS);
    need(ask_word(bo, CONTROL_UNBLOCK, "ann")->kind == CONTROL_CONTACT_ROWS);
    world_run(&world, HOUR_MS);
    ok(strcmp(membership(bo), "joining") == 0 &&
            member_count(ann, "lantern") == 1,
        "whose answer, if it comes all the same, lets nobody in");
    ok(ask_group(bo, CONTROL_GROUP_LEAVE, "lantern", "")->kind ==
                CONTROL_GROUP_ROWS &&
            ask_group(bo, CONTROL_GROUP_FORGET, "lantern", "")->kind ==
                CONTROL_DONE,
        "and one can turn away from it");
    world_free(&world);
}

/* Somebody changes their mind before they are in. */
static void test_turning_away(void)
{
    world_init(&world, 2, 41);
    crowd_meet(&world);
    struct person *ann = &world.people[0], *bo = &world.people[1];
    need(ask_word(ann, CONTROL_GROUP_NEW, "lantern")->kind ==
         CONTROL_GROUP_ROWS);
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "bo")->kind ==
         CONTROL_GROUP_ROWS);
    ask_word(ann, CONTROL_LOCK, "");
    world_run(&world, MINUTE_MS);
    need(strcmp(membership(bo), "joining") == 0);
    ok(ask_group(bo, CONTROL_GROUP_LEAVE, "lantern", "")->kind ==
            CONTROL_GROUP_ROWS,
        "who is being let in leaves");
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    world_run(&world, HOUR_MS);
    ok(member_count(ann, "lantern") == 1 && strcmp(membership(bo), "left") == 0,
        "and is out again as soon as they are in");
    world_free(&world);
}

/* Bo is in a hurry to confirm nothing of ann's; cy is. */
static void test_pace(void)
{
    world_init(&world, 3, 41);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    struct person *ann = &world.people[0], *bo = &world.people[1];
    need(ask_receipts(bo, "ann", "discreet")->kind == CONTROL_CONTACT_ROWS);
    need(ask_group_send(ann, "lantern", "who?")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(times_shown(bo, "who?") == 1);
    ok(last_in_outbox(ann)->delivered_to == 1,
        "a letter through a group is confirmed at its reader's pace");
    need(ask_word(bo, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    need(ask_word(bo, CONTROL_UNLOCK, "bo")->kind == CONTROL_DONE);
    world_run(&world, MINUTE_MS);
    ok(last_in_outbox(ann)->delivered_to == 1, "also over a lock");
    world_run(&world, 7 * HOUR_MS);
    ok(last_in_outbox(ann)->delivered_to == 2, "and in the end");
    need(ask_receipts(bo, "ann", "discreet")->kind == CONTROL_CONTACT_ROWS);
    need(ask_word(bo, CONTROL_REMOVE, "ann")->kind == CONTROL_DONE);
    need(ask_group_send(ann, "lantern", "still?")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(last_in_outbox(ann)->delivered_to == 2,
        "who is no contact any more has the default");
    world_free(&world);
}

/* A blocked member of the same group. */
static void test_blocked_member(void)
{
    world_init(&world, 3, 39);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    struct person *bo = &world.people[1], *cy = &world.people[2];
    char cys[CONTROL_FINGERPRINT_CHARS + 1];
    need(member_count(bo, "lantern") == 3);
    strcpy(cys, bo->answer.rows[2].fingerprint);
    cys[12] = 0;
    need(ask_group_send(cy, "lantern", "heard")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(times_shown(bo, "heard") == 1);
    ok(ask_word(bo, CONTROL_BLOCK, cys)->kind == CONTROL_CONTACT_ROWS,
        "who was only introduced is blocked by their fingerprint");
    need(ask_group_send(cy, "lantern", "unheard")->kind == CONTROL_SENT);
    need(ask_group_send(bo, "lantern", "not for cy")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ok(times_shown(bo, "unheard") == 0 && times_shown(cy, "not for cy") == 0 &&
            times_shown(&world.people[0], "unheard") == 1 &&
            times_shown(&world.people[0], "not for cy") == 1,
        "neither reads the other, and all else goes on");
    ok(last_in_outbox(bo)->copies == 1 &&
            last_in_outbox(bo)->outbox == OUTBOX_DELIVERED,
        "and they are not among those it is to");
    ok(ask_word(bo, CONTROL_BLOCK, "ann")->kind == CONTROL_CONTACT_ROWS &&
            strcmp(bo->answer.rows[0].name, "ann") == 0 &&
            ask_word(bo, CONTROL_UNBLOCK, "ann")->kind == CONTROL_CONTACT_ROWS,
        "while a name is a contact's");
    ok(ask_word(bo, CONTROL_SEND, cys)->kind == CONTROL_ERROR,
        "nobody writes to somebody who was only introduced");
    struct control_request request = {.method = CONTROL_ACCEPT,
        .id = 1,
        .name = span_of_text(cys),
        .new_name = span_of_text("cyrus")};
    ok(person_ask(bo, &request)->kind == CONTROL_CONTACT_ROWS &&
            strcmp(bo->answer.rows[0].name, "cyrus") == 0,
        "but they can be made a contact");
    need(ask_word(bo, CONTROL_UNBLOCK, "cyrus")->kind == CONTROL_CONTACT_ROWS);
    world_run(&world, HOUR_MS);
    ok(times_shown(bo, "unheard") == 1, "and be heard");
    ok(ask_word(bo, CONTROL_REMOVE, "cyrus")->kind == CONTROL_DONE &&
            member_count(bo, "lantern") == 3 &&
            strcmp(bo->answer.rows[2].key_state, "introduced") == 0 &&
            times_shown(bo, "unheard") == 1,
        "a contact who is removed stays a member, and what they wrote there");
    need(ask_group_send(bo, "lantern", "for cy again")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ok(times_shown(cy, "for cy again") == 1, "and reads what is written there");
    world_free(&world);
}

static void test_names(void)
{
    world_init(&world, 2, 40);
    crowd_meet(&world);
    struct person *ann = &world.people[0], *bo = &world.people[1];
    need(ask_word(ann, CONTROL_GROUP_NEW, "lantern")->kind ==
         CONTROL_GROUP_ROWS);
    ok(ask_word(ann, CONTROL_GROUP_NEW, "lantern")->status == STATUS_EXISTS &&
            ask_word(ann, CONTROL_GROUP_NEW, "bo")->status == STATUS_EXISTS &&
            ask_word(ann, CONTROL_GROUP_NEW, "")->status == STATUS_INVALID,
        "a name that is taken, or none, begins no group");
    need(
        ask_word(bo, CONTROL_GROUP_NEW, "lantern")->kind == CONTROL_GROUP_ROWS);
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "bo")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    ok(ask_group_send(bo, "lantern", "to which?")->status == STATUS_AMBIGUOUS &&
            strstr(bo->answer.message, "ids"),
        "of two groups with one name none is meant");
    need(ask_word(bo, CONTROL_GROUP_LIST, "")->count == 2);
    char id[CONTROL_GROUP_ID_CHARS + 1];
    strcpy(id, bo->answer.rows[1].fingerprint);
    id[10] = 0;
    ok(ask_group_send(bo, id, "to this")->kind == CONTROL_SENT,
        "the beginning of an id says which");
    ok(ask_word(bo, CONTROL_READ, "lantern")->status == STATUS_AMBIGUOUS &&
            ask_word(bo, CONTROL_READ, id)->kind == CONTROL_LETTER_ROWS,
        "also for reading");
    need(ask_word(bo, CONTROL_GROUP_NEW, "torch")->kind == CONTROL_GROUP_ROWS);
    struct control_request request = {.method = CONTROL_RENAME,
        .id = 1,
        .name = span_of_text("ann"),
        .new_name = span_of_text("torch")};
    need(person_ask(bo, &request)->kind == CONTROL_CONTACT_ROWS);
    ok(ask_word(bo, CONTROL_READ, "torch")->status == STATUS_AMBIGUOUS &&
            strstr(bo->answer.message, "fingerprint"),
        "and between a contact and a group");
    world_free(&world);
}

/* Bo and cy know each other by the group alone. */
static void test_uncalled(void)
{
    world_init(&world, 3, 90);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    struct person *b = &world.people[1], *c = &world.people[2];
    char print[CONTROL_FINGERPRINT_CHARS + 1];
    strcpy(print, ask_word(c, CONTROL_ID, "")->fingerprint);
    ok(ask_word(b, CONTROL_DECLINE, print)->status == STATUS_NOT_FOUND &&
            strstr(b->answer.message, "sotto block"),
        "who needs no request is not declined, but blocked");
    ok(ask_word(b, CONTROL_BLOCK, print)->kind == CONTROL_CONTACT_ROWS,
        "by their fingerprint");
    ok(ask_send(b, print, "hello")->status == STATUS_NOT_FOUND &&
            strstr(b->answer.message, "sotto accept"),
        "nor written to, but accepted first");
    world_free(&world);
}

int main(void)
{
    test_uncalled();
    test_life();
    test_going();
    test_gone_meanwhile();
    test_rotation();
    test_away();
    test_locked_and_late();
    test_admins();
    test_unwelcome();
    test_turning_away();
    test_pace();
    test_blocked_member();
    test_names();
    return tap_done();
}
