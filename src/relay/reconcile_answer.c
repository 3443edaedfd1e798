/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is answered to the ranges of a frame.  A set is what is stored.  What is
 * cleared belongs to no set: its opening can be checked only by who has seen
 * the envelope, so a stranger to it could not take it over, and sets that
 * differ in nothing that can be moved would differ for ever.  Instead, whoever
 * offers a cleared item is given its receipt.
 *
 * A small gap is closed by pushing at once what the other lacks, which costs
 * no id on the wire; past RECONCILE_GIVE_BYTES ids are listed (REPLY) and the
 * other asks for them at its own pace (WANT).  So are those that it was given
 * before and did not keep; and all of them by who has had to evict something
 * himself, and supposes that others are as crowded: they know what they evicted
 * and what there is no room for, and do not ask for that.
 *
 * When an answer does not fit its frame, all that is left is summed up in one
 * fingerprint, and the next steps come back to it. */
#include <string.h>

#include "proto/limits.h"
#include "relay/reconcile.h"
#include "relay/reconcile_run.h"

enum {
    GIVES_MAXIMUM = 160,
    /* Encoded sizes, at most. */
    RANGE_BYTES = 48,
    ITEM_BYTES = 21,
    ANSWER_BYTES = LIMIT_RECONCILE_BYTES - 3 * RANGE_BYTES,
    ANSWER_ITEMS = ANSWER_BYTES / ITEM_BYTES,
};

/* One answer while it is written. */
struct answer {
    const struct reconcile *reconcile;
    struct turn *turn;
    struct run *run;
    struct reconcile_range *ranges;
    size_t count;
    struct reconcile_item *items;
    size_t item_count;
    size_t bytes;
    bool skipping; /* up to skip_to, and not yet said */
    struct reconcile_bound skip_to;
    bool full; /* closed: nothing more fits */
    struct reconcile_findings *found;
};

static bool fits(const struct answer *answer, size_t items)
{
    return answer->bytes + RANGE_BYTES + items * ITEM_BYTES <= ANSWER_BYTES &&
           answer->count + 3 <= RANGES_MAXIMUM;
}

static struct reconcile_range *emit(struct answer *answer,
    enum reconcile_mode mode, const struct reconcile_bound *bound)
{
    if (answer->skipping) {
        answer->skipping = false;
        answer->ranges[answer->count++] = (struct reconcile_range){
            .mode = RECONCILE_SKIP, .bound = answer->skip_to};
        answer->bytes += RANGE_BYTES;
    }
    struct reconcile_range *range = &answer->ranges[answer->count++];
    *range = (struct reconcile_range){
        .mode = (uint8_t)mode,
        .bound = *bound,
        .items = answer->items + answer->item_count,
    };
    answer->bytes += RANGE_BYTES;
    return range;
}

static void skip(struct answer *answer, const struct reconcile_bound *bound)
{
    answer->skipping = true;
    answer->skip_to = *bound;
}

static void emit_fingerprint(struct answer *answer, size_t low, size_t high,
    const struct reconcile_bound *bound)
{
    struct reconcile_range *range = emit(answer, RECONCILE_FINGERPRINT, bound);
    set_range_fingerprint(answer->run->set, low, high, range->fingerprint);
}

/* All that is left, from stored[low] on, in one fingerprint. */
static void close(struct answer *answer, size_t low)
{
    struct reconcile_bound end = set_end();
    emit_fingerprint(answer, low, answer->run->set->count, &end);
    answer->full = true;
}

static void add_item(struct answer *answer, struct reconcile_range *range,
    const struct reconcile_bound *at, enum item_state state)
{
    answer->items[answer->item_count++] = (struct reconcile_item){
        .expires_h = at->expires_h, .id = at->id, .state = (uint8_t)state};
    range->item_count++;
    answer->bytes += ITEM_BYTES;
}

static void emit_items(struct answer *answer, size_t low, size_t high,
    const struct reconcile_bound *bound)
{
    if (!fits(answer, high - low)) {
        close(answer, low);
        return;
    }
    struct reconcile_range *range = emit(answer, RECONCILE_ITEMS, bound);
    for (size_t i = low; i < high; i++) {
        struct reconcile_bound at = set_at(answer->run->set, i);
        add_item(answer, range, &at, ITEM_STORED);
    }
}

/* In how many parts: so few that each is worth its fingerprint, or what is a
 * little too long for a list would be parted into crumbs. */
static size_t ways_for(size_t items)
{
    size_t ways = items / RECONCILE_PART;
    return ways < RECONCILE_WAYS ? ways : RECONCILE_WAYS;
}

