/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What members, contacts and strangers may try in a group: each refusal stands
 * beside what is right, which is taken. */
#include "crypto/group.h"
#include "crypto/roster.h"
#include "tests/vault/crowd.h"
#include "tests/vault/other.h"
#include "tests/vault/others_group.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000 };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];

static const struct vault_group *first_group(const struct person *person)
{
    const struct rows *rows = &person->vault->opened->groups.rows;
    return rows->count ? rows_at(rows, 0) : NULL;
}

static size_t known_ops(const struct person *person)
{
    const struct vault_group *group = first_group(person);
    return group ? group->roster.count : 0;
}

static void test_invites(void)
{
    static struct other eve, mal;
    struct others_group group;
    char text[CARD_TEXT_CHARS + 1];
    world_init(&world, 2, 71);
    crowd_meet(&world);
    other_meet(&eve, ann, "eve", 5);
    others_found(&group, &eve);
    others_invite(&eve, &group, ann, "trap\x1b[2J");
    ok(!first_group(ann), "a name that could move a cursor asks nobody in");
    other_begin(&mal, &world, 6, &eve.card);
    card_to_text(&mal.card, text);
    need(ask_add(ann, "eve", text)->status == STATUS_REFUSED);
    others_invite(&eve, &group, ann, "trap");
    ok(!first_group(ann), "nor does one whose key has changed");
    need(ask_word(ann, CONTROL_DECLINE, "eve")->kind == CONTROL_DONE);
    others_invite(&eve, &group, ann, "trap");
    ok(first_group(ann) && strcmp(ann->last_event, "joining") == 0,
        "a contact does");
    size_t notes = ann->note_group;
    others_invite(&eve, &group, ann, "trap");
    ok(ann->note_group == notes, "and asking again is not told again");
    other_end(&mal);
    other_end(&eve);
    roster_clear(&group.roster);
    world_free(&world);
}

/* Eve asks ann into her group; mal is ann's contact, and no member. */
static void test_joining(void)
{
    static struct other eve, mal;
    static struct letter join;
    struct others_group group, another;
    world_init(&world, 2, 72);
    crowd_meet(&world);
    other_meet(&eve, ann, "eve", 5);
    other_meet(&mal, ann, "mal", 6);
    others_found(&group, &eve);
    others_found(&another, &eve);
    others_invite(&eve, &group, ann, "trap");
    world_run(&world, MINUTE_MS);
    ok(other_hears(&eve, LETTER_GROUP_JOIN, &join), "ann answers with her key");
    uint8_t key[32];
    struct card card = join.card;
    memcpy(key, join.join_key, sizeof(key));

    others_tell(&mal, &group.id, &group.roster, 0, ann);
    ok(known_ops(ann) == 0, "what a third person tells of it is not heard");
    others_tell(&eve, &group.id, &another.roster, 0, ann);
    ok(known_ops(ann) == 0, "nor how another group began");
    others_sign_in(&group, &eve, &card, eve.card.sign_key);
    others_tell(&eve, &group.id, &group.roster, 1, ann);
    world_run(&world, MINUTE_MS);
    ok(known_ops(ann) == 0 && other_hears(&eve, LETTER_GROUP_ASK, &join),
        "what lacks its beginning is asked for");
    others_tell(&eve, &group.id, &group.roster, 0, ann);
    ok(known_ops(ann) == 2 && strcmp(membership(ann), "joining") == 0,
        "who is let in under a key that is not theirs is not in");
    others_sign_in(&group, &eve, &card, key);
    others_tell(&eve, &group.id, &group.roster, 2, ann);
    ok(strcmp(membership(ann), "member") == 0, "under their own they are");

    roster_clear(&group.roster);
    roster_clear(&another.roster);
    other_end(&eve);
    other_end(&mal);
    world_free(&world);
}

