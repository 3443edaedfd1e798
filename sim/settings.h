/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SETTINGS_H
#define SIM_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "sim/scenario.h"

/* The one table of what a scenario can say: the parser, `explain` and the
 * check of the man page read it. */
enum setting_type {
    SETTING_COUNT,  /* a whole number */
    SETTING_TIME,   /* with a unit: us ms s min h d */
    SETTING_BYTES,  /* with a unit: B kB MB GB KiB MiB GiB */
    SETTING_LENGTH, /* with a unit: mm m km */
    SETTING_SHARE,  /* a decimal in 0 .. 1 */
    SETTING_RATIO,  /* a decimal */
    SETTING_WORD,   /* one of a few */
    SETTING_TEXT,
};

struct setting {
    const char *section;
    const char *key;
    enum setting_type type;
    size_t offset; /* in struct scenario */
    uint64_t least;
    uint64_t most;
    uint64_t fallback;
    const char *const *words; /* SETTING_WORD: up to a NULL */
    const char *doc;
};

/* The settings in the order of the man page. */
const struct setting *settings_all(size_t *count);

/* A setting by section and key, or NULL. */
const struct setting *settings_find(const char *section, const char *key);

/* The keys of all shares of adversaries, as blame takes them. */
#define SETTINGS_ADVERSARIES                                                   \
    "adversaries.droppers adversaries.announcers adversaries.delayers "        \
    "adversaries.replayers adversaries.forgers adversaries.flooders "          \
    "adversaries.sybils adversaries.flash adversaries.spies "                  \
    "adversaries.grinders"

/* Whether a section exists; [expect] and [published] do, though they have no
 * settings. */
bool settings_section_exists(const char *section);

/* The word that was meant, if it is near what was written: a key of that
 * section, or a section; else NULL.  The first section that has that very key,
 * or NULL. */
const char *settings_nearest_key(const char *section, const char *key);
const char *settings_nearest_section(const char *section);
const char *settings_section_with(const char *key);

/* Read a value of a type.  STATUS_INVALID with *why set to a static text. */
MUST_USE enum status settings_parse(enum setting_type type,
    const char *const *words, const char *text, uint64_t *out,
    const char **why);

/* Read two counts, the lesser first, as "3:17"; "3:" has no end, and "3" is
 * that one alone.  False when it is neither. */
#define SETTINGS_COUNT_MOST ((uint64_t)INT64_MAX)
MUST_USE bool settings_range(const char *text, uint64_t *first, uint64_t *last);

/* Write a value as it would be written in a scenario file. */
void settings_print(enum setting_type type, const char *const *words,
    uint64_t value, char *out, size_t capacity);

/* What a scenario must have for a metric to say anything of its run. */
enum metric_need {
    NEED_NOTHING,
    NEED_MEMBER,  /* relays that find their neighbours */
    NEED_ENEMIES, /* adversaries that work against delivery, as spies do not */
    NEED_PINS,    /* those, and friends that nodes are to stay linked to */
    NEED_ATTACK,  /* adversaries that send of their own */
    NEED_FLOOD,
    NEED_SPIES,
    NEED_LIARS, /* clocks that no peer believes */
    NEED_SPLIT,
    NEED_GROUPS,
    NEED_FILES,
};

/* What an [expect] line can name. */
struct metric_word {
    const char *name;
    enum setting_type type;
    const char *doc;
    enum metric_need need;
};
const struct metric_word *settings_metric(enum metric metric);

/* Whether a scenario has that.  Where it has not, the metric's value is that of
 * a run in which nothing went wrong, and would read as a finding. */
bool settings_meets(const struct scenario *scenario, enum metric_need need);

/* What has to be there for that, in words that go on behind "without", and the
 * keys that bring it, as blame takes them. */
struct need_word {
    const char *what;
    const char *keys;
};
const struct need_word *settings_need(enum metric_need need);

/* The metric that was meant, if it is near what was written, or NULL. */
const char *settings_nearest_metric(const char *name);

/* How a scenario's vaults seal, in the word that the setting has; and in words
 * for people, or NULL where it is for real. */
const char *settings_crypto(const struct scenario *scenario);
const char *settings_crypto_note(const struct scenario *scenario);

#endif
