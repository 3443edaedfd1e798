/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_NET_H
#define SIM_NET_H

#include "sim/world.h"

/* The wires: what is sent here arrives there, later, or not at all.  Each link
 * keeps its order, as a stream does, and loses whole frames, as a full queue
 * does.  Where it has a bandwidth, what waits for it leaves by rank and in
 * turns, and forwards are demoted, as in sottod (proto/lanes.h).  Across a
 * partition everything vanishes without a word. */

/* Whether anything can pass between two nodes now. */
bool net_reaches(const struct world *world, uint32_t from, uint32_t to);

/* Begin to dial: the link waits for an answer, and fails by itself after a
 * while.  to may be UINT32_MAX: nobody lives there. */
void net_dial(struct world *world, uint32_t from, uint32_t to, uint32_t target);

/* Answer a dial that came: a new link of ours, which is returned by number. */
uint32_t net_accept(
    struct world *world, uint32_t node, uint32_t dialler, uint32_t number);

/* Tell the other end that a link, or one that is not there any more, is over
 * at ours; of what waits for it there leaves what sottod would still send. */
void net_close(struct world *world, uint32_t from, uint32_t to, uint32_t number,
    struct link *link);

/* A link is over at its node, or was never there: what waits for it is counted,
 * and it is removed (world_link_remove). */
void net_remove(struct world *world, struct node *node, struct link *link);

/* Send a frame without an envelope; send an envelope, in a PUSH or a STEM.
 * False when the link's queue is full and it is not sent; either way what was
 * in its way may have been demoted. */
struct net_word {
    const struct frame *frame;
    uint32_t from; /* the link by whose mail it came about; 0: by none */
};
struct net_load {
    enum frame_type type;
    uint32_t number; /* in the slab */
    uint32_t from;   /* as above */
    bool urgent;
    bool is_forward; /* it may be demoted */
};
bool net_send(struct world *world, uint32_t node, struct link *link,
    const struct net_word *word);
bool net_push(struct world *world, uint32_t node, struct link *link,
    const struct net_load *load);

/* An EVENT_PIPE's: what has waited for a link leaves, and what has waited too
 * long is demoted. */
void net_pass(struct world *world, uint32_t node, struct link *link);

/* Take the number of an envelope whose push was demoted; false when there is
 * none. */
bool net_take_demoted(struct world *world, struct link *link, uint32_t *number);

/* Take what an EVENT_FRAME, EVENT_PUSH or EVENT_STEM brought: its frame is
 * borrowed from the world until net_done, and of what belongs to frames of
 * other types nothing is set.  False when a --wire run could not read back what
 * was written. */
struct net_arrival {
    const struct frame *frame;
    uint32_t bytes;
    uint32_t number; /* of the envelope held, or SLAB_NONE */
    struct parcel *parcel;
};
bool net_arrive(struct world *world, const struct queue_event *event,
    struct net_arrival *out);
void net_done(struct world *world, struct net_arrival *arrival);

/* Turn an event that carries an envelope's number into one that carries its
 * frame's encoding, as a run with --wire has them. */
void net_encode_mail(struct world *world, struct queue_event *event);

#endif
