/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Meshes by rule.  Random regular ones begin as a lattice and are shuffled by
 * switching pairs of edges, which keeps every degree exact at every moment;
 * the pairing model would have to throw most of its tries away.  Positions are
 * integers, so that a seed gives the same mesh on every machine. */
#include "sim/topology.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/blame.h"
#include "sim/edges_file.h"
#include "sim/lots.h"
#include "sim/noise.h"
#include "sim/random_graph.h"
#include "sim/union_find.h"

enum { SQUARE = 1 << 20, SWITCHES_PER_EDGE = 10 };

static enum status add_edge(struct topology *t, uint64_t from, uint64_t to)
{
    if (t->edge_count == t->edge_capacity) {
        size_t capacity = t->edge_capacity ? t->edge_capacity * 2 : 256;
        struct topology_edge *edges =
            realloc(t->edges, capacity * sizeof(*edges));
        if (!edges)
            return STATUS_NO_MEMORY;
        t->edges = edges;
        t->edge_capacity = capacity;
    }
    t->edges[t->edge_count++] =
        (struct topology_edge){(uint32_t)from, (uint32_t)to};
    return STATUS_OK;
}

static int compare_edges(const void *a, const void *b)
{
    const struct topology_edge *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->to < y->to ? -1 : x->to > y->to;
}

/* The first end dials: the smaller one, unless the topology has chosen. */
static void sort_edges(struct topology *t, bool chosen)
{
    for (size_t i = 0; i < t->edge_count && !chosen; i++)
        if (t->edges[i].from > t->edges[i].to)
            t->edges[i] =
                (struct topology_edge){t->edges[i].to, t->edges[i].from};
    if (t->edge_count)
        qsort(t->edges, t->edge_count, sizeof(*t->edges), compare_edges);
    size_t kept = 0;
    for (size_t i = 0; i < t->edge_count; i++)
        if (kept == 0 || compare_edges(&t->edges[kept - 1], &t->edges[i]))
            t->edges[kept++] = t->edges[i];
    t->edge_count = kept;
}

static enum status make_line(struct topology *t, bool closed)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i + 1 < t->nodes && !status; i++)
        status = add_edge(t, i, i + 1);
    if (closed && !status)
        status = add_edge(t, 0, t->nodes - 1);
    return status;
}

static enum status make_star(struct topology *t)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 1; i < t->nodes && !status; i++)
        status = add_edge(t, 0, i);
    return status;
}

static enum status make_grid(
    const struct scenario *scenario, struct topology *t)
{
    uint64_t width = scenario->width;
    if (width == 0)
        for (width = 1; width * width < t->nodes;)
            width++;
    enum status status = STATUS_OK;
    for (uint64_t i = 0; i < t->nodes && !status; i++) {
        if ((i + 1) % width && i + 1 < t->nodes)
            status = add_edge(t, i, i + 1);
        if (i + width < t->nodes && !status)
            status = add_edge(t, i, i + width);
    }
    return status;
}

/* For random regular meshes: the neighbours of each node, degree to a row. */
struct rows {
    uint32_t *to;
    uint64_t degree;
};

static bool are_neighbours(const struct rows *rows, uint32_t a, uint32_t b)
{
    for (uint64_t i = 0; i < rows->degree; i++)
        if (rows->to[a * rows->degree + i] == b)
            return true;
    return false;
}

static void replace(struct rows *rows, uint32_t of, uint32_t old, uint32_t new_)
{
    for (uint64_t i = 0; i < rows->degree; i++)
        if (rows->to[of * rows->degree + i] == old) {
            rows->to[of * rows->degree + i] = new_;
            return;
        }
    assert(!"the edge to replace is there");
}

/* Edges a-b and c-d become a-d and c-b, if that makes no loop or double. */
static void switch_edges(
    struct rows *rows, struct topology_edge *e, struct topology_edge *f)
{
    /* The analyser does not see that every edge below the count was written. */
    /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign) */
    uint32_t a = e->from, b = e->to, c = f->from, d = f->to;
    if (a == c || a == d || b == c || b == d || are_neighbours(rows, a, d) ||
        are_neighbours(rows, c, b))
        return;
    replace(rows, a, b, d);
    replace(rows, d, c, a);
    replace(rows, c, d, b);
    replace(rows, b, a, c);
    e->to = d;
    f->to = b;
}

