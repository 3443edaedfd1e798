/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/status.h"
#include "proto/card.h"
#include "proto/frame.h"
#include "relay/catalog.h"
#include "relay/relay.h"
#include "sim/circles.h"
#include "sim/disk.h"
#include "sim/ledger.h"
#include "sim/letters.h"
#include "sim/living.h"
#include "sim/lots.h"
#include "sim/measure.h"
#include "sim/meetings.h"
#include "sim/oracle/invariants.h"
#include "sim/oracle/sent_set.h"
#include "sim/oracle/stems.h"
#include "sim/parcel.h"
#include "sim/partition.h"
#include "sim/picture.h"
#include "sim/queue.h"
#include "sim/scenario.h"
#include "sim/shipments.h"
#include "sim/sightings.h"
#include "sim/slab.h"
#include "sim/spread.h"
#include "sim/topology.h"
#include "sim/totals.h"
#include "sim/trace.h"
#include "vault/vault.h"

struct exchange;
struct pipe;
struct watch;

/* The mesh as it stands at one moment: nodes, their links, what is under way
 * between them, and the clock.  Everything here is data; what moves it is in
 * net, node, scene and faults. */

enum event_kind {
    EVENT_FRAME,       /* handle: a parcel; link: the receiver's */
    EVENT_PUSH,        /* handle: a slab number; link: the receiver's */
    EVENT_STEM,        /* the same, on its hidden first hops */
    EVENT_RECEIPT,     /* handle: a slab number, opened; link: the receiver's */
    EVENT_DIAL,        /* link: the dialler's */
    EVENT_ACCEPT,      /* link: the dialler's; handle: the acceptor's */
    EVENT_DIAL_FAILED, /* link: the dialler's */
    EVENT_CLOSE,       /* handle: the link's number at the end that closed */
    EVENT_TIMER,       /* a node's engines are due */
    EVENT_STAMP,       /* handle: a slab number; link: bits of its stamp */
    EVENT_BOOT,
    EVENT_LEAVE,     /* link: the boot that it ends; handle: gracefully */
    EVENT_CRASH,     /* handle: enum crash_disk, or CRASH_FOR_GOOD */
    EVENT_WRITE,     /* link: enum write_kind; handle: which */
    EVENT_ACT,       /* an adversary's own */
    EVENT_LATE,      /* a delayed parcel leaves; link: the sender's */
    EVENT_LATE_PUSH, /* a delayed push leaves; link: the sender's */
    EVENT_LATE_STEM,
    EVENT_TAKEN,   /* handle: a slab number of a flooder's own */
    EVENT_MEETING, /* the next of world.meetings, and all of that moment */
    EVENT_SPLIT,
    EVENT_HEAL,
    EVENT_SAMPLE,
    EVENT_CONFIRM, /* handle: a letter, without vaults (sim/bare.h) */
    EVENT_PIPE,    /* link: one whose pipe is due (sim/pipe.h) */
};

/* What somebody does at an EVENT_WRITE. */
enum write_kind {
    WRITE_LETTER,
    WRITE_GATHERING, /* make the group of a circle */
    WRITE_CIRCLE_LETTER,
    WRITE_SHIPMENT,
};

/* Source and destination of what happens to the mesh as a whole.  Greater than
 * every node: within one moment, nodes come first. */
#define WORLD_ITSELF QUEUE_ALL

/* One end of a link.  Numbers are never used twice by a node, through all its
 * boots. */
struct link {
    uint32_t number;
    uint32_t peer;        /* a node */
    uint32_t peer_number; /* 0 while dialling */
    uint32_t target;      /* of the relay's DIAL, when outbound */
    bool outbound;
    uint32_t heard_s;  /* second in which something came, from 1; 0: no HELLO */
    struct pipe *pipe; /* where it has a bandwidth, once that was used */
    uint64_t last_us;  /* nothing overtakes what arrives then */
    struct sent_set sent;
    struct stem_source stems; /* that came over it */
};

/* A person at a node: the vault and its disk. */
struct end {
    struct vault *vault; /* NULL while the node is down */
    struct random_seeded random;
    struct disk disk;
    char card[CARD_TEXT_CHARS + 1];
};

enum { NODE_TIMERS = 4, CRASH_FOR_GOOD = 99 };

/* What an adversary has learnt: the envelopes that came to it last. */
struct adversary {
    uint64_t acts;
    uint64_t forged; /* valid envelopes, by a flooder */
    uint32_t *kept;  /* numbers of the slab, held */
    uint32_t kept_count;
    uint32_t kept_next;
    struct flood_mail *mail; /* one block; NULL: none was valid */
    uint64_t worked_us;      /* of all its processors, on stamps */
    uint32_t named;          /* peers that a sybil has asked for */
};

