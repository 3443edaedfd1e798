/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A candidate is one setting taken to its calm value, or half, or three
 * quarters, or all but one of the way that it has left to there; or one
 * expectation left out.  The boldest come first.  A smaller mesh meets other
 * chances, so each is tried with a few seeds.  Once one fails as the whole did
 * it is the new whole, and the next ones are of that: so what is tried at one
 * time are guesses that may be thrown away, and the outcome is that of one at a
 * time.
 */
#include "sim/shrink.h"

#include <string.h>

#include "proto/limits.h"
#include "sim/scenario_check.h"
#include "sim/settings.h"
#include "sim/units.h"

#define MS UINT64_C(1000)

enum { SEEDS_TRIED = 3 };

/* How far towards the calm value a step goes. */
enum step { STEP_CALM, STEP_HALF, STEP_QUARTER, STEP_ONE, STEPS };

/* Where calm is not the default. */
static const struct {
    const char *section, *key;
    uint64_t value;
} calm_values[] = {
    {"mesh", "nodes", 2},
    {"mesh", "topology", TOPOLOGY_LINE},
    {"mesh", "degree", 2},
    {"mesh", "duration", SECOND_US},
    {"mesh", "quiet", 0},
    {"mesh", "start", 0},
    {"links", "latency", 1000},
    {"links", "jitter", 0},
    {"workload", "letters", 1},
    {"workload", "pairs", 1},
    {"workload", "text", 16},
    {"workload", "first", 0},
    {"workload", "over", 0},
    {"workload", "group_size", 2},
    {"workload", "group_letters", 1},
    {"workload", "file_size", 1},
    {"faults", "partition_times", 1},
    {"node", "reconcile", 10 * SECOND_US},
};

static uint64_t calm_of(const struct setting *setting)
{
    for (size_t i = 0; i < sizeof(calm_values) / sizeof(*calm_values); i++)
        if (!strcmp(setting->section, calm_values[i].section) &&
            !strcmp(setting->key, calm_values[i].key))
            return calm_values[i].value;
    return setting->fallback;
}

static uint64_t get(
    const struct scenario *scenario, const struct setting *setting)
{
    uint64_t value;
    memcpy(&value, (const uint8_t *)scenario + setting->offset, sizeof(value));
    return value;
}

static void put(
    struct scenario *scenario, const struct setting *setting, uint64_t value)
{
    size_t count;
    memcpy((uint8_t *)scenario + setting->offset, &value, sizeof(value));
    scenario->given[setting - settings_all(&count)].is_given =
        value != setting->fallback;
}

/* What a value is a multiple of, as people would write it; lives of envelopes
 * are whole hours. */
static uint64_t unit_of(const struct setting *setting, uint64_t value)
{
    if (setting->most == LIMIT_ENVELOPE_LIFE_H * HOUR_US)
        return HOUR_US;
    if (setting->type == SETTING_TIME)
        return value > 10 * SECOND_US ? SECOND_US : value > 10 * MS ? MS : 1;
    return setting->type == SETTING_SHARE && value > 20000 ? 10000 : 1;
}

/* In its unit, where it still lies between the two. */
static uint64_t rounded(
    const struct setting *setting, uint64_t value, uint64_t from, uint64_t calm)
{
    uint64_t unit = unit_of(setting, value);
    uint64_t out = value - value % unit;
    bool is_between =
        from > calm ? out >= calm && out < from : out <= calm && out > from;
    return is_between ? out : value;
}

static uint64_t step_from(
    const struct setting *setting, enum step step, uint64_t from, uint64_t calm)
{
    uint64_t way = from > calm ? from - calm : calm - from;
    uint64_t part = step == STEP_HALF      ? way / 2
                    : step == STEP_QUARTER ? way / 4
                                           : 1;
    if (step == STEP_CALM)
        return calm;
    if (step == STEP_ONE && setting->type != SETTING_COUNT)
        return from;
    uint64_t value = from > calm ? from - part : from + part;
    return rounded(setting, value, from, calm);
}