static void split(struct answer *answer, size_t low, size_t high,
    const struct reconcile_bound *bound)
{
    const struct set_view *set = answer->run->set;
    size_t ways = ways_for(high - low);
    for (size_t way = 0; way < ways; way++) {
        size_t from = low + (high - low) * way / ways;
        size_t to = low + (high - low) * (way + 1) / ways;
        if (!fits(answer, 0)) {
            close(answer, from);
            return;
        }
        struct reconcile_bound end = *bound;
        if (way + 1 < ways) {
            struct reconcile_bound last = set_at(set, to - 1);
            struct reconcile_bound next = set_at(set, to);
            end = set_between(&last, &next);
        }
        emit_fingerprint(answer, from, to, &end);
    }
}

static void answer_fingerprint(struct answer *answer,
    const struct reconcile_range *theirs, size_t low, size_t high)
{
    uint8_t ours[SET_FINGERPRINT_BYTES];
    set_range_fingerprint(answer->run->set, low, high, ours);
    if (memcmp(ours, theirs->fingerprint, sizeof(ours)) == 0)
        skip(answer, &theirs->bound);
    else if (high - low <= RECONCILE_LIST)
        emit_items(answer, low, high, &theirs->bound);
    else
        split(answer, low, high, &theirs->bound);
}

static bool give(struct answer *answer, const struct envelope_id *id)
{
    if (answer->found->give_count == GIVES_MAXIMUM)
        return false;
    answer->found->gives[answer->found->give_count++] = *id;
    return true;
}

static void want(struct answer *answer, const struct reconcile_item *item)
{
    answer->found->wants[answer->found->want_count++] =
        (struct reconcile_bound){item->expires_h, item->id};
}

/* The peer lacks this one.  False: it has to be listed. */
static bool give_stored(struct answer *answer, size_t ours)
{
    struct run *run = answer->run;
    const struct catalog_entry *entry =
        catalog_at(run->set->catalog, run->set->members[ours]);
    if (run->set->is_crowded ||
        run->given_bytes + entry->bytes > RECONCILE_GIVE_BYTES ||
        reconcile_is_unkept(
            answer->reconcile, answer->turn, run->link, &entry->id) ||
        !give(answer, &entry->id))
        return false;
    run->given_bytes += entry->bytes;
    return true;
}

/* We do not store this one: want it, or tell that it is over.  False: that has
 * to be listed. */
static bool take_theirs(
    struct answer *answer, const struct reconcile_item *item)
{
    struct reconcile_bound at = {item->expires_h, item->id};
    switch (set_find(answer->run->set, &at)) {
    case SET_UNKNOWN:
        want(answer, item);
        return true;
    case SET_MEMBER:
    case SET_EVICTED: /* not asked for again */
        return true;
    case SET_CLEARED:
        break;
    }
    if (answer->run->given_receipts == RECONCILE_GIVE_RECEIPTS ||
        !give(answer, &item->id))
        return false;
    answer->run->given_receipts++;
    return true;
}

/* Two sorted lists, walked together. */
struct merge {
    const struct reconcile_range *theirs;
    size_t their_next;
    size_t low;
    size_t high;
};

/* Look at the next item of either list; false at the end of both.  *listed is
 * set where the answer has to name it. */
static bool merge_step(struct answer *answer, struct merge *merge,
    struct reconcile_item *item, bool *listed)
{
    bool more_theirs = merge->their_next < merge->theirs->item_count;
    bool more_ours = merge->low < merge->high;
    if (!more_theirs && !more_ours)
        return false;
    struct reconcile_bound ours = {0};
    if (more_ours)
        ours = set_at(answer->run->set, merge->low);
    const struct reconcile_item *theirs =
        &merge->theirs->items[merge->their_next];
    int order = more_theirs ? 1 : -1;
    if (more_theirs && more_ours) {
        struct reconcile_bound at = {theirs->expires_h, theirs->id};
        order = set_compare(&ours, &at);
    }
    *listed = false;
    if (order < 0) {
        *listed = !give_stored(answer, merge->low);
        *item = (struct reconcile_item){ours.expires_h, ours.id, ITEM_STORED};
        merge->low++;
    } else if (order > 0) {
        *listed = !take_theirs(answer, theirs);
        *item = (struct reconcile_item){
            theirs->expires_h, theirs->id, ITEM_CLEARED};
        merge->their_next++;
    } else {
        merge->low++;
        merge->their_next++;
    }
    return true;
}

/* Name one item in the reply to a range.  False when the frame is full at it:
 * what came before is said, and the rest of the set, from that item on, is
 * left to later steps. */
