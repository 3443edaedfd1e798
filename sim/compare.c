/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judged are what was delivered, letters between two, in groups and files, and
 * two figures more; the others are shown, so that a difference in these can be
 * understood.  Redundancy is what comes beyond one copy, so that near
 * zero a handful of copies would be any share of it: it is judged by copies,
 * which are redundancy plus one. */
#include "sim/compare.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/span.h"
#include "sim/compare_settings.h"

enum { DELIVERED_APART = 100, SAME_WITHIN = 100 }; /* a hundredth */

enum verdict { VERDICT_NONE, VERDICT_OK, VERDICT_DIFFERS };

/* Whether more of a measure is better; of some neither is. */
enum better { BETTER_NONE, BETTER_LESS, BETTER_MORE };

struct row {
    char name[48];
    const char *unit;
    const char *kind; /* of frames; NULL: of all */
    double values[2];
    enum verdict verdict;
    enum better better;
};

/* How a run's letters were sealed; one that does not say sealed for real. */
static const char *sealing(const struct summary *summary)
{
    if (strcmp(summary->crypto, "stub") == 0)
        return "its vaults sealed by a stand-in (--crypto stub)";
    if (strcmp(summary->crypto, "none") == 0)
        return "there was no vault (--crypto none)";
    return "its vaults sealed for real";
}

enum status compare_check_crypto(
    const struct compare *compare, struct complaint *complaint)
{
    const char *first = sealing(&compare->runs[0]),
               *second = sealing(&compare->runs[1]);
    if (strcmp(first, second) == 0)
        return STATUS_OK;
    complain(complaint,
        "%s: %s; %s: %s; run one of them again as the other was",
        compare->folders[0], first, compare->folders[1], second);
    return STATUS_INVALID;
}

/* Of what makes up the fingerprint of a run's settings, that which differs. */
static void complain_of_settings(
    const struct compare *compare, struct complaint *complaint)
{
    const char *const *folders = compare->folders;
    const char *first = compare->runs[0].version,
               *second = compare->runs[1].version;
    char names[256];
    if (compare_settings(folders, names, sizeof(names)))
        complain(complaint,
            "%s and %s differ in %s; --force compares them all the same",
            folders[0], folders[1], names);
    else if (strcmp(first, second) != 0)
        complain(complaint,
            "%s was run by sotto-sim %s, and %s by %s; --force compares them "
            "all the same",
            folders[0], first, folders[1], second);
    else
        complain(complaint,
            "%s and %s: some setting, or what is expected of them, differs; "
            "--force compares them all the same",
            folders[0], folders[1]);
}

enum status compare_check(
    const struct compare *compare, struct complaint *complaint)
{
    const struct summary *a = &compare->runs[0], *b = &compare->runs[1];
    const char *const *folders = compare->folders;
    for (size_t i = 0; i < 2; i++)
        if (compare->runs[i].is_partial) {
            complain(complaint,
                "%s: that run was interrupted; --force compares what there is",
                folders[i]);
            return STATUS_INVALID;
        }
    if (strcmp(a->scenario, b->scenario) != 0)
        complain(complaint,
            "%s is a run of \"%s\", and %s of \"%s\"; --force compares them "
            "all the same",
            folders[0], a->scenario, folders[1], b->scenario);
    else if (a->seed != b->seed || a->nodes != b->nodes)
        complain(complaint,
            "%s has %" PRIu64 " nodes and seed %" PRIu64 ", and %s %" PRIu64
            " nodes and seed %" PRIu64 "; --force compares them all the same",
            folders[0], a->nodes, a->seed, folders[1], b->nodes, b->seed);
    else if (strcmp(a->settings, b->settings) != 0)
        complain_of_settings(compare, complaint);
    else
        return STATUS_OK;
    return STATUS_INVALID;
}

static enum verdict judged(bool agrees)
{
    return agrees ? VERDICT_OK : VERDICT_DIFFERS;
}

static bool is_within(double one, double other, double factor)
{
    return one <= other * factor && other <= one * factor;
}

static void set_row(struct row *row, const char *name, const char *unit,
    const double values[static 2])
{
    *row = (struct row){.unit = unit,
        .values = {values[0], values[1]},
        .verdict = VERDICT_NONE};
    snprintf(row->name, sizeof(row->name), "%s", name);
}

