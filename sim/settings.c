/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every key once: its type, range, default and meaning.  Values are integers
 * in the smallest unit (microseconds, bytes, parts per million), so that a
 * scenario means the same on every machine. */
#include "sim/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/edit.h"
#include "proto/limits.h"

#define US_S   UINT64_C(1000000)
#define US_MIN (60 * US_S)
#define US_H   (60 * US_MIN)
#define US_D   (24 * US_H)
#define PPM    UINT64_C(1000000)

static const char *const topology_words[] = {
    [TOPOLOGY_LINE] = "line",
    [TOPOLOGY_RING] = "ring",
    [TOPOLOGY_GRID] = "grid",
    [TOPOLOGY_STAR] = "star",
    [TOPOLOGY_RANDOM_REGULAR] = "random-regular",
    [TOPOLOGY_GEOMETRIC] = "geometric",
    [TOPOLOGY_FILE] = "file",
    NULL,
};

static const char *const disk_words[] = {
    [CRASH_DISK_KEPT] = "kept", [CRASH_DISK_LOST] = "lost", NULL};

#define AT(field) offsetof(struct scenario, field)

static const struct setting settings[] = {
    {"mesh", "nodes", SETTING_COUNT, AT(nodes), 2, SCENARIO_NODES_MAXIMUM, 100,
        NULL, "nodes in the mesh; a file topology brings its own number"},
    {"mesh", "topology", SETTING_WORD, AT(topology), 0, 0,
        TOPOLOGY_RANDOM_REGULAR, topology_words, "who is linked with whom"},
    {"mesh", "degree", SETTING_COUNT, AT(degree), 2, LIMIT_LINKS, 8, NULL,
        "neighbours of each node (random-regular)"},
    {"mesh", "width", SETTING_COUNT, AT(width), 0, SCENARIO_NODES_MAXIMUM, 0,
        NULL, "nodes in a row (grid); 0 makes it about square"},
    {"mesh", "radius", SETTING_SHARE, AT(radius_ppm), 0, PPM, 0, NULL,
        "reach of a node in a unit square (geometric); 0 takes the least that "
        "connects the mesh"},
    {"mesh", "file", SETTING_TEXT, AT(file), 0, 0, 0, NULL,
        "edges to read (file), beside the scenario unless absolute"},
    {"mesh", "skip", SETTING_TEXT, AT(skip), 0, 0, 0, NULL,
        "leave out edges of this type (file)"},
    {"mesh", "seed", SETTING_COUNT, AT(seed), 0, UINT64_MAX / 2, 1, NULL,
        "what all chance is drawn from"},
    {"mesh", "duration", SETTING_TIME, AT(duration_us), US_S, 366 * US_D,
        10 * US_MIN, NULL,
        "the run ends then, or earlier when every letter has arrived and the "
        "mesh is quiet"},
    {"mesh", "start", SETTING_TIME, AT(start_us), 0, US_D, 2 * US_S, NULL,
        "nodes boot at random times up to this one"},

    {"links", "latency", SETTING_TIME, AT(latency_us), 0, US_H, 20000, NULL,
        "of each frame, one way"},
    {"links", "jitter", SETTING_TIME, AT(jitter_us), 0, US_H, 10000, NULL,
        "added to each frame's latency, uniform from 0; frames of a link stay "
        "in order"},
    {"links", "loss", SETTING_SHARE, AT(loss_ppm), 0, PPM, 0, NULL,
        "chance of each frame to be lost, whatever it carries"},
    {"links", "bandwidth", SETTING_BYTES, AT(bandwidth), 0, UINT64_C(1) << 40,
        0, NULL, "a second, each way of each link; 0 is without limit"},

    {"churn", "session", SETTING_TIME, AT(session_us), 0, 366 * US_D, 0, NULL,
        "mean time that a churning node stays up; 0 is no churn"},
    {"churn", "downtime", SETTING_TIME, AT(downtime_us), US_S, 366 * US_D,
        30 * US_S, NULL, "mean time that it then stays away"},
    {"churn", "share", SETTING_SHARE, AT(churn_share_ppm), 0, PPM, PPM, NULL,
        "of nodes that churn"},
    {"churn", "graceful", SETTING_SHARE, AT(graceful_ppm), 0, PPM, PPM / 2,
        NULL, "of departures that say goodbye; the others fall silent"},
    {"churn", "from", SETTING_TIME, AT(churn_from_us), 0, 366 * US_D, 30 * US_S,
        NULL, "when churn begins"},
    {"churn", "until", SETTING_TIME, AT(churn_until_us), 0, 366 * US_D, 0, NULL,
        "no departure after this; 0 is the end of the run"},

    {"faults", "partition_at", SETTING_TIME, AT(partition_at_us), 0, 366 * US_D,
        0, NULL, "when the mesh is split in two"},
    {"faults", "partition_for", SETTING_TIME, AT(partition_for_us), 0,
        366 * US_D, 0, NULL, "how long the split lasts; 0 is no split"},
    {"faults", "partition_share", SETTING_SHARE, AT(partition_share_ppm), 0,
        PPM, PPM / 2, NULL,
        "of nodes on the far side; frames between the sides vanish silently"},
    {"faults", "crash_at", SETTING_TIME, AT(crash_at_us), 0, 366 * US_D, 0,
        NULL, "when nodes crash, all at once"},
    {"faults", "crash_for", SETTING_TIME, AT(crash_for_us), US_S, 366 * US_D,
        30 * US_S, NULL, "how long they stay away"},
    {"faults", "crash_share", SETTING_SHARE, AT(crash_share_ppm), 0, PPM, 0,
        NULL, "of nodes that crash; 0 is no crash"},
    {"faults", "crash_disk", SETTING_WORD, AT(crash_disk), 0, 0,
        CRASH_DISK_KEPT, disk_words,
        "what becomes of a crashed relay's shelf; vaults keep theirs"},

    {"workload", "letters", SETTING_COUNT, AT(letters), 0, 10000000, 100, NULL,
        "letters sent, each once, by real vaults"},
    {"workload", "pairs", SETTING_COUNT, AT(pairs), 1, 1000000, 20, NULL,
        "pairs of people who write to each other, in turn; only their nodes "
        "have vaults"},
    {"workload", "text", SETTING_BYTES, AT(text_least), 16, LIMIT_TEXT_BYTES,
        200, NULL, "least size of a letter's text"},
    {"workload", "text_most", SETTING_BYTES, AT(text_most), 0, LIMIT_TEXT_BYTES,
        0, NULL, "greatest size, uniform from the least; 0 makes all equal"},
    {"workload", "first", SETTING_TIME, AT(first_us), 0, 366 * US_D, 10 * US_S,
        NULL, "when the first letter is written"},
    {"workload", "over", SETTING_TIME, AT(over_us), 0, 366 * US_D, 60 * US_S,
        NULL, "letters are written at random times within this long"},
    {"workload", "lifetime", SETTING_TIME, AT(lifetime_us), US_H,
        LIMIT_ENVELOPE_LIFE_H *US_H, LIMIT_ENVELOPE_DEFAULT_H *US_H, NULL,
        "how long a letter may travel, in whole hours"},

    {"node", "shelf", SETTING_BYTES, AT(shelf_bytes), LIMIT_SHELF_MINIMUM_BYTES,
        UINT64_C(1) << 40, LIMIT_SHELF_BYTES, NULL,
        "quota of each relay's shelf"},
    {"node", "links", SETTING_COUNT, AT(link_maximum), 1, LIMIT_LINKS,
        LIMIT_LINKS, NULL, "most links of a relay"},
    {"node", "life", SETTING_TIME, AT(life_maximum_us), US_H,
        LIMIT_ENVELOPE_LIFE_H *US_H, LIMIT_ENVELOPE_LIFE_H *US_H, NULL,
        "longest life of an envelope that a relay takes, in whole hours"},
    {"node", "reconcile", SETTING_TIME, AT(reconcile_us), US_S, US_D,
        5 * US_MIN, NULL,
        "how often a relay compares its shelf with a random peer"},
    {"node", "receipt", SETTING_TIME, AT(receipt_mean_us), 1000, US_D, US_S,
        NULL, "mean wait of a vault before it lets a receipt go"},
};

