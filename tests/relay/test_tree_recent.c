/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring of what spread lately: whatever lies in it is found, and what it
 * costs is that alone. */
#include <string.h>

#include "relay/tree_recent.h"
#include "tests/tap.h"

static struct catalog catalog;
static struct tree_recent recent;
static struct turn turn;

enum { MANY = 70000, SECOND_MS = 1000 };

static struct envelope_id id_of(uint32_t name)
{
    struct envelope_id id = {{0}};
    memcpy(id.bytes, &name, sizeof(name));
    return id;
}

static void begin(void)
{
    catalog_init(&catalog, 1);
    tree_recent_init(&recent, &catalog);
    turn = (struct turn){0};
}

static void end(void)
{
    tree_recent_clear(&recent);
    catalog_clear(&catalog);
}

static struct tree_item *add(uint32_t name)
{
    const struct catalog_entry like = {.id = id_of(name)};
    uint32_t number;
    need(catalog_hold(&catalog, &like, turn.now_ms, &number) == STATUS_OK);
    struct tree_item *item = tree_recent_add(&recent, &turn, &like.id);
    need(item && !turn.status);
    return item;
}

static struct tree_item *find(uint32_t name)
{
    const struct envelope_id id = id_of(name);
    return tree_recent_find(&recent, &id);
}

static bool is_whole(void)
{
    return !tree_recent_violation(&recent, UINT64_MAX);
}

/* Whether all of a range are found, at their sequences, and what is known of
 * each is that one edge has it, which its name says. */
static bool has_all(uint32_t from, uint32_t to)
{
    for (uint32_t name = from; name < to; name++) {
        const struct tree_item *item = find(name);
        if (!item || tree_recent_sequence(&recent, item) != name ||
            tree_recent_knowing(&recent, item) != UINT64_C(1) << name % 16)
            return false;
    }
    return true;
}

static void add_range(uint32_t from, uint32_t to)
{
    for (uint32_t name = from; name < to; name++)
        tree_recent_learn(&recent, add(name), UINT64_C(1) << name % 16);
}

static void what_is_recent_is_found(void)
{
    begin();
    ok(tree_recent_bytes(&recent) == 0 && !find(0), "an empty ring is nothing");
    bool grows = true;
    for (uint32_t name = 0; name < 1000; name++) {
        add_range(name, name + 1);
        grows &= is_whole() && has_all(name < 40 ? 0 : name - 40, name + 1);
    }
    ok(grows && has_all(0, 1000), "all is found while the ring grows");
    turn.now_ms = TREE_RECENT_MS - 1;
    add_range(1000, 1001);
    ok(has_all(0, 1001), "until its time is over");
    turn.now_ms = TREE_RECENT_MS;
    add_range(1001, 1002);
    ok(!find(999) && has_all(1000, 1002) && is_whole(), "and then not");
    end();
}

/* A hundred a second, for twelve minutes: sequences need more than 16 bits. */
static void it_costs_what_is_recent(void)
{
    size_t most = 0;
    bool holds = true;
    begin();
    for (uint32_t name = 0; name < MANY; name++) {
        turn.now_ms = name / 100 * SECOND_MS;
        add_range(name, name + 1);
        size_t bytes = tree_recent_bytes(&recent);
        most = bytes > most ? bytes : most;
        if (name % 2500 == 0)
            holds &= is_whole();
    }
    uint32_t oldest = MANY - TREE_RECENT_MS / SECOND_MS * 100;
    ok(holds && has_all(oldest, MANY) && !find(oldest - 1),
        "what is recent is found, and nothing else, however much has been");
    ok(most < 24 * 3000, "and costs less than 24 bytes an id at any time");
    for (uint32_t name = MANY; name < MANY + 20; name++) {
        turn.now_ms += TREE_RECENT_MS / 10;
        add_range(name, name + 1);
    }
    ok(tree_recent_bytes(&recent) < 2000 && is_whole(),
        "and its memory is given back when little comes");
    end();
}

static void it_is_bounded(void)
{
    begin();
    add_range(0, TREE_RECENT + 100);
    ok(!find(99) && has_all(100, TREE_RECENT + 100) && is_whole(),
        "of too much at once the oldest gives way");
    end();
}

static void many_edges_need_a_word(void)
{
    begin();
    add_range(0, 100);
    size_t narrow = tree_recent_bytes(&recent);
    need(tree_recent_reach(&recent, &turn, 15));
    ok(tree_recent_bytes(&recent) == narrow, "sixteen edges have their bits");
    need(tree_recent_reach(&recent, &turn, 16));
    ok(tree_recent_bytes(&recent) > narrow && has_all(0, 100) && is_whole(),
        "with a seventeenth all are made wider, and say what they said");
    struct tree_item *item = find(50);
    tree_recent_learn(&recent, item, UINT64_C(1) << 63 | 1);
    ok(tree_recent_knowing(&recent, item) == (UINT64_C(1) << 63 | 5),
        "and name the last of all edges, too");
    tree_recent_unlearn(&recent, item, UINT64_C(1) << 63 | 4);
    ok(tree_recent_knowing(&recent, item) == 1, "and forget it");
    item->grafted = 1;
    tree_recent_forget_edge(&recent, 0);
    item = find(50);
    ok(tree_recent_knowing(&recent, item) == 0 &&
            item->grafted == TREE_GRAFTED_GONE,
        "an edge that is gone is named by none");
    end();
}

