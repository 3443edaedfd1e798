/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/tree.h"

#include <string.h>

#include "relay/reconcile.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

static struct probe probe;
static struct probe_letter letter;

/* Apart by more than what shapes the tree: each letter then does. */
enum { APART_MS = TREE_SHAPE_MS + 1 };

static void begin(uint32_t peers)
{
    probe_init(&probe, &(struct relay_config){.push_rate_bytes_s = 1 << 30});
    for (uint32_t link = 1; link <= peers; link++)
        probe_open_with(&probe, link, FEATURE_TREE);
}

/* Time passes in which no link falls silent. */
static void pass(uint64_t ms)
{
    struct frame ping = {.type = FRAME_PING, .ping = {1}};
    probe_tick(&probe, ms);
    for (uint32_t link = 1; link <= 2; link++)
        probe_frame(&probe, link, &ping);
}

/* That link pushes letter number so. */
static void push(uint32_t link, uint32_t number)
{
    probe_write(&letter, number, 0, 24);
    probe_push(&probe, link, &letter);
}

static void list(uint32_t link, enum frame_type type, uint32_t number)
{
    probe_write(&letter, number, 0, 24);
    struct frame frame = {.type = type, .ids = {1, &letter.id}};
    probe_frame(&probe, link, &frame);
}

static bool pushes_to(uint32_t link)
{
    for (size_t i = 0; i < probe.effects.count; i++)
        if (probe.effects.list[i].kind == RELAY_PUSH &&
            probe.effects.list[i].link == link)
            return true;
    return false;
}

/* Whether the last step sent that frame to that link, with the letter's id
 * where it has ids. */
static bool sends(enum frame_type type, uint32_t link)
{
    for (size_t i = 0; i < probe.effects.count; i++) {
        const struct relay_effect *effect = &probe.effects.list[i];
        if (effect->kind != RELAY_SEND || effect->link != link ||
            effect->frame.type != type)
            continue;
        if (!frame_has_ids(type))
            return true;
        for (size_t j = 0; j < effect->frame.ids.count; j++)
            if (envelope_id_equal(&effect->frame.ids.ids[j], &letter.id))
                return true;
    }
    return false;
}

static void new_edges_are_eager(void)
{
    begin(3);
    push(1, 1);
    ok(pushes_to(2) && pushes_to(3) && !pushes_to(1),
        "what is new is pushed to all but the one that brought it");
    push(2, 1);
    ok(sends(FRAME_PRUNE, 2), "a duplicate is answered by PRUNE");
    probe_tick(&probe, APART_MS);
    push(1, 2);
    ok(!pushes_to(2) && pushes_to(3), "from then on nothing is pushed there");
    probe_tick(&probe, TREE_BATCH_MS - 1);
    ok(!probe_sent(&probe, FRAME_IHAVE), "announcements wait for one another");
    probe_tick(&probe, 1);
    ok(sends(FRAME_IHAVE, 2) && !sends(FRAME_IHAVE, 3) &&
            !sends(FRAME_IHAVE, 1),
        "and then tell those alone that were not pushed to");
    list(2, FRAME_GRAFT, 2);
    ok(pushes_to(2), "GRAFT is answered by a push");
    probe_tick(&probe, APART_MS);
    push(1, 3);
    ok(pushes_to(2), "and the edge is eager again");
    probe_frame(&probe, 3, &(struct frame){.type = FRAME_PRUNE});
    probe_tick(&probe, APART_MS);
    push(1, 4);
    ok(pushes_to(2) && !pushes_to(3), "PRUNE makes an edge lazy");
    probe_free(&probe);
}

static void dropped(uint32_t link)
{
    probe_step(&probe,
        &(struct relay_event){.kind = RELAY_DROPPED,
            .dropped = {.link = link, .is_push = true, .id = letter.id}});
}

