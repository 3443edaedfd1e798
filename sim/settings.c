/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values as people write them, and back; what is near to a word that is none.
 */
#include "sim/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "proto/limits.h"
#include "sim/units.h"

const struct setting *settings_find(const char *section, const char *key)
{
    size_t count;
    const struct setting *settings = settings_all(&count);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(settings[i].section, section) &&
            !strcmp(settings[i].key, key))
            return &settings[i];
    return NULL;
}

bool settings_section_exists(const char *section)
{
    size_t count;
    const struct setting *settings = settings_all(&count);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(settings[i].section, section))
            return true;
    return !strcmp(section, "expect") || !strcmp(section, "published");
}

const char *settings_nearest_key(const char *section, const char *key)
{
    size_t count;
    const struct setting *settings = settings_all(&count);
    struct nearest nearest = {.word = key};
    for (size_t i = 0; i < count; i++)
        if (strcmp(settings[i].section, section) == 0)
            nearest_offer(&nearest, settings[i].key);
    return nearest.name;
}

const char *settings_section_with(const char *key)
{
    size_t count;
    const struct setting *settings = settings_all(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(settings[i].key, key) == 0)
            return settings[i].section;
    return NULL;
}

const char *settings_nearest_section(const char *section)
{
    size_t count;
    const struct setting *settings = settings_all(&count);
    struct nearest nearest = {.word = section};
    nearest_offer(&nearest, "expect");
    nearest_offer(&nearest, "published");
    for (size_t i = 0; i < count; i++)
        nearest_offer(&nearest, settings[i].section);
    return nearest.name;
}

const char *settings_nearest_metric(const char *name)
{
    struct nearest nearest = {.word = name};
    for (size_t i = 0; i < METRIC_COUNT; i++)
        nearest_offer(&nearest, settings_metric((enum metric)i)->name);
    return nearest.name;
}

struct unit {
    const char *name;
    uint64_t size;
};

static const struct unit time_units[] = {{"d", DAY_US}, {"h", HOUR_US},
    {"min", MINUTE_US}, {"s", SECOND_US}, {"ms", 1000}, {"us", 1}, {NULL, 0}};
static const struct unit length_units[] = {
    {"km", 1000000}, {"m", 1000}, {"mm", 1}, {NULL, 0}};
static const struct unit byte_units[] = {{"GiB", 1ul << 30}, {"MiB", MIB},
    {"KiB", KIB}, {"GB", 1000000000}, {"MB", 1000000}, {"kB", 1000}, {"B", 1},
    {NULL, 0}};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits with at most six decimals, as millionths, up to what is left over
 * for the unit.  False when there is no number, it is too great, or it has more
 * decimals: what was cut off could be all that there was. */
