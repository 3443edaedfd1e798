/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "relay/admission.h"
#include "relay/shelf.h"
#include "relay/shelf_inside.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

static struct probe probe;
static struct probe_letter a, b, c;

static void only_what_lives_is_taken(void)
{
    probe_init(&probe, &(struct relay_config){.life_maximum_h = 48});
    probe_open(&probe, 1, 1);
    probe_write(&a, 1, 0, -2);
    probe_push(&probe, 1, &a);
    ok(probe_state(&probe, &a) < 0 &&
            probe_refused(&probe, REFUSAL_EXPIRED) == 1,
        "what has expired is refused");
    probe_write(&a, 2, 0, -1);
    probe_push(&probe, 1, &a);
    ok(probe_state(&probe, &a) == SHELF_STORED, "a clock may be an hour off");
    probe_write(&b, 3, 0, 50);
    probe_push(&probe, 1, &b);
    ok(probe_state(&probe, &b) < 0 &&
            probe_refused(&probe, REFUSAL_TOO_FAR_AHEAD) == 1,
        "what would stay too long is refused");
    probe_write(&b, 4, 0, 49);
    probe_push(&probe, 1, &b);
    ok(probe_state(&probe, &b) == SHELF_STORED, "up to the limit it is taken");
    probe_submit(&probe, &b);
    ok(probe_count(&probe, RELAY_STORE) == 0, "a known id is not stored again");
    probe_push(&probe, 1, &b);
    ok(probe_refused(&probe, REFUSAL_DUPLICATE) == 1,
        "and counted when pushed");
    probe_down(&probe, 1);
    probe_tick(&probe, ADMISSION_RAISE_MS);
    probe_tick(&probe, ADMISSION_RAISE_MS); /* it is quiet again */
    uint64_t deadline = relay_deadline_ms(probe.relay);
    probe.now_ms = deadline - 1000;
    probe_tick(&probe, 0);
    ok(probe_count(&probe, RELAY_FORGET) == 0 &&
            probe_state(&probe, &a) == SHELF_STORED,
        "a second before its time nothing is forgotten");
    probe_tick(&probe, 1000);
    ok(probe_count(&probe, RELAY_FORGET) == 1 && probe_state(&probe, &a) < 0,
        "and at its time it is");
    probe_free(&probe);
}

static void lose(const struct probe_letter *letter)
{
    probe_step(&probe,
        &(struct relay_event){.kind = RELAY_LOST, .lost = {.id = letter->id}});
}

static void what_the_store_lost_may_come_again(void)
{
    probe_init(&probe, &(struct relay_config){0});
    probe_open(&probe, 1, 1);
    probe_write(&a, 1, 0, 24);
    probe_write(&b, 2, 0, 24);
    probe_push(&probe, 1, &a);
    probe_push(&probe, 1, &b);
    lose(&a);
    ok(probe_count(&probe, RELAY_FORGET) == 1 && probe_state(&probe, &a) < 0 &&
            probe_state(&probe, &b) == SHELF_STORED,
        "what the store lost is forgotten, alone");
    ok(probe_look(&probe)->shelf_bytes == 512, "with its bytes");
    lose(&a);
    ok(probe_count(&probe, RELAY_FORGET) == 0, "once");
    probe_push(&probe, 1, &a);
    ok(probe_count(&probe, RELAY_STORE) == 1 &&
            probe_state(&probe, &a) == SHELF_STORED,
        "and is taken again");
    probe_receipt(&probe, 1, &b, true);
    lose(&b);
    ok(probe_state(&probe, &b) == SHELF_CLEARED,
        "what is cleared cannot be lost");
    probe_free(&probe);
}

enum { QUOTA = 80 * 1024, SMALL = 512, LINKS = 6 };

/* Letters of 512 bytes, by links 2 to 5, until nothing more fits. */
static void fill_up(uint32_t first)
{
    uint64_t left = QUOTA - probe_look(&probe)->shelf_bytes;
    for (uint32_t i = 0; i < left / SMALL; i++) {
        probe_write(&c, first + i, 0, 15);
        probe_push(&probe, 2 + i % 4, &c);
    }
}

static void begin_full(void)
{
    probe_init(&probe, &(struct relay_config){.shelf_quota_bytes = QUOTA});
    for (uint8_t link = 1; link <= LINKS; link++)
        probe_open(&probe, link, link);
    probe_write(&a, 1, 2, 10); /* 8 KiB, near */
    probe_write(&b, 2, 2, 20); /* 8 KiB, far */
    probe_push(&probe, 1, &a);
    probe_push(&probe, 1, &b);
    fill_up(100);
}

