/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run or a sweep wrote into its folder: read whole, or refused by the
 * name of the file and of what it lacks. */
#include "config.h"

#include "sim/run_folder.h"

#include "sim/painter.h"
#include "sim/report_tables.h"
#include "tests/sim/folder.h"

static const char summary[] =
    "{\"scenario\":\"street\",\"settings\":\"ab\",\"version\":\"0\","
    "\"seed\":7,\"nodes\":3,\"partial\":false,\"delivered\":1.0,"
    "\"redundancy\":0.5,\"latency_ms\":{\"p50\":1,\"p90\":2,\"p99\":3,"
    "\"last\":4,\"mean\":2},\"payloads\":{\"arrived\":3,\"new\":2},"
    "\"control_bytes\":9,\"node_bytes\":8,\"shelf\":{\"peak_bytes\":7},"
    "\"frames\":{\"sent\":6},\"adversaries\":[],\"faults\":[],"
    "\"expectations\":[],\"kinds\":{\"push\":{\"frames\":1,\"bytes\":2}}}\n";

static const struct {
    const char *name;
    const char *text;
} files[] = {
    {"summary.json", summary},
    {"metrics.csv", REPORT_METRICS_COLUMNS "\n1,3,4,0,0,0,0,0,1,0,0,0,9,9,9\n"},
    {"letters.csv", REPORT_LETTERS_COLUMNS "\n0,1,2,40,5,7,9,2\n"},
    {"groups.csv", REPORT_GROUPS_COLUMNS "\n0,0,1,2,40,5,7,2\n"},
    {"files.csv", REPORT_FILES_COLUMNS "\n0,1,2,9000,5,9,7,2\n"},
    {"spread.csv", PAINTER_SPREAD_COLUMNS "\n"},
    {"edges.csv", PAINTER_EDGES_COLUMNS "\n0,1\n1,2\n"},
};
enum { FILES = sizeof(files) / sizeof(files[0]) };

static struct complaint complaint;

static void put_all(void)
{
    for (size_t i = 0; i < FILES; i++)
        folder_put(files[i].name, files[i].text);
}

static void take_all(void)
{
    for (size_t i = 0; i < FILES; i++)
        folder_take(files[i].name);
}

static void test_whole(void)
{
    struct run_folder run;
    put_all();
    need(run_folder_read(folder, &run, &complaint) == STATUS_OK);
    ok(run.summary.seed == 7 && strcmp(run.summary.scenario, "street") == 0 &&
            span_equal(buf_span(&run.text), span_of_text(summary)),
        "the summary is read, and kept as it was checked");
    ok(run.metrics.count == 1 && run.letters.count == 1 &&
            run.spread.count == 0 && run.edges.count == 2 &&
            run.edges.values[3] == 2,
        "and the tables, one of them empty");
    ok(!summary_is_sweep(folder), "it is no sweep's");
    run_folder_clear(&run);
    ok(run.text.size == 0 && run.metrics.values == NULL,
        "what is cleared is empty");
    take_all();
}

static void test_lacking(void)
{
    struct run_folder run;
    size_t named = 0;
    for (size_t i = 0; i < FILES; i++) {
        put_all();
        folder_take(files[i].name);
        named +=
            run_folder_read(folder, &run, &complaint) == STATUS_NOT_FOUND &&
            strstr(complaint.text, files[i].name);
        folder_put(files[i].name, "{");
        named += run_folder_read(folder, &run, &complaint) == STATUS_INVALID &&
                 strstr(complaint.text, files[i].name);
        take_all();
    }
    ok(named == 2 * FILES, "a file that is missing or broken is named");
}

static void test_large(void)
{
    struct run_folder run;
    char *text = calloc(1, RUN_FOLDER_SUMMARY_BYTES + 2);
    need(text);
    memset(text, ' ', RUN_FOLDER_SUMMARY_BYTES + 1);
    put_all();
    folder_put("summary.json", text);
    ok(run_folder_read(folder, &run, &complaint) == STATUS_TOO_LARGE &&
            strstr(complaint.text, "summary.json: it is longer"),
        "one that is longer than any is refused");
    take_all();
    free(text);
}

/* A sweep's, of which a part is given. */
#define SWEEP(counts, axes, point)                                             \
    "{\"version\":\"0\",\"scenario\":\"street\"," counts "\"axes\":" axes      \
    ",\"expectations\":[],\"points\":[" point "]}"
#define COUNTS "\"seed_first\":1,\"seed_last\":2,\"jobs\":2,"
#define AXES   "[{\"key\":\"k\",\"values\":[\"1\"]}]"
#define POINT(at, values)                                                      \
    "{\"at\":" at ",\"runs\":2,\"passed\":1,\"violations\":0,\"values\":"      \
    "{" values "}}"
#define GOOD POINT("[\"1\"]", "\"delivered\":[1.0,0.5,null]")

static enum status read_sweep(const char *text)
{
    struct buf out = {.size = 0};
    folder_put("sweep.json", text);
    need(summary_is_sweep(folder));
    enum status status = run_folder_read_sweep(folder, &out, &complaint);
    if (!status && !span_equal(buf_span(&out), span_of_text(text)))
        status = STATUS_IO;
    buf_clear(&out);
    folder_take("sweep.json");
    return status;
}

static void test_sweep(void)
{
    static const char *const bad[] = {
        SWEEP("", AXES, GOOD),
        SWEEP(COUNTS, "7", GOOD),
        SWEEP(COUNTS, AXES, ""),
        SWEEP(COUNTS, AXES, "7"),
        SWEEP(COUNTS, AXES, POINT("[]", "\"delivered\":[1,1,1]")),
        SWEEP(COUNTS, AXES, POINT("[\"1\"]", "")),
        SWEEP(COUNTS, AXES, POINT("[\"1\"]", "\"delivered\":[1,1]")),
        SWEEP(COUNTS, AXES, POINT("[\"1\"]", "\"delivered\":[1,\"1\",1]")),
    };
    enum { BAD = sizeof(bad) / sizeof(bad[0]) };
    size_t refused = 0;
    ok(read_sweep(SWEEP(COUNTS, AXES, GOOD)) == STATUS_OK,
        "a sweep's is read as it is");
    ok(read_sweep(SWEEP(COUNTS, "[]",
           POINT("[]", "\"delivered\":[null,null,null]"))) == STATUS_OK,
        "also one of seeds alone");
    for (size_t i = 0; i < BAD; i++)
        refused += read_sweep(bad[i]) == STATUS_INVALID &&
                   strstr(complaint.text, "sweep.json: it has no \"") != NULL;
    ok(refused == BAD, "and refused when it lacks something");
    ok(read_sweep("{") == STATUS_INVALID &&
            strstr(complaint.text, "sweep.json:1: this is no JSON"),
        "or is none");
}

int main(void)
{
    folder_make();
    test_whole();
    test_lacking();
    test_large();
    test_sweep();
    folder_end();
    return tap_done();
}
