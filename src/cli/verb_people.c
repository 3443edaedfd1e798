/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verify, rename, receipts, block, unblock, remove: what I decide about the
 * people I know. */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/output.h"
#include "cli/show.h"
#include "cli/verb.h"

/* Four groups of five digits a line. */
static void print_number(const struct cli *cli, const char *number)
{
    enum { GROUP = 5, LINE = 4 * GROUP };
    for (size_t i = 0; i < strlen(number); i += GROUP) {
        if (i % LINE == 0)
            printf("%s%s%s", i ? style_end(cli) : "",
                i ? "\n              " : "number        ", style_bold(cli));
        printf(
            "%.*s%s", GROUP, number + i, (i + GROUP) % LINE == 0 ? "" : "  ");
    }
    printf("%s\n", style_end(cli));
}

static void print_safety(
    const struct cli *cli, const struct control_safety *safety)
{
    bool changed = strcmp(safety->fingerprint, safety->known) != 0;
    printf("name          ");
    output_name(safety->name, 0);
    printf("\nstate         %s\n", safety->state);
    print_number(cli, safety->number);
    printf("%s", changed ? "new key       " : "fingerprint   ");
    output_fingerprint(safety->fingerprint);
    if (changed) {
        printf("\nknown key     ");
        output_fingerprint(safety->known);
    }
    fputc('\n', stdout);
    if (changed)
        printf("\nThe key has changed: the number is that of the new key.  If "
               "they see the same\none, --confirm takes it; if not, `sotto "
               "decline` keeps the known key.\n");
    else if (strcmp(safety->state, "verified") == 0)
        printf("\nThis number was confirmed before.\n");
    else
        printf("\nThey see the same number, or somebody is between you: "
               "compare it by a way that\nyou trust, such as a voice you know, "
               "then add --confirm to this command.\n");
}

int verb_verify(const struct cli *cli)
{
    struct control_request request = {
        .method = CONTROL_VERIFY,
        .name = span_of_text(cli->arguments.words[0]),
        .confirm = arguments_has(&cli->arguments, OPTION_CONFIRM),
    };
    struct control_message message;
    int code = ask(cli, &request, CONTROL_SAFETY, &message);
    if (code)
        return code;
    const struct control_safety *safety = &message.reply.safety;
    if (cli->json)
        code = output_json(&message.reply);
    else if (!safety->confirmed)
        print_safety(cli, safety);
    else {
        printf("verified      %s", style_bold(cli));
        output_name(safety->name, 0);
        printf("%s\nfingerprint   ", style_end(cli));
        output_fingerprint(safety->fingerprint);
        fputc('\n', stdout);
    }
    control_message_clear(&message);
    return code;
}

/* Ask what is answered with the contact as they are then, which only JSON has
 * a use for. */
static int change(const struct cli *cli, struct control_request *request)
{
    request->name = span_of_text(cli->arguments.words[0]);
    return ask_quietly(cli, request, CONTROL_CONTACT_ROWS);
}

int verb_rename(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_RENAME,
        .new_name = span_of_text(cli->arguments.words[1])};
    return change(cli, &request);
}

static bool is_pace(const char *word)
{
    return strcmp(word, "prompt") == 0 || strcmp(word, "discreet") == 0 ||
           strcmp(word, "default") == 0;
}

int verb_receipts(const struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    const char *word = arguments->count > 1 ? arguments->words[1] : "";
    if (arguments->count > 1 && !is_pace(word))
        return fail(EXIT_USAGE,
            "receipts are prompt, discreet or default; without a word, it is "
            "shown which");
    struct control_request request = {.method = CONTROL_RECEIPTS,
        .name = span_of_text(arguments->words[0]),
        .receipts = span_of_text(word)};
    struct control_message message;
    int code = ask(cli, &request, CONTROL_CONTACT_ROWS, &message);
    if (code)
        return code;
    const struct control_contact *contact = message.reply.contacts;
    if (cli->json)
        code = output_json(&message.reply);
    else if (message.reply.count) {
        fputs(style_bold(cli), stdout);
        output_name(contact->name, 0);
        printf("%s  %s\n", style_end(cli), show_receipts(contact->receipts));
    }
    control_message_clear(&message);
    return code;
}

int verb_block(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_BLOCK};
    return change(cli, &request);
}

int verb_unblock(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_UNBLOCK};
    return change(cli, &request);
}

int verb_remove(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_REMOVE,
        .name = span_of_text(cli->arguments.words[0])};
    return ask_done(cli, &request);
}
