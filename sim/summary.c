/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file of the simulator that reads JSON.  A file that lacks something
 * is refused with the name of what it lacks: a comparison with what is not
 * there would say that all is well. */
#include "sim/summary.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 1024 };

static const struct {
    const char *name;
    const char *unit;
    const char *object; /* that has the member, or NULL: the whole */
    const char *member;
    const char *part; /* that has the object, where there is one; or NULL */
} figures[SUMMARY_FIGURES] = {
    [SUMMARY_DELIVERED] = {"delivered", "share", NULL, "delivered"},
    [SUMMARY_REDUNDANCY] = {"redundancy", "ratio", NULL, "redundancy"},
    [SUMMARY_LATENCY_P50] = {"latency_p50_ms", "ms", "latency_ms", "p50"},
    [SUMMARY_LATENCY_P90] = {"latency_p90_ms", "ms", "latency_ms", "p90"},
    [SUMMARY_LATENCY_P99] = {"latency_p99_ms", "ms", "latency_ms", "p99"},
    [SUMMARY_LATENCY_LAST] = {"latency_last_ms", "ms", "latency_ms", "last"},
    [SUMMARY_LATENCY_MEAN] = {"latency_mean_ms", "ms", "latency_ms", "mean"},
    [SUMMARY_PAYLOADS_ARRIVED] = {"payloads_arrived", "count", "payloads",
        "arrived"},
    [SUMMARY_PAYLOADS_NEW] = {"payloads_new", "count", "payloads", "new"},
    [SUMMARY_CONTROL_BYTES] = {"control_bytes", "bytes", NULL, "control_bytes"},
    [SUMMARY_NODE_BYTES] = {"node_bytes", "bytes", NULL, "node_bytes"},
    [SUMMARY_SHELF_BYTES] = {"shelf_bytes", "bytes", "shelf", "peak_bytes"},
    [SUMMARY_FRAMES] = {"frames_sent", "count", "frames", "sent"},
    [SUMMARY_GROUP_DELIVERED] = {"group_delivered", "share", NULL, "delivered",
        "groups"},
    [SUMMARY_GROUP_LATENCY_P50] = {"group_latency_p50_ms", "ms", "latency_ms",
        "p50", "groups"},
    [SUMMARY_GROUP_LATENCY_P90] = {"group_latency_p90_ms", "ms", "latency_ms",
        "p90", "groups"},
    [SUMMARY_GROUP_LATENCY_P99] = {"group_latency_p99_ms", "ms", "latency_ms",
        "p99", "groups"},
    [SUMMARY_GROUP_LATENCY_LAST] = {"group_latency_last_ms", "ms", "latency_ms",
        "last", "groups"},
    [SUMMARY_FILE_DELIVERED] = {"file_delivered", "share", NULL, "delivered",
        "files"},
    [SUMMARY_FILE_LATENCY_P50] = {"file_latency_p50_ms", "ms", "latency_ms",
        "p50", "files"},
    [SUMMARY_FILE_LATENCY_P90] = {"file_latency_p90_ms", "ms", "latency_ms",
        "p90", "files"},
    [SUMMARY_FILE_LATENCY_P99] = {"file_latency_p99_ms", "ms", "latency_ms",
        "p99", "files"},
    [SUMMARY_FILE_LATENCY_LAST] = {"file_latency_last_ms", "ms", "latency_ms",
        "last", "files"},
};

const char *summary_figure_name(enum summary_figure figure)
{
    return figures[figure].name;
}

const char *summary_figure_unit(enum summary_figure figure)
{
    return figures[figure].unit;
}

struct reading {
    const char *path;
    const json_t *all;
    struct complaint *complaint;
};

static enum status lacks(const struct reading *reading, const char *what)
{
    complain(reading->complaint,
        "%s: it has no \"%s\", so it is not what a run writes with --out",
        reading->path, what);
    return STATUS_INVALID;
}