static enum status make_lattice(struct topology *t, uint64_t degree)
{
    enum status status = STATUS_OK;
    for (uint64_t i = 0; i < t->nodes; i++)
        for (uint64_t k = 1; k <= degree / 2 && !status; k++)
            status = add_edge(t, i, (i + k) % t->nodes);
    if (degree % 2)
        for (uint64_t i = 0; i < t->nodes / 2 && !status; i++)
            status = add_edge(t, i, i + t->nodes / 2);
    return status;
}

static void fill_rows(const struct topology *t, struct rows *rows, uint32_t *at)
{
    memset(at, 0, t->nodes * sizeof(*at));
    for (size_t i = 0; i < t->edge_count; i++) {
        uint32_t a = t->edges[i].from, b = t->edges[i].to;
        rows->to[a * rows->degree + at[a]++] = b;
        rows->to[b * rows->degree + at[b]++] = a;
    }
}

static enum status shuffle(struct topology *t, uint64_t seed, struct rows *rows)
{
    uint32_t parts = 0;
    uint64_t draw = 0;
    do {
        for (size_t i = 0; i < SWITCHES_PER_EDGE * t->edge_count; i++) {
            uint64_t bits = noise(seed, 0, NOISE_TOPOLOGY, draw++);
            size_t e = (size_t)noise_below(bits, t->edge_count);
            bits = noise(seed, 0, NOISE_TOPOLOGY, draw++);
            size_t f = (size_t)noise_below(bits, t->edge_count);
            if (bits & 1) /* either way of joining the four ends */
                t->edges[f] =
                    (struct topology_edge){t->edges[f].to, t->edges[f].from};
            switch_edges(rows, &t->edges[e], &t->edges[f]);
        }
        enum status status = topology_parts(t, NULL, &parts);
        if (status)
            return status;
    } while (parts > 1);
    return STATUS_OK;
}

static enum status make_random_regular(
    const struct scenario *scenario, struct topology *t)
{
    enum status status = make_lattice(t, scenario->degree);
    if (status)
        return status;
    struct rows rows = {.degree = scenario->degree};
    rows.to = calloc(t->nodes * scenario->degree, sizeof(*rows.to));
    uint32_t *at = calloc(t->nodes, sizeof(*at));
    status = STATUS_NO_MEMORY;
    if (rows.to && at) {
        fill_rows(t, &rows, at);
        status = shuffle(t, scenario->seed, &rows);
    }
    free(rows.to);
    free(at);
    return status;
}

struct point {
    int64_t x, y;
    uint32_t node;
};

static int compare_points(const void *a, const void *b)
{
    const struct point *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return p->node < q->node ? -1 : p->node > q->node;
}

/* Link all points within reach; points are sorted by x. */
static enum status link_near(
    struct topology *t, const struct point *points, int64_t reach)
{
    t->edge_count = 0;
    for (uint32_t i = 0; i < t->nodes; i++)
        for (uint32_t j = i + 1;
             j < t->nodes && points[j].x - points[i].x <= reach; j++) {
            int64_t dx = points[j].x - points[i].x;
            int64_t dy = points[j].y - points[i].y;
            if (dx * dx + dy * dy > reach * reach)
                continue;
            enum status status = add_edge(t, points[i].node, points[j].node);
            if (status)
                return status;
        }
    return STATUS_OK;
}

/* Grow the reach by a fiftieth at a time until the mesh is one. */
static enum status link_least(
    struct topology *t, const struct point *points, int64_t *reach)
{
    uint32_t parts = 0;
    for (*reach = SQUARE / 200 + 1;; *reach += *reach / 50) {
        enum status status = link_near(t, points, *reach);
        if (!status)
            status = topology_parts(t, NULL, &parts);
        if (status || parts == 1)
            return status;
    }
}

