/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sottod's command line.  Options that are settings go through the same table
 * as the file, which they win over: a --listen replaces the file's addresses,
 * a --connect adds to its nodes. */
#include "config.h"

#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "daemon/settings_table.h"
#include "platform/transport_shape.h"

enum option_code {
    OPTION_HOME = 256,
    OPTION_CONFIG,
    OPTION_LISTEN,
    OPTION_CONNECT,
    OPTION_NO_DISCOVERY,
    OPTION_DISCOVERY,
    OPTION_ADVERTISE,
    OPTION_SOCKS,
    OPTION_RELAY_ONLY,
    OPTION_VAULT_ONLY,
    OPTION_FOREGROUND,
    OPTION_UNLOCK_WITH,
    OPTION_SANDBOX,
    OPTION_SELF_TEST,
    OPTION_CHECK_CONFIG,
    OPTION_EXAMPLE_CONFIG,
    OPTION_LINK_SHAPE,
    OPTION_ROLE,
    OPTION_VERSION,
    OPTION_HELP,
};

static const struct option known_options[] = {
    {"home", required_argument, NULL, OPTION_HOME},
    {"config", required_argument, NULL, OPTION_CONFIG},
    {"listen", required_argument, NULL, OPTION_LISTEN},
    {"connect", required_argument, NULL, OPTION_CONNECT},
    {"no-discovery", no_argument, NULL, OPTION_NO_DISCOVERY},
    {"discovery", required_argument, NULL, OPTION_DISCOVERY},
    {"advertise", required_argument, NULL, OPTION_ADVERTISE},
    {"socks", required_argument, NULL, OPTION_SOCKS},
    {"relay-only", no_argument, NULL, OPTION_RELAY_ONLY},
    {"vault-only", no_argument, NULL, OPTION_VAULT_ONLY},
    {"foreground", no_argument, NULL, OPTION_FOREGROUND},
    {"unlock-with", required_argument, NULL, OPTION_UNLOCK_WITH},
    {"sandbox", required_argument, NULL, OPTION_SANDBOX},
    {"self-test", no_argument, NULL, OPTION_SELF_TEST},
    {"check-config", no_argument, NULL, OPTION_CHECK_CONFIG},
    {"example-config", no_argument, NULL, OPTION_EXAMPLE_CONFIG},
    {"link-shape", required_argument, NULL, OPTION_LINK_SHAPE},
    {"role", required_argument, NULL, OPTION_ROLE}, /* the supervisor's */
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* The setting that an option stands for; false when it is none. */
static bool setting_of(enum option_code code, const char **section,
    const char **key, const char **value)
{
    *section = "relay";
    if (code == OPTION_LISTEN) {
        *key = "listen";
    } else if (code == OPTION_CONNECT) {
        *key = "connect";
    } else if (code == OPTION_SOCKS) {
        *key = "socks";
    } else if (code == OPTION_ADVERTISE) {
        *key = "advertise";
    } else if (code == OPTION_DISCOVERY) {
        *key = "discovery";
    } else if (code == OPTION_NO_DISCOVERY) {
        *key = "discovery";
        *value = "off";
    } else if (code == OPTION_SANDBOX) {
        *section = "daemon";
        *key = "sandbox";
    } else {
        return false;
    }
    return true;
}

static enum status apply_setting(const char *name, enum option_code code,
    struct settings *settings, char *why)
{
    const char *section, *key, *value = optarg;
    char wrong[SETTINGS_WHY_BYTES] = "";
    if (!settings || !setting_of(code, &section, &key, &value))
        return STATUS_OK;
    enum status status =
        settings_table_set(settings, section, key, value, wrong);
    if (status)
        snprintf(why, SETTINGS_WHY_BYTES, "--%s: %.300s", name, wrong);
    return status ? STATUS_INVALID : STATUS_OK;
}

static enum status apply_role(struct options *out, char *why)
{
    if (strcmp(optarg, "relay") == 0) {
        out->task = TASK_RELAY;
    } else if (strcmp(optarg, "vault") == 0) {
        out->task = TASK_VAULT;
    } else {
        snprintf(why, SETTINGS_WHY_BYTES, "--role is not for people");
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status apply_link_shape(struct options *out, char *why)
{
    const char *wrong;
    if (transport_shape_check(optarg, &wrong)) {
        snprintf(why, SETTINGS_WHY_BYTES, "--link-shape: %s", wrong);
        return STATUS_INVALID;
    }
    out->link_shape = optarg;
    return STATUS_OK;
}

static enum status apply_mode(struct options *out, enum mode mode, char *why)
{
    if (out->mode != MODE_NODE && out->mode != mode) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "--relay-only and --vault-only leave nothing to run");
        return STATUS_INVALID;
    }
    out->mode = mode;
    return STATUS_OK;
}

static enum status refuse_empty(const char *name, char *why)
{
    snprintf(why, SETTINGS_WHY_BYTES, "--%s needs a value", name);
    return STATUS_INVALID;
}

static enum status check_together(const struct options *options, char *why)
{
    if (options->unlock_with && options->mode == MODE_RELAY_ONLY) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "--relay-only has no vault for --unlock-with to unlock");
        return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status apply_option(
    enum option_code code, struct options *out, char *why)
{
    switch (code) {
    case OPTION_HOME:
        out->home = optarg;
        return STATUS_OK;
    case OPTION_CONFIG:
        out->config = optarg;
        return STATUS_OK;
    case OPTION_LISTEN:
        out->listen_given = true;
        return STATUS_OK;
    case OPTION_CONNECT:
    case OPTION_NO_DISCOVERY:
    case OPTION_DISCOVERY:
    case OPTION_ADVERTISE:
    case OPTION_SOCKS:
    case OPTION_SANDBOX:
    case OPTION_FOREGROUND: /* there is no other way */
        return STATUS_OK;
    case OPTION_RELAY_ONLY:
        return apply_mode(out, MODE_RELAY_ONLY, why);
    case OPTION_VAULT_ONLY:
        return apply_mode(out, MODE_VAULT_ONLY, why);
    case OPTION_UNLOCK_WITH:
        out->unlock_with = optarg;
        return STATUS_OK;
    case OPTION_SELF_TEST:
        out->task = TASK_SELF_TEST;
        return STATUS_OK;
    case OPTION_CHECK_CONFIG:
        out->task = TASK_CHECK_CONFIG;
        return STATUS_OK;
    case OPTION_EXAMPLE_CONFIG:
        out->task = TASK_EXAMPLE_CONFIG;
        return STATUS_OK;
    case OPTION_LINK_SHAPE:
        return apply_link_shape(out, why);
    case OPTION_ROLE:
        return apply_role(out, why);
    case OPTION_VERSION:
        out->task = TASK_VERSION;
        return STATUS_OK;
    case OPTION_HELP:
        out->task = TASK_HELP;
        return STATUS_OK;
    }
    return STATUS_INVALID;
}

/* The option that was most likely meant, or NULL. */
static const char *option_like(const char *name)
{
    struct nearest nearest = {.word = name};
    for (const struct option *at = known_options; at->name; at++)
        nearest_offer(&nearest, at->name);
    return nearest.name;
}

static enum status complain(int code, char *argv[], char *why)
{
    const char *word = argv[optind - 1];
    const char *name = word + strspn(word, "-");
    const char *option = option_like(name);
    char bare[64]; /* without a value */
    snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(name, "="), name);
    const struct setting *setting = settings_table_like("", bare);
    if (code == ':')
        snprintf(why, SETTINGS_WHY_BYTES, "%.128s needs an argument", word);
    else if (option)
        snprintf(why, SETTINGS_WHY_BYTES,
            "%.128s is no option of sottod's (did you mean --%s?)", word,
            option);
    else if (setting)
        snprintf(why, SETTINGS_WHY_BYTES,
            "%.128s is no option of sottod's; \"%s\" is set in [%s] of "
            "sotto.conf",
            word, setting->key, setting->section);
    else
        snprintf(why, SETTINGS_WHY_BYTES,
            "%.128s is no option of sottod's (see sottod --help)", word);
    return STATUS_INVALID;
}

