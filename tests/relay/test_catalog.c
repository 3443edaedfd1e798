/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of ids: one each, kept while it is held and for a while after. */
#include <string.h>

#include "crypto/hash.h"
#include "relay/catalog.h"
#include "tests/tap.h"

static struct catalog catalog;

static struct catalog_entry like_of(uint8_t name)
{
    struct catalog_entry like = {.expires_h = 100u + name, .bytes = 512};
    struct opening opening;
    struct receipt_hash hash;
    memset(like.id.bytes, name, sizeof(like.id.bytes));
    memset(opening.bytes, name, sizeof(opening.bytes));
    receipt_hash_of(&opening, &hash);
    memcpy(like.proof, hash.bytes, sizeof(like.proof));
    return like;
}

static uint32_t hold(uint8_t name, uint64_t now_ms)
{
    uint32_t number = CATALOG_NONE;
    const struct catalog_entry like = like_of(name);
    need(catalog_hold(&catalog, &like, now_ms, &number) == STATUS_OK);
    return number;
}

static uint32_t find(uint8_t name)
{
    const struct catalog_entry like = like_of(name);
    return catalog_find(&catalog, &like.id);
}

static void an_id_has_one_number(void)
{
    catalog_init(&catalog, 1);
    uint32_t a = hold(1, 10), b = hold(2, 10);
    ok(a != b && hold(1, 20) == a && find(1) == a && find(3) == CATALOG_NONE,
        "an id has one number, whoever holds it");
    ok(catalog_at(&catalog, a)->expires_h == 101 &&
            catalog_at(&catalog, a)->holders == 2,
        "and what it decides is there");
    catalog_drop(&catalog, a, 30);
    catalog_drop(&catalog, b, 30);
    ok(hold(3, 30 + CATALOG_REST_MS - 1) != b && find(2) == b,
        "a number that nobody holds rests");
    uint32_t again = hold(4, 30 + CATALOG_REST_MS);
    ok(again == b && find(2) == CATALOG_NONE && find(4) == b,
        "and then is another id's");
    ok(find(1) == a, "but not one that another still holds");
    catalog_clear(&catalog);
}

static void one_that_is_wanted_again_stays(void)
{
    catalog_init(&catalog, 1);
    uint32_t a = hold(1, 0);
    catalog_drop(&catalog, a, 1000);
    need(hold(1, 2000) == a);
    uint32_t b = hold(2, 2000 + CATALOG_REST_MS);
    ok(b != a && find(1) == a, "held again, it rests no more");
    catalog_drop(&catalog, a, 2000 + CATALOG_REST_MS);
    need(hold(1, 2001 + CATALOG_REST_MS) == a);
    catalog_drop(&catalog, a, 5000 + CATALOG_REST_MS);
    ok(hold(3, 2000 + 2 * CATALOG_REST_MS) != a,
        "and rests as long as the first time, from its last drop on");
    ok(hold(4, 5000 + 2 * CATALOG_REST_MS) == a, "before it goes");
    catalog_clear(&catalog);
}

static void a_hint_finds_what_is_there(void)
{
    catalog_init(&catalog, 1);
    uint32_t a = hold(1, 0), b = hold(2, 0);
    catalog_drop(&catalog, a, 0);
    catalog_drop(&catalog, b, 0);
    uint32_t c = hold(3, CATALOG_REST_MS);
    need(c == a || c == b);
    catalog_hint(&catalog, c == a ? b : a);
    ok(find(c == a ? 2 : 1) == CATALOG_NONE && find(3) == c,
        "the number of one that is gone is no hint");
    const struct catalog_entry third = like_of(3);
    uint32_t *lately = &catalog.lately[catalog_lately(&third.id)];
    *lately = CATALOG_NONE;
    catalog_hint(&catalog, c);
    catalog_hint(&catalog, CATALOG_NONE);
    ok(*lately == c && find(1) == CATALOG_NONE && find(3) == c,
        "another's changes nothing of what is found");
    catalog_clear(&catalog);
}

static void an_opening_is_checked_once(void)
{
    struct opening true_one, false_one;
    memset(true_one.bytes, 1, sizeof(true_one.bytes));
    memset(false_one.bytes, 2, sizeof(false_one.bytes));
    catalog_init(&catalog, 1);
    uint32_t a = hold(1, 0);
    ok(!catalog_opens(&catalog, a, &false_one) &&
            !catalog_at(&catalog, a)->is_open,
        "a false opening opens nothing");
    ok(catalog_opens(&catalog, a, &true_one) &&
            catalog_at(&catalog, a)->is_open,
        "a true one does");
    ok(catalog_opens(&catalog, a, &true_one) &&
            !catalog_opens(&catalog, a, &false_one),
        "and then both are known without a hash");
    struct catalog_entry open = like_of(2);
    uint32_t b = hold(2, 0), number;
    memset(open.proof, 2, sizeof(open.proof));
    open.is_open = true;
    need(catalog_hold(&catalog, &open, 0, &number) == STATUS_OK);
    ok(number == b && catalog_at(&catalog, b)->is_open &&
            catalog_opens(&catalog, b, &false_one),
        "one that another knows is known to all who hold the id");
    hold(2, 0);
    ok(catalog_opens(&catalog, b, &false_one), "and stays so");
    catalog_clear(&catalog);
}

static void there_may_be_thousands(void)
{
    catalog_init(&catalog, 1);
    size_t wrong = 0;
    struct catalog_entry like = like_of(1);
    for (uint32_t i = 0; i < 3000; i++) {
        uint32_t number;
        memcpy(like.id.bytes, &i, sizeof(i));
        need(catalog_hold(&catalog, &like, i, &number) == STATUS_OK);
        wrong += number != i;
    }
    for (uint32_t i = 0; i < 3000; i++) {
        memcpy(like.id.bytes, &i, sizeof(i));
        wrong += catalog_find(&catalog, &like.id) != i;
    }
    ok(wrong == 0 && catalog_bytes(&catalog) >= 3000 * sizeof(like),
        "numbers are dense");
    catalog_clear(&catalog);
}

int main(void)
{
    need(crypto_start() == 0);
    an_id_has_one_number();
    one_that_is_wanted_again_stays();
    a_hint_finds_what_is_there();
    an_opening_is_checked_once();
    there_may_be_thousands();
    return tap_done();
}