static enum status link_within(const struct scenario *scenario,
    struct topology *t, const struct point *points, struct complaint *complaint)
{
    int64_t reach = (int64_t)(scenario->radius_ppm * SQUARE / 1000000);
    uint32_t parts = 0;
    enum status status = link_near(t, points, reach);
    if (!status)
        status = topology_parts(t, NULL, &parts);
    if (status || parts == 1)
        return status;
    status = link_least(t, points, &reach);
    if (status)
        return status;
    return blame(scenario, complaint, "mesh.radius",
        "leaves the mesh in %" PRIu32
        " parts; about %d.%03d makes it one, and 0 takes the least that does",
        parts, ((int)(reach * 1000 / SQUARE) + 1) / 1000,
        ((int)(reach * 1000 / SQUARE) + 1) % 1000);
}

static enum status make_geometric(const struct scenario *scenario,
    struct topology *t, struct complaint *complaint)
{
    struct point *points = calloc(t->nodes, sizeof(*points));
    if (!points)
        return STATUS_NO_MEMORY;
    for (uint32_t i = 0; i < t->nodes; i++) {
        uint64_t bits = noise(scenario->seed, i, NOISE_TOPOLOGY, 1);
        points[i] = (struct point){
            (int64_t)(bits % SQUARE), (int64_t)((bits >> 32) % SQUARE), i};
    }
    qsort(points, t->nodes, sizeof(*points), compare_points);
    int64_t reach;
    enum status status = scenario->radius_ppm
                             ? link_within(scenario, t, points, complaint)
                             : link_least(t, points, &reach);
    free(points);
    return status;
}

static enum status make_from_file(const struct scenario *scenario,
    struct topology *t, struct complaint *complaint)
{
    struct edges_file file;
    enum status status = edges_file_open(scenario, &file, complaint);
    if (status)
        return status;
    uint32_t highest = 0, ends[2] = {0};
    while ((status = edges_file_next(&file, ends, complaint)) == STATUS_OK) {
        highest = ends[0] > highest ? ends[0] : highest;
        highest = ends[1] > highest ? ends[1] : highest;
        if (ends[0] != ends[1] && add_edge(t, ends[0], ends[1]))
            break;
    }
    edges_file_close(&file);
    if (status == STATUS_OK)
        return STATUS_NO_MEMORY;
    if (status != STATUS_NOT_FOUND)
        return status;
    t->nodes = highest + 1;
    if (t->edge_count > 0)
        return STATUS_OK;
    return blame(scenario, complaint, "mesh.file mesh.skip",
        "%s has no edge between two nodes%s; a line of one is like \"3,17\"",
        scenario->file, scenario->skip[0] ? " that is not skipped" : "");
}

/* Of the nodes in their order, those that others may be told of, and how many
 * of them come before each. */
struct acquaintances {
    uint32_t *list;
    uint32_t *before;
};

static enum status find_acquaintances(
    const struct scenario *scenario, uint32_t nodes, struct acquaintances *out)
{
    struct lot *lots = calloc(nodes, sizeof(*lots));
    uint32_t count = 0;
    *out = (struct acquaintances){.list = calloc(nodes, sizeof(*out->list)),
        .before = calloc(nodes, sizeof(*out->before))};
    enum status status = lots && out->list && out->before
                             ? lots_draw(scenario, nodes, lots)
                             : STATUS_NO_MEMORY;
    for (uint32_t i = 0; i < nodes && !status; i++) {
        bool is_honest = lots[i].role == ROLE_HONEST;
        out->before[i] = is_honest && scenario->told == SWITCH_OFF ? count : i;
        if (is_honest)
            out->list[count++] = i;
    }
    free(lots);
    return status;
}

/* The one of a number among those before a node. */
static uint32_t acquaintance(
    const struct acquaintances *known, uint32_t node, uint64_t which)
{
    return known->before[node] == node ? (uint32_t)which : known->list[which];
}

/* Each knows a few that came before it. */
static enum status make_join(
    const struct scenario *scenario, struct topology *t)
{
    struct acquaintances known;
    enum status status = find_acquaintances(scenario, t->nodes, &known);
    for (uint32_t i = 1; i < t->nodes && !status; i++) {
        uint64_t bits = noise(scenario->seed, i, NOISE_TOPOLOGY, 0);
        uint64_t count = 1 + noise_below(bits, scenario->contacts);
        for (uint64_t k = 1; k <= count && known.before[i] > 0 && !status;
             k++) {
            bits = noise(scenario->seed, i, NOISE_TOPOLOGY, k);
            uint64_t which = noise_below(bits, known.before[i]);
            status = add_edge(t, i, acquaintance(&known, i, which));
        }
    }
    free(known.list);
    free(known.before);
    return status;
}

