/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario remembers where each setting was given, so that what is found
 * wrong only when the whole is looked at is told with its place, too.  Who
 * complains names all settings that it is about, whichever of them the person
 * has written: a default is nobody's mistake. */
#include "sim/blame.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/settings.h"

enum { KEYS_AT_MOST = 32, KEY_CHARS = 48 };

struct concern {
    const struct setting *setting;
    const struct origin *origin;
};

static size_t find_concerns(const struct scenario *scenario, const char *keys,
    struct concern out[static KEYS_AT_MOST])
{
    size_t count = 0, all;
    for (; *keys; keys += strspn(keys, " ")) {
        char section[KEY_CHARS];
        size_t size = strcspn(keys, " ");
        assert(count < KEYS_AT_MOST && size < sizeof(section));
        snprintf(section, sizeof(section), "%.*s", (int)size, keys);
        char *dot = strchr(section, '.');
        assert(dot);
        *dot = '\0';
        const struct setting *setting = settings_find(section, dot + 1);
        assert(setting);
        out[count++] = (struct concern){
            setting, &scenario->given[setting - settings_all(&all)]};
        keys += size;
    }
    return count;
}

static size_t find_blamed(const struct concern *concerns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (concerns[i].origin->option)
            return i;
    for (size_t i = 0; i < count; i++)
        if (concerns[i].origin->line > 0)
            return i;
    return 0;
}

/* What a complaint begins with. */
static void print_place(const struct scenario *scenario,
    const struct origin *origin, char *out, size_t capacity)
{
    if (origin->option)
        snprintf(out, capacity, "%s: ", origin->option);
    else if (scenario->path[0] && origin->line > 0)
        snprintf(
            out, capacity, "%s:%" PRIu32 ": ", scenario->path, origin->line);
    else if (scenario->path[0])
        snprintf(out, capacity, "%s: ", scenario->path);
    else
        out[0] = '\0';
}

/* And ends with: where the others are that were given. */
static void print_others(const struct scenario *scenario,
    const struct concern *concerns, size_t count, size_t blamed, char *out,
    size_t capacity)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const struct origin *origin = concerns[i].origin;
        const struct setting *setting = concerns[i].setting;
        if (i == blamed || at >= capacity)
            continue;
        if (origin->option)
            at += (size_t)snprintf(out + at, capacity - at,
                "; [%s] %s is set by %s", setting->section, setting->key,
                origin->option);
        else if (origin->line > 0 && concerns[blamed].origin->option)
            at += (size_t)snprintf(out + at, capacity - at,
                "; [%s] %s stands in %s:%" PRIu32, setting->section,
                setting->key, scenario->path, origin->line);
        else if (origin->line > 0)
            at += (size_t)snprintf(out + at, capacity - at,
                "; [%s] %s stands in line %" PRIu32, setting->section,
                setting->key, origin->line);
    }
}

enum status blame(const struct scenario *scenario, struct complaint *complaint,
    const char *keys, const char *format, ...)
{
    struct concern concerns[KEYS_AT_MOST];
    size_t count = find_concerns(scenario, keys, concerns);
    size_t blamed = find_blamed(concerns, count);
    char what[512], place[SCENARIO_PATH_BYTES + 16], others[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    print_place(scenario, concerns[blamed].origin, place, sizeof(place));
    print_others(scenario, concerns, count, blamed, others, sizeof(others));
    complain(complaint, "%s[%s] %s: %s%s", place,
        concerns[blamed].setting->section, concerns[blamed].setting->key, what,
        others);
    return STATUS_INVALID;
}

enum status blame_expectation(const struct scenario *scenario,
    struct complaint *complaint, const struct expectation *expectation,
    const char *what)
{
    char place[SCENARIO_PATH_BYTES + 16];
    print_place(scenario, &expectation->origin, place, sizeof(place));
    complain(complaint, "%s[expect] %s: %s", place,
        settings_metric(expectation->metric)->name, what);
    return STATUS_INVALID;
}

bool blame_has_option(const struct scenario *scenario, const char *keys)
{
    struct concern concerns[KEYS_AT_MOST];
    size_t count = find_concerns(scenario, keys, concerns);
    for (size_t i = 0; i < count; i++)
        if (concerns[i].origin->option)
            return true;
    return false;
}
