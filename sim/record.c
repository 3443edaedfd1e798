/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's folder may be anywhere, so paths are made absolute; what is in those
 * files is not kept, and a replay finds out by the hash. */
#include "sim/record.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/settings.h"

/* The folder of the scenario's own file, absolute; the caller frees it.  NULL
 * where there is none. */
static char *folder_of(const struct scenario *scenario)
{
    char folder[SCENARIO_PATH_BYTES];
    const char *slash = strrchr(scenario->path, '/');
    if (!slash)
        return realpath(".", NULL);
    snprintf(folder, sizeof(folder), "%.*s", (int)(slash + 1 - scenario->path),
        scenario->path);
    return realpath(folder, NULL);
}

static void write_text(
    FILE *file, const struct scenario *scenario, const struct setting *setting)
{
    const char *value = (const char *)scenario + setting->offset;
    bool is_path = strcmp(setting->key, "skip") != 0;
    char *folder =
        is_path && value[0] && value[0] != '/' ? folder_of(scenario) : NULL;
    fprintf(file, "%s = %s%s%s\n", setting->key, folder ? folder : "",
        folder ? "/" : "", value);
    free(folder);
}

static void write_setting(
    FILE *file, const struct scenario *scenario, const struct setting *setting)
{
    char text[64];
    uint64_t value;
    if (setting->type == SETTING_TEXT) {
        write_text(file, scenario, setting);
        return;
    }
    memcpy(&value, (const uint8_t *)scenario + setting->offset, sizeof(value));
    settings_print(setting->type, setting->words, value, text, sizeof(text));
    fprintf(file, "%s = %s\n", setting->key, text);
}

void record_write(FILE *file, const struct scenario *scenario)
{
    size_t count;
    const struct setting *settings = settings_all(&count);
    const char *section = "";
    fprintf(file, "# What was run: %s, and what was set over it.\n",
        scenario->name);
    for (size_t i = 0; i < count; i++) {
        if (!scenario->given[i].is_given)
            continue;
        if (strcmp(section, settings[i].section) != 0) {
            section = settings[i].section;
            fprintf(file, "\n[%s]\n", section);
        }
        write_setting(file, scenario, &settings[i]);
    }
}

void record_write_expectations(FILE *file, const struct scenario *scenario)
{
    if (scenario->expectation_count > 0)
        fputs("\n[expect]\n", file);
    for (size_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *e = &scenario->expectations[i];
        const struct metric_word *word = settings_metric(e->metric);
        char text[64];
        settings_print(word->type, NULL, e->value, text, sizeof(text));
        fprintf(
            file, "%s %s %s\n", word->name, e->at_least ? ">=" : "<=", text);
    }
}
