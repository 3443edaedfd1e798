/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same figures in four shapes.  Times are in milliseconds, shares are
 * decimals; what depends on the machine stays in the database, and what says
 * nothing of a run is left empty. */
#include "sim/sweep_table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "sim/bootstrap.h"
#include "sim/figures.h"
#include "sim/settings.h"

enum { VALUE_CHARS = 64 };

static const enum metric shown_metrics[] = {METRIC_DELIVERED,
    METRIC_LATENCY_P50, METRIC_LATENCY_P99, METRIC_REDUNDANCY,
    METRIC_NODE_BYTES};

enum { SHOWN_METRICS = sizeof(shown_metrics) / sizeof(shown_metrics[0]) };

static void print_value(
    enum metric metric, uint64_t value, char out[static VALUE_CHARS])
{
    enum setting_type type = settings_metric(metric)->type;
    if (value == UINT64_MAX) /* it never came to that */
        out[0] = '\0';
    else if (type == SETTING_TIME)
        snprintf(out, VALUE_CHARS, "%" PRIu64 ".%03" PRIu64, value / 1000,
            value % 1000);
    else
        settings_print(type == SETTING_BYTES ? SETTING_COUNT : type, NULL,
            value, out, VALUE_CHARS);
}

static void leave_out(const struct scenario *scenario, struct run_result *run)
{
    for (int i = 0; i < METRIC_COUNT; i++)
        if (!settings_meets(scenario, settings_metric((enum metric)i)->need))
            run->values[i] = UINT64_MAX;
}

/* The run of a job; STATUS_NOT_FOUND where there is none yet. */
static enum status find_run(const struct sweep_plan *plan, size_t job,
    struct runs_database *database, struct run_result *out,
    struct complaint *complaint)
{
    struct scenario scenario;
    char fingerprint[SWEEP_FINGERPRINT_CHARS + 1];
    enum status status = sweep_plan_scenario(plan, job, &scenario, complaint);
    if (status)
        return status;
    sweep_fingerprint(&scenario, fingerprint);
    status = runs_database_find(database, fingerprint, out, complaint);
    if (!status)
        leave_out(&scenario, out);
    return status;
}

static void print_point(FILE *file, const struct sweep_plan *plan, size_t point)
{
    for (size_t i = 0; i < plan->axis_count; i++)
        fprintf(file, "%s,", sweep_plan_value(plan, point, i));
}

static void print_axes(FILE *file, const struct sweep_plan *plan)
{
    for (size_t i = 0; i < plan->axis_count; i++)
        fprintf(file, "%s,", plan->axes[i].key);
}

enum status sweep_table_runs(FILE *file, const struct sweep_plan *plan,
    struct runs_database *database, struct complaint *complaint)
{
    print_axes(file, plan);
    fprintf(file, "seed,passed,violations,trace");
    for (int i = 0; i < METRIC_COUNT; i++)
        fprintf(file, ",%s", settings_metric((enum metric)i)->name);
    fputc('\n', file);
    for (size_t job = 0; job < sweep_plan_jobs(plan); job++) {
        struct run_result run;
        enum status status = find_run(plan, job, database, &run, complaint);
        if (status == STATUS_NOT_FOUND)
            continue;
        if (status)
            return status;
        print_point(file, plan, sweep_plan_point(plan, job));
        fprintf(file, "%" PRIu64 ",%d,%" PRIu64 ",%s", run.seed, run.passed,
            run.violations, run.trace);
        for (int i = 0; i < METRIC_COUNT; i++) {
            char value[VALUE_CHARS];
            print_value((enum metric)i, run.values[i], value);
            fprintf(file, ",%s", value);
        }
        fputc('\n', file);
    }
    return STATUS_OK;
}

/* All runs of a point; *count of them, in the order of seeds. */
static enum status gather(const struct sweep_plan *plan, size_t point,
    struct runs_database *database, struct run_result *runs, size_t *count,
    struct complaint *complaint)
{
    size_t seeds = sweep_plan_jobs(plan) / sweep_plan_points(plan);
    *count = 0;
    for (size_t i = 0; i < seeds; i++) {
        enum status status = find_run(
            plan, point * seeds + i, database, &runs[*count], complaint);
        if (status && status != STATUS_NOT_FOUND)
            return status;
        *count += status == STATUS_OK;
    }
    return STATUS_OK;
}

