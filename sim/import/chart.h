/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IMPORT_CHART_H
#define SIM_IMPORT_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "base/table.h"

enum { CHART_NAME_BYTES = 128, CHART_TYPE_BYTES = 32 };

struct chart_link {
    uint32_t from;
    uint32_t to;
    char type[CHART_TYPE_BYTES];
};

struct chart_node {
    char name[CHART_NAME_BYTES];
    bool is_declared; /* else only links have named it */
    bool is_linked;
    int line; /* of the file, where it was named first */
};

/* What a foreign map says, on its way to a file of ours.  Nodes are numbered in
 * the order in which the file names them. */
struct chart {
    struct chart_link *list;
    size_t count;
    size_t capacity;
    struct chart_node *nodes;
    size_t node_count;
    size_t node_capacity;
    struct table numbers; /* of nodes, by name */
};

void chart_init(struct chart *chart);
void chart_clear(struct chart *chart);

/* The number of a node, which is new if its name is.  STATUS_INVALID for an
 * empty name or one of CHART_NAME_BYTES or more; STATUS_FULL above
 * SCENARIO_NODES_MAXIMUM; STATUS_NO_MEMORY. */
MUST_USE enum status chart_node(
    struct chart *chart, const char *name, uint32_t *out);

/* What to tell of a status of chart_node that is not STATUS_OK. */
const char *chart_complaint(enum status status);

/* Append one.  That of a node with itself is left out; a type (NULL: "other")
 * keeps its letters, digits and "-_.".  STATUS_NO_MEMORY. */
MUST_USE enum status chart_add(
    struct chart *chart, uint32_t from, uint32_t to, const char *type);

/* Write them as sotto-scenario(5) has them: of nodes without a link nothing is
 * said, and they have no number.  STATUS_NO_MEMORY; whether it could be written
 * is the stream's to know. */
MUST_USE enum status chart_print(const struct chart *chart, FILE *stream);

/* How many nodes have a link. */
size_t chart_linked(const struct chart *chart);

#endif
