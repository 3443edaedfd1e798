/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sotto.conf, read whole or refused.  A line that says nothing, or says again
 * what was said, is an error: a setting that is silently ignored is worse than
 * none.
 *
 * The file goes through inih, which cuts a line over its limit into two; such
 * lines are refused before it sees them.  Nor does it see what a line is
 * indented by, which to it would make the line one with that before. */
#include "config.h"

#include "daemon/settings_file.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "daemon/settings_table.h"

enum { LINE_BYTES = 198 };

/* What inih's callback and reader carry along: the first error stays.  inih
 * tells its handler no line number, so the reader that feeds it counts. */
struct reading {
    struct settings *settings;
    struct span rest; /* not yet read */
    int line;
    int seen[SETTINGS_TABLE_COUNT]; /* the line of each; 0: not there */
    char why[SETTINGS_WHY_BYTES];
    bool failed;
};

/* A second value would silently win over the first. */
static bool is_again(
    struct reading *reading, const char *section, const char *key)
{
    const struct setting *setting = settings_table_find(section, key);
    if (!setting || setting->is_list)
        return false;
    int *seen = &reading->seen[settings_table_index(setting)];
    if (*seen)
        snprintf(reading->why, sizeof(reading->why),
            "\"%s\" is there already, in line %d; it has one value", key,
            *seen);
    bool again = *seen != 0;
    *seen = reading->line;
    return again;
}

/* What is wrong with a value stands behind its key. */
static enum status take_value(struct reading *reading, const char *section,
    const char *key, const char *value)
{
    char wrong[SETTINGS_WHY_BYTES];
    enum status status =
        settings_table_set(reading->settings, section, key, value, wrong);
    if (status == STATUS_NOT_FOUND)
        snprintf(reading->why, sizeof(reading->why), "%s", wrong);
    else if (status)
        snprintf(
            reading->why, sizeof(reading->why), "%.40s: %.340s", key, wrong);
    return status;
}

static int on_value(
    void *context, const char *section, const char *key, const char *value)
{
    struct reading *reading = context;
    if (reading->failed)
        return 0;
    reading->failed = is_again(reading, section, key) ||
                      take_value(reading, section, key, value) != STATUS_OK;
    return !reading->failed;
}

/* As fgets: the next line with an end.  A line over inih's limit, which it
 * would cut in two, is a failure, and the last one read; so is one with a zero
 * byte, which would hide what is behind it, as where a disk has lost all. */
static char *read_line(char *out, int capacity, void *stream)
{
    struct reading *reading = stream;
    struct span line;
    if (reading->failed || !span_take_line(&reading->rest, &line))
        return NULL;
    reading->line++;
    bool is_text = !memchr(line.data, 0, line.size);
    bool is_long = line.size > LINE_BYTES || line.size + 2 > (size_t)capacity;
    if (!is_text)
        snprintf(reading->why, sizeof(reading->why),
            "the line has a zero byte; a configuration is text");
    else if (is_long)
        snprintf(reading->why, sizeof(reading->why),
            "the line is longer than %d bytes", LINE_BYTES);
    reading->failed = !is_text || is_long;
    if (reading->failed)
        return NULL;
    while (line.size && (*line.data == ' ' || *line.data == '\t')) {
        line.data++;
        line.size--;
    }
    memcpy(out, line.data, line.size);
    memcpy(out + line.size, "\n", 2);
    return out;
}

enum status settings_file_apply(
    struct settings *settings, const char *name, struct span text, char *why)
{
    struct settings changed = *settings;
    struct reading reading = {.settings = &changed, .rest = text};
    int line = ini_parse_stream(read_line, &reading, on_value, &reading);
    /* A section that is not closed shows in what follows, too. */
    if (reading.failed && (line == 0 || line >= reading.line))
        line = reading.line;
    else if (line != 0)
        snprintf(reading.why, sizeof(reading.why),
            "this is neither [section] nor key = value");
    if (line != 0) {
        snprintf(why, SETTINGS_WHY_BYTES, "%.160s:%d: %.200s", name, line,
            reading.why);
        return STATUS_INVALID;
    }
    *settings = changed;
    return STATUS_OK;
}
