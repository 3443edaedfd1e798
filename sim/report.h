/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "sim/complaint.h"
#include "sim/simulation.h"

/* What is different where the nodes were real ones. */
enum { REPORT_UNLIKE = 8 };
struct report_live {
    bool is_measured[METRIC_COUNT]; /* the others cannot be seen from outside */
    const char *links;              /* what makes them as they are */
    size_t unlike_count;            /* settings that sottod does not have */
    const char *unlike[REPORT_UNLIKE];
    uint64_t busy_us; /* processor time of all nodes, while it was measured */
    uint64_t busy_most_us; /* of the busiest */
    uint64_t waited_us;    /* for a processor, all nodes together */
    uint64_t node_bytes;   /* resident memory of a node, on average */
    uint64_t assembly_us;  /* until the mesh was there */
};

/* What a run came to, for people, for programs and for a folder. */
struct report {
    const struct simulation *simulation;
    struct measures measures;
    bool partial;                   /* interrupted: the results so far */
    bool repeated;                  /* run twice */
    bool differed;                  /* and the second trace was another */
    const struct report_live *live; /* NULL: a virtual run */
    uint32_t parts;                 /* of the run; 0: one */
    bool has_processes;             /* each a process; else a thread */
    uint64_t wall_us;
    uint64_t peak_bytes; /* of this process */
};

/* Whether every invariant and every expectation held, to the end. */
bool report_passed(const struct report *report);

void report_print(FILE *file, const struct report *report);
void report_print_json(FILE *file, const struct report *report);

#endif
