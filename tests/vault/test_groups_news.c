/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What it takes in letters that a group comes together, and that members learn
 * of changes however these come. */
#include "tests/vault/crowd.h"
#include "tests/vault/others_group.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000, OPS_TOGETHER = 16 };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];
static struct person *const cy = &world.people[2];

/* Letters of a kind that anybody has written, but whose vault is locked. */
static size_t letters_of(enum letter_type type)
{
    size_t count = 0;
    for (size_t i = 0; i < world.count; i++) {
        const struct opened *opened = world.people[i].vault->opened;
        const struct rows *rows = opened ? &opened->outbox.letters : NULL;
        for (size_t j = 0; rows && j < rows->count; j++) {
            const struct outbox_letter *letter = rows_at(rows, j);
            count += letter->type == type;
        }
    }
    return count;
}

static bool all_know_all(const char *group)
{
    for (size_t i = 0; i < world.count; i++)
        if (member_count(&world.people[i], group) != world.count)
            return false;
    return true;
}

static void ask_all_in(void)
{
    need(ask_word(ann, CONTROL_GROUP_NEW, "lantern")->kind ==
         CONTROL_GROUP_ROWS);
    for (size_t i = 1; i < world.count; i++)
        need(ask_group(ann, CONTROL_GROUP_ADD, "lantern", name_of(i))->kind ==
             CONTROL_GROUP_ROWS);
}

/* In a mesh that delays and reorders, answers come one by one, over 40 seconds;
 * then each member is told in a few letters, not in one for each change. */
static void test_together(size_t people, size_t most, const char *what)
{
    char text[80];
    world_init(&world, people, 90 + people);
    crowd_meet(&world);
    world.double_percent = 1;
    ask_all_in();
    world_run(&world, 10 * MINUTE_MS);
    size_t told = letters_of(LETTER_GROUP_OPS);
    printf("# %zu people: %zu letters of changes\n", people, told);
    snprintf(text, sizeof(text), "%s come together, and know it", what);
    ok(all_know_all("lantern"), text);
    snprintf(text, sizeof(text), "each of %s is told in %zu letters at most",
        what, most);
    ok(told <= most * (people - 1), text);
    ok(letters_of(LETTER_GROUP_ASK) <= people / 16,
        "hardly anybody asks for what is on its way");
    ok(letters_of(LETTER_GROUP_KEY) == 0,
        "and nobody has handed a key over who has not written");
    need(ask_group_send(bo, "lantern", "hello")->kind == CONTROL_SENT);
    world_run(&world, MINUTE_MS);
    ok(letters_of(LETTER_GROUP_KEY) == people - 1 &&
            world.people[people - 1].note_letters == 1,
        "who writes does, to each of the others once");
    world_free(&world);
}

/* All at once: as many operations as there is room for go in one letter. */
static void test_at_once(void)
{
    enum { PEOPLE = 32 };
    world_init(&world, PEOPLE, 95);
    crowd_meet(&world);
    ask_all_in();
    size_t before = world.carried_count;
    world_run(&world, MINUTE_MS);
    size_t told = letters_of(LETTER_GROUP_OPS);
    ok(all_know_all("lantern") &&
            told == (PEOPLE - 1) * (PEOPLE / OPS_TOGETHER),
        "what is told at once goes in as few letters as hold it");
    bool small = true;
    for (size_t i = before; i < world.carried_count; i++)
        small &= world.carried[i].envelope.class_ <= 2;
    ok(small, "of 8 KiB at most");
    world_free(&world);
}

/* Envelopes that are too large for all but operations. */
static size_t count_large(void)
{
    size_t count = 0;
    for (size_t i = 0; i < world.carried_count; i++)
        count += world.carried[i].envelope.class_ > 0;
    return count;
}

