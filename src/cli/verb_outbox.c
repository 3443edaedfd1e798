/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox and recall: letters under way. */
#include <stdio.h>

#include "cli/ask.h"
#include "cli/output.h"
#include "cli/show.h"
#include "cli/verb.h"

static int print_page(
    const struct cli *cli, const struct control_reply *reply, bool is_first)
{
    if (cli->json)
        return output_json(reply);
    if (is_first && reply->count)
        show_outbox_heading(cli);
    for (size_t i = 0; i < reply->count; i++)
        show_outbox_item(&reply->outbox[i]);
    return EXIT_DONE;
}

int verb_outbox(const struct cli *cli)
{
    struct client *client;
    int code = ask_open(cli, CONTROL_VAULT, &client);
    if (code)
        return code;
    struct control_request request = {.method = CONTROL_OUTBOX};
    size_t count = 0;
    do {
        struct control_message message;
        code = ask_on(client, &request, CONTROL_OUTBOX_ROWS, &message);
        if (code)
            break;
        request.cursor = message.reply.next;
        code = print_page(cli, &message.reply, count == 0);
        count += message.reply.count;
        control_message_clear(&message);
    } while (!code && request.cursor);
    client_close(client);
    if (!code && !count)
        hint(cli, "no letters under way");
    return code;
}

int verb_recall(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_RECALL,
        .letter = span_of_text(cli->arguments.words[0])};
    struct control_message message;
    int code = ask(cli, &request, CONTROL_SENT, &message);
    if (code)
        return code;
    if (cli->json)
        code = output_json(&message.reply);
    else
        printf("%s  %s\n", message.reply.sent.id,
            outbox_state_name(message.reply.sent.state));
    control_message_clear(&message);
    return code;
}
