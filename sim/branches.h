/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_BRANCHES_H
#define SIM_BRANCHES_H

#include <stdint.h>

#include "sim/sketch.h"
#include "sim/world.h"

/* The tree by which envelopes spread, looked at as a whole: whether eager edges
 * connect what links do. */
enum {
    BRANCHES_MENDED_S = 60,  /* apart for longer ... */
    BRANCHES_ENVELOPES = 64, /* ... while each node was brought so many */
    /* Pushes to who has the envelope: after so many envelopes in peace, and
     * counted over as many at least, one in so many is borne. */
    BRANCHES_SETTLED = 20,
    BRANCHES_AGAIN = 10,
    /* Where room is short, what was evicted comes once more from each peer, and
     * what is not kept shapes no tree: over so many, one in so many. */
    BRANCHES_SETTLED_CROWDED = 100,
    BRANCHES_AGAIN_CROWDED = 3,
};

struct branches {
    uint32_t *by_link, *by_eager; /* union-find, by node */
    uint32_t nodes;               /* that are up */
    uint32_t link_parts, eager_parts;
    bool is_judged;          /* nothing stands in the way of mending */
    uint64_t apart_since_us; /* 0: it is one */
    uint64_t apart_since_new;
    uint64_t seen_new;     /* payloads, as of the last look */
    uint64_t peace_first;  /* pushes, when the mesh was last disturbed */
    uint64_t first, again; /* ... when it had settled after that; 0: not yet */
};

/* STATUS_NO_MEMORY. */
MUST_USE enum status branches_init(struct branches *branches, uint32_t nodes);
void branches_clear(struct branches *branches);

/* Whether there is anything to look at: the sketch is not read otherwise. */
bool branches_are_due(
    const struct branches *branches, const struct world *world);

/* Look at a sketch of the mesh, once a virtual second, and hold it to invariant
 * 3: in a mesh without loss, faults of late and adversaries, nodes that links
 * connect are connected by edges that one end at least pushes over, but for the
 * time and the envelopes that it takes to mend what was cut.  Envelopes do it:
 * where none come, nothing is mended, and nothing is held against it, nor
 * looked at.
 */
void branches_look(struct branches *branches, struct world *world,
    const struct sketch *sketch);

/* Judge the pushes so far, once a virtual second: in a mesh that has been left
 * in peace for so many envelopes, hardly any node is pushed what it has, and
 * where a shelf was more than a quarter full not many are. */
struct branches_pushes {
    uint64_t first, again; /* to who knew nothing of it, to who did */
};
void branches_judge_pushes(struct branches *branches, struct world *world,
    const struct branches_pushes *pushes);

/* The last part of branches_look: judge what was found, against so many
 * payloads that were new to nodes until now. */
void branches_judge(
    struct branches *branches, struct world *world, uint64_t payloads_new);

#endif
