/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom a node remembers, under a flood of names. */
#include "relay/member_view.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

static struct random_seeded seeded;
static struct relay_effects effects;
static uint64_t refused[REFUSAL_COUNT];
static struct turn turn;
static struct view view;

static void begin(void)
{
    random_seeded_init(&seeded, 1, 1);
    relay_effects_init(&effects);
    turn = (struct turn){.now_ms = 1000000,
        .random = &seeded.base,
        .refused = refused,
        .effects = &effects};
    view_init(&view, &seeded.base);
}

static void end(void)
{
    const struct node_key self = {{0xff, 0xff}};
    const char *violation = view_violation(&view, &self);
    if (violation)
        printf("# %s\n", violation);
    need(!violation);
    view_clear(&view);
    relay_effects_free(&effects);
}

static struct node_address node_at(uint32_t number, const uint8_t ip[4])
{
    struct node_address node = {
        .address = {
            .size = 4, .port = 7311, .bytes = {ip[0], ip[1], ip[2], ip[3]}}};
    memcpy(node.node.bytes + 2, &number, sizeof(number));
    return node;
}

/* The number-th node of the public internet, each in a network of its own. */
static struct node_address far_node(uint32_t number)
{
    return node_at(number, (uint8_t[4]){(uint8_t)(20 + number / 65536),
                               (uint8_t)(number / 256), (uint8_t)number, 1});
}

static void offer(
    const struct node_address *at, uint32_t introducer, bool known)
{
    view_offer(&view, &turn,
        &(struct view_offer){
            .at = at, .introducer = introducer, .is_known = known});
}

static size_t count_from(uint32_t least, uint32_t most)
{
    size_t cursor = 0, count = 0;
    bool is_anchor;
    const struct view_entry *entry;
    while ((entry = view_next(&view, &cursor, &is_anchor))) {
        uint32_t number;
        memcpy(&number, entry->at.node.bytes + 2, sizeof(number));
        count += !is_anchor && number >= least && number <= most;
    }
    return count;
}

/* A hundred honest names, then ten thousand of one flood. */
static void flood(bool one_network)
{
    begin();
    for (uint32_t i = 0; i < 100; i++) {
        struct node_address node = far_node(i);
        offer(&node, 1 + i % 8, i % 2);
    }
    for (uint32_t i = 1000; i < 11000; i++) {
        struct node_address node = far_node(i);
        if (one_network)
            node = node_at(i, (uint8_t[4]){203, 0, 113, (uint8_t)i});
        offer(&node, 99, false);
    }
}

static void test_flood(void)
{
    flood(true);
    ok(view_count(&view) == VIEW_PASSIVE &&
            count_from(1000, 11000) <= VIEW_SUBNET,
        "ten thousand names in one network get two places");
    end();
    flood(false);
    size_t taken = count_from(1000, 11000);
    printf("# %zu of %d places after a flood of a hundred networks a place\n",
        taken, VIEW_PASSIVE);
    ok(taken <= VIEW_RANKED + VIEW_INTRODUCER,
        "one introducer, with addresses of its own in 10,000 networks, gets "
        "no more than the ranked places and its share of the others");
    end();
}

/* Ranked places go by the share of networks, not of names. */
static void test_ranks(void)
{
    begin();
    for (uint32_t i = 0; i < 5000; i++) {
        struct node_address honest = far_node(i % 64);
        struct node_address node = far_node(1000 + i % 20);
        memcpy(node.node.bytes + 8, &i, sizeof(i));
        offer(&honest, 1 + i % 8, false);
        offer(&node, 99, false);
    }
    size_t taken = count_from(1000, 1100);
    printf("# %zu places for 20 networks of 84 with 5,000 keys\n", taken);
    ok(taken <= VIEW_RANKED * 20 / 84 + VIEW_INTRODUCER + 4,
        "more keys win no more places");
    end();
}

static void test_failures(void)
{
    begin();
    struct node_address node = far_node(1), out;
    offer(&node, 1, false);
    ok(view_pick(&view, &turn, false, &out) &&
            node_key_equal(&out.node, &node.node),
        "what is known can be drawn");
    ok(!view_pick(&view, &turn, false, &out), "not twice at once");
    view_failed(&view, &turn, &node.node, true);
    turn.now_ms += VIEW_REST_LEAST_MS;
    ok(view_pick(&view, &turn, false, &out), "where it is needed, soon again");
    view_failed(&view, &turn, &node.node, true);
    turn.now_ms += VIEW_REST_LEAST_MS;
    ok(!view_pick(&view, &turn, false, &out), "but each time later");
    view_failed(&view, &turn, &node.node, false);
    ok(view_count(&view) == 0, "where it is not, it is forgotten");
    end();
}

