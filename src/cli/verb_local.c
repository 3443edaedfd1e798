/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What needs no node: config, limits, version and help. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/node.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "config.h"
#include "proto/card.h"
#include "proto/control.h"
#include "proto/limits.h"

enum { USE_WIDTH = 27 }; /* of a verb and its words, before the summary */

int verb_config(const struct cli *cli)
{
    char *argv[] = {NULL, "--check-config", NULL, NULL, NULL};
    if (arguments_has(&cli->arguments, OPTION_HOME)) {
        argv[2] = "--home";
        argv[3] = (char *)cli->arguments.values[OPTION_HOME];
    }
    return node_replace(argv);
}

static int print_fields(
    const struct cli *cli, const struct control_field *fields, size_t count)
{
    if (cli->json) {
        char *line = NULL;
        size_t size = 0;
        enum status status = control_fields_print(fields, count, &line, &size);
        return output_line(status, line, size);
    }
    for (size_t i = 0; i < count; i++) {
        printf("%-24s  ", fields[i].name);
        if (fields[i].text)
            printf("%s\n", fields[i].text);
        else
            printf("%" PRIu64 "\n", fields[i].number);
    }
    return EXIT_DONE;
}

int verb_limits(const struct cli *cli)
{
    static const struct control_field limits[] = {
        {.name = "text_bytes", .number = LIMIT_TEXT_BYTES},
        {.name = "name_bytes", .number = LIMIT_NAME_BYTES},
        {.name = "passphrase_bytes", .number = LIMIT_PASSPHRASE_BYTES},
        {.name = "card_characters", .number = CARD_TEXT_CHARS},
        {.name = "invite_characters", .number = INVITE_TEXT_CHARS},
        {.name = "invites", .number = LIMIT_INVITES},
        {.name = "contacts", .number = LIMIT_CONTACTS},
        {.name = "requests", .number = LIMIT_REQUESTS},
        {.name = "inbox_letters", .number = LIMIT_INBOX_LETTERS},
        {.name = "outbox_letters", .number = LIMIT_OUTBOX_LETTERS},
        {.name = "unconfirmed_letters", .number = LIMIT_UNCONFIRMED},
        {.name = "notes", .number = LIMIT_NOTES},
        {.name = "evidential_conversations",
            .number = LIMIT_EVIDENCE_CONVERSATIONS},
        {.name = "evidential_letters", .number = LIMIT_EVIDENCE_LETTERS},
        {.name = "evidential_chain_letters", .number = LIMIT_EVIDENCE_CHAIN},
        {.name = "transcript_bytes", .number = LIMIT_TRANSCRIPT_BYTES},
        {.name = "file_bytes", .number = LIMIT_FILE_BYTES},
        {.name = "file_name_bytes", .number = LIMIT_FILE_NAME_BYTES},
        {.name = "file_part_bytes", .number = LIMIT_FILE_PART_BYTES},
        {.name = "file_parts_unconfirmed", .number = LIMIT_FILE_PARTS_FLYING},
        {.name = "file_parts_burst", .number = LIMIT_FILE_PARTS_BURST},
        {.name = "file_part_milliseconds", .number = LIMIT_FILE_PART_MS},
        {.name = "files_sent", .number = LIMIT_FILES_SENT},
        {.name = "files_received", .number = LIMIT_FILES_RECEIVED},
        {.name = "files_received_contact", .number = LIMIT_FILES_RECEIVED_ONE},
        {.name = "files_arriving_contact", .number = LIMIT_FILES_ARRIVING},
        {.name = "files_received_bytes", .number = LIMIT_FILES_BYTES},
        {.name = "files_contact_bytes", .number = LIMIT_FILES_BYTES_ONE},
        {.name = "groups", .number = LIMIT_GROUPS},
        {.name = "groups_being_joined", .number = LIMIT_GROUP_JOINS},
        {.name = "group_members", .number = LIMIT_GROUP_MEMBERS},
        {.name = "group_changes", .number = LIMIT_GROUP_OPS},
        {.name = "group_key_letters", .number = LIMIT_GROUP_MESSAGES},
        {.name = "group_key_seconds", .number = LIMIT_GROUP_KEY_S},
        {.name = "group_keys_kept", .number = LIMIT_GROUP_KEYS},
        {.name = "introduced_members", .number = LIMIT_INTRODUCED},
        {.name = "expire_hours", .number = LIMIT_ENVELOPE_LIFE_H},
        {.name = "expire_default_hours", .number = LIMIT_ENVELOPE_DEFAULT_H},
        {.name = "burn_seconds", .number = LIMIT_BURN_S},
        {.name = "clock_skew_hours", .number = LIMIT_CLOCK_SKEW_H},
        {.name = "clock_apart_seconds", .number = LIMIT_CLOCK_LIE_S},
        {.name = "stamp_bits", .number = LIMIT_STAMP_BITS},
        {.name = "stamp_bits_maximum", .number = LIMIT_STAMP_BITS_MOST},
        {.name = "peer_rate_bytes", .number = LIMIT_PEER_RATE_BYTES_S},
        {.name = "envelope_bytes", .number = LIMIT_ENVELOPE_BYTES},
        {.name = "links", .number = LIMIT_LINKS},
        {.name = "new_links_a_second", .number = LIMIT_NEW_LINKS_S},
        {.name = "link_queue_bytes", .number = LIMIT_LINK_QUEUE_BYTES},
        {.name = "forward_milliseconds", .number = LIMIT_FORWARD_STALE_MS},
        {.name = "dial_targets", .number = LIMIT_DIAL_TARGETS},
        {.name = "remembered_nodes", .number = LIMIT_KEPT_NODES},
        {.name = "remembered_scores", .number = LIMIT_KEPT_SCORES},
        {.name = "endpoint_bytes", .number = LIMIT_ENDPOINT_BYTES},
        {.name = "beacon_contacts", .number = LIMIT_BEACON_KEYS},
        {.name = "shelf_bytes", .number = LIMIT_SHELF_BYTES},
        {.name = "shelf_minimum_bytes", .number = LIMIT_SHELF_MINIMUM_BYTES},
        {.name = "control_line_bytes", .number = LIMIT_CONTROL_LINE_BYTES},
        {.name = "control_clients", .number = LIMIT_CONTROL_CLIENTS},
        {.name = "control_rows", .number = LIMIT_CONTROL_ROWS},
    };
    return print_fields(cli, limits, sizeof(limits) / sizeof(limits[0]));
}