struct node {
    struct relay *relay; /* NULL while the node is down */
    struct random_seeded random;
    struct ledger shelf;
    uint64_t shelf_bytes;
    uint64_t shelf_digest; /* a sum over what is stored */
    struct end *end;       /* NULL: nobody writes or reads here */
    struct link *links;
    uint32_t link_count;
    uint32_t link_capacity;
    uint32_t next_link;
    uint32_t sequence; /* of the events that it causes, but for its timers */
    uint32_t boots;
    uint64_t timers_us[NODE_TIMERS]; /* EVENT_TIMERs under way, last first */
    uint32_t timer_count;
    struct stem_ways ways;
    uint32_t evicted_s; /* when it last evicted something, from 1; 0: never */
    struct kept_node *kept; /* what its relay has written down, or NULL */
    uint32_t kept_count;
    uint32_t due_s; /* of its clock: its shelf is looked at for the expired */
    struct kept_score *bad; /* bad scores that it has written down, or NULL */
    uint64_t stamps_us;     /* its worker makes stamps up to then */
    uint64_t edges_digest;  /* of its edges, as of its last event */
    bool churns;
    bool is_dead;     /* for good */
    bool has_changed; /* it is in world.changed */
    uint32_t bad_count;
    struct adversary *adversary; /* NULL: it keeps nothing */
    uint64_t attack_began_us;
    uint64_t attack_ns; /* of work that attackers made it do, by the model */
    uint64_t
        attack_ahead_ns; /* of it, what a tenth of a core had not done ... */
    uint64_t attack_ahead_us; /* ... by then */
};

/* Why a vault refused to send a letter. */
struct refused {
    uint64_t at_us;
    uint32_t node;
    char text[160]; /* empty: there was none */
};

/* Events that another part of the run takes. */
struct leaving {
    struct queue_event *list;
    size_t count;
    size_t capacity;
};

/* A frame that is made as it arrives, since a number travelled in its place;
 * and what it carries, where that differs from what the slab holds: its fields
 * alone, no bytes. */
struct arriving {
    struct frame frame;
    struct envelope stamped;
};

/* Nodes whose edges have changed in this virtual second (edges.h). */
struct changed {
    uint32_t *list;
    size_t count;
    size_t capacity;
};

/* How many engines were due once more in the moment in which they were
 * called. */
struct standstill {
    uint64_t at_us;
    uint64_t times;
};

struct world {
    struct scenario scenario;
    struct topology topology;
    struct meetings meetings; /* of moving nodes, or none */
    size_t next_meeting;
    struct table touch;  /* pairs that are in reach of each other now */
    uint32_t *dial_from; /* index into topology.edges, by node; nodes + 1 */
    struct node *nodes;
    struct lot *lots; /* by node */
    uint32_t node_count;
    uint32_t first_node; /* of those that this world moves */
    uint32_t end_node;
    struct partition partition;
    struct leaving leaving; /* for nodes of other parts */
    struct changed changed;
    uint32_t dead_count;
    bool has_adversaries;
    uint64_t now_us;
    uint32_t sequence; /* of WORLD_ITSELF */
    struct queue *queue;
    struct slab slab;
    struct catalog catalog; /* of all relays */
    struct parcels parcels;
    struct letters letters;
    struct circles circles;
    struct shipments shipments;
    struct living living;
    struct trace trace;
    struct oracle oracle;
    struct counts counts;
    struct totals whole;      /* of all parts, as of the last virtual second */
    struct arrivals arrivals; /* of this virtual second, to be judged */
    struct arrivals shown;    /* envelopes that left their stems in it */
    struct spread spread;     /* once the mesh has settled */
    struct sightings mail_seen; /* by spies */
    struct sightings receipts_seen;
    struct samples samples;
    struct picture *picture; /* NULL: none is kept */
    struct standstill standstill;
    bool stands_still; /* and the run is over */
    bool is_split;
    bool has_healed;        /* some split has, and none is now */
    uint64_t calm_since_us; /* last fault, meeting or letter written */
    uint64_t news_us;       /* when a vault last gave its relay anything */
    uint64_t fault_us;      /* last fault, or first boot of a node */
    bool wire;              /* encode and decode every frame */
    bool examines_all;      /* engines, after each of their events */
    struct watch *watch;    /* who looks on; NULL: nobody */
    struct frame_scratch *scratch;
    struct arriving arriving;
    uint64_t frames_under_way;
    struct refused refusal; /* the first */
    uint64_t settles_us;    /* what is measured once it has settled is, later */
};

/* Wall clock at the beginning of every run: 2026-01-01T00:00:00Z. */
#define WORLD_START_S UINT64_C(1767225600)

static inline uint32_t world_second(const struct world *world)
{
    return (uint32_t)(world->now_us / 1000000);
}

static inline uint64_t world_now_ms(const struct world *world)
{
    return world->now_us / 1000;
}

static inline uint64_t world_clock_s(const struct world *world)
{
    return WORLD_START_S + world->now_us / 1000000;
}

