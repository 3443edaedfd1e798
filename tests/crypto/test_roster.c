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
    uint8_t bytes[GROUP_OP_BYTES];
    struct span whole = bytes_of(&roster, 1);
    struct roster fresh;
    roster_init(&fresh);
    need(roster_take(&fresh, bytes_of(&roster, 0), &added) == STATUS_OK);
    bool refused = true;
    for (size_t at = 0; at < whole.size; at++) {
        memcpy(bytes, whole.data, whole.size);
        bytes[at] ^= 1;
        enum status status =
            roster_take(&fresh, (struct span){bytes, whole.size}, &added);
        refused &= status != STATUS_OK && fresh.count == 1;
    }
    ok(refused, "an operation with any byte changed is refused");
    roster_clear(&roster);
    roster_clear(&other);
    roster_clear(&fresh);
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
    struct group_view madeup = {{1}};
    ok(roster_judge(&a, &madeup) == ROSTER_UNKNOWN, "a made-up one is unknown");
    roster_clear(&a);
    roster_clear(&b);
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
    test_any_order();
    test_views();
    test_bounds();
    return tap_done();
}