/* An invite says one name, and the group has another. */
static void test_renamed(void)
{
    static struct other eve;
    struct others_group group;
    world_init(&world, 1, 73);
    crowd_meet(&world);
    other_meet(&eve, ann, "eve", 5);
    others_found(&group, &eve);
    others_invite(&eve, &group, ann, "picnic");
    others_tell(&eve, &group.id, &group.roster, 0, ann);
    ok(known_ops(ann) == 0, "a group is what its invite called it");
    roster_clear(&group.roster);
    other_end(&eve);
    world_free(&world);
}

/* Ann's group; eve is asked in. */
static void test_coming_in(void)
{
    static struct other eve, mal;
    static struct letter heard;
    struct roster_key key;
    struct card card;
    world_init(&world, 2, 74);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    other_meet(&eve, ann, "eve", 5);
    card_of(ann, &card);
    other_begin(&mal, &world, 6, &card);
    roster_key_generate(&key, &eve.random.base);
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "eve")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, MINUTE_MS);
    need(other_hears(&eve, LETTER_GROUP_INVITE, &heard));
    struct letter join = {
        .type = LETTER_GROUP_JOIN, .group = heard.group, .card = mal.card};
    memcpy(join.join_key, key.public_, 32);
    size_t ops = known_ops(ann);
    other_say(&eve, ann, join);
    ok(known_ops(ann) == ops, "who is asked in brings nobody else's card");
    join.card = eve.card;
    size_t notes = bo->note_group;
    other_say(&eve, ann, join);
    ok(known_ops(ann) == ops + 1, "with their own they come in");
    world_run(&world, MINUTE_MS);
    ok(bo->note_group == notes + 1 && strcmp(bo->last_event, "added") == 0,
        "and the others are told of them, once");
    size_t told = 0;
    while (other_hears(&eve, LETTER_GROUP_OPS, &heard))
        told += heard.op_count;
    ok(told == known_ops(ann), "and they of each operation, once");

    world_run(&world, HOUR_MS);
    other_say(&eve, ann,
        (struct letter){.type = LETTER_GROUP_ASK, .group = join.group});
    world_run(&world, MINUTE_MS);
    ok(other_hears(&eve, LETTER_GROUP_OPS, &heard),
        "a member who asks is told again");
    ok(first_group(ann)->peer_count == 2 &&
            disk_count(&ann->disk, RECORD_CONTACT) == 2,
        "nobody is among their own others");
    other_end(&eve);
    other_end(&mal);
    world_free(&world);
}

/* Mal was never in; somebody else was, and was removed. */
static void test_outsider(void)
{
    static struct other mal;
    static struct letter heard;
    world_init(&world, 3, 75);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    other_meet(&mal, ann, "mal", 6);
    need(ask_group(ann, CONTROL_GROUP_REMOVE, "lantern", "cy")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, HOUR_MS);
    other_say(&mal, ann,
        (struct letter){
            .type = LETTER_GROUP_ASK, .group = first_group(ann)->id});
    world_run(&world, MINUTE_MS);
    ok(!other_hears(&mal, LETTER_GROUP_OPS, &heard),
        "who was never in is told nothing of who was");
    other_end(&mal);
    world_free(&world);
}

