/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was announced and has not come.  It is given the time that a push takes
 * by the tree; then it is asked for, of the nearest of those that announced
 * it, and of another when that one does not answer.  Whoever is asked becomes
 * an eager edge: where something is missing the tree has a hole, and this
 * mends it.
 *
 * An announcement proves nothing, so an id costs a bounded number of questions
 * and is then forgotten; what there is behind it, reconciliation finds. */
#include <assert.h>
#include <string.h>

#include "proto/limits.h"
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

void tree_announced(struct tree *tree, struct turn *turn, uint32_t link,
    const struct envelope_id *id)
{
    size_t place = tree_place(tree, link);
    void *out = NULL;
    if (place == tree->edge_count)
        return;
    enum status status = table_add(&tree->missing, id, &out);
    if (status == STATUS_NO_MEMORY || status == STATUS_FULL) {
        if (status == STATUS_NO_MEMORY)
            turn->status = status;
        else
            turn_refuse(turn, REFUSAL_RATE);
        return;
    }
    struct tree_missing *missing = out;
    missing->has |= tree_bit(place);
    if (status == STATUS_EXISTS)
        return;
    missing->at_ms = turn->now_ms +
                     longer(TREE_GRAFT_MS, 4 * (uint64_t)tree_rtt_ms(turn, link));
    due_at(tree, missing->at_ms);
}

bool tree_take_missing(struct tree *tree, const struct envelope_id *id,
    struct tree_missing *out)
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

void tree_missing_forget_edge(struct tree *tree, uint64_t bit)
{
    size_t cursor = 0;
    for (struct tree_missing *missing;
         (missing = table_next(&tree->missing, &cursor));) {
        missing->has &= ~bit;
        missing->asked &= ~bit;
    }
}

/* The nearest of those that have it and were not asked; edge_count: nobody. */
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
        if (rtt_ms < best_rtt_ms) {
            best = i;
            best_rtt_ms = rtt_ms;
        }
    }
    return best;
}

/* Ask somebody for it, or give it up; the place of whom. */
static size_t ask_one(
    struct tree *tree, struct turn *turn, const struct envelope_id *id)
{
    struct tree_missing *missing = table_find(&tree->missing, id);
    size_t place = choose(tree, turn, missing);
    if (place == tree->edge_count) {
        table_remove(&tree->missing, id);
        return place;
    }
    uint32_t link = tree->edges[place].link;
    missing->asked |= tree_bit(place);
    missing->asked_link = link;
    missing->asked_ms = turn->now_ms;
    missing->tries++;
    missing->at_ms = turn->now_ms +
                     longer(TREE_AGAIN_MS, 2 * (uint64_t)tree_rtt_ms(turn, link));
    tree->edges[place].eager = true;
    return place;
}

/* One frame, or several, to one edge: those of the ids that it was chosen for. */
static void send_grafts(struct turn *turn, uint32_t link, size_t place,
    const struct envelope_id *due, const uint8_t *chosen, size_t count)
{
    struct envelope_id *ids = NULL;
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        if (chosen[i] != place)
            continue;
        if (filled == 0 &&
            !(ids = turn_alloc(turn, LIMIT_FRAME_IDS * sizeof(*ids))))
            return;
        ids[filled++] = due[i];
        if (filled < LIMIT_FRAME_IDS)
            continue;
        turn_send(turn, link, FRAME_GRAFT)->ids =
            (struct frame_ids){filled, ids};
        filled = 0;
    }
    if (filled > 0)
        turn_send(turn, link, FRAME_GRAFT)->ids =
            (struct frame_ids){filled, ids};
}

static size_t find_due(const struct tree *tree, const struct turn *turn,
    struct envelope_id *due)
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
    size_t most = tree->missing.count;
    struct envelope_id *due = turn_alloc(turn, (most + 1) * sizeof(*due));
    uint8_t *chosen = turn_alloc(turn, most + 1);
    if (!due || !chosen)
        return;
    size_t count = find_due(tree, turn, due);
    for (size_t i = 0; i < count; i++)
        chosen[i] = (uint8_t)ask_one(tree, turn, &due[i]);
    for (size_t place = 0; place < tree->edge_count; place++)
        if (tree->edges[place].link)
            send_grafts(
                turn, tree->edges[place].link, place, due, chosen, count);
    tree->graft_at_ms = UINT64_MAX;
    size_t cursor = 0;
    for (const struct tree_missing *missing;
         (missing = table_next(&tree->missing, &cursor));)
        due_at(tree, missing->at_ms);
}
