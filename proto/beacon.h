/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_BEACON_H
#define PROTO_BEACON_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/ids.h"

/* What a node says to its local network, one UDP datagram:
 *
 *   ["sotto", version, node, port, boot]
 *
 * A hint and no more: whoever follows it dials under this key, and only the
 * key's owner can answer. */
enum {
    BEACON_VERSION = 1,
    BEACON_BOOT_BYTES = 8,
    BEACON_MAXIMUM_BYTES = 55,
};

struct beacon_datagram {
    struct node_key node;
    uint16_t port; /* TCP, where the node listens; never 0 */
    /* Random, made anew at each start: lets a node know its own beacon when
     * it hears it, and a neighbour that has restarted. */
    uint8_t boot[BEACON_BOOT_BYTES];
};

/* Decode.  STATUS_INVALID when it is malformed or not a beacon at all;
 * STATUS_NOT_FOUND when it is one of another version. */
MUST_USE enum status beacon_datagram_decode(
    struct span bytes, struct beacon_datagram *out);

/* Encode into out and return the size.  The port is not 0. */
size_t beacon_datagram_encode(const struct beacon_datagram *beacon,
    uint8_t out[static BEACON_MAXIMUM_BYTES]);

#endif
