/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run came to, for people; report_json.c has the same figures in another
 * shape.  What depends on the machine (wall time, events a second, memory) is
 * marked as such in the manual and stays out of the trace. */
#include "sim/report.h"

#include <inttypes.h>
#include <string.h>

#include "config.h"
#include "sim/figures.h"
#include "sim/judged.h"
#include "sim/marks.h"
#include "sim/painter.h"
#include "sim/published.h"
#include "sim/report_inside.h"
#include "sim/settings.h"

static bool is_measured(const struct report *report, enum metric metric)
{
    return !report->live || report->live->is_measured[metric];
}

bool report_is_meant(const struct report *report, enum metric metric)
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
        if (report_is_meant(report, s->expectations[i].metric) &&
            !measures_meet(&report->measures, &s->expectations[i]))
            return false;
    return true;
}

bool report_passed(const struct report *report)
{
    return report->simulation->world.oracle.violation_count == 0 &&
           !report->partial && !report->differed && expectations_hold(report);
}

const char *report_verdict(const struct report *report)
{
    if (report->simulation->world.oracle.violation_count || report->differed)
        return "failed";
    if (report->partial)
        return "partial";
    return report_passed(report) ? "passed" : "failed";
}

uint64_t report_events_per_second(const struct report *report)
{
    uint64_t events = report->simulation->world.counts.events;
    return report->wall_us ? events * 1000000 / report->wall_us : 0;
}

static void print_metrics(FILE *file, const struct report *report)
{
    for (int i = 0; i < METRIC_COUNT; i++) {
        char text[FIGURES_CHARS];
        if (!report_is_meant(report, (enum metric)i))
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
    if (!report_is_meant(report, expectation->metric))
        return "skipped";
    return measures_meet(&report->measures, expectation) ? "held  " : "FAILED";
}

/* Why one was skipped, behind it; nothing where it was not. */
static void print_reason(
    FILE *file, const struct report *report, enum metric metric)
{
    if (!is_measured(report, metric))
        fputs(": real nodes do not show it", file);
    else if (!report_is_meant(report, metric))
        fprintf(file, ": says nothing without %s",
            settings_need(settings_metric(metric)->need)->what);
    fputc('\n', file);
}

const char *report_why_not(const struct world *world, enum oracle_part part)
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
        const char *why = report_why_not(world, (enum oracle_part)i);
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

uint64_t report_waited_us(const struct report *report)
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
        "waited", report_waited_us(report));
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
        "speed", report_events_per_second(report), parts_text(report, parts),
        memory);
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
    fprintf(file, "%s\n", report_verdict(report));
}
