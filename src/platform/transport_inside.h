/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_INSIDE_H
#define PLATFORM_TRANSPORT_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/interfaces.h"
#include "platform/transport_demotions.h"
#include "platform/transport_descriptor.h"
#include "platform/transport_door.h"
#include "platform/transport_event.h"
#include "platform/transport_gate.h"
#include "platform/transport_queue.h"
#include "platform/transport_rate.h"
#include "platform/transport_socket.h"
#include "platform/transport_tunnel.h"
#include "platform/watch.h"
#include "proto/limits.h"

struct uv_loop_s;

/* The transport's one structure, for its own files only: transport.c (the
 * public face and the turns of the loop), transport_link.c (links and what
 * waits for them), transport_outbound.c (dialling) and transport_inbound.c
 * (listening). */
enum transport_link_state {
    LINK_DIALLING,
    LINK_UP,
    LINK_ENDING,   /* the peer has gone; what it left is still read */
    LINK_DRAINING, /* hung up; what waits is still sent */
    LINK_ENDED,    /* its last news has not been taken yet */
    LINK_GONE,     /* inbound: late frames by its route are not a new peer */
};

enum {
    TRANSPORT_TICK_MS = 500,
    TRANSPORT_QUIET_TICKS = 8, /* then the connections are looked at anyway */
    TRANSPORT_AGAIN_MS = 5,
    TRANSPORT_HURRY_MS = 10, /* while a link is ending or draining */
    TRANSPORT_DIAL_MS = 10000,
    TRANSPORT_DIAL_PROXY_MS = 75000, /* an onion service may take that long */
    TRANSPORT_DRAIN_MS = 500,
    TRANSPORT_ENDING_MS = 5000,
    TRANSPORT_GONE_MS = 10000,
    TRANSPORT_SILENT_MS = 10000, /* from being accepted to the first frame */
    TRANSPORT_ROUTE_BYTES = 5,   /* libzmq's: a zero and a number */
    TRANSPORT_STRANGERS = 256,
    TRANSPORT_LISTENERS = TRANSPORT_PORTS,
    TRANSPORT_DESCRIPTOR_RESERVE = 64,
    /* What libzmq and the kernel may hold of a peer's frames, at the most that
     * their queues allow, and as much again for the kernel's rounding. */
    TRANSPORT_UNDELIVERED_BYTES =
        2 * (TRANSPORT_HIGH_WATER *
                    ((int)LIMIT_FRAME_BYTES + TRANSPORT_FRAMING_BYTES) +
                2 * TRANSPORT_KERNEL_BUFFER),
};

struct transport_link {
    struct transport *transport;
    uint32_t number;
    uint32_t target;
    enum transport_link_state state;
    bool outbound;
    bool readable; /* outbound: the dealer may have a frame */
    bool sent;     /* outbound: something, since the dealer was asked */
    bool closed;   /* ENDING: nothing more will come after what is read */
    struct node_key key;
    uint64_t until_ms; /* DIALLING, ENDING, DRAINING, GONE: at most */
    uint64_t sent_bytes;
    uint64_t received_bytes; /* with framing */
    struct transport_queue queue;
    /* Outbound. */
    struct transport_tunnel *tunnel; /* where there is a proxy */
    bool connected; /* to somebody; with a proxy, to the tunnel to it */
    bool answered;  /* ended: a dial that found somebody, and failed */
    void *dealer;
    void *monitor;
    struct watch *dealer_watch;
    struct watch *monitor_watch;
    /* Inbound. */
    uint8_t route[TRANSPORT_ROUTE_BYTES];
    struct transport_address peer;
    struct watch *hangup_watch;
    /* Both: a descriptor of our own for the connection, or -1. */
    int descriptor;
    /* News that the caller has not taken: UP before the end. */
    bool news_up;
    bool news_end;
    enum transport_event_kind end_kind;
    bool in_news;
    struct transport_link *next_news;
};

struct transport_stranger {
    struct transport_address peer;
    uint64_t since_ms;
};

struct transport {
    struct uv_loop_s *loop;
    struct transport_keys keys;
    char *socks;
    struct transport_tunnels *tunnels;
    struct interfaces interfaces; /* to find one by its name */
    uint64_t isolation;           /* of this process's streams; 0: none */
    size_t link_maximum;
    void (*wake)(void *context);
    void *context;

