/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "crypto/hash.h"
#include "crypto/tags.h"
#include "tests/tap.h"

#include "base/random.h"

enum { TAGS = 3000, SESSIONS = 7 };

/* A tag that names itself; many share their first bytes. */
static struct tag tag_of(uint32_t i)
{
    struct tag tag = {{0}};
    tag.bytes[0] = (uint8_t)(i % 16);
    memcpy(tag.bytes + 12, &i, sizeof(i));
    return tag;
}

static struct tag_entry entry_of(uint32_t i)
{
    return (struct tag_entry){
        .tag = tag_of(i),
        .kind = i % 5 == 0 ? TAG_INTRO : TAG_AHEAD,
        .session = i % SESSIONS,
        .chain = i % 3,
        .number = i,
        .header_key = {(uint8_t)i, 1},
    };
}

static int holds(const struct tags *tags, uint32_t i)
{
    struct tag tag = tag_of(i);
    struct tag_entry want = entry_of(i);
    const struct tag_entry *by_tag = tags_find(tags, &tag);
    const struct tag_entry *by_place =
        tags_find_at(tags, want.session, want.chain, want.number);
    if (want.kind == TAG_INTRO)
        return by_tag && !by_place && memcmp(by_tag, &want, sizeof(want)) == 0;
    return by_tag && by_tag == by_place &&
           memcmp(by_tag, &want, sizeof(want)) == 0;
}

static int lacks(const struct tags *tags, uint32_t i)
{
    struct tag tag = tag_of(i);
    struct tag_entry want = entry_of(i);
    return !tags_find(tags, &tag) &&
           !tags_find_at(tags, want.session, want.chain, want.number);
}

/* Adds and removes at random beside an array that cannot be wrong. */
static void test_model(void)
{
    static uint8_t model[TAGS];
    struct tags *tags = tags_new(TAGS, 5);
    struct random_seeded random;
    random_seeded_init(&random, 1, 0);
    size_t count = 0;
    int all = 1;
    for (int round = 0; round < 100000; round++) {
        uint32_t i = (uint32_t)random_below(&random.base, TAGS);
        all &= model[i] ? holds(tags, i) : lacks(tags, i);
        if (random_below(&random.base, 2)) {
            struct tag_entry entry = entry_of(i);
            all &= tags_add(tags, &entry) ==
                   (model[i] ? STATUS_EXISTS : STATUS_OK);
            count += !model[i];
            model[i] = 1;
        } else {
            struct tag tag = tag_of(i);
            tags_remove(tags, &tag);
            count -= model[i];
            model[i] = 0;
        }
        all &= tags_count(tags) == count;
    }
    size_t cursor = 0, walked = 0;
    for (const struct tag_entry *entry; (entry = tags_next(tags, &cursor));)
        walked += model[entry->number];
    ok(all, "a table holds what was added and not removed");
    ok(walked == count, "a walk meets each entry once");
    tags_free(tags);
}

static struct tags *filled(void)
{
    struct tags *tags = tags_new(TAGS, 6);
    need(tags);
    for (uint32_t i = 0; i < TAGS; i++) {
        struct tag_entry entry = entry_of(i);
        need(!tags_add(tags, &entry));
    }
    return tags;
}

static void test_bulk(void)
{
    struct tags *tags = filled();
    tags_remove_session(tags, 2);
    int all = 1;
    for (uint32_t i = 0; i < TAGS; i++)
        all &=
            i % SESSIONS == 2 && i % 5 != 0 ? lacks(tags, i) : holds(tags, i);
    ok(all, "a session is removed, and nothing else");
    tags_remove_intro_before(tags, 2);
    for (uint32_t i = 0; i < TAGS; i += 5)
        all &= i % 3 < 2 ? lacks(tags, i) : holds(tags, i);
    ok(all, "intro tags of days before are removed, and nothing else");
    tags_free(tags);
}

static void test_limits(void)
{
    struct tags *tags = filled();
    struct tag_entry more = entry_of(TAGS);
    ok(tags_add(tags, &more) == STATUS_FULL &&
            tags_reserve(tags, 1) == STATUS_FULL &&
            tags_reserve(tags, 0) == STATUS_OK,
        "a full table takes no more");
    more = entry_of(4);
    ok(tags_add(tags, &more) == STATUS_EXISTS, "and says what is there");
    tags_remove(tags, &more.tag);
    more = entry_of(TAGS + 1);
    ok(tags_add(tags, &more) == STATUS_OK, "until one is removed");
    tags_free(tags);
    tags_free(NULL);
}

static void test_skip(void)
{
    struct tags *tags = filled();
    const uint8_t key[32] = {42};
    const struct tag_entry *entry = tags_find_at(tags, 4, 2, 11);
    need(entry);
    tags_skip(tags, entry, key, 77);
    entry = tags_find_at(tags, 4, 2, 11);
    ok(entry && entry->kind == TAG_SKIPPED && entry->expires_h == 77 &&
            memcmp(entry->message_key, key, 32) == 0,
        "an entry ahead becomes one that was skipped");
    tags_free(tags);
}

static void test_empty(void)
{
    struct tags *tags = tags_new(0, 1);
    size_t cursor = 0;
    struct tag tag = tag_of(1);
    tags_remove(tags, &tag);
    ok(tags_count(tags) == 0 && lacks(tags, 1) && !tags_next(tags, &cursor),
        "an empty table is empty");
    tags_free(tags);
}

int main(void)
{
    need(!crypto_start());
    test_model();
    test_bulk();
    test_limits();
    test_skip();
    test_empty();
    return tap_done();
}
