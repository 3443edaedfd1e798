/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grid of a sweep, and the bootstrap. */
#include <string.h>

#include "sim/bootstrap.h"
#include "sim/scenario_file.h"
#include "sim/sweep_plan.h"
#include "tests/tap.h"

static struct complaint complaint;

static struct sweep_plan start(void)
{
    struct scenario base;
    struct sweep_plan plan;
    scenario_init(&base);
    sweep_plan_init(&plan, &base);
    return plan;
}

static void test_grid(void)
{
    struct sweep_plan plan = start();
    ok(sweep_plan_jobs(&plan) == 1, "without axes there is one run");
    need(
        sweep_plan_add(&plan, "links.loss=0:0.3:0.1", &complaint) == STATUS_OK);
    need(sweep_plan_add(&plan, "nodes=50,200", &complaint) == STATUS_OK);
    need(sweep_plan_seeds(&plan, "3:7", &complaint) == STATUS_OK);
    ok(plan.axes[0].count == 4 && !strcmp(plan.axes[0].values[3], "0.3"),
        "a range has its last value");
    ok(sweep_plan_points(&plan) == 8 && sweep_plan_jobs(&plan) == 40,
        "four by two points, five seeds each");
    struct scenario s;
    need(sweep_plan_scenario(&plan, 39, &s, &complaint) == STATUS_OK);
    ok(s.loss_ppm == 300000 && s.nodes == 200 && s.seed == 7,
        "the last job has the last of each");
    need(sweep_plan_scenario(&plan, 12, &s, &complaint) == STATUS_OK);
    ok(s.loss_ppm == 100000 && s.nodes == 50 && s.seed == 5,
        "seeds count fastest, then the last axis");
    sweep_plan_clear(&plan);
    plan = start();
    need(sweep_plan_add(&plan, "links.latency=10ms:50ms:20ms", &complaint) ==
         STATUS_OK);
    need(sweep_plan_scenario(&plan, 2, &s, &complaint) == STATUS_OK);
    ok(plan.axes[0].count == 3 && s.latency_us == 50000, "units count");
    sweep_plan_clear(&plan);
}

static void test_mistakes(void)
{
    static const struct {
        const char *text, *says;
    } mistakes[] = {
        {"links.loss", "is not section.key=values"},
        {"links.los=0:1:0.5", "did you mean loss?"},
        {"links.loss=0:1:0", "a step above 0"},
        {"links.loss=1:0:0.1", "first:last:step"},
        {"links.latency=1:5:1", "must be a time with its unit"},
        {"nodes=100,,200", "1 to 63 characters"},
        {"nodes=100,x", "must be a whole number"},
        {"seed=1,2", "seeds are no axis"},
        {"mesh.seed=1:3:1", "--seeds says which"},
    };
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct sweep_plan plan = start();
        ok(sweep_plan_add(&plan, mistakes[i].text, &complaint) ==
                    STATUS_INVALID &&
                strstr(complaint.text, mistakes[i].says),
            mistakes[i].says);
        sweep_plan_clear(&plan);
    }
    struct sweep_plan plan = start();
    need(sweep_plan_add(&plan, "nodes=9", &complaint) == STATUS_OK);
    ok(sweep_plan_add(&plan, "mesh.nodes=10", &complaint) == STATUS_INVALID &&
            !strcmp(complaint.text,
                "--over: mesh.nodes: is an axis already; name all values in "
                "one, like nodes=100,1000"),
        "nor is one axis two");
    sweep_plan_clear(&plan);
    ok(sweep_plan_seeds(&plan, "5:1", &complaint) == STATUS_INVALID &&
            sweep_plan_seeds(&plan, "x", &complaint) == STATUS_INVALID,
        "seeds that are none are refused");
}

static void test_fingerprint(void)
{
    struct scenario a, b;
    char one[SWEEP_FINGERPRINT_CHARS + 1], other[SWEEP_FINGERPRINT_CHARS + 1];
    scenario_init(&a);
    scenario_init(&b);
    sweep_fingerprint(&a, one);
    sweep_fingerprint(&b, other);
    ok(!strcmp(one, other), "the same settings have the same fingerprint");
    b.seed++;
    sweep_fingerprint(&b, other);
    ok(strcmp(one, other) != 0, "another seed has another");
    b = a;
    need(scenario_set(&b, "--set", "expect.delivered>=0.5", &complaint) ==
         STATUS_OK);
    sweep_fingerprint(&b, other);
    ok(strcmp(one, other) != 0, "and another expectation");
}

static void test_bootstrap(void)
{
    static const uint64_t same[] = {7, 7, 7};
    static const uint64_t spread[] = {0, 10, 20, 30, 40, 50, 60, 70, 80, 90};
    struct interval out;
    need(bootstrap(same, 3, &out) == STATUS_OK);
    ok(out.mean == 7 && out.low == 7 && out.high == 7,
        "what never varies has no width");
    need(bootstrap(spread, 10, &out) == STATUS_OK);
    /* The mean of ten has a standard error of 28.7 / sqrt(10) = 9.1. */
    ok(out.mean == 45 && out.low > 20 && out.low < 35 && out.high > 55 &&
            out.high < 70,
        "what varies has about four standard errors");
    struct interval again;
    need(bootstrap(spread, 10, &again) == STATUS_OK);
    ok(again.low == out.low && again.high == out.high, "and always the same");
}

int main(void)
{
    test_grid();
    test_mistakes();
    test_fingerprint();
    test_bootstrap();
    return tap_done();
}