int verb_version(const struct cli *cli)
{
    static const struct control_field fields[] = {
        {.name = "sotto", .text = PACKAGE_VERSION},
        {.name = "libsodium", .text = SODIUM_BUILT},
        {.name = "x-wing", .text = XWING_BUILT},
        {.name = "libzmq", .text = ZMQ_BUILT},
        {.name = "msgpack-c", .text = MSGPACK_BUILT},
        {.name = "libuv", .text = UV_BUILT},
        {.name = "sqlite", .text = SQLITE_BUILT},
        {.name = "jansson", .text = JANSSON_BUILT},
        {.name = "inih", .text = INIH_BUILT},
        {.name = "libseccomp", .text = SECCOMP_BUILT},
        {.name = "libqrencode", .text = QRENCODE_BUILT},
    };
    size_t count = sizeof(fields) / sizeof(fields[0]);
    if (cli->json)
        return print_fields(cli, fields, count);
    printf("sotto %s\nbuilt with", PACKAGE_VERSION);
    for (size_t i = 1; i < count; i++)
        printf("%s %s %s", i > 1 ? "," : "", fields[i].name, fields[i].text);
    printf("\nGPL-3.0-or-later; there is no warranty\n");
    return EXIT_DONE;
}

static void print_option(enum option option)
{
    const struct option_rule *rule = option_rule(option);
    char name[48];
    snprintf(name, sizeof(name), "--%s%s%s", rule->name,
        rule->argument ? " " : "", rule->argument ? rule->argument : "");
    printf("  %-24s  %s\n", name, rule->help);
}