static enum better better_of(enum summary_figure figure)
{
    switch (figure) {
    case SUMMARY_DELIVERED:
    case SUMMARY_GROUP_DELIVERED:
    case SUMMARY_FILE_DELIVERED:
        return BETTER_MORE;
    case SUMMARY_GROUP_LATENCY_P50:
    case SUMMARY_GROUP_LATENCY_P90:
    case SUMMARY_GROUP_LATENCY_P99:
    case SUMMARY_GROUP_LATENCY_LAST:
    case SUMMARY_FILE_LATENCY_P50:
    case SUMMARY_FILE_LATENCY_P90:
    case SUMMARY_FILE_LATENCY_P99:
    case SUMMARY_FILE_LATENCY_LAST:
    case SUMMARY_REDUNDANCY:
    case SUMMARY_LATENCY_P50:
    case SUMMARY_LATENCY_P90:
    case SUMMARY_LATENCY_P99:
    case SUMMARY_LATENCY_LAST:
    case SUMMARY_LATENCY_MEAN:
    case SUMMARY_CONTROL_BYTES:
    case SUMMARY_NODE_BYTES:
    case SUMMARY_SHELF_BYTES:
        return BETTER_LESS;
    case SUMMARY_PAYLOADS_ARRIVED:
    case SUMMARY_PAYLOADS_NEW:
    case SUMMARY_FRAMES:
    case SUMMARY_FIGURES:
        return BETTER_NONE;
    }
    return BETTER_NONE;
}

static void figure_row(
    const struct compare *compare, enum summary_figure figure, struct row *row)
{
    double one = compare->runs[0].figures[figure];
    double other = compare->runs[1].figures[figure];
    set_row(row, summary_figure_name(figure), summary_figure_unit(figure),
        (const double[]){one, other});
    row->better = better_of(figure);
    if (figure == SUMMARY_DELIVERED || figure == SUMMARY_GROUP_DELIVERED ||
        figure == SUMMARY_FILE_DELIVERED)
        row->verdict = judged(fabs(one - other) * DELIVERED_APART <= 1);
    if (figure == SUMMARY_LATENCY_P50)
        row->verdict = judged(is_within(one, other, compare->terms.latency));
}

static void copies_row(const struct compare *compare, struct row *row)
{
    const struct summary *runs = compare->runs;
    set_row(row, "copies", "ratio",
        (const double[]){1 + runs[0].figures[SUMMARY_REDUNDANCY],
            1 + runs[1].figures[SUMMARY_REDUNDANCY]});
    row->better = BETTER_LESS;
    row->verdict = judged(
        is_within(row->values[0], row->values[1], 1 + compare->terms.copies));
}

static void kind_row(const struct compare *compare, const char *name,
    bool bytes, struct row *row)
{
    double values[2];
    char text[48];
    for (size_t i = 0; i < 2; i++) {
        const struct summary_kind *kind = summary_kind(&compare->runs[i], name);
        values[i] = kind ? (bytes ? kind->bytes : kind->frames) : 0;
    }
    snprintf(text, sizeof(text), "%s_%s", name, bytes ? "bytes" : "frames");
    set_row(row, text, bytes ? "bytes" : "count", values);
    row->kind = name;
}

enum { ROWS_MOST = SUMMARY_FIGURES + 1 + 4 * SUMMARY_KINDS };

struct rows {
    size_t count;
    struct row list[ROWS_MOST];
};

/* Every kind that either has: those of the first, then the second's own. */
static void kind_rows(const struct compare *compare, struct rows *rows)
{
    for (size_t r = 0; r < 2; r++)
        for (size_t i = 0; i < compare->runs[r].kind_count; i++) {
            const char *name = compare->runs[r].kinds[i].name;
            if (r == 1 && summary_kind(&compare->runs[0], name))
                continue;
            kind_row(compare, name, false, &rows->list[rows->count++]);
            kind_row(compare, name, true, &rows->list[rows->count++]);
        }
}

static void make_rows(const struct compare *compare, struct rows *rows)
{
    rows->count = 0;
    copies_row(compare, &rows->list[rows->count++]);
    for (int i = 0; i < SUMMARY_FIGURES; i++)
        if (compare->runs[0].has[i] || compare->runs[1].has[i])
            figure_row(
                compare, (enum summary_figure)i, &rows->list[rows->count++]);
    kind_rows(compare, rows);
}

static bool all_agree(const struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->list[i].verdict == VERDICT_DIFFERS)
            return false;
    return true;
}

bool compare_agrees(const struct compare *compare)
{
    struct rows rows;
    make_rows(compare, &rows);
    return all_agree(&rows);
}

/* Of the first, in percent; false where it has none. */
static bool difference(const struct row *row, double *percent)
{
    double one = row->values[0], other = row->values[1];
    *percent = one > 0 ? (other - one) / one * 100 : 0;
    return one > 0 || other <= 0;
}

/* What became of a measure from the first run to the second: worse or better
 * where that is more than a hundredth. */