static void the_quota_holds(void)
{
    begin_full();
    ok(probe_look(&probe)->shelf_bytes == QUOTA, "the shelf is exactly full");
    probe_write(&c, 400, 2, 40);
    probe_push(&probe, 6, &c);
    ok(probe_state(&probe, &c) < 0 &&
            probe_refused(&probe, REFUSAL_NO_ROOM) == 1,
        "what is worth no more than the rest is refused");
    probe_write(&c, 401, 0, 12);
    probe_push(&probe, 6, &c);
    ok(probe_state(&probe, &c) == SHELF_STORED &&
            probe_state(&probe, &b) == SHELF_EVICTED &&
            probe_effect(&probe, RELAY_EVICT)->id.bytes[0] == b.id.bytes[0],
        "the largest that would stay longest gives way");
    ok(probe.effects.list[0].kind == RELAY_EVICT &&
            probe.effects.list[1].kind == RELAY_STORE,
        "and leaves before the other comes");
    ok(probe_look(&probe)->shelf_evicted == 1, "and is counted");
    probe_push(&probe, 1, &b);
    ok(probe_refused(&probe, REFUSAL_DUPLICATE) == 1,
        "what was evicted stays known");
    fill_up(500);
    probe_submit(&probe, &b);
    ok(probe_effect(&probe, RELAY_REFUSED)->reason == STATUS_FULL,
        "its author is told that there is no room");
    probe_receipt(&probe, 1, &a, true);
    ok(probe_state(&probe, &a) == SHELF_CLEARED &&
            probe_look(&probe)->shelf_bytes + 8192 <= QUOTA,
        "a receipt makes room at once");
    probe_submit(&probe, &b);
    ok(probe_state(&probe, &b) == SHELF_STORED,
        "and then its author may bring it again");
    for (uint32_t i = 0; i < 300; i++) {
        probe_write(&c, 1000 + i, (uint8_t)(i % 3), (int32_t)(i % 60));
        probe_push(&probe, 1 + i % LINKS, &c);
        need(probe_look(&probe)->shelf_bytes <= QUOTA);
    }
    ok(probe_refused(&probe, REFUSAL_NO_ROOM) > 10, "whatever comes");
    probe_free(&probe);
}

static void an_edge_fills_its_share_and_no_more(void)
{
    probe_init(&probe, &(struct relay_config){.shelf_quota_bytes = QUOTA});
    probe_open(&probe, 1, 1);
    probe_open(&probe, 2, 2);
    probe_write(&a, 1, 0, 20);
    probe_push(&probe, 1, &a);
    for (uint32_t i = 1; i < QUOTA / SHELF_SHARE / SMALL; i++) {
        probe_write(&c, 100 + i, 0, 21);
        probe_push(&probe, 1, &c);
    }
    ok(probe_look(&probe)->shelf_bytes == QUOTA / SHELF_SHARE,
        "a quarter of the shelf is one edge's");
    probe_write(&b, 2, 0, 40);
    probe_push(&probe, 1, &b);
    ok(probe_state(&probe, &b) < 0 &&
            probe_refused(&probe, REFUSAL_NO_ROOM) == 1,
        "with more, worth less, it is turned away");
    probe_push(&probe, 2, &b);
    ok(probe_state(&probe, &b) == SHELF_STORED, "and another edge is not");
    probe_write(&c, 50, 0, 7);
    probe_push(&probe, 1, &c);
    ok(probe_state(&probe, &c) == SHELF_STORED &&
            probe_state(&probe, &a) == SHELF_EVICTED,
        "what is worth more takes the place of its own");
    probe_down(&probe, 1);
    probe_open(&probe, 9, 1);
    probe_write(&c, 51, 0, 41);
    probe_push(&probe, 9, &c);
    ok(probe_state(&probe, &c) < 0, "reconnecting begins no new account");
    for (uint32_t i = 0; i < 200; i++) {
        probe_write(&c, 2000 + i, 0, 30);
        probe_submit(&probe, &c);
    }
    ok(probe_look(&probe)->shelf_bytes == QUOTA,
        "one's own has the shelf, as far as there is room");
    probe_free(&probe);
}