enum status options_read(int argc, char *argv[], struct settings *settings,
    struct options *out, char *why)
{
    struct options options = {.task = TASK_SUPERVISE};
    int code, index = 0;
    optind = 0; /* glibc: read from the start again */
    opterr = 0;
    while ((code = getopt_long(argc, argv, ":", known_options, &index)) != -1) {
        if (code == '?' || code == ':')
            return complain(code, argv, why);
        if (code == OPTION_LISTEN && settings && !options.listen_given)
            settings->listen_count = 0;
        if (known_options[index].has_arg == required_argument && !*optarg)
            return refuse_empty(known_options[index].name, why);
        enum status status =
            apply_option((enum option_code)code, &options, why);
        if (!status)
            status = apply_setting(known_options[index].name,
                (enum option_code)code, settings, why);
        if (status)
            return status;
    }
    if (optind < argc) {
        snprintf(why, SETTINGS_WHY_BYTES,
            "\"%.128s\" is one word too many (see sottod --help)",
            argv[optind]);
        return STATUS_INVALID;
    }
    enum status status = check_together(&options, why);
    if (!status)
        *out = options;
    return status;
}

const char *options_help(void)
{
    return "usage: sottod [OPTION...]\n"
           "Run a node of Sotto's mesh, until SIGTERM or Ctrl-C.\n"
           "\n"
           "  --home DIR           all of the node's files below DIR\n"
           "  --config FILE        instead of sotto.conf in its usual place\n"
           "  --listen ENDPOINT    where others reach it: tcp://*:7311\n"
           "  --connect ENDPOINT#NODEKEY\n"
           "                       stay connected to that node\n"
           "  --discovery MODE     on the local network: open, contacts, "
           "listen\n"
           "                       or off\n"
           "  --no-discovery       the same as --discovery off\n"
           "  --advertise ENDPOINT what others are told to dial\n"
           "  --socks HOST:PORT    dial through a SOCKS5 proxy\n"
           "  --relay-only         carry mail, have none\n"
           "  --vault-only         no network (sotto init uses it)\n"
           "  --unlock-with FILE   unlock with the passphrase in FILE\n"
           "  --sandbox MODE       enforce, log or off\n"
           "  --foreground         accepted; there is no other way\n"
           "  --check-config       say whether the configuration is right\n"
           "  --example-config     print a commented configuration\n"
           "  --self-test          prove the sandbox\n"
           "  --version, --help\n";
}