static enum status interval_of(const struct run_result *runs, size_t count,
    enum metric metric, struct interval *out)
{
    uint64_t *values = malloc((count + 1) * sizeof(*values));
    if (!values)
        return STATUS_NO_MEMORY;
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        if (runs[i].values[metric] != UINT64_MAX)
            values[known++] = runs[i].values[metric];
    enum status status = STATUS_OK;
    *out = (struct interval){UINT64_MAX, UINT64_MAX, UINT64_MAX};
    if (known > 0)
        status = bootstrap(values, known, out);
    free(values);
    return status;
}

/* What prints a point, with the runs of it that there are. */
typedef enum status (*point_printer)(FILE *file, const struct sweep_plan *plan,
    size_t point, const struct run_result *runs, size_t count);

static enum status each_point(FILE *file, const struct sweep_plan *plan,
    struct runs_database *database, point_printer print,
    struct complaint *complaint)
{
    size_t seeds = sweep_plan_jobs(plan) / sweep_plan_points(plan), count;
    struct run_result *runs = malloc(seeds * sizeof(*runs));
    enum status status = runs ? STATUS_OK : STATUS_NO_MEMORY;
    for (size_t i = 0; i < sweep_plan_points(plan) && !status; i++) {
        status = gather(plan, i, database, runs, &count, complaint);
        if (!status)
            status = print(file, plan, i, runs, count);
    }
    free(runs);
    return status;
}

static enum status print_lines(FILE *file, const struct sweep_plan *plan,
    size_t point, const struct run_result *runs, size_t count)
{
    for (int i = 0; i < METRIC_COUNT && count > 0; i++) {
        struct interval interval;
        char mean[VALUE_CHARS], low[VALUE_CHARS], high[VALUE_CHARS];
        if (interval_of(runs, count, (enum metric)i, &interval) != STATUS_OK)
            return STATUS_NO_MEMORY;
        print_value((enum metric)i, interval.mean, mean);
        print_value((enum metric)i, interval.low, low);
        print_value((enum metric)i, interval.high, high);
        print_point(file, plan, point);
        fprintf(file, "%s,%zu,%s,%s,%s\n",
            settings_metric((enum metric)i)->name, count, mean, low, high);
    }
    return STATUS_OK;
}

enum status sweep_table_points(FILE *file, const struct sweep_plan *plan,
    struct runs_database *database, struct complaint *complaint)
{
    print_axes(file, plan);
    fprintf(file, "metric,runs,mean,low,high\n");
    return each_point(file, plan, database, print_lines, complaint);
}

static enum status print_for_people(FILE *file, const struct sweep_plan *plan,
    size_t point, const struct run_result *runs, size_t count)
{
    size_t passed = 0;
    if (count == 0)
        return STATUS_OK;
    for (size_t i = 0; i < count; i++)
        passed += runs[i].passed;
    for (size_t i = 0; i < plan->axis_count; i++)
        fprintf(file, "%s%s=%s", i ? " " : "", plan->axes[i].key,
            sweep_plan_value(plan, point, i));
    fprintf(file, "%s%zu of %zu runs passed\n", plan->axis_count ? ": " : "",
        passed, count);
    for (size_t i = 0; i < SHOWN_METRICS; i++) {
        struct interval interval;
        char mean[VALUE_CHARS], low[VALUE_CHARS], high[VALUE_CHARS];
        enum metric metric = shown_metrics[i];
        if (interval_of(runs, count, metric, &interval) != STATUS_OK)
            return STATUS_NO_MEMORY;
        print_value(metric, interval.mean, mean);
        print_value(metric, interval.low, low);
        print_value(metric, interval.high, high);
        fprintf(file, FIGURES_NAME "%s (%s to %s)%s\n",
            settings_metric(metric)->name, mean, low, high,
            settings_metric(metric)->type == SETTING_TIME    ? " ms"
            : settings_metric(metric)->type == SETTING_BYTES ? " bytes"
                                                             : "");
    }
    return STATUS_OK;
}

