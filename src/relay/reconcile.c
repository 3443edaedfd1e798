/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With whom sets are compared, and when: on a link that opens, from time to
 * time with the peer whose turn it is, and again wherever something came, was
 * cut off or is still owed.  A peer has at most one run of ours and one of its
 * own; a run that is cut off by its rounds is followed by another as long as
 * runs move something.
 *
 * It is the turn of whom no run began with for longest, whichever end began it.
 * So what a link lost waits for no more turns than either of its ends has
 * peers, where chance might pass over one for ever; and as both ends take turns
 * at different moments, and each counts the other's, for half as long on
 * average.  A turn is over once it is given, whatever becomes of it, or a peer
 * that never answers would have them all. */
#include "relay/reconcile.h"

#include <stdlib.h>
#include <string.h>

#include "relay/reconcile_run.h"

enum { DIALLED_BIT = 1u << 31 };

void reconcile_init(
    struct reconcile *reconcile, uint64_t interval_ms, uint64_t seed)
{
    *reconcile = (struct reconcile){
        .interval_ms = interval_ms,
        .periodic_ms = UINT64_MAX,
        .due_ms = UINT64_MAX,
    };
    memo_init(&reconcile->unkept, sizeof(struct unkept), sizeof(struct unkept),
        LIMIT_UNKEPT_IDS, seed);
}

void reconcile_clear(struct reconcile *reconcile)
{
    for (size_t i = 0; i < reconcile->count; i++) {
        reconcile_run_free(&reconcile->peers[i].begun);
        reconcile_run_free(&reconcile->peers[i].answering);
    }
    free(reconcile->peers);
    memo_clear(&reconcile->unkept);
    *reconcile = (struct reconcile){0};
}

struct reconcile_peer *reconcile_peer(
    const struct reconcile *reconcile, uint32_t link)
{
    for (size_t i = 0; i < reconcile->count; i++)
        if (reconcile->peers[i].link == link)
            return &reconcile->peers[i];
    return NULL;
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

static uint64_t least_of(uint64_t least, const struct run *run)
{
    return run && run->deadline_ms < least ? run->deadline_ms : least;
}

/* After every change, for few events change anything here, and after each a
 * deadline is asked for. */
static void look_ahead(struct reconcile *reconcile)
{
    uint64_t least = reconcile->periodic_ms;
    for (size_t i = 0; i < reconcile->count; i++) {
        least = least_of(least, reconcile->peers[i].begun);
        least = least_of(least, reconcile->peers[i].answering);
    }
    const struct reconcile_peer *due = next_due(reconcile);
    reconcile->due_ms = due && due->due_ms < least ? due->due_ms : least;
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
        .turn_ms = turn->now_ms,
    };
    if (reconcile->periodic_ms == UINT64_MAX)
        arm(reconcile, turn);
    look_ahead(reconcile);
}

void reconcile_link_down(struct reconcile *reconcile, uint32_t link)
{
    struct reconcile_peer *peer = reconcile_peer(reconcile, link);
    if (!peer)
        return;
    reconcile_run_free(&peer->begun);
    reconcile_run_free(&peer->answering);
    size_t behind = reconcile->count - (size_t)(peer - reconcile->peers) - 1;
    memmove(peer, peer + 1, behind * sizeof(*peer));
    if (--reconcile->count == 0)
        reconcile->periodic_ms = UINT64_MAX;
    look_ahead(reconcile);
}

static void due_at(struct reconcile_peer *peer, uint64_t at_ms)
{
    if (at_ms < peer->due_ms)
        peer->due_ms = at_ms;
}

/* Between two runs with that peer. */
static uint64_t pause_ms(const struct reconcile_peer *peer)
{
    return (uint64_t)RECONCILE_PAUSE_MS << peer->fruitless;
}

void reconcile_again(
    struct reconcile *reconcile, struct turn *turn, uint32_t link)
{
    struct reconcile_peer *peer = reconcile_peer(reconcile, link);
    if (!peer || peer->due_ms != UINT64_MAX || peer->tries >= RECONCILE_TRIES)
        return;
    uint8_t doublings =
        peer->tries > peer->fruitless ? peer->tries : peer->fruitless;
    due_at(peer, turn->now_ms + ((uint64_t)RECONCILE_PAUSE_MS << doublings));
    peer->tries++;
    look_ahead(reconcile);
}

void reconcile_others(
    struct reconcile *reconcile, struct turn *turn, uint32_t link)
{
    for (size_t i = 0; i < reconcile->count; i++) {
        struct reconcile_peer *peer = &reconcile->peers[i];
        if (peer->link == link || peer->due_ms != UINT64_MAX)
            continue;
        peer->tries = 0;
        due_at(peer, turn->now_ms + pause_ms(peer) +
                         random_below(turn->random, pause_ms(peer)));
    }
    look_ahead(reconcile);
}

void reconcile_soon(struct reconcile *reconcile, const struct turn *turn)
{
    if (reconcile->periodic_ms == UINT64_MAX ||
        reconcile->periodic_ms <= turn->now_ms + RECONCILE_SOON_MS)
        return;
    reconcile->periodic_ms = turn->now_ms + RECONCILE_SOON_MS;
    look_ahead(reconcile);
}

