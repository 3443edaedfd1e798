/* SPDX-License-Identifier: GPL-3.0-or-later */
/* INI files, one concept a section, read by inih.  Its handler is told no line
 * number, so the reader that feeds it counts them.  The first complaint wins:
 * what follows a mistake is often only its consequence.  Values on the command
 * line come after the file and go the same way. */
#include "sim/scenario_file.h"

#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/published.h"
#include "sim/settings.h"
#include "sim/units.h"

enum { HINT_BYTES = 96 };

struct reading {
    struct scenario *scenario;
    struct complaint *complaint;
    FILE *file;
    const char *path;   /* of the file */
    const char *option; /* not NULL: of the command line, instead */
    int line;
    int failed_line;
    bool failed;
};

/* Complain of the line being read; only the first time.  Always 0, which is
 * inih's word for a failure. */
__attribute__((format(printf, 2, 3))) static int reject(
    struct reading *reading, const char *format, ...)
{
    if (reading->failed)
        return 0;
    reading->failed = true;
    reading->failed_line = reading->line;
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    if (reading->option)
        complain(reading->complaint, "%s: %s", reading->option, what);
    else
        complain(reading->complaint, "%s:%d: %s", reading->path, reading->line,
            what);
    return 0;
}

static struct origin place_of(const struct reading *reading)
{
    return (struct origin){.is_given = true,
        .line = (uint32_t)reading->line,
        .option = reading->option};
}

void scenario_init(struct scenario *scenario)
{
    *scenario = (struct scenario){0};
    size_t count;
    const struct setting *setting = settings_all(&count);
    for (size_t i = 0; i < count; i++, setting++)
        if (setting->type != SETTING_TEXT) {
            uint8_t *field = (uint8_t *)scenario + setting->offset;
            memcpy(field, &setting->fallback, sizeof(setting->fallback));
        }
}

static int take_text(
    struct reading *reading, const struct setting *setting, const char *value)
{
    char *field = (char *)reading->scenario + setting->offset;
    if (strlen(value) >= SCENARIO_PATH_BYTES)
        return reject(reading, "[%s] %s: longer than %d characters",
            setting->section, setting->key, SCENARIO_PATH_BYTES - 1);
    strcpy(field, value);
    return 1;
}

/* The words a setting can be, or its range, as people would write them. */
static void describe_range(
    const struct setting *setting, char *out, size_t capacity)
{
    out[0] = '\0';
    if (setting->type == SETTING_WORD) {
        for (size_t i = 0; setting->words[i]; i++) {
            size_t at = strlen(out);
            snprintf(out + at, capacity - at, " %s", setting->words[i]);
        }
        return;
    }
    char least[32], most[32];
    settings_print(setting->type, NULL, setting->least, least, sizeof(least));
    settings_print(setting->type, NULL, setting->most, most, sizeof(most));
    snprintf(out, capacity, " %s .. %s", least, most);
}

static int take_setting(
    struct reading *reading, const struct setting *setting, const char *value)
{
    size_t count;
    size_t index = (size_t)(setting - settings_all(&count));
    struct origin *origin = &reading->scenario->given[index];
    if (!reading->option && origin->line > 0)
        return reject(reading,
            "[%s] %s: stands in line %" PRIu32 " already; keep one of the two",
            setting->section, setting->key, origin->line);
    *origin = place_of(reading);
    if (setting->type == SETTING_TEXT)
        return take_text(reading, setting, value);
    uint64_t parsed;
    const char *why;
    char range[256];
    describe_range(setting, range, sizeof(range));
    if (settings_parse(setting->type, setting->words, value, &parsed, &why) !=
        STATUS_OK)
        return reject(reading, "[%s] %s: \"%s\" %s; it can be%s",
            setting->section, setting->key, value, why, range);
    if (setting->type != SETTING_WORD &&
        (parsed < setting->least || parsed > setting->most))
        return reject(reading, "[%s] %s: %s is out of range; it can be%s",
            setting->section, setting->key, value, range);
    memcpy((uint8_t *)reading->scenario + setting->offset, &parsed,
        sizeof(parsed));
    return 1;
}

