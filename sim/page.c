/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page is a shell, the figures as JSON, a charting library and a script
 * that draws the one with the other.  All text that comes from the run goes
 * through that script as text, never as markup; in the JSON no "<" is left, so
 * that nothing in it can end its element.  A policy in the page forbids the
 * network whatever else fails.  A long run's rows are thinned: a screen has
 * some thousand columns. */
#include "sim/page.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/figures.h"
#include "sim/page_parts.h"
#include "sim/painter.h"
#include "sim/quantile.h"
#include "sim/report_tables.h"
#include "sim/settings.h"

enum { ROWS_DRAWN = 2000, POINTS_DRAWN = 1000, LATENCY_COLUMN = 7 };

static void put(FILE *file, struct span bytes)
{
    fwrite(bytes.data, 1, bytes.size, file);
}

/* A script between its tags.  "</script" can stand in one only inside a
 * string or a pattern, where "<\/script" is the same. */
static void put_script(FILE *file, struct span script)
{
    static const char end[] = "</script";
    size_t from = 0;
    fputs("<script>\n", file);
    for (size_t i = 0; i + sizeof(end) - 1 <= script.size; i++)
        if (memcmp(script.data + i, end, sizeof(end) - 1) == 0) {
            put(file, (struct span){script.data + from, i + 1 - from});
            fputc('\\', file);
            from = i + 1;
        }
    put(file, (struct span){script.data + from, script.size - from});
    fputs("\n</script>\n", file);
}

/* Text that is JSON already.  A "<" can only stand in a string. */
static void put_json(FILE *file, struct span json)
{
    for (size_t i = 0; i < json.size; i++)
        if (json.data[i] == '<')
            fputs("\\u003c", file);
        else
            fputc(json.data[i], file);
}

static void put_number(FILE *file, double value)
{
    if (isnan(value))
        fputs("null", file);
    else
        fprintf(file, "%.12g", value);
}

/* One column as a list: each so many rows, and the last. */
static void put_column(
    FILE *file, const struct csv *csv, size_t column, size_t step)
{
    const char *between = "[";
    for (size_t i = 0; i < csv->count; i++) {
        if (i % step != 0 && i + 1 != csv->count)
            continue;
        fputs(between, file);
        put_number(file, csv->values[i * csv->columns + column]);
        between = ",";
    }
    fputs(csv->count ? "]" : "[]", file);
}

/* The columns of a table, by their names, thinned to some rows. */
static void put_table(
    FILE *file, const struct csv *csv, const char *names, size_t rows)
{
    size_t step = 1 + csv->count / rows;
    fputc('{', file);
    for (size_t i = 0; i < csv->columns; i++) {
        size_t size = strcspn(names, ",");
        fprintf(file, "%s\"%.*s\":", i ? "," : "", (int)size, names);
        put_column(file, csv, i, step);
        names += size + (names[size] == ',');
    }
    fputc('}', file);
}

static int compare_times(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* A run's latencies, sorted; NULL without memory. */
static double *sorted_latencies(const struct csv *letters, size_t *count)
{
    double *times = malloc((letters->count + 1) * sizeof(*times));
    *count = 0;
    for (size_t i = 0; times && i < letters->count; i++) {
        double ms = letters->values[i * letters->columns + LATENCY_COLUMN];
        if (!isnan(ms))
            times[(*count)++] = ms;
    }
    if (times)
        qsort(times, *count, sizeof(*times), compare_times);
    return times;
}

/* Latencies in their order with how many letters (copies, files) had come by
 * then, at so many ranks as can be seen. */
static enum status put_latencies(FILE *file, const struct csv *letters)
{
    size_t shown;
    double *times = sorted_latencies(letters, &shown);
    if (!times)
        return STATUS_NO_MEMORY;
    size_t step = 1 + shown / POINTS_DRAWN;
    const char *between = "";
    fprintf(file, "{\"letters\":%zu,\"points\":[", letters->count);
    for (size_t i = 0; i < shown; i++)
        if (i % step == 0 || i + 1 == shown) {
            fprintf(file, "%s[%.12g,%zu]", between, times[i], i + 1);
            between = ",";
        }
    fputs("]}", file);
    free(times);
    return STATUS_OK;
}

static void put_interval(
    FILE *file, const char *name, const struct quantile *quantile)
{
    fprintf(file, "\"%s\":[", name);
    put_number(file, quantile->low);
    fputc(',', file);
    put_number(file, quantile->high);
    fputc(']', file);
}

/* Between what chance would leave some measures, by their names in a
 * comparison, from one run's letters to another's of as many. */
static enum status put_intervals(FILE *file, const struct csv *letters)
{
    static const struct {
        const char *name;
        double share;
    } ranks[] = {{"latency_p50_ms", 0.5}, {"latency_p90_ms", 0.9},
        {"latency_p99_ms", 0.99}};
    size_t shown;
    double *times = sorted_latencies(letters, &shown);
    if (!times)
        return STATUS_NO_MEMORY;
    struct quantile quantile = quantile_share(shown, letters->count);
    fputc('{', file);
    put_interval(file, "delivered", &quantile);
    for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++) {
        quantile = quantile_of(times, shown, ranks[i].share);
        fputc(',', file);
        put_interval(file, ranks[i].name, &quantile);
    }
    fputc('}', file);
    free(times);
    return STATUS_OK;
}

