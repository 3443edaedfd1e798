/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A flow that is alone may fill nearly all that is open to its rank; the more
 * others have, the less it may (a dynamic threshold; Choudhury, Hahne, 1998).
 *
 * The stalest is what a full queue can best do without: by then its peer has
 * most likely been told of it by another.  But it is sought in the flow that
 * has most, not in all, or a flood would drive out what others brought before
 * it. Whether demoting can help at all is reckoned before: what is demoted for
 * nothing costs an announcement, a question and the answer. */
#include "proto/lanes.h"

#include <assert.h>

#include "proto/limits.h"

enum {
    FLOW_TIMES = 8,     /* a flow may fill, of what it leaves */
    KEEPING_BYTES = 64, /* what who keeps a frame knows of it, and malloc */
    ITEM_BYTES = 72,    /* the same on every machine, as runs repeat on all */
};

_Static_assert(sizeof(struct lanes_item) <= ITEM_BYTES, "it is counted");

/* A goodbye goes behind all that it is the end of.  IDONTWANT goes just before
 * the push that it speaks of: well before it, it would be asked for. */
static enum lane_rank rank_of(enum frame_type type)
{
    if (type == FRAME_PUSH || type == FRAME_IDONTWANT)
        return LANE_FORWARD;
    if (type == FRAME_RECONCILE || type == FRAME_DISCONNECT)
        return LANE_RECONCILE;
    return type == FRAME_RECEIPT || type == FRAME_STEM ||
                   type == FRAME_STEM_RECEIPT || type == FRAME_CLEARED
               ? LANE_RECEIPT
               : LANE_CONTROL;
}

/* What one peer's mail brings about waits in a lane of its own; but nothing
 * overtakes a goodbye, nor a word another that it takes back. */
struct lane lanes_of(enum frame_type type, bool urgent, uint32_t from)
{
    enum lane_rank rank = urgent ? LANE_URGENT : rank_of(type);
    bool has_turns = rank == LANE_FORWARD || rank == LANE_RECEIPT;
    return (struct lane){rank, has_turns ? from : 0};
}

bool lanes_is_empty(const struct lanes *lanes)
{
    return !lanes_first(lanes);
}

size_t lanes_cost(size_t frame_bytes)
{
    return ITEM_BYTES + KEEPING_BYTES + frame_bytes;
}

/* Up to where a rank may fill the queue, in eighths of it. */
static size_t open_to(enum lane_rank rank, size_t maximum)
{
    static const size_t eighths[LANE_RANKS] = {
        [LANE_CONTROL] = 8,
        [LANE_URGENT] = 8,
        [LANE_RECEIPT] = 7,
        [LANE_FORWARD] = 6,
        [LANE_RECONCILE] = 4,
    };
    return maximum / 8 * eighths[rank];
}

/* What there would be, of all and of the newcomer's flow. */
struct load {
    size_t all;
    size_t flow;
};

/* Whether that is not too much: of what others leave, a flow leaves a part. */
static bool is_within(
    const struct load *load, enum lane_rank rank, size_t maximum)
{
    size_t open = open_to(rank, maximum);
    return load->all <= open &&
           (rank == LANE_CONTROL ||
               load->flow <= FLOW_TIMES * (open - load->all));
}

bool lanes_has_room(const struct lanes *lanes, struct lane lane,
    size_t frame_bytes, const struct lanes_terms *terms)
{
    size_t cost = lanes_cost(frame_bytes);
    const struct load load = {lanes->bytes + cost,
        fair_flow_cost(&lanes->ranks[lane.rank], lane.flow) + cost};
    return cost <= terms->spare && is_within(&load, lane.rank, terms->maximum);
}

static size_t yielding_to(const struct lanes *lanes, enum lane_rank rank)
{
    size_t bytes = 0;
    for (int i = (int)rank; i < LANE_RANKS; i++)
        bytes += lanes->yielding[i];
    return bytes;
}

bool lanes_can_take(const struct lanes *lanes, struct lane lane,
    size_t frame_bytes, const struct lanes_terms *terms)
{
    size_t cost = lanes_cost(frame_bytes);
    size_t yielding = yielding_to(lanes, lane.rank);
    const struct load load = {lanes->bytes - yielding + cost,
        fair_firm_cost(&lanes->ranks[lane.rank], lane.flow) + cost};
    return cost <= terms->spare + yielding &&
           is_within(&load, lane.rank, terms->maximum);
}