/* Of each letter it is known who has it, whoever confirms first. */
static void test_copies(void)
{
    world_init(&world, 3, 77);
    crowd_meet(&world);
    crowd_gather(&world, "lantern");
    struct person *cy = &world.people[2];
    ask_word(bo, CONTROL_LOCK, "");
    need(ask_group_send(ann, "lantern", "who has it?")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    need(ask_copies(ann, last_in_outbox(ann)->id)->count == 2);
    bool right = true;
    for (size_t i = 0; i < 2; i++)
        right &=
            strcmp(ann->answer.rows[i].state,
                strcmp(ann->answer.rows[i].name, "cy") == 0 ? "delivered"
                                                            : "waiting") == 0;
    ok(right, "a receipt is that of who sent it");
    need(ask_word(bo, CONTROL_UNLOCK, "bo")->kind == CONTROL_DONE);
    world_run(&world, HOUR_MS);
    need(ask_group_send(ann, "lantern", "one of ann")->kind == CONTROL_SENT);
    need(ask_group_send(cy, "lantern", "one of cy")->kind == CONTROL_SENT);
    need(ask_group_send(ann, "lantern", "two of ann")->kind == CONTROL_SENT);
    world_run(&world, HOUR_MS);
    ok(last_in_outbox(ann)->outbox == OUTBOX_DELIVERED &&
            last_in_outbox(cy)->outbox == OUTBOX_DELIVERED,
        "and goes to who wrote what it is for");
    world_free(&world);
}

static void test_words(void)
{
    char text[CARD_TEXT_CHARS + 1];
    world_init(&world, 4, 78);
    crowd_meet(&world);
    struct person *cy = &world.people[2];
    ok(ask_word(ann, CONTROL_GROUP_NEW, "lan\tern")->status == STATUS_INVALID &&
            strstr(ann->answer.message, "a group's name"),
        "a group's name has no control characters");
    crowd_gather(&world, "lantern");
    need(member_count(ann, "lantern") == 4);
    size_t own = 0;
    char mine[CONTROL_FINGERPRINT_CHARS + 1];
    strcpy(mine, ask_word(ann, CONTROL_ID, "")->fingerprint);
    need(member_count(ann, "lantern") == 4);
    for (size_t i = 0; i < 4; i++)
        own += strcmp(ann->answer.rows[i].key_state, "you") == 0 &&
               strcmp(ann->answer.rows[i].fingerprint, mine) == 0;
    ok(own == 1, "one of the members is oneself");
    mine[20] = 0;
    ok(ask_group(ann, CONTROL_GROUP_REMOVE, "lantern", mine)->status ==
                STATUS_REFUSED &&
            strstr(ann->answer.message, "this is you"),
        "whom one does not remove, but leaves");
    ok(ask_group_send(ann, "lantern", "")->status == STATUS_INVALID,
        "no letter to a group is empty");
    struct control_request request = {.method = CONTROL_GROUP_SEND,
        .id = 1,
        .group = span_of_text("lantern"),
        .text = span_of_text("x"),
        .burn_s = LIMIT_BURN_S + 1};
    ok(person_ask(ann, &request)->status == STATUS_TOO_LARGE &&
            strstr(ann->answer.message, "burn timer"),
        "nor burns later than any letter");
    char cys[CONTROL_FINGERPRINT_CHARS + 1];
    strcpy(cys, ask_word(cy, CONTROL_ID, "")->fingerprint);
    cys[16] = 0;
    ok(ask_group(ann, CONTROL_GROUP_REMOVE, "lantern", cys)->kind ==
                CONTROL_GROUP_ROWS &&
            member_count(ann, "lantern") == 3,
        "a member is removed by the beginning of a fingerprint");
    world_run(&world, MINUTE_MS);
    ok(strcmp(membership(cy), "removed") == 0, "who is that one");

    static struct other eve, mal;
    struct card card;
    other_meet(&eve, ann, "eve", 5);
    other_meet(&mal, ann, "mal", 6);
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "eve")->kind ==
         CONTROL_GROUP_ROWS);
    need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "mal")->kind ==
         CONTROL_GROUP_ROWS);
    ok(ask_group(ann, CONTROL_GROUP_REMOVE, "lantern", "mal")->kind ==
                CONTROL_GROUP_ROWS &&
            member_count(ann, "lantern") == 4,
        "of two who were asked in, one is asked no more");
    static struct other sam;
    card_of(ann, &card);
    other_begin(&sam, &world, 7, &card);
    card_to_text(&sam.card, text);
    need(ask_add(ann, "mal", text)->kind == CONTROL_ERROR);
    ok(ask_group(ann, CONTROL_GROUP_ADD, "lantern", "mal")->status ==
            STATUS_REFUSED,
        "and nobody whose key has changed is asked in");
    other_end(&sam);
    other_end(&eve);
    other_end(&mal);
    world_free(&world);
}

int main(void)
{
    test_invites();
    test_joining();
    test_renamed();
    test_coming_in();
    test_outsider();
    test_copies();
    test_words();
    return tap_done();
}
