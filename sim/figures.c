/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A value is an integer in the smallest unit; people get three digits or so
 * and a unit, programs a number in one unit for each type. */
#include "sim/figures.h"

#include <inttypes.h>

static void print_time(uint64_t us, char out[static FIGURES_CHARS])
{
    if (us < 10000000)
        snprintf(out, FIGURES_CHARS, "%" PRIu64 " ms", us / 1000);
    else if (us < UINT64_C(600000000))
        snprintf(out, FIGURES_CHARS, "%" PRIu64 ".%" PRIu64 " s", us / 1000000,
            us / 100000 % 10);
    else
        snprintf(out, FIGURES_CHARS, "%" PRIu64 " min", us / 60000000);
}

void figures_bytes(uint64_t bytes, char out[static FIGURES_CHARS])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    uint64_t tenths = bytes * 10;
    while (tenths >= 10240 && unit < 4) {
        tenths /= 1024;
        unit++;
    }
    snprintf(out, FIGURES_CHARS, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10,
        tenths % 10, units[unit]);
}

void figures_text(
    enum setting_type type, uint64_t value, char out[static FIGURES_CHARS])
{
    if (value == UINT64_MAX)
        snprintf(out, FIGURES_CHARS, "never");
    else if (type == SETTING_TIME)
        print_time(value, out);
    else if (type == SETTING_BYTES)
        figures_bytes(value, out);
    else
        settings_print(type, NULL, value, out, FIGURES_CHARS);
}

void figures_json_ms(FILE *file, const char *name, uint64_t us, const char *end)
{
    fprintf(file, "\"%s\":%" PRIu64 ".%03" PRIu64 "%s", name, us / 1000,
        us % 1000, end);
}

void figures_json_text(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else if (c < 0x20 || c == '<')
            fprintf(file, "\\u%04x", c);
        else
            fputc(c, file);
    }
    fputc('"', file);
}

void figures_json(FILE *file, const char *name, enum metric metric,
    uint64_t value, const char *end)
{
    enum setting_type type = settings_metric(metric)->type;
    char text[FIGURES_CHARS];
    if (value == UINT64_MAX) {
        fprintf(file, "\"%s\":null%s", name, end);
        return;
    }
    if (type == SETTING_TIME) {
        figures_json_ms(file, name, value, end);
        return;
    }
    settings_print(type == SETTING_BYTES ? SETTING_COUNT : type, NULL, value,
        text, sizeof(text));
    fprintf(file, "\"%s\":%s%s", name, text, end);
}

const char *figures_json_unit(enum metric metric)
{
    static const char *const units[] = {[SETTING_COUNT] = "count",
        [SETTING_TIME] = "ms",
        [SETTING_BYTES] = "bytes",
        [SETTING_LENGTH] = "mm",
        [SETTING_SHARE] = "share",
        [SETTING_RATIO] = "ratio",
        [SETTING_WORD] = "word",
        [SETTING_TEXT] = "text"};
    return units[settings_metric(metric)->type];
}