static enum status put_figures(FILE *file, const struct run_folder *run)
{
    fputs("<script type=\"application/json\" id=\"run\">{\"summary\":", file);
    put_json(file, buf_span(&run->text));
    fputs(",\"metrics\":", file);
    put_table(file, &run->metrics, REPORT_METRICS_COLUMNS, ROWS_DRAWN);
    fputs(",\"spread\":", file);
    put_table(file, &run->spread, PAINTER_SPREAD_COLUMNS, CSV_ROWS + 1);
    fputs(",\"edges\":", file);
    put_table(file, &run->edges, PAINTER_EDGES_COLUMNS, CSV_ROWS + 1);
    fputs(",\"latencies\":", file);
    enum status status = put_latencies(file, &run->letters);
    fputs(",\"group_latencies\":", file);
    if (!status)
        status = put_latencies(file, &run->groups);
    fputs(",\"file_latencies\":", file);
    if (!status)
        status = put_latencies(file, &run->files);
    fputs("}</script>\n", file);
    return status;
}

static void begin(FILE *file, const char *title, struct span body)
{
    fputs(PAGE_BEGINNING
        "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
        "'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n",
        file);
    fprintf(file, "<title>%s</title>\n<style>\n", title);
    put(file, page_css);
    fputs("</style>\n</head>\n<body>\n", file);
    put(file, body);
}

/* The unit of each metric, by its name. */
static void put_units(FILE *file)
{
    fputs("<script type=\"application/json\" id=\"units\">{", file);
    for (int i = 0; i < METRIC_COUNT; i++) {
        enum metric metric = (enum metric)i;
        fprintf(file, "%s\"%s\":\"%s\"", i ? "," : "",
            settings_metric(metric)->name, figures_json_unit(metric));
    }
    fputs("}</script>\n", file);
}

/* What every page's own script builds on, and the end. */
static void begin_scripts(FILE *file)
{
    put_units(file);
    put_script(file, page_chart_js);
    put_script(file, page_common_js);
}

static void end(FILE *file)
{
    fputs("</body>\n</html>\n", file);
}

enum status page_write(FILE *file, const struct run_folder *run)
{
    begin(file, "Sotto: a run", page_body);
    enum status status = put_figures(file, run);
    begin_scripts(file);
    put_script(file, page_map_js);
    put_script(file, page_js);
    end(file);
    return status;
}

static enum status put_run(FILE *file, const struct run_folder *run)
{
    fputs("{\"summary\":", file);
    put_json(file, buf_span(&run->text));
    fputs(",\"metrics\":", file);
    put_table(file, &run->metrics, REPORT_METRICS_COLUMNS, ROWS_DRAWN);
    fputs(",\"latencies\":", file);
    enum status status = put_latencies(file, &run->letters);
    fputs(",\"intervals\":", file);
    if (!status)
        status = put_intervals(file, &run->letters);
    fputc('}', file);
    return status;
}

/* Their columns' names are a person's own, of folders: JSON too. */
enum status page_write_pair(FILE *file, const struct page_pair *pair)
{
    enum status status = STATUS_OK;
    begin(file, "Sotto: two runs", page_compare_body);
    fputs("<script type=\"application/json\" id=\"pair\">{\"compare\":", file);
    compare_print_json(file, pair->compare);
    fputs(",\"names\":[", file);
    for (size_t i = 0; i < 2; i++) {
        fputs(i ? "," : "", file);
        figures_json_text(file, pair->compare->folders[i]);
    }
    fputs("],\"runs\":[", file);
    for (size_t i = 0; i < 2 && !status; i++) {
        fputs(i ? "," : "", file);
        status = put_run(file, &pair->runs[i]);
    }
    fputs("]}</script>\n", file);
    begin_scripts(file);
    put_script(file, page_compare_js);
    end(file);
    return status;
}

void page_write_sweep(FILE *file, struct span json)
{
    begin(file, "Sotto: a sweep", page_sweep_body);
    fputs("<script type=\"application/json\" id=\"sweep\">", file);
    put_json(file, json);
    fputs("</script>\n", file);
    begin_scripts(file);
    put_script(file, page_sweep_js);
    end(file);
}
