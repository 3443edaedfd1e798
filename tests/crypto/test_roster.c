/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is in: by the set of operations, whatever order they came in. */
#include "crypto/roster.h"

#include <stdio.h>

#include "crypto/hash.h"
#include "crypto/identity.h"
#include "tests/tap.h"

enum { PEOPLE = 6 };

struct person {
    struct roster_key key;
    struct card card;
    struct fingerprint fingerprint;
};

static struct random_seeded draws;
static struct person people[PEOPLE];

static void make_people(void)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        struct identity identity;
        struct prekey prekey;
        identity_generate(&identity, &draws.base);
        prekey_generate(&prekey, 1, 500000, &draws.base);
        card_make(&identity, &prekey, &people[i].card);
        card_fingerprint(&people[i].card, &people[i].fingerprint);
        roster_key_generate(&people[i].key, &draws.base);
    }
}

static struct group_op op_of(enum group_op_kind kind, size_t subject)
{
    struct group_op op = {.kind = kind, .subject = people[subject].fingerprint};
    if (kind == GROUP_NEW || kind == GROUP_ADD) {
        op.card = people[subject].card;
        memcpy(op.key, people[subject].key.public_, 32);
        op.name_size = (uint8_t)snprintf(
            (char *)op.name, sizeof(op.name), "person %zu", subject);
        op.admin = kind == GROUP_NEW;
    }
    return op;
}

static enum status say(struct roster *roster, size_t author,
    enum group_op_kind kind, size_t subject)
{
    struct group_op op = op_of(kind, subject);
    return roster_sign(
        roster, &op, &people[author].fingerprint, &people[author].key);
}

static enum status make_admin(
    struct roster *roster, size_t author, size_t subject)
{
    struct group_op op = op_of(GROUP_ADD, subject);
    op.admin = true;
    return roster_sign(
        roster, &op, &people[author].fingerprint, &people[author].key);
}

static bool has(const struct roster *roster, size_t i)
{
    return roster_has(roster, &people[i].fingerprint);
}

static struct span bytes_of(const struct roster *roster, size_t i)
{
    return (struct span){roster->ops[i].bytes, roster->ops[i].size};
}

/* Take in all that another has. */
static void learn(struct roster *to, const struct roster *from)
{
    bool added;
    for (size_t i = 0; i < from->count; i++)
        need(roster_take(to, bytes_of(from, i), &added) == STATUS_OK);
}

/* The same operations in an order drawn anew, children waiting for parents. */
static void shuffle(struct roster *to, const struct roster *from)
{
    bool done[64] = {false}, added;
    for (size_t left = from->count; left > 0;) {
        size_t i = random_below(&draws.base, from->count);
        if (done[i])
            continue;
        enum status status = roster_take(to, bytes_of(from, i), &added);
        if (status == STATUS_OK) {
            done[i] = true;
            left--;
        } else {
            need(to->count == 0 || status == STATUS_NOT_FOUND);
        }
    }
}

static bool same(const struct roster *a, const struct roster *b)
{
    struct group_view x, y;
    roster_view(a, &x);
    roster_view(b, &y);
    bool equal = memcmp(&x, &y, sizeof(x)) == 0;
    for (size_t i = 0; i < PEOPLE; i++)
        equal &= has(a, i) == has(b, i) &&
                 roster_has_admin(a, &people[i].fingerprint) ==
                     roster_has_admin(b, &people[i].fingerprint);
    return equal;
}

static void test_life(void)
{
    struct roster roster;
    roster_init(&roster);
    need(say(&roster, 0, GROUP_NEW, 0) == STATUS_OK);
    ok(has(&roster, 0) && roster_has_admin(&roster, &people[0].fingerprint),
        "the founder is in, and an admin");
    need(say(&roster, 0, GROUP_ADD, 1) == STATUS_OK);
    ok(has(&roster, 1) && !roster_has_admin(&roster, &people[1].fingerprint),
        "who was added is in, and no admin");
    ok(say(&roster, 1, GROUP_ADD, 2) == STATUS_REFUSED && !has(&roster, 2),
        "who is no admin adds nobody");
    ok(say(&roster, 1, GROUP_REMOVE, 0) == STATUS_REFUSED && has(&roster, 0),
        "nor removes");
    need(make_admin(&roster, 0, 1) == STATUS_OK);
    ok(say(&roster, 1, GROUP_ADD, 2) == STATUS_OK && has(&roster, 2),
        "whom an admin makes an admin adds");
    ok(roster_member_count(&roster) == 3, "each is counted once");
    need(say(&roster, 2, GROUP_LEAVE, 2) == STATUS_OK);
    ok(!has(&roster, 2), "who leaves is out");
    need(say(&roster, 0, GROUP_ADD, 2) == STATUS_OK);
    ok(has(&roster, 2), "and can be added again");
    need(say(&roster, 0, GROUP_REMOVE, 1) == STATUS_OK);
    ok(!has(&roster, 1) && has(&roster, 2),
        "who is removed is out; whom they added before stays");
    bool added = true;
    ok(roster_take(&roster, bytes_of(&roster, 3), &added) == STATUS_OK &&
            !added,
        "what is known is not new");
    roster_clear(&roster);
}

