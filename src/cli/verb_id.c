/* SPDX-License-Identifier: GPL-3.0-or-later */
/* id: who I am, and the invites that I have given out. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/ask.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/qr.h"
#include "cli/verb.h"
#include "proto/card.h"

static void print_invites(
    const struct cli *cli, const struct control_reply *reply, bool is_first)
{
    if (is_first)
        printf("%s%-8s  %-16s  %s%s\n", style_faint(cli), "INVITE", "MADE",
            "GOOD UNTIL", style_end(cli));
    for (size_t i = 0; i < reply->count; i++) {
        const struct control_invite *invite = &reply->invites[i];
        char made[AMOUNT_CHARS], expires[AMOUNT_CHARS];
        time_print_s(invite->made_at_s, made);
        time_print_s(invite->expires_at_s, expires);
        printf("%-8" PRIu64 "  %-16s  %s\n", invite->number, made, expires);
    }
}

static int list_invites(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_INVITES};
    size_t count;
    int code =
        ask_pages(cli, &request, CONTROL_INVITE_ROWS, print_invites, &count);
    if (!code && !count)
        hint(cli, "no invite is out (sotto id --invite makes one)");
    return code;
}

static int void_invite(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_INVITE_VOID};
    struct complaint why;
    if (arguments_number(&cli->arguments, OPTION_VOID, &request.number, &why))
        return fail(EXIT_USAGE, "%s", why.text);
    return ask_done(cli, &request);
}

/* A picture may need all lines that there are: nothing is said below it. */
static int print_card(
    const struct cli *cli, const struct control_card *card, bool picture)
{
    char expires[AMOUNT_CHARS];
    if (picture)
        return qr_draw(cli, card->card);
    printf("%s\n", card->card);
    time_print_s(card->expires_at_s, expires);
    if (card->invite)
        hint(cli,
            "(invite %" PRIu64 ", for one person, until %s; sotto id --void "
            "%" PRIu64 " destroys it)",
            card->invite, expires, card->invite);
    return EXIT_DONE;
}

/* A picture that does not fit is refused before an invite is made for it. */
static int show_card(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_ID,
        .invite = arguments_has(&cli->arguments, OPTION_INVITE)};
    bool picture = arguments_has(&cli->arguments, OPTION_QR);
    if (picture && cli->json)
        return fail(
            EXIT_USAGE, "--qr draws for eyes, and --json prints for programs");
    size_t chars = request.invite ? INVITE_TEXT_CHARS : CARD_TEXT_CHARS;
    int code = picture ? qr_check_room(cli, chars) : EXIT_DONE;
    if (code)
        return code;
    struct control_message message;
    code = ask(cli, &request, CONTROL_CARD, &message);
    if (code)
        return code;
    code = cli->json ? output_json(&message.reply)
                     : print_card(cli, &message.reply.card, picture);
    control_message_clear(&message);
    if (code || !request.invite)
        return code;
    return output_done("an invite was made all the same (sotto id --invites "
                       "lists it, and --void destroys it)");
}

int verb_id(const struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    bool lists = arguments_has(arguments, OPTION_INVITES);
    bool voids = arguments_has(arguments, OPTION_VOID);
    bool makes = arguments_has(arguments, OPTION_INVITE) ||
                 arguments_has(arguments, OPTION_QR);
    if (lists + voids + makes > 1)
        return fail(EXIT_USAGE, "a card or an invite is made (--invite, --qr), "
                                "or invites are listed (--invites), or one is "
                                "destroyed (--void N): one at a time");
    if (lists)
        return list_invites(cli);
    return voids ? void_invite(cli) : show_card(cli);
}
