/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_BEACON_H
#define PLATFORM_BEACON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/beacon.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* Finding neighbours on the local network: a small UDP datagram, sent over IPv4
 * multicast and broadcast and IPv6 link-local multicast on each interface, that
 * says where a node listens and under which key.  Hints only: CURVE proves the
 * key, and the relay decides whom to dial.  proto/README.md has the bytes. */
struct beacon;
struct uv_loop_s;

/* Where a datagram came from. */
struct beacon_source {
    uint8_t address[16]; /* of IPv4 the mapped form */
    uint32_t scope;      /* interface of a link-local one */
};

struct beacon_config {
    struct uv_loop_s *loop;
    uint16_t port; /* UDP; 0: the default, 7312 */
    struct node_key node;
    uint16_t listen_port; /* TCP, offered to others; 0: only listen */
    uint64_t interval_ms; /* between beacons, +-20 %; 0: 10 s */
    /* Called from the loop: somebody's node listens at this numeric endpoint
     * (tcp://ADDRESS:PORT, with %NUMBER of the interface for link-local). NULL:
     * what everybody can read is not listened to. */
    void (*seen)(
        void *context, struct span endpoint, const struct node_key *node);
    /* Where set, what is sent in place of the plain beacon: the size of what
     * was written, or 0 for nothing this time.  The address is that of the
     * interface, of IPv4 the mapped form. */
    size_t (*say)(void *context, const uint8_t address[static 16],
        uint8_t out[static BEACON_MAXIMUM_BYTES]);
    /* Where set, what to do with a beacon of another version. */
    void (*heard)(void *context, const struct beacon_source *source,
        struct span datagram);
    void *context;
};

/* The endpoint of who sent a beacon, with its port. */
void beacon_endpoint(const struct beacon_source *source, uint16_t port,
    char out[static LIMIT_ENDPOINT_BYTES + 1]);

/* Open sockets on all interfaces that are up, and look again when that
 * changes.  STATUS_IO when none could be opened. */
MUST_USE enum status beacon_new(
    const struct beacon_config *config, struct beacon **out);
void beacon_free(struct beacon *beacon);

#endif