/* Whether an operation is taken in, after those before it, with some byte of
 * it changed. */
static bool some_byte_passes(const struct roster *from, size_t i)
{
    uint8_t bytes[GROUP_OP_BYTES];
    struct span whole = bytes_of(from, i);
    struct roster fresh;
    bool added, passes = false;
    roster_init(&fresh);
    for (size_t j = 0; j < i; j++)
        need(roster_take(&fresh, bytes_of(from, j), &added) == STATUS_OK);
    for (size_t at = 0; at < whole.size; at++) {
        memcpy(bytes, whole.data, whole.size);
        bytes[at] ^= 1;
        enum status status =
            roster_take(&fresh, (struct span){bytes, whole.size}, &added);
        passes |= status == STATUS_OK || fresh.count != i;
    }
    roster_clear(&fresh);
    return passes;
}

static void test_forged(void)
{
    struct roster roster, other;
    bool added;
    roster_init(&roster);
    roster_init(&other);
    need(say(&roster, 0, GROUP_NEW, 0) == STATUS_OK);
    need(say(&roster, 0, GROUP_ADD, 1) == STATUS_OK);
    size_t count = roster.count;
    struct group_op op = op_of(GROUP_ADD, 3);
    ok(roster_sign(&roster, &op, &people[0].fingerprint, &people[3].key) ==
            STATUS_REFUSED,
        "forged membership: an addition not signed by the admin is refused");
    ok(say(&roster, 3, GROUP_ADD, 3) == STATUS_REFUSED,
        "nobody adds themselves");
    op = op_of(GROUP_LEAVE, 1);
    ok(roster_sign(&roster, &op, &people[1].fingerprint, &people[3].key) ==
            STATUS_REFUSED,
        "nobody leaves for another");
    op = op_of(GROUP_ADD, 3);
    ok(roster_sign(&roster, &op, &people[3].fingerprint, &people[0].key) ==
            STATUS_REFUSED,
        "nor signs for another, an admin either");
    op = op_of(GROUP_ADD, 3);
    op.card.signature[0] ^= 1;
    ok(roster_sign(&roster, &op, &people[0].fingerprint, &people[0].key) ==
            STATUS_REFUSED,
        "a card that does not verify is no person's");
    op = op_of(GROUP_ADD, 3);
    op.card = people[4].card;
    ok(roster_sign(&roster, &op, &people[0].fingerprint, &people[0].key) ==
            STATUS_REFUSED,
        "an addition under another's card is refused");
    need(say(&other, 3, GROUP_NEW, 3) == STATUS_OK);
    need(say(&other, 3, GROUP_ADD, 4) == STATUS_OK);
    ok(roster_take(&roster, bytes_of(&other, 0), &added) == STATUS_REFUSED &&
            roster_take(&roster, bytes_of(&other, 1), &added) == STATUS_REFUSED,
        "operations of another group are refused");
    ok(roster.count == count, "and nothing of it was kept");
    ok(!some_byte_passes(&roster, 1),
        "an operation with any byte changed is refused");
    ok(!some_byte_passes(&roster, 0), "and so is the founding");
    ok(roster_take(&roster, span_of_text("no operation"), &added) ==
            STATUS_INVALID,
        "what is no operation is malformed");
    roster_clear(&roster);
    roster_clear(&other);
}

