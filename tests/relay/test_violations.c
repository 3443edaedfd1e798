/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a relay can find wrong with itself is planted here, one thing at a
 * time, in a relay that has some of everything; and is found by its name: what
 * must hold after each step, after a step that was about it.
 * tests/check-plants.sh compares the names with those in the sources. */
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "relay/reconcile_run.h"
#include "relay/relay_state.h"
#include "relay/shelf_inside.h"
#include "relay/tree_inside.h"
#include "tests/relay/probe.h"
#include "tests/tap.h"

static struct probe probe;
static struct probe_letter here, twin, cleared, own, hidden, unknown, loose;

static struct node_address node_at(uint8_t name)
{
    char endpoint[LIMIT_ENDPOINT_BYTES];
    struct node_address node = {.node = probe_key(name)};
    snprintf(endpoint, sizeof(endpoint), "tcp://10.0.0.%u:7311", name);
    need(address_parse(span_of_text(endpoint), &node.address) == STATUS_OK);
    return node;
}

/* A neighbour that dials us, and speaks of everything. */
static void comes(uint32_t link, uint8_t key)
{
    struct relay_event up = {.kind = RELAY_LINK_UP,
        .link_up = {.link = link, .key = probe_key(key)}};
    up.link_up.from = node_at(key).address;
    probe_step(&probe, &up);
    probe_frame(&probe, link,
        &(struct frame){.type = FRAME_HELLO,
            .hello = {.version = FRAME_PROTOCOL_VERSION,
                .node = probe_key(key),
                .features = FEATURE_TREE | FEATURE_MEMBER | FEATURE_STEM}});
    probe_frame(&probe, link,
        &(struct frame){.type = FRAME_NEIGHBOR, .neighbor = {.urgent = true}});
}

/* Links, dials, nodes that are known; envelopes stored, cleared, hidden, under
 * way and missing; receipts that wait. */
static void begin(void)
{
    struct node_address named[] = {node_at(0x21), node_at(0x22)};
    probe_init(&probe, &(struct relay_config){.is_member = true});
    for (uint32_t link = 1; link <= 4; link++)
        comes(link, (uint8_t)link);
    probe_connect(&probe, 0x31, ORIGIN_CONFIG);
    probe_connect(&probe, 0x32, ORIGIN_CONFIG);
    probe_frame(&probe, 1,
        &(struct frame){
            .type = FRAME_SHUFFLE, .shuffle = {.walk = 7, .list = {2, named}}});
    probe_write(&here, 1, 0, 5);
    probe_write(&twin, 2, 0, 5);
    probe_write(&cleared, 3, 0, 5);
    probe_write(&own, 4, 0, 5);
    probe_write(&hidden, 5, 0, 5);
    probe_write(&unknown, 6, 0, 5);
    probe_write(&loose, 7, 0, 5);
    probe_push(&probe, 1, &here);
    probe_push(&probe, 1, &twin);
    probe_push(&probe, 2, &cleared);
    probe_receipt(&probe, 2, &cleared, true);
    probe_receipt(&probe, 2, &unknown, true);
    probe_submit(&probe, &own);
    probe_submit(&probe, &hidden);
    const struct frame news = {.type = FRAME_IHAVE, .ids = {1, &loose.id}};
    probe_frame(&probe, 3, &news);
    const struct turn turn = {.now_ms = probe.now_ms};
    bids_declined(&probe.relay->bids, &turn, &own.id);
    need(!relay_violation(probe.relay));
}

static uint32_t number_of(
    const struct relay *relay, const struct probe_letter *letter)
{
    uint32_t number = catalog_find(relay->catalog, &letter->id);
    need(number != CATALOG_NONE);
    return number;
}

static struct shelf_stored *stored(
    struct relay *relay, const struct probe_letter *letter)
{
    uint32_t number = number_of(relay, letter);
    struct shelf_stored *item = table_find(&relay->shelf.stored, &number);
    need(item);
    return item;
}

static struct view_entry *first_known(struct relay *relay)
{
    struct view_entry *entry = relay->member.view.list;
    need(entry);
    while (entry->at.address.size == 0)
        entry++;
    return entry;
}

