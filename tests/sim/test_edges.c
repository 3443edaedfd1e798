/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What nodes say of their edges, one after the other: an edge is whole when
 * both ends have said so, in whatever order, and as long as neither has gone
 * back on it. */
#include <string.h>

#include "sim/edges.h"
#include "tests/tap.h"

enum { NODES = 4, ENDS = 4 };

static struct edges edges;

static struct edges_held *up(uint32_t node)
{
    struct edges_held *said =
        calloc(1, sizeof(*said) + ENDS * sizeof(struct edge_end));
    need(said);
    said->node = node;
    said->is_up = true;
    return said;
}

/* It also holds an edge of that number, to a peer, which has that one. */
static void with(struct edges_held *said, uint32_t number, uint32_t peer,
    uint32_t peer_number)
{
    said->ends[said->end_count++] = (struct edge_end){
        .peer = peer, .peer_number = peer_number, .number = number};
    said->degree++;
}

/* At the end of a second. */
static void put(const struct edges_held *said, uint64_t now_us)
{
    edges.is_regrouped = false;
    need(edges_put(&edges, said, now_us) == STATUS_OK);
    edges_sweep(&edges);
}

static bool is_whole(uint32_t node, uint32_t place)
{
    return edges.of[node]->ends[place].is_whole;
}

static void an_edge_has_two_ends(void)
{
    struct edges_held *one = up(0), *other = up(1);
    with(one, 5, 1, 8);
    with(other, 8, 0, 5);
    put(one, 1);
    ok(!is_whole(0, 0) && edges.lone_count == 1 && edges.lone[0].since_us == 1,
        "what one end holds alone is lone since then");
    put(other, 2);
    ok(edges.is_regrouped && is_whole(0, 0) && is_whole(1, 0),
        "it is whole when the other has said so");
    ok(edges.lone_count == 0, "and is lone no longer");
    free(one);
    free(other);
}

/* The mesh goes on in each of these. */
static void what_stays_is_not_touched(void)
{
    struct edges_held *one = up(0);
    with(one, 3, 2, 7);
    with(one, 5, 1, 8);
    with(one, 9, 3, 4);
    put(one, 3);
    ok(!edges.is_regrouped && is_whole(0, 1) && edges.lone_count == 2,
        "others that come beside it change nothing of it");
    put(one, 4);
    ok(!edges.is_regrouped && edges.lone_count == 2 &&
            edges.lone[0].since_us == 3 && edges.lone[1].since_us == 3,
        "nor does who says the same again");
    free(one);
}

static void an_end_that_goes_leaves_the_other_alone(void)
{
    struct edges_held *one = up(0);
    put(one, 5);
    ok(edges.is_regrouped && !is_whole(1, 0) && edges.lone_count == 1 &&
            edges.lone[0].node == 1 && edges.lone[0].number == 8 &&
            edges.lone[0].since_us == 5,
        "whoever still holds an edge that has gone holds it alone");
    with(one, 5, 1, 8);
    put(one, 6);
    const struct edges_held down = {.node = 0};
    need(edges.lone_count == 0 && is_whole(1, 0));
    put(&down, 7);
    ok(!edges.of[0] && edges.lone_count == 1 && edges.lone[0].since_us == 7,
        "so does the peer of a node that went down");
    const struct edges_held peer_down = {.node = 1};
    put(&peer_down, 8);
    ok(edges.lone_count == 0, "until it does so itself");
    free(one);
}

static void ends_that_do_not_name_each_other_are_none(void)
{
    struct edges_held *one = up(0), *other = up(1);
    put(one, 9);
    put(other, 9);
    with(one, 6, 1, 9);
    with(other, 9, 0, 7);
    put(one, 10);
    put(other, 10);
    ok(!edges.is_regrouped && edges.lone_count == 2,
        "two ends that do not name each other are no edge");
    other->ends[0].peer_number = 6;
    put(other, 11);
    ok(edges.is_regrouped && edges.lone_count == 0,
        "until one of them says otherwise");
    free(one);
    free(other);
}

int main(void)
{
    need(edges_init(&edges, NODES) == STATUS_OK);
    an_edge_has_two_ends();
    what_stays_is_not_touched();
    an_end_that_goes_leaves_the_other_alone();
    ends_that_do_not_name_each_other_are_none();
    edges_clear(&edges);
    return tap_done();
}
