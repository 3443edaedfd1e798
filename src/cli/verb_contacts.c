/* SPDX-License-Identifier: GPL-3.0-or-later */
/* add and contacts: whom I know. */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/card_word.h"
#include "cli/output.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "proto/card.h"

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

/* What can be known of a first contact that nobody has answered. */
static void print_silence(const struct control_contact *contact)
{
    bool is_over = strcmp(contact->session, "unanswered") == 0;
    bool is_invited = strcmp(contact->state, "invited") == 0;
    if (is_over)
        printf("    nobody has answered, and nobody can any more: ask them for "
               "a fresh %s\n",
            is_invited ? "invite" : "card");
    else if (is_invited && strcmp(contact->session, "contacting") == 0)
        printf("    no answer yet; an invite works once, for one person: if "
               "this lasts, another\n    has used it, or it is void: ask for a "
               "new one\n");
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
        if (!contact->blocked)
            print_silence(contact);
        if (strcmp(contact->receipts, "default") != 0)
            printf("    %s\n", show_receipts(contact->receipts));
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