static void links_twice(struct relay *relay)
{
    relay->links.list[1].key = relay->links.list[0].key;
}
static void links_many(struct relay *relay)
{
    relay->links.config.maximum = 3;
}
static void links_apart(struct relay *relay)
{
    relay->links.peers.count--;
}
static void links_lost(struct relay *relay)
{
    relay->links.list[0].number++;
}
static void links_silent(struct relay *relay)
{
    relay->links.due_ms = UINT64_MAX;
}
static void links_deaf(struct relay *relay)
{
    relay->links.due_ms = relay->now_ms + LINK_SILENCE_MS;
    relay->links.list[0].asked_ms = relay->links.list[0].heard_ms = 0;
}
static void links_self(struct relay *relay)
{
    relay->links.list[0].key = relay->links.self;
}
static void dial_many(struct relay *relay)
{
    relay->dial.count = LIMIT_DIAL_TARGETS + 1;
}
static void dial_waits(struct relay *relay)
{
    relay->dial.list[0].at_ms = UINT64_MAX;
}
static void dial_forgotten(struct relay *relay)
{
    relay->dial.due_ms = UINT64_MAX - 1;
}
static void bid_forgotten(struct relay *relay)
{
    relay->bids.due_ms = UINT64_MAX;
}
static void dial_twice(struct relay *relay)
{
    relay->dial.list[1].key = relay->dial.list[0].key;
}
static void member_twice(struct relay *relay)
{
    relay->member.list[1].at.node = relay->member.list[0].at.node;
}
static void member_left(struct relay *relay)
{
    relay->member.list[0].place = MEMBER_OUT;
}
/* Neighbours that are not linked at all, as many as are too many. */
static void crowd(struct relay *relay, size_t count, bool outbound)
{
    static struct member_link list[MEMBER_HIGH + 1];
    for (size_t i = 0; i < count; i++)
        list[i] = (struct member_link){.at = node_at((uint8_t)(0x41 + i)),
            .place = MEMBER_EDGE,
            .outbound = outbound};
    relay->member.list = list;
    relay->member.count = count;
}
static void member_many(struct relay *relay)
{
    crowd(relay, MEMBER_HIGH + 1, true);
}
static void member_strangers(struct relay *relay)
{
    crowd(relay, MEMBER_HIGH - MEMBER_DIALLED + 1, false);
}
static void member_dials(struct relay *relay)
{
    relay->member.dial_count = MEMBER_DIALS_ALONE + 1;
}
static void member_rests(struct relay *relay)
{
    relay->member.cycle_ms = UINT64_MAX;
}
static void view_twice(struct relay *relay)
{
    struct view_entry *first = first_known(relay), *next = first + 1;
    while (next->at.address.size == 0)
        next++;
    next->at.node = first->at.node;
}
static void view_self(struct relay *relay)
{
    first_known(relay)->at.node = relay->member.self;
}
static void score_many(struct relay *relay)
{
    relay->score.count = SCORE_RECORDS + LIMIT_LINKS + 1;
}
static void score_dear(struct relay *relay)
{
    relay->score.last = 0;
    relay->score.list[0].price = SCORE_PRICE_MOST + 1;
}
static void score_order(struct relay *relay)
{
    relay->score.last = 1;
    relay->score.list[0].key = probe_key(0xff);
}
static void admission_most(struct relay *relay)
{
    relay->admission.least = ADMISSION_LEAST_MOST + 1;
}
static void admission_own(struct relay *relay)
{
    relay->admission.least = 2;
    relay->admission.asked = 1;
}
static void admission_falls(struct relay *relay)
{
    relay->admission.least = relay->admission.asked = 2;
    relay->admission.beat_ms = UINT64_MAX;
}
static void shelf_quota(struct relay *relay)
{
    relay->shelf.quota_bytes = 1000;
}
static void shelf_miscounts(struct relay *relay)
{
    relay->shelf.stored_bytes++;
}
static void shelf_sum(struct relay *relay)
{
    relay->shelf.sum.words[2] ^= 1;
}
static void shelf_count(struct relay *relay)
{
    relay->shelf.evicted_count++;
}
static void shelf_mark_lies(struct relay *relay)
{
    uint32_t at = number_of(relay, &here), other = number_of(relay, &cleared);
    uint8_t mark = relay->shelf.marks[at];
    relay->shelf.marks[at] = relay->shelf.marks[other];
    relay->shelf.marks[other] = mark;
}
static void shelf_hour(struct relay *relay)
{
    relay->shelf.hours[0].expires_h++;
}
static void shelf_carried(struct relay *relay)
{
    relay->shelf.carried.bytes = relay->shelf.quota_bytes / SHELF_SHARE + 1;
}
static void shelf_edge(struct relay *relay)
{
    relay->shelf.edges[0].bytes = relay->shelf.quota_bytes / SHELF_SHARE + 1;
}
static void shelf_edges(struct relay *relay)
{
    relay->shelf.own.bytes++;
}
static void bucket_miscounts(struct relay *relay)
{
    relay->shelf.bucket_count--;
}
static void bucket_stranger(struct relay *relay)
{
    stored(relay, &here)->bits ^= 1;
}
static void bucket_leads_away(struct relay *relay)
{
    stored(relay, &here)->next = number_of(relay, &cleared);
}
static void bucket_end(struct relay *relay)
{
    relay->shelf.buckets[0].last = number_of(relay, &cleared);
}
static void bucket_empty(struct relay *relay)
{
    relay->shelf.buckets[0].count = 0;
}
static void known_for_ever(struct relay *relay)
{
    relay->shelf.hours[0].count++;
}
static void takers_many(struct relay *relay)
{
    size_t cursor = 0;
    struct broadcast_own *mine = table_next(&relay->broadcast.own, &cursor);
    need(mine);
    mine->count = BROADCAST_TAKERS + 1;
}
static void tree_gets_nothing(struct relay *relay)
{
    relay->tree.edges[0].speaks = relay->tree.edges[0].eager = false;
}
static void tree_told_much(struct relay *relay)
{
    relay->tree.talks[0].told.ids = TREE_WINDOW_IDS + 1;
}
static void tree_never_asked(struct relay *relay)
{
    relay->tree.graft_at_ms = UINT64_MAX;
}
static void recent_miscounts(struct relay *relay)
{
    relay->tree.recent[TREE_ENVELOPES].next += TREE_RECENT + 1;
}
static void recent_stranger(struct relay *relay)
{
    struct tree_recent *recent = &relay->tree.recent[TREE_ENVELOPES];
    struct tree_item *item = tree_recent_at(recent, recent->first);
    need(item);
    item->knowing |= UINT16_C(1) << 15;
}
static void stem_never(struct relay *relay)
{
    relay->stem.due_ms = UINT64_MAX;
}
static void stem_one_way(struct relay *relay)
{
    relay->stem.ways[0] = relay->stem.ways[1] = 7;
}
static void stem_much(struct relay *relay)
{
    relay->stem.items.maximum = relay->stem.items.count - 1;
}
static struct stem_item *first_hidden(struct relay *relay)
{
    size_t cursor = 0;
    struct stem_item *item = table_next(&relay->stem.items, &cursor);
    need(item && item->bytes > 0);
    return item;
}
static void hide(
    struct relay *relay, const struct probe_letter *letter, uint16_t bytes)
{
    struct stem_item item = *first_hidden(relay);
    void *out = NULL;
    table_remove(&relay->stem.items, &item.id);
    need(table_add(&relay->stem.items, &letter->id, &out) == STATUS_OK);
    item.id = letter->id;
    item.bytes = bytes;
    *(struct stem_item *)out = item;
}
static void hidden_known(struct relay *relay)
{
    hide(relay, &here, 1);
}
static void hidden_receipt(struct relay *relay)
{
    hide(relay, &loose, 0);
}
static void hidden_nowhere(struct relay *relay)
{
    relay->stem.items.count = relay->stem.items.capacity = 0;
}
static void hidden_miscounts(struct relay *relay)
{
    first_hidden(relay)->bytes++;
}
static void receipts_many(struct relay *relay)
{
    relay->receipts.waiting.count = LIMIT_WAITING_RECEIPTS + 1;
}
static void receipts_stranger(struct relay *relay)
{
    relay->receipts.order[0] = here.id;
}
static void reconcile_rounds(struct relay *relay)
{
    static struct run run = {.round = RUN_STEPS + 1};
    relay->reconcile.peers[0].answering = &run;
}
static void reconcile_many(struct relay *relay)
{
    static struct run run;
    for (size_t i = 0; i <= RECONCILE_AT_ONCE; i++)
        relay->reconcile.peers[i].begun = &run;
}
static void reconcile_unarmed(struct relay *relay)
{
    relay->reconcile.periodic_ms = UINT64_MAX;
}
static void wants_debts(struct relay *relay)
{
    static struct wants_queue queue = {.link = 1, .owed = 1};
    relay->wants.queues = &queue;
    relay->wants.count = 1;
}
static void wants_much(struct relay *relay)
{
    static struct wants_queue queue = {.link = 1, .count = WANTS_QUEUE + 1};
    relay->wants.queues = &queue;
    relay->wants.count = 1;
}
static void wants_little(struct relay *relay)
{
    static struct wants_queue queue = {.link = 1,
        .suppose_bytes = 1024,
        .asked = 1,
        .behind = 1,
        .owed = 1,
        .count = 2};
    relay->wants.queues = &queue;
    relay->wants.count = 1;
}
static void wants_nobody(struct relay *relay)
{
    relay->wants.ids.count++;
}

