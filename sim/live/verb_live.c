/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of real nodes, and what it came to.  Everything that can be refused
 * is refused before the first node starts. */
#include "config.h"

#include "sim/verb.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "proto/control.h"
#include "sim/live/course.h"
#include "sim/live/means.h"
#include "sim/moot.h"
#include "sim/options.h"
#include "sim/outside.h"
#include "sim/report_files.h"

enum { LOG_LINES_BYTES = 2000 };

struct run {
    struct options options;
    struct means means;
    unsigned starts;
    struct simulation simulation; /* its world alone is used */
    bool has_world;
    struct spaces spaces;
    bool has_spaces;
    struct course course;
    bool has_course;
    struct report_live live;
    struct report report;
    struct report_files files;
    struct complaint complaint;
};

/* Twice the processors, unless told otherwise. */
static void choose_starts(struct run *run)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    run->starts = run->options.starts;
    if (!run->starts)
        run->starts = processors > 1 ? 2 * (unsigned)processors : 4;
    if (run->starts > OPTIONS_STARTS)
        run->starts = OPTIONS_STARTS;
}

static enum status make_world(struct run *run)
{
    if (crypto_start() != 0) {
        complain(&run->complaint, "no cryptography");
        return STATUS_IO;
    }
    enum status status =
        world_init(&run->simulation.world, &run->options.scenario,
            &(struct manner){.wire = false}, &run->complaint);
    run->has_world = status == STATUS_OK;
    return status;
}

static uint32_t count_vaults(const struct world *world)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < world->node_count; i++)
        count += world->nodes[i].end != NULL;
    return count;
}

static enum status make_spaces(struct run *run)
{
    const struct world *world = &run->simulation.world;
    if (!run->options.netns)
        return STATUS_OK;
    bool *far_side = calloc(world->node_count, sizeof(*far_side));
    world_need(far_side ? STATUS_OK : STATUS_NO_MEMORY);
    for (uint32_t i = 0; i < world->node_count; i++)
        far_side[i] = world->lots[i].far_side;
    enum status status =
        spaces_open(&run->spaces, world->node_count, far_side, &run->complaint);
    free(far_side);
    run->has_spaces = status == STATUS_OK;
    return status;
}

/* Frames are lost in sottod, where it can; packets on the bridge, where not. */
static enum status begin_loss(struct run *run)
{
    uint64_t loss_ppm = run->options.scenario.loss_ppm;
    if (!run->has_spaces || run->means.shapes || loss_ppm == 0)
        return STATUS_OK;
    return spaces_lose(loss_ppm, &run->complaint);
}

static enum status make_course(struct run *run)
{
    const struct course_config config = {.simulation = &run->simulation,
        .spaces = run->has_spaces ? &run->spaces : NULL,
        .program = run->means.sottod,
        .shape = run->means.shapes ? run->means.shape : NULL,
        .slow_shape = run->means.slow_shape,
        .clocks = run->means.clocks[0] ? run->means.clocks : NULL,
        .starts = run->starts};
    enum status status = course_init(&run->course, &config, &run->complaint);
    run->has_course = status == STATUS_OK;
    return status;
}

static enum status prepare(struct run *run, int argc, char **argv)
{
    struct complaint *complaint = &run->complaint;
    const struct scenario *scenario = &run->options.scenario;
    enum status status = options_read(argc, argv, &run->options, complaint);
    choose_starts(run);
    if (!status)
        (void)moot_print(stderr, scenario);
    if (!status)
        status = means_check_scenario(scenario, run->options.netns, complaint);
    if (!status)
        status = means_find_sottod(
            run->options.sottod, scenario, &run->means, complaint);
    if (!status)
        status = means_check_shape(scenario, &run->means, complaint);
    if (!status)
        status = means_find_clocks(scenario, &run->means, complaint);
    if (!status)
        status = make_world(run);
    if (!status)
        status = means_check_machine(run->simulation.world.node_count,
            count_vaults(&run->simulation.world), run->starts, complaint);
    if (!status && run->options.out)
        status = report_files_open(
            run->options.out, run->options.force, &run->files, complaint);
    outside_hold_interrupts();
    if (!status)
        status = make_spaces(run);
    return status ? status : make_course(run);
}