/* Out of the books of what waits, wherever it stood. */
static void strike(struct lanes *lanes, struct lanes_item *item)
{
    lanes->bytes -= item->item.cost;
    if (!item->item.yields)
        return;
    lanes->yielding[item->lane.rank] -= item->item.cost;
    if (item->older)
        item->older->newer = item->newer;
    else
        lanes->oldest = item->newer;
    if (item->newer)
        item->newer->older = item->older;
    else
        lanes->newest = item->older;
}

static void demote(struct lanes *lanes, struct lanes_item *item)
{
    fair_remove(&lanes->ranks[item->lane.rank], &item->item);
    strike(lanes, item);
    item->newer = NULL;
    if (lanes->demoted_last)
        lanes->demoted_last->newer = item;
    else
        lanes->demoted = item;
    lanes->demoted_last = item;
}

/* Of the lowest rank that has such, down to that one. */
static struct lanes_item *find_yielding(
    const struct lanes *lanes, enum lane_rank rank)
{
    struct fair_item *item = NULL;
    for (int i = LANE_RANKS - 1; !item && i >= (int)rank; i--)
        item = fair_yielding(&lanes->ranks[i]);
    return (struct lanes_item *)item; /* which begins with it */
}

static enum status make_room(struct lanes *lanes, struct lane lane,
    size_t frame_bytes, const struct lanes_terms *terms)
{
    struct lanes_terms left = *terms;
    if (!lanes_can_take(lanes, lane, frame_bytes, terms))
        return STATUS_AGAIN;
    while (!lanes_has_room(lanes, lane, frame_bytes, &left)) {
        size_t before = lanes->bytes;
        demote(lanes, find_yielding(lanes, lane.rank));
        left.spare += before - lanes->bytes;
    }
    return STATUS_OK;
}

static void note_age(struct lanes *lanes, struct lanes_item *item)
{
    item->newer = NULL;
    item->older = lanes->newest;
    if (lanes->newest)
        lanes->newest->newer = item;
    else
        lanes->oldest = item;
    lanes->newest = item;
    lanes->yielding[item->lane.rank] += item->item.cost;
}

enum status lanes_add(struct lanes *lanes, struct lanes_item *item,
    size_t frame_bytes, const struct lanes_terms *terms)
{
    item->item.cost = lanes_cost(frame_bytes);
    item->since_ms = terms->now_ms;
    enum status status = make_room(lanes, item->lane, frame_bytes, terms);
    if (!status)
        status = fair_add(
            &lanes->ranks[item->lane.rank], item->lane.flow, &item->item);
    if (status)
        return status;
    lanes->bytes += item->item.cost;
    if (item->item.yields)
        note_age(lanes, item);
    return STATUS_OK;
}

uint64_t lanes_stale_ms(const struct lanes *lanes)
{
    return lanes->oldest ? lanes->oldest->since_ms + LIMIT_FORWARD_STALE_MS
                         : UINT64_MAX;
}

void lanes_pass_time(struct lanes *lanes, uint64_t now_ms)
{
    while (lanes->oldest && lanes_stale_ms(lanes) <= now_ms)
        demote(lanes, lanes->oldest);
}

struct lanes_item *lanes_take_demoted(struct lanes *lanes)
{
    struct lanes_item *item = lanes->demoted;
    if (!item)
        return NULL;
    lanes->demoted = item->newer;
    if (!lanes->demoted)
        lanes->demoted_last = NULL;
    return item;
}

static struct lanes_item *first_of(
    const struct lanes *lanes, enum lane_rank *rank)
{
    struct fair_item *item = NULL;
    for (int i = 0; !item && i < LANE_RANKS; i++) {
        item = fair_first(&lanes->ranks[i]);
        *rank = (enum lane_rank)i;
    }
    return (struct lanes_item *)item; /* which begins with it */
}

struct lanes_item *lanes_first(const struct lanes *lanes)
{
    enum lane_rank rank;
    return first_of(lanes, &rank);
}

struct lanes_item *lanes_take(struct lanes *lanes)
{
    enum lane_rank rank;
    struct lanes_item *item = first_of(lanes, &rank);
    assert(item);
    fair_take(&lanes->ranks[rank]);
    strike(lanes, item);
    return item;
}