/* What would be right, behind what is not. */
static void hint(char out[static HINT_BYTES], const char *word)
{
    if (word)
        snprintf(out, HINT_BYTES, "did you mean %s?", word);
    else
        snprintf(out, HINT_BYTES, "sotto-scenario(5) has those there are");
}

static int reject_key(
    struct reading *reading, const char *section, const char *key)
{
    char right[HINT_BYTES];
    const char *near = settings_nearest_key(section, key);
    const char *other = settings_section_with(key);
    if (!near && other)
        return reject(
            reading, "[%s] %s: no such key; [%s] has it", section, key, other);
    hint(right, near);
    return reject(reading, "[%s] %s: no such key; %s", section, key, right);
}

static int find_metric(struct reading *reading, const char *section,
    const char *name, enum metric *out)
{
    for (int i = 0; i < METRIC_COUNT; i++)
        if (strcmp(settings_metric((enum metric)i)->name, name) == 0) {
            *out = (enum metric)i;
            return 1;
        }
    char right[HINT_BYTES];
    hint(right, settings_nearest_metric(name));
    return reject(reading, "[%s] %s: no such metric; %s", section, name, right);
}

/* The command line may ask for more than the file does. */
static bool is_in_file_twice(
    const struct expectation *one, const struct expectation *other)
{
    return one->metric == other->metric && one->at_least == other->at_least &&
           one->origin.line > 0 && other->origin.line > 0;
}

/* inih splits "delivered >= 1.0" at the equals sign, so the name ends in the
 * rest of the operator. */
static int take_expectation(
    struct reading *reading, const char *name, const char *value)
{
    char metric[64];
    size_t size = strlen(name);
    char sign = size ? name[size - 1] : '\0';
    if (size >= sizeof(metric) || (sign != '>' && sign != '<'))
        return reject(reading,
            "[expect] %s: needs >= or <=, like \"delivered >= 0.999\"", name);
    memcpy(metric, name, size - 1);
    for (size--; size > 0 && metric[size - 1] == ' ';)
        size--;
    metric[size] = '\0';
    struct expectation expectation = {
        .at_least = sign == '>', .origin = place_of(reading)};
    if (!find_metric(reading, "expect", metric, &expectation.metric))
        return 0;
    const struct metric_word *word = settings_metric(expectation.metric);
    struct scenario *scenario = reading->scenario;
    const char *why;
    if (settings_parse(word->type, NULL, value, &expectation.value, &why) !=
        STATUS_OK)
        return reject(reading, "[expect] %s: \"%s\" %s", metric, value, why);
    if (word->type == SETTING_SHARE && expectation.value > PPM)
        return reject(reading,
            "[expect] %s: %s is out of range; a share can be 0.0 .. 1.0",
            metric, value);
    for (size_t i = 0; i < scenario->expectation_count; i++)
        if (is_in_file_twice(&scenario->expectations[i], &expectation))
            return reject(reading,
                "[expect] %s %c=: stands in line %" PRIu32
                " already; keep one of the two",
                metric, sign, scenario->expectations[i].origin.line);
    if (scenario->expectation_count == SCENARIO_EXPECTATIONS)
        return reject(
            reading, "[expect] more than %d lines", SCENARIO_EXPECTATIONS);
    scenario->expectations[scenario->expectation_count++] = expectation;
    return 1;
}

static int take_published(
    struct reading *reading, const char *name, const char *value)
{
    struct scenario *scenario = reading->scenario;
    struct published published;
    const char *why;
    if (!find_metric(reading, "published", name, &published.metric))
        return 0;
    if (published_read(value, &published, &why) != STATUS_OK)
        return reject(reading, "[published] %s: \"%s\" %s", name, value, why);
    if (scenario->published_count == SCENARIO_PUBLISHED)
        return reject(
            reading, "[published] more than %d lines", SCENARIO_PUBLISHED);
    scenario->published[scenario->published_count++] = published;
    return 1;
}

static int check_section(struct reading *reading, const char *section)
{
    if (settings_section_exists(section))
        return 1;
    char right[HINT_BYTES], word[HINT_BYTES];
    const char *near = settings_nearest_section(section);
    snprintf(word, sizeof(word), "[%s]", near ? near : "");
    hint(right, near ? word : NULL);
    return reject(reading, "[%s]: no such section; %s", section, right);
}

