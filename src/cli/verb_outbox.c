/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox and recall: letters under way. */
#include <stdio.h>

#include "cli/ask.h"
#include "cli/output.h"
#include "cli/show.h"
#include "cli/verb.h"

static void print_page(
    const struct cli *cli, const struct control_reply *reply, bool is_first)
{
    if (is_first)
        show_outbox_heading(cli);
    for (size_t i = 0; i < reply->count; i++)
        show_outbox_item(&reply->outbox[i]);
}

int verb_outbox(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_OUTBOX};
    size_t count;
    int code =
        ask_pages(cli, &request, CONTROL_OUTBOX_ROWS, print_page, &count);
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