/* Two nodes that move are in reach of each other from now on, or no longer;
 * whether they are.  Those that do not move always are. */
void world_touch(struct world *world, uint32_t one, uint32_t other, bool is_so);
bool world_in_touch(const struct world *world, uint32_t one, uint32_t other);

/* Whether what was first pushed then (0: not yet) counts as spreading in a mesh
 * that has settled. */
bool world_has_settled(const struct world *world, uint64_t shown_us);

/* The wall clock as a node sees it. */
static inline uint64_t world_node_clock_s(
    const struct world *world, uint32_t node)
{
    bool is_off = world->now_us >= world->scenario.skew_at_us;
    int64_t skew_s = is_off ? world->lots[node].skew_s : 0;
    return world_clock_s(world) + (uint64_t)skew_s;
}

/* Whether a node is dead for good by now. */
static inline bool world_has_died(const struct world *world, uint32_t node)
{
    return world->lots[node].dies &&
           world->now_us >= world->scenario.kill_at_us;
}

/* How a run is made, which changes nothing of what it comes to. */
struct manner {
    bool wire;                 /* encode and decode every frame */
    bool examines_all;         /* engines, after each of their events */
    struct exchange *exchange; /* borrowed; NULL: in one part */
};

/* Make the mesh of a scenario, with every node down and nothing to come; of a
 * run in parts, the whole mesh, in which only some nodes are moved.
 * STATUS_INVALID and STATUS_IO with a complaint, as topology_make, or where
 * there are fewer nodes than parts. */
MUST_USE enum status world_init(struct world *world,
    const struct scenario *scenario, const struct manner *manner,
    struct complaint *complaint);
void world_clear(struct world *world);

/* There is no calm before now: a fault, a meeting, or somebody writes. */
static inline void world_stir(struct world *world)
{
    if (world->calm_since_us < world->now_us)
        world->calm_since_us = world->now_us;
}

/* A vault gives its relay something to spread. */
static inline void world_tell(struct world *world)
{
    if (world->news_us < world->now_us)
        world->news_us = world->now_us;
}

/* Let something happen at a time not past. from is a node or WORLD_ITSELF; its
 * sequence is used up.  What WORLD_ITSELF plans every part of a run plans, and
 * each keeps what is for its own nodes. */
void world_schedule(struct world *world, uint64_t at_us, uint32_t to,
    uint32_t from, enum event_kind kind, uint32_t link, uint32_t handle);

/* The same for an event that is made but for its sequence. */
void world_send(struct world *world, struct queue_event *event);

/* Whether a node is one of those; whether other worlds move others; whether
 * this one speaks for the whole: of what is looked at as a whole, it alone
 * counts the checks. */
static inline bool world_moves(const struct world *world, uint32_t node)
{
    return node >= world->first_node && node < world->end_node;
}
static inline bool world_is_part(const struct world *world)
{
    return world->partition.parts > 1;
}
static inline bool world_is_first(const struct world *world)
{
    return world->first_node == 0;
}

/* A node's place among those that this world moves. */
static inline uint32_t world_place(const struct world *world, uint32_t node)
{
    return node - world->first_node;
}

/* A node's public key, as every node would name it, and its one endpoint. */
struct node_key world_node_key(const struct world *world, uint32_t node);
void world_endpoint(uint32_t node, char out[static LIMIT_ENDPOINT_BYTES + 1]);
struct address world_address(uint32_t node);

/* Whether a node that makes its mesh itself is configured to stay linked to the
 * end of that planned edge of its own, and that one to it: the first so many,
 * as one would with friends; never where either is an adversary. */
bool world_is_pin(const struct world *world, uint32_t node, uint32_t edge);

/* The node that an endpoint names, or UINT32_MAX. */
uint32_t world_node_at(const struct world *world, const char *endpoint);

/* Put on a node's disk whom its relay knows, or has bad scores, in place of
 * what was there. */
void world_keep_nodes(
    struct node *node, size_t count, const struct kept_node *nodes);
void world_keep_scores(
    struct node *node, size_t count, const struct kept_score *scores);

/* A node's link by number; by peer and the peer's number; NULL. */
struct link *world_link(struct node *node, uint32_t number);
struct link *world_link_of_peer(
    struct node *node, uint32_t peer, uint32_t peer_number);

/* A new link, zero but for its number; pointers to the node's links are void
 * afterwards, as they are after a removal. */
struct link *world_link_add(struct node *node);
void world_link_remove(struct node *node, struct link *link);

/* Chance for what an adversary does, below that bound, by how many it has
 * done. */
uint64_t world_draw_act(struct world *world, uint32_t node, uint64_t below);

/* There is no going on without memory: say so and end the program. */
_Noreturn void world_end(enum status status);
static inline void world_need(enum status status)
{
    if (status)
        world_end(status);
}

#endif
