/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs that are taken are kept in a table, and a draw that meets one is drawn
 * again: cheap as long as a mesh is sparse, and meshes are. */
#include "sim/random_graph.h"

#include "base/table.h"
#include "sim/noise.h"

struct builder {
    const struct scenario *scenario;
    struct edge_list *out;
    struct table pairs;
    uint64_t draws;
};

static void begin(struct builder *builder, const struct scenario *scenario,
    struct edge_list *out)
{
    *builder = (struct builder){.scenario = scenario, .out = out};
    table_init(
        &builder->pairs, sizeof(uint64_t), sizeof(uint64_t), SIZE_MAX, 0);
}

static enum status end(struct builder *builder, enum status status)
{
    table_clear(&builder->pairs);
    if (status)
        edge_list_clear(builder->out);
    return status;
}

static uint64_t draw(struct builder *builder, uint64_t below)
{
    uint64_t bits =
        noise(builder->scenario->seed, 0, NOISE_TOPOLOGY, builder->draws++);
    return noise_below(bits, below);
}

/* Take a pair, and its edge; STATUS_EXISTS for one that is taken, or none. */
static enum status join(struct builder *builder, uint64_t one, uint64_t other)
{
    void *unused;
    uint64_t pair = one < other ? one << 32 | other : other << 32 | one;
    enum status status = one == other
                             ? STATUS_EXISTS
                             : table_add(&builder->pairs, &pair, &unused);
    return status ? status
                  : edge_list_add(builder->out, (uint32_t)one, (uint32_t)other);
}

enum status random_graph_erdos_renyi(
    const struct scenario *scenario, struct edge_list *out)
{
    struct builder builder;
    enum status status = STATUS_OK;
    uint64_t edges = scenario->nodes * scenario->degree / 2;
    begin(&builder, scenario, out);
    while (out->count < edges && (!status || status == STATUS_EXISTS)) {
        uint64_t one = draw(&builder, scenario->nodes);
        status = join(&builder, one, draw(&builder, scenario->nodes));
    }
    return end(&builder, status == STATUS_EXISTS ? STATUS_OK : status);
}

/* The far end of an edge of the ring, led elsewhere by chance. */
static uint64_t lead(struct builder *builder, uint64_t to)
{
    if (draw(builder, 1000000) >= builder->scenario->rewire_ppm)
        return to;
    return draw(builder, builder->scenario->nodes);
}

enum status random_graph_watts_strogatz(
    const struct scenario *scenario, struct edge_list *out)
{
    struct builder builder;
    enum status status = STATUS_OK;
    begin(&builder, scenario, out);
    for (uint64_t k = 1; k <= scenario->degree / 2; k++)
        for (uint64_t i = 0; i < scenario->nodes && !status; i++) {
            uint64_t to = (i + k) % scenario->nodes;
            do
                status = join(&builder, i, lead(&builder, to));
            while (status == STATUS_EXISTS && scenario->rewire_ppm > 0);
            if (status == STATUS_EXISTS) /* a ring too small for its degree */
                status = STATUS_OK;
        }
    return end(&builder, status);
}

enum status random_graph_barabasi_albert(
    const struct scenario *scenario, struct edge_list *out)
{
    struct builder builder;
    enum status status = STATUS_OK;
    uint64_t links = scenario->degree / 2;
    begin(&builder, scenario, out);
    for (uint64_t i = 1; i <= links && !status; i++) /* all know the first */
        for (uint64_t k = 0; k < i && !status; k++)
            status = join(&builder, i, k);
    for (uint64_t i = links + 1; i < scenario->nodes && !status; i++) {
        size_t before = out->count, wanted = before + links;
        while (out->count < wanted && (!status || status == STATUS_EXISTS)) {
            /* An end of an edge by chance is a node by its links. */
            const struct topology_edge *e = &out->edges[draw(&builder, before)];
            status = join(&builder, i, draw(&builder, 2) ? e->from : e->to);
        }
        status = status == STATUS_EXISTS ? STATUS_OK : status;
    }
    return end(&builder, status);
}
