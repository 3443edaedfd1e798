/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same figures in two shapes.  What depends on the machine (wall time,
 * events a second, memory) is marked as such in the manual and stays out of
 * the trace. */
#include "sim/report.h"

#include <inttypes.h>
#include <string.h>

#include "config.h"
#include "sim/figures.h"
#include "sim/judged.h"
#include "sim/marks.h"
#include "sim/painter.h"
#include "sim/published.h"
#include "sim/settings.h"
#include "sim/sweep_plan.h"

static bool is_measured(const struct report *report, enum metric metric)
{
    return !report->live || report->live->is_measured[metric];
}

/* Whether it says anything of this run.  Real nodes tell of their neighbours,
 * whoever has chosen these. */
static bool is_meant(const struct report *report, enum metric metric)
{
    enum metric_need need = settings_metric(metric)->need;
    return is_measured(report, metric) &&
           (settings_meets(&report->simulation->world.scenario, need) ||
               (report->live && need == NEED_MEMBER));
}

static bool expectations_hold(const struct report *report)
{
    const struct scenario *s = &report->simulation->world.scenario;
    for (size_t i = 0; i < s->expectation_count; i++)
        if (is_meant(report, s->expectations[i].metric) &&
            !measures_meet(&report->measures, &s->expectations[i]))
            return false;
    return true;
}

bool report_passed(const struct report *report)
{
    return report->simulation->world.oracle.violation_count == 0 &&
           !report->partial && !report->differed && expectations_hold(report);
}

static const char *verdict(const struct report *report)
{
    if (report->simulation->world.oracle.violation_count || report->differed)
        return "failed";
    if (report->partial)
        return "partial";
    return report_passed(report) ? "passed" : "failed";
}

static uint64_t events_per_second(const struct report *report)
{
    uint64_t events = report->simulation->world.counts.events;
    return report->wall_us ? events * 1000000 / report->wall_us : 0;
}

static void print_metrics(FILE *file, const struct report *report)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        char text[FIGURES_CHARS];
        if (!is_meant(report, (enum metric)i))
            continue;
        const struct metric_word *word = settings_metric((enum metric)i);
        figures_text(word->type, report->measures.values[i], text);
        fprintf(file, FIGURES_NAME "%s\n", word->name, text);
    }
}

/* Whether an expectation held, in a word. */
static const char *held_word(
    const struct report *report, const struct expectation *expectation)
{
    if (!is_meant(report, expectation->metric))
        return "skipped";
    return measures_meet(&report->measures, expectation) ? "held  " : "FAILED";
}

/* Why one was skipped, behind it; nothing where it was not. */
static void print_reason(
    FILE *file, const struct report *report, enum metric metric)
{
    if (!is_measured(report, metric))
        fputs(": real nodes do not show it", file);
    else if (!is_meant(report, metric))
        fprintf(file, ": says nothing without %s",
            settings_need(settings_metric(metric)->need)->what);
    fputc('\n', file);
}

/* Why something was not judged; NULL: it was. */
static const char *why_not(const struct world *world, enum oracle_part part)
{
    const char *why = judged_why_not(world, part);
    if (why)
        return why;
    return world->oracle.checks_of_part[part] > 0 ? NULL
                                                  : "it never came to that";
}

/* Which of them this run came to, and how often; which it was not held to. */
static void print_judged(FILE *file, const struct report *report)
{
    const struct world *world = &report->simulation->world;
    const char *between = "judged  ";
    for (int i = 0; i < INVARIANT_COUNT; i++) {
        if (world->oracle.checks_of[i] == 0)
            continue;
        fprintf(file, "%s%d: %" PRIu64, between, i, world->oracle.checks_of[i]);
        between = ", ";
    }
    fputs("\n", file);
    for (int i = 0; i < PART_COUNT && !report->live; i++) {
        const char *why = why_not(world, (enum oracle_part)i);
        const char *name = oracle_part_name((enum oracle_part)i);
        if (why)
            fprintf(file, "skipped  %d%s%s%s: %s\n",
                oracle_part_invariant((enum oracle_part)i), *name ? " (" : "",
                name, *name ? ")" : "", why);
    }
}