/* A long life of neighbours: the anchors are drawn from all of it. */
static void test_stale(void)
{
    struct node_address first = far_node(1), second = far_node(2), out;
    begin();
    offer(&first, 1, false);
    turn.now_ms += 1000;
    offer(&second, 1, false);
    turn.now_ms += 1000;
    view_failed(&view, &turn, &second.node, true);
    uint64_t before_ms = turn.now_ms + 1;
    turn.now_ms += 1000;
    ok(view_pick_stale(&view, &turn, before_ms, &out) &&
            node_key_equal(&out.node, &first.node),
        "the longest not heard of comes first");
    ok(view_pick_stale(&view, &turn, before_ms, &out) &&
            node_key_equal(&out.node, &second.node),
        "one that failed comes, too, before it has rested");
    ok(!view_pick_stale(&view, &turn, before_ms, &out), "each of them once");
    end();
}

static void test_anchors(void)
{
    size_t early = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        begin();
        random_seeded_init(&seeded, seed, 1);
        for (uint32_t i = 0; i < 100; i++) {
            struct node_address node = far_node(i);
            view_anchor(&view, &turn, &node);
        }
        for (uint32_t i = 1000; i < 3000; i++) {
            struct node_address node = far_node(i);
            offer(&node, i % 8 + 1, false);
        }
        size_t cursor = 0, anchors = 0;
        bool is_anchor;
        const struct view_entry *entry;
        while ((entry = view_next(&view, &cursor, &is_anchor))) {
            uint32_t number;
            memcpy(&number, entry->at.node.bytes + 2, sizeof(number));
            anchors += is_anchor;
            early += is_anchor && number < 20;
        }
        need(anchors == VIEW_ANCHORS);
        end();
    }
    printf("# of the first 20 of 100, %zu anchors in 100 lives\n", early);
    ok(early > 240 && early < 400,
        "no time of a node's life has more of them than another");

    begin();
    struct node_address node = far_node(1), out;
    view_anchor(&view, &turn, &node);
    for (int i = 0; i < 600; i++) {
        view_failed(&view, &turn, &node.node, false);
        turn.now_ms += VIEW_REST_MS;
    }
    ok(view_pick_anchor(&view, &turn, &out),
        "an anchor that failed for ten hours is tried all the same");
    end();
}

static bool picks_missed(const struct node_address *wanted)
{
    struct node_address out;
    turn.now_ms++;
    return view_pick_missed(&view, &turn, &out) &&
           node_key_equal(&out.node, &wanted->node);
}

static void test_pick_missed(void)
{
    struct node_address a = far_node(1), b = far_node(2), c = far_node(3), out;
    begin();
    view_anchor(&view, &turn, &a);
    view_anchor(&view, &turn, &b);
    offer(&c, 0, true);
    view_failed(&view, &turn, &c.node, true);
    ok(!view_pick_missed(&view, &turn, &out),
        "of anchors none is silent before it has failed, nor who is none");
    view_failed(&view, &turn, &a.node, false);
    ok(!view_pick_missed(&view, &turn, &out), "nor before an hour is over");
    turn.now_ms += VIEW_MISSED_MS;
    ok(picks_missed(&a) && picks_missed(&a),
        "then it is, whether it has rested or not");
    view_failed(&view, &turn, &b.node, false);
    ok(picks_missed(&b) && picks_missed(&a) && picks_missed(&b),
        "two are drawn in turn");
    view_remove(&view, &turn, &b.node);
    ok(picks_missed(&a) && picks_missed(&a), "until it answers");
    end();
}

static void test_missed(void)
{
    struct node_address a = far_node(1), b = far_node(2);
    begin();
    view_anchor(&view, &turn, &a);
    offer(&b, 0, true);
    view_failed(&view, &turn, &b.node, true);
    turn.now_ms += VIEW_MISSED_MS;
    ok(!view_misses(&view, &turn, &a.node),
        "an anchor that has not failed is not missed");
    view_failed(&view, &turn, &a.node, false);
    ok(view_misses(&view, &turn, &a.node), "one that failed is");
    ok(!view_misses(&view, &turn, &b.node), "nor is who was none");
    view_remove(&view, &turn, &a.node);
    view_failed(&view, &turn, &a.node, false);
    turn.now_ms += VIEW_MISSED_MS - 1;
    ok(!view_misses(&view, &turn, &a.node), "nor when it was heard of since");
    view_offer(&view, &turn, &(struct view_offer){.at = &a, .is_known = true});
    view_failed(&view, &turn, &a.node, false);
    turn.now_ms++;
    ok(!view_misses(&view, &turn, &a.node), "a link's end counts as well");
    turn.now_ms += VIEW_MISSED_MS;
    ok(view_misses(&view, &turn, &a.node), "but not for ever");
    end();
}

