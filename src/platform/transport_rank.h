/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_RANK_H
#define PLATFORM_TRANSPORT_RANK_H

/* What goes first where frames have to wait; within a rank they keep their
 * order. */
enum transport_rank {
    TRANSPORT_CONTROL,
    TRANSPORT_URGENT,  /* own letters that cannot wait */
    TRANSPORT_RECEIPT, /* and what is on its stem */
    TRANSPORT_FORWARD,
    TRANSPORT_RECONCILE,
    TRANSPORT_RANKS,
};

#endif
