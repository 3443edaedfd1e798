/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums, orders and bounds of sets, and the queue of what is wanted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/random.h"
#include "proto/limits.h"
#include "relay/set.h"
#include "relay/wants.h"
#include "tests/tap.h"

enum { ITEMS = 500 };

static struct random_seeded source;

static struct catalog catalog;

/* Ids of one catalog, in no order. */
static struct set_view *some(void)
{
    uint32_t numbers[ITEMS];
    for (size_t i = 0; i < ITEMS; i++) {
        struct catalog_entry like = {
            .expires_h = (uint32_t)random_below(&source.base, 20)};
        random_fill(&source.base, like.id.bytes, 16);
        need(catalog_hold(&catalog, &like, 1, &numbers[i]) == STATUS_OK);
    }
    uint8_t marks[ITEMS];
    memset(marks, SET_MEMBER, sizeof(marks));
    set_sort(&catalog, numbers, ITEMS);
    struct set_view *view = set_view_new(
        &catalog, numbers, ITEMS, (struct span){marks, sizeof(marks)});
    need(view);
    return view;
}

static void done_with(struct set_view *view)
{
    set_view_drop(view);
    catalog_clear(&catalog);
    catalog_init(&catalog, 1);
}

static const uint64_t *member_at(const struct set_view *view, size_t i)
{
    return catalog_at(&catalog, view->members[i])->member;
}

static void sums_are_of_members(void)
{
    struct set_view *set = some();
    struct set_sum forth = {0}, back = {0};
    for (size_t i = 0; i < ITEMS; i++) {
        set_sum_add(&forth, member_at(set, i));
        set_sum_add(&back, member_at(set, ITEMS - 1 - i));
    }
    ok(set_sum_equal(&forth, &back) && forth.count == ITEMS,
        "a sum does not know the order");
    for (size_t i = 100; i < ITEMS; i++)
        set_sum_remove(&forth, member_at(set, i));
    uint8_t a[16], b[16], c[16];
    set_fingerprint(&forth, a);
    set_range_fingerprint(set, 0, 100, b);
    set_range_fingerprint(set, 1, 101, c);
    ok(memcmp(a, b, 16) == 0 && memcmp(a, c, 16) != 0,
        "a range's fingerprint is that of its members");
    for (size_t i = 0; i < 100; i++)
        set_sum_remove(&forth, member_at(set, i));
    ok(set_sum_equal(&forth, &(struct set_sum){0}), "all taken out is nothing");
    done_with(set);
}

static void fingerprint_of(size_t members, uint8_t out[static 16])
{
    struct set_sum sum = {0};
    for (size_t i = 0; i < members; i++) {
        struct envelope_id id;
        uint64_t member[4];
        memset(id.bytes, (int)i, sizeof(id.bytes));
        catalog_member(&id, member);
        set_sum_add(&sum, member);
    }
    set_fingerprint(&sum, out);
}

static void fingerprints_are_the_protocols(void)
{
    char line[256], hex[33];
    const char *srcdir = getenv("srcdir");
    snprintf(
        line, sizeof(line), "%s/proto/vectors/sets.txt", srcdir ? srcdir : ".");
    FILE *file = fopen(line, "r");
    need(file);
    size_t right = 0, wrong = 0, members;
    while (fgets(line, sizeof(line), file)) {
        if (sscanf(line, "fingerprint.%zu %32s", &members, hex) != 2)
            continue;
        uint8_t out[16];
        char ours[33];
        fingerprint_of(members, out);
        hex_encode((struct span){out, sizeof(out)}, ours);
        right += strcmp(ours, hex) == 0;
        wrong += strcmp(ours, hex) != 0;
    }
    fclose(file);
    ok(right == 5 && wrong == 0, "fingerprints are as in the vectors");
}

static void bounds_part(void)
{
    struct set_view *set = some();
    size_t wrong = 0, long_ones = 0;
    struct reconcile_bound end = set_end();
    for (size_t i = 1; i < ITEMS; i++) {
        struct reconcile_bound low = set_at(set, i - 1);
        struct reconcile_bound high = set_at(set, i);
        struct reconcile_bound between = set_between(&low, &high);
        wrong += set_compare(&low, &high) >= 0;
        wrong += set_compare(&low, &between) >= 0;
        wrong += set_compare(&between, &high) > 0;
        wrong += set_lower_bound(set, &between) != i;
        wrong += set_lower_bound(set, &high) != i;
        wrong += set_find(set, &high) != SET_MEMBER;
        wrong += set_compare(&high, &end) >= 0;
        high.expires_h += 100;
        wrong += set_find(set, &high) != SET_UNKNOWN;
        long_ones += between.id.bytes[4] != 0;
    }
    ok(wrong == 0, "sorted, found, and parted by a bound between each two");
    ok(long_ones == 0, "bounds are short");
    struct reconcile_bound nowhere = {.expires_h = 50};
    ok(set_lower_bound(set, &nowhere) == ITEMS &&
            set_find(set, &nowhere) == SET_UNKNOWN,
        "what is past all is not found");
    done_with(set);
}

