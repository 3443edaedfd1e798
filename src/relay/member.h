/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_MEMBER_H
#define RELAY_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/address.h"
#include "proto/frame.h"
#include "relay/member_view.h"
#include "relay/turn.h"

/* Who are this node's neighbours: HyParView (Leitão, Pereira and Rodrigues
 * 2007) in a band of degrees.  An open link to a peer that takes part is an
 * *edge* once whoever dialled it has asked and the other has agreed; a node
 * looks for edges below MEMBER_AIM and takes none past MEMBER_HIGH. */
enum {
    MEMBER_LOW = 6, /* below it a node is in need, and its pleas urgent */
    MEMBER_AIM = 8,
    MEMBER_HIGH = 10,
    MEMBER_DIALLED = 4, /* places that only nodes that we dialled can have */
    MEMBER_ELDERS = 3,  /* edges of strangers that only their loss ends */
    MEMBER_SUBNET = 2,  /* edges to one public network */
    MEMBER_DIALS = 8,   /* at once */
    MEMBER_DIALS_ALONE = 24, /* ... of a node that has no edge */
    MEMBER_WALKS = 64,       /* remembered, for their answers to go back */
    MEMBER_CYCLE_MS = 60000, /* give or take a fifth */
    MEMBER_CYCLE_MOST_MS = MEMBER_CYCLE_MS * 6 / 5,
    MEMBER_ASK_AGAIN_MS = 3000,
    MEMBER_DISPLACE_MS = 60000, /* between edges that give way to pleas */
    MEMBER_BRIDGES = 2,        /* edges to anchors that were missed, kept ... */
    MEMBER_BRIDGE_MS = 300000, /* ... for so long */
    MEMBER_WIDEN = 3,          /* dials of those that one of them names */
    MEMBER_WIDEN_MS = 600000,  /* between two such anchors' names */
    MEMBER_GUEST_MS = 15000,   /* then a link that is no edge is ended */
    MEMBER_KEEP_MS = 600000,   /* between two writings of whom we know */
};

enum member_place {
    MEMBER_LEAF,  /* the peer takes no part: it has one link of its own, or
                     few, which is none of the band */
    MEMBER_GUEST, /* it dialled us and has not asked, or not been heard */
    MEMBER_ASKED, /* we dialled, and asked */
    MEMBER_EDGE,
    MEMBER_OUT, /* to be ended */
};

struct member_link {
    uint32_t link;
    struct node_address at; /* address size 0: not known */
    enum address_scope scope;
    enum member_place place;
    bool outbound;
    bool pinned;        /* by our own configuration, or person */
    bool renews;        /* it is to take another's place */
    bool has_joined;    /* its JOIN was passed on */
    bool competed;      /* for a place among the anchors */
    uint64_t since_ms;  /* it is in this place */
    uint64_t asked_ms;  /* ASKED */
    uint64_t list_ms;   /* its last unsolicited list; 0: none */
    uint64_t walks_ms;  /* until then it has spent its walks (GCRA) */
    uint64_t bridge_ms; /* until then it is a bridge, and kept; 0: it is none */
};

enum member_purpose {
    MEMBER_ADDS,
    MEMBER_RENEWS,
    MEMBER_REVISITS, /* an anchor that failed: it renews if it is a bridge */
};

struct member_dial {
    struct node_key key;
    enum member_purpose purpose;
};

/* A walk that went through here. */
struct member_walk {
    uint64_t walk;
    uint32_t from; /* 0: it began here */
    uint32_t to;
    uint64_t until_ms;
};

struct member {
    struct node_key self;
    size_t capacity;
    struct member_dial *dials; /* MEMBER_DIALS_ALONE, or NULL */
    struct member_walk *walks; /* MEMBER_WALKS, or NULL */
    size_t walk_next;
    struct view view;
    bool was_starving;
    uint8_t sweep_left;        /* edges that a sweep may still renew */
    uint64_t sweep_ms;         /* when it goes on; UINT64_MAX: there is none */
    uint64_t sweep_started_ms; /* it dials those known before */
    bool wants_renewal;
    bool wants_probe;
    bool wants_missed;
    uint8_t widen_left;   /* dials that a bridge is still to be widened by */
    uint32_t widen_from;  /* the introducer that it leads to */
    uint64_t widen_ms;    /* no other bridge is widened before */
    uint64_t dial_ms;     /* none before */
    uint64_t displace_ms; /* no edge gives way to a plea before */
    uint64_t cycle_ms; /* when the next begins; UINT64_MAX: when a link opens */
    uint64_t keep_ms;  /* when whom we know is next written */
    struct member_link *list; /* open links, in the order they opened */
    bool is_on;
    bool is_proxied; /* links are as far as the proxy makes them */
    size_t count;
    size_t dial_count;
};

struct member_config {
    bool is_on;
    bool is_proxied;
};
void member_init(struct member *member, const struct member_config *config,
    const struct node_key *self, struct random *random);
void member_clear(struct member *member);

/* A HELLO opened a link.  seen is where it was dialled or came from, size 0
 * where that is not known. */
struct member_guest {
    uint32_t link;
    const struct node_key *key;
    const struct address *seen;
    const struct frame_hello *hello;
    bool outbound;
    bool pinned;
};
void member_link_open(
    struct member *member, struct turn *turn, const struct member_guest *guest);

/* A link is gone. */
enum member_end {
    MEMBER_END_LOST,      /* worth a dial soon */
    MEMBER_END_PARTED,    /* one of us had enough neighbours, or leaves */
    MEMBER_END_UNWELCOME, /* one of us wants no more of the other */
};
void member_link_down(struct member *member, struct turn *turn, uint32_t link,
    enum member_end end);

/* Our person has named a node that we are linked to: nobody displaces it. */
void member_pin(struct member *member, const struct node_key *key);

/* A dial that member_next_dial asked for came to nothing. */
void member_failed(
    struct member *member, struct turn *turn, const struct node_key *key);

/* A frame of types 5 to 10 came over an open link.  What is out of turn, or
 * more than a peer may send, is counted and ignored. */
void member_frame(struct member *member, struct turn *turn, uint32_t link,
    const struct frame *frame);

void member_tick(struct member *member, struct turn *turn);
uint64_t member_deadline_ms(const struct member *member);

/* The next link to be ended since there are neighbours enough; 0: none. */
uint32_t member_unwanted(const struct member *member);

/* The next node to be dialled; false: none.  It counts as being dialled until
 * its link opens or member_failed. */
bool member_next_dial(
    struct member *member, struct turn *turn, struct node_address *out);

/* Whether there are too few edges for comfort. */
bool member_is_starving(const struct member *member);

/* Say whom we know, to be found after a restart (RELAY_KEEP_NODES); take it up
 * again. */
void member_keep(struct member *member, struct turn *turn);
void member_restore(
    struct member *member, struct turn *turn, const struct kept_node *kept);

/* The edges by link; out has room for LIMIT_LINKS.  Returns how many. */
size_t member_edges(const struct member *member, uint32_t *out);

size_t member_bytes(const struct member *member);

/* The first that does not hold of the band, its dials and its cycle, or NULL;
 * of who the neighbours are, and who is known; then also of all that were. */
const char *member_step_violation(const struct member *member, uint64_t now_ms);
const char *member_nodes_violation(const struct member *member);
const char *member_violation(const struct member *member, uint64_t now_ms);

#endif