static void who_is_over_its_share_pays_with_its_own(void)
{
    probe_init(&probe, &(struct relay_config){.shelf_quota_bytes = QUOTA});
    probe_open(&probe, 1, 1);
    probe_open(&probe, 2, 2);
    probe_write(&a, 1, 0, 40); /* worth least of all */
    probe_push(&probe, 1, &a);
    for (uint32_t i = 0; i < QUOTA / SHELF_SHARE / SMALL; i++) {
        probe_write(&c, 100 + i, 0, 20);
        probe_push(&probe, 2, &c);
    }
    probe_write(&c, 50, 0, 7);
    probe_push(&probe, 2, &c);
    ok(probe_state(&probe, &c) == SHELF_STORED &&
            probe_count(&probe, RELAY_EVICT) == 1 &&
            probe_state(&probe, &a) == SHELF_STORED,
        "what is over an edge's share takes no other edge's place");
    probe_free(&probe);
}

/* What comes later and is worth still less goes before it. */
static void the_least_is_known_again(void)
{
    probe_init(&probe, &(struct relay_config){.shelf_quota_bytes = QUOTA});
    probe_open(&probe, 1, 1);
    probe_open(&probe, 2, 2);
    for (uint32_t i = 0; i < QUOTA / SMALL; i++) {
        probe_write(&c, 100 + i, 0, 15);
        probe_submit(&probe, &c);
    }
    probe_write(&b, 50, 0, 7);
    probe_push(&probe, 1, &b);
    need(probe_count(&probe, RELAY_EVICT) == 1);
    probe_receipt(&probe, 1, &c, true);
    need(probe_state(&probe, &c) == SHELF_CLEARED);
    probe_write(&a, 3, 0, 60);
    probe_push(&probe, 2, &a);
    need(probe_state(&probe, &a) == SHELF_STORED);
    probe_write(&b, 51, 0, 7);
    probe_push(&probe, 1, &b);
    ok(probe_state(&probe, &a) == SHELF_EVICTED,
        "what is worth least gives way, however late it came");
    probe_free(&probe);
}

static void the_large_go_first(void)
{
    const uint32_t hour = 1000;
    uint64_t small = shelf_bucket_key(hour + 16, 512, 20, 0), large = small;
    for (uint8_t bits = 20; bits < 40; bits++) {
        large = shelf_bucket_key(hour + 16, 8192, bits, 0);
        if (shelf_key_value(large, hour) == shelf_key_value(small, hour))
            break;
    }
    need(shelf_key_value(large, hour) == shelf_key_value(small, hour));
    ok(shelf_is_worse(large, small, hour) &&
            !shelf_is_worse(small, large, hour),
        "of two that are worth the same the larger goes first");
}

static void restored_is_as_before(void)
{
    probe_init(&probe, &(struct relay_config){.shelf_quota_bytes = 1024});
    struct relay_event event = {.kind = RELAY_RESTORED};
    for (uint32_t i = 0; i < 4; i++) {
        probe_write(&a, i, 0, 24);
        event.restored.id = a.id;
        event.restored.receipt_hash = a.envelope.receipt_hash;
        event.restored.opening = a.opening;
        event.restored.expires_h = a.envelope.expires_h;
        event.restored.bytes = 512;
        event.restored.state = i == 3 ? SHELF_CLEARED : SHELF_STORED;
        relay_effects_reset(&probe.effects);
        event.now_ms = probe.now_ms;
        event.clock_s = PROBE_CLOCK_S;
        need(relay_step(probe.relay, &event, &probe.effects) == STATUS_OK);
        need(probe.effects.count == 0);
    }
    ok(relay_violation(probe.relay), "a quota that was lowered is a violation");
    ok(relay_deadline_ms(probe.relay) <= probe.now_ms, "to be mended at once");
    probe_tick(&probe, 0);
    ok(probe_count(&probe, RELAY_EVICT) == 1, "by evicting");
    probe_open(&probe, 1, 1);
    probe_push(&probe, 1, &a);
    ok(probe_sent(&probe, FRAME_RECEIPT) &&
            probe_count(&probe, RELAY_STORE) == 0,
        "who offers what was cleared before the restart is given the receipt");
    probe_submit(&probe, &a);
    ok(probe_effect(&probe, RELAY_CLEARED), "and the own vault is told");
    probe_free(&probe);
}