/* The step after which it shows: one that is about ... */
enum about {
    ABOUT_NOTHING, /* none: it takes the whole look */
    ABOUT_ALL,     /* anything */
    ABOUT_LINK,
    ABOUT_NEW_LINK,
    ABOUT_NODES,
    ABOUT_DIAL,
    ABOUT_MAIL,
    ABOUT_OWN,
    ABOUT_HIDDEN,
    ABOUT_LOOSE, /* what was announced */
};

struct plant {
    const char *name;
    void (*plant)(struct relay *relay);
    enum about about;
};

static const struct plant plants[] = {
    {"a node has two links", links_twice, ABOUT_NEW_LINK},
    {"more links than allowed", links_many, ABOUT_ALL},
    {"the open links and the peers differ", links_apart, ABOUT_NEW_LINK},
    {"a link would not be found", links_lost, ABOUT_LINK},
    {"a link's silence would go unnoticed", links_silent, ABOUT_ALL},
    {"a link's silence would go unnoticed", links_deaf, ABOUT_LINK},
    {"a node is linked to itself", links_self, ABOUT_LINK},
    {"more dial targets than allowed", dial_many, ABOUT_ALL},
    {"a dial target would be forgotten", dial_forgotten, ABOUT_DIAL},
    {"what was declined would never be offered, or too often", bid_forgotten,
        ABOUT_OWN},
    {"a dial target waits for ever", dial_waits, ABOUT_DIAL},
    {"a node has two dial targets", dial_twice, ABOUT_DIAL},
    {"a node is a neighbour twice", member_twice, ABOUT_NODES},
    {"a link that is not wanted was left", member_left, ABOUT_ALL},
    {"there are more edges than the band has", member_many, ABOUT_ALL},
    {"strangers hold the places of those that we dial", member_strangers,
        ABOUT_ALL},
    {"more dials for membership than allowed", member_dials, ABOUT_ALL},
    {"a cycle would never begin", member_rests, ABOUT_ALL},
    {"a node is twice in the view", view_twice, ABOUT_NODES},
    {"a node is in its own view", view_self, ABOUT_NODES},
    {"more scores than allowed", score_many, ABOUT_ALL},
    {"a peer's mail has a price that nobody could pay", score_dear, ABOUT_ALL},
    {"scores are out of order", score_order, ABOUT_ALL},
    {"more work is asked for than allowed", admission_most, ABOUT_ALL},
    {"own letters are stamped for less than is asked for", admission_own,
        ABOUT_ALL},
    {"the least value would never fall", admission_falls, ABOUT_ALL},
    {"the shelf holds more than its quota", shelf_quota, ABOUT_ALL},
    {"the shelf miscounts", shelf_count, ABOUT_ALL},
    {"the shelf miscounts", shelf_miscounts, ABOUT_MAIL},
    {"the shelf's sum is wrong", shelf_sum, ABOUT_ALL},
    {"an item is not marked as what it is", shelf_mark_lies, ABOUT_MAIL},
    {"what came by hand fills more than its share", shelf_carried, ABOUT_ALL},
    {"an edge fills more than its share", shelf_edge, ABOUT_MAIL},
    {"the edges' bytes are miscounted", shelf_edges, ABOUT_MAIL},
    {"a bucket miscounts", bucket_miscounts, ABOUT_NOTHING},
    {"a bucket names an item that is not its own", bucket_stranger, ABOUT_MAIL},
    {"a bucket names an item that is not its own", bucket_leads_away,
        ABOUT_MAIL},
    {"a bucket's list does not end where it says", bucket_end, ABOUT_NOTHING},
    {"a bucket is empty", bucket_empty, ABOUT_NOTHING},
    {"an item would never be forgotten", known_for_ever, ABOUT_NOTHING},
    {"an item would never be forgotten", shelf_hour, ABOUT_MAIL},
    {"more takers counted than allowed", takers_many, ABOUT_OWN},
    {"a peer that cannot ask is not pushed to", tree_gets_nothing, ABOUT_ALL},
    {"more was announced than may be", tree_told_much, ABOUT_ALL},
    {"what is missing would never be asked for", tree_never_asked, ABOUT_ALL},
    {"the recent ids are miscounted", recent_miscounts, ABOUT_ALL},
    {"a recent id is out of place, or names no edge", recent_stranger,
        ABOUT_MAIL},
    {"what is hidden would never be shown", stem_never, ABOUT_HIDDEN},
    {"two ways of the stem are one", stem_one_way, ABOUT_ALL},
    {"more is hidden than may be", stem_much, ABOUT_ALL},
    {"what is hidden is known", hidden_known, ABOUT_MAIL},
    {"a receipt is hidden that clears nothing", hidden_receipt, ABOUT_LOOSE},
    {"what is hidden is miscounted", hidden_nowhere, ABOUT_ALL},
    {"what is hidden is miscounted", hidden_miscounts, ABOUT_NOTHING},
    {"more receipts wait than allowed", receipts_many, ABOUT_ALL},
    {"the order of waiting receipts names a stranger", receipts_stranger,
        ABOUT_NOTHING},
    {"a reconciliation is over its rounds", reconcile_rounds, ABOUT_ALL},
    {"too many reconciliations begun at once", reconcile_many, ABOUT_ALL},
    {"the periodic reconciliation is not armed", reconcile_unarmed, ABOUT_ALL},
    {"a link's debts are miscounted", wants_debts, ABOUT_ALL},
    {"more is wanted of a link than may be", wants_much, ABOUT_ALL},
    {"less is asked for than a batch holds", wants_little, ABOUT_ALL},
    {"an id is wanted of nobody", wants_nobody, ABOUT_ALL},
};