/* One in sixty-four of what is known is recent: such numbers share a head.  Of
 * those in two pages all go. */
static bool is_in_gone_page(uint32_t place)
{
    return place / 32 == 1 || place / 32 == 4;
}

static void chains_lead_back(void)
{
    bool finds = true;
    uint32_t number;
    begin();
    for (uint32_t name = 0; name < 160 * 64; name++) {
        const struct catalog_entry like = {.id = id_of(name)};
        need(catalog_hold(&catalog, &like, 0, &number) == STATUS_OK);
        if (name % 64 == 0)
            add(name);
    }
    for (uint32_t place = 0; place < 160; place++) {
        const struct envelope_id id = id_of(place * 64);
        if (is_in_gone_page(place))
            tree_recent_forget(&recent, &id);
    }
    for (uint32_t name = 0; name < 160 * 64; name++)
        finds &= (find(name) != NULL) ==
                 (name % 64 == 0 && !is_in_gone_page(name / 64));
    ok(finds && is_whole(), "numbers that share their low bits are told apart");
    end();
}

/* Nothing has its head until 16 bits say the same of a later sequence, and the
 * page of that may be no more. */
static void an_old_head_leads_nowhere(void)
{
    bool finds = false;
    const struct catalog_entry like = {.id = id_of(0)};
    uint32_t number;
    begin();
    need(catalog_hold(&catalog, &like, 0, &number) == STATUS_OK);
    for (uint32_t i = 1; i < (1 << 16) + 300; i++) {
        add(i % 160 == 0 ? 1 : i % 160 == 80 ? 2 : 3);
        finds |= i > 1 << 16 && find(0);
    }
    ok(!finds && find(1) && find(2) && find(3) && is_whole(),
        "a head from long ago leads to nothing that was looked for");
    end();
}

static void one_that_comes_again_is_known_once(void)
{
    begin();
    add_range(0, 40);
    struct tree_item *item = add(7);
    ok(tree_recent_knowing(&recent, item) == 1u << 7 &&
            tree_recent_sequence(&recent, item) == 40 && find(7) == item &&
            !tree_recent_at(&recent, 7) && is_whole(),
        "what comes again is news again, to those alone that had not heard");
    const struct envelope_id id = id_of(7);
    tree_recent_forget(&recent, &id);
    ok(!find(7) && find(39) && !tree_recent_at(&recent, 40) && is_whole(),
        "what is forgotten leaves its place behind");
    turn.now_ms = TREE_RECENT_MS;
    ok(tree_recent_age_ms(&recent, &turn, 40) == UINT64_MAX &&
            tree_recent_age_ms(&recent, &turn, 39) == TREE_RECENT_MS,
        "which was never");
    end();
}

/* As envelopes go when their receipts come. */
static void what_is_gone_costs_little(void)
{
    bool holds = true;
    size_t most = 0;
    begin();
    for (uint32_t name = 0; name < 2000; name++) {
        add_range(name, name + 1);
        const struct envelope_id id = id_of(name - 100);
        tree_recent_forget(&recent, &id);
        holds &= name < 100 || !find(name - 100);
        if (name % 50 == 0)
            holds &= is_whole() && has_all(name < 100 ? 0 : name - 99, name);
        size_t bytes = tree_recent_bytes(&recent);
        most = bytes > most ? bytes : most;
    }
    ok(holds && has_all(1900, 2000), "what has gone early is found no more");
    ok(most < 2000 * 5, "and its page is given back with the last in it");
    need(tree_recent_reach(&recent, &turn, 16));
    ok(has_all(1900, 2000) && !find(1899) && is_whole(),
        "nor does it come back when all are made wider");
    for (uint32_t name = 1900; name < 1999; name += 3) {
        const struct envelope_id id = id_of(name);
        tree_recent_forget(&recent, &id);
        holds &= !find(name) && find(name + 1) && is_whole();
    }
    ok(holds, "others stay where they are");
    turn.now_ms = TREE_RECENT_MS;
    add_range(2000, 2001);
    ok(has_all(2000, 2001) && !find(1999) && is_whole(),
        "and all are forgotten in their time");
    end();
}

int main(void)
{
    what_is_recent_is_found();
    it_costs_what_is_recent();
    it_is_bounded();
    many_edges_need_a_word();
    chains_lead_back();
    an_old_head_leads_nowhere();
    what_is_gone_costs_little();
    one_that_comes_again_is_known_once();
    return tap_done();
}
