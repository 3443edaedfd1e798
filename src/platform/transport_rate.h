/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_RATE_H
#define PLATFORM_TRANSPORT_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How much may be sent, over all links together: in any stretch of time no more
 * than its length and one second allow, and one frame.  A quarter of that
 * second is kept for what goes ahead of all else. */
struct transport_rate {
    uint64_t bytes_s; /* 0: no limit */
    uint64_t paid_us; /* up to then all is spent (GCRA, ITU-T I.371) */
};

/* Whether a frame may go now. */
bool transport_rate_allows(
    const struct transport_rate *rate, uint64_t now_us, bool ahead);

/* A frame of that size went, with CURVE's and ZMTP's own bytes around it. */
void transport_rate_spend(
    struct transport_rate *rate, uint64_t now_us, size_t frame_bytes);

#endif