static void test_removed_concurrently(void)
{
    struct roster a, b, c;
    roster_init(&a);
    roster_init(&b);
    roster_init(&c);
    need(say(&a, 0, GROUP_NEW, 0) == STATUS_OK);
    need(make_admin(&a, 0, 1) == STATUS_OK);
    learn(&b, &a);
    need(say(&a, 0, GROUP_REMOVE, 1) == STATUS_OK);
    need(make_admin(&b, 1, 2) == STATUS_OK);
    need(say(&b, 2, GROUP_ADD, 3) == STATUS_OK);
    ok(has(&b, 2) && has(&b, 3), "before the removal is known, all is well");
    shuffle(&c, &b);
    learn(&a, &b);
    learn(&b, &a);
    learn(&c, &a);
    ok(!has(&a, 1) && !has(&a, 2) && !has(&a, 3),
        "what a removed admin does concurrently is void, and what follows");
    ok(same(&a, &b) && same(&b, &c), "all come to the same");
    struct group_op op = op_of(GROUP_ADD, 4);
    need(roster_sign(&b, &op, &people[1].fingerprint, &people[1].key) ==
         STATUS_OK);
    ok(!has(&b, 4), "what it does after the removal does not count");
    roster_clear(&a);
    roster_clear(&b);
    roster_clear(&c);
}

static void test_mutual_removal(void)
{
    struct roster a, b;
    roster_init(&a);
    roster_init(&b);
    need(say(&a, 0, GROUP_NEW, 0) == STATUS_OK);
    need(make_admin(&a, 0, 1) == STATUS_OK);
    learn(&b, &a);
    need(say(&a, 0, GROUP_REMOVE, 1) == STATUS_OK);
    need(say(&b, 1, GROUP_REMOVE, 0) == STATUS_OK);
    learn(&a, &b);
    learn(&b, &a);
    ok(has(&a, 0) && !has(&a, 1) && same(&a, &b),
        "of two who remove each other the one added first stays");
    roster_clear(&a);
    roster_clear(&b);
}

/* Take in what the first has, then what the second has. */
static void join(
    struct roster *to, const struct roster *first, const struct roster *second)
{
    roster_init(to);
    learn(to, first);
    learn(to, second);
}

/* People 1 and 2 remove each other; who stays?  Told to replicas that learn
 * of both sides in either order. */
static void remove_each_other(
    struct roster *one, struct roster *two, const char *what, size_t stays)
{
    struct roster left, right, ways[2];
    join(&left, one, two);
    join(&right, two, one);
    need(say(&left, 1, GROUP_REMOVE, 2) == STATUS_OK);
    need(say(&right, 2, GROUP_REMOVE, 1) == STATUS_OK);
    join(&ways[0], &left, &right);
    join(&ways[1], &right, &left);
    bool all = true;
    for (size_t i = 0; i < 2; i++) {
        all &= has(&ways[i], stays) && !has(&ways[i], 3 - stays);
        roster_clear(&ways[i]);
    }
    ok(all, what);
    roster_clear(&left);
    roster_clear(&right);
    roster_clear(one);
    roster_clear(two);
}

static void found(struct roster *one, struct roster *two)
{
    roster_init(one);
    need(say(one, 0, GROUP_NEW, 0) == STATUS_OK);
    need(make_admin(one, 0, 5) == STATUS_OK);
    roster_init(two);
    learn(two, one);
}

static void test_seniority(void)
{
    struct roster one, two;
    found(&one, &two);
    need(make_admin(&two, 5, 2) == STATUS_OK);
    need(say(&one, 0, GROUP_ADD, 3) == STATUS_OK);
    need(make_admin(&one, 0, 1) == STATUS_OK);
    need(make_admin(&one, 0, 2) == STATUS_OK);
    remove_each_other(&one, &two,
        "who was added on two sides is as senior as the earlier makes them", 2);

    found(&one, &two);
    need(say(&one, 0, GROUP_REMOVE, 2) == STATUS_OK);
    learn(&two, &one);
    need(make_admin(&one, 0, 1) == STATUS_OK);
    need(say(&two, 0, GROUP_ADD, 3) == STATUS_OK);
    need(make_admin(&two, 0, 2) == STATUS_OK);
    remove_each_other(
        &one, &two, "a removal before makes nobody more senior", 1);

    found(&one, &two);
    need(make_admin(&one, 0, 1) == STATUS_OK);
    need(make_admin(&two, 5, 2) == STATUS_OK);
    size_t elder =
        memcmp(one.ops[2].hash.bytes, two.ops[2].hash.bytes, 32) < 0 ? 1 : 2;
    remove_each_other(
        &one, &two, "of two who are as senior, the hashes decide", elder);
}

/* One admin with two devices removes itself on one, and another on the other:
 * the removal that is less deep is gone through first, and voids the other. */