typedef enum status (*graph_maker)(
    const struct scenario *scenario, struct edge_list *out);

/* Chance can leave parts: each is joined to the first by one edge. */
static enum status make_random_graph(
    const struct scenario *scenario, graph_maker make, struct topology *t)
{
    struct edge_list list = {0};
    enum status status = make(scenario, &list);
    if (status)
        return status;
    t->edges = list.edges;
    t->edge_count = list.count;
    t->edge_capacity = list.capacity;
    uint32_t *parts = malloc(t->nodes * sizeof(*parts)), count;
    status = parts ? topology_parts(t, parts, &count) : STATUS_NO_MEMORY;
    for (uint32_t i = 1; i < t->nodes && !status; i++)
        if (parts[i] == i)
            status = add_edge(t, parts[0], i);
    free(parts);
    return status;
}

static enum status make(const struct scenario *scenario, struct topology *t,
    struct complaint *complaint)
{
    switch ((enum topology_kind)scenario->topology) {
    case TOPOLOGY_LINE:
        return make_line(t, false);
    case TOPOLOGY_RING:
        return make_line(t, true);
    case TOPOLOGY_GRID:
        return make_grid(scenario, t);
    case TOPOLOGY_STAR:
        return make_star(t);
    case TOPOLOGY_RANDOM_REGULAR:
        return make_random_regular(scenario, t);
    case TOPOLOGY_GEOMETRIC:
        return make_geometric(scenario, t, complaint);
    case TOPOLOGY_ERDOS_RENYI:
        return make_random_graph(scenario, random_graph_erdos_renyi, t);
    case TOPOLOGY_WATTS_STROGATZ:
        return make_random_graph(scenario, random_graph_watts_strogatz, t);
    case TOPOLOGY_BARABASI_ALBERT:
        return make_random_graph(scenario, random_graph_barabasi_albert, t);
    case TOPOLOGY_FILE:
        return make_from_file(scenario, t, complaint);
    case TOPOLOGY_JOIN:
        return make_join(scenario, t);
    }
    return STATUS_INVALID;
}

enum status topology_make(const struct scenario *scenario, struct topology *out,
    struct complaint *complaint)
{
    struct topology t = {.nodes = (uint32_t)scenario->nodes};
    enum status status = make(scenario, &t, complaint);
    if (status) {
        topology_clear(&t);
        return status;
    }
    sort_edges(&t, scenario->topology == TOPOLOGY_JOIN);
    *out = t;
    return STATUS_OK;
}

void topology_clear(struct topology *topology)
{
    free(topology->edges);
    *topology = (struct topology){0};
}

enum status topology_parts(
    const struct topology *topology, uint32_t *parts, uint32_t *count)
{
    uint32_t *above = malloc(topology->nodes * sizeof(*above));
    if (!above)
        return STATUS_NO_MEMORY;
    union_find_init(above, topology->nodes);
    uint32_t left = topology->nodes;
    for (size_t i = 0; i < topology->edge_count; i++)
        left -= union_find_join(
            above, topology->edges[i].from, topology->edges[i].to);
    for (uint32_t i = 0; parts && i < topology->nodes; i++)
        parts[i] = union_find_root(above, i);
    free(above);
    *count = left;
    return STATUS_OK;
}

enum status topology_degrees(
    const struct topology *topology, uint32_t *least, uint32_t *most)
{
    uint32_t *degree = calloc(topology->nodes, sizeof(*degree));
    if (!degree)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < topology->edge_count; i++) {
        degree[topology->edges[i].from]++;
        degree[topology->edges[i].to]++;
    }
    *least = UINT32_MAX;
    *most = 0;
    for (uint32_t i = 0; i < topology->nodes; i++) {
        *least = degree[i] < *least ? degree[i] : *least;
        *most = degree[i] > *most ? degree[i] : *most;
    }
    free(degree);
    return STATUS_OK;
}
