/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/plant.h"

#include <stdlib.h>
#include <string.h>

#include "relay/reconcile_run.h"
#include "relay/relay_state.h"

static struct member before;
static struct member_link crowd[LIMIT_LINKS];

/* As it was, with what is planted in an edge and in a peer. */
static struct relay relay_before;
static struct tree_edge edge_before;
static struct tree_talk talk_before;
static struct reconcile_peer peer_before;
static struct score_record score_before;

size_t plant_links_maximum(struct relay *relay, size_t maximum)
{
    size_t was = relay->links.config.maximum;
    relay->links.config.maximum = maximum;
    return was;
}

bool plant_hidden(const struct relay *relay, struct envelope_id *out)
{
    size_t cursor = 0;
    const struct stem_item *item = table_next(&relay->stem.items, &cursor);
    if (item)
        *out = item->id;
    return item != NULL;
}

void plant_crowd(struct relay *relay, size_t count)
{
    before = relay->member;
    for (size_t i = 0; i < count && i < LIMIT_LINKS; i++)
        crowd[i] = (struct member_link){
            .link = UINT32_MAX - (uint32_t)i, .place = MEMBER_EDGE};
    relay->member.list = crowd;
    relay->member.count = count;
}

void plant_no_crowd(struct relay *relay)
{
    relay->member = before;
}

static struct view_entry view_before;

static struct view_entry *next_known(struct view_entry *entry)
{
    while (entry->at.address.size == 0)
        entry++;
    return entry;
}

void plant_view(struct relay *relay)
{
    struct view_entry *first = next_known(relay->member.view.list);
    struct view_entry *second = next_known(first + 1);
    view_before = *second;
    second->at.node = first->at.node;
}

void plant_no_view(struct relay *relay)
{
    *next_known(next_known(relay->member.view.list) + 1) = view_before;
}

void plant_hour(struct relay *relay, int more)
{
    relay->shelf.hours[0].count += (uint32_t)more;
}

void plant_cleared(struct relay *relay, const struct envelope_id *id)
{
    uint32_t number = catalog_find(relay->catalog, id);
    relay->shelf.marks[number] = SET_CLEARED;
}

static void links_many(struct relay *relay)
{
    relay->links.config.maximum = 0;
}
static void links_silent(struct relay *relay)
{
    relay->links.due_ms = UINT64_MAX;
}
static void dial_many(struct relay *relay)
{
    relay->dial.count = LIMIT_DIAL_TARGETS + 1;
}
static void member_many(struct relay *relay)
{
    plant_crowd(relay, MEMBER_HIGH + 1);
}
static void member_strangers(struct relay *relay)
{
    plant_crowd(relay, MEMBER_HIGH - MEMBER_DIALLED + 1);
}
static void member_rests(struct relay *relay)
{
    relay->member.cycle_ms = UINT64_MAX;
}
static void score_many(struct relay *relay)
{
    relay->score.count = SCORE_RECORDS + LIMIT_LINKS + 1;
}
static void score_out_of_order(struct relay *relay)
{
    relay->score.last = 0;
    memset(relay->score.list[0].key.bytes, 0xff, sizeof(struct node_key));
}
static void shelf_sums_wrong(struct relay *relay)
{
    relay->shelf.sum.words[3] ^= 1;
}
static void admission_most(struct relay *relay)
{
    relay->admission.least = ADMISSION_LEAST_MOST + 1;
}
static void shelf_miscounts(struct relay *relay)
{
    relay->shelf.evicted_count++;
}
static void tree_told_much(struct relay *relay)
{
    relay->tree.talks[0].told.ids = TREE_WINDOW_IDS + 1;
}
static void tree_never_asked(struct relay *relay)
{
    relay->tree.missing.count = 1;
    relay->tree.graft_at_ms = UINT64_MAX;
}
static void recent_miscounts(struct relay *relay)
{
    relay->tree.recent[TREE_ENVELOPES].first -= TREE_RECENT + 1;
}
static void stem_one_way(struct relay *relay)
{
    relay->stem.ways[0] = relay->stem.ways[1] = 7;
}
static void hidden_miscounts(struct relay *relay)
{
    relay->shelf.hidden_bytes = 1;
}
static void receipts_many(struct relay *relay)
{
    relay->receipts.waiting.count = LIMIT_WAITING_RECEIPTS + 1;
}
static void reconcile_rounds(struct relay *relay)
{
    static struct run run = {.round = RUN_STEPS + 1, .deadline_ms = UINT64_MAX};
    relay->reconcile.peers[0].answering = &run;
}
static void reconcile_unarmed(struct relay *relay)
{
    relay->reconcile.periodic_ms = UINT64_MAX;
}
static void wants_debts(struct relay *relay)
{
    static struct wants_queue queue = {
        .link = 1, .owed = 1, .at_ms = UINT64_MAX};
    relay->wants.queues = &queue;
    relay->wants.count = 1;
}

const struct plant plants[] = {
    {"more links than allowed", links_many},
    {"a link's silence would go unnoticed", links_silent},
    {"more dial targets than allowed", dial_many},
    {"there are more edges than the band has", member_many},
    {"strangers hold the places of those that we dial", member_strangers},
    {"a cycle would never begin", member_rests},
    {"more scores than allowed", score_many},
    {"scores are out of order", score_out_of_order},
    {"more work is asked for than allowed", admission_most},
    {"the shelf's sum is wrong", shelf_sums_wrong},
    {"the shelf miscounts", shelf_miscounts},
    {"more was announced than may be", tree_told_much},
    {"what is missing would never be asked for", tree_never_asked},
    {"the recent ids are miscounted", recent_miscounts},
    {"two ways of the stem are one", stem_one_way},
    {"what is hidden is miscounted", hidden_miscounts},
    {"more receipts wait than allowed", receipts_many},
    {"a reconciliation is over its rounds", reconcile_rounds},
    {"the periodic reconciliation is not armed", reconcile_unarmed},
    {"a link's debts are miscounted", wants_debts},
    {NULL, NULL},
};

void plant_do(struct relay *relay, const struct plant *plant)
{
    relay_before = *relay;
    edge_before = relay->tree.edges[0];
    talk_before = relay->tree.talks[0];
    peer_before = relay->reconcile.peers[0];
    score_before = relay->score.list[0];
    plant->plant(relay);
}

/* Whom the step between began to dial, it goes on dialling. */
void plant_undo(struct relay *relay)
{
    if (relay->dial.count <= LIMIT_DIAL_TARGETS)
        relay_before.dial = relay->dial;
    *relay = relay_before;
    relay->tree.edges[0] = edge_before;
    relay->tree.talks[0] = talk_before;
    relay->reconcile.peers[0] = peer_before;
    relay->score.list[0] = score_before;
}