static bool parse_decimal(const char **text, uint64_t *whole, uint64_t *ppm)
{
    const char *c = *text;
    *whole = *ppm = 0;
    if (!is_digit(*c))
        return false;
    for (; is_digit(*c); c++) {
        if (*whole > (UINT64_MAX - 9) / 10)
            return false;
        *whole = *whole * 10 + (uint64_t)(*c - '0');
    }
    if (*c == '.') {
        if (!is_digit(*++c))
            return false;
        for (uint64_t weight = PPM / 10; is_digit(*c); c++, weight /= 10) {
            if (weight == 0 && *c != '0')
                return false;
            *ppm += weight * (uint64_t)(*c - '0');
        }
    }
    *text = c;
    return true;
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
        *why = "is less than the smallest there is, and not 0";
        return *out > 0 || whole + ppm == 0 ? STATUS_OK : STATUS_INVALID;
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
    case SETTING_RATIO:
        *why = "must be a decimal number without a unit, like 0.02, with "
               "at most six decimals";
        if (!parse_decimal(&text, &whole, &ppm) || *text ||
            whole > UINT64_MAX / 2 / PPM)
            return STATUS_INVALID;
        *out = whole * PPM + ppm;
        return STATUS_OK;
    case SETTING_TIME:
        return parse_unit(time_units, text,
            "must be a time with its unit (us ms s min h d), like 20ms, with "
            "at most six decimals",
            out, why);
    case SETTING_BYTES:
        return parse_unit(byte_units, text,
            "must be a size with its unit (B kB MB GB KiB MiB GiB), like "
            "64KiB, with at most six decimals",
            out, why);
    case SETTING_LENGTH:
        return parse_unit(length_units, text,
            "must be a length with its unit (mm m km), like 30m, with at most "
            "six decimals",
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

static bool parse_count(const char *text, uint64_t *out)
{
    const char *why;
    return settings_parse(SETTING_COUNT, NULL, text, out, &why) == STATUS_OK;
}

bool settings_range(const char *text, uint64_t *first, uint64_t *last)
{
    char word[24] = "";
    size_t size = strcspn(text, ":");
    memcpy(word, text, size < sizeof(word) ? size : 0);
    if (!parse_count(word, first))
        return false;
    *last = text[size] ? SETTINGS_COUNT_MOST : *first;
    if (text[size] && text[size + 1] && !parse_count(text + size + 1, last))
        return false;
    return *first <= *last && *last <= SETTINGS_COUNT_MOST;
}

void settings_print(enum setting_type type, const char *const *words,
    uint64_t value, char *out, size_t capacity)
{
    switch (type) {
    case SETTING_COUNT:
        snprintf(out, capacity, "%" PRIu64, value);
        return;
    case SETTING_SHARE:
    case SETTING_RATIO:
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
    case SETTING_LENGTH:
        print_unit(length_units, value, out, capacity);
        return;
    case SETTING_WORD:
        snprintf(out, capacity, "%s", words[value]);
        return;
    case SETTING_TEXT:
        break;
    }
    out[0] = '\0';
}

static bool has_enemies(const struct scenario *s)
{
    for (int role = ROLE_HONEST + 1; role < ROLE_COUNT; role++)
        if (role != ROLE_SPY && s->role_ppm[role] > 0)
            return true;
    return false;
}

static bool has_attackers(const struct scenario *s)
{
    return s->role_ppm[ROLE_REPLAYER] || s->role_ppm[ROLE_FORGER] ||
           s->role_ppm[ROLE_FLOODER] || s->role_ppm[ROLE_SYBIL] ||
           s->role_ppm[ROLE_GRINDER];
}

bool settings_meets(const struct scenario *s, enum metric_need need)
{
    switch (need) {
    case NEED_NOTHING:
        return true;
    case NEED_MEMBER:
        return s->member == SWITCH_ON;
    case NEED_ENEMIES:
        return has_enemies(s);
    case NEED_PINS:
        return has_enemies(s) && s->pins > 0;
    case NEED_ATTACK:
        return has_attackers(s);
    case NEED_FLOOD:
        return s->role_ppm[ROLE_FLOODER] > 0;
    case NEED_SPIES:
        return s->role_ppm[ROLE_SPY] > 0;
    case NEED_LIARS:
        return s->skew_share_ppm > 0 &&
               s->skew_us / SECOND_US > LIMIT_CLOCK_LIE_S;
    case NEED_SPLIT:
        return s->partition_for_us > 0;
    case NEED_GROUPS:
        return s->groups > 0;
    case NEED_FILES:
        return s->files > 0;
    }
    return true;
}

#define SENDERS                                                                \
    "adversaries.replayers adversaries.forgers adversaries.flooders "          \
    "adversaries.sybils adversaries.grinders"
#define ENEMIES                                                                \
    SENDERS " adversaries.droppers adversaries.announcers "                    \
            "adversaries.delayers adversaries.flash"

const struct need_word *settings_need(enum metric_need need)
{
    static const struct need_word words[] = {
        [NEED_NOTHING] = {"anything", ""},
        [NEED_MEMBER] = {"relays that find their neighbours, [node] member = "
                         "on",
            "node.member"},
        [NEED_ENEMIES] = {"a share of [adversaries] other than spies", ENEMIES},
        [NEED_PINS] = {"[node] pins and a share of [adversaries] other than "
                       "spies",
            "node.pins " ENEMIES},
        [NEED_ATTACK] = {"a share of [adversaries] replayers, forgers, "
                         "flooders, sybils or grinders",
            SENDERS},
        [NEED_FLOOD] = {"a share of [adversaries] flooders",
            "adversaries.flooders"},
        [NEED_SPIES] = {"a share of [adversaries] spies", "adversaries.spies"},
        [NEED_LIARS] = {"a share of clocks, [faults] skew_share, that are off "
                        "by a skew of more than 12h",
            "faults.skew_share faults.skew"},
        [NEED_SPLIT] = {"a split, [faults] partition_for",
            "faults.partition_for"},
        [NEED_GROUPS] = {"[workload] groups", "workload.groups"},
        [NEED_FILES] = {"[workload] files", "workload.files"},
    };
    return &words[need];
}