static void go_on_with(struct reconcile_peer *peer)
{
    peer->useful = true;
    peer->tries = 0;
}

void reconcile_useful(struct reconcile *reconcile, uint32_t link)
{
    struct reconcile_peer *peer = reconcile_peer(reconcile, link);
    if (peer)
        go_on_with(peer);
}

static void has_moved(struct reconcile_peer *peer)
{
    go_on_with(peer);
    peer->moved = true;
    peer->fruitless = 0;
}

void reconcile_moved(struct reconcile *reconcile, uint32_t link)
{
    struct reconcile_peer *peer = reconcile_peer(reconcile, link);
    if (peer)
        has_moved(peer);
}

void reconcile_served(
    struct reconcile *reconcile, struct turn *turn, uint32_t link)
{
    struct reconcile_peer *peer = reconcile_peer(reconcile, link);
    if (!peer)
        return;
    has_moved(peer);
    if (peer->due_ms < turn->now_ms + RECONCILE_PAUSE_MS)
        peer->due_ms = turn->now_ms + RECONCILE_PAUSE_MS;
    look_ahead(reconcile);
}

void reconcile_warm(const struct reconcile *reconcile)
{
    for (size_t i = 0; i < reconcile->count; i++)
        __builtin_prefetch(&reconcile->peers[i].link);
}

bool reconcile_gave(struct reconcile *reconcile, uint32_t link, uint32_t bytes)
{
    struct reconcile_peer *peer = reconcile_peer(reconcile, link);
    if (!peer || peer->may_give_bytes == 0)
        return false;
    peer->may_give_bytes -=
        bytes < peer->may_give_bytes ? bytes : peer->may_give_bytes;
    return true;
}

static bool is_over(const struct run *run, uint64_t now_ms)
{
    return run && run->deadline_ms <= now_ms;
}

static void give_up_runs(struct reconcile *reconcile, struct turn *turn)
{
    for (size_t i = 0; i < reconcile->count; i++) {
        struct reconcile_peer *peer = &reconcile->peers[i];
        if (is_over(peer->answering, turn->now_ms))
            reconcile_run_free(&peer->answering);
        if (is_over(peer->begun, turn->now_ms)) {
            reconcile_run_free(&peer->begun);
            reconcile_again(reconcile, turn, peer->link);
        }
    }
}

/* Of those whose last turn was at the same moment, the one that came first. */
static struct reconcile_peer *next_in_turn(const struct reconcile *reconcile)
{
    struct reconcile_peer *next = reconcile->peers;
    for (size_t i = 1; i < reconcile->count; i++)
        if (reconcile->peers[i].turn_ms < next->turn_ms)
            next = &reconcile->peers[i];
    return next;
}

static void give_turn(struct reconcile_peer *peer, const struct turn *turn)
{
    peer->tries = 0;
    peer->turn_ms = turn->now_ms;
    due_at(peer, turn->now_ms);
}

void reconcile_tick(struct reconcile *reconcile, struct turn *turn)
{
    if (reconcile->due_ms > turn->now_ms)
        return;
    give_up_runs(reconcile, turn);
    if (reconcile->count > 0 && reconcile->periodic_ms <= turn->now_ms) {
        give_turn(next_in_turn(reconcile), turn);
        arm(reconcile, turn);
    }
    look_ahead(reconcile);
}

bool reconcile_due(
    const struct reconcile *reconcile, const struct turn *turn, uint32_t *link)
{
    if (reconcile->due_ms > turn->now_ms)
        return false;
    const struct reconcile_peer *peer = next_due(reconcile);
    if (!peer || peer->due_ms > turn->now_ms)
        return false;
    *link = peer->link;
    return true;
}

void reconcile_postpone(
    struct reconcile *reconcile, struct turn *turn, uint32_t link)
{
    reconcile_peer(reconcile, link)->due_ms = turn->now_ms + RECONCILE_OWED_MS;
    look_ahead(reconcile);
}

/* What begins it may wait long in the queue of a slow link, as may what answers
 * it: given up too soon it would be begun again, and every answer come to a run
 * that is over. */
static uint64_t answer_ms(const struct reconcile_peer *peer)
{
    uint64_t ms = (uint64_t)RUN_ANSWER_MS << peer->tries;
    return ms < RUN_SLOW_MS ? ms : RUN_SLOW_MS;
}

