/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_TOGETHER_H
#define SIM_TOGETHER_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/crossing.h"
#include "sim/exchange.h"
#include "sim/graph.h"
#include "sim/sketch.h"
#include "sim/survey.h"
#include "sim/world.h"

/* What all parts of a run do together, each at the same place of its course; a
 * run in one part does it by itself. */
struct together {
    struct world *world;       /* our part's; borrowed */
    struct exchange *exchange; /* with the other parts */
    struct exchange alone;     /* where there are none */
    struct crossing crossing;
    struct sketch sketch; /* of the whole mesh, when it was last drawn */
    uint64_t until_us;    /* so far events can be taken */
    bool stops;           /* somebody asked for it */
};

/* exchange may be NULL: alone.  The world is not looked at yet. */
void together_init(
    struct together *together, struct world *world, struct exchange *exchange);
void together_clear(struct together *together);

/* The same for all: STATUS_OK when every part could begin, with one scenario.
 */
MUST_USE enum status together_agree(
    struct together *together, enum status status);

/* Each has the cards of all ends of letters. */
void together_share_cards(struct together *together);

/* Swap what crossed.  Nothing sent from now on arrives sooner than a latency
 * after the first event that is left anywhere, and up to there all may go
 * (until_us); but no farther than at_most_us, when all meet.  In a run of one
 * part there is no such bound. */
void together_pass_window(struct together *together, uint64_t at_most_us);

/* What a world's own nodes add to what all come to. */
void together_take(struct totals *out, const struct world *world);

/* What all come to (world.whole); with it what can be said of this second's
 * arrivals. */
void together_add_up(struct together *together);

/* The graph has what nodes say of their edges that have changed since the last
 * time. */
void together_share_edges(struct together *together, struct graph *graph);

/* Draw the sketch, good until the next of these calls; has_eager is as for
 * sketch_write. */
void together_draw(struct together *together, bool has_eager);

/* Each knows of which envelopes a receipt is about anywhere. */
void together_tell_opened(struct together *together);

/* At the end, after adding up: the first part's world, and all, have what every
 * part knows. */
void together_settle(struct together *together, struct survey_part *all);

#endif