static enum status read_figure(
    const struct reading *reading, int which, struct summary *out)
{
    const json_t *from = reading->all;
    if (figures[which].part) {
        from = json_object_get(from, figures[which].part);
        if (!from)
            return STATUS_OK;
    }
    if (figures[which].object)
        from = json_object_get(from, figures[which].object);
    const json_t *value = json_object_get(from, figures[which].member);
    if (!json_is_number(value))
        return lacks(reading, figures[which].name);
    out->figures[which] = json_number_value(value);
    out->has[which] = true;
    return STATUS_OK;
}

static enum status read_text(
    const struct reading *reading, const char *name, char *out)
{
    const char *text = json_string_value(json_object_get(reading->all, name));
    if (!text || strlen(text) >= SUMMARY_TEXT_BYTES)
        return lacks(reading, name);
    strcpy(out, text);
    return STATUS_OK;
}

static enum status read_count(
    const struct reading *reading, const char *name, uint64_t *out)
{
    const json_t *value = json_object_get(reading->all, name);
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return lacks(reading, name);
    *out = (uint64_t)json_integer_value(value);
    return STATUS_OK;
}

static enum status read_kinds(
    const struct reading *reading, struct summary *out)
{
    json_t *kinds = json_object_get(reading->all, "kinds"), *kind;
    const char *name;
    if (!json_is_object(kinds) || json_object_size(kinds) > SUMMARY_KINDS)
        return lacks(reading, "kinds");
    json_object_foreach(kinds, name, kind)
    {
        struct summary_kind *one = &out->kinds[out->kind_count++];
        const json_t *frames = json_object_get(kind, "frames");
        const json_t *bytes = json_object_get(kind, "bytes");
        if (strlen(name) >= sizeof(one->name) || !json_is_number(frames) ||
            !json_is_number(bytes))
            return lacks(reading, "kinds");
        strcpy(one->name, name);
        one->frames = json_number_value(frames);
        one->bytes = json_number_value(bytes);
    }
    return STATUS_OK;
}

/* What is not read here, but by a report's page. */
static enum status check_lists(const struct reading *reading)
{
    static const char *const lists[] = {
        "adversaries", "faults", "expectations"};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (!json_is_array(json_object_get(reading->all, lists[i])))
            return lacks(reading, lists[i]);
    return STATUS_OK;
}

static enum status read_all(const struct reading *reading, struct summary *out)
{
    const json_t *partial = json_object_get(reading->all, "partial");
    enum status status = read_text(reading, "scenario", out->scenario);
    if (!status)
        status = read_text(reading, "settings", out->settings);
    if (!status)
        status = read_text(reading, "version", out->version);
    if (!status)
        status = read_count(reading, "seed", &out->seed);
    if (!status)
        status = read_count(reading, "nodes", &out->nodes);
    if (!status && json_object_get(reading->all, "crypto"))
        status = read_text(reading, "crypto", out->crypto);
    if (!status && !json_is_boolean(partial))
        status = lacks(reading, "partial");
    for (int i = 0; i < SUMMARY_FIGURES && !status; i++)
        status = read_figure(reading, i, out);
    if (!status && json_object_get(reading->all, "trace_hash"))
        status = read_text(reading, "trace_hash", out->hash);
    out->is_partial = json_is_true(partial);
    const json_t *live = json_object_get(reading->all, "live");
    out->is_live = live != NULL;
    out->waited_us =
        json_number_value(json_object_get(live, "waited_us_a_frame"));
    if (!status)
        status = check_lists(reading);
    return status ? status : read_kinds(reading, out);
}

/* Nothing was read.  A run opens its files before it begins. */
static enum status refuse(
    const struct reading *reading, const json_error_t *error)
{
    if (error->position <= 0)
        complain(reading->complaint,
            "%s: is empty: what was to write it did not come to its end",
            reading->path);
    else
        complain(reading->complaint, "%s:%d: this is no JSON: %s",
            reading->path, error->line, error->text);
    return STATUS_INVALID;
}

/* Judge what was read, and let go of it. */
static enum status take(json_t *all, const json_error_t *error,
    struct reading *reading, struct summary *out)
{
    if (!all)
        return refuse(reading, error);
    reading->all = all;
    *out = (struct summary){.kind_count = 0};
    enum status status = read_all(reading, out);
    json_decref(all);
    return status;
}

