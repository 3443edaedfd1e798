/* SPDX-License-Identifier: GPL-3.0-or-later */
/* requests, accept, decline: strangers who wait, in silence. */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/verb.h"

static void print_requests(
    const struct cli *cli, const struct control_reply *reply, bool is_first)
{
    if (is_first)
        printf("%s%-16s  %-16s  %s%s\n", style_faint(cli), "CAME", "KEPT UNTIL",
            "FINGERPRINT", style_end(cli));
    for (size_t i = 0; i < reply->count; i++) {
        const struct control_stranger *stranger = &reply->strangers[i];
        char came[AMOUNT_CHARS], forgotten[AMOUNT_CHARS];
        time_print_s(stranger->came_at_s, came);
        time_print_s(stranger->forgotten_at_s, forgotten);
        printf("%-16s  %-16s  ", came, forgotten);
        output_fingerprint(stranger->fingerprint);
        printf("%s\n", stranger->invited ? "  invited" : "");
    }
}

int verb_requests(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_REQUESTS};
    size_t count;
    int code =
        ask_pages(cli, &request, CONTROL_REQUEST_ROWS, print_requests, &count);
    if (!code && !count)
        hint(cli, "no requests");
    else if (!code)
        hint(cli, "(sotto accept FINGERPRINT NEWNAME, or sotto decline "
                  "FINGERPRINT; 8 digits will do)");
    return code;
}

/* What makes this key theirs, as far as it is known. */
static void print_known(const struct control_contact *contact)
{
    if (strcmp(contact->state, "invited") == 0)
        printf(
            "\ninvited       they came through an invite of yours, met face "
            "to face: it is\n              them as surely as nobody else had "
            "it\n");
    else
        printf("\nnot verified  that this key is theirs: see `sotto verify`\n");
}

int verb_accept(const struct cli *cli)
{
    struct control_request request = {
        .method = CONTROL_ACCEPT,
        .name = span_of_text(cli->arguments.words[0]),
        .new_name = span_of_text(cli->arguments.words[1]),
    };
    struct control_message message;
    int code = ask(cli, &request, CONTROL_CONTACT_ROWS, &message);
    if (code)
        return code;
    if (cli->json)
        code = output_json(&message.reply);
    else if (message.reply.count) {
        printf("accepted      %s", style_bold(cli));
        output_name(message.reply.contacts[0].name, 0);
        printf("%s\nfingerprint   ", style_end(cli));
        output_fingerprint(message.reply.contacts[0].fingerprint);
        print_known(&message.reply.contacts[0]);
    }
    control_message_clear(&message);
    return code;
}

int verb_decline(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_DECLINE,
        .name = span_of_text(cli->arguments.words[0])};
    return ask_done(cli, &request);
}
