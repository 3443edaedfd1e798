/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_RANK_H
#define PLATFORM_TRANSPORT_RANK_H

#include <stdint.h>

/* What goes first where frames have to wait; within a rank and
 * a flow they keep their order. */
enum transport_rank {
    TRANSPORT_CONTROL,
    TRANSPORT_URGENT,  /* own letters that cannot wait */
    TRANSPORT_RECEIPT, /* and what is on its stem */
    TRANSPORT_FORWARD,
    TRANSPORT_RECONCILE,
    TRANSPORT_RANKS,
};

/* Where a frame has to wait: by its rank, and there by whose mail it is.  Each
 * flow within a rank has its turn; what that number says, the caller knows. */
struct transport_lane {
    enum transport_rank rank;
    uint32_t flow;
};

#endif