/* What shows by another name when only one item is looked at. */
static const struct {
    void (*plant)(struct relay *relay);
    const char *name;
} names_at_once[] = {
    {shelf_miscounts, "the edges' bytes are miscounted"},
    {bucket_stranger, "an item is in no bucket"},
    {bucket_leads_away, "an item's bucket does not lead to it"},
};

static const char *name_at_once(const struct plant *plant)
{
    for (size_t i = 0; i < sizeof(names_at_once) / sizeof(*names_at_once); i++)
        if (names_at_once[i].plant == plant->plant)
            return names_at_once[i].name;
    return plant->name;
}

/* What a relay finds wrong after a step that was about that; no step is made,
 * which might stumble over what was planted. */
static const char *found_at_once(enum about about)
{
    const struct frame ping = {.type = FRAME_PING};
    const struct frame plea = {.type = FRAME_NEIGHBOR};
    struct relay_event event = {.kind = RELAY_TICK};
    struct relay_effect effect = {.kind = RELAY_STORE};
    switch (about) {
    case ABOUT_NOTHING:
    case ABOUT_ALL:
        effect.kind = RELAY_SEND;
        break;
    case ABOUT_LINK:
        effect.kind = RELAY_SEND;
        event = (struct relay_event){
            .kind = RELAY_FRAME, .frame = {.link = 1, .frame = &ping}};
        break;
    case ABOUT_NEW_LINK:
        effect.kind = RELAY_SEND;
        event =
            (struct relay_event){.kind = RELAY_LINK_UP, .link_up = {.link = 4}};
        break;
    case ABOUT_NODES:
        effect.kind = RELAY_SEND;
        event = (struct relay_event){
            .kind = RELAY_FRAME, .frame = {.link = 1, .frame = &plea}};
        break;
    case ABOUT_DIAL:
        effect.kind = RELAY_DIAL;
        break;
    case ABOUT_MAIL:
        effect.id = here.id;
        break;
    case ABOUT_OWN:
        effect.id = own.id;
        effect.kind = RELAY_HANDED;
        break;
    case ABOUT_HIDDEN:
        event.kind = RELAY_SUBMIT;
        event.submit.id = hidden.id;
        effect.kind = RELAY_SEND;
        break;
    case ABOUT_LOOSE:
        event.kind = RELAY_LOST;
        event.lost.id = loose.id;
        effect.kind = RELAY_SEND;
        break;
    }
    const struct relay_effects effects = {.list = &effect, .count = 1};
    return relay_step_violation(probe.relay, &event, &effects);
}