static bool list_item(struct answer *answer, struct reconcile_range **reply,
    const struct reconcile_range *theirs, const struct reconcile_item *item)
{
    struct reconcile_bound at = {item->expires_h, item->id};
    answer->run->listed = true;
    if (!*reply) /* there is room: each range begins with some */
        *reply = emit(answer, RECONCILE_REPLY, &theirs->bound);
    if (!fits(answer, 1)) {
        (*reply)->bound = at;
        close(answer, set_lower_bound(answer->run->set, &at));
        return false;
    }
    add_item(answer, *reply, &at, (enum item_state)item->state);
    return true;
}

static void answer_items(struct answer *answer,
    const struct reconcile_range *theirs, size_t low, size_t high)
{
    struct merge merge = {.theirs = theirs, .low = low, .high = high};
    struct reconcile_range *reply = NULL;
    struct reconcile_item item;
    bool listed;
    while (merge_step(answer, &merge, &item, &listed))
        if (listed && !list_item(answer, &reply, theirs, &item))
            return;
    if (!reply)
        skip(answer, &theirs->bound);
}

/* What they have and we lack, or what is over and we still store.  Of the
 * former, some may be over here: that is said in turn. */
static void answer_reply(
    struct answer *answer, const struct reconcile_range *theirs)
{
    struct reconcile_range *reply = NULL;
    for (size_t i = 0; i < theirs->item_count; i++) {
        struct reconcile_item item = theirs->items[i];
        struct reconcile_bound at = {item.expires_h, item.id};
        bool stored = set_find(answer->run->set, &at) == SET_MEMBER;
        if (item.state == ITEM_CLEARED) {
            if (stored)
                want(answer, &item);
        } else if (!stored && !take_theirs(answer, &item)) {
            item.state = ITEM_CLEARED;
            if (!list_item(answer, &reply, theirs, &item))
                return;
        }
    }
    if (!reply)
        skip(answer, &theirs->bound);
}

static void answer_range(struct answer *answer,
    const struct reconcile_range *theirs, size_t low, size_t high)
{
    switch ((enum reconcile_mode)theirs->mode) {
    case RECONCILE_SKIP:
        skip(answer, &theirs->bound);
        return;
    case RECONCILE_FINGERPRINT:
        answer_fingerprint(answer, theirs, low, high);
        return;
    case RECONCILE_ITEMS:
        answer_items(answer, theirs, low, high);
        return;
    case RECONCILE_REPLY:
        answer_reply(answer, theirs);
        return;
    }
}

static void answer_all(
    struct answer *answer, const struct frame_reconcile *frame)
{
    size_t low = 0;
    for (size_t i = 0; i < frame->range_count && !answer->full; i++) {
        const struct reconcile_range *theirs = &frame->ranges[i];
        size_t high = set_lower_bound(answer->run->set, &theirs->bound);
        if (high < low)
            return;
        if (!fits(answer, 1))
            close(answer, low);
        else
            answer_range(answer, theirs, low, high);
        low = high;
    }
}

static bool answer_init(
    struct answer *answer, const struct frame_reconcile *frame)
{
    struct reconcile_findings *found = answer->found;
    size_t items = 0;
    for (size_t i = 0; i < frame->range_count; i++)
        items += frame->ranges[i].item_count;
    *found = (struct reconcile_findings){0};
    found->gives =
        turn_alloc(answer->turn, GIVES_MAXIMUM * sizeof(*found->gives));
    found->wants =
        turn_alloc(answer->turn, (items + 1) * sizeof(*found->wants));
    answer->ranges =
        turn_alloc(answer->turn, RANGES_MAXIMUM * sizeof(*answer->ranges));
    answer->items =
        turn_alloc(answer->turn, ANSWER_ITEMS * sizeof(*answer->items));
    return found->gives && found->wants && answer->ranges && answer->items;
}

bool reconcile_run_answer(const struct reconcile *reconcile, struct turn *turn,
    struct run *run, const struct frame_reconcile *frame,
    struct reconcile_findings *out)
{
    struct answer answer = {
        .reconcile = reconcile, .turn = turn, .run = run, .found = out};
    if (!answer_init(&answer, frame))
        return false;
    answer_all(&answer, frame);
    uint32_t round = frame->round + 1;
    run->round = round + 1;
    run->deadline_ms = turn->now_ms + RUN_SLOW_MS;
    if (answer.count > 0 && round + 1 < RUN_STEPS) {
        reconcile_run_send(turn, run, answer.ranges, answer.count);
        return false;
    }
    run->cut |= answer.count > 0;
    if (round < RUN_STEPS)
        reconcile_run_send(turn, run, NULL, 0);
    out->peer_has_all = !run->cut && !run->listed;
    return true;
}
