/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_ORACLE_STEMS_H
#define SIM_ORACLE_STEMS_H

#include <stdint.h>

#include "sim/oracle/invariants.h"

/* Invariant 8, of a node's own stems and of those that it passes on: nobody who
 * sees them leave can tell them apart by the way they take.  In an epoch all
 * go to the same few peers, and what one peer brings goes to one of them, as
 * all that is the node's own does. */
enum { ORACLE_STEM_WAYS = 2, ORACLE_STEM_EPOCH_MS = 600000 };

/* Where what one source brings has gone. */
struct stem_source {
    uint32_t to;    /* a link; 0: nothing has come, or that link is gone */
    uint32_t epoch; /* in which it went there */
};

/* The ways of a node, as they are seen from outside: a link that nothing went
 * over yet is no way. */
struct stem_ways {
    uint32_t links[ORACLE_STEM_WAYS]; /* 0: free, or gone */
    uint32_t epoch;                   /* counted */
    uint64_t begun_ms;                /* it did not begin before */
    uint64_t seen_ms;                 /* it was the first to be seen then */
    struct stem_source own;
};

/* A node has come up. */
void stem_ways_begin(struct stem_ways *ways, uint64_t now_ms);

/* A link of its is gone. */
void stem_ways_part(struct stem_ways *ways, uint32_t link);
static inline void stem_source_part(struct stem_source *source, uint32_t link)
{
    if (source->to == link)
        source->to = 0;
}

/* A stem goes on over a link.  Where it takes another way than all before, an
 * epoch must have ended: they are no shorter than they are. */
struct stemmed {
    struct stem_ways *ways;
    struct stem_source *source; /* NULL: nobody knows */
    uint32_t to;
};
void oracle_stemmed(struct oracle *oracle, const struct stemmed *stemmed,
    uint32_t node, uint64_t at_us);

#endif