enum { SETTING_TOTAL = sizeof(settings) / sizeof(settings[0]) };

_Static_assert(SETTING_TOTAL <= sizeof(((struct scenario *)0)->given),
    "given has a place for every setting");

static const struct metric_word metrics[METRIC_COUNT] = {
    [METRIC_DELIVERED] = {"delivered", SETTING_SHARE,
        "letters that were shown to their recipient, over letters sent"},
    [METRIC_LATENCY_P50] = {"latency_p50", SETTING_TIME,
        "from a letter's writing until it is shown: half are faster"},
    [METRIC_LATENCY_P90] = {"latency_p90", SETTING_TIME, "nine in ten are"},
    [METRIC_LATENCY_P99] = {"latency_p99", SETTING_TIME, "99 in 100 are"},
    [METRIC_LATENCY_LAST] = {"latency_last", SETTING_TIME,
        "the slowest letter that arrived"},
    [METRIC_LATENCY_MEAN] = {"latency_mean", SETTING_TIME,
        "mean over all letters, where one that did not arrive counts with the "
        "time it had"},
    [METRIC_REDUNDANCY] = {"redundancy", SETTING_SHARE,
        "payloads that came to a relay over those that were new to it, minus "
        "one"},
    [METRIC_EVENTS] = {"events", SETTING_COUNT, "events of the whole run"},
    [METRIC_CONTROL_BYTES] = {"control_bytes", SETTING_BYTES,
        "sent in frames that carry no envelope"},
    [METRIC_NODE_BYTES] = {"node_bytes", SETTING_BYTES,
        "sent by a node, on average"},
    [METRIC_SHELF_BYTES] = {"shelf_bytes", SETTING_BYTES,
        "on the fullest shelf at any time"},
};

