/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set is what is stored.  What is cleared belongs to no set: its opening can
 * be checked only by who has seen the envelope, so a stranger to it could not
 * take it over, and sets that differ in nothing that can be moved would differ
 * for ever.  Instead, whoever offers a cleared item is given its receipt.
 *
 * A small gap is closed by pushing at once what the other lacks, which costs
 * no id on the wire; past RECONCILE_GIVE_BYTES ids are listed (REPLY) and the
 * other asks for them at its own pace (WANT).
 *
 * When an answer does not fit its frame, all that is left is summed up in one
 * fingerprint, and the next steps come back to it.  A run that is cut off by
 * its rounds is followed by another as long as runs move something. */
#include "relay/reconcile.h"

#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"

enum {
    STEPS = 2 * LIMIT_RECONCILE_ROUNDS, /* frames of a run */
    DIALLED_BIT = 1u << 31,
    GIVES_MAXIMUM = 160,
    /* Encoded sizes, at most. */
    RANGE_BYTES = 48,
    ITEM_BYTES = 21,
    ANSWER_BYTES = LIMIT_RECONCILE_BYTES - 3 * RANGE_BYTES,
    ANSWER_ITEMS = ANSWER_BYTES / ITEM_BYTES,
};

struct run {
    uint32_t number;
    uint32_t round; /* of the frame that is expected */
    uint64_t deadline_ms;
    bool frozen;
    bool listed; /* something that the peer lacks was not pushed */
    bool cut;    /* the rounds ended before the differences */
    uint32_t given_bytes;
    uint32_t given_receipts;
    struct set_snapshot set;
};

struct reconcile_peer {
    uint32_t link;
    bool outbound;
    bool useful;
    uint8_t tries;
    uint64_t due_ms; /* UINT64_MAX: not */
    struct run *begun;
    struct run *answering;
};

void reconcile_init(struct reconcile *reconcile, uint64_t interval_ms)
{
    *reconcile = (struct reconcile){
        .interval_ms = interval_ms,
        .periodic_ms = UINT64_MAX,
    };
}

static void run_free(struct run **run)
{
    if (*run)
        set_free(&(*run)->set);
    free(*run);
    *run = NULL;
}

void reconcile_clear(struct reconcile *reconcile)
{
    for (size_t i = 0; i < reconcile->count; i++) {
        run_free(&reconcile->peers[i].begun);
        run_free(&reconcile->peers[i].answering);
    }
    free(reconcile->peers);
    *reconcile = (struct reconcile){0};
}

static struct reconcile_peer *find(
    const struct reconcile *reconcile, uint32_t link)
{
    for (size_t i = 0; i < reconcile->count; i++)
        if (reconcile->peers[i].link == link)
            return &reconcile->peers[i];
    return NULL;
}

static void arm(struct reconcile *reconcile, struct turn *turn)
{
    uint64_t interval_ms = reconcile->interval_ms;
    reconcile->periodic_ms = turn->now_ms + interval_ms - interval_ms / 4 +
                             random_below(turn->random, interval_ms / 2 + 1);
}

void reconcile_link_open(struct reconcile *reconcile, struct turn *turn,
    uint32_t link, bool outbound)
{
    if (turn_grow(turn, (void **)&reconcile->peers, reconcile->count,
            &reconcile->capacity, sizeof(*reconcile->peers)))
        return;
    reconcile->peers[reconcile->count++] = (struct reconcile_peer){
        .link = link,
        .outbound = outbound,
        .due_ms = outbound ? turn->now_ms : UINT64_MAX,
    };
    if (reconcile->periodic_ms == UINT64_MAX)
        arm(reconcile, turn);
}

void reconcile_link_down(struct reconcile *reconcile, uint32_t link)
{
    struct reconcile_peer *peer = find(reconcile, link);
    if (!peer)
        return;
    run_free(&peer->begun);
    run_free(&peer->answering);
    size_t behind = reconcile->count - (size_t)(peer - reconcile->peers) - 1;
    memmove(peer, peer + 1, behind * sizeof(*peer));
    if (--reconcile->count == 0)
        reconcile->periodic_ms = UINT64_MAX;
}