bool summary_is_sweep(const char *folder)
{
    char path[PATH_BYTES];
    return (size_t)snprintf(path, sizeof(path), "%s/sweep.json", folder) <
               sizeof(path) &&
           access(path, F_OK) == 0;
}

static void refuse_folder(
    const char *folder, const char *path, struct complaint *complaint)
{
    if (errno == ENOENT && summary_is_sweep(folder))
        complain(complaint,
            "%s: is of a sweep, which keeps what it measured of each run in "
            "runs.csv, and no run whole; `sotto-sim run` makes one again, with "
            "its settings, its seed and --out",
            folder);
    else
        complain(complaint, "%s: %s; a run writes it, with --out and a folder",
            path, strerror(errno));
}

enum status summary_read(
    const char *folder, struct summary *out, struct complaint *complaint)
{
    char path[PATH_BYTES];
    json_error_t error;
    snprintf(path, sizeof(path), "%s/summary.json", folder);
    FILE *file = fopen(path, "re");
    if (!file) {
        refuse_folder(folder, path, complaint);
        return STATUS_NOT_FOUND;
    }
    json_t *all = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    fclose(file);
    struct reading reading = {.path = path, .complaint = complaint};
    return take(all, &error, &reading, out);
}

/* The library takes no text that lies nowhere. */
static json_t *load(struct span text, json_error_t *error)
{
    const char *bytes = text.size ? (const char *)text.data : "";
    return json_loadb(bytes, text.size, JSON_REJECT_DUPLICATES, error);
}

enum status summary_parse(const char *path, struct span text,
    struct summary *out, struct complaint *complaint)
{
    json_error_t error;
    json_t *all = load(text, &error);
    struct reading reading = {.path = path, .complaint = complaint};
    return take(all, &error, &reading, out);
}

/* A point has a value on each axis, and an interval for each metric. */
static bool is_point(const json_t *point, size_t axes)
{
    json_t *values = json_object_get(point, "values"), *interval;
    const char *name;
    if (json_array_size(json_object_get(point, "at")) != axes ||
        !json_is_integer(json_object_get(point, "runs")) ||
        !json_is_integer(json_object_get(point, "passed")) ||
        !json_is_integer(json_object_get(point, "violations")) ||
        json_object_size(values) == 0)
        return false;
    json_object_foreach(values, name, interval)
    {
        for (size_t i = 0; i < 3; i++) {
            const json_t *value = json_array_get(interval, i);
            if (!json_is_number(value) && !json_is_null(value))
                return false;
        }
    }
    return true;
}

static enum status check_sweep(const struct reading *reading)
{
    static const char *const counts[] = {"seed_first", "seed_last", "jobs"};
    const json_t *points = json_object_get(reading->all, "points");
    const json_t *axes = json_object_get(reading->all, "axes");
    char text[SUMMARY_TEXT_BYTES];
    uint64_t number;
    enum status status = read_text(reading, "version", text);
    if (!status)
        status = read_text(reading, "scenario", text);
    for (size_t i = 0; i < 3 && !status; i++)
        status = read_count(reading, counts[i], &number);
    if (!status && !json_is_array(axes))
        status = lacks(reading, "axes");
    if (!status &&
        !json_is_array(json_object_get(reading->all, "expectations")))
        status = lacks(reading, "expectations");
    if (!status && json_array_size(points) == 0)
        status = lacks(reading, "points");
    for (size_t i = 0; i < json_array_size(points) && !status; i++)
        if (!is_point(json_array_get(points, i), json_array_size(axes)))
            status = lacks(reading, "points");
    return status;
}

enum status summary_check_sweep(
    const char *path, struct span text, struct complaint *complaint)
{
    json_error_t error;
    struct reading reading = {.path = path, .complaint = complaint};
    json_t *all = load(text, &error);
    if (!all)
        return refuse(&reading, &error);
    reading.all = all;
    enum status status = check_sweep(&reading);
    json_decref(all);
    return status;
}

const struct summary_kind *summary_kind(
    const struct summary *summary, const char *name)
{
    for (size_t i = 0; i < summary->kind_count; i++)
        if (strcmp(summary->kinds[i].name, name) == 0)
            return &summary->kinds[i];
    return NULL;
}