/* Bo has answered; cy's vault is locked, and could answer at any time. */
static void begin_waiting(uint64_t seed)
{
    world_init(&world, 3, seed);
    crowd_meet(&world);
    need(ask_word(cy, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    ask_all_in();
    world_run(&world, 500);
    need(member_count(ann, "lantern") == 3); /* cy is asked in */
    need(strcmp(membership(bo), "joining") == 0);
}

static void test_waiting(void)
{
    begin_waiting(96);
    world_run(&world, 1000);
    ok(strcmp(membership(bo), "member") == 0,
        "for somebody else who may come, news wait a second");
    world_free(&world);

    begin_waiting(97);
    need(ask_group_send(ann, "lantern", "hello")->kind == CONTROL_SENT);
    world_run(&world, 100);
    ok(strcmp(membership(bo), "member") == 0 && times_shown(bo, "hello") == 1,
        "and no longer than until something is written");
    world_free(&world);

    begin_waiting(98);
    need(ask_group(ann, CONTROL_GROUP_REMOVE, "lantern", "bo")->kind ==
         CONTROL_GROUP_ROWS);
    world_run(&world, 100);
    ok(strcmp(membership(bo), "removed") == 0 ||
            strcmp(membership(bo), "joining") == 0,
        "who is removed meanwhile is not in");
    need(
        ask_group_send(ann, "lantern", "without bo")->status == STATUS_REFUSED);
    world_free(&world);

    begin_waiting(99);
    person_die(ann);
    person_start(ann);
    need(ask_word(ann, CONTROL_UNLOCK, "ann")->kind == CONTROL_DONE);
    world_run(&world, 2000);
    ok(strcmp(membership(bo), "member") == 0,
        "a crash meanwhile keeps nobody from what they are to be told");
    size_t large = count_large();
    lock_and_unlock(ann, "ann");
    world_run(&world, MINUTE_MS);
    ok(large > 0 && count_large() == large, "and nobody is told twice");
    lock_and_unlock(bo, "bo");
    world_run(&world, MINUTE_MS);
    ok(count_large() == large, "nor by who let nobody in");
    world_free(&world);
}

/* Eve's group, of which ann hears. */
static struct other eve;
static struct others_group trap;

static size_t known_ops(const struct person *person)
{
    const struct rows *rows = &person->vault->opened->groups.rows;
    const struct vault_group *group = rows->count ? rows_at(rows, 0) : NULL;
    return group ? group->roster.count : 0;
}

static void tell_one(size_t place)
{
    struct letter letter = {
        .type = LETTER_GROUP_OPS, .group = trap.id, .op_count = 1};
    letter.ops[0] = (struct span){
        trap.roster.ops[place].bytes, trap.roster.ops[place].size};
    other_say(&eve, ann, letter);
}

static void begin_trap(uint64_t seed)
{
    static struct letter join;
    struct identity identity;
    struct prekey prekey;
    struct card card;
    world_init(&world, 1, seed);
    crowd_meet(&world);
    other_meet(&eve, ann, "eve", 5);
    others_found(&trap, &eve);
    others_invite(&eve, &trap, ann, "trap");
    world_run(&world, MINUTE_MS);
    need(other_hears(&eve, LETTER_GROUP_JOIN, &join));
    uint8_t key[32];
    memcpy(key, join.join_key, sizeof(key));
    struct card anns = join.card;
    for (uint64_t i = 0; i < 3; i++) {
        identity_generate(&identity, &eve.random.base);
        prekey_generate(
            &prekey, 1, world_now_h(&world) + 100, &eve.random.base);
        card_make(&identity, &prekey, &card);
        others_sign_in(&trap, &eve, &card, eve.card.sign_key);
    }
    others_sign_in(&trap, &eve, &anns, key);
}

static void end_trap(void)
{
    roster_clear(&trap.roster);
    other_end(&eve);
    world_free(&world);
}

static void test_early(void)
{
    static struct letter heard;
    begin_trap(101);
    for (size_t i = trap.roster.count; i-- > 1;)
        tell_one(i);
    tell_one(3);
    ok(known_ops(ann) == 0, "what has nothing before it is not taken in");
    tell_one(0);
    ok(known_ops(ann) == trap.roster.count &&
            strcmp(membership(ann), "member") == 0,
        "and all of it is when that comes");
    world_run(&world, HOUR_MS);
    ok(!other_hears(&eve, LETTER_GROUP_ASK, &heard), "without a question");
    end_trap();
}

static size_t kept_early(void)
{
    return ann->vault->opened->early.count;
}

/* What comes before the group's first operation is kept if it may yet be taken
 * in, and has one place. */
static void test_kept(void)
{
    static struct others_group another;
    begin_trap(104);
    tell_one(1);
    need(kept_early() == 1);
    tell_one(1);
    ok(kept_early() == 1, "what comes too early twice is kept once");
    others_found(&another, &eve);
    others_sign_in(
        &another, &eve, &trap.roster.ops[1].op.card, trap.roster.ops[1].op.key);
    struct letter letter = {
        .type = LETTER_GROUP_OPS, .group = trap.id, .op_count = 1};
    letter.ops[0] =
        (struct span){another.roster.ops[1].bytes, another.roster.ops[1].size};
    other_say(&eve, ann, letter);
    ok(kept_early() == 1, "another group's is not");
    roster_clear(&another.roster);
    end_trap();
}

static void test_first_lacking(void)
{
    static struct letter heard;
    begin_trap(105);
    tell_one(1);
    world_run(&world, 2 * MINUTE_MS);
    ok(other_hears(&eve, LETTER_GROUP_ASK, &heard) && heard.head_count == 0,
        "who asked one in is asked for the first, when it has not come");
    end_trap();
}

static void test_lacking(void)
{
    static struct letter heard;
    begin_trap(102);
    tell_one(0);
    tell_one(1);
    tell_one(4);
    world_run(&world, MINUTE_MS / 4);
    ok(!other_hears(&eve, LETTER_GROUP_ASK, &heard),
        "what is lacking is not asked for at once");
    lock_and_unlock(ann, "ann");
    world_run(&world, MINUTE_MS);
    bool asked = other_hears(&eve, LETTER_GROUP_ASK, &heard);
    ok(asked && heard.head_count == 1 &&
            memcmp(&heard.heads[0], &trap.roster.ops[1].hash, 32) == 0,
        "it is when it has not come, over a restart, and what is known is "
        "said");
    others_tell(&eve, &trap.id, &trap.roster, 2, ann);
    world_run(&world, HOUR_MS);
    ok(strcmp(membership(ann), "member") == 0 &&
            !other_hears(&eve, LETTER_GROUP_ASK, &heard),
        "once");
    end_trap();
}

static void ask_with(const struct group_op_hash *heads, size_t count)
{
    struct letter ask = {
        .type = LETTER_GROUP_ASK, .group = trap.id, .head_count = count};
    memcpy(ask.heads, heads, count * sizeof(*heads));
    other_say(&eve, ann, ask);
    world_run(&world, HOUR_MS);
}

static size_t ops_heard(void)
{
    static struct letter heard;
    size_t count = 0;
    while (other_hears(&eve, LETTER_GROUP_OPS, &heard))
        count += heard.op_count;
    return count;
}

static void test_answers(void)
{
    begin_trap(103);
    others_tell(&eve, &trap.id, &trap.roster, 0, ann);
    world_run(&world, HOUR_MS);
    const struct group_op_hash hashes[] = {
        trap.roster.ops[1].hash, trap.roster.ops[2].hash, {{7}}};
    ask_with(hashes, 2);
    ok(ops_heard() == trap.roster.count - 3,
        "who asks is told what is not before what they name");
    ask_with(&hashes[2], 1);
    ok(ops_heard() == trap.roster.count,
        "and all when that is nothing that is known");
    ask_with(&trap.roster.ops[trap.roster.count - 1].hash, 1);
    ok(ops_heard() == 0, "and nothing when they have all there is");
    struct letter ask = {
        .type = LETTER_GROUP_ASK, .group = trap.id, .head_count = 1};
    ask.heads[0] = trap.roster.ops[trap.roster.count - 1].hash;
    other_say(&eve, ann, ask);
    ask_with(&hashes[2], 1);
    ok(ops_heard() == trap.roster.count,
        "which keeps nobody from an answer to what they ask next");
    end_trap();
}

int main(void)
{
    test_at_once();
    test_waiting();
    test_early();
    test_kept();
    test_first_lacking();
    test_lacking();
    test_answers();
    test_together(4, 3, "four");
    test_together(16, 5, "sixteen");
    test_together(LIMIT_GROUP_MEMBERS, 9, "sixty-four");
    return tap_done();
}
