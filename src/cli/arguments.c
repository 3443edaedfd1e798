/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command line, by one table of options.  getopt_long would do most of it,
 * but it takes abbreviations, which break scripts when an option is added, it
 * cannot suggest what was meant, and it keeps its place in globals. */
#include "cli/arguments.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/duration.h"
#include "proto/wire.h"

static const struct option_rule rules[OPTION_COUNT] = {
    [OPTION_HOME] = {"home", "DIR", "the node whose files are all below DIR"},
    [OPTION_JSON] = {"json", NULL, "print JSON: one object, or one a line"},
    [OPTION_HELP] = {"help", NULL, "say what a verb does"},
    [OPTION_VERSION] = {"version", NULL, "print the version"},
    [OPTION_PASSPHRASE_FILE] = {"passphrase-file", "FILE",
        "the passphrase is the first line of FILE"},
    [OPTION_PASSPHRASE_FD] = {"passphrase-fd", "N",
        "the passphrase is the first line from descriptor N"},
    [OPTION_EXPIRE] = {"expire", "TIME",
        "give up when not delivered in TIME, whole hours (7d)"},
    [OPTION_BURN] = {"burn", "TIME",
        "ask for its destruction TIME after it is read (a note: written)"},
    [OPTION_URGENT] = {"urgent", NULL, "skip the hidden, slower first hops"},
    [OPTION_WAIT] = {"wait", "STATE",
        "wait until the letter is handed, delivered or read"},
    [OPTION_TIMEOUT] = {"timeout", "TIME", "wait no longer than TIME (30s)"},
    [OPTION_ALL] = {"all", NULL, "letters already read as well"},
    [OPTION_PEEK] = {"peek", NULL, "leave unread letters unread"},
    [OPTION_LIMIT] = {"limit", "N", "at most N letters"},
    [OPTION_NEW_PASSPHRASE_FILE] = {"new-passphrase-file", "FILE",
        "the new passphrase is the first line of FILE"},
    [OPTION_NEW_PASSPHRASE_FD] = {"new-passphrase-fd", "N",
        "the new passphrase is the first line from descriptor N"},
    [OPTION_DURESS] = {"duress", NULL,
        "set the passphrase that destroys the vault"},
    [OPTION_RECOVERY] = {"recovery", NULL,
        "make a phrase that opens the vault as well"},
    [OPTION_FORCE] = {"force", NULL, "in the place of a file that is there"},
    [OPTION_SINCE] = {"since", "FILE",
        "leave out what FILE, a digest or a bundle, says is there"},
    [OPTION_YES] = {"yes", NULL, "I mean it"},
    [OPTION_SET_ASIDE] = {"set-aside", NULL,
        "keep a database whose slots are missing under another name"},
    [OPTION_INVITE] = {"invite", NULL, "a secret card for one person"},
    [OPTION_QR] = {"qr", NULL, "draw it for a camera"},
    [OPTION_CONFIRM] = {"confirm", NULL, "it was compared, and is the same"},
    [OPTION_ADMIN] = {"admin", NULL,
        "who may add and remove others (group add)"},
    [OPTION_EVIDENTIAL] = {"evidential", NULL,
        "send it only if letters to NAME are"},
    [OPTION_INVITES] = {"invites", NULL, "those that are out and not used"},
    [OPTION_VOID] = {"void", "N", "destroy invite N before it is used"},
    [OPTION_DENIABLE] = {"deniable", NULL,
        "send it only if letters to NAME are"},
    [OPTION_FILE] = {"file", "PATH", "with this file"},
};

const struct option_rule *option_rule(enum option option)
{
    assert((int)option < OPTION_COUNT);
    return &rules[option];
}

void complain(struct complaint *complaint, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(complaint->text, sizeof(complaint->text), format, list);
    va_end(list);
}

/* The option of that name, size bytes long; OPTION_COUNT when there is none. */
static enum option option_find(const char *name, size_t size)
{
    int option = 0;
    while (option < OPTION_COUNT &&
           (strlen(rules[option].name) != size ||
               memcmp(rules[option].name, name, size) != 0))
        option++;
    return (enum option)option;
}

