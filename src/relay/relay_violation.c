/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a relay can find wrong with itself.  After each step that is what the
 * step was about: its link, each envelope that it touched, and all links and
 * dials where it changed those; and what of the rest can be seen without a walk
 * over it: totals, limits, neighbours, edges, and when each room is due.  So it
 * costs a small part of a step, however much is known.
 *
 * The whole look walks all that there is, counts the totals again, and checks
 * each item as a step does its own.  Where thousands of envelopes are known it
 * costs as much as a hundred steps: for tests, and to be done seldom. */
#include "relay/relay.h"

#include "relay/relay_state.h"

static const char *first_of(const char *const *found, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (found[i])
            return found[i];
    return NULL;
}
#define FIRST_OF(found) first_of(found, sizeof(found) / sizeof((found)[0]))

/* What no room can see alone: an envelope that is hidden is nowhere else. */
static const char *hidden_violation(
    const struct relay *relay, const struct stem_item *item)
{
    struct shelf_item shown;
    bool known = shelf_find(&relay->shelf, &item->id, &shown);
    if (item->bytes > 0 && (known || tree_knows(&relay->tree, &item->id)))
        return "what is hidden is known";
    if (item->bytes == 0 && (!known || shown.state == SHELF_CLEARED))
        return "a receipt is hidden that clears nothing";
    return NULL;
}

static const char *hiding_step_violation(const struct relay *relay)
{
    bool may_hide =
        relay->stem.items.count > 0 || relay->admission.making.count > 0;
    return relay->shelf.hidden_bytes > 0 && !may_hide
               ? "what is hidden is miscounted"
               : NULL;
}

static const char *hiding_violation(const struct relay *relay)
{
    size_t cursor = 0;
    uint64_t bytes = admission_waiting_bytes(&relay->admission);
    for (const struct stem_item *item;
         (item = table_next(&relay->stem.items, &cursor));) {
        const char *why = hidden_violation(relay, item);
        if (why)
            return why;
        bytes += item->bytes;
    }
    return bytes == relay->shelf.hidden_bytes ? NULL
                                              : "what is hidden is miscounted";
}

static const char *item_violation(
    const struct relay *relay, const struct envelope_id *id)
{
    const struct stem_item *hidden = stem_find(&relay->stem, id);
    const char *why = hidden ? hidden_violation(relay, hidden) : NULL;
    why = why ? why : stem_item_violation(&relay->stem, id);
    why = why ? why : shelf_item_violation(&relay->shelf, id);
    why = why ? why : tree_item_violation(&relay->tree, id);
    why = why ? why : broadcast_item_violation(&relay->broadcast, id);
    return why ? why : bids_item_violation(&relay->bids, id);
}

static const char *linking_violation(const struct relay *relay)
{
    const char *why = links_violation(&relay->links, relay->now_ms);
    return why ? why : dial_violation(&relay->dial);
}

static const char *totals_violation(const struct relay *relay, uint32_t link)
{
    const char *why = links_step_violation(&relay->links, relay->now_ms, link);
    why = why ? why : dial_step_violation(&relay->dial);
    why = why ? why : member_step_violation(&relay->member, relay->now_ms);
    why = why ? why : score_step_violation(&relay->score);
    why = why ? why : admission_violation(&relay->admission, relay->now_ms);
    why = why ? why : shelf_step_violation(&relay->shelf);
    why = why ? why : tree_step_violation(&relay->tree);
    why = why ? why : stem_step_violation(&relay->stem);
    why = why ? why : hiding_step_violation(relay);
    why = why ? why : receipts_step_violation(&relay->receipts);
    why = why ? why : reconcile_step_violation(&relay->reconcile);
    return why ? why : wants_step_violation(&relay->wants);
}

/* What a step may have changed of what there is many of, as bits. */
enum change {
    CHANGE_LINKS = 1, /* links and dials */
    CHANGE_NODES = 2, /* who is a neighbour, and who is known */
    CHANGE_EDGES = 4, /* edges besides the event's link's */
    CHANGE_SETS = 8,  /* comparisons with anybody */
};

/* What an event is about. */
struct subject {
    uint32_t link;                /* 0: none */
    const struct envelope_id *id; /* NULL: none */
    unsigned changes;
};

/* By what a frame says: it names nodes or makes neighbours of their senders,
 * tells an edge what is here, or compares. */
static unsigned changes_by_frame(enum frame_type type)
{
    if (type == FRAME_IHAVE || type == FRAME_CLEARED || type == FRAME_RECEIPT)
        return CHANGE_EDGES;
    if (type == FRAME_RECONCILE)
        return CHANGE_SETS;
    return type == FRAME_HELLO ||
                   (type >= FRAME_JOIN && type <= FRAME_SHUFFLE_REPLY)
               ? CHANGE_NODES
               : 0;
}

static struct subject subject_of_frame(const struct relay_event *event)
{
    const struct frame *frame = event->frame.frame;
    struct subject subject = {.link = event->frame.link,
        .changes = changes_by_frame(frame->type) & CHANGE_NODES};
    if (frame_has_envelope(frame->type))
        subject.id = &frame->push.id;
    if (frame->type == FRAME_RECEIPT || frame->type == FRAME_STEM_RECEIPT)
        subject.id = &frame->receipt.id;
    return subject;
}