/* The last that a node printed. */
static void show_log(const struct run *run, uint32_t node)
{
    char path[FLEET_PATH_BYTES], text[LOG_LINES_BYTES + 1];
    fleet_path(&run->course.fleet, node, ".log", path);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    if (fseek(file, -LOG_LINES_BYTES, SEEK_END) != 0)
        rewind(file);
    size_t size = fread(text, 1, LOG_LINES_BYTES, file);
    fprintf(stderr, "--- node %" PRIu32 " said:\n", node);
    fwrite(text, 1, size, stderr);
    fclose(file);
}

/* All that it printed, beside the results. */
static void keep_log(const struct run *run, uint32_t node)
{
    char from[FLEET_PATH_BYTES], to[1024], bytes[4096];
    size_t size;
    fleet_path(&run->course.fleet, node, ".log", from);
    snprintf(to, sizeof(to), "%s/node-%" PRIu32 ".log", run->options.out, node);
    FILE *in = fopen(from, "re"), *out = fopen(to, "we");
    while (in && out && (size = fread(bytes, 1, sizeof(bytes), in)) > 0)
        fwrite(bytes, 1, size, out);
    if (in)
        fclose(in);
    if (out)
        fclose(out);
}

/* Say why, and what the nodes that failed had printed: whether there are any.
 * One breaks the run as an invariant does. */
static bool say_failed(struct run *run)
{
    struct world *world = &run->simulation.world;
    bool any = false;
    (void)verb_refuse(&run->complaint, STATUS_OK);
    for (uint32_t i = 0; i < run->course.fleet.config.count; i++) {
        if (!run->course.fleet.nodes[i].has_failed)
            continue;
        any = true;
        oracle_report(&world->oracle, INVARIANT_LOCAL, i, world->now_us,
            "the node failed");
        show_log(run, i);
        if (run->options.out)
            keep_log(run, i);
    }
    return any;
}

static void report_on(struct run *run, uint64_t began_us)
{
    struct world *world = &run->simulation.world;
    struct report *report = &run->report;
    report->simulation = &run->simulation;
    report->live = &run->live;
    report->wall_us = outside_wall_us() - began_us;
    report->peak_bytes = outside_peak_bytes();
    means_describe(
        &world->scenario, run->means.shapes, run->has_spaces, &run->live);
    world_need(measure(&world->letters, &world->counts, world->node_count,
        world->now_us, &report->measures));
    world_need(measure_more(
        &world->circles, &world->shipments, &world->counts, &report->measures));
    course_measure_mesh(&run->course, report->measures.values);
    course_use(&run->course, &run->live);
}

static enum status write_report(struct run *run)
{
    if (run->options.json)
        report_print_json(stdout, &run->report);
    else
        report_print(stdout, &run->report);
    return run->options.out
               ? report_files_write(&run->report, &run->files, &run->complaint)
               : STATUS_OK;
}

/* Whole, partial or failed: the results so far. */
static int go(struct run *run)
{
    uint64_t began_us = outside_wall_us();
    bool assembled =
        begin_loss(run) == STATUS_OK && course_assemble(&run->course);
    run->live.assembly_us = outside_wall_us() - began_us;
    bool ended = assembled && course_run(&run->course);
    progress_end(&run->course.progress);
    /* A node that failed is worse than an end that came early. */
    bool nodes_failed = run->course.has_failed && say_failed(run);
    run->report.partial = !ended && !nodes_failed;
    report_on(run, began_us);
    enum status status = write_report(run);
    if (status)
        return verb_refuse(&run->complaint, status);
    return report_passed(&run->report) ? SIM_DONE : SIM_FAILED;
}

static void clear(struct run *run)
{
    if (run->has_course && run->options.keep)
        fprintf(stderr, "sotto-sim: the nodes' files are in %s\n",
            run->course.fleet.folder);
    if (run->has_course)
        course_clear(&run->course, run->options.keep);
    if (run->has_spaces)
        spaces_close(&run->spaces);
    if (run->has_world)
        world_clear(&run->simulation.world);
    report_files_close(&run->files);
    free(run);
}

int verb_live(int argc, char **argv)
{
    struct run *run = calloc(1, sizeof(*run));
    world_need(run ? STATUS_OK : STATUS_NO_MEMORY);
    control_init(0);
    enum status status = prepare(run, argc, argv);
    int code = status ? verb_refuse(&run->complaint, status) : go(run);
    clear(run);
    return code;
}