static void is_found(const char *name, const char *found)
{
    ok(found && strcmp(found, name) == 0, name);
    if (found && strcmp(found, name) != 0)
        printf("# %s\n", found);
}

/* What was planted in a struct goes with it, and what was planted behind it is
 * harmless to who frees it. */
static void test_plant(const struct plant *plant)
{
    begin();
    struct relay before = *probe.relay;
    struct run *begun[RECONCILE_AT_ONCE + 1], *answering;
    for (size_t i = 0; i <= RECONCILE_AT_ONCE; i++)
        begun[i] = before.reconcile.peers[i].begun;
    answering = before.reconcile.peers[0].answering;
    plant->plant(probe.relay);
    is_found(plant->name, relay_violation(probe.relay));
    const char *at_once = found_at_once(plant->about);
    if (plant->about != ABOUT_NOTHING)
        is_found(name_at_once(plant), at_once);
    else
        ok(!at_once, "not at once");
    *probe.relay = before;
    for (size_t i = 0; i <= RECONCILE_AT_ONCE; i++)
        before.reconcile.peers[i].begun = begun[i];
    before.reconcile.peers[0].answering = answering;
    probe_free(&probe);
}

/* What is told to another edge, or compared with another peer, shows in a step
 * of a link by what the step sends: and not where it sends nothing of the
 * kind. */