static void what_a_queue_lost_is_announced(void)
{
    begin(3);
    push(1, 1);
    need(pushes_to(2) && pushes_to(3));
    dropped(2);
    ok(probe.effects.count == 0, "a push that was lost is not pushed again");
    probe_tick(&probe, TREE_BATCH_MS);
    ok(sends(FRAME_IHAVE, 2) && !sends(FRAME_IHAVE, 3),
        "but announced to who missed it");
    dropped(9);
    dropped(2);
    push(1, 2);
    probe_tick(&probe, TREE_FULL_MS);
    probe_write(&letter, 1, 0, 24);
    ok(sends(FRAME_IHAVE, 2), "again, if need be");
    list(2, FRAME_WANT, 1);
    need(pushes_to(2));
    dropped(2);
    probe_tick(&probe, TREE_FULL_MS);
    ok(sends(FRAME_IHAVE, 2), "also when it was asked for, and lost again");
    list(2, FRAME_WANT, 1);
    for (int i = 0; i < 4; i++)
        pass(TREE_RECENT_MS / 4);
    dropped(2);
    probe_tick(&probe, RECONCILE_PAUSE_MS);
    ok(sends(FRAME_RECONCILE, 2),
        "what is too old to be announced is found by comparing");
    probe_free(&probe);
}

/* Time passes in steps; the announcements to that link meanwhile. */
static size_t told_within(uint32_t link, uint64_t ms)
{
    size_t told = 0;
    for (uint64_t at_ms = 0; at_ms < ms; at_ms += TREE_BATCH_MS) {
        probe_tick(&probe, TREE_BATCH_MS);
        told += sends(FRAME_IHAVE, link);
    }
    return told;
}

static void a_full_queue_is_not_asked_for_more(void)
{
    begin(3);
    probe_frame(&probe, 3, &(struct frame){.type = FRAME_PRUNE});
    push(1, 1);
    dropped(2);
    need(told_within(2, TREE_BATCH_MS) == 1);
    push(1, 2);
    dropped(2);
    ok(told_within(2, TREE_FULL_MS - TREE_BATCH_MS) == 0,
        "whose queue is full is not told again so soon");
    ok(told_within(2, TREE_BATCH_MS) == 1, "but once what yields has left it");
    push(1, 3);
    need(pushes_to(2));
    ok(told_within(3, TREE_BATCH_MS) == 1, "nobody else waits for that");
    need(told_within(2, TREE_FULL_MS) == 0);
    push(1, 4);
    dropped(2);
    ok(told_within(2, TREE_BATCH_MS) == 1, "nor it, once there was room");
    probe_free(&probe);
}

/* Whether all that goes to others waits with what that link brought. */
static bool all_are_from(uint32_t link)
{
    size_t count = 0;
    for (size_t i = 0; i < probe.effects.count; i++) {
        const struct relay_effect *effect = &probe.effects.list[i];
        if (effect->kind != RELAY_PUSH && effect->kind != RELAY_SEND)
            continue;
        count++;
        if (effect->from != link)
            return false;
    }
    return count > 0;
}

/* How many pushes of the last step may be told of instead. */
static size_t forwards(void)
{
    size_t count = 0;
    for (size_t i = 0; i < probe.effects.count; i++)
        count += probe.effects.list[i].kind == RELAY_PUSH &&
                 probe.effects.list[i].is_forward;
    return count;
}

static void forwards_are_of_others_and_unasked(void)
{
    begin(3);
    push(1, 1);
    ok(probe_count(&probe, RELAY_PUSH) == 2 && forwards() == 2,
        "what a peer brought is forwarded");
    list(2, FRAME_WANT, 1);
    ok(pushes_to(2) && forwards() == 0, "what was asked for is no forward");
    list(2, FRAME_GRAFT, 1);
    ok(pushes_to(2) && forwards() == 0, "nor what was grafted");
    probe_write(&letter, 2, 0, 24);
    probe_submit(&probe, &letter);
    for (int i = 0; i < 100 && !probe_count(&probe, RELAY_PUSH); i++)
        pass(1000);
    ok(probe_count(&probe, RELAY_PUSH) > 0 && forwards() == 0,
        "nor what nobody brought");
    probe_free(&probe);
}

