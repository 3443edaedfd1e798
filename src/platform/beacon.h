/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_BEACON_H
#define PLATFORM_BEACON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/ids.h"

/* Finding neighbours on the local network: a small UDP datagram, sent over IPv4
 * multicast and broadcast and IPv6 link-local multicast on each interface, that
 * says where a node listens and under which key.  Hints only: CURVE proves the
 * key, and the relay decides whom to dial.  proto/README.md has the bytes. */
struct beacon;
struct uv_loop_s;

struct beacon_config {
    struct uv_loop_s *loop;
    uint16_t port; /* UDP; 0: the default, 7312 */
    struct node_key node;
    uint16_t listen_port; /* TCP, offered to others; 0: only listen */
    uint64_t interval_ms; /* between beacons, +-20 %; 0: 10 s */
    /* Called from the loop: somebody's node listens at this numeric endpoint
     * (tcp://ADDRESS:PORT, with %NUMBER of the interface for link-local). */
    void (*seen)(
        void *context, struct span endpoint, const struct node_key *node);
    void *context;
};

/* Open sockets on all interfaces that are up, and look again when that
 * changes.  STATUS_IO when none could be opened. */
MUST_USE enum status beacon_new(
    const struct beacon_config *config, struct beacon **out);
void beacon_free(struct beacon *beacon);

#endif