static int take(
    void *user, const char *section, const char *name, const char *value)
{
    struct reading *reading = user;
    if (reading->failed)
        return 0;
    if (section[0] == '\0')
        return reject(reading, "%s: stands before the first [section]", name);
    if (!check_section(reading, section))
        return 0;
    if (!strcmp(section, "expect"))
        return take_expectation(reading, name, value);
    if (!strcmp(section, "published"))
        return take_published(reading, name, value);
    const struct setting *setting = settings_find(section, name);
    if (!setting)
        return reject_key(reading, section, name);
    return take_setting(reading, setting, value);
}

/* inih tells of a section when a key is in it: too late for the line, and not
 * at all of an empty one. */
static void look_at_section(struct reading *reading, const char *line)
{
    char section[64];
    size_t size = strcspn(line, "]");
    if (line[0] != '[' || line[size] != ']')
        return;
    snprintf(section, sizeof(section), "%.*s", (int)size - 1, line + 1);
    check_section(reading, section);
}

/* Blanks before a key mean nothing; inih would take the line for more of the
 * one before. */
static char *read_line(char *out, int capacity, void *stream)
{
    struct reading *reading = stream;
    reading->line++;
    long before = ftell(reading->file);
    char *line = fgets(out, capacity, reading->file);
    if (!line)
        return NULL;
    if (before >= 0 && ftell(reading->file) - before != (long)strlen(line))
        reject(reading, "has a zero byte; a scenario is a text file");
    if (!strchr(line, '\n') && !feof(reading->file))
        reject(reading, "the line is longer than %d characters", capacity - 2);
    size_t blanks = strspn(line, " \t");
    memmove(line, line + blanks, strlen(line + blanks) + 1);
    look_at_section(reading, line);
    return line;
}

enum status scenario_read(
    struct scenario *scenario, const char *path, struct complaint *complaint)
{
    struct reading reading = {
        .scenario = scenario, .complaint = complaint, .path = path};
    if (strlen(path) >= sizeof(scenario->path)) {
        complain(complaint, "%s: the path is too long", path);
        return STATUS_INVALID;
    }
    reading.file = fopen(path, "re");
    if (!reading.file) {
        complain(complaint, "%s: %s", path, strerror(errno));
        return STATUS_IO;
    }
    strcpy(scenario->path, path);
    const char *name = strrchr(path, '/');
    snprintf(scenario->name, sizeof(scenario->name), "%.*s",
        (int)strcspn(name ? name + 1 : path, "."), name ? name + 1 : path);
    int line = ini_parse_stream(read_line, &reading, take, &reading);
    bool unreadable = ferror(reading.file);
    fclose(reading.file);
    if (unreadable) {
        complain(
            complaint, "%s: cannot be read; a scenario is a text file", path);
        return STATUS_INVALID;
    }
    /* A section that is not closed shows in what follows, too. */
    if (line != 0 && (!reading.failed || line < reading.failed_line)) {
        reading.failed = false;
        reading.line = line;
        reject(&reading, "this is neither [section], key = value nor "
                         "# comment");
    }
    return reading.failed ? STATUS_INVALID : STATUS_OK;
}

enum status scenario_set(struct scenario *scenario, const char *option,
    const char *assignment, struct complaint *complaint)
{
    struct reading reading = {
        .scenario = scenario, .complaint = complaint, .option = option};
    char text[SCENARIO_PATH_BYTES + 64];
    if (strlen(assignment) >= sizeof(text)) {
        complain(complaint, "%s: longer than %zu characters", option,
            sizeof(text) - 1);
        return STATUS_INVALID;
    }
    strcpy(text, assignment);
    char *dot = strchr(text, '.');
    char *equals = strchr(text, '=');
    if (!dot || !equals || equals < dot) {
        complain(complaint,
            "%s: \"%s\" is not section.key=value, like links.loss=0.1", option,
            assignment);
        return STATUS_INVALID;
    }
    *dot = *equals = '\0';
    take(&reading, text, dot + 1, equals + 1);
    return reading.failed ? STATUS_INVALID : STATUS_OK;
}