static enum status unknown_option(const char *word, struct complaint *why)
{
    struct nearest nearest = {.word = word + strspn(word, "-")};
    for (int i = 0; i < OPTION_COUNT; i++)
        nearest_offer(&nearest, rules[i].name);
    if (nearest.name)
        complain(
            why, "unknown option %s (did you mean --%s?)", word, nearest.name);
    else
        complain(why,
            "unknown option %s (a text that begins with a hyphen "
            "goes after --)",
            word);
    return STATUS_INVALID;
}

/* One option at argv[*at], which moves on over a value that is a word of its
 * own. */
static enum status parse_option(int argc, char *const argv[], int *at,
    struct arguments *out, struct complaint *why)
{
    const char *word = argv[*at];
    bool is_long = word[1] == '-';
    const char *name = is_long ? word + 2 : "help";
    if (!is_long && strcmp(word, "-h") != 0)
        return unknown_option(word, why);
    size_t size = strcspn(name, "=");
    const char *value = name[size] ? name + size + 1 : NULL;
    enum option option = option_find(name, size);
    if (option == OPTION_COUNT)
        return unknown_option(word, why);
    const struct option_rule *rule = &rules[option];
    if (!rule->argument && value) {
        complain(why, "--%s takes no value", rule->name);
        return STATUS_INVALID;
    }
    if (rule->argument && !value)
        value = *at + 1 < argc ? argv[++*at] : "";
    if (rule->argument && !*value) {
        complain(why, "--%s needs a value: --%s %s", rule->name, rule->name,
            rule->argument);
        return STATUS_INVALID;
    }
    if (arguments_has(out, option)) {
        complain(why, "--%s is given twice", rule->name);
        return STATUS_INVALID;
    }
    out->given |= OPTION_BIT(option);
    out->values[option] = value;
    return STATUS_OK;
}

static enum status parse_word(
    const char *word, struct arguments *out, struct complaint *why)
{
    if (!out->verb) {
        out->verb = word;
    } else if (out->count < ARGUMENTS_MAXIMUM) {
        out->words[out->count++] = word;
    } else {
        complain(why,
            "too many words after %s, from \"%s\" on (a text of several words "
            "goes in quotes)",
            out->verb, word);
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

enum status arguments_parse(
    int argc, char *const argv[], struct arguments *out, struct complaint *why)
{
    struct arguments arguments = {0};
    enum status status = STATUS_OK;
    bool only_words = false;
    for (int i = 1; i < argc && !status; i++) {
        const char *word = argv[i];
        if (!wire_is_utf8(span_of_text(word))) {
            complain(why, "argument %d is not UTF-8", i);
            status = STATUS_INVALID;
        } else if (only_words || word[0] != '-' || word[1] == '\0') {
            status = parse_word(word, &arguments, why);
        } else if (strcmp(word, "--") == 0) {
            only_words = true;
        } else {
            status = parse_option(argc, argv, &i, &arguments, why);
        }
    }
    for (int i = 0; i < OPTION_COUNT && !status; i++) {
        const char *value = arguments.values[i];
        if (value && !wire_is_utf8(span_of_text(value))) {
            complain(why, "the value of --%s is not UTF-8", rules[i].name);
            status = STATUS_INVALID;
        }
    }
    if (!status)
        *out = arguments;
    return status;
}

enum status arguments_number(const struct arguments *arguments,
    enum option option, uint64_t *out, struct complaint *why)
{
    if (!arguments_has(arguments, option))
        return STATUS_OK;
    const char *text = arguments->values[option];
    if (number_parse(text, out) == STATUS_OK)
        return STATUS_OK;
    complain(why, "--%s %s is no whole number (such as 20)", rules[option].name,
        text);
    return STATUS_INVALID;
}

enum status arguments_duration_s(const struct arguments *arguments,
    enum option option, uint64_t *out, struct complaint *why)
{
    if (!arguments_has(arguments, option))
        return STATUS_OK;
    const char *text = arguments->values[option];
    if (duration_parse_s(text, out) == STATUS_OK)
        return STATUS_OK;
    complain(why,
        "--%s %s is no time (a number and one of s, m, h or d: 90s, 5m, 2h, "
        "7d)",
        rules[option].name, text);
    return STATUS_INVALID;
}