static void print_verb(const struct verb *verb)
{
    printf("usage: sotto %s%s%s%s\n\n%s.\n", verb->name,
        *verb->synopsis ? " " : "", verb->synopsis,
        verb->options ? " [OPTION...]" : "", verb->summary);
    if (verb->details)
        printf("\n%s\n", verb->details);
    printf("\n");
    for (int i = 0; i < OPTION_COUNT; i++)
        if ((verb->options | OPTIONS_EVERYWHERE) & OPTION_BIT(i))
            print_option((enum option)i);
}

/* One verb as a program wants it. */
static int print_verb_json(const struct verb *verb)
{
    struct span options[OPTION_COUNT];
    size_t count = 0;
    for (int i = 0; i < OPTION_COUNT; i++)
        if ((verb->options | OPTIONS_EVERYWHERE) & OPTION_BIT(i))
            options[count++] = span_of_text(option_rule((enum option)i)->name);
    const struct control_field fields[] = {
        {.name = "verb", .text = verb->name},
        {.name = "words", .text = verb->synopsis},
        {.name = "summary", .text = verb->summary},
        {.name = "options", .list = options, .number = count},
    };
    char *line = NULL;
    size_t size = 0;
    enum status status = control_fields_print(
        fields, sizeof(fields) / sizeof(fields[0]), &line, &size);
    return output_line(status, line, size);
}

static int print_overview_json(void)
{
    size_t count;
    const struct verb *verbs = verb_table(&count);
    int code = EXIT_DONE;
    for (size_t i = 0; i < count && !code; i++)
        code = print_verb_json(&verbs[i]);
    return code;
}

static void print_overview(void)
{
    printf("usage: sotto [--home DIR] [--json] VERB [WORD...] [OPTION...]\n\n");
    size_t count;
    const struct verb *verbs = verb_table(&count);
    for (size_t i = 0; i < count; i++) {
        char use[128];
        int size = snprintf(
            use, sizeof(use), "%s %s", verbs[i].name, verbs[i].synopsis);
        if (size > USE_WIDTH)
            printf("  %s\n  %-*s %s\n", use, USE_WIDTH, "", verbs[i].summary);
        else
            printf("  %-*s %s\n", USE_WIDTH, use, verbs[i].summary);
    }
    printf("\n`sotto help VERB` says more; sotto(1) is the manual.\n"
           "The node is sottod; it must run for all verbs but init, restore, "
           "panic, config,\nlimits, version, help and transcript verify or "
           "show.\n");
}

/* Help about VERB comes as `sotto help VERB` and as `sotto VERB --help`. */
int verb_help(const struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    const char *name = NULL;
    if (arguments->count && strcmp(arguments->verb, "help") == 0)
        name = arguments->words[0];
    else if (arguments->verb && strcmp(arguments->verb, "help") != 0)
        name = arguments->verb;
    if (!name && cli->json)
        return print_overview_json();
    if (!name) {
        print_overview();
        return EXIT_DONE;
    }
    const struct verb *verb = verb_find(name);
    if (!verb) {
        const char *meant = verb_nearest(name);
        return fail(EXIT_USAGE,
            "there is no verb %s%s%s%s (sotto help lists "
            "them)",
            name, meant ? "; did you mean " : "", meant ? meant : "",
            meant ? "?" : "");
    }
    bool of_word = strcmp(arguments->verb, "help") == 0 && arguments->count > 1;
    if (of_word && !verb_has_deed(verb, arguments->words[1]))
        return fail(EXIT_USAGE, "there is no %s %s (sotto help %s says more)",
            name, arguments->words[1], name);
    if (cli->json)
        return print_verb_json(verb);
    print_verb(verb);
    return EXIT_DONE;
}
