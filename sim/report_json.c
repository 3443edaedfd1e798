/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run came to, for programs: one object. */
#include <inttypes.h>

#include "config.h"
#include "sim/figures.h"
#include "sim/marks.h"
#include "sim/painter.h"
#include "sim/published.h"
#include "sim/report.h"
#include "sim/report_inside.h"
#include "sim/settings.h"
#include "sim/sweep_plan.h"

static void json_share(FILE *file, const char *name, uint64_t ppm)
{
    char text[FIGURES_CHARS];
    settings_print(SETTING_SHARE, NULL, ppm, text, sizeof(text));
    fprintf(file, "\"%s\":%s,", name, text);
}

/* Four percentiles. */
static void json_percentiles(FILE *file, const uint64_t *values)
{
    fprintf(file, "\"latency_ms\":{");
    figures_json_ms(file, "p50", values[0], ",");
    figures_json_ms(file, "p90", values[1], ",");
    figures_json_ms(file, "p99", values[2], ",");
    figures_json_ms(file, "last", values[3], "}");
}

/* Where there are any. */
static void json_groups(
    FILE *file, const struct circles *c, const uint64_t *values)
{
    if (c->count == 0)
        return;
    fprintf(file,
        "\"groups\":{\"count\":%" PRIu32 ",\"members\":%" PRIu32
        ",\"seeing_all\":%" PRIu32 ",\"letters\":%" PRIu32 ",\"sent\":%" PRIu32
        ",\"copies\":%" PRIu64 ",\"shown\":%" PRIu32 ",\"receipts\":%" PRIu32
        ",\"refused\":%" PRIu32 ",",
        c->count, c->size, c->seeing, c->letter_count, c->sent,
        circles_copies(c), c->shown, c->receipts, c->refused);
    json_share(file, "delivered", values[METRIC_GROUP_DELIVERED]);
    json_percentiles(file, &values[METRIC_GROUP_LATENCY_P50]);
    fputs("},", file);
}

static void json_files(
    FILE *file, const struct shipments *s, const uint64_t *values)
{
    if (s->count == 0)
        return;
    fprintf(file,
        "\"files\":{\"count\":%" PRIu32 ",\"sent\":%" PRIu32
        ",\"whole\":%" PRIu32 ",\"receipts\":%" PRIu32 ",\"refused\":%" PRIu32
        ",",
        s->count, s->sent, s->whole, s->receipts, s->refused);
    json_share(file, "delivered", values[METRIC_FILE_DELIVERED]);
    json_percentiles(file, &values[METRIC_FILE_LATENCY_P50]);
    fputs("},", file);
}

static void json_latency(FILE *file, const uint64_t *values)
{
    fprintf(file, "\"latency_ms\":{");
    figures_json_ms(file, "p50", values[METRIC_LATENCY_P50], ",");
    figures_json_ms(file, "p90", values[METRIC_LATENCY_P90], ",");
    figures_json_ms(file, "p99", values[METRIC_LATENCY_P99], ",");
    figures_json_ms(file, "last", values[METRIC_LATENCY_LAST], ",");
    figures_json_ms(file, "mean", values[METRIC_LATENCY_MEAN], "},");
}

/* All that says something of this run. */
static void json_measures(FILE *file, const struct report *report)
{
    const char *between = "";
    fputs("\"measures\":{", file);
    for (int i = 0; i < METRIC_COUNT; i++) {
        enum metric metric = (enum metric)i;
        if (!report_is_meant(report, metric))
            continue;
        fprintf(file, "%s\"%s\":{", between, settings_metric(metric)->name);
        figures_json(
            file, "value", metric, report->measures.values[i], ",\"unit\":");
        fprintf(file, "\"%s\"}", figures_json_unit(metric));
        between = ",";
    }
    fputs("},", file);
}

