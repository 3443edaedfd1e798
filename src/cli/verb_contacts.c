/* SPDX-License-Identifier: GPL-3.0-or-later */
/* id, add and contacts: who I am, and whom I know. */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/card_word.h"
#include "cli/output.h"
#include "cli/qr.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "proto/card.h"

/* A picture that does not fit is refused before an invite is made for it. */
int verb_id(const struct cli *cli)
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
    if (cli->json)
        code = output_json(&message.reply);
    else if (picture)
        code = qr_draw(cli, message.reply.card.card);
    else
        printf("%s\n", message.reply.card.card);
    control_message_clear(&message);
    return code;
}

static void print_added(
    const struct cli *cli, const struct control_contact *contact)
{
    printf("added         %s", style_bold(cli));
    output_name(contact->name, 0);
    printf("%s\nfingerprint   ", style_end(cli));
    output_fingerprint(contact->fingerprint);
    printf("\nverified      the card is whole, and was signed with the key in "
           "it\n");
    if (strcmp(contact->state, "invited") == 0)
        printf("invited       the key is theirs as surely as you had the "
               "invite from them alone\n");
    else
        printf("not verified  that this key is theirs: compare the fingerprint "
               "with them by a\n"
               "              way that you trust, such as a voice you know\n");
}

int verb_add(const struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    char card[INVITE_TEXT_CHARS + 1];
    int code = card_word_read(arguments->words[1], card);
    if (code)
        return code;
    struct control_request request = {.method = CONTROL_ADD,
        .name = span_of_text(arguments->words[0]),
        .card = span_of_text(card)};
    struct control_message message;
    code = ask(cli, &request, CONTROL_CONTACT_ROWS, &message);
    if (code)
        return code;
    if (cli->json)
        code = output_json(&message.reply);
    else if (message.reply.count)
        print_added(cli, &message.reply.contacts[0]);
    control_message_clear(&message);
    return code;
}

static void print_contacts(
    const struct cli *cli, const struct control_reply *reply, bool is_first)
{
    if (is_first)
        printf("%s%-16s  %-10s  %-10s  %-16s  %s%s\n", style_faint(cli), "NAME",
            "STATE", "SESSION", "LETTERS", "FINGERPRINT", style_end(cli));
    for (size_t i = 0; i < reply->count; i++) {
        const struct control_contact *contact = &reply->contacts[i];
        fputs(style_bold(cli), stdout);
        output_name(contact->name, 16);
        printf("%s  %-10s  %-10s  %-16s  ", style_end(cli), contact->state,
            contact->blocked ? "blocked" : contact->session,
            show_evidence_state(contact->evidence));
        output_fingerprint(contact->fingerprint);
        fputc('\n', stdout);
    }
}

int verb_contacts(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_CONTACTS};
    size_t count;
    int code =
        ask_pages(cli, &request, CONTROL_CONTACT_ROWS, print_contacts, &count);
    if (!code && !count)
        hint(cli, "no contacts yet (sotto add NAME CARD)");
    return code;
}
