/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SIM_SETUP_H
#define TESTS_SIM_SETUP_H

/* Scenarios, and runs of them, from settings alone: "links.loss=0.1", as --set
 * has them, and NULL behind the last. */
#include <stdlib.h>

#include "sim/scenario_check.h"
#include "sim/scenario_file.h"
#include "sim/simulation.h"
#include "tests/tap.h"

/* The defaults, but for those; what is no setting ends the test. */
static inline void setup_settings(
    struct scenario *scenario, const char *const assignments[])
{
    struct complaint complaint;
    scenario_init(scenario);
    for (; *assignments; assignments++)
        if (scenario_set(scenario, "--set", *assignments, &complaint)) {
            printf("Bail out! %s\n", complaint.text);
            exit(99);
        }
}

/* One that can be run. */
static inline void setup_scenario(
    struct scenario *scenario, const char *const assignments[])
{
    struct complaint complaint;
    setup_settings(scenario, assignments);
    if (scenario_check(scenario, &complaint)) {
        printf("Bail out! %s\n", complaint.text);
        exit(99);
    }
}

/* A run of one, at its beginning. */
static inline void setup_run(
    struct simulation *simulation, bool wire, const char *const assignments[])
{
    struct scenario scenario;
    struct complaint complaint;
    setup_scenario(&scenario, assignments);
    need(simulation_init(simulation, &scenario, &(struct manner){.wire = wire},
             &complaint) == STATUS_OK);
}

#endif
