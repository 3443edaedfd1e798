/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox and recall: letters under way. */
#include <stdio.h>

#include "cli/ask.h"
#include "cli/duration.h"
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

static void print_copies(
    const struct cli *cli, const struct control_reply *reply, bool is_first)
{
    if (is_first)
        printf("%s%-16s  %-9s  %-16s  %s%s\n", style_faint(cli), "WHO", "STATE",
            "SINCE", "FINGERPRINT", style_end(cli));
    for (size_t i = 0; i < reply->count; i++) {
        const struct control_copy *copy = &reply->copies[i];
        uint64_t since_s =
            copy->read_at_s ? copy->read_at_s : copy->delivered_at_s;
        char since[AMOUNT_CHARS] = "";
        if (since_s)
            time_print_s(since_s, since);
        show_person(copy->name, copy->fingerprint, 16);
        printf("  %-9s  %-16s  ", copy->state, since);
        output_fingerprint(copy->fingerprint);
        fputc('\n', stdout);
    }
}

int verb_outbox(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_OUTBOX};
    size_t count;
    if (cli->arguments.count && cli->arguments.words[0][0] == '\0')
        return fail(
            EXIT_NOT_FOUND, "no letter has that id; `sotto outbox` lists them");
    if (cli->arguments.count) {
        request.letter = span_of_text(cli->arguments.words[0]);
        return ask_pages(
            cli, &request, CONTROL_COPY_ROWS, print_copies, &count);
    }
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