enum status sweep_table_print(FILE *file, const struct sweep_plan *plan,
    struct runs_database *database, struct complaint *complaint)
{
    const char *note = settings_crypto_note(&plan->base);
    if (note)
        fprintf(file, "crypto %s\n", note);
    return each_point(file, plan, database, print_for_people, complaint);
}

/* As JSON. */

static void json_value(FILE *file, enum metric metric, uint64_t value)
{
    char text[VALUE_CHARS];
    print_value(metric, value, text);
    fputs(text[0] ? text : "null", file);
}

static void json_axes(FILE *file, const struct sweep_plan *plan)
{
    fputs("\"axes\":[", file);
    for (size_t i = 0; i < plan->axis_count; i++) {
        const struct sweep_axis *axis = &plan->axes[i];
        fputs(i ? ",{\"key\":" : "{\"key\":", file);
        figures_json_text(file, axis->key);
        fputs(",\"values\":[", file);
        for (size_t j = 0; j < axis->count; j++) {
            fputs(j ? "," : "", file);
            figures_json_text(file, axis->values[j]);
        }
        fputs("]}", file);
    }
    fputs("],", file);
}

static void json_expectations(FILE *file, const struct scenario *scenario)
{
    fputs("\"expectations\":[", file);
    for (size_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *e = &scenario->expectations[i];
        fprintf(file,
            "%s{\"metric\":\"%s\",\"is\":\"%s\",\"wanted\":", i ? "," : "",
            settings_metric(e->metric)->name,
            e->at_least ? "at-least" : "at-most");
        json_value(file, e->metric, e->value);
        fputc('}', file);
    }
    fputs("],", file);
}

static enum status json_point(FILE *file, const struct sweep_plan *plan,
    size_t point, const struct run_result *runs, size_t count)
{
    size_t passed = 0;
    uint64_t violations = 0;
    for (size_t i = 0; i < count; i++) {
        passed += runs[i].passed;
        violations += runs[i].violations;
    }
    fputs(point ? ",{\"at\":[" : "{\"at\":[", file);
    for (size_t i = 0; i < plan->axis_count; i++) {
        fputs(i ? "," : "", file);
        figures_json_text(file, sweep_plan_value(plan, point, i));
    }
    fprintf(file,
        "],\"runs\":%zu,\"passed\":%zu,\"violations\":%" PRIu64 ",\"values\":{",
        count, passed, violations);
    for (int i = 0; i < METRIC_COUNT; i++) {
        enum metric metric = (enum metric)i;
        struct interval interval;
        if (interval_of(runs, count, metric, &interval) != STATUS_OK)
            return STATUS_NO_MEMORY;
        fprintf(
            file, "%s\"%s\":[", i ? "," : "", settings_metric(metric)->name);
        json_value(file, metric, interval.mean);
        fputc(',', file);
        json_value(file, metric, interval.low);
        fputc(',', file);
        json_value(file, metric, interval.high);
        fputc(']', file);
    }
    fputs("}}", file);
    return STATUS_OK;
}

enum status sweep_table_json(FILE *file, const struct sweep_plan *plan,
    struct runs_database *database, struct complaint *complaint)
{
    fprintf(file, "{\"version\":\"%s\",\"scenario\":", PACKAGE_VERSION);
    figures_json_text(file, plan->base.name);
    fprintf(file,
        ",\"crypto\":\"%s\",\"seed_first\":%" PRIu64 ",\"seed_last\":%" PRIu64
        ",\"jobs\":%zu,",
        settings_crypto(&plan->base), plan->seed_first, plan->seed_last,
        sweep_plan_jobs(plan));
    json_axes(file, plan);
    json_expectations(file, &plan->base);
    fputs("\"points\":[", file);
    enum status status =
        each_point(file, plan, database, json_point, complaint);
    fputs("]}\n", file);
    return status;
}
