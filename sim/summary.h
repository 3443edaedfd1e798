/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SUMMARY_H
#define SIM_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "sim/complaint.h"

/* What the summary.json of a run's folder says, as report.c writes it. */
enum summary_figure {
    SUMMARY_DELIVERED,
    SUMMARY_REDUNDANCY,
    SUMMARY_LATENCY_P50,
    SUMMARY_LATENCY_P90,
    SUMMARY_LATENCY_P99,
    SUMMARY_LATENCY_LAST,
    SUMMARY_LATENCY_MEAN,
    SUMMARY_PAYLOADS_ARRIVED,
    SUMMARY_PAYLOADS_NEW,
    SUMMARY_CONTROL_BYTES,
    SUMMARY_NODE_BYTES,
    SUMMARY_SHELF_BYTES,
    SUMMARY_FRAMES,
    SUMMARY_GROUP_DELIVERED, /* these five and the next: where there are any */
    SUMMARY_GROUP_LATENCY_P50,
    SUMMARY_GROUP_LATENCY_P90,
    SUMMARY_GROUP_LATENCY_P99,
    SUMMARY_GROUP_LATENCY_LAST,
    SUMMARY_FILE_DELIVERED,
    SUMMARY_FILE_LATENCY_P50,
    SUMMARY_FILE_LATENCY_P90,
    SUMMARY_FILE_LATENCY_P99,
    SUMMARY_FILE_LATENCY_LAST,
    SUMMARY_FIGURES,
};

enum { SUMMARY_KINDS = 64, SUMMARY_TEXT_BYTES = 64 };

struct summary_kind { /* of frames */
    char name[32];
    double frames;
    double bytes;
};

struct summary {
    char scenario[SUMMARY_TEXT_BYTES];
    char version[SUMMARY_TEXT_BYTES];  /* of the program that ran it */
    char settings[SUMMARY_TEXT_BYTES]; /* the fingerprint of all of them */
    char crypto[SUMMARY_TEXT_BYTES];   /* "stub", "real", or empty: real */
    char hash[SUMMARY_TEXT_BYTES];     /* of the trace; empty: live */
    uint64_t seed;
    uint64_t nodes;
    bool is_live;
    bool is_partial;
    double waited_us; /* live: for a processor, for each frame; else 0 */
    double figures[SUMMARY_FIGURES];
    bool has[SUMMARY_FIGURES]; /* else 0: there was nothing to measure */
    size_t kind_count;
    struct summary_kind kinds[SUMMARY_KINDS];
};

/* Whether a folder is a sweep's. */
bool summary_is_sweep(const char *folder);

/* Read a folder's.  STATUS_NOT_FOUND and STATUS_INVALID with a complaint that
 * names the file. */
MUST_USE enum status summary_read(
    const char *folder, struct summary *out, struct complaint *complaint);

/* The same of text that was read already; path is for the complaint. */
MUST_USE enum status summary_parse(const char *path, struct span text,
    struct summary *out, struct complaint *complaint);

/* Whether a text is what a sweep writes as sweep.json, with all that a page of
 * it needs.  STATUS_INVALID with a complaint. */
MUST_USE enum status summary_check_sweep(
    const char *path, struct span text, struct complaint *complaint);

/* A kind of frames by its name, or NULL. */
const struct summary_kind *summary_kind(
    const struct summary *summary, const char *name);

/* A figure's name for people and programs, with its unit; and that alone, as
 * figures_json_unit has it. */
const char *summary_figure_name(enum summary_figure figure);
const char *summary_figure_unit(enum summary_figure figure);

#endif