static const char *change_word(const struct row *row)
{
    double one = row->values[0], other = row->values[1];
    if (row->better == BETTER_NONE)
        return "none";
    if (fabs(one - other) * SAME_WITHIN <= fmax(fabs(one), fabs(other)))
        return "same";
    return (other > one) == (row->better == BETTER_MORE) ? "better" : "worse";
}

static const char *verdict_word(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_NONE:
        return "";
    case VERDICT_OK:
        return "ok";
    case VERDICT_DIFFERS:
        return "DIFFERS";
    }
    return "";
}

static const char *kind_of(const struct summary *summary)
{
    return summary->is_live ? "live" : "virtual";
}

/* The last name of a path, without the slashes behind it. */
static struct span last_name(const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    return (struct span){(const uint8_t *)path + start, end - start};
}

/* What a run's column is called: its folder's name, or the whole path where
 * both have the same name. */
static struct span column_name(const struct compare *compare, size_t run)
{
    const char *const *folders = compare->folders;
    struct span name = last_name(folders[run]);
    return span_equal(name, last_name(folders[1 - run]))
               ? span_of_text(folders[run])
               : name;
}

static void print_heads(
    FILE *file, const struct compare *compare, int widths[static 2])
{
    enum { LEAST = 14 };
    fprintf(file, "  %-22s", "");
    for (size_t i = 0; i < 2; i++) {
        struct span name = column_name(compare, i);
        widths[i] = name.size > LEAST ? (int)name.size : LEAST;
        fprintf(
            file, " %*.*s", widths[i], (int)name.size, (const char *)name.data);
    }
    fprintf(file, " %12s\n", "difference");
}

static void print_row(
    FILE *file, const struct row *row, const int widths[static 2])
{
    double percent;
    char text[32] = "-";
    if (difference(row, &percent))
        snprintf(text, sizeof(text), "%+.1f %%", percent);
    fprintf(file, "  %-22s %*.10g %*.10g %12s%s%s\n", row->name, widths[0],
        row->values[0], widths[1], row->values[1], text,
        row->verdict ? "  " : "", verdict_word(row->verdict));
}

static void print_what(FILE *file, const struct summary *run)
{
    fprintf(file, "%s: %" PRIu64 " nodes, seed %" PRIu64 "\n", run->scenario,
        run->nodes, run->seed);
}

static bool is_of_the_same(const struct summary *a, const struct summary *b)
{
    return strcmp(a->scenario, b->scenario) == 0 && a->nodes == b->nodes &&
           a->seed == b->seed;
}

void compare_print(FILE *file, const struct compare *compare)
{
    struct rows rows;
    int widths[2];
    const struct summary *runs = compare->runs;
    make_rows(compare, &rows);
    print_what(file, &runs[0]);
    if (!is_of_the_same(&runs[0], &runs[1]))
        print_what(file, &runs[1]);
    print_heads(file, compare, widths);
    for (size_t i = 0; i < rows.count; i++)
        print_row(file, &rows.list[i], widths);
    for (size_t i = 0; i < 2; i++)
        if (runs[i].is_live)
            fprintf(file,
                "  (%s is live: nodes waited %.0f us for a processor, for each "
                "frame that came)\n",
                compare->folders[i], runs[i].waited_us);
    fprintf(file, "%s\n", all_agree(&rows) ? "they agree" : "they DIFFER");
}

static void json_row(FILE *file, const struct row *row)
{
    double percent;
    fprintf(file, "{\"name\":\"%s\",\"unit\":\"%s\",", row->name, row->unit);
    if (row->kind)
        fprintf(file, "\"kind\":\"%s\",", row->kind);
    fprintf(file, "\"first\":%.10g,\"second\":%.10g,", row->values[0],
        row->values[1]);
    if (difference(row, &percent))
        fprintf(file, "\"difference_percent\":%.3f,", percent);
    else
        fprintf(file, "\"difference_percent\":null,");
    fprintf(file, "\"change\":\"%s\",\"ok\":%s}", change_word(row),
        row->verdict == VERDICT_NONE ? "null"
        : row->verdict == VERDICT_OK ? "true"
                                     : "false");
}

void compare_print_json(FILE *file, const struct compare *compare)
{
    struct rows rows;
    make_rows(compare, &rows);
    fprintf(file,
        "{\"agree\":%s,\"first\":\"%s\",\"second\":\"%s\","
        "\"measures\":[",
        all_agree(&rows) ? "true" : "false", kind_of(&compare->runs[0]),
        kind_of(&compare->runs[1]));
    for (size_t i = 0; i < rows.count; i++) {
        fputs(i ? "," : "", file);
        json_row(file, &rows.list[i]);
    }
    fprintf(file, "]}\n");
}
