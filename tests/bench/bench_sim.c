/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulator events a second at 1,000 nodes of degree 8, with the real relay
 * engine at every node and real vaults at the ends. */
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

int main(void)
{
    struct scenario scenario;
    struct complaint complaint = {{0}};
    struct simulation simulation;
    struct measures measures;
    scenario_init(&scenario);
    scenario.nodes = 1000;
    scenario.letters = 100;
    uint64_t began_us = cpu_us();
    if (simulation_init(&simulation, &scenario, false, &complaint) !=
        STATUS_OK) {
        fprintf(stderr, "%s\n", complaint.text);
        return 1;
    }
    uint64_t made_us = cpu_us();
    while (simulation_advance(&simulation))
        continue;
    uint64_t ran_us = cpu_us() - made_us;
    if (simulation_finish(&simulation, &measures) != STATUS_OK)
        return 1;
    const struct counts *counts = &simulation.world.counts;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("1,000 nodes, 100 letters: %" PRIu64 " events in %" PRIu64
           " ms of processor: %" PRIu64 " events/s\n",
        counts->events, ran_us / 1000, counts->events * 1000000 / ran_us);
    printf("of these %" PRIu64 " pushes: %" PRIu64 " pushes/s\n",
        counts->payloads_arrived, counts->payloads_arrived * 1000000 / ran_us);
    printf("setting up: %" PRIu64 " ms; memory: %ld KiB a node at most\n",
        (made_us - began_us) / 1000, usage.ru_maxrss / 1000);
    bool good = measures.values[METRIC_DELIVERED] == 1000000 &&
                simulation.world.oracle.violation_count == 0;
    simulation_clear(&simulation);
    return good ? 0 : 1;
}
