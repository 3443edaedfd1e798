/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child writes its result, a struct of fixed size, into a pipe and ends; both
 * ends are one program.  Interrupts are held in all of them: the parent is the
 * one that asks, and it ends its children by their ids. */
#include "sim/sweep_pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/outside.h"
#include "sim/report.h"

enum { MOMENT_MS = 200 };

static enum status measure_run(
    const struct scenario *scenario, struct run_result *out)
{
    struct simulation simulation;
    struct complaint complaint;
    struct report report = {.simulation = &simulation};
    uint64_t began_us = outside_wall_us();
    enum status status =
        simulation_init(&simulation, scenario, false, &complaint);
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

/* A pipe takes so few bytes whole. */
_Noreturn static void be_child(int pipe, const struct scenario *scenario)
{
    struct run_result result;
    bool done = measure_run(scenario, &result) == STATUS_OK &&
                write(pipe, &result, sizeof(result)) == sizeof(result);
    _exit(done ? 0 : 1);
}

enum status sweep_pool_start(
    struct sweep_pool *pool, size_t job, const struct scenario *scenario)
{
    int ends[2];
    if (pipe(ends) != 0)
        return STATUS_IO;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        be_child(ends[1], scenario);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return STATUS_IO;
    }
    pool->list[pool->count++] =
        (struct sweep_process){.pid = pid, .pipe = ends[0], .job = job};
    return STATUS_OK;
}

/* Read what a process says; true when it says no more. */
static bool read_some(struct sweep_process *process)
{
    ssize_t got =
        read(process->pipe, (uint8_t *)&process->result + process->got,
            sizeof(process->result) - process->got);
    if (got < 0)
        return errno != EINTR;
    process->got += (size_t)got;
    return got == 0 || process->got == sizeof(process->result);
}

static void forget(struct sweep_pool *pool, size_t place)
{
    close(pool->list[place].pipe);
    waitpid(pool->list[place].pid, NULL, 0);
    pool->list[place] = pool->list[--pool->count];
}

bool sweep_pool_wait(
    struct sweep_pool *pool, size_t *job, bool *came, struct run_result *out)
{
    struct pollfd polled[SWEEP_PROCESSES];
    for (size_t i = 0; i < pool->count; i++)
        polled[i] = (struct pollfd){.fd = pool->list[i].pipe, .events = POLLIN};
    if (poll(polled, pool->count, MOMENT_MS) <= 0)
        return false;
    for (size_t i = 0; i < pool->count; i++) {
        struct sweep_process *process = &pool->list[i];
        if (!polled[i].revents || !read_some(process))
            continue;
        *job = process->job;
        *came = process->got == sizeof(process->result);
        *out = process->result;
        forget(pool, i);
        return true;
    }
    return false;
}

void sweep_pool_stop(struct sweep_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++)
        kill(pool->list[i].pid, SIGKILL);
    while (pool->count > 0)
        forget(pool, 0);
}
