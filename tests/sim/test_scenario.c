/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a wrong scenario is told: file, line, key, and what would be right. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/scenario_file.h"
#include "sim/settings.h"
#include "tests/sim/setup.h"
#include "tests/tap.h"

static char path[64];

static enum status read_text(
    const char *text, struct scenario *scenario, struct complaint *complaint)
{
    FILE *file = fopen(path, "w");
    need(file && fputs(text, file) >= 0 && fclose(file) == 0);
    scenario_init(scenario);
    complaint->text[0] = '\0';
    return scenario_read(scenario, path, complaint);
}

/* The text is refused, and the complaint has these words. */
static void refused(const char *text, const char *line, const char *words)
{
    struct scenario scenario;
    struct complaint complaint;
    char place[80];
    snprintf(place, sizeof(place), "%s:%s: ", path, line);
    int good = read_text(text, &scenario, &complaint) == STATUS_INVALID &&
               strstr(complaint.text, place) == complaint.text &&
               strstr(complaint.text, words);
    ok(good, words);
    if (!good)
        printf("# said: %s\n", complaint.text);
}

static void test_good(void)
{
    struct scenario s;
    struct complaint complaint;
    ok(read_text("# a comment\n"
                 "[mesh]\n"
                 "nodes = 300\n"
                 "  topology = grid ; and another\n"
                 "duration = 1.5h\n"
                 "[links]\n"
                 "latency=20 ms\n"
                 "\tloss = 0.02000000\n"
                 "[node]\n"
                 "shelf = 2.5MiB\n"
                 "[expect]\n"
                 "delivered >= 0.999\n"
                 "in_band <= 1.0\n"
                 "redundancy <= 2.5\n"
                 "latency_p99 <= 3s\n",
           &s, &complaint) == STATUS_OK,
        "a good scenario is read");
    ok(s.nodes == 300 && s.topology == TOPOLOGY_GRID, "counts and words");
    ok(s.duration_us == UINT64_C(5400000000) && s.latency_us == 20000,
        "times in microseconds");
    ok(s.loss_ppm == 20000, "shares in parts per million");
    ok(s.shelf_bytes == 2621440, "sizes in bytes");
    ok(s.degree == 8 && s.jitter_us == 10000, "defaults for the rest");
    ok(s.expectation_count == 4 &&
            s.expectations[0].metric == METRIC_DELIVERED &&
            s.expectations[0].at_least && s.expectations[0].value == 999000 &&
            s.expectations[3].metric == METRIC_LATENCY_P99 &&
            !s.expectations[3].at_least && s.expectations[3].value == 3000000,
        "and expectations");
    ok(scenario_set(&s, "--set", "links.loss=0.5", &complaint) == STATUS_OK &&
            s.loss_ppm == 500000,
        "the command line overrides");
    ok(scenario_set(&s, "--set", "expect.delivered>=0.5", &complaint) ==
                STATUS_OK &&
            s.expectation_count == 5,
        "and adds expectations");
    ok(scenario_set(&s, "--set", "loss", &complaint) == STATUS_INVALID &&
            strstr(complaint.text, "section.key=value"),
        "and is told its form");
}

static void test_published(void)
{
    struct scenario s;
    struct complaint complaint;
    ok(read_text("[published]\n"
                 "redundancy = 0.04 to 0.09 , Plumtree (2007), one sender\n"
                 "redundancy = 3, a push to four\n",
           &s, &complaint) == STATUS_OK &&
            s.published_count == 2,
        "what others have reported is read, also twice of one metric");
    ok(s.published[0].metric == METRIC_REDUNDANCY &&
            strcmp(s.published[0].figure, "0.04 to 0.09") == 0 &&
            strcmp(s.published[0].source, "Plumtree (2007), one sender") == 0,
        "up to the first comma is the figure, the rest who reported it");
    refused("[published]\nredundncy = 3, x\n", "2", "mean redundancy?");
    refused("[published]\nredundancy = 3\n", "2", "who reported it");
    refused("[published]\nredundancy = , x\n", "2", "who reported it");
    refused("[publisht]\nredundancy = 3, x\n", "1", "[published]?");
    refused("[published]\nredundancy = "
            "012345678901234567890123456789012345678901234567, x\n",
        "2", "a figure has 47 characters");
    char text[SCENARIO_PUBLISHED * 24 + 64] = "[published]\n";
    for (size_t i = 0; i < SCENARIO_PUBLISHED; i++)
        strcat(text, "delivered = 1, x\n");
    ok(read_text(text, &s, &complaint) == STATUS_OK, "so many lines");
    strcat(text, "delivered = 1, x\n");
    refused(text, "18", "more than 16 lines");
}

