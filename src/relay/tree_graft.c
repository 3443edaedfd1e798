/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was announced and has not come.  It is given the time that a push takes
 * by the tree; then it is asked for, of the nearest of those that announced
 * it, and of another when that one does not answer.  Whoever is asked becomes
 * an eager edge: where something is missing the tree has a hole, and this
 * mends it.
 *
 * An eager edge that used to bring what is new, and announces, says that its
 * other end takes it for lazy: it was tried whether we mind, or our ends
 * disagree.  It is asked at once, by a GRAFT, before a whole branch of the tree
 * falls behind.
 *
 * A receipt that was announced is asked for in the same way, and mends nothing.
 *
 * An announcement proves nothing, so an id costs a bounded number of questions
 * and is then forgotten; what there is behind it, reconciliation finds. */
#include <assert.h>
#include <string.h>

#include "proto/limits.h"
#include "relay/tree.h"
#include "relay/tree_inside.h"

static uint64_t longer(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void due_at(struct tree *tree, uint64_t at_ms)
{
    if (at_ms < tree->graft_at_ms)
        tree->graft_at_ms = at_ms;
}

void tree_was_late(struct tree *tree, uint64_t late_ms)
{
    if (late_ms > TREE_PATIENCE_MS)
        late_ms = TREE_PATIENCE_MS;
    if (tree->late_ms8 == 0) {
        tree->late_ms8 = (uint32_t)late_ms * 8;
        tree->latevar_ms4 = (uint32_t)late_ms * 2;
        return;
    }
    int64_t error = (int64_t)late_ms - tree->late_ms8 / 8;
    uint64_t size = (uint64_t)(error < 0 ? -error : error);
    tree->latevar_ms4 =
        (uint32_t)(tree->latevar_ms4 - tree->latevar_ms4 / 4 + size);
    tree->late_ms8 = (uint32_t)(tree->late_ms8 + error);
}

/* How long something that was announced may take by the tree. */
static uint64_t patience_ms(
    const struct tree *tree, const struct turn *turn, uint32_t link)
{
    uint64_t late_ms = tree->late_ms8 / 8 + tree->latevar_ms4;
    if (late_ms > TREE_PATIENCE_MS)
        late_ms = TREE_PATIENCE_MS;
    return longer(
        longer(TREE_GRAFT_MS, late_ms), 4 * (uint64_t)tree_rtt_ms(turn, link));
}

/* Whether what is new is to be expected over that edge. */
static bool supplies(const struct tree_edge *edge)
{
    return edge->eager && edge->supplies;
}

/* Note that an edge has something; what is missing is then to be asked for in a
 * while, unless it is to be already.  NULL when that cannot be. */
static struct tree_missing *miss(struct tree *tree, struct turn *turn,
    uint32_t link, const struct envelope_id *id, uint64_t patience)
{
    size_t place = tree_place(tree, link);
    void *out = NULL;
    if (place == tree->edge_count)
        return NULL;
    enum status status = table_add(&tree->missing, id, &out);
    if (status == STATUS_NO_MEMORY || status == STATUS_FULL) {
        if (status == STATUS_NO_MEMORY)
            turn->status = status;
        else
            turn_refuse(turn, REFUSAL_RATE);
        return NULL;
    }
    struct tree_missing *missing = out;
    missing->has |= tree_bit(place);
    if (status == STATUS_OK) {
        missing->heard_ms = turn->now_ms;
        missing->at_ms = turn->now_ms + patience;
    }
    due_at(tree, missing->at_ms);
    return missing;
}

void tree_announced(struct tree *tree, struct turn *turn, uint32_t link,
    const struct envelope_id *id)
{
    miss(tree, turn, link, id, patience_ms(tree, turn, link));
}

void tree_receipt_announced(struct tree *tree, struct turn *turn, uint32_t link,
    const struct envelope_id *id)
{
    struct tree_missing *missing =
        miss(tree, turn, link, id, TREE_RECEIPT_LATE_MS);
    if (missing)
        missing->is_receipt = true;
}

void tree_announced_alone(struct tree *tree, const struct turn *turn,
    uint32_t link, const struct envelope_id *id)
{
    size_t place = tree_place(tree, link);
    struct tree_missing *missing = table_find(&tree->missing, id);
    if (!missing || place == tree->edge_count ||
        !supplies(&tree->edges[place]) || (missing->asked & tree_bit(place)))
        return;
    missing->at_ms = turn->now_ms;
    due_at(tree, missing->at_ms);
}

/* It was asked for, of all these, and did not come. */
static void note_broken(struct tree *tree, const struct turn *turn,
    const struct tree_missing *missing)
{
    for (size_t i = 0; i < tree->edge_count; i++) {
        struct tree_window *broken = &tree->talks[i].broken;
        if (!(missing->asked & tree_bit(i)))
            continue;
        if (turn->now_ms - broken->from_ms >= TREE_BROKEN_MS)
            *broken = (struct tree_window){turn->now_ms, 0};
        broken->ids++;
        tree->edges[i].faithless = broken->ids >= TREE_BROKEN;
    }
}

bool tree_take_faithless(struct tree *tree, uint32_t *link)
{
    for (size_t i = 0; i < tree->edge_count; i++) {
        struct tree_edge *edge = &tree->edges[i];
        if (!edge->faithless)
            continue;
        edge->faithless = false;
        tree->talks[i].broken.ids = 0;
        *link = edge->link;
        return true;
    }
    return false;
}

bool tree_take_missing(
    struct tree *tree, const struct envelope_id *id, struct tree_missing *out)
{
    const struct tree_missing *missing = table_find(&tree->missing, id);
    if (!missing)
        return false;
    *out = *missing;
    table_remove(&tree->missing, id);
    return true;
}

void tree_found(struct tree *tree, const struct envelope_id *id)
{
    table_remove(&tree->missing, id);
}

void tree_answered(
    struct tree *tree, uint32_t link, const struct envelope_id *id)
{
    struct tree_missing *missing = table_find(&tree->missing, id);
    size_t place = tree_place(tree, link);
    if (!missing || place == tree->edge_count)
        return;
    missing->has &= ~tree_bit(place);
    missing->asked &= ~tree_bit(place);
}

void tree_refused(
    struct tree *tree, uint32_t link, const struct envelope_id *id)
{
    const struct tree_missing *missing = table_find(&tree->missing, id);
    size_t place = tree_place(tree, link);
    if (missing && place < tree->edge_count &&
        (missing->asked & tree_bit(place)))
        tree_answered(tree, link, id);
}

void tree_missing_forget_edge(struct tree *tree, uint64_t bit)
{
    size_t cursor = 0;
    for (struct tree_missing *missing;
         (missing = table_next(&tree->missing, &cursor));) {
        missing->has &= ~bit;
        missing->asked &= ~bit;
    }
}

/* Of those that have it and were not asked one that supplies us, else the
 * nearest; edge_count: nobody. */
static size_t choose(const struct tree *tree, const struct turn *turn,
    const struct tree_missing *missing)
{
    uint64_t candidates = missing->has & ~missing->asked;
    size_t best = tree->edge_count;
    uint32_t best_rtt_ms = UINT32_MAX;
    if (missing->tries == TREE_TRIES)
        return best;
    for (size_t i = 0; i < tree->edge_count; i++) {
        if (!(candidates & tree_bit(i)))
            continue;
        uint32_t rtt_ms = tree_rtt_ms(turn, tree->edges[i].link);
        if (supplies(&tree->edges[i]))
            return i;
        if (rtt_ms < best_rtt_ms) {
            best = i;
            best_rtt_ms = rtt_ms;
        }
    }
    return best;
}

/* Ask somebody for it, or give it up; the place of whom, and whether by GRAFT:
 * then the edge is eager from now on, at both its ends. */
static size_t ask_one(struct tree *tree, struct turn *turn,
    const struct envelope_id *id, uint8_t *by_graft)
{
    struct tree_missing *missing = table_find(&tree->missing, id);
    size_t place = choose(tree, turn, missing);
    *by_graft = 0;
    if (place == tree->edge_count) {
        note_broken(tree, turn, missing);
        table_remove(&tree->missing, id);
        return place;
    }
    struct tree_edge *edge = &tree->edges[place];
    missing->asked |= tree_bit(place);
    missing->asked_link = edge->link;
    missing->asked_ms = turn->now_ms;
    missing->tries++;
    missing->at_ms =
        turn->now_ms +
        longer(TREE_AGAIN_MS, 2 * (uint64_t)tree_rtt_ms(turn, edge->link));
    if (missing->is_receipt)
        return place;
    bool mends = !edge->shunned && tree_is_mended_by(tree, turn, id);
    edge->eager |= mends;
    *by_graft = mends || supplies(edge);
    return place;
}

/* What is due, and of whom it is asked: a place, edge_count for nobody. */
struct questions {
    const struct envelope_id *ids;
    const uint8_t *places;
    const uint8_t *by_graft; /* else by WANT */
    size_t count;
};

/* One frame, or several, of that type to one edge. */
static void send_asking(struct turn *turn, const struct questions *questions,
    size_t place, uint32_t link, enum frame_type type)
{
    struct envelope_id *ids = NULL;
    size_t filled = 0;
    for (size_t i = 0; i < questions->count; i++) {
        if (questions->places[i] != place ||
            questions->by_graft[i] != (type == FRAME_GRAFT))
            continue;
        if (filled == 0 &&
            !(ids = turn_alloc(turn, LIMIT_FRAME_IDS * sizeof(*ids))))
            return;
        ids[filled++] = questions->ids[i];
        if (filled < LIMIT_FRAME_IDS)
            continue;
        turn_send(turn, link, type)->ids = (struct frame_ids){filled, ids};
        filled = 0;
    }
    if (filled > 0)
        turn_send(turn, link, type)->ids = (struct frame_ids){filled, ids};
}

static size_t find_due(
    const struct tree *tree, const struct turn *turn, struct envelope_id *due)
{
    size_t count = 0, cursor = 0;
    for (const struct tree_missing *missing;
         (missing = table_next(&tree->missing, &cursor));)
        if (missing->at_ms <= turn->now_ms)
            due[count++] = missing->id;
    return count;
}

void tree_ask(struct tree *tree, struct turn *turn)
{
    size_t most = tree->missing.count + 1;
    struct envelope_id *due = turn_alloc(turn, most * sizeof(*due));
    uint8_t *places = turn_alloc(turn, most);
    uint8_t *by_graft = turn_alloc(turn, most);
    if (!due || !places || !by_graft)
        return;
    const struct questions questions = {
        due, places, by_graft, find_due(tree, turn, due)};
    for (size_t i = 0; i < questions.count; i++)
        places[i] = (uint8_t)ask_one(tree, turn, &due[i], &by_graft[i]);
    for (size_t i = 0; i < tree->edge_count && questions.count > 0; i++) {
        uint32_t link = tree->edges[i].link;
        if (!link)
            continue;
        send_asking(turn, &questions, i, link, FRAME_GRAFT);
        send_asking(turn, &questions, i, link, FRAME_WANT);
    }
    tree->graft_at_ms = UINT64_MAX;
    size_t cursor = 0;
    for (const struct tree_missing *missing;
         (missing = table_next(&tree->missing, &cursor));)
        due_at(tree, missing->at_ms);
}
