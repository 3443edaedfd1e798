/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_RANDOM_GRAPH_H
#define SIM_RANDOM_GRAPH_H

#include "sim/edge_list.h"
#include "sim/scenario.h"

/* Meshes of the kinds that studies of networks use, each with degree times
 * nodes over two edges, or nearly; each edge once, and no loops.
 * STATUS_NO_MEMORY. */

/* Erdos and Renyi (1959): as many edges, drawn among all pairs. */
MUST_USE enum status random_graph_erdos_renyi(
    const struct scenario *scenario, struct edge_list *out);

/* Watts and Strogatz (1998): a ring in which each node knows its nearest; of
 * the edges a share is led to anybody.  degree is even. */
MUST_USE enum status random_graph_watts_strogatz(
    const struct scenario *scenario, struct edge_list *out);

/* Barabasi and Albert (1999): each node that comes links itself with degree / 2
 * of those that are there, the likelier the more links they have.  degree is
 * even. */
MUST_USE enum status random_graph_barabasi_albert(
    const struct scenario *scenario, struct edge_list *out);

#endif
