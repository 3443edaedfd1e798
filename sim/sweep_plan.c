/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values are texts, set like any --set, so that what a file can say an axis can
 * say.  A range is counted in the setting's own integers: no rounding decides
 * whether its end is reached. */
#include "sim/sweep_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "config.h"
#include "crypto/hash.h"
#include "sim/scenario_check.h"
#include "sim/scenario_file.h"
#include "sim/settings.h"

void sweep_plan_init(struct sweep_plan *plan, const struct scenario *base)
{
    *plan = (struct sweep_plan){
        .base = *base, .seed_first = base->seed, .seed_last = base->seed};
}

void sweep_plan_clear(struct sweep_plan *plan)
{
    for (size_t i = 0; i < plan->axis_count; i++)
        free(plan->axes[i].values);
    plan->axis_count = 0;
}

static enum status axis_add(struct sweep_axis *axis, const char *value,
    size_t size, struct complaint *complaint)
{
    if (axis->count == SWEEP_VALUES || size == 0 || size > SWEEP_VALUE_CHARS) {
        complain(complaint,
            "--over: %s: an axis has at most %d values, of 1 to %d characters "
            "each",
            axis->key, SWEEP_VALUES, SWEEP_VALUE_CHARS);
        return STATUS_INVALID;
    }
    memcpy(axis->values[axis->count], value, size);
    axis->values[axis->count++][size] = '\0';
    return STATUS_OK;
}

static enum status add_list(
    struct sweep_axis *axis, const char *text, struct complaint *complaint)
{
    enum status status = STATUS_OK;
    for (const char *at = text; !status;) {
        size_t size = strcspn(at, ",");
        status = axis_add(axis, at, size, complaint);
        if (at[size] == '\0')
            break;
        at += size + 1;
    }
    return status;
}

static enum status add_steps(struct sweep_axis *axis,
    const struct setting *setting, const uint64_t range[static 3],
    struct complaint *complaint)
{
    enum status status = STATUS_OK;
    for (uint64_t value = range[0]; value <= range[1] && !status;
         value += range[2]) {
        char text[SWEEP_VALUE_CHARS + 1];
        settings_print(
            setting->type, setting->words, value, text, sizeof(text));
        status = axis_add(axis, text, strlen(text), complaint);
    }
    return status;
}

/* "first:last:step", in the units of the setting. */
static enum status add_range(struct sweep_axis *axis,
    const struct setting *setting, const char *text,
    struct complaint *complaint)
{
    char copy[3 * (SWEEP_VALUE_CHARS + 1)];
    uint64_t range[3] = {0};
    const char *why = "must be first:last:step";
    size_t count = 0;
    snprintf(copy, sizeof(copy), "%s", text);
    char *state;
    for (char *part = strtok_r(copy, ":", &state); part;
         part = strtok_r(NULL, ":", &state), count++)
        if (count == 3 || settings_parse(setting->type, setting->words, part,
                              &range[count], &why) != STATUS_OK) {
            complain(complaint, "--over: %s: \"%s\" %s", axis->key, part, why);
            return STATUS_INVALID;
        }
    if (count == 3 && range[2] > 0 && range[0] <= range[1])
        return add_steps(axis, setting, range, complaint);
    complain(complaint,
        "--over: %s: \"%s\" must be first:last:step, with a step above 0, or "
        "one,other,...",
        axis->key, text);
    return STATUS_INVALID;
}

static const struct setting *find_setting(const char *key)
{
    char section[SWEEP_KEY_CHARS + 1];
    const char *dot = strchr(key, '.');
    if (!dot)
        return NULL;
    snprintf(section, sizeof(section), "%.*s", (int)(dot - key), key);
    return settings_find(section, dot + 1);
}

/* Try each value, so that a mistake is found before hours of runs. */
static enum status try_values(const struct sweep_plan *plan,
    const struct sweep_axis *axis, struct complaint *complaint)
{
    struct scenario scenario = plan->base;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < axis->count && !status; i++) {
        char text[SWEEP_KEY_CHARS + SWEEP_VALUE_CHARS + 2];
        snprintf(text, sizeof(text), "%s=%s", axis->key, axis->values[i]);
        status = scenario_set(&scenario, "--over", text, complaint);
    }
    return status;
}

