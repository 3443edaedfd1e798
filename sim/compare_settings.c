/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's folder has the settings that are not the default; what is expected of
 * a run is not among them. */
#include "sim/compare_settings.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sim/scenario_file.h"
#include "sim/settings.h"

enum { NAMED = 3, VALUE_CHARS = 64 };

static bool read_folder(const char *folder, struct scenario *out)
{
    char path[SCENARIO_PATH_BYTES];
    struct complaint ignored;
    scenario_init(out);
    return (size_t)snprintf(path, sizeof(path), "%s/scenario.conf", folder) <
               sizeof(path) &&
           scenario_read(out, path, &ignored) == STATUS_OK;
}

static void print(const struct scenario *scenario,
    const struct setting *setting, char out[static VALUE_CHARS])
{
    const char *at = (const char *)scenario + setting->offset;
    uint64_t value;
    if (setting->type == SETTING_TEXT) {
        snprintf(out, VALUE_CHARS, "\"%s\"", at);
        return;
    }
    memcpy(&value, at, sizeof(value));
    settings_print(setting->type, setting->words, value, out, VALUE_CHARS);
}

static bool differs(const struct scenario *a, const struct scenario *b,
    const struct setting *setting)
{
    const char *x = (const char *)a + setting->offset;
    const char *y = (const char *)b + setting->offset;
    return setting->type == SETTING_TEXT ? strcmp(x, y) != 0
                                         : memcmp(x, y, sizeof(uint64_t)) != 0;
}

bool compare_settings(
    const char *const folders[static 2], char *out, size_t capacity)
{
    struct scenario a, b;
    size_t count, found = 0, size = 0;
    const struct setting *settings = settings_all(&count);
    out[0] = '\0';
    if (!read_folder(folders[0], &a) || !read_folder(folders[1], &b))
        return false;
    for (size_t i = 0; i < count; i++) {
        char one[VALUE_CHARS], other[VALUE_CHARS];
        if (!differs(&a, &b, &settings[i]) || ++found > NAMED)
            continue;
        print(&a, &settings[i], one);
        print(&b, &settings[i], other);
        size += (size_t)snprintf(out + size, capacity - size,
            "%s%s.%s (%s and %s)", found > 1 ? ", " : "", settings[i].section,
            settings[i].key, one, other);
        if (size >= capacity)
            return true; /* cut */
    }
    if (found > NAMED)
        snprintf(out + size, capacity - size, " and %zu more", found - NAMED);
    return found > 0;
}