const struct setting *settings_all(size_t *count)
{
    *count = SETTING_TOTAL;
    return settings;
}

const struct setting *settings_find(const char *section, const char *key)
{
    for (size_t i = 0; i < SETTING_TOTAL; i++)
        if (!strcmp(settings[i].section, section) &&
            !strcmp(settings[i].key, key))
            return &settings[i];
    return NULL;
}

int settings_section_exists(const char *section)
{
    for (size_t i = 0; i < SETTING_TOTAL; i++)
        if (!strcmp(settings[i].section, section))
            return 1;
    return !strcmp(section, "expect");
}

const char *settings_nearest_key(const char *section, const char *key)
{
    const char *nearest = NULL;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < SETTING_TOTAL; i++) {
        if (strcmp(settings[i].section, section) != 0)
            continue;
        size_t d = edit_distance(settings[i].key, key);
        if (d < least || !nearest) {
            least = d;
            nearest = settings[i].key;
        }
    }
    return nearest;
}

const char *settings_nearest_section(const char *section)
{
    const char *nearest = "expect";
    size_t least = edit_distance(nearest, section);
    for (size_t i = 0; i < SETTING_TOTAL; i++) {
        size_t d = edit_distance(settings[i].section, section);
        if (d < least) {
            least = d;
            nearest = settings[i].section;
        }
    }
    return nearest;
}

const struct metric_word *settings_metric(enum metric metric)
{
    return &metrics[metric];
}

const char *settings_nearest_metric(const char *name)
{
    size_t nearest = 0, least = SIZE_MAX;
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        size_t d = edit_distance(metrics[i].name, name);
        if (d < least) {
            least = d;
            nearest = i;
        }
    }
    return metrics[nearest].name;
}

struct unit {
    const char *name;
    uint64_t size;
};

static const struct unit time_units[] = {{"d", US_D}, {"h", US_H},
    {"min", US_MIN}, {"s", US_S}, {"ms", 1000}, {"us", 1}, {NULL, 0}};
static const struct unit byte_units[] = {{"GiB", 1ul << 30}, {"MiB", MIB},
    {"KiB", KIB}, {"GB", 1000000000}, {"MB", 1000000}, {"kB", 1000}, {"B", 1},
    {NULL, 0}};

/* Digits with at most six decimals, as millionths, up to what is left over
 * for the unit.  False when there is no number, or it is too great. */