static void effects_say_what_brought_them(void)
{
    begin(3);
    probe_write(&letter, 1, 2, 24);
    probe_push(&probe, 2, &letter);
    ok(pushes_to(1) && sends(FRAME_IDONTWANT, 1) && all_are_from(2),
        "what is passed on says over which link it came");
    dropped(1);
    probe_tick(&probe, TREE_BATCH_MS);
    ok(sends(FRAME_IHAVE, 1) && all_are_from(0), "what time brings about none");
    probe_write(&letter, 2, 0, 24);
    probe_submit(&probe, &letter);
    ok(pushes_to(1) && all_are_from(0), "nor do one's own");
    probe_free(&probe);
}

static void suppliers_are_asked_at_once(void)
{
    begin(3);
    list(1, FRAME_IHAVE, 1);
    ok(probe.effects.count == 0, "what a new edge announces can wait");
    push(2, 2);
    list(2, FRAME_IHAVE, 3);
    ok(sends(FRAME_GRAFT, 2),
        "who brought what was new, and announces, has forgotten us: GRAFT");
    push(2, 3);
    list(1, FRAME_IHAVE, 4);
    ok(probe.effects.count == 0, "others can still wait");
    list(2, FRAME_IHAVE, 4);
    ok(sends(FRAME_GRAFT, 2) && !sends(FRAME_GRAFT, 1),
        "until it announces the same");
    list(2, FRAME_IHAVE, 4);
    ok(probe.effects.count == 0, "and is asked once");
    list(2, FRAME_IDONTWANT, 6);
    ok(probe.effects.count == 0, "what is pushed behind the word is not asked");
    push(2, 6);
    probe_frame(&probe, 2, &(struct frame){.type = FRAME_PRUNE});
    list(2, FRAME_IHAVE, 5);
    ok(probe.effects.count == 0, "an edge that is lazy may announce");
    probe_free(&probe);
}

static void what_is_missing_is_asked_for(void)
{
    begin(6);
    for (uint32_t link = 1; link <= 6; link++)
        list(link, FRAME_IHAVE, 1);
    probe_tick(&probe, TREE_GRAFT_MS - 1);
    ok(!probe_sent(&probe, FRAME_GRAFT), "the tree is given time");
    probe_tick(&probe, 1);
    ok(sends(FRAME_GRAFT, 1), "then it is asked for");
    size_t asked = 1;
    for (int i = 0; i < 20; i++) {
        probe_tick(&probe, TREE_AGAIN_MS);
        asked += probe_sent(&probe, FRAME_GRAFT) != NULL;
    }
    ok(asked == TREE_TRIES, "of three others in turn, and of no more");

    probe_tick(&probe, APART_MS);
    list(4, FRAME_IHAVE, 2);
    probe_tick(&probe, TREE_GRAFT_MS);
    probe.now_ms += 30;
    push(4, 2);
    ok(pushes_to(5) && !pushes_to(4) && !sends(FRAME_PRUNE, 4),
        "what was asked for is passed on as if it had come by itself");
    ok(probe_look(&probe)->links[3].rtt_ms == 30,
        "and its round trip is measured");
    list(5, FRAME_IHAVE, 3);
    probe_down(&probe, 5);
    probe_tick(&probe, TREE_GRAFT_MS);
    ok(!probe_sent(&probe, FRAME_GRAFT), "who is gone is not asked");
    probe_free(&probe);
}

static void nobody_is_pushed_what_it_has(void)
{
    begin(4);
    list(2, FRAME_IHAVE, 1);
    list(3, FRAME_IDONTWANT, 1);
    push(1, 1);
    ok(!pushes_to(2) && !pushes_to(3) && pushes_to(4),
        "whoever announced it is not pushed to");
    probe_tick(&probe, 2000);
    ok(!probe_sent(&probe, FRAME_WANT) && !probe_sent(&probe, FRAME_IHAVE),
        "nor told, nor asked");
    probe_write(&letter, 2, 2, 24);
    probe_push(&probe, 1, &letter);
    bool pushed = false, denied_late = false;
    for (size_t i = 0; i < probe.effects.count; i++) {
        pushed |= probe.effects.list[i].kind == RELAY_PUSH;
        denied_late |= pushed && probe.effects.list[i].kind == RELAY_SEND;
    }
    ok(sends(FRAME_IDONTWANT, 2) && sends(FRAME_IDONTWANT, 4) &&
            !sends(FRAME_IDONTWANT, 1),
        "what is large is denied to those who might push it");
    ok(pushed && !denied_late, "before it is pushed");
    probe_free(&probe);
}

