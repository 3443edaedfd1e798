/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_MEMBER_INSIDE_H
#define RELAY_MEMBER_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame_forward_join;
struct frame_neighbor_reply;
struct frame_nodes;
struct frame_shuffle;
struct member;
struct member_link;
struct node_address;
struct node_key;
struct turn;

/* Shared by the room's own files. */
struct member_link *member_find(const struct member *member, uint32_t link);
struct member_link *member_find_key(
    const struct member *member, const struct node_key *key);
size_t member_degree(const struct member *member);
size_t member_count_in(const struct member *member, enum member_place place);
/* Edges that we dialled; those that strangers did. */
size_t member_dialled_edges(const struct member *member);
size_t member_inbound_strangers(const struct member *member);

/* A link is in that place from now on. */
void member_enter(
    struct member_link *link, const struct turn *turn, enum member_place place);

/* How many edges there may be for one more dial to make sense: a renewal has
 * one more for a moment, and the places kept for those that we dial are
 * filled. */
size_t member_dial_below(const struct member *member, bool renews);

/* member_cycle.c: a node that was dialled is so no more; what for it was. */
enum member_purpose member_take_dial(
    struct member *member, const struct node_key *key);

/* Links that have waited long enough for what was to come. */
void member_tick_links(struct member *member, struct turn *turn);
uint64_t member_links_deadline_ms(const struct member *member);

/* A random edge that is not that link; NULL. */
struct member_link *member_random_edge(
    const struct member *member, struct turn *turn, uint32_t but);

/* Whether we know it, or are it. */
bool member_is_near(const struct member *member, const struct node_key *key);

/* Somebody named these, over that link. */
void member_learn(struct member *member, struct turn *turn,
    const struct member_link *from, const struct frame_nodes *list);

/* Whom we may name over that link, most of them neighbours. */
void member_sample(const struct member *member, struct turn *turn,
    const struct member_link *to, struct frame_nodes *out);

/* member_plea.c: a peer asks to be a neighbour, or answers that we may. */
void member_on_plea(struct member *member, struct turn *turn,
    struct member_link *link, bool urgent);
void member_on_reply(struct member *member, struct turn *turn,
    struct member_link *link, const struct frame_neighbor_reply *answer);

/* member_bridge.c: until when a link to that node, which opens now, is a
 * bridge; 0: it is none. */
uint64_t member_bridge_until_ms(const struct member *member,
    const struct turn *turn, const struct node_key *key);
bool member_is_bridge(const struct member_link *link, const struct turn *turn);
/* A plea over that link was answered: if it is a bridge, it is widened. */
void member_widen(
    struct member *member, struct turn *turn, const struct member_link *link);
/* The next to be dialled for that; false: none. */
bool member_pick_to_widen(
    struct member *member, struct turn *turn, struct node_address *out);

/* member_walk.c */
void member_shuffle(
    struct member *member, struct turn *turn, const struct member_link *to);
void member_on_shuffle(struct member *member, struct turn *turn,
    struct member_link *from, const struct frame_shuffle *shuffle);
void member_on_shuffle_reply(struct member *member, struct turn *turn,
    struct member_link *from, const struct frame_shuffle *shuffle);
void member_announce(
    struct member *member, struct turn *turn, struct member_link *newcomer);
void member_on_forward_join(struct member *member, struct turn *turn,
    struct member_link *from, const struct frame_forward_join *join);

#endif