static void violations_show(void)
{
    struct peers none = {0};
    struct relay_effects effects;
    relay_effects_init(&effects);
    struct turn turn = {
        .clock_s = PROBE_CLOCK_S, .peers = &none, .effects = &effects};
    struct catalog catalog;
    struct shelf shelf;
    catalog_init(&catalog, 1);
    shelf_init(&shelf, &catalog, 4096, 24);
    probe_write(&a, 1, 0, 5);
    probe_write(&b, 2, 0, 5);
    need(shelf_store(&shelf, &turn,
        &(struct shelf_offer){.id = &a.id, .envelope = &a.envelope}));
    need(shelf_store(&shelf, &turn,
        &(struct shelf_offer){.id = &b.id, .envelope = &b.envelope}));
    ok(!shelf_violation(&shelf), "a shelf in order has no violation");
    uint32_t first = catalog_find(&catalog, &a.id);
    uint32_t second = catalog_find(&catalog, &b.id);
    shelf.marks[second] = SET_CLEARED;
    ok(shelf_violation(&shelf), "an item cleared behind its back shows");
    shelf.marks[second] = SET_MEMBER;
    shelf.quota_bytes = 1000;
    ok(shelf_violation(&shelf), "so does a quota overrun");
    shelf.quota_bytes = 4096;
    shelf.sum.words[2] ^= 1;
    ok(shelf_violation(&shelf), "so does a wrong sum");
    shelf.sum.words[2] ^= 1;
    struct shelf_stored *item = table_find(&shelf.stored, &first);
    item->next = first;
    ok(shelf_violation(&shelf), "so does a broken list");
    item->next = second;
    shelf.hours[0].count++;
    ok(shelf_violation(&shelf), "so does an id that no hour counts");
    shelf.hours[0].count--;
    need(!shelf_violation(&shelf));
    shelf.own.bytes += 1;
    ok(shelf_violation(&shelf), "so does an edge whose bytes are not there");
    shelf_clear(&shelf);
    catalog_clear(&catalog);
    relay_effects_free(&effects);
}

/* Whether a view names exactly what is stored, in order. */
static bool is_true(const struct shelf *shelf, const struct set_view *view)
{
    bool is_so = view->count == shelf->stored.count;
    for (size_t i = 0; i < view->count; i++) {
        is_so &= table_find(&shelf->stored, &view->members[i]) != NULL;
        is_so &= i == 0 || set_order(shelf->catalog, view->members[i - 1],
                               view->members[i]) < 0;
    }
    return is_so;
}

enum { MANY = 600, KEPT_FROM = 40 };

/* Letters come and are cleared; views are taken at all distances. */
static void views_follow(void)
{
    struct peers none = {0};
    struct relay_effects effects;
    relay_effects_init(&effects);
    struct turn turn = {
        .clock_s = PROBE_CLOCK_S, .peers = &none, .effects = &effects};
    struct catalog catalog;
    struct shelf shelf;
    size_t wrong = 0, same = 0;
    struct set_view *old = NULL;
    size_t old_count = 0;
    catalog_init(&catalog, 1);
    shelf_init(&shelf, &catalog, 1 << 20, 24);
    for (uint32_t i = 0; i < MANY; i++) {
        probe_write(&a, i, 0, (int32_t)(i % 7 + 1));
        need(shelf_store(&shelf, &turn,
            &(struct shelf_offer){.id = &a.id, .envelope = &a.envelope}));
        if (i % 3 == 0)
            need(shelf_receive(&shelf, &turn, &a.id, &a.opening) ==
                 SHELF_RECEIPT_CLEARS);
        relay_effects_reset(&effects);
        if (i * i % 17 > 4 || i / 100 == 3)
            continue;
        const struct set_view *view = shelf_view(&shelf, &turn);
        wrong += !view || !is_true(&shelf, view);
        same += view == shelf_view(&shelf, &turn);
        if (i >= KEPT_FROM && !old) {
            old = set_view_hold(shelf_view(&shelf, &turn));
            old_count = old->count;
        }
    }
    ok(wrong == 0 && same > 100, "a view is what is stored, again and again");
    ok(old && old->count == old_count &&
            old->members[0] != old->members[old_count - 1],
        "and stays so for who holds it");
    set_view_drop(old);
    size_t forgotten = 0;
    turn.clock_s += 12 * HOUR_S;
    for (int i = 0; i < 3; i++) {
        shelf_expire(&shelf, &turn);
        forgotten += effects.count;
        relay_effects_reset(&effects);
    }
    ok(forgotten == MANY && shelf.known_count == 0 && !shelf_violation(&shelf),
        "and all is forgotten at its time");
    shelf_clear(&shelf);
    catalog_clear(&catalog);
    relay_effects_free(&effects);
}

int main(void)
{
    only_what_lives_is_taken();
    what_the_store_lost_may_come_again();
    the_quota_holds();
    an_edge_fills_its_share_and_no_more();
    who_is_over_its_share_pays_with_its_own();
    the_least_is_known_again();
    the_large_go_first();
    restored_is_as_before();
    violations_show();
    views_follow();
    return tap_done();
}
