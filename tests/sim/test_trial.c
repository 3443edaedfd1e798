/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that fail in each way that there is, and what is told of them; and what
 * is tried to make one smaller. */
#include <signal.h>
#include <string.h>

#include "crypto/hash.h"
#include "sim/lots.h"
#include "sim/scenario_check.h"
#include "sim/shrink.h"
#include "sim/swarm.h"
#include "tests/sim/setup.h"
#include "tests/tap.h"

static struct scenario scenario_of(const char *assignments[])
{
    struct scenario scenario;
    setup_settings(&scenario, assignments);
    return scenario;
}
#define SCENARIO(...) scenario_of((const char *[]){__VA_ARGS__, NULL})

static struct trial wait_for(struct children *children)
{
    struct trial trial = {.kind = TRIAL_PASSED};
    size_t job = 0;
    while (!trial_wait(children, &job, &trial))
        continue;
    ok(job == 7 && children->count == 0, "a trial ends, and is known");
    return trial;
}

static struct trial try(struct scenario scenario)
{
    static struct children children;
    struct trial_task task = {.scenario = scenario, .compares = true};
    need(trial_start(&children, 7, &task) == STATUS_OK);
    return wait_for(&children);
}

static void test_kinds(void)
{
    struct trial good = try(SCENARIO("mesh.nodes=2", "mesh.topology=line",
        "workload.letters=2", "workload.pairs=1", "expect.delivered>=1.0"));
    ok(good.kind == TRIAL_PASSED && good.events > 0 && good.checks > 0 &&
            strlen(good.trace) == TRACE_CHARS,
        "one that passes has its trace");
    struct trial late = try(SCENARIO("mesh.nodes=2", "mesh.topology=line",
        "workload.letters=2", "workload.pairs=1", "expect.latency_p50<=1us"));
    ok(late.kind == TRIAL_EXPECTATION &&
            !strcmp(late.text, "expected latency_p50 <= 1us"),
        "what was expected is named");
    struct trial few = try(SCENARIO("mesh.nodes=40", "mesh.topology=join",
        "node.member=on", "node.links=4", "workload.letters=0"));
    ok(few.kind == TRIAL_VIOLATION &&
            strstr(few.text, "invariant 2: ") == few.text && few.second > 0 &&
            few.second < 599,
        "a violation is, and ends the run");
    struct trial none = try(SCENARIO(
        "mesh.nodes=3", "mesh.topology=line", "adversaries.droppers=0.9"));
    ok(none.kind == TRIAL_IMPOSSIBLE && none.text[0],
        "what cannot be run is told apart");
    ok(trial_is_same(&few, &few) && !trial_is_same(&few, &late) &&
            !trial_is_same(&few, &good),
        "two are the same by kind and words");
}

static bool abort_saying(const void *task, void *result)
{
    (void)result;
    fputs(task, stderr);
    raise(SIGABRT);
    return true;
}

static struct trial die(const char *saying)
{
    static struct children children;
    children.result_bytes = sizeof(struct trial);
    children.is_quiet = true;
    need(children_start(&children, 7, abort_saying, saying) == STATUS_OK);
    return wait_for(&children);
}

static void test_deaths(void)
{
    struct trial failed = die("a.c:1: f: Assertion `x' failed.\nmore\n");
    ok(failed.kind == TRIAL_DIED &&
            !strcmp(failed.text, "a.c:1: f: Assertion `x' failed."),
        "a death is a result, by its first words");
    struct trial found =
        die("==\n==7==ERROR: AddressSanitizer: overflow on address 0x1\n");
    ok(!strcmp(found.text, "ERROR: AddressSanitizer: overflow"),
        "of a sanitizer's, without what is different each time");
    struct trial silent = die("");
    ok(!strcmp(silent.text, "signal 6"), "or by its signal");
}

/* Every candidate is another, possible, and no larger scenario. */
static void test_candidates(void)
{
    size_t candidates = 0, wrong = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct scenario from, to;
        struct complaint complaint;
        struct trial failure = {.kind = TRIAL_VIOLATION, .second = 50};
        swarm_draw(seed, &from);
        for (size_t i = 0; i < shrink_candidates(); i++) {
            if (!shrink_candidate(&from, &failure, i, &to))
                continue;
            candidates++;
            wrong += scenario_check(&to, &complaint) != STATUS_OK ||
                     to.nodes > from.nodes || to.letters > from.letters ||
                     to.duration_us > from.duration_us ||
                     !memcmp(&to, &from, sizeof(to));
        }
    }
    ok(candidates > 2000 && wrong == 0, "candidates are smaller, and possible");
    struct scenario from = SCENARIO("expect.delivered>=1.0"), to;
    struct trial expected = {.kind = TRIAL_EXPECTATION};
    bool cuts = false;
    for (size_t i = 0; i < shrink_candidates(); i++)
        cuts |= shrink_candidate(&from, &expected, i, &to) &&
                to.duration_us != from.duration_us;
    ok(!cuts, "the time is left in which something was expected");
}

/* Whether all groups, or whoever sends files, find people. */
static bool has_people(const struct scenario *s)
{
    struct lot *lots = calloc(s->nodes, sizeof(*lots));
    uint64_t homes = 0;
    need(lots && lots_draw(s, (uint32_t)s->nodes, lots) == STATUS_OK);
    for (uint64_t i = 0; i < s->nodes; i++)
        homes += lot_is_home(&lots[i]);
    free(lots);
    return homes >= (s->groups > 0 ? s->group_size : 2);
}

static void test_swarm(void)
{
    struct scenario one, again, other;
    size_t possible = 0, groups = 0, files = 0, peopled = 0;
    swarm_draw(5, &one);
    swarm_draw(5, &again);
    swarm_draw(6, &other);
    ok(!memcmp(&one, &again, sizeof(one)), "a seed has one scenario");
    ok(memcmp(&one, &other, sizeof(one)) != 0, "and another has another");
    for (uint64_t seed = 1; seed <= 5000; seed++) {
        struct complaint complaint;
        swarm_draw(seed, &one);
        possible += scenario_check(&one, &complaint) == STATUS_OK;
        groups += one.groups > 0;
        files += one.files > 0;
        peopled += has_people(&one);
    }
    ok(possible == 5000, "all are possible");
    ok(peopled == 5000, "with all the people that they need");
    ok(groups > 500 && groups < 1000 && files > 400 && files < 1000,
        "some have groups, and some files");
}

/* Invariant 10. */
static void what_should_be_one_is_another(void)
{
    const struct trial one = {.trace = "a1", .events = 5, .checks = 7};
    struct trial same = one, traced = one, longer = one, checked = one;
    traced.trace[1] = '2';
    longer.events++;
    checked.checks++;
    ok(!trial_is_other(&one, &same), "two runs that are one are so");
    ok(trial_is_other(&one, &traced) && trial_is_other(&one, &longer) &&
            trial_is_other(&one, &checked),
        "another trace, an event more, a check more: another run");
}

int main(void)
{
    what_should_be_one_is_another();
    need(crypto_start() == 0);
    test_kinds();
    test_deaths();
    test_candidates();
    test_swarm();
    return tap_done();
}
