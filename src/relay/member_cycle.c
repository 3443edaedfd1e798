/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What time brings: cycles, dials, and what is kept.
 *
 * A renewal adds an edge before it drops one, so the degree never falls for it,
 * and a node with all places taken renews, too.  Who has been in need, and has
 * edges enough again, sweeps: it dials all that it knew before, the longest not
 * heard of first; the first few that answer renew an edge, the others have been
 * greeted, and know whom to turn to.  Nodes that found each other in the same
 * need would else stay a mesh of their own, content with themselves, and one
 * whose every acquaintance is gone would stay alone. */
#include <assert.h>
#include <stdlib.h>

#include "relay/member.h"
#include "relay/member_inside.h"

enum {
    MEMBER_RENEW_IN = 20, /* cycles, on average */
    MEMBER_PROBE_IN = 4,
    MEMBER_FEW_REMEMBERED = 48, /* then cycles are a quarter as long */
    MEMBER_ANCHOR_MS = 3 * MEMBER_CYCLE_MS, /* an edge that lasts may be one */
    MEMBER_HURRY_MS = 250, /* between dials while there are too few edges */
    MEMBER_PACE_MS = 2000,
    MEMBER_IDLE_MS = 5000, /* nobody to dial: look again */
    MEMBER_SWEEP_EDGES = 4,
    MEMBER_SWEEP_MS = 120000, /* at least */
    MEMBER_SWEEP_PACE_MS = 3000,
};

/* Edges that have lasted compete for a place among the anchors. */
static void choose_anchors(struct member *member, struct turn *turn)
{
    for (size_t i = 0; i < member->count; i++) {
        struct member_link *link = &member->list[i];
        if (link->place != MEMBER_EDGE || link->competed ||
            turn->now_ms - link->since_ms < MEMBER_ANCHOR_MS ||
            !view_may_cross(&link->at.address, link->scope))
            continue;
        link->competed = true;
        view_anchor(&member->view, turn, &link->at);
    }
}

static void tick_cycle(struct member *member, struct turn *turn)
{
    uint64_t cycle_ms = view_count(&member->view) < MEMBER_FEW_REMEMBERED
                            ? MEMBER_CYCLE_MS / 4
                            : MEMBER_CYCLE_MS;
    member->cycle_ms = turn->now_ms + cycle_ms * 4 / 5 +
                       random_below(turn->random, cycle_ms * 2 / 5);
    const struct member_link *to = member_random_edge(member, turn, 0);
    if (to)
        member_shuffle(member, turn, to);
    view_turn_over(&member->view, turn);
    choose_anchors(member, turn);
    bool is_full = member_degree(member) >= MEMBER_AIM;
    member->wants_renewal =
        is_full && random_below(turn->random, MEMBER_RENEW_IN) == 0;
    member->wants_probe = random_below(turn->random, MEMBER_PROBE_IN) == 0;
    member->wants_missed = true;
}

/* Dials that may add an edge, or take one's place: of anchors that are missed
 * few answer, and it takes long until that is known. */
static size_t hopeful(const struct member *member)
{
    size_t count = 0;
    for (size_t i = 0; i < member->dial_count; i++)
        count += member->dials[i].purpose != MEMBER_REVISITS;
    return count;
}

/* Who has lost all neighbours expects nothing of a dial. */
static bool has_room_to_dial(const struct member *member)
{
    size_t linked =
        member_degree(member) + member_count_in(member, MEMBER_ASKED);
    if (linked == 0)
        return member->is_on && member->dial_count < MEMBER_DIALS_ALONE;
    size_t expected = linked + hopeful(member);
    return member->is_on && member->dial_count < MEMBER_DIALS &&
           expected < (member_is_starving(member)
                              ? MEMBER_HIGH
                              : member_dial_below(member, false));
}

static bool is_dialled(const struct member *member, const struct node_key *key)
{
    for (size_t i = 0; i < member->dial_count; i++)
        if (node_key_equal(&member->dials[i].key, key))
            return true;
    return false;
}

