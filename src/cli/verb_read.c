/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read: page after page of the inbox.  The vault marks a page as read when it
 * answers; should the page then not reach its reader, --all still has it, and
 * the person is told so. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/ask.h"
#include "cli/output.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "platform/clock.h"

static int print_page(const struct cli *cli, const struct control_reply *reply)
{
    int code = EXIT_DONE;
    if (cli->json)
        code = output_json(reply);
    else
        for (size_t i = 0; i < reply->count; i++)
            show_letter(cli, &reply->letters[i]);
    if (code || !reply->count || arguments_has(&cli->arguments, OPTION_PEEK))
        return code;
    return output_done("the letters are marked read all the same (sotto read "
                       "--all shows them)");
}

/* Whether a letter is from somebody who is no contact, to this person alone. */
static bool is_uncalled(const struct control_letter *letter)
{
    return !letter->from.size && !letter->group.size;
}

static bool any_uncalled(const struct control_reply *reply)
{
    size_t i = 0;
    while (i < reply->count && !is_uncalled(&reply->letters[i]))
        i++;
    return i < reply->count;
}

/* Strangers' first letters are in nobody's inbox: who waits for one finds
 * nothing here. */
static void hint_requests(const struct cli *cli)
{
    struct control_message message;
    uint64_t deadline_ms = clock_now_ms() + ANSWER_PATIENCE_MS;
    if (ask_status(cli, CONTROL_VAULT, deadline_ms, &message))
        return;
    uint64_t count = message.reply.vault.requests;
    if (count)
        hint(cli,
            "%" PRIu64 " %s written first, whom you have not accepted "
            "(sotto requests)",
            count, count == 1 ? "stranger has" : "strangers have");
    control_message_clear(&message);
}

/* Ask for page after page, until there are no more or limit letters came. */
static int read_pages(const struct cli *cli, struct client *client,
    struct control_request *request, uint64_t limit)
{
    uint64_t count = 0;
    int code = EXIT_DONE;
    bool has_uncalled = false;
    do {
        uint64_t left = limit - count;
        request->limit = left < LIMIT_CONTROL_ROWS ? left : LIMIT_CONTROL_ROWS;
        struct control_message message;
        code = ask_on(client, request, CONTROL_LETTER_ROWS, &message);
        if (code)
            return code;
        count += message.reply.count;
        request->cursor = message.reply.next;
        has_uncalled |= any_uncalled(&message.reply);
        code = print_page(cli, &message.reply);
        control_message_clear(&message);
    } while (!code && request->cursor && count < limit);
    if (!code && !count) {
        hint(cli, "no %sletters", request->all ? "" : "unread ");
        hint_requests(cli);
    }
    if (!code && has_uncalled)
        hint(cli, "(who is shown by a fingerprint is a member of a group of "
                  "yours and no contact: sotto\naccept FINGERPRINT NEWNAME "
                  "makes them one, sotto block FINGERPRINT ends it)");
    return code;
}

int verb_read(const struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    struct complaint why;
    uint64_t limit = UINT64_MAX;
    if (arguments_number(arguments, OPTION_LIMIT, &limit, &why))
        return fail(EXIT_USAGE, "%s", why.text);
    if (limit == 0)
        return fail(EXIT_USAGE, "--limit needs at least 1");
    struct control_request request = {.method = CONTROL_READ,
        .all = arguments_has(arguments, OPTION_ALL),
        .peek = arguments_has(arguments, OPTION_PEEK)};
    if (arguments->count)
        request.name = span_of_text(arguments->words[0]);
    struct client *client;
    int code = ask_open(cli, CONTROL_VAULT, &client);
    if (code)
        return code;
    code = read_pages(cli, client, &request, limit);
    client_close(client);
    return code;
}