    void *zmq;
    void *door;
    struct watch *door_watch;
    struct transport_waiting waiting;
    struct transport_gate gate;

    void *router; /* NULL until there is a listener */
    struct watch *router_watch;
    bool router_readable;
    bool router_sent;
    bool listening; /* false while descriptors are short */
    struct transport_ports ports;
    char endpoints[TRANSPORT_LISTENERS][LIMIT_ENDPOINT_BYTES + 1];
    struct transport_stranger strangers[TRANSPORT_STRANGERS];
    size_t stranger_count;
    size_t open_descriptors;
    int next_descriptor; /* when last looked at */
    unsigned quiet_ticks;

    struct transport_link **links; /* transport_link_room of them */
    size_t link_count;
    uint32_t last_number;
    size_t cursor; /* whose turn it is to be read */
    struct transport_link *first_news;
    struct transport_link *last_news;
    struct transport_demotions demotions;
    uint32_t held_number; /* whose first frame waits in the message */

    struct transport_turns *turns;     /* the loop's handles */
    struct transport_message *message; /* the frame that the caller reads */
    struct transport_counts counts;
    struct transport_rate rate;
};

/* transport.c: something may be ready; look in the loop's next turn. */
void transport_stir(struct transport *transport);
/* A frame was sent, or waits: likewise, unless this turn has that before it. */
void transport_stir_to_send(struct transport *transport);
/* Look more often for a while. */
void transport_hurry(struct transport *transport);

/* transport_link.c */

/* A link in its first state; NULL when there is no memory.  The caller has
 * made sure that there is room. */
struct transport_link *transport_link_add(
    struct transport *transport, bool outbound, const struct node_key *key);
/* How many links there can be, of all states. */
size_t transport_link_room(const struct transport *transport);
/* How many links count against the maximum. */
size_t transport_link_live(const struct transport *transport);
struct transport_link *transport_link_find(
    const struct transport *transport, uint32_t number);
struct transport_link *transport_link_by_route(
    const struct transport *transport, const uint8_t *route);
/* The inbound link of that key that is up, or NULL. */
struct transport_link *transport_link_inbound(
    const struct transport *transport, const struct node_key *key);
/* Its key is proven: tell the caller. */
void transport_link_up(struct transport_link *link);
/* A forward that waited for a link was demoted: count it, and tell the caller.
 */
void transport_note_demoted(
    struct transport *transport, uint32_t link, const struct envelope_id *id);
/* It is over: close all it has, and tell the caller. */
void transport_link_end(
    struct transport_link *link, enum transport_event_kind kind);
/* It is over and the caller knows.  May free it. */
void transport_link_bury(struct transport_link *link);
/* The peer has gone.  May free it, when it was draining. */
void transport_link_ending(struct transport_link *link);
/* Hand libzmq what waits, as far as it takes it; true when it took any. */
bool transport_link_flush(struct transport_link *link);
/* Let go of a draining link's connection so that libzmq still sends what it
 * took, within its linger. */
void transport_link_leave(struct transport_link *link);
void transport_link_free(struct transport_link *link);
bool transport_link_news(
    struct transport *transport, struct transport_event *out);
void transport_link_count_received(
    struct transport_link *link, size_t frame_bytes);
/* Whether more came in than was delivered and can rightly be under way. */
bool transport_link_hoards(const struct transport_link *link);
/* Of one whose connection libzmq has closed: whether it did so by itself, so
 * that the peer holds it still.  End one that sent what is no message. */
bool transport_link_is_dropped(const struct transport_link *link);
void transport_link_cut(struct transport_link *link);

/* transport_outbound.c */
void transport_outbound_monitor(struct transport_link *link);
bool transport_outbound_receive(
    struct transport_link *link, struct transport_event *out);
void transport_outbound_tick(struct transport_link *link, uint64_t now_ms);
/* Close its sockets; what was sent may linger for linger_ms. */
void transport_outbound_close(struct transport_link *link, int linger_ms);

/* transport_inbound.c */
bool transport_inbound_receive(
    struct transport *transport, struct transport_event *out);
void transport_inbound_door(struct transport *transport);
void transport_inbound_tick(struct transport *transport, uint64_t now_ms);
/* Whether so few descriptors are left that libzmq might not get one. */
bool transport_short_of_descriptors(const struct transport *transport);
void transport_inbound_close(struct transport_link *link);
void transport_inbound_free(struct transport *transport, int linger_ms);

#endif