static void print_verdicts(FILE *file, const struct report *report)
{
    const struct world *world = &report->simulation->world;
    const struct scenario *s = &world->scenario;
    for (size_t i = 0; i < s->expectation_count; i++) {
        const struct expectation *e = &s->expectations[i];
        const struct metric_word *word = settings_metric(e->metric);
        char wanted[FIGURES_CHARS];
        figures_text(word->type, e->value, wanted);
        fprintf(file, "%s  %s %s %s", held_word(report, e), word->name,
            e->at_least ? ">=" : "<=", wanted);
        print_reason(file, report, e->metric);
    }
    const struct oracle *oracle = &world->oracle;
    fprintf(file, "%s  %s: %" PRIu64 " checks, %" PRIu64 " violations\n",
        oracle->violation_count ? "FAILED" : "held  ",
        report->live ? "invariants 0, 1" : "invariants 0 to 9, 11, 12",
        oracle->checks, oracle->violation_count);
    if (oracle->violation_count)
        fprintf(file,
            "        first: invariant %d at %" PRIu64 " us, node %" PRIu32
            ": %s\n",
            oracle->first.invariant, oracle->first.at_us, oracle->first.node,
            oracle->first.text);
    print_judged(file, report);
    if (report->repeated)
        fprintf(file, "%s  invariant 10: the same seed, the same trace\n",
            report->differed ? "FAILED" : "held  ");
}

static void print_letters(FILE *file, const struct world *world)
{
    const struct letters *letters = &world->letters;
    fprintf(file,
        FIGURES_NAME "%" PRIu32 " of %" PRIu32 " sent, %" PRIu32
                     " shown, %" PRIu32 " receipts back, %" PRIu32 " refused\n",
        "letters", letters->sent, letters->count, letters->shown,
        letters->receipts, letters->refused);
    if (world->refusal.text[0])
        fprintf(
            file, FIGURES_NAME "%s\n", "first refusal", world->refusal.text);
}

static void print_more(FILE *file, const struct world *world)
{
    const struct circles *c = &world->circles;
    const struct shipments *s = &world->shipments;
    if (c->count > 0)
        fprintf(file,
            FIGURES_NAME
            "%" PRIu32 " of %" PRIu32 " people, %" PRIu32 " of %zu "
            "see all of theirs; %" PRIu32 " of %" PRIu32 " letters sent, "
            "%" PRIu32 " of %" PRIu64 " copies shown, %" PRIu32 " receipts "
            "back from all, %" PRIu32 " refused\n",
            "groups", c->count, c->size, c->seeing, (size_t)c->count * c->size,
            c->sent, c->letter_count, c->shown, circles_copies(c), c->receipts,
            c->refused);
    if (s->count > 0)
        fprintf(file,
            FIGURES_NAME
            "%" PRIu32 " of %" PRIu32 " sent, %" PRIu32 " came out "
            "whole, %" PRIu32 " receipts back, %" PRIu32 " refused\n",
            "files", s->sent, s->count, s->whole, s->receipts, s->refused);
}

/* What each kind of frame cost. */
static void print_kinds(FILE *file, const struct counts *counts)
{
    for (int type = 0; type < COUNTS_FRAME_TYPES; type++) {
        char bytes[FIGURES_CHARS];
        if (counts->kind_frames[type] == 0)
            continue;
        figures_bytes(counts->kind_bytes[type], bytes);
        fprintf(file, FIGURES_NAME "%" PRIu64 " frames, %s\n",
            frame_type_name((enum frame_type)type), counts->kind_frames[type],
            bytes);
    }
}

/* How many nodes have how many neighbours. */
static void print_degrees(FILE *file, const struct graph_shape *shape)
{
    const char *between = "";
    fprintf(file, FIGURES_NAME, "neighbours");
    for (size_t degree = 0; degree < GRAPH_DEGREES; degree++)
        if (shape->degrees[degree] > 0) {
            fprintf(file, "%s%zu:%" PRIu32, between, degree,
                shape->degrees[degree]);
            between = " ";
        }
    fputc('\n', file);
}