static struct subject subject_of(const struct relay_event *event)
{
    switch (event->kind) {
    case RELAY_FRAME:
    case RELAY_CHECKED:
        return subject_of_frame(event);
    case RELAY_LINK_UP:
        return (struct subject){
            .link = event->link_up.link, .changes = CHANGE_LINKS};
    case RELAY_CONNECT:
    case RELAY_DISCONNECT:
    case RELAY_LINK_DOWN:
    case RELAY_DIAL_FAILED:
    case RELAY_STOP:
        return (struct subject){.changes = CHANGE_LINKS};
    case RELAY_MALFORMED:
    case RELAY_UNKNOWN:
        return (struct subject){.link = event->link.link};
    case RELAY_RESTORED:
        return (struct subject){.id = &event->restored.id};
    case RELAY_DROPPED:
        return (struct subject){.link = event->dropped.link,
            .id = event->dropped.is_push ? &event->dropped.id : NULL};
    case RELAY_LOST:
        return (struct subject){.id = &event->lost.id};
    case RELAY_STAMPED:
        return (struct subject){.id = &event->stamped.id};
    case RELAY_SUBMIT:
        return (struct subject){.id = &event->submit.id};
    case RELAY_RELEASE:
        return (struct subject){.id = &event->release.id};
    case RELAY_IMPORT:
        return (struct subject){.id = &event->import.id};
    case RELAY_RESTORED_NODE:
        return (struct subject){.changes = CHANGE_NODES};
    case RELAY_TICK:
    case RELAY_RESTORED_SCORE:
    case RELAY_LOOKUP:
    case RELAY_LISTEN:
        break;
    }
    return (struct subject){.id = NULL};
}

static unsigned changes_by_effect(const struct relay_effect *effect)
{
    switch (effect->kind) {
    case RELAY_SEND:
        return changes_by_frame(effect->frame.type);
    case RELAY_PUSH:
        return CHANGE_EDGES;
    case RELAY_DIAL:
    case RELAY_UNDIAL:
    case RELAY_HANGUP:
        return CHANGE_LINKS;
    case RELAY_STORE:
    case RELAY_RESTAMP:
    case RELAY_CLEAR:
    case RELAY_EVICT:
    case RELAY_FORGET:
    case RELAY_STEM:
    case RELAY_STAMP:
    case RELAY_HANDED:
    case RELAY_CHECK:
    case RELAY_DELIVER:
    case RELAY_FIND:
    case RELAY_CLEARED:
    case RELAY_REFUSED:
    case RELAY_WAITS:
    case RELAY_IMPORTED:
    case RELAY_KEEP_NODES:
    case RELAY_KEEP_SCORES:
        break;
    }
    return 0;
}

/* Whether something has become of the envelope that an effect names. */
static bool touches_item(enum relay_effect_kind kind)
{
    return kind == RELAY_STORE || kind == RELAY_RESTAMP ||
           kind == RELAY_CLEAR || kind == RELAY_EVICT || kind == RELAY_FORGET ||
           kind == RELAY_STEM || kind == RELAY_STAMP || kind == RELAY_HANDED;
}

/* What there is one of for each link: of the event's alone, where the step had
 * to do with no other. */
static const char *edges_violation(
    const struct relay *relay, uint32_t link, unsigned changes)
{
    bool is_alone = link != 0 && !(changes & CHANGE_LINKS);
    const char *why = is_alone && !(changes & CHANGE_EDGES)
                          ? tree_edge_violation(&relay->tree, link)
                          : tree_edges_violation(&relay->tree);
    return !why && (!is_alone || changes & CHANGE_SETS)
               ? reconcile_violation(&relay->reconcile)
               : why;
}

/* What became of envelopes besides that one; adds what else the effects have
 * changed. */
static const char *effects_violation(const struct relay *relay,
    const struct relay_effects *effects, const struct envelope_id *looked_at,
    unsigned *changes)
{
    for (size_t i = 0; i < effects->count; i++) {
        const struct relay_effect *effect = &effects->list[i];
        *changes |= changes_by_effect(effect);
        if (!touches_item(effect->kind) ||
            (looked_at && envelope_id_equal(&effect->id, looked_at)))
            continue;
        looked_at = &effect->id;
        const char *why = item_violation(relay, looked_at);
        if (why)
            return why;
    }
    return NULL;
}

const char *relay_step_violation(const struct relay *relay,
    const struct relay_event *event, const struct relay_effects *effects)
{
    struct subject about = subject_of(event);
    unsigned changes = about.changes;
    const char *why = totals_violation(relay, about.link);
    if (!why && about.id)
        why = item_violation(relay, about.id);
    if (!why)
        why = effects_violation(relay, effects, about.id, &changes);
    if (!why)
        why = edges_violation(relay, about.link, changes);
    if (!why && changes & CHANGE_LINKS)
        why = linking_violation(relay);
    return !why && changes & (CHANGE_LINKS | CHANGE_NODES)
               ? member_nodes_violation(&relay->member)
               : why;
}

const char *relay_violation(const struct relay *relay)
{
    const char *const found[] = {
        linking_violation(relay),
        member_violation(&relay->member, relay->now_ms),
        score_violation(&relay->score),
        admission_violation(&relay->admission, relay->now_ms),
        bids_violation(&relay->bids),
        shelf_violation(&relay->shelf),
        broadcast_violation(&relay->broadcast),
        tree_violation(&relay->tree),
        stem_violation(&relay->stem),
        hiding_violation(relay),
        receipts_violation(&relay->receipts),
        reconcile_violation(&relay->reconcile),
        memo_violation(&relay->reconcile.unkept),
        wants_violation(&relay->wants),
    };
    return FIRST_OF(found);
}