static void json_counts(FILE *file, const struct world *world)
{
    const struct counts *c = &world->counts;
    const struct letters *l = &world->letters;
    fprintf(file,
        "\"letters\":{\"count\":%" PRIu32 ",\"sent\":%" PRIu32
        ",\"shown\":%" PRIu32 ",\"receipts\":%" PRIu32 ",\"refused\":%" PRIu32
        "},",
        l->count, l->sent, l->shown, l->receipts, l->refused);
    fprintf(file,
        "\"frames\":{\"sent\":%" PRIu64 ",\"arrived\":%" PRIu64
        ",\"lost\":%" PRIu64 ",\"cut\":%" PRIu64 ",\"stale\":%" PRIu64
        ",\"demoted\":%" PRIu64 ",\"stranded\":%" PRIu64 ",\"dropped\":%" PRIu64
        "},",
        c->frames_sent, c->frames_arrived, c->frames_lost, c->frames_cut,
        c->frames_stale, c->frames_demoted, c->frames_stranded,
        c->frames_dropped);
    fprintf(file, "\"payloads\":{\"arrived\":%" PRIu64 ",\"new\":%" PRIu64 "},",
        c->payloads_arrived, c->payloads_new);
    fprintf(file,
        "\"shelf\":{\"envelopes\":%" PRIu64 ",\"bytes\":%" PRIu64
        ",\"cleared\":%" PRIu64 ",\"peak_bytes\":%" PRIu64 "},",
        c->stored, c->stored_bytes, c->cleared, c->shelf_peak_bytes);
}

static void json_kinds(FILE *file, const struct counts *counts)
{
    const char *between = "";
    fputs("\"kinds\":{", file);
    for (int type = 0; type < COUNTS_FRAME_TYPES; type++) {
        if (counts->kind_frames[type] == 0)
            continue;
        fprintf(file, "%s\"%s\":{\"frames\":%" PRIu64 ",\"bytes\":%" PRIu64 "}",
            between, frame_type_name((enum frame_type)type),
            counts->kind_frames[type], counts->kind_bytes[type]);
        between = ",";
    }
    fputs("},", file);
}

static void json_judged(FILE *file, const struct report *report)
{
    const struct world *world = &report->simulation->world;
    const char *between = "";
    fputs("\"judged\":[", file);
    for (int i = 0; i < INVARIANT_COUNT; i++, between = ",")
        fprintf(file, "%s{\"invariant\":%d,\"checks\":%" PRIu64 "}", between, i,
            world->oracle.checks_of[i]);
    fputs("],\"not_judged\":[", file);
    between = "";
    for (int i = 0; i < PART_COUNT && !report->live; i++) {
        const char *why = report_why_not(world, (enum oracle_part)i);
        if (!why)
            continue;
        fprintf(file, "%s{\"invariant\":%d,\"part\":\"%s\",\"why\":\"%s\"}",
            between, oracle_part_invariant((enum oracle_part)i),
            oracle_part_name((enum oracle_part)i), why);
        between = ",";
    }
    fputs("],", file);
}

static void json_verdicts(FILE *file, const struct report *report)
{
    const struct world *world = &report->simulation->world;
    const struct scenario *s = &world->scenario;
    fprintf(file, "\"expectations\":[");
    for (size_t i = 0; i < s->expectation_count; i++) {
        const struct expectation *e = &s->expectations[i];
        fprintf(file, "%s{\"metric\":\"%s\",\"is\":\"%s\",", i ? "," : "",
            settings_metric(e->metric)->name,
            e->at_least ? "at-least" : "at-most");
        figures_json(file, "wanted", e->metric, e->value, ",");
        if (!report_is_meant(report, e->metric)) {
            fprintf(file, "\"got\":null,\"held\":null}");
            continue;
        }
        figures_json(
            file, "got", e->metric, report->measures.values[e->metric], ",");
        fprintf(file, "\"held\":%s}",
            measures_meet(&report->measures, e) ? "true" : "false");
    }
    const struct oracle *oracle = &world->oracle;
    fprintf(file, "],\"checks\":%" PRIu64 ",\"violations\":%" PRIu64 ",",
        oracle->checks, oracle->violation_count);
    json_judged(file, report);
    fprintf(file, "\"first_violation\":");
    if (!oracle->violation_count) {
        fprintf(file, "null,");
        return;
    }
    fprintf(file, "{\"invariant\":%d,\"node\":%" PRIu32 ",",
        oracle->first.invariant, oracle->first.node);
    figures_json_ms(file, "at_ms", oracle->first.at_us, ",\"text\":");
    figures_json_text(file, oracle->first.text);
    fprintf(file, "},");
}

