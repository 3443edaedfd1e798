/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulator events and pushes a second at 1,000 nodes of degree 8, with the
 * real relay engine at every node and real vaults at the ends, beside the same
 * mesh flooded and the queue alone; and what a node's memory is, by what holds
 * it. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "sim/scenario_file.h"
#include "sim/simulation.h"

static uint64_t cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

enum {
    ALONE_EVENTS = 1 << 22,
    ALONE_AT_ONCE = 1 << 16,
    ALONE_SPREAD_US = 50000
};

/* The floor: as many events as a large mesh has under way go through the queue,
 * and nothing else is done. */
static uint64_t queue_alone(void)
{
    struct queue *queue = queue_new();
    struct queue_event event = {0};
    bool failed = !queue;
    uint64_t began_us = cpu_us(), bits = 1;
    for (uint32_t i = 0; !failed && i < ALONE_EVENTS; i++) {
        if (i >= ALONE_AT_ONCE)
            queue_pop(queue, UINT64_MAX, &event, &failed);
        bits = bits * UINT64_C(6364136223846793005) + 1442695040888963407u;
        event.at_us += 1 + (bits >> 33) % ALONE_SPREAD_US;
        event.sequence = i;
        failed |= queue_push(queue, &event) != STATUS_OK;
    }
    uint64_t took_us = cpu_us() - began_us;
    queue_free(queue);
    return failed ? 0 : ALONE_EVENTS * UINT64_C(1000000) / (took_us + 1);
}

struct weights {
    size_t relays, links, books;
};

static void weigh(const struct world *world, struct weights *out)
{
    *out = (struct weights){0};
    for (uint32_t i = 0; i < world->node_count; i++) {
        const struct node *node = &world->nodes[i];
        out->relays += node->relay ? relay_bytes(node->relay) : 0;
        out->links += node->link_capacity * sizeof(*node->links);
        for (uint32_t k = 0; k < node->link_count; k++)
            out->books += node->links[k].sent.word_count *
                          sizeof(*node->links->sent.words);
        out->books += sizeof(*node) + ledger_bytes(&node->shelf);
    }
}

static void print_weights(const struct world *world)
{
    struct weights weights;
    weigh(world, &weights);
    size_t all = weights.relays + weights.links + weights.books;
    printf("a node: %zu bytes: its relay %zu, its links %zu, the books %zu\n",
        all / world->node_count, weights.relays / world->node_count,
        weights.links / world->node_count, weights.books / world->node_count);
    printf("for all: %zu KiB for %u envelopes, %zu KiB of what ids decide, "
           "%zu KiB of events\n",
        slab_bytes(&world->slab) / 1024, world->slab.count,
        catalog_bytes(&world->catalog) / 1024,
        queue_bytes(world->queue) / 1024);
}

struct result {
    uint64_t made_us, ran_us, events, pushes;
    bool is_good;
};

static void take(struct simulation *simulation, struct result *out)
{
    struct measures measures;
    const struct counts *counts = &simulation->world.counts;
    uint64_t made_us = cpu_us();
    while (simulation_advance(simulation))
        continue;
    out->ran_us = cpu_us() - made_us;
    out->is_good = simulation_finish(simulation, &measures) == STATUS_OK &&
                   measures.values[METRIC_DELIVERED] == 1000000 &&
                   simulation->world.oracle.violation_count == 0;
    out->events = counts->events;
    out->pushes = counts->payloads_arrived;
}

/* The mesh, with so many letters; weighed, if that is asked for. */
static struct result run(enum switch_word tree, uint64_t letters, bool weighs)
{
    struct scenario scenario;
    struct complaint complaint = {{0}};
    struct simulation simulation;
    struct result result = {0};
    scenario_init(&scenario);
    scenario.nodes = 1000;
    scenario.letters = letters;
    scenario.tree = tree;
    uint64_t began_us = cpu_us();
    if (simulation_init(&simulation, &scenario, &(struct manner){.wire = false},
            &complaint) != STATUS_OK) {
        fprintf(stderr, "%s\n", complaint.text);
        return result;
    }
    result.made_us = cpu_us() - began_us;
    take(&simulation, &result);
    if (weighs)
        print_weights(&simulation.world);
    simulation_clear(&simulation);
    return result;
}

static uint64_t a_second(uint64_t count, uint64_t us)
{
    return count * 1000000 / (us + 1);
}

int main(void)
{
    struct rusage usage;
    struct result tree = run(SWITCH_ON, 100, true);
    getrusage(RUSAGE_SELF, &usage);
    printf("1,000 nodes, 100 letters: %" PRIu64 " events in %" PRIu64
           " ms of processor: %" PRIu64 " events/s\n",
        tree.events, tree.ran_us / 1000, a_second(tree.events, tree.ran_us));
    printf("of these %" PRIu64 " pushes: %" PRIu64
           " pushes/s (aim: 1,000,000)\n",
        tree.pushes, a_second(tree.pushes, tree.ran_us));
    printf("setting up: %" PRIu64 " ms; memory: %ld KiB a node at most\n",
        tree.made_us / 1000, usage.ru_maxrss / 1000);
    struct result flood = run(SWITCH_OFF, 20, false);
    printf("beside it, 20 letters by a plain flood (node.tree=off), most of "
           "whose pushes are duplicates: %" PRIu64 " pushes/s, %" PRIu64
           " events/s\n",
        a_second(flood.pushes, flood.ran_us),
        a_second(flood.events, flood.ran_us));
    printf("the queue alone: %" PRIu64 " events/s\n", queue_alone());
    return tree.is_good && flood.is_good ? 0 : 1;
}