/* How long nodes were ready to run and did not, for each frame that came: what
 * a busy machine adds to a latency, at each hop. */
static uint64_t waited_us(const struct report *report)
{
    uint64_t frames = report->simulation->world.counts.frames_arrived;
    return frames ? report->live->waited_us / frames : 0;
}

/* What real nodes took, and what they were not. */
static void print_live(FILE *file, const struct report *report)
{
    const struct report_live *live = report->live;
    uint64_t nodes = report->simulation->world.node_count;
    char memory[FIGURES_CHARS];
    figures_bytes(live->node_bytes, memory);
    fprintf(file, FIGURES_NAME "%s\n", "links", live->links);
    for (size_t i = 0; i < live->unlike_count; i++)
        fprintf(file, FIGURES_NAME "%s\n", "left out", live->unlike[i]);
    fprintf(file,
        FIGURES_NAME "%" PRIu64 " ms a node, %" PRIu64 " ms the busiest; %s of "
                     "memory a node\n",
        "processor", live->busy_us / nodes / 1000, live->busy_most_us / 1000,
        memory);
    fprintf(file,
        FIGURES_NAME "%" PRIu64
                     " us for a processor, for each frame that came\n",
        "waited", waited_us(report));
    fprintf(file,
        FIGURES_NAME "%" PRIu64 " s to start and link, %" PRIu64 " s in all\n",
        "time", live->assembly_us / 1000000, report->wall_us / 1000000);
}

static const char *parts_text(const struct report *report, char out[static 32])
{
    out[0] = '\0';
    if (report->parts > 1)
        snprintf(out, 32, " on %" PRIu32 " %s", report->parts,
            report->has_processes ? "processes" : "threads");
    return out;
}

static void print_crypto(FILE *file, const struct report *report)
{
    const char *note =
        settings_crypto_note(&report->simulation->world.scenario);
    if (note)
        fprintf(file, FIGURES_NAME "%s\n", "crypto", note);
}

static void print_machine(FILE *file, const struct report *report)
{
    char hash[TRACE_CHARS + 1], memory[FIGURES_CHARS], parts[32];
    trace_print(&report->simulation->world.trace, hash);
    figures_bytes(report->peak_bytes, memory);
    fprintf(file, FIGURES_NAME "%" PRIu64 " a second%s, %s of memory at most\n",
        "speed", events_per_second(report), parts_text(report, parts), memory);
    fprintf(file, FIGURES_NAME "%s\n", "trace", hash);
}

void report_print(FILE *file, const struct report *report)
{
    const struct simulation *simulation = report->simulation;
    const struct world *world = &simulation->world;
    fprintf(file,
        "%s: %" PRIu32 " nodes, %zu links, seed %" PRIu64 ", %" PRIu64
        " s of %s time%s\n",
        world->scenario.name, world->node_count, world->topology.edge_count,
        world->scenario.seed, simulation->second,
        report->live ? "real" : "virtual",
        report->partial ? " (PARTIAL: interrupted)" : "");
    print_crypto(file, report);
    print_letters(file, world);
    print_more(file, world);
    print_metrics(file, report);
    print_kinds(file, &world->counts);
    if (world->scenario.member == SWITCH_ON)
        print_degrees(file, &simulation->graph.shape);
    if (report->live)
        print_live(file, report);
    else
        print_machine(file, report);
    published_print(file, &world->scenario, report->measures.values,
        report->live ? report->live->is_measured : NULL);
    print_verdicts(file, report);
    fprintf(file, "%s\n", verdict(report));
}

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
        if (!is_meant(report, metric))
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
        const char *why = why_not(world, (enum oracle_part)i);
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
        if (!is_meant(report, e->metric)) {
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
        live->busy_us / 1000, live->busy_most_us / 1000, waited_us(report),
        live->node_bytes, live->assembly_us / 1000);
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
    fprintf(file, "{\"verdict\":\"%s\",\"partial\":%s,", verdict(report),
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
        values[METRIC_EVENTS], events_per_second(report),
        report->wall_us / 1000, report->peak_bytes);
}