static void test_bad(void)
{
    refused("[links]\nlatncy = 3ms\n", "2", "did you mean latency?");
    refused("[link]\nlatency = 3ms\n", "1", "did you mean [links]?");
    refused("[links]\n\nlatency = 3\n", "3", "a time with its unit");
    refused("[links]\nlatency = 3 kB\n", "2", "a time with its unit");
    refused("[links]\nbandwidth = 3s\n", "2", "a size with its unit");
    refused("[links]\nloss = 2\n", "2", "out of range; it can be 0.0 .. 1.0");
    refused("[links]\nloss = 2%\n", "2", "a decimal number without a unit");
    refused("[mesh]\nnodes = many\n", "2", "a whole number");
    refused("[mesh]\nnodes = 1\n", "2", "out of range");
    refused("[mesh]\nnodes = 99999999999999999999\n", "2", "a whole number");
    refused("[mesh]\ntopology = tree\n", "2", "line ring grid star");
    refused("[mesh]\nnodes = 5\nnodes = 6\n", "3",
        "stands in line 2 already; keep one of the two");
    refused("[mesh]\nnodes\n", "2", "neither [section], key = value");
    refused("[links]\nloss = 0.0000001\n", "2", "at most six decimals");
    refused("[links]\nbandwidth = 0.5B\n", "2", "less than the smallest");
    refused("[links]\nlatency = 0.0001ms\n", "2", "less than the smallest");
    refused("nodes = 5\n", "1", "nodes: stands before the first [section]");
    refused("[mesh]\n  nodes = 5\n\tnodes = 6\n", "3",
        "stands in line 2 already; keep one of the two");
    refused("[expect]\ndelivered = 1\n", "2", "needs >= or <=");
    refused("[expect]\ndelivred >= 1\n", "2", "did you mean delivered?");
    refused("[expect]\nlatency_p50 <= 3\n", "2", "a time with its unit");
    refused("[expect]\n\ndelivered >= 2\n", "3",
        "[expect] delivered: 2 is out of range; a share can be 0.0 .. 1.0");
    refused("[expect]\neclipsed <= 1.000001\n", "2", "out of range");
    char text[700];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    refused(text, "1", "the line is longer than");
}

static bool means(const char *assignments[], enum metric metric)
{
    struct scenario scenario;
    setup_settings(&scenario, assignments);
    return settings_meets(&scenario, settings_metric(metric)->need);
}

static void test_needs(void)
{
    const char *nothing[] = {NULL};
    const char *spies[] = {"adversaries.spies=0.1", NULL};
    const char *droppers[] = {"adversaries.droppers=0.1", "node.pins=1", NULL};
    const char *sybils[] = {"adversaries.sybils=0.1", NULL};
    const char *off[] = {"faults.skew_share=0.1", "faults.skew=12h", NULL};
    const char *liars[] = {"faults.skew_share=0.1", "faults.skew=13h", NULL};
    const char *split[] = {"faults.partition_for=1s", NULL};
    ok(means(nothing, METRIC_DELIVERED) && means(nothing, METRIC_UNCLEARED),
        "most metrics mean something in every run");
    ok(!means(nothing, METRIC_ECLIPSED) && !means(spies, METRIC_ECLIPSED) &&
            means(droppers, METRIC_ECLIPSED),
        "who is eclipsed, where there are enemies");
    ok(means(spies, METRIC_SPY_RECALL) && !means(sybils, METRIC_SPY_RECALL),
        "what spies find, where there are spies");
    ok(!means(sybils, METRIC_ECLIPSED_PINNED) &&
            means(droppers, METRIC_ECLIPSED_PINNED),
        "in spite of friends, where they have some");
    ok(!means(droppers, METRIC_INVALID_WORK) &&
            means(sybils, METRIC_INVALID_WORK),
        "what attackers cost, where they send of their own");
    ok(!means(off, METRIC_LIARS_REACHED) && means(liars, METRIC_LIARS_REACHED),
        "who believes a liar, where a clock is off by more than half a day");
    ok(!means(nothing, METRIC_CATCHUP_TRIPS) &&
            means(split, METRIC_CATCHUP_TRIPS),
        "and catching up, after a split");
}

int main(void)
{
    strcpy(path, "/tmp/test_scenario.XXXXXX");
    need(mkstemp(path) >= 0);
    test_good();
    test_published();
    test_bad();
    test_needs();
    struct scenario scenario;
    struct complaint complaint;
    ok(scenario_read(&scenario, "/no/such/file.conf", &complaint) ==
                STATUS_IO &&
            strstr(complaint.text, "/no/such/file.conf: "),
        "a file that is not there is named");
    unlink(path);
    return tap_done();
}