static void follow(struct scenario *scenario, const char *section,
    const char *key, uint64_t value)
{
    const struct setting *setting = settings_find(section, key);
    if (get(scenario, setting) != value)
        put(scenario, setting, value);
}

static uint64_t least(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

/* A degree that so many nodes can have. */
static void mend_degree(struct scenario *s)
{
    uint64_t degree = s->degree;
    if (s->topology == TOPOLOGY_RANDOM_REGULAR) {
        degree = least(degree, s->nodes - 1);
        degree -= degree * s->nodes % 2;
    } else if (s->topology >= TOPOLOGY_ERDOS_RENYI) {
        degree = least(degree, s->nodes / 2);
        degree -= degree % 2;
    }
    follow(s, "mesh", "degree", degree);
}

/* What depends on what was made smaller follows it. */
static void mend(struct scenario *s)
{
    mend_degree(s);
    follow(s, "workload", "first", least(s->first_us, s->duration_us));
    follow(
        s, "workload", "over", least(s->over_us, s->duration_us - s->first_us));
    follow(s, "mesh", "quiet", least(s->quiet_us, s->duration_us));
    if (s->text_most && s->text_most < s->text_least)
        follow(s, "workload", "text_most", s->text_least);
    if (s->groups)
        follow(s, "workload", "group_size", least(s->group_size, s->nodes));
    if (s->file_most && s->file_most < s->file_least)
        follow(s, "workload", "file_size_most", s->file_least);
}

/* Defaults elsewhere are calm as they are. */
static bool is_of_size(const struct setting *setting)
{
    return !strcmp(setting->section, "mesh") ||
           !strcmp(setting->section, "workload");
}

/* What groups or files are like, where there are none. */
static bool is_of_nothing(
    const struct scenario *s, const struct setting *setting)
{
    return (s->groups == 0 && !strncmp(setting->key, "group_", 6)) ||
           (s->files == 0 && !strncmp(setting->key, "file_", 5));
}

/* What is expected at the end fails for a poorer reason where a run is cut. */
static bool is_time_given(const struct setting *setting)
{
    return !strcmp(setting->key, "duration") || !strcmp(setting->key, "quiet");
}

static bool move_setting(struct scenario *scenario, size_t index,
    enum step step, const struct trial *failure)
{
    size_t count;
    const struct setting *setting = &settings_all(&count)[index];
    if (setting->type == SETTING_TEXT || !strcmp(setting->key, "seed") ||
        is_of_nothing(scenario, setting) ||
        (failure->kind == TRIAL_EXPECTATION && is_time_given(setting)))
        return false;
    uint64_t from = get(scenario, setting), calm = calm_of(setting);
    if (from == calm ||
        (!scenario->given[index].is_given && !is_of_size(setting)))
        return false;
    /* Behind a violation there is nothing that matters. */
    if (step == STEP_CALM && !strcmp(setting->key, "duration") &&
        failure->kind == TRIAL_VIOLATION)
        calm = (failure->second + 1) * SECOND_US;
    if (setting->type == SETTING_WORD && step != STEP_CALM)
        return false;
    uint64_t to = step_from(setting, step, from, calm);
    if (to == from || (from > calm ? to > from : to < from))
        return false;
    put(scenario, setting, to);
    return true;
}

static bool drop_expectation(struct scenario *scenario, size_t index)
{
    if (index >= scenario->expectation_count)
        return false;
    scenario->expectation_count--;
    memmove(&scenario->expectations[index], &scenario->expectations[index + 1],
        (scenario->expectation_count - index) *
            sizeof(scenario->expectations[0]));
    return true;
}

size_t shrink_candidates(void)
{
    size_t count;
    settings_all(&count);
    return (SCENARIO_EXPECTATIONS + STEPS * count) * SEEDS_TRIED;
}

bool shrink_candidate(const struct scenario *from, const struct trial *failure,
    size_t number, struct scenario *out)
{
    size_t count;
    struct complaint complaint;
    settings_all(&count);
    size_t move = number / SEEDS_TRIED;
    *out = *from;
    follow(out, "mesh", "seed", from->seed + number % SEEDS_TRIED);
    bool is_one =
        move < SCENARIO_EXPECTATIONS
            ? drop_expectation(out, move)
            : move_setting(out, (move - SCENARIO_EXPECTATIONS) % count,
                  (enum step)((move - SCENARIO_EXPECTATIONS) / count), failure);
    if (!is_one)
        return false;
    mend(out);
    return scenario_check(out, &complaint) == STATUS_OK;
}

/* Candidates under way, in their order. */
struct batch {
    size_t count;
    size_t numbers[CHILDREN_MAXIMUM];
    struct trial_task tasks[CHILDREN_MAXIMUM];
    struct trial trials[CHILDREN_MAXIMUM];
};

static void fill(struct shrink *shrink, struct batch *batch)
{
    size_t number = shrink->next, end = shrink_candidates();
    size_t most = shrink->runs_most - shrink->runs;
    if (most > shrink->jobs)
        most = shrink->jobs;
    batch->count = 0;
    for (; number < end && batch->count < most; number++) {
        struct trial_task *task = &batch->tasks[batch->count];
        if (!shrink_candidate(
                &shrink->best, &shrink->failure, number, &task->scenario))
            continue;
        task->compares = shrink->failure.kind == TRIAL_DIFFERED;
        batch->numbers[batch->count++] = number;
    }
    shrink->next = number;
}

static enum status run_batch(struct batch *batch)
{
    struct children children = {.count = 0};
    enum status status = STATUS_OK;
    size_t left = batch->count;
    for (size_t i = 0; i < batch->count && !status; i++)
        status = trial_start(&children, i, &batch->tasks[i]);
    while (!status && left > 0) {
        size_t job;
        struct trial trial;
        if (!trial_wait(&children, &job, &trial))
            continue;
        batch->trials[job] = trial;
        left--;
    }
    children_stop(&children);
    return status;
}

/* The first that failed as the whole did is the new whole. */
static void choose(struct shrink *shrink, const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        shrink->runs++;
        if (!trial_is_same(&batch->trials[i], &shrink->failure))
            continue;
        shrink->best = batch->tasks[i].scenario;
        shrink->failure = batch->trials[i];
        shrink->taken++;
        shrink->has_moved = true;
        /* The same step again, from the seed that it now has. */
        shrink->next = batch->numbers[i] - batch->numbers[i] % SEEDS_TRIED;
        return;
    }
}

enum status shrink_init(struct shrink *shrink, const struct scenario *scenario,
    size_t jobs, size_t runs_most)
{
    struct batch batch = {.count = 1};
    *shrink = (struct shrink){
        .best = *scenario, .jobs = jobs, .runs_most = runs_most, .runs = 1};
    batch.tasks[0] =
        (struct trial_task){.scenario = *scenario, .compares = true};
    enum status status = run_batch(&batch);
    if (status)
        return status;
    shrink->failure = batch.trials[0];
    return shrink->failure.kind == TRIAL_PASSED ||
                   shrink->failure.kind == TRIAL_IMPOSSIBLE
               ? STATUS_NOT_FOUND
               : STATUS_OK;
}

enum status shrink_step(struct shrink *shrink, bool *goes_on)
{
    struct batch batch = {.count = 0};
    fill(shrink, &batch);
    enum status status = run_batch(&batch);
    if (status)
        return status;
    choose(shrink, &batch);
    *goes_on = shrink->runs < shrink->runs_most;
    if (shrink->next < shrink_candidates())
        return STATUS_OK;
    *goes_on = *goes_on && shrink->has_moved;
    shrink->next = 0;
    shrink->has_moved = false;
    return STATUS_OK;
}