static void test_own_removal(void)
{
    struct roster one, two, ways[2];
    found(&one, &two);
    need(make_admin(&one, 0, 1) == STATUS_OK);
    learn(&two, &one);
    struct roster concurrent;
    roster_init(&concurrent);
    learn(&concurrent, &one);
    need(say(&one, 5, GROUP_REMOVE, 5) == STATUS_OK);
    need(say(&two, 5, GROUP_ADD, 3) == STATUS_OK);
    need(say(&two, 5, GROUP_REMOVE, 1) == STATUS_OK);
    need(say(&concurrent, 1, GROUP_ADD, 4) == STATUS_OK);
    learn(&one, &concurrent);
    learn(&two, &concurrent);
    join(&ways[0], &one, &two);
    join(&ways[1], &two, &one);
    bool all = true;
    for (size_t i = 0; i < 2; i++) {
        all &= !has(&ways[i], 5) && !has(&ways[i], 3) && has(&ways[i], 1) &&
               has(&ways[i], 4);
        roster_clear(&ways[i]);
    }
    ok(all, "of two removals by one person the less deep goes first");
    roster_clear(&one);
    roster_clear(&two);
    roster_clear(&concurrent);
}

static struct group_op named(size_t subject, const char *name)
{
    struct group_op op = op_of(GROUP_ADD, subject);
    op.name_size =
        (uint8_t)snprintf((char *)op.name, sizeof(op.name), "%s", name);
    return op;
}

static bool is_named(
    const struct roster *roster, size_t person, const char *name)
{
    const struct group_op *op =
        roster_person(roster, &people[person].fingerprint);
    return op && op->kind == GROUP_ADD &&
           span_equal(
               (struct span){op->name, op->name_size}, span_of_text(name));
}

/* What is known of a person is what was said of them last. */
static void test_described(void)
{
    struct roster one, two, ways[2];
    found(&one, &two);
    struct group_op early = named(2, "early"), late = named(2, "late");
    need(roster_sign(&two, &early, &people[5].fingerprint, &people[5].key) ==
         STATUS_OK);
    need(say(&one, 0, GROUP_ADD, 3) == STATUS_OK);
    need(roster_sign(&one, &late, &people[0].fingerprint, &people[0].key) ==
         STATUS_OK);
    join(&ways[0], &one, &two);
    join(&ways[1], &two, &one);
    ok(is_named(&ways[0], 2, "late") && is_named(&ways[1], 2, "late"),
        "who was added on two sides is described by the later one");
    ok(!roster_person(&one, &people[4].fingerprint),
        "who was never added is not described");
    need(say(&one, 0, GROUP_REMOVE, 2) == STATUS_OK);
    ok(is_named(&one, 2, "late") && !has(&one, 2),
        "who was removed is, as they were");
    roster_clear(&one);
    roster_clear(&two);
    roster_clear(&ways[0]);
    roster_clear(&ways[1]);
}

/* Six people do as they please on replicas that meet now and then. */
static void test_any_order(void)
{
    bool all = true;
    for (int run = 0; run < 40; run++) {
        struct roster replicas[PEOPLE], last;
        for (size_t i = 0; i < PEOPLE; i++)
            roster_init(&replicas[i]);
        need(say(&replicas[0], 0, GROUP_NEW, 0) == STATUS_OK);
        for (size_t i = 1; i < PEOPLE; i++) {
            need(make_admin(&replicas[0], 0, i) == STATUS_OK);
        }
        for (size_t i = 1; i < PEOPLE; i++)
            learn(&replicas[i], &replicas[0]);
        for (int turn = 0; turn < 30; turn++) {
            size_t who = random_below(&draws.base, PEOPLE);
            size_t whom = random_below(&draws.base, PEOPLE);
            uint64_t what = random_below(&draws.base, 8);
            enum status status = STATUS_OK;
            if (what == 0)
                status = say(&replicas[who], who, GROUP_REMOVE, whom);
            else if (what == 1)
                status = make_admin(&replicas[who], who, whom);
            else if (what == 2)
                status = say(&replicas[who], who, GROUP_LEAVE, who);
            else if (what < 5)
                learn(&replicas[who], &replicas[whom]);
            need(status == STATUS_OK);
        }
        roster_init(&last);
        for (size_t i = 0; i < PEOPLE; i++)
            learn(&last, &replicas[i]);
        for (size_t i = 0; i < PEOPLE; i++) {
            shuffle(&replicas[i], &last);
            all &= same(&replicas[i], &last);
        }
        for (size_t i = 0; i < PEOPLE; i++)
            roster_clear(&replicas[i]);
        roster_clear(&last);
    }
    ok(all, "the same operations in any order give the same members");
}