enum status sweep_plan_add(
    struct sweep_plan *plan, const char *text, struct complaint *complaint)
{
    const char *equals = strchr(text, '=');
    size_t size = equals ? (size_t)(equals - text) : 0;
    if (size == 0 || size > SWEEP_KEY_CHARS || plan->axis_count == SWEEP_AXES) {
        complain(complaint,
            "--over: \"%s\" is not section.key=values, like "
            "links.loss=0:0.5:0.1 or "
            "nodes=100,1000; there can be %d",
            text, SWEEP_AXES);
        return STATUS_INVALID;
    }
    struct sweep_axis *axis = &plan->axes[plan->axis_count];
    snprintf(axis->key, sizeof(axis->key), "%s%.*s",
        strcspn(text, ".") > size ? "mesh." : "", (int)size, text);
    if (!strcmp(axis->key, "mesh.seed")) {
        complain(complaint, "--over: mesh.seed: seeds are no axis; --seeds "
                            "says which, like 1:20");
        return STATUS_INVALID;
    }
    for (size_t i = 0; i < plan->axis_count; i++)
        if (!strcmp(axis->key, plan->axes[i].key)) {
            complain(complaint,
                "--over: %s: is an axis already; name all values in one, like "
                "nodes=100,1000",
                axis->key);
            return STATUS_INVALID;
        }
    axis->count = 0;
    axis->values = malloc(SWEEP_VALUES * sizeof(*axis->values));
    if (!axis->values)
        return STATUS_NO_MEMORY;
    plan->axis_count++;
    const struct setting *setting = find_setting(axis->key);
    enum status status =
        setting && setting->type != SETTING_TEXT && strchr(equals, ':')
            ? add_range(axis, setting, equals + 1, complaint)
            : add_list(axis, equals + 1, complaint);
    return status ? status : try_values(plan, axis, complaint);
}

enum status sweep_plan_seeds(
    struct sweep_plan *plan, const char *text, struct complaint *complaint)
{
    uint64_t first, last;
    if (!settings_range(text, &first, &last) || last - first >= SWEEP_JOBS) {
        complain(
            complaint, "--seeds: \"%s\" is not first:last, like 1:20", text);
        return STATUS_INVALID;
    }
    plan->seed_first = first;
    plan->seed_last = last;
    return STATUS_OK;
}

static size_t seed_count(const struct sweep_plan *plan)
{
    return (size_t)(plan->seed_last - plan->seed_first + 1);
}

size_t sweep_plan_points(const struct sweep_plan *plan)
{
    size_t points = 1;
    for (size_t i = 0; i < plan->axis_count && points <= SWEEP_JOBS; i++)
        points *= plan->axes[i].count;
    return points;
}

size_t sweep_plan_jobs(const struct sweep_plan *plan)
{
    return sweep_plan_points(plan) * seed_count(plan);
}

size_t sweep_plan_point(const struct sweep_plan *plan, size_t job)
{
    return job / seed_count(plan);
}

const char *sweep_plan_value(
    const struct sweep_plan *plan, size_t point, size_t axis)
{
    for (size_t i = plan->axis_count - 1; i > axis; i--)
        point /= plan->axes[i].count;
    return plan->axes[axis].values[point % plan->axes[axis].count];
}

enum status sweep_plan_scenario(const struct sweep_plan *plan, size_t job,
    struct scenario *out, struct complaint *complaint)
{
    enum status status = STATUS_OK;
    *out = plan->base;
    for (size_t i = 0; i < plan->axis_count && !status; i++) {
        char text[SWEEP_KEY_CHARS + SWEEP_VALUE_CHARS + 2];
        snprintf(text, sizeof(text), "%s=%s", plan->axes[i].key,
            sweep_plan_value(plan, sweep_plan_point(plan, job), i));
        status = scenario_set(out, "--over", text, complaint);
    }
    out->seed = plan->seed_first + job % seed_count(plan);
    return status ? status : scenario_check(out, complaint);
}

/* Append a line to what is hashed so far, by hashing both. */
static void chain(uint8_t digest[static 32], const char *line)
{
    uint8_t input[32 + SCENARIO_PATH_BYTES + 128];
    size_t size = strlen(line);
    memcpy(input, digest, 32);
    memcpy(input + 32, line, size);
    hash_labelled(
        digest, 32, "sotto1 scenario", (struct span){input, 32 + size});
}

void sweep_fingerprint(const struct scenario *scenario,
    char out[static SWEEP_FINGERPRINT_CHARS + 1])
{
    uint8_t digest[32] = {0};
    char line[SCENARIO_PATH_BYTES + 128], value[64];
    size_t count;
    const struct setting *s = settings_all(&count);
    chain(digest, PACKAGE_VERSION);
    chain(digest, scenario->name);
    for (size_t i = 0; i < count; i++, s++) {
        const uint8_t *field = (const uint8_t *)scenario + s->offset;
        uint64_t number;
        memcpy(&number, field, sizeof(number));
        if (s->type != SETTING_TEXT)
            settings_print(s->type, s->words, number, value, sizeof(value));
        snprintf(line, sizeof(line), "%s.%s=%s", s->section, s->key,
            s->type == SETTING_TEXT ? (const char *)field : value);
        chain(digest, line);
    }
    for (size_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *e = &scenario->expectations[i];
        snprintf(line, sizeof(line), "expect %d %d %" PRIu64, (int)e->metric,
            e->at_least, e->value);
        chain(digest, line);
    }
    hex_encode((struct span){digest, SWEEP_FINGERPRINT_CHARS / 2}, out);
}
