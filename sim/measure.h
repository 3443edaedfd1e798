/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_MEASURE_H
#define SIM_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/frame.h"
#include "sim/circles.h"
#include "sim/letters.h"
#include "sim/scenario.h"
#include "sim/shipments.h"

enum {
    COUNTS_FRAME_TYPES = FRAME_CLEARED + 1,
    COUNTS_RENEW = 512, /* one envelope in so many goes over every edge */
};

/* Whether an envelope is one of those, which renew the trees: that is seen by
 * its id.  One comes to each node as often as it has neighbours, soon or late
 * by chance; so its pushes tell nothing of the trees, and are not counted. */
bool counts_may_renew(const struct envelope_id *id);

/* What is counted while a run goes on. */
struct counts {
    uint64_t stamps_us;       /* of work on stamps, all nodes together */
    uint64_t checks;          /* of stamps */
    uint64_t false_checks_us; /* of work on false ones */
    uint64_t events;
    uint64_t frames_sent; /* = arrived + lost + cut + stale + demoted + stranded
                             + under way, or waiting for it */
    uint64_t frames_arrived;
    uint64_t frames_lost;     /* by chance */
    uint64_t frames_cut;      /* by a partition */
    uint64_t frames_stale;    /* the link, or the node, was gone */
    uint64_t frames_demoted;  /* announced instead: their link was slow */
    uint64_t frames_stranded; /* they waited for a link that ended */
    uint64_t frames_dropped;  /* never sent: their link's queue was full */
    uint64_t sent_bytes;      /* of all frames that left */
    uint64_t control_bytes;   /* of those without an envelope */
    uint64_t kind_frames[COUNTS_FRAME_TYPES]; /* that left, by type */
    uint64_t kind_bytes[COUNTS_FRAME_TYPES];
    uint64_t payloads_arrived; /* of vaults' envelopes, at honest nodes */
    uint64_t payloads_new;     /* of those, stored by whom they came to */
    uint64_t pushes_first;     /* that renew nothing, to who knew nothing ... */
    uint64_t pushes_again;     /* ... and to who did: the tree is no tree */
    uint64_t flood_bytes;   /* of flooders' envelopes, stored by honest nodes */
    uint64_t catchup_new;   /* of those, since the last split healed */
    uint64_t catchup_bytes; /* of RECONCILE since then */
    uint64_t catchup_trips; /* of the longest run since then */
    uint64_t early_arrived; /* of payloads, before the mesh had settled */
    uint64_t early_new;
    uint64_t held_bytes;  /* stored, summed up over the seconds since then */
    uint64_t alone_bytes; /* what would have been, by expiry alone */
    uint64_t shelf_moves; /* changes of what shelves hold, so far */
    uint64_t stored;      /* now, on all shelves */
    uint64_t stored_bytes;
    uint64_t cleared; /* proofs held now */
    uint64_t shelf_peak_bytes;
    uint64_t links; /* ends of open links, now */
    uint64_t nodes_up;
    uint64_t boots;
    uint64_t departures;
};

/* One row of metrics.csv: how things stood at that second. */
struct sample {
    uint64_t second;
    uint64_t nodes_up;
    uint64_t links;
    uint32_t sent, shown; /* letters */
    uint64_t stored;
    uint64_t stored_bytes;
    uint64_t cleared;
    uint64_t frames_sent;
    uint64_t frames_lost;
    uint64_t payloads_arrived;
    uint64_t payloads_new;
    uint64_t sent_bytes;
    uint64_t control_bytes;
    uint64_t events;
};

struct samples {
    struct sample *list;
    size_t count;
    size_t capacity;
};
/* Add one of these counts, of so many letters. */
MUST_USE enum status samples_add(struct samples *samples, uint64_t second,
    const struct counts *counts, uint32_t sent, uint32_t shown);
void samples_clear(struct samples *samples);

/* Measures of a whole run, in the units of enum metric; METRIC values that a
 * run cannot have (the latency of no letter) are 0. */
struct measures {
    uint64_t values[METRIC_COUNT];
    uint64_t missed; /* letters that were written and not shown */
    uint64_t came;   /* letters in time; then copies and files, too */
    uint64_t sent;   /* letters; then letters in groups and files, too */
};

/* Work them out.  end_us is when the run ended.  STATUS_NO_MEMORY. */
MUST_USE enum status measure(const struct letters *letters,
    const struct counts *counts, uint32_t nodes, uint64_t end_us,
    struct measures *out);

/* Work out the rest: groups, files, and what counts these with the letters.
 * counts are those that were measured before.  STATUS_NO_MEMORY. */
MUST_USE enum status measure_more(const struct circles *circles,
    const struct shipments *shipments, const struct counts *counts,
    struct measures *out);

/* The nearest ranks of a half, nine in ten, 99 in 100 and all of some times,
 * into four values; the times are sorted. */
void measure_percentiles(uint64_t *times, size_t count, uint64_t *out);

/* Whether an expectation holds. */
bool measures_meet(
    const struct measures *measures, const struct expectation *expectation);

#endif
