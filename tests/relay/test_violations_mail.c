/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a relay can find wrong with what it keeps, hides, spreads, compares and
 * asks for. */
#include "relay/shelf_inside.h"
#include "relay/tree_inside.h"
#include "tests/relay/plants.h"

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

static void bid_forgotten(struct relay *relay)
{
    relay->bids.due_ms = UINT64_MAX;
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

static const struct plant plants[] = {
    {"what was declined would never be offered, or too often", bid_forgotten,
        ABOUT_OWN},
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
        test_plant(&plants[i], name_at_once(&plants[i]));
    return tap_done();
}