static void test_named(void)
{
    struct node_address out;
    size_t drawn = 0;
    begin();
    for (uint32_t i = 0; i < 8; i++) {
        struct node_address node = far_node(i);
        offer(&node, i < 5 ? 3 : 5, false);
    }
    while (view_pick_named(&view, &turn, 3, &out)) {
        uint32_t number;
        memcpy(&number, out.node.bytes + 2, sizeof(number));
        need(number < 5);
        drawn++;
    }
    ok(drawn == 5, "those that one named are drawn, each once, and no others");
    end();
}

static bool is_passive(const struct node_key *key)
{
    size_t cursor = 0;
    bool is_anchor;
    const struct view_entry *entry;
    while ((entry = view_next(&view, &cursor, &is_anchor)))
        if (!is_anchor && node_key_equal(&entry->at.node, key))
            return true;
    return false;
}

/* Draw until a whole view has been drawn, and fail each. */
static void fail_all(bool is_in_need)
{
    struct node_address out;
    for (size_t i = 0; i < VIEW_PASSIVE; i++) {
        need(view_pick(&view, &turn, is_in_need, &out));
        need(is_passive(&out.node));
        view_failed(&view, &turn, &out.node, is_in_need);
    }
}

static void hear_of_many(void)
{
    for (uint32_t i = 0; i < 500; i++) {
        struct node_address node = far_node(i);
        offer(&node, 1 + 2 * (i % 8), false);
    }
}

static void test_past(void)
{
    struct node_address anchor = far_node(7000), known = far_node(7001), out;
    begin();
    hear_of_many();
    fail_all(true);
    turn.now_ms += VIEW_REST_LEAST_MS;
    view_anchor(&view, &turn, &anchor);
    ok(view_pick(&view, &turn, true, &out) &&
            node_key_equal(&out.node, &anchor.node),
        "who is in need turns to an anchor before those that failed");
    size_t past = 0;
    while (view_pick(&view, &turn, true, &out) && !is_passive(&out.node))
        past++;
    printf("# then to %zu that had to give way\n", past);
    ok(past > PAST_NODES / 2, "and to all that it has heard of before");
    ok(is_passive(&out.node), "and to those that failed again in the end");
    end();

    begin();
    hear_of_many();
    view_offer(&view, &turn,
        &(struct view_offer){.at = &known,
            .is_known = true,
            .rest_until_ms = turn.now_ms + VIEW_REST_MOST_MS});
    for (size_t i = 0; i + 1 < VIEW_PASSIVE; i++) {
        need(view_pick(&view, &turn, true, &out));
        view_failed(&view, &turn, &out.node, true);
    }
    turn.now_ms += VIEW_REST_NEED_MS;
    ok(view_pick(&view, &turn, true, &out) &&
            node_key_equal(&out.node, &known.node),
        "one that is known to answer comes before those that failed");
    end();

    begin();
    hear_of_many();
    fail_all(false);
    ok(!view_pick(&view, &turn, false, &out),
        "who is in no need turns to none of those before");
    end();
}

static void test_sample(void)
{
    begin();
    for (uint32_t i = 0; i < 20; i++) {
        struct node_address node = far_node(i);
        offer(&node, 1 + i % 3, i < 5);
    }
    struct node_address inside = node_at(50, (uint8_t[4]){192, 168, 0, 7});
    offer(&inside, 1, true);
    struct node_address out[VIEW_PASSIVE];
    ok(view_sample(&view, &turn, ADDRESS_PUBLIC, out, VIEW_PASSIVE) == 5,
        "only those that we have been linked to are named");
    ok(view_sample(&view, &turn, ADDRESS_PRIVATE, out, VIEW_PASSIVE) == 6,
        "and those inside only to those inside");
    ok(view_sample(&view, &turn, ADDRESS_PUBLIC, out, 3) == 3,
        "no more than is asked for");
    end();
}

static void test_hearsay(void)
{
    begin();
    struct node_address node = far_node(1), moved = far_node(2), out;
    moved.node = node.node;
    offer(&node, 0, true);
    offer(&moved, 5, false);
    ok(view_pick(&view, &turn, false, &out) &&
            address_equal(&out.address, &node.address),
        "what we know ourselves, hearsay does not change");
    offer(&moved, 0, true);
    turn.now_ms += VIEW_REST_MS;
    ok(view_pick(&view, &turn, false, &out) &&
            address_equal(&out.address, &moved.address),
        "our own experience does");
    end();
}

int main(void)
{
    test_flood();
    test_ranks();
    test_failures();
    test_stale();
    test_anchors();
    test_pick_missed();
    test_missed();
    test_named();
    test_past();
    test_sample();
    test_hearsay();
    return tap_done();
}
