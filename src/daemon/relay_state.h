/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_RELAY_STATE_H
#define DAEMON_RELAY_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "daemon/child.h"
#include "daemon/recent.h"
#include "daemon/relay_beacon.h"
#include "daemon/settings.h"
#include "daemon/stamper.h"
#include "platform/beacon.h"
#include "platform/ipc.h"
#include "platform/paths.h"
#include "platform/port_socket.h"
#include "platform/shelf_store.h"
#include "platform/transport.h"
#include "platform/transport_shape.h"
#include "proto/control.h"
#include "proto/endpoint.h"
#include "proto/frame.h"
#include "proto/port.h"
#include "relay/relay.h"

/* The relay process: the loop that carries what happens into the engine, and
 * its effects out into the world.
 *
 * Here is what it knows.  relay_loop.c owns the turn, relay_perform.c the
 * effects, relay_answer.c the control socket, relay_restore.c what an earlier
 * run left, relay_process.c the process's beginning and end. */

enum {
    RELAY_FRAME_TYPES = 64,
    RELAY_LOST_MAXIMUM = 64, /* told in a turn; the rest when asked for again */
    RELAY_DROPPED_PUSHES = 256, /* remembered for a turn; then the link alone */
};

struct dropped_push {
    uint32_t link;
    struct envelope_id id;
};

struct relay_loop {
    const struct settings *settings;
    const struct paths *paths;
    const char *link_shape; /* or NULL */
    uv_loop_t uv;
    uv_timer_t deadline; /* the engine's */
    uv_check_t turn_end; /* after each turn's input */
    uv_timer_t commit;   /* of what came since the last */
    uv_timer_t probe;    /* looks whether a full disk has room again */
    struct child child;

    struct relay *relay;
    struct transport *transport;
    struct transport_shape *shape; /* of its links; or NULL: as they are */
    struct beacon *beacon;         /* or NULL */
    struct relay_beacon *contacts; /* their beacons; or NULL */
    struct shelf_store *shelf;
    struct ipc *ipc;
    char *lagged; /* the ipc's last line */
    size_t lagged_bytes;
    struct port_socket *port; /* or NULL: the vault is not there */
    struct stamper *stamper;

    struct node_key key;
    size_t endpoint_count;
    char endpoints[LIMIT_HELLO_ENDPOINTS][LIMIT_ENDPOINT_BYTES + 1];
    unsigned listen_port;
    const char *sandbox;
    uint64_t started_ms;

    uint64_t now_ms; /* of the last event, or when this turn began */
    uint64_t clock_s;
    struct relay_effects effects; /* of this turn */
    size_t stored;                /* of these, how far the shelf has them */
    bool is_uncommitted;          /* something of it */
    bool commit_now;              /* the own vault counts on this turn */
    uint64_t uncommitted_bytes;   /* of envelopes */
    const char *proxy_trouble;    /* that was logged; NULL: none */
    uint64_t proxy_since_s;       /* when there was none */
    bool peers_failed;   /* the file of those known could not be written */
    bool scores_failed;  /* the same of bad scores */
    bool disk_failed;    /* nothing new is taken until it is well again */
    size_t failed_count; /* dials that came to nothing at once */
    uint32_t failed[LIMIT_DIAL_TARGETS];
    size_t lost_count; /* envelopes that were found damaged */
    struct envelope_id lost[RELAY_LOST_MAXIMUM];
    size_t dropped_push_count; /* envelopes that full queues lost */
    struct dropped_push dropped_pushes[RELAY_DROPPED_PUSHES];
    size_t dropped_count; /* links whose full queues lost something else */
    uint32_t dropped[LIMIT_LINKS];
    bool goodbye_began; /* it stops */
    bool was_quiet;     /* ... and the queues were empty a step ago */
    int exit_code;

    uint64_t received[RELAY_FRAME_TYPES]; /* frames by type */
    uint64_t sent[RELAY_FRAME_TYPES];
    uint64_t sent_bytes[RELAY_FRAME_TYPES];
    uint64_t taken;        /* envelopes that peers brought, and were new */
    uint64_t damaged;      /* of the shelf, as the log has told */
    uint64_t refused_disk; /* envelopes refused while the disk failed */
    struct frame_scratch scratch;
    struct port_scratch port_scratch;
    struct control_bundle *importing; /* or NULL */
    struct span arriving;             /* the PUSH frame that a step is about */
    struct recent recent;             /* what came last, as frames */
    uint8_t frame[LIMIT_FRAME_BYTES]; /* being encoded */
    uint8_t message[LIMIT_PORT_BYTES];
};

/* An event of that kind, now. */
struct relay_event relay_state_event(enum relay_event_kind kind);

/* End the process, with that exit code, after this turn. */
void relay_state_quit(struct relay_loop *loop, int exit_code);

#endif