static void due_at(struct reconcile_peer *peer, uint64_t at_ms)
{
    if (at_ms < peer->due_ms)
        peer->due_ms = at_ms;
}

void reconcile_again(
    struct reconcile *reconcile, struct turn *turn, uint32_t link)
{
    struct reconcile_peer *peer = find(reconcile, link);
    if (!peer || peer->due_ms != UINT64_MAX || peer->tries >= RECONCILE_TRIES)
        return;
    due_at(peer, turn->now_ms + ((uint64_t)RECONCILE_PAUSE_MS << peer->tries));
    peer->tries++;
}

void reconcile_others(
    struct reconcile *reconcile, struct turn *turn, uint32_t link)
{
    for (size_t i = 0; i < reconcile->count; i++) {
        struct reconcile_peer *peer = &reconcile->peers[i];
        if (peer->link == link || peer->due_ms != UINT64_MAX)
            continue;
        peer->tries = 0;
        due_at(peer, turn->now_ms + RECONCILE_PAUSE_MS +
                         random_below(turn->random, RECONCILE_PAUSE_MS));
    }
}

void reconcile_useful(struct reconcile *reconcile, uint32_t link)
{
    struct reconcile_peer *peer = find(reconcile, link);
    if (!peer)
        return;
    peer->useful = true;
    peer->tries = 0;
}

void reconcile_served(
    struct reconcile *reconcile, struct turn *turn, uint32_t link)
{
    struct reconcile_peer *peer = find(reconcile, link);
    if (!peer)
        return;
    reconcile_useful(reconcile, link);
    if (peer->due_ms < turn->now_ms + RECONCILE_PAUSE_MS)
        peer->due_ms = turn->now_ms + RECONCILE_PAUSE_MS;
}

static bool is_over(const struct run *run, uint64_t now_ms)
{
    return run && run->deadline_ms <= now_ms;
}

void reconcile_tick(struct reconcile *reconcile, struct turn *turn)
{
    for (size_t i = 0; i < reconcile->count; i++) {
        struct reconcile_peer *peer = &reconcile->peers[i];
        if (is_over(peer->answering, turn->now_ms))
            run_free(&peer->answering);
        if (is_over(peer->begun, turn->now_ms)) {
            run_free(&peer->begun);
            reconcile_again(reconcile, turn, peer->link);
        }
    }
    if (reconcile->count == 0 || reconcile->periodic_ms > turn->now_ms)
        return;
    uint64_t chosen = random_below(turn->random, reconcile->count);
    reconcile->peers[chosen].tries = 0;
    due_at(&reconcile->peers[chosen], turn->now_ms);
    arm(reconcile, turn);
}

static bool may_begin(const struct reconcile *reconcile)
{
    size_t begun = 0;
    for (size_t i = 0; i < reconcile->count; i++)
        begun += reconcile->peers[i].begun != NULL;
    return begun < RECONCILE_AT_ONCE;
}

/* The one that has been due for longest. */
static const struct reconcile_peer *next_due(const struct reconcile *reconcile)
{
    const struct reconcile_peer *first = NULL;
    if (!may_begin(reconcile))
        return NULL;
    for (size_t i = 0; i < reconcile->count; i++) {
        const struct reconcile_peer *peer = &reconcile->peers[i];
        if (peer->begun || peer->due_ms == UINT64_MAX)
            continue;
        if (!first || peer->due_ms < first->due_ms)
            first = peer;
    }
    return first;
}

bool reconcile_due(
    const struct reconcile *reconcile, const struct turn *turn, uint32_t *link)
{
    const struct reconcile_peer *peer = next_due(reconcile);
    if (!peer || peer->due_ms > turn->now_ms)
        return false;
    *link = peer->link;
    return true;
}