static void test_views(void)
{
    struct roster a, b;
    struct group_view before, after, side;
    roster_init(&a);
    roster_init(&b);
    need(say(&a, 0, GROUP_NEW, 0) == STATUS_OK);
    need(say(&a, 0, GROUP_ADD, 1) == STATUS_OK);
    need(make_admin(&a, 0, 2) == STATUS_OK);
    learn(&b, &a);
    roster_view(&a, &before);
    ok(roster_judge(&a, &before) == ROSTER_CURRENT,
        "one's own view is current");
    need(say(&b, 2, GROUP_ADD, 3) == STATUS_OK);
    roster_view(&b, &side);
    ok(roster_judge(&a, &side) == ROSTER_UNKNOWN, "one ahead is unknown");
    ok(roster_judge(&b, &before) == ROSTER_CURRENT,
        "one that lacks an addition is current");
    need(say(&a, 0, GROUP_REMOVE, 1) == STATUS_OK);
    roster_view(&a, &after);
    ok(roster_judge(&a, &before) == ROSTER_OLD,
        "one that lacks a removal is old");
    learn(&a, &b);
    ok(roster_judge(&a, &side) == ROSTER_OLD,
        "so is one from the side that lacks it");
    ok(roster_judge(&a, &after) == ROSTER_CURRENT, "one that has it is not");
    struct roster c;
    roster_init(&c);
    learn(&c, &a);
    need(say(&c, 2, GROUP_ADD, 4) == STATUS_OK);
    need(say(&b, 2, GROUP_ADD, 1) == STATUS_OK);
    need(say(&a, 0, GROUP_ADD, 5) == STATUS_OK);
    learn(&a, &b);
    struct group_view two, three;
    roster_view(&a, &two);
    learn(&a, &c);
    roster_view(&a, &three);
    ok(roster_judge(&a, &three) == ROSTER_CURRENT,
        "one of three sides at once is one's own");
    need(say(&a, 0, GROUP_ADD, 4) == STATUS_OK);
    ok(roster_judge(&a, &two) == ROSTER_CURRENT,
        "one of two of them is known when all are joined");
    roster_clear(&c);
    struct group_view madeup = {{1}};
    ok(roster_judge(&a, &madeup) == ROSTER_UNKNOWN, "a made-up one is unknown");
    roster_clear(&a);
    roster_clear(&b);
}

static size_t removal(const struct roster *roster, size_t i)
{
    return roster_removal(roster, &people[i].fingerprint);
}

static void test_removal(void)
{
    struct roster roster;
    roster_init(&roster);
    need(say(&roster, 0, GROUP_NEW, 0) == STATUS_OK);
    need(say(&roster, 0, GROUP_ADD, 1) == STATUS_OK);
    need(say(&roster, 0, GROUP_ADD, 2) == STATUS_OK);
    need(say(&roster, 0, GROUP_REMOVE, 1) == STATUS_OK);
    ok(removal(&roster, 1) == 3, "a removal is found by whom it removes");
    ok(removal(&roster, 2) == roster.count, "who was not removed has none");
    need(say(&roster, 0, GROUP_ADD, 1) == STATUS_OK);
    need(say(&roster, 0, GROUP_REMOVE, 1) == STATUS_OK);
    need(say(&roster, 0, GROUP_REMOVE, 2) == STATUS_OK);
    ok(removal(&roster, 1) == 5, "of two the newest, before another's");
    roster_clear(&roster);
}

static void test_bounds(void)
{
    struct roster roster;
    roster_init(&roster);
    need(say(&roster, 0, GROUP_NEW, 0) == STATUS_OK);
    for (size_t i = 1; i < LIMIT_GROUP_OPS; i++)
        need(say(&roster, 0, i % 2 ? GROUP_ADD : GROUP_REMOVE, 1) == STATUS_OK);
    ok(has(&roster, 1) && say(&roster, 0, GROUP_ADD, 2) == STATUS_FULL &&
            !has(&roster, 2),
        "a group has its number of operations, and no more");
    roster_clear(&roster);
}

int main(void)
{
    need(!crypto_start());
    random_seeded_init(&draws, 17, 1);
    make_people();
    test_life();
    test_forged();
    test_removed_concurrently();
    test_mutual_removal();
    test_seniority();
    test_own_removal();
    test_described();
    test_any_order();
    test_views();
    test_removal();
    test_bounds();
    return tap_done();
}