static struct relay_effects effects;

static size_t asked(void)
{
    size_t count = effects.count ? effects.list[0].frame.ids.count : 0;
    relay_effects_reset(&effects);
    return count;
}

static struct envelope_id numbered(uint32_t number)
{
    struct envelope_id id = {{0}};
    memcpy(id.bytes, &number, sizeof(number));
    return id;
}

/* No run can be expected to meet with one: a word of a member is all ones. */
static void carries_go_on(void)
{
    static const uint64_t full[4] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, 0};
    static const uint64_t one[4] = {1, 0, 0, 0};
    struct set_sum sum = {0}, before;
    set_sum_add(&sum, full);
    before = sum;
    set_sum_add(&sum, one);
    ok(sum.words[0] == 0 && sum.words[1] == 0 && sum.words[2] == 0 &&
            sum.words[3] == 1,
        "a carry that brings about a carry goes on");
    set_sum_remove(&sum, one);
    ok(set_sum_equal(&sum, &before), "and so does what is borrowed");
}

static void wants_are_paced(void)
{
    struct peers none = {0};
    struct turn turn = {.now_ms = 1000, .peers = &none, .effects = &effects};
    struct wants wants;
    wants_init(&wants, 1);
    uint32_t refused = 0;
    for (uint32_t i = 0; i < WANTS_QUEUE + 5; i++) {
        struct envelope_id id = numbered(i);
        refused += !wants_add(&wants, &turn, 1, &id);
    }
    ok(refused == 5, "a link's queue is bounded");
    struct envelope_id first = numbered(0), second = numbered(1);
    ok(!wants_add(&wants, &turn, 2, &first), "an id is wanted of one link");
    ok(!wants_asked(&wants, 1, &first), "nothing is asked yet");
    wants_tick(&wants, &turn);
    ok(asked() == 2 && wants_asked(&wants, 1, &first),
        "the first batch supposes the largest");
    wants_tick(&wants, &turn);
    ok(asked() == 0, "no other is asked while one is out");
    wants_settle(&wants, &turn, &first, 512);
    wants_settle(&wants, &turn, &second, 512);
    turn.now_ms = wants_deadline_ms(&wants);
    wants_tick(&wants, &turn);
    ok(asked() == 128, "the next one goes by the sizes of the last");
    ok(!wants_violation(&wants), "all is counted");
    wants.queues[0].asked = wants.queues[0].owed = 2;
    const char *why = wants_violation(&wants);
    ok(why && strcmp(why, "less is asked for than a batch holds") == 0,
        "a small batch shows where more is wanted");
    wants.queues[0].asked = wants.queues[0].owed = 128;
    uint32_t link = 0;
    ok(!wants_give_up(&wants, turn.now_ms + WANTS_ANSWER_MS - 1, &link) &&
            wants_give_up(&wants, turn.now_ms + WANTS_ANSWER_MS, &link) &&
            link == 1 && wants_idle(&wants, 1) && wants.ids.count == 0,
        "what does not come is given up");
    wants_add(&wants, &turn, 3, &first);
    ok(wants_link_down(&wants, 3) && !wants_link_down(&wants, 3),
        "a link that goes takes its debts along");
    wants_add(&wants, &turn, 4, &first);
    table_remove(&wants.ids, &first);
    void *stray = NULL;
    need(table_add(&wants.ids, &second, &stray) == STATUS_OK);
    ok(wants_violation(&wants), "an id that is wanted of nobody shows");
    wants_clear(&wants);
}

int main(void)
{
    random_seeded_init(&source, 9, 9);
    relay_effects_init(&effects);
    catalog_init(&catalog, 1);
    sums_are_of_members();
    fingerprints_are_the_protocols();
    bounds_part();
    carries_go_on();
    wants_are_paced();
    catalog_clear(&catalog);
    relay_effects_free(&effects);
    return tap_done();
}