void reconcile_begin(struct reconcile *reconcile, struct turn *turn,
    uint32_t link, const struct set_sum *whole)
{
    struct reconcile_peer *peer = reconcile_peer(reconcile, link);
    uint32_t number = ++reconcile->last_run & ~(uint32_t)DIALLED_BIT;
    if (!peer->outbound)
        number |= DIALLED_BIT;
    peer->begun = reconcile_run_new(turn, link, number, 1);
    if (!peer->begun)
        return;
    peer->due_ms = UINT64_MAX;
    peer->turn_ms = turn->now_ms;
    peer->useful = false;
    peer->moved = false;
    peer->may_give_bytes = RECONCILE_GIVE_BYTES;
    peer->begun->deadline_ms = turn->now_ms + answer_ms(peer);
    reconcile_run_open(turn, peer->begun, whole);
    look_ahead(reconcile);
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
        reconcile_run_free(run);
        *run = reconcile_run_new(turn, peer->link, frame->run, 0);
        peer->may_give_bytes = RECONCILE_GIVE_BYTES;
        peer->turn_ms = turn->now_ms;
    }
    bool in_turn = *run && (*run)->number == frame->run &&
                   (*run)->round == frame->round && frame->round < RUN_STEPS;
    return in_turn ? *run : NULL;
}

/* What one has no room for, and the other has, they differ in for long: the
 * less such runs move, the less often they are begun. */
static void count_fruitless(struct reconcile_peer *peer, const struct run *run)
{
    bool differs = run->set != NULL;
    bool is_crowded = differs && (run->set->is_crowded || peer->is_crowded);
    if (is_crowded && !peer->moved && peer->fruitless < RECONCILE_FRUITLESS)
        peer->fruitless++;
}

/* A run is over: where it was ours, was cut off and moved something, another
 * follows. */
static void finish(struct turn *turn, struct reconcile_peer *peer,
    const struct frame_reconcile *frame)
{
    struct run **run = run_of(peer, frame);
    if (run == &peer->begun) {
        count_fruitless(peer, *run);
        if (!(*run)->cut)
            peer->tries = 0;
        else if (peer->useful)
            due_at(peer, turn->now_ms + pause_ms(peer));
    }
    reconcile_run_free(run);
}

static enum reconcile_step take(struct turn *turn, struct reconcile_peer *peer,
    const struct frame_reconcile *frame, const struct set_sum *whole)
{
    struct run *run = peer ? admit(turn, peer, frame) : NULL;
    if (!run) {
        turn_refuse(turn, REFUSAL_RECONCILE);
        return RECONCILE_REFUSED;
    }
    if (frame->range_count == 0) {
        run->cut |= frame->round + 1 >= RUN_STEPS;
        bool all = !run->cut && !run->listed;
        finish(turn, peer, frame);
        return all ? RECONCILE_EQUAL : RECONCILE_DONE;
    }
    if (frame->round == 0 && reconcile_run_is_equal(frame, whole)) {
        run->round = 2;
        reconcile_run_send(turn, run, NULL, 0);
        finish(turn, peer, frame);
        return RECONCILE_EQUAL;
    }
    return run->set ? RECONCILE_ANSWER : RECONCILE_FREEZE;
}

enum reconcile_step reconcile_receive(struct reconcile *reconcile,
    struct turn *turn, uint32_t link, const struct frame_reconcile *frame,
    const struct set_sum *whole)
{
    struct reconcile_peer *peer = reconcile_peer(reconcile, link);
    enum reconcile_step step = take(turn, peer, frame, whole);
    if (step == RECONCILE_EQUAL)
        peer->is_crowded = false;
    look_ahead(reconcile);
    return step;
}

void reconcile_freeze(struct reconcile *reconcile, uint32_t link,
    const struct frame_reconcile *frame, struct set_view *view)
{
    struct run *run = *run_of(reconcile_peer(reconcile, link), frame);
    run->set = set_view_hold(view);
}

void reconcile_answer(struct reconcile *reconcile, struct turn *turn,
    uint32_t link, const struct frame_reconcile *frame,
    struct reconcile_findings *out)
{
    struct reconcile_peer *peer = reconcile_peer(reconcile, link);
    if (reconcile_run_answer(reconcile, turn, *run_of(peer, frame), frame, out))
        finish(turn, peer, frame);
    look_ahead(reconcile);
}

uint64_t reconcile_deadline_ms(const struct reconcile *reconcile)
{
    return reconcile->due_ms;
}

size_t reconcile_bytes(const struct reconcile *reconcile)
{
    size_t bytes = reconcile->capacity * sizeof(*reconcile->peers) +
                   memo_bytes(&reconcile->unkept);
    for (size_t i = 0; i < reconcile->count; i++)
        bytes += reconcile_run_bytes(reconcile->peers[i].begun) +
                 reconcile_run_bytes(reconcile->peers[i].answering);
    return bytes;
}

const char *reconcile_step_violation(const struct reconcile *reconcile)
{
    return (reconcile->count == 0) != (reconcile->periodic_ms == UINT64_MAX)
               ? "the periodic reconciliation is not armed"
               : NULL;
}

const char *reconcile_violation(const struct reconcile *reconcile)
{
    size_t begun = 0;
    for (size_t i = 0; i < reconcile->count; i++) {
        const struct reconcile_peer *peer = &reconcile->peers[i];
        begun += peer->begun != NULL;
        if ((peer->begun && peer->begun->round > RUN_STEPS) ||
            (peer->answering && peer->answering->round > RUN_STEPS))
            return "a reconciliation is over its rounds";
    }
    if (begun > RECONCILE_AT_ONCE)
        return "too many reconciliations begun at once";
    return reconcile_step_violation(reconcile);
}