static void json_live(FILE *file, const struct report *report)
{
    const struct report_live *live = report->live;
    fprintf(file, "\"live\":{\"links\":");
    figures_json_text(file, live->links);
    fprintf(file, ",\"left_out\":[");
    for (size_t i = 0; i < live->unlike_count; i++) {
        fputs(i ? "," : "", file);
        figures_json_text(file, live->unlike[i]);
    }
    fprintf(file,
        "],\"busy_ms\":%" PRIu64 ",\"busy_most_ms\":%" PRIu64
        ",\"waited_us_a_frame\":%" PRIu64 ",\"node_memory_bytes\":%" PRIu64
        ",\"assembly_ms\":%" PRIu64 "},",
        live->busy_us / 1000, live->busy_most_us / 1000,
        report_waited_us(report), live->node_bytes, live->assembly_us / 1000);
}

/* What names a run: the same run again has the same. */
static void json_identity(FILE *file, const struct report *report)
{
    const struct simulation *simulation = report->simulation;
    const struct world *world = &simulation->world;
    char hash[TRACE_CHARS + 1], print[SWEEP_FINGERPRINT_CHARS + 1];
    trace_print(&world->trace, hash);
    sweep_fingerprint(&world->scenario, print);
    fprintf(file, "\"version\":\"%s\",\"scenario\":", PACKAGE_VERSION);
    figures_json_text(file, world->scenario.name);
    fprintf(file,
        ",\"seed\":%" PRIu64 ",\"settings\":\"%s\",\"crypto\":\"%s\","
        "\"nodes\":%" PRIu32 ",\"links\":%zu,\"%s_seconds\":%" PRIu64 ",",
        world->scenario.seed, print, settings_crypto(&world->scenario),
        world->node_count, world->topology.edge_count,
        report->live ? "real" : "virtual", simulation->second);
    if (!report->live)
        fprintf(file, "\"trace_hash\":\"%s\",", hash);
}

void report_print_json(FILE *file, const struct report *report)
{
    const struct simulation *simulation = report->simulation;
    const struct world *world = &simulation->world;
    const uint64_t *values = report->measures.values;
    fprintf(file, "{\"verdict\":\"%s\",\"partial\":%s,", report_verdict(report),
        report->partial ? "true" : "false");
    json_identity(file, report);
    json_share(file, "delivered", values[METRIC_DELIVERED]);
    json_latency(file, values);
    json_share(file, "redundancy", values[METRIC_REDUNDANCY]);
    json_measures(file, report);
    json_counts(file, world);
    json_groups(file, &world->circles, values);
    json_files(file, &world->shipments, values);
    json_kinds(file, &world->counts);
    marks_print_json(file, world);
    painter_print_json(file, world);
    json_verdicts(file, report);
    published_print_json(file, &world->scenario, values,
        report->live ? report->live->is_measured : NULL);
    if (report->live)
        json_live(file, report);
    if (report->repeated)
        fprintf(file, "\"same_trace_twice\":%s,",
            report->differed ? "false" : "true");
    fprintf(file,
        "\"control_bytes\":%" PRIu64 ",\"node_bytes\":%" PRIu64
        ",\"events\":%" PRIu64 ",\"events_per_second\":%" PRIu64
        ",\"wall_ms\":%" PRIu64 ",\"peak_bytes\":%" PRIu64 "}\n",
        values[METRIC_CONTROL_BYTES], values[METRIC_NODE_BYTES],
        values[METRIC_EVENTS], report_events_per_second(report),
        report->wall_us / 1000, report->peak_bytes);
}
