/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_H
#define PLATFORM_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "platform/transport_event.h"
#include "proto/ids.h"
#include "proto/lanes.h"

/* Links between nodes: ZeroMQ over TCP, always CURVE.
 *
 * One ROUTER is bound for what comes in, one DEALER connects for each peer that
 * is dialled, so that each link has its own queue and closing a socket ends
 * exactly one link.  transport.c opens with what bites in libzmq and where each
 * bite is handled.  Runs in one thread, driven by the caller's libuv loop. */
struct transport;
struct uv_loop_s;

struct transport_config {
    struct uv_loop_s *loop;
    uint8_t secret_key[32]; /* CURVE; wiped by the caller after */
    struct node_key public_key;
    const char *socks;     /* numeric HOST:PORT of a SOCKS5 proxy, or NULL */
    bool isolate;          /* be another user of the proxy for each target */
    uint32_t link_maximum; /* inbound and outbound together */
    uint64_t rate_bytes_s; /* sent, over all links; 0: no limit */
    uint32_t new_links_s;  /* from one network; 0: no limit */
    /* Called from the loop whenever transport_next may have something. */
    void (*wake)(void *context);
    void *context;
};

/* Make a key pair (Curve25519), from the system's generator. */
void transport_keypair(struct node_key *public_key, uint8_t secret_key[32]);

/* The public key of a secret one. */
void transport_public(
    const uint8_t secret_key[static 32], struct node_key *out);

/* STATUS_IO, STATUS_NO_MEMORY. */
MUST_USE enum status transport_new(
    const struct transport_config *config, struct transport **out);

/* Close all links and sockets; harmless for NULL.  The loop must still run, or
 * be run once more, to finish its handles. */
void transport_free(struct transport *transport);

/* Listen on tcp://ADDRESS:PORT (port 0 or *: the system chooses; several calls
 * make several listeners).  *out, of LIMIT_ENDPOINT_BYTES + 1, is the real
 * endpoint.  STATUS_INVALID when it is not numeric, STATUS_IO. */
MUST_USE enum status transport_listen(
    struct transport *transport, const char *endpoint, char *out);

/* Dial a numeric tcp://ADDRESS:PORT (names only through the proxy), expecting
 * that key.  An UP or a FAILED event with the same target follows.
 * STATUS_INVALID, STATUS_FULL, STATUS_IO. */
MUST_USE enum status transport_dial(struct transport *transport,
    const char *endpoint, const struct node_key *key, uint32_t target);

/* Give up a dial that has not been answered. */
void transport_undial(struct transport *transport, uint32_t target);

/* Queue one frame on a link.  What it is in the way of, and what waits too
 * long, is demoted (proto/lanes.h), and told of by DEMOTED events. STATUS_AGAIN
 * when what of the link's queue is open to its lane, or the node's limit, would
 * be passed even so (the frame is dropped and counted), STATUS_NOT_FOUND when
 * there is no such link. */
MUST_USE enum status transport_send(struct transport *transport, uint32_t link,
    struct lane lane, struct span frame);

/* Likewise; the bytes of a frame that is held are not copied, and it may be a
 * forward. */
MUST_USE enum status transport_pass(struct transport *transport, uint32_t link,
    struct lane lane, const struct transport_frame *frame);

/* Hold the frame of the last event, whose bytes stay where they are until wake
 * returns or it is let go.  A name for it that no other ever has; 0 when it is
 * not held, for being small or one too many. */
uint64_t transport_hold(struct transport *transport);

/* End a link, after what is queued on it where flush is set (within a
 * second).  No DOWN event follows. */
void transport_hangup(struct transport *transport, uint32_t link, bool flush);

/* Take the next event; false when there is none for now.  The caller bounds
 * how many it takes a turn: while this returns true, wake will be called again
 * in the next turn of the loop. */
bool transport_next(struct transport *transport, struct transport_event *out);

void transport_count(
    const struct transport *transport, struct transport_counts *out);
/* What was wrong with the proxy itself when it was last dialled through, as
 * transport_tunnels_trouble has it; NULL where there is none. */
const char *transport_proxy_trouble(
    const struct transport *transport, uint64_t *failed);
/* Bytes sent on a link so far, 0 for an unknown one. */
uint64_t transport_sent_bytes(const struct transport *transport, uint32_t link);

#endif
