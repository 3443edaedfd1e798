/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_TREE_INSIDE_H
#define RELAY_TREE_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/ids.h"
#include "relay/tree_recent.h"
#include "relay/turn.h"

struct tree;
struct tree_edge;
struct tree_talk;

/* What the files of the tree share; nobody else includes this. */

/* An envelope that was announced and has not come, or its receipt. */
struct tree_missing {
    struct envelope_id id;
    uint64_t has;      /* edges that have it */
    uint64_t asked;    /* of those, the ones that were asked */
    uint64_t at_ms;    /* ask, ask another, or give up */
    uint64_t heard_ms; /* of it, first */
    uint64_t asked_ms;
    uint32_t asked_link; /* the last one asked; 0: none */
    uint8_t tries;
    bool is_receipt;
};

/* The place of a link's edge, or tree->edge_count. */
size_t tree_place(const struct tree *tree, uint32_t link);
struct tree_edge *tree_edge(const struct tree *tree, uint32_t link);
struct tree_talk *tree_talk(
    const struct tree *tree, const struct tree_edge *edge);
static inline uint64_t tree_bit(size_t place)
{
    return UINT64_C(1) << place;
}

/* The round trip to a peer as far as it is known, in milliseconds; 0. */
uint32_t tree_rtt_ms(const struct turn *turn, uint32_t link);

/* An edge is told of an item in a while, unless it is known to have it. */
void tree_tell_later(struct tree *tree, const struct turn *turn,
    enum tree_kind kind, uint64_t ms);
/* An edge's peer has that item, where it is recent. */
void tree_edge_knows(struct tree *tree, enum tree_kind kind, uint32_t link,
    const struct envelope_id *id);
/* Announce what is due. */
void tree_tell(struct tree *tree, struct turn *turn);

/* A node whose edges are all lazy would only ever announce what is its own. */
void tree_keep_one_eager(struct tree *tree);

/* What is missing is here: its entry is taken out.  False when it was not
 * missing. */
bool tree_take_missing(
    struct tree *tree, const struct envelope_id *id, struct tree_missing *out);
/* No mask may name an edge's place any longer. */
void tree_missing_forget_edge(struct tree *tree, uint64_t bit);
/* An envelope has come that was not here: it may shape the tree from now on,
 * or renew it. */
void tree_shape(
    struct tree *tree, const struct turn *turn, const struct envelope_id *id);
/* Whether it is one of those that may renew the tree; whether that is what it
 * does now, here. */
bool tree_may_renew(const struct envelope_id *id);
bool tree_is_renewed_by(const struct tree *tree, const struct turn *turn,
    const struct envelope_id *id);
/* Whether that is the one that shapes the tree now. */
bool tree_is_shaped_by(const struct tree *tree, const struct envelope_id *id);
/* Whether it is one of those that may: who asks for it does so by GRAFT. */
bool tree_is_mended_by(const struct tree *tree, const struct turn *turn,
    const struct envelope_id *id);

/* The tree brought something so long after it was announced: be so patient. */
void tree_was_late(struct tree *tree, uint64_t late_ms);
void tree_ask(struct tree *tree, struct turn *turn);

#endif
