/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_GATE_H
#define PLATFORM_TRANSPORT_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/address.h"

/* How many new links a second one network may open: the /24 or /48 of a public
 * address, the /64 of another IPv6 address, a single one of IPv4.  Connections
 * whose address is not known are one network. */
enum {
    TRANSPORT_GATE_NETWORKS = 256,
    TRANSPORT_GATE_BURST_S = 32, /* so much may be saved up */
};

struct transport_gate {
    uint32_t rate_s; /* 0: no limit */
    size_t count;
    struct transport_gate_entry {
        uint64_t network;
        uint64_t paid_us; /* up to then all is spent (GCRA, ITU-T I.371) */
    } entries[TRANSPORT_GATE_NETWORKS];
};

/* Whether one more link from that address may be opened now; it then has
 * been.  Where too many networks are busy at a time, the one that has spent
 * least is forgotten. */
bool transport_gate_admits(
    struct transport_gate *gate, const struct address *from, uint64_t now_us);

#endif
