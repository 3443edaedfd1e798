/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* The words of a command line.  Options may stand anywhere before "--"; which
 * of them a verb takes is the verb's business (cli/verbs.h). */
enum option {
    OPTION_HOME,
    OPTION_JSON,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_PASSPHRASE_FILE,
    OPTION_PASSPHRASE_FD,
    OPTION_EXPIRE,
    OPTION_BURN,
    OPTION_URGENT,
    OPTION_WAIT,
    OPTION_TIMEOUT,
    OPTION_ALL,
    OPTION_PEEK,
    OPTION_LIMIT,
    OPTION_NEW_PASSPHRASE_FILE,
    OPTION_NEW_PASSPHRASE_FD,
    OPTION_DURESS,
    OPTION_RECOVERY,
    OPTION_YES,
    OPTION_SET_ASIDE,
    OPTION_CONFIRM,
    OPTION_INVITE,
    OPTION_QR,
    OPTION_FORCE,
    OPTION_SINCE,
    OPTION_ADMIN,
    OPTION_EVIDENTIAL,
    OPTION_DENIABLE,
    OPTION_INVITES,
    OPTION_VOID,
    OPTION_FILE,
    OPTION_COUNT,
};

/* A set of options, as bits. */
#define OPTION_BIT(option) (1u << (option))
enum {
    OPTIONS_EVERYWHERE =
        1u << OPTION_HOME | 1u << OPTION_JSON | 1u << OPTION_HELP
};

struct option_rule {
    const char *name;     /* without the two hyphens */
    const char *argument; /* what follows it, or NULL */
    const char *help;
};
const struct option_rule *option_rule(enum option option);

enum { ARGUMENTS_MAXIMUM = 4 };

/* What was wrong and what would be right, for a person. */
struct complaint {
    char text[512];
};

/* Write a complaint, cut to fit. */
void complain(struct complaint *complaint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Everything is borrowed from argv. */
struct arguments {
    uint32_t given; /* OPTION_BIT */
    const char *values[OPTION_COUNT];
    const char *verb; /* NULL: none */
    size_t count;
    const char *words[ARGUMENTS_MAXIMUM];
};

/* Sort argv out.  STATUS_INVALID, with a complaint, for an unknown option, one
 * given twice, one without its value or with a value it does not take, too
 * many words, or text that is not UTF-8. */
MUST_USE enum status arguments_parse(
    int argc, char *const argv[], struct arguments *out, struct complaint *why);

static inline bool arguments_has(
    const struct arguments *arguments, enum option option)
{
    return (arguments->given & OPTION_BIT(option)) != 0;
}

/* Read what options mean; each leaves *out alone when the option is absent.
 * STATUS_INVALID with a complaint. */
MUST_USE enum status arguments_number(const struct arguments *arguments,
    enum option option, uint64_t *out, struct complaint *why);
MUST_USE enum status arguments_duration_s(const struct arguments *arguments,
    enum option option, uint64_t *out, struct complaint *why);

#endif