void reconcile_postpone(
    struct reconcile *reconcile, struct turn *turn, uint32_t link)
{
    find(reconcile, link)->due_ms = turn->now_ms + RECONCILE_OWED_MS;
}

static struct run *run_new(struct turn *turn, uint32_t number, uint32_t round)
{
    struct run *run = calloc(1, sizeof(*run));
    if (!run) {
        turn->status = STATUS_NO_MEMORY;
        return NULL;
    }
    run->number = number;
    run->round = round;
    run->deadline_ms = turn->now_ms + RECONCILE_ANSWER_MS;
    return run;
}

static void send_step(struct turn *turn, uint32_t link, const struct run *run,
    uint32_t round, const struct reconcile_range *ranges, size_t count)
{
    turn_send(turn, link, FRAME_RECONCILE)->reconcile =
        (struct frame_reconcile){
            .run = run->number,
            .round = round,
            .range_count = count,
            .ranges = ranges,
        };
}

void reconcile_begin(struct reconcile *reconcile, struct turn *turn,
    uint32_t link, const struct set_sum *whole)
{
    struct reconcile_peer *peer = find(reconcile, link);
    uint32_t number = ++reconcile->last_run & ~(uint32_t)DIALLED_BIT;
    if (!peer->outbound)
        number |= DIALLED_BIT;
    struct reconcile_range *range = turn_alloc(turn, sizeof(*range));
    peer->begun = run_new(turn, number, 1);
    if (!range || !peer->begun)
        return;
    peer->due_ms = UINT64_MAX;
    peer->useful = false;
    *range = (struct reconcile_range){
        .bound = set_end(), .mode = RECONCILE_FINGERPRINT};
    set_fingerprint(whole, range->fingerprint);
    send_step(turn, link, peer->begun, 0, range, 1);
}

bool reconcile_begins(const struct frame_reconcile *frame)
{
    return frame->round == 0;
}

/* Runs begun by the end that was dialled carry the bit. */
static struct run **run_of(
    struct reconcile_peer *peer, const struct frame_reconcile *frame)
{
    bool by_dialled = frame->run & DIALLED_BIT;
    return by_dialled != peer->outbound ? &peer->begun : &peer->answering;
}

/* The run that this frame continues, or begins; NULL when it is out of turn. */
static struct run *admit(struct turn *turn, struct reconcile_peer *peer,
    const struct frame_reconcile *frame)
{
    struct run **run = run_of(peer, frame);
    if (frame->round == 0) {
        if (run == &peer->begun || frame->range_count == 0)
            return NULL;
        run_free(run);
        *run = run_new(turn, frame->run, 0);
    }
    bool in_turn = *run && (*run)->number == frame->run &&
                   (*run)->round == frame->round && frame->round < STEPS;
    return in_turn ? *run : NULL;
}

/* A run is over: where it was ours, was cut off and moved something, another
 * follows. */
static void finish(struct turn *turn, struct reconcile_peer *peer,
    const struct frame_reconcile *frame)
{
    struct run **run = run_of(peer, frame);
    if (run == &peer->begun) {
        if (!(*run)->cut)
            peer->tries = 0;
        else if (peer->useful)
            due_at(peer, turn->now_ms + RECONCILE_PAUSE_MS);
    }
    run_free(run);
}

static bool says_equal(
    const struct frame_reconcile *frame, const struct set_sum *whole)
{
    struct reconcile_bound end = set_end();
    if (frame->range_count != 1 ||
        frame->ranges[0].mode != RECONCILE_FINGERPRINT ||
        set_compare(&frame->ranges[0].bound, &end) != 0)
        return false;
    uint8_t ours[SET_FINGERPRINT_BYTES];
    set_fingerprint(whole, ours);
    return memcmp(ours, frame->ranges[0].fingerprint, sizeof(ours)) == 0;
}

