/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the tree gets its shape.  Each envelope has a rank, drawn by its id, and
 * who sees it first judges by that alone, so that all nodes agree:
 *
 *   one in many  shapes the tree: who has to ask for it asks by GRAFT, and
 * whoever brings it a second time is pruned; one in 512   renews it: it goes
 * over all edges, and leaves those alone eager that were the quickest: each
 * node grafts the edge that brought it first, where that was lazy.  Nothing
 * else goes over more edges meanwhile: were all of them made eager, to be
 * pruned, whatever is under way then would cost more copies than the renewal.
 *
 * For one envelope each node keeps the edge that brought it first, and none
 * comes first from behind oneself: so what one envelope has shaped everywhere
 * is a tree.  Two at once would each cut where the other has come through, and
 * leave pieces.  So of two the lower ranked one takes over, at every node, and
 * shapes alone.
 *
 * A tree that is only mended grows deep, as edges are put in wherever one is
 * missing.  One that is renewed is the tree of the quickest ways from one
 * place, and any two nodes are at most twice its height apart.  What that costs
 * are the copies that the renewing envelope makes: six in 512.
 *
 * There is no hop counter: it makes trees flap, and it betrays who began.  Nor
 * is a quicker edge taken by itself: what is quicker for one sender is slower
 * for another, and with many the tree would never be still. */
#include "base/number.h"
#include "relay/tree.h"
#include "relay/tree_inside.h"

static uint64_t rank_of(const struct envelope_id *id)
{
    return number_word(id->bytes);
}

static bool is_one_in(const struct envelope_id *id, uint64_t many)
{
    return rank_of(id) <= UINT64_MAX / many;
}

/* One in how many is the power of two with which one comes in TREE_SHAPE_MS;
 * most ids are found not to be it with the first few of these. */
bool tree_is_mended_by(const struct tree *tree, const struct turn *turn,
    const struct envelope_id *id)
{
    const struct tree_recent *recent = &tree->recent[TREE_ENVELOPES];
    uint64_t one_in = 1;
    while (one_in < TREE_SHAPE_MOST && one_in < recent->next - recent->first &&
           is_one_in(id, one_in)) {
        if (tree_recent_age_ms(recent, turn, recent->next - 1 - one_in) >=
            TREE_SHAPE_MS)
            break;
        one_in *= 2;
    }
    return is_one_in(id, one_in);
}

bool tree_is_shaped_by(const struct tree *tree, const struct envelope_id *id)
{
    return envelope_id_equal(id, &tree->shaper);
}

/* For its time nothing that is ranked higher does. */
static bool begins_to_shape(
    struct tree *tree, const struct turn *turn, const struct envelope_id *id)
{
    bool is_open = turn->now_ms >= tree->shaped_until_ms;
    if (!tree_is_mended_by(tree, turn, id) ||
        (!is_open && rank_of(id) > rank_of(&tree->shaper)))
        return false;
    tree->shaper = *id;
    tree->shaped_until_ms = turn->now_ms + TREE_SHAPED_MS;
    return true;
}

/* Not soon after another, but for one that takes over from it. */
static bool is_time_to_renew(const struct tree *tree, const struct turn *turn)
{
    return turn->now_ms >= tree->renewed_until_ms ||
           turn->now_ms <
               tree->renewed_until_ms - TREE_RENEWED_MS + TREE_SHAPED_MS;
}

bool tree_may_renew(const struct envelope_id *id)
{
    return is_one_in(id, TREE_RENEW);
}

bool tree_is_renewed_by(const struct tree *tree, const struct turn *turn,
    const struct envelope_id *id)
{
    return tree_may_renew(id) && tree_is_shaped_by(tree, id) &&
           is_time_to_renew(tree, turn);
}

void tree_shape(
    struct tree *tree, const struct turn *turn, const struct envelope_id *id)
{
    if (begins_to_shape(tree, turn, id) && tree_may_renew(id) &&
        turn->now_ms >= tree->renewed_until_ms)
        tree->renewed_until_ms = turn->now_ms + TREE_RENEWED_MS;
}