static int parse_decimal(const char **text, uint64_t *whole, uint64_t *ppm)
{
    const char *c = *text;
    *whole = *ppm = 0;
    if (*c < '0' || *c > '9')
        return 0;
    for (; *c >= '0' && *c <= '9'; c++) {
        if (*whole > (UINT64_MAX - 9) / 10)
            return 0;
        *whole = *whole * 10 + (uint64_t)(*c - '0');
    }
    if (*c == '.') {
        c++;
        if (*c < '0' || *c > '9')
            return 0;
        uint64_t weight = PPM / 10;
        for (; *c >= '0' && *c <= '9'; c++, weight /= 10)
            *ppm += weight * (uint64_t)(*c - '0');
    }
    *text = c;
    return 1;
}

static enum status parse_unit(const struct unit *units, const char *text,
    const char *needs, uint64_t *out, const char **why)
{
    uint64_t whole, ppm;
    *why = needs;
    if (!parse_decimal(&text, &whole, &ppm))
        return STATUS_INVALID;
    while (*text == ' ')
        text++;
    if (*text == '\0' && whole == 0 && ppm == 0) {
        *out = 0;
        return STATUS_OK;
    }
    for (; units->name; units++) {
        if (strcmp(units->name, text) != 0)
            continue;
        if (whole > UINT64_MAX / 2 / units->size)
            return STATUS_INVALID;
        *out = whole * units->size +
               (uint64_t)((unsigned __int128)ppm * units->size / PPM);
        return STATUS_OK;
    }
    return STATUS_INVALID;
}

static enum status parse_word(
    const char *const *words, const char *text, uint64_t *out, const char **why)
{
    *why = "is not one of the words that it can be";
    for (uint64_t i = 0; words[i]; i++)
        if (!strcmp(words[i], text)) {
            *out = i;
            return STATUS_OK;
        }
    return STATUS_INVALID;
}

enum status settings_parse(enum setting_type type, const char *const *words,
    const char *text, uint64_t *out, const char **why)
{
    uint64_t whole, ppm;
    switch (type) {
    case SETTING_COUNT:
        *why = "must be a whole number without a unit";
        if (!parse_decimal(&text, &whole, &ppm) || *text || ppm)
            return STATUS_INVALID;
        *out = whole;
        return STATUS_OK;
    case SETTING_SHARE:
        *why = "must be a decimal number without a unit, like 0.02";
        if (!parse_decimal(&text, &whole, &ppm) || *text ||
            whole > UINT64_MAX / 2 / PPM)
            return STATUS_INVALID;
        *out = whole * PPM + ppm;
        return STATUS_OK;
    case SETTING_TIME:
        return parse_unit(time_units, text,
            "must be a time with its unit (us ms s min h d), like 20ms", out,
            why);
    case SETTING_BYTES:
        return parse_unit(byte_units, text,
            "must be a size with its unit (B kB MB GB KiB MiB GiB), like 64KiB",
            out, why);
    case SETTING_WORD:
        return parse_word(words, text, out, why);
    case SETTING_TEXT:
        break;
    }
    *why = "is a text";
    return STATUS_INVALID;
}

static void print_unit(
    const struct unit *units, uint64_t value, char *out, size_t capacity)
{
    while (units[1].name && (value % units->size || value == 0))
        units++;
    snprintf(out, capacity, "%" PRIu64 "%s", value / units->size,
        value ? units->name : "");
}

void settings_print(enum setting_type type, const char *const *words,
    uint64_t value, char *out, size_t capacity)
{
    switch (type) {
    case SETTING_COUNT:
        snprintf(out, capacity, "%" PRIu64, value);
        return;
    case SETTING_SHARE:
        snprintf(
            out, capacity, "%" PRIu64 ".%06" PRIu64, value / PPM, value % PPM);
        for (size_t end = strlen(out);
             out[end - 1] == '0' && out[end - 2] != '.'; end--)
            out[end - 1] = '\0';
        return;
    case SETTING_TIME:
        print_unit(time_units, value, out, capacity);
        return;
    case SETTING_BYTES:
        print_unit(byte_units, value, out, capacity);
        return;
    case SETTING_WORD:
        snprintf(out, capacity, "%s", words[value]);
        return;
    case SETTING_TEXT:
        break;
    }
    out[0] = '\0';
}