static void free_rides_end(void)
{
    begin(2);
    uint32_t pushed = 0, told_at_once = 0;
    for (uint32_t i = 0; i < TREE_FREE_RIDE + 8; i++) {
        pass(APART_MS);
        push(1, i);
        pushed += pushes_to(2);
        told_at_once += sends(FRAME_IHAVE, 2);
    }
    ok(pushed == TREE_FREE_RIDE, "who takes and never gives is pushed so much");
    ok(told_at_once == 1, "then told at once");
    probe_tick(&probe, TREE_BATCH_MS);
    ok(sends(FRAME_IHAVE, 2) && !sends(FRAME_IHAVE, 1),
        "and told from then on");
    list(2, FRAME_GRAFT, 0);
    pushed = 0;
    for (uint32_t i = 0; i < 2 * TREE_FREE_RIDE; i++) {
        pass(APART_MS);
        push(1, 1000 + i);
        pushed += pushes_to(2);
    }
    ok(pushed == 2 * TREE_FREE_RIDE, "until it asks");
    probe_free(&probe);
}

static void edges_are_told_of_the_last(void)
{
    begin(1);
    push(1, 1);
    probe_tick(&probe, TREE_RECENT_MS);
    push(1, 2);
    probe_open_with(&probe, 2, FEATURE_TREE);
    probe_tick(&probe, TREE_BATCH_MS);
    const struct frame *told = probe_sent(&probe, FRAME_IHAVE);
    ok(sends(FRAME_IHAVE, 2) && told && told->ids.count == 1,
        "a new edge is told of what came of late, and of nothing older");
    probe_down(&probe, 2);
    probe_open(&probe, 3, 3);
    push(1, 3);
    ok(pushes_to(3), "a peer that does not speak of trees is pushed to");
    push(3, 3);
    ok(!sends(FRAME_PRUNE, 3), "and never pruned");
    for (uint32_t i = 0; i < 2 * TREE_FREE_RIDE; i++)
        push(1, 100 + i);
    ok(pushes_to(3), "however much it takes");
    probe_tick(&probe, 2000);
    ok(!sends(FRAME_IHAVE, 3), "nor told");
    probe_free(&probe);
}

static void much_is_told_soon(void)
{
    begin(2);
    probe_frame(&probe, 2, &(struct frame){.type = FRAME_PRUNE});
    for (uint32_t i = 0; i <= TREE_FAST_RATE + 4; i++) {
        probe.now_ms += 10;
        push(1, i);
    }
    uint64_t deadline_ms = relay_deadline_ms(probe.relay);
    ok(deadline_ms <= probe.now_ms + TREE_BATCH_FAST_MS,
        "above so many a second announcements do not wait long");
    probe_tick(&probe, TREE_BATCH_FAST_MS);
    ok(probe_sent(&probe, FRAME_IHAVE)->ids.count > 1, "and come together");
    probe_free(&probe);
}

static void announcements_are_bounded(void)
{
    static struct envelope_id ids[LIMIT_FRAME_IDS];
    begin(1);
    struct frame frame = {.type = FRAME_IHAVE, .ids = {LIMIT_FRAME_IDS, ids}};
    uint32_t taken = 0;
    for (uint32_t i = 0; i < 40; i++) {
        for (uint32_t j = 0; j < LIMIT_FRAME_IDS; j++) {
            uint32_t number = i * 1000 + j;
            memcpy(ids[j].bytes, &number, sizeof(number));
        }
        probe_frame(&probe, 1, &frame);
        taken += probe_refused(&probe, REFUSAL_RATE) == 0;
    }
    ok(taken == TREE_WINDOW_IDS / LIMIT_FRAME_IDS,
        "a peer may announce so much in a while and no more");
    ok(relay_bytes(probe.relay) < 2 * MIB, "which bounds what it costs");
    probe_free(&probe);
}