static const char *found_beside(enum frame_type said)
{
    const struct frame ping = {.type = FRAME_PING};
    const struct relay_event event = {
        .kind = RELAY_FRAME, .frame = {.link = 1, .frame = &ping}};
    struct relay_effect effect = {.kind = RELAY_SEND, .link = 3};
    effect.frame.type = said;
    const struct relay_effects effects = {.list = &effect, .count = 1};
    return relay_step_violation(probe.relay, &event, &effects);
}

static void test_beside(void)
{
    begin();
    size_t at = tree_place(&probe.relay->tree, 3);
    struct tree_talk *talk = &probe.relay->tree.talks[at];
    struct tree_talk before = *talk;
    talk->told.ids = TREE_WINDOW_IDS + 1;
    ok(!found_beside(FRAME_PONG), "a step of another link does not look");
    is_found("more was announced than may be", found_beside(FRAME_IHAVE));
    *talk = before;
    static struct run run = {.round = RUN_STEPS + 1, .deadline_ms = UINT64_MAX};
    struct reconcile_peer *peer = &probe.relay->reconcile.peers[2];
    struct run *answering = peer->answering;
    peer->answering = &run;
    ok(!found_beside(FRAME_PONG), "nor at what it compares with others");
    is_found(
        "a reconciliation is over its rounds", found_beside(FRAME_RECONCILE));
    peer->answering = answering;
    probe_free(&probe);
}

int main(void)
{
    test_beside();
    for (size_t i = 0; i < sizeof(plants) / sizeof(*plants); i++)
        test_plant(&plants[i]);
    return tap_done();
}
