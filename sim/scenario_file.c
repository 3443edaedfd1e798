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

#include "proto/limits.h"
#include "sim/circles.h"
#include "sim/published.h"
#include "sim/settings.h"

#define HOUR_US (UINT64_C(1000000) * HOUR_S)

enum { SHARE_OF_ALL = 1000000 };

struct reading {
    struct scenario *scenario;
    struct complaint *complaint;
    FILE *file;
    const char *path; /* NULL: the command line */
    int line;
    int failed_line;
    bool failed;
    bool seen[sizeof(((struct scenario *)0)->given)];
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
    if (reading->path)
        complain(reading->complaint, "%s:%d: %s", reading->path, reading->line,
            what);
    else
        complain(reading->complaint, "%s", what);
    return 0;
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
    if (reading->path && reading->seen[index])
        return reject(reading, "[%s] %s: is there already", setting->section,
            setting->key);
    reading->seen[index] = true;
    reading->scenario->given[index] = true;
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

static int find_metric(struct reading *reading, const char *section,
    const char *name, enum metric *out)
{
    for (int i = 0; i < METRIC_COUNT; i++)
        if (strcmp(settings_metric((enum metric)i)->name, name) == 0) {
            *out = (enum metric)i;
            return 1;
        }
    return reject(reading, "[%s] %s: no such metric; did you mean %s?", section,
        name, settings_nearest_metric(name));
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
    struct expectation expectation = {.at_least = sign == '>'};
    if (!find_metric(reading, "expect", metric, &expectation.metric))
        return 0;
    const struct metric_word *word = settings_metric(expectation.metric);
    struct scenario *scenario = reading->scenario;
    const char *why;
    if (settings_parse(word->type, NULL, value, &expectation.value, &why) !=
        STATUS_OK)
        return reject(reading, "[expect] %s: \"%s\" %s", metric, value, why);
    if (word->type == SETTING_SHARE && expectation.value > SHARE_OF_ALL)
        return reject(reading,
            "[expect] %s: %s is out of range; a share can be 0.0 .. 1.0",
            metric, value);
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

static int take(
    void *user, const char *section, const char *name, const char *value)
{
    struct reading *reading = user;
    if (reading->failed)
        return 0;
    if (section[0] == '\0')
        return reject(reading, "%s: stands before the first [section]", name);
    if (!settings_section_exists(section))
        return reject(reading, "[%s]: no such section; did you mean [%s]?",
            section, settings_nearest_section(section));
    if (!strcmp(section, "expect"))
        return take_expectation(reading, name, value);
    if (!strcmp(section, "published"))
        return take_published(reading, name, value);
    const struct setting *setting = settings_find(section, name);
    if (!setting)
        return reject(reading, "[%s] %s: no such key; did you mean %s?",
            section, name, settings_nearest_key(section, name));
    return take_setting(reading, setting, value);
}

/* Blanks before a key mean nothing; inih would take the line for more of the
 * one before. */
static char *read_line(char *out, int capacity, void *stream)
{
    struct reading *reading = stream;
    reading->line++;
    char *line = fgets(out, capacity, reading->file);
    if (!line)
        return NULL;
    if (!strchr(line, '\n') && !feof(reading->file))
        reject(reading, "the line is longer than %d characters", capacity - 2);
    size_t blanks = strspn(line, " \t");
    memmove(line, line + blanks, strlen(line + blanks) + 1);
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
        complain(complaint, "%s: cannot be read", path);
        return STATUS_IO;
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

enum status scenario_set(struct scenario *scenario, const char *assignment,
    struct complaint *complaint)
{
    struct reading reading = {.scenario = scenario, .complaint = complaint};
    char text[SCENARIO_PATH_BYTES + 64];
    if (strlen(assignment) >= sizeof(text)) {
        complain(complaint, "too long");
        return STATUS_INVALID;
    }
    strcpy(text, assignment);
    char *dot = strchr(text, '.');
    char *equals = strchr(text, '=');
    if (!dot || !equals || equals < dot) {
        complain(complaint,
            "\"%s\" is not section.key=value, like links.loss=0.1", assignment);
        return STATUS_INVALID;
    }
    *dot = *equals = '\0';
    take(&reading, text, dot + 1, equals + 1);
    return reading.failed ? STATUS_INVALID : STATUS_OK;
}

static enum status check_faults(
    const struct scenario *s, struct complaint *complaint)
{
    uint64_t sum_ppm = 0;
    for (int role = ROLE_HONEST + 1; role < ROLE_COUNT; role++)
        sum_ppm += s->role_ppm[role];
    if (sum_ppm > 1000000) {
        complain(complaint,
            "[adversaries]: the shares add up to more than 1, which is all "
            "nodes");
        return STATUS_INVALID;
    }
    if (s->partition_every_us && s->partition_every_us <= s->partition_for_us) {
        complain(complaint,
            "[faults] partition_every: must be longer than partition_for, or "
            "the split never heals");
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status check_mobility(
    const struct scenario *s, struct complaint *complaint)
{
    if (s->mobility == MOBILITY_TRACE && !s->trace[0]) {
        complain(complaint,
            "[mobility] trace: model = trace needs a file of contacts: name "
            "one in the scenario, or by --set mobility.trace=FILE");
        return STATUS_INVALID;
    }
    if (s->speed_most < s->speed_least) {
        complain(complaint, "[mobility] speed_most: less than speed");
        return STATUS_INVALID;
    }
    if (s->session_us || s->crash_share_ppm) {
        complain(complaint,
            "[mobility] model: nodes that move neither churn nor crash; leave "
            "out [churn] session and [faults] crash_share");
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status check_graph(
    const struct scenario *s, struct complaint *complaint)
{
    bool is_even = s->topology == TOPOLOGY_WATTS_STROGATZ ||
                   s->topology == TOPOLOGY_BARABASI_ALBERT;
    if (!is_even && s->topology != TOPOLOGY_ERDOS_RENYI)
        return STATUS_OK;
    if (2 * s->degree > s->nodes) {
        complain(complaint,
            "[mesh] degree: %" PRIu64 " neighbours each are too many for "
            "%" PRIu64 " nodes by chance; at least %" PRIu64 " are needed",
            s->degree, s->nodes, 2 * s->degree);
        return STATUS_INVALID;
    }
    if (is_even && s->degree % 2) {
        complain(complaint,
            "[mesh] degree: must be even here, and %" PRIu64 " is not",
            s->degree);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status check_mesh(
    const struct scenario *s, struct complaint *complaint)
{
    if (s->topology == TOPOLOGY_FILE && !s->file[0]) {
        complain(complaint, "[mesh] file: topology = file needs one");
        return STATUS_INVALID;
    }
    if (s->topology == TOPOLOGY_RANDOM_REGULAR) {
        if (s->degree >= s->nodes) {
            complain(complaint,
                "[mesh] degree: %" PRIu64 " neighbours each need more than "
                "%" PRIu64 " nodes",
                s->degree, s->nodes);
            return STATUS_INVALID;
        }
        if (s->degree * s->nodes % 2) {
            complain(complaint,
                "[mesh] degree: nodes times degree must be even, and %" PRIu64
                " times %" PRIu64 " is not",
                s->nodes, s->degree);
            return STATUS_INVALID;
        }
    }
    if (s->topology == TOPOLOGY_JOIN && s->member == SWITCH_OFF) {
        complain(complaint,
            "[mesh] topology: join needs nodes that find their neighbours, "
            "[node] member = on");
        return STATUS_INVALID;
    }
    if (s->topology == TOPOLOGY_STAR && s->nodes > s->link_maximum + 1) {
        complain(complaint,
            "[mesh] nodes: a star of %" PRIu64 " needs %" PRIu64
            " links at its centre; a relay keeps %" PRIu64,
            s->nodes, s->nodes - 1, s->link_maximum);
        return STATUS_INVALID;
    }
    if (s->topology == TOPOLOGY_RING && s->nodes < 3) {
        complain(complaint, "[mesh] nodes: a ring needs at least 3");
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

/* Files that one person sends to another, at most: a pair's turn comes around,
 * one way and then the other. */
static uint64_t files_one_way(const struct scenario *s)
{
    uint64_t rounds = (s->files + s->pairs - 1) / s->pairs;
    return (rounds + 1) / 2;
}

static enum status check_files(
    const struct scenario *s, struct complaint *complaint)
{
    uint64_t largest = s->file_most ? s->file_most : s->file_least;
    uint64_t count = files_one_way(s);
    if (s->file_most && s->file_most < s->file_least) {
        complain(complaint, "[workload] file_size_most: less than file_size");
        return STATUS_INVALID;
    }
    if (s->files == 0)
        return STATUS_OK;
    if (s->receipts == SWITCH_OFF) {
        complain(complaint,
            "[workload] files: a file's parts go out as receipts make room, "
            "and [node] receipts is off");
        return STATUS_INVALID;
    }
    if (count > LIMIT_FILES_RECEIVED_ONE ||
        count * largest > LIMIT_FILES_BYTES_ONE) {
        complain(complaint,
            "[workload] files: %" PRIu64 " of up to %" PRIu64 " bytes from one "
            "person to another; a vault keeps %lu, and %lu bytes: take more "
            "pairs, or fewer files or smaller ones",
            count, largest, LIMIT_FILES_RECEIVED_ONE, LIMIT_FILES_BYTES_ONE);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status check_groups(
    const struct scenario *s, struct complaint *complaint)
{
    uint64_t copies = s->groups * s->group_letters * s->group_size;
    if (copies <= CIRCLES_COPIES)
        return STATUS_OK;
    complain(complaint,
        "[workload] group_letters: %" PRIu64 " groups of %" PRIu64 " with "
        "%" PRIu64 " letters each are %" PRIu64 " copies; there can be %d",
        s->groups, s->group_size, s->group_letters, copies, CIRCLES_COPIES);
    return STATUS_INVALID;
}

static bool writes_by_time(const struct scenario *s)
{
    return (s->letters > 0 && !s->messages[0]) || s->groups > 0 || s->files > 0;
}

/* An envelope's life is counted in hours. */
static enum status check_hours(
    const struct scenario *s, struct complaint *complaint)
{
    const struct {
        const char *key;
        uint64_t us;
    } lives[] = {{"[workload] lifetime", s->lifetime_us},
        {"[workload] lifetime_most", s->lifetime_most_us},
        {"[adversaries] life", s->flood_life_us},
        {"[node] life", s->life_maximum_us}};
    for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
        uint64_t hours = lives[i].us / HOUR_US;
        if (lives[i].us % HOUR_US == 0)
            continue;
        complain(complaint,
            "%s: must be whole hours, as %" PRIu64 "h or %" PRIu64 "h are",
            lives[i].key, hours, hours + 1);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status check_writing(
    const struct scenario *s, struct complaint *complaint)
{
    char last[32], end[32];
    if (s->lifetime_most_us && s->lifetime_most_us < s->lifetime_us) {
        complain(complaint, "[workload] lifetime_most: less than lifetime");
        return STATUS_INVALID;
    }
    if (s->text_most && s->text_most < s->text_least) {
        complain(complaint, "[workload] text_most: less than text");
        return STATUS_INVALID;
    }
    if (!writes_by_time(s) || s->first_us + s->over_us <= s->duration_us)
        return STATUS_OK;
    settings_print(
        SETTING_TIME, NULL, s->first_us + s->over_us, last, sizeof(last));
    settings_print(SETTING_TIME, NULL, s->duration_us, end, sizeof(end));
    complain(complaint,
        "[workload] over: letters would be written after the run's duration: "
        "first and over come to %s, [mesh] duration to %s",
        last, end);
    return STATUS_INVALID;
}

static enum status check_all(
    const struct scenario *s, struct complaint *complaint)
{
    enum status status = s->mobility == MOBILITY_NONE
                             ? check_mesh(s, complaint)
                             : check_mobility(s, complaint);
    if (!status && s->mobility == MOBILITY_NONE)
        status = check_graph(s, complaint);
    if (!status)
        status = check_faults(s, complaint);
    if (!status)
        status = check_groups(s, complaint);
    if (!status)
        status = check_files(s, complaint);
    if (!status)
        status = check_hours(s, complaint);
    return status ? status : check_writing(s, complaint);
}

enum status scenario_check(
    const struct scenario *scenario, struct complaint *complaint)
{
    struct complaint why;
    enum status status = check_all(scenario, &why);
    if (status && scenario->path[0])
        complain(complaint, "%s: %s", scenario->path, why.text);
    else if (status)
        *complaint = why;
    return status;
}