static bool begin_dial(struct member *member, struct turn *turn,
    const struct node_address *node, enum member_purpose purpose)
{
    if (member_is_near(member, &node->node) || is_dialled(member, &node->node))
        return false;
    if (!member->dials)
        member->dials = calloc(MEMBER_DIALS_ALONE, sizeof(*member->dials));
    if (!member->dials) {
        turn->status = STATUS_NO_MEMORY;
        return false;
    }
    assert(member->dial_count < MEMBER_DIALS_ALONE);
    member->dials[member->dial_count++] =
        (struct member_dial){.key = node->node, .purpose = purpose};
    return true;
}

enum member_purpose member_take_dial(
    struct member *member, const struct node_key *key)
{
    for (size_t i = 0; i < member->dial_count; i++) {
        if (!node_key_equal(&member->dials[i].key, key))
            continue;
        enum member_purpose purpose = member->dials[i].purpose;
        member->dials[i] = member->dials[--member->dial_count];
        return purpose;
    }
    return MEMBER_ADDS;
}

/* The end of need begins a sweep. */
static void watch_need(struct member *member, const struct turn *turn)
{
    bool is_starving = member_is_starving(member);
    if (is_starving) {
        member->sweep_ms = UINT64_MAX;
    } else if (member->was_starving) {
        member->sweep_left = MEMBER_SWEEP_EDGES;
        member->sweep_started_ms = turn->now_ms;
        member->sweep_ms = turn->now_ms + MEMBER_SWEEP_PACE_MS;
    }
    member->was_starving = is_starving;
}

static bool next_of_sweep(
    struct member *member, struct turn *turn, struct node_address *out)
{
    if (member->sweep_ms > turn->now_ms)
        return false;
    member->sweep_ms = turn->now_ms + MEMBER_SWEEP_PACE_MS / 2 +
                       random_below(turn->random, MEMBER_SWEEP_PACE_MS);
    if (member->dial_count >= MEMBER_DIALS)
        return false;
    uint64_t before_ms = member->sweep_started_ms;
    if (view_pick_stale(&member->view, turn, before_ms, out))
        return begin_dial(member, turn, out,
            member->sweep_left > 0 ? MEMBER_RENEWS : MEMBER_ADDS);
    if (turn->now_ms >= before_ms + MEMBER_SWEEP_MS)
        member->sweep_ms = UINT64_MAX;
    return false;
}

/* Of the anchors that are missed one is dialled each cycle: who is back of
 * those that were away for hours is to be found soon.  It costs nobody an edge
 * unless it is a bridge.  To dial all that fail would win edges for whoever has
 * no room now and then: in meshes of 10,000 with 500 sybils two nodes ended
 * among these. */
static bool next_missed(
    struct member *member, struct turn *turn, struct node_address *out)
{
    bool is_due = member->wants_missed;
    member->wants_missed = false;
    return is_due && member->dial_count < MEMBER_DIALS &&
           view_pick_missed(&member->view, turn, out) &&
           begin_dial(member, turn, out, MEMBER_REVISITS);
}

static bool next_to_widen(
    struct member *member, struct turn *turn, struct node_address *out)
{
    if (member->dial_count >= MEMBER_DIALS ||
        !member_pick_to_widen(member, turn, out) ||
        !begin_dial(member, turn, out, MEMBER_RENEWS))
        return false;
    member->widen_left--;
    return true;
}

/* An anchor is dialled now and then whatever the degree: it may be of a part
 * of the mesh that nobody else here remembers. */
static bool next_renewal(
    struct member *member, struct turn *turn, struct node_address *out)
{
    bool probe = member->wants_probe, renewal = member->wants_renewal;
    member->wants_probe = member->wants_renewal = false;
    if (member->dial_count >= MEMBER_DIALS)
        return false;
    while (probe && view_pick_anchor(&member->view, turn, out))
        if (begin_dial(member, turn, out,
                MEMBER_RENEWS)) /* else it is a neighbour now */
            return true;
    return renewal && view_pick(&member->view, turn, false, out) &&
           begin_dial(member, turn, out, MEMBER_RENEWS);
}

