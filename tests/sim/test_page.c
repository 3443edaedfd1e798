/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HTML of a report: what comes from a run ends no element of it, and a long
 * run is thinned. */
#include "config.h"

#include "sim/page.h"

#include <math.h>
#include <string.h>

#include "sim/page_parts.h"
#include "tests/tap.h"

enum { METRICS_COLUMNS = 15, LETTERS_COLUMNS = 8, ROWS = 12345 };

static char *text;

/* How often a text stands in the page. */
static size_t count_of(const char *words)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, words)); at += strlen(words))
        count++;
    return count;
}

static void end_page(FILE *file, size_t *size)
{
    need(fclose(file) == 0 && strlen(text) == *size);
    ok(strncmp(text, PAGE_BEGINNING, strlen(PAGE_BEGINNING)) == 0 &&
            strstr(text, "default-src 'none'"),
        "a page begins as one of ours, and forbids the network");
    size_t scripts = count_of("<script");
    ok(count_of("</script>") == scripts, "each of its scripts ends once");
}

static void test_sweep(void)
{
    size_t size;
    FILE *file = open_memstream(&text, &size);
    need(file);
    page_write_sweep(
        file, span_of_text("{\"scenario\":\"</script><b>&\\u0041\"}"));
    end_page(file, &size);
    ok(strstr(text, "{\"scenario\":\"\\u003c/script>\\u003cb>&\\u0041\"}"),
        "no name of a scenario is markup");
    free(text);
}

static struct csv table(size_t columns, size_t rows)
{
    struct csv csv = {.columns = columns, .count = rows};
    csv.values = calloc(columns * rows + 1, sizeof(double));
    need(csv.values);
    for (size_t i = 0; i < rows; i++)
        csv.values[i * columns] = (double)i;
    return csv;
}

/* The numbers of the list that follows those words. */
static size_t length_of(const char *words)
{
    const char *at = strstr(text, words);
    size_t count = 1;
    need(at);
    for (at += strlen(words); *at && *at != ']'; at++)
        count += *at == ',';
    return count;
}

static void test_run(void)
{
    struct run_folder run = {.metrics = table(METRICS_COLUMNS, ROWS),
        .letters = table(LETTERS_COLUMNS, 3),
        .spread = table(4, 0),
        .edges = table(2, 0)};
    size_t size;
    buf_init(&run.text, 64);
    need(buf_append(&run.text, span_of_text("{\"a\":\"<\"}")) == STATUS_OK);
    /* The last column of a letter: after how long it came, or nothing. */
    run.letters.values[7] = 20;
    run.letters.values[15] = NAN;
    run.letters.values[23] = 10;
    FILE *file = open_memstream(&text, &size);
    need(file);
    need(page_write(file, &run) == STATUS_OK);
    end_page(file, &size);
    ok(strstr(text, "{\"summary\":{\"a\":\"\\u003c\"}"),
        "the summary is inside");
    size_t rows = length_of("\"second\":[");
    ok(rows > 1000 && rows <= 2001 && strstr(text, ",12344],\"nodes_up\""),
        "a long table is thinned, and its last row is there");
    ok(strstr(text, "\"latencies\":{\"letters\":3,\"points\":"
                    "[[10,1],[20,2]]}"),
        "latencies are in their order, and what never came is counted");
    ok(strstr(text, "\"edges\":{\"from\":[],\"to\":[]}"),
        "a table without rows has empty lists");
    run_folder_clear(&run);
    free(text);
}

int main(void)
{
    test_sweep();
    test_run();
    return tap_done();
}