enum reconcile_step reconcile_receive(struct reconcile *reconcile,
    struct turn *turn, uint32_t link, const struct frame_reconcile *frame,
    const struct set_sum *whole)
{
    struct reconcile_peer *peer = find(reconcile, link);
    struct run *run = peer ? admit(turn, peer, frame) : NULL;
    if (!run) {
        turn_refuse(turn, REFUSAL_RECONCILE);
        return RECONCILE_REFUSED;
    }
    if (frame->range_count == 0) {
        run->cut |= frame->round + 1 >= STEPS;
        bool all = !run->cut && !run->listed;
        finish(turn, peer, frame);
        return all ? RECONCILE_EQUAL : RECONCILE_DONE;
    }
    if (frame->round == 0 && says_equal(frame, whole)) {
        send_step(turn, link, run, 1, NULL, 0);
        finish(turn, peer, frame);
        return RECONCILE_EQUAL;
    }
    return run->frozen ? RECONCILE_ANSWER : RECONCILE_SNAPSHOT;
}

void reconcile_freeze(struct reconcile *reconcile, uint32_t link,
    const struct frame_reconcile *frame, struct set_snapshot *snapshot)
{
    struct run *run = *run_of(find(reconcile, link), frame);
    run->set = *snapshot;
    run->frozen = true;
}

/* One answer while it is written. */
struct answer {
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
    set_range_fingerprint(&answer->run->set, low, high, range->fingerprint);
}

/* All that is left, from stored[low] on, in one fingerprint. */
static void close(struct answer *answer, size_t low)
{
    struct reconcile_bound end = set_end();
    emit_fingerprint(answer, low, answer->run->set.stored_count, &end);
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
    for (size_t i = low; i < high; i++)
        add_item(answer, range, &answer->run->set.stored[i].at, ITEM_STORED);
}

static void split(struct answer *answer, size_t low, size_t high,
    const struct reconcile_bound *bound)
{
    const struct set_item *stored = answer->run->set.stored;
    for (size_t way = 0; way < RECONCILE_WAYS; way++) {
        size_t from = low + (high - low) * way / RECONCILE_WAYS;
        size_t to = low + (high - low) * (way + 1) / RECONCILE_WAYS;
        if (!fits(answer, 0)) {
            close(answer, from);
            return;
        }
        struct reconcile_bound end = *bound;
        if (way + 1 < RECONCILE_WAYS)
            end = set_between(&stored[to - 1].at, &stored[to].at);
        emit_fingerprint(answer, from, to, &end);
    }
}

