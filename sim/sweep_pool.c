/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run of a sweep does in its process, and how it is handed over. */
#include "sim/sweep_pool.h"

#include <stdio.h>
#include <string.h>

#include "sim/outside.h"
#include "sim/report.h"

static enum status measure_run(
    const struct scenario *scenario, struct run_result *out)
{
    struct simulation simulation;
    struct complaint complaint;
    struct report report = {.simulation = &simulation};
    uint64_t began_us = outside_wall_us();
    enum status status = simulation_init(
        &simulation, scenario, &(struct manner){.wire = false}, &complaint);
    if (status) {
        fprintf(stderr, "sotto-sim: %s\n", complaint.text);
        return status;
    }
    while (simulation_advance(&simulation))
        continue;
    status = simulation_finish(&simulation, &report.measures);
    *out = (struct run_result){
        .seed = scenario->seed,
        .nodes = simulation.world.node_count,
        .passed = report_passed(&report),
        .violations = simulation.world.oracle.violation_count,
        .wall_ms = (outside_wall_us() - began_us) / 1000,
        .peak_bytes = outside_peak_bytes(),
    };
    memcpy(out->values, report.measures.values, sizeof(out->values));
    memcpy(out->scenario, scenario->name, sizeof(out->scenario));
    trace_print(&simulation.world.trace, out->trace);
    sweep_fingerprint(scenario, out->fingerprint);
    simulation_clear(&simulation);
    return status;
}

static bool work(const void *task, void *result)
{
    return measure_run(task, result) == STATUS_OK;
}

enum status sweep_pool_start(
    struct children *pool, size_t job, const struct scenario *scenario)
{
    pool->result_bytes = sizeof(struct run_result);
    return children_start(pool, job, work, scenario);
}

bool sweep_pool_wait(
    struct children *pool, size_t *job, bool *came, struct run_result *out)
{
    struct child_end end;
    if (!children_wait(pool, &end, out))
        return false;
    *job = end.job;
    *came = end.came;
    return true;
}

void sweep_pool_stop(struct children *pool)
{
    children_stop(pool);
}