static void violations_show(void)
{
    struct peers none = {0};
    struct relay_effects effects;
    uint64_t refused[REFUSAL_COUNT] = {0};
    relay_effects_init(&effects);
    struct turn turn = {
        .peers = &none, .effects = &effects, .refused = refused};
    struct tree tree;
    struct catalog catalog;
    const struct catalog_entry known = {.id = {{1}}};
    const struct envelope_id id = known.id, other = {{2}};
    uint32_t number;
    catalog_init(&catalog, 1);
    need(catalog_hold(&catalog, &known, 0, &number) == STATUS_OK);
    tree_init(&tree, &catalog, 1);
    tree_link_open(&tree, &turn, 7, true);
    tree_spread(&tree, &turn, 7, &(struct tree_news){.id = id, .bytes = 512});
    tree_announced(&tree, &turn, 7, &other);
    ok(!tree_violation(&tree), "a tree as it should be");
    tree.edges[0].speaks = tree.edges[0].eager = false;
    ok(tree_violation(&tree), "a peer that gets nothing shows");
    tree.edges[0].speaks = true;
    tree.talks[0].told.ids = TREE_WINDOW_IDS + 1;
    ok(tree_violation(&tree), "so does too much that was announced");
    tree.talks[0].told.ids = 0;
    struct tree_recent *recent = &tree.recent[TREE_ENVELOPES];
    memset(recent->heads, 0xff, recent->capacity * sizeof(*recent->heads));
    ok(tree_violation(&tree), "and an id that would not be found");
    tree.recent[TREE_ENVELOPES].next++;
    tree.graft_at_ms = UINT64_MAX;
    ok(tree_violation(&tree), "and one that would never be asked for");
    tree_clear(&tree);
    catalog_clear(&catalog);
    relay_effects_free(&effects);
}

static void say_terms(uint32_t link, uint8_t least)
{
    const struct frame terms = {
        .type = FRAME_TERMS, .terms = {.least = least, .asked = least}};
    probe_frame(&probe, link, &terms);
}

static void who_asks_for_less_is_told(void)
{
    begin(3);
    say_terms(2, 20);
    push(1, 1);
    need(!pushes_to(2) && pushes_to(3));
    probe_tick(&probe, TREE_BATCH_MS);
    ok(!sends(FRAME_IHAVE, 2), "nobody is told of what he would not take");
    say_terms(2, 0);
    probe_tick(&probe, TREE_BATCH_MS);
    ok(sends(FRAME_IHAVE, 2) && !sends(FRAME_IHAVE, 3),
        "until he would, and then he is");
    probe_free(&probe);
}

static void who_is_in_bad_standing_gets_no_edge_back(void)
{
    begin(3);
    push(1, 1);
    probe_receipt(&probe, 2, &letter, false);
    need(probe_refused(&probe, REFUSAL_FALSE_RECEIPT) == 1);
    list(2, FRAME_GRAFT, 1);
    ok(pushes_to(2), "who is in bad standing is given what it asks for");
    probe_tick(&probe, APART_MS);
    push(1, 2);
    ok(!pushes_to(2) && pushes_to(3), "and pushed nothing unasked for that");
    list(2, FRAME_WANT, 2);
    need(pushes_to(2));
    probe_tick(&probe, TREE_BATCH_MS);
    ok(!sends(FRAME_IHAVE, 2), "nor told of what it was given");
    probe_free(&probe);
}

int main(void)
{
    new_edges_are_eager();
    what_a_queue_lost_is_announced();
    a_full_queue_is_not_asked_for_more();
    effects_say_what_brought_them();
    forwards_are_of_others_and_unasked();
    suppliers_are_asked_at_once();
    what_is_missing_is_asked_for();
    nobody_is_pushed_what_it_has();
    free_rides_end();
    edges_are_told_of_the_last();
    much_is_told_soon();
    announcements_are_bounded();
    violations_show();
    who_asks_for_less_is_told();
    who_is_in_bad_standing_gets_no_edge_back();
    return tap_done();
}