static void answer_fingerprint(struct answer *answer,
    const struct reconcile_range *theirs, size_t low, size_t high)
{
    uint8_t ours[SET_FINGERPRINT_BYTES];
    set_range_fingerprint(&answer->run->set, low, high, ours);
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
static bool give_stored(struct answer *answer, const struct set_item *item)
{
    struct run *run = answer->run;
    if (run->given_bytes + item->bytes > RECONCILE_GIVE_BYTES ||
        !give(answer, &item->at.id))
        return false;
    run->given_bytes += item->bytes;
    return true;
}

/* We do not store this one: want it, or tell that it is over.  False: that has
 * to be listed. */
static bool take_theirs(
    struct answer *answer, const struct reconcile_item *item)
{
    struct reconcile_bound at = {item->expires_h, item->id};
    const struct set_snapshot *set = &answer->run->set;
    const struct set_item *known = set_find(set->other, set->other_count, &at);
    if (!known) {
        want(answer, item);
        return true;
    }
    if (!known->cleared) /* evicted: not asked for again */
        return true;
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
    const struct set_item *ours = &answer->run->set.stored[merge->low];
    const struct reconcile_item *theirs =
        &merge->theirs->items[merge->their_next];
    int order = more_theirs ? 1 : -1;
    if (more_theirs && more_ours) {
        struct reconcile_bound at = {theirs->expires_h, theirs->id};
        order = set_compare(&ours->at, &at);
    }
    *listed = false;
    if (order < 0) {
        *listed = !give_stored(answer, ours);
        *item = (struct reconcile_item){
            ours->at.expires_h, ours->at.id, ITEM_STORED};
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
    const struct set_snapshot *set = &answer->run->set;
    struct reconcile_bound at = {item->expires_h, item->id};
    answer->run->listed = true;
    if (!*reply) /* there is room: each range begins with some */
        *reply = emit(answer, RECONCILE_REPLY, &theirs->bound);
    if (!fits(answer, 1)) {
        (*reply)->bound = at;
        close(answer, set_lower_bound(set->stored, set->stored_count, &at));
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
    const struct set_snapshot *set = &answer->run->set;
    struct reconcile_range *reply = NULL;
    for (size_t i = 0; i < theirs->item_count; i++) {
        struct reconcile_item item = theirs->items[i];
        struct reconcile_bound at = {item.expires_h, item.id};
        bool stored = set_find(set->stored, set->stored_count, &at);
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
    const struct set_snapshot *set = &answer->run->set;
    size_t low = 0;
    for (size_t i = 0; i < frame->range_count && !answer->full; i++) {
        const struct reconcile_range *theirs = &frame->ranges[i];
        size_t high =
            set_lower_bound(set->stored, set->stored_count, &theirs->bound);
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

void reconcile_answer(struct reconcile *reconcile, struct turn *turn,
    uint32_t link, const struct frame_reconcile *frame,
    struct reconcile_findings *out)
{
    struct reconcile_peer *peer = find(reconcile, link);
    struct run *run = *run_of(peer, frame);
    struct answer answer = {.turn = turn, .run = run, .found = out};
    if (!answer_init(&answer, frame))
        return;
    answer_all(&answer, frame);
    uint32_t round = frame->round + 1;
    run->round = round + 1;
    run->deadline_ms = turn->now_ms + RECONCILE_ANSWER_MS;
    if (answer.count > 0 && round + 1 < STEPS) {
        send_step(turn, link, run, round, answer.ranges, answer.count);
        return;
    }
    run->cut |= answer.count > 0;
    if (round < STEPS)
        send_step(turn, link, run, round, NULL, 0);
    out->peer_has_all = !run->cut && !run->listed;
    finish(turn, peer, frame);
}

static uint64_t least_of(uint64_t least, const struct run *run)
{
    return run && run->deadline_ms < least ? run->deadline_ms : least;
}

uint64_t reconcile_deadline_ms(const struct reconcile *reconcile)
{
    uint64_t least = reconcile->periodic_ms;
    for (size_t i = 0; i < reconcile->count; i++) {
        least = least_of(least, reconcile->peers[i].begun);
        least = least_of(least, reconcile->peers[i].answering);
    }
    const struct reconcile_peer *due = next_due(reconcile);
    return due && due->due_ms < least ? due->due_ms : least;
}

static size_t run_bytes(const struct run *run)
{
    if (!run)
        return 0;
    return sizeof(*run) +
           run->set.stored_count *
               (sizeof(struct set_item) + sizeof(struct set_sum)) +
           run->set.other_count * sizeof(struct set_item);
}

size_t reconcile_bytes(const struct reconcile *reconcile)
{
    size_t bytes = reconcile->capacity * sizeof(*reconcile->peers);
    for (size_t i = 0; i < reconcile->count; i++)
        bytes += run_bytes(reconcile->peers[i].begun) +
                 run_bytes(reconcile->peers[i].answering);
    return bytes;
}

const char *reconcile_violation(const struct reconcile *reconcile)
{
    size_t begun = 0;
    for (size_t i = 0; i < reconcile->count; i++) {
        const struct reconcile_peer *peer = &reconcile->peers[i];
        begun += peer->begun != NULL;
        if ((peer->begun && peer->begun->round > STEPS) ||
            (peer->answering && peer->answering->round > STEPS))
            return "a reconciliation is over its rounds";
    }
    if (begun > RECONCILE_AT_ONCE)
        return "too many reconciliations begun at once";
    if ((reconcile->count == 0) != (reconcile->periodic_ms == UINT64_MAX))
        return "the periodic reconciliation is not armed";
    return NULL;
}
