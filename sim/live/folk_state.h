/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_FOLK_STATE_H
#define SIM_LIVE_FOLK_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"

/* How far people have come with what they do at real nodes. */

/* Something that somebody is to send, as far as it has come. */
struct folk_writing {
    uint64_t asked_us; /* when their node was first asked to */
    unsigned times;    /* it was; more than once where it crashed before it
                          could answer, so that it may rightly come twice */
};

struct folk_shipment {
    struct folk_writing writing;
    uint32_t handed; /* bytes, to the sender's node */
    bool waits;      /* until another of the sender's is handed over */
};

/* A member of a circle who does not see all others yet. */
struct folk_place {
    bool is_looking; /* has asked who the members are */
    bool looks_again;
};

struct folk {
    struct table asked; /* requests that have no answer yet */
    struct folk_writing *letters;
    struct folk_writing *circle_letters;
    struct folk_shipment *shipments;
    uint32_t *gathered; /* by circle: the place to ask in next; 0: the group is
                           not made yet */
    struct folk_place *places; /* a circle's size for each circle */
    bool *is_handing;          /* by node: a file is being handed over */
};

#endif