bool member_next_dial(
    struct member *member, struct turn *turn, struct node_address *out)
{
    watch_need(member, turn);
    if (next_of_sweep(member, turn, out) || next_to_widen(member, turn, out) ||
        next_missed(member, turn, out) || next_renewal(member, turn, out))
        return true;
    if (!has_room_to_dial(member) || member->dial_ms > turn->now_ms)
        return false;
    bool in_need = member_is_starving(member), begun = false;
    while (!begun && (view_pick(&member->view, turn, in_need, out) ||
                         view_pick_anchor(&member->view, turn, out)))
        begun = begin_dial(member, turn, out, MEMBER_ADDS);
    uint64_t wait_ms = !begun                       ? MEMBER_IDLE_MS
                       : member_is_starving(member) ? MEMBER_HURRY_MS
                                                    : MEMBER_PACE_MS;
    member->dial_ms = turn->now_ms + wait_ms;
    return begun;
}

void member_tick(struct member *member, struct turn *turn)
{
    member_tick_links(member, turn);
    if (member->cycle_ms <= turn->now_ms)
        tick_cycle(member, turn);
    if (member->keep_ms <= turn->now_ms)
        member_keep(member, turn);
}

uint64_t member_deadline_ms(const struct member *member)
{
    uint64_t least = member->cycle_ms;
    if (!member->is_on)
        return UINT64_MAX;
    if (member->sweep_ms < least)
        least = member->sweep_ms;
    if (member->keep_ms < least)
        least = member->keep_ms;
    uint64_t links_ms = member_links_deadline_ms(member);
    if (links_ms < least)
        least = links_ms;
    if (member->dial_ms < least && view_has_any(&member->view) &&
        has_room_to_dial(member))
        least = member->dial_ms;
    return least;
}

/* Whom to remember, the most useful first. */
static size_t kept_nodes(const struct member *member, struct kept_node *out)
{
    size_t count = 0, cursor = 0;
    bool is_anchor;
    const struct view_entry *entry;
    while ((entry = view_next(&member->view, &cursor, &is_anchor)))
        if (is_anchor)
            out[count++] = (struct kept_node){entry->at, true};
    for (size_t i = 0; i < member->count && count < LIMIT_KEPT_NODES; i++) {
        const struct member_link *link = &member->list[i];
        if (link->place == MEMBER_EDGE &&
            view_may_cross(&link->at.address, link->scope))
            out[count++] = (struct kept_node){link->at, false};
    }
    cursor = 0;
    while (count < LIMIT_KEPT_NODES &&
           (entry = view_next(&member->view, &cursor, &is_anchor)))
        if (!is_anchor && entry->is_known)
            out[count++] = (struct kept_node){entry->at, false};
    cursor = 0;
    const struct past_entry *past;
    while (count < LIMIT_KEPT_NODES &&
           (past = past_next(&member->view.past, &cursor)))
        if (past->is_known && !member_is_near(member, &past->at.node))
            out[count++] = (struct kept_node){past->at, false};
    return count;
}

void member_keep(struct member *member, struct turn *turn)
{
    if (!member->is_on)
        return;
    member->keep_ms = turn->now_ms + MEMBER_KEEP_MS;
    struct kept_node *nodes =
        turn_alloc(turn, LIMIT_KEPT_NODES * sizeof(*nodes));
    size_t count = nodes ? kept_nodes(member, nodes) : 0;
    if (count == 0) /* what an earlier run knew is better than nothing */
        return;
    struct relay_effect *effect = turn_effect(turn, RELAY_KEEP_NODES);
    effect->keep.count = count;
    effect->keep.nodes = nodes;
}

void member_restore(
    struct member *member, struct turn *turn, const struct kept_node *kept)
{
    if (!member->is_on || node_key_equal(&kept->at.node, &member->self) ||
        address_scope(&kept->at.address) == ADDRESS_NOWHERE)
        return;
    if (kept->is_anchor)
        view_anchor(&member->view, turn, &kept->at);
    if (!member_is_near(member, &kept->at.node))
        view_offer(&member->view, turn, &(struct view_offer){.at = &kept->at});
}
