/* SPDX-License-Identifier: GPL-3.0-or-later */
/* id, add and contacts: who I am, and whom I know. */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/qr.h"
#include "cli/verb.h"
#include "proto/card.h"

enum { CARD_FILE_BYTES = 4096 };

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

/* The card's text, from the command line, standard input or a file; whether
 * its signature holds is the vault's to say. */
static int get_card(const char *word, char out[static INVITE_TEXT_CHARS + 1])
{
    char held[CARD_FILE_BYTES + 1];
    const char *text = word;
    if (strcmp(word, "-") == 0 || word[0] == '@') {
        size_t size;
        int code = word[0] == '@'
                       ? input_file(word + 1, held, CARD_FILE_BYTES, &size)
                       : input_stream(
                             0, "standard input", held, CARD_FILE_BYTES, &size);
        if (code)
            return code;
        if (size > CARD_FILE_BYTES)
            return fail(EXIT_USAGE,
                "that is too much text for a card, which "
                "has %d characters",
                CARD_TEXT_CHARS);
        held[size] = '\0';
        text = held;
    }
    struct card card;
    struct invite invite;
    if (card_from_text(text, &card) == STATUS_OK)
        card_to_text(&card, out);
    else if (invite_from_text(text, &invite) == STATUS_OK)
        invite_to_text(&invite, out);
    else if (card_text_suite(text))
        return fail(EXIT_REFUSED,
            "this card is of a kind that this version does not know (suite "
            "%d): a newer sotto made it, or it was damaged on its way",
            card_text_suite(text));
    else
        return fail(EXIT_USAGE,
            "that is no card: one begins with sotto: and has %d characters, "
            "an invite %d (the other person's `sotto id` prints it)",
            CARD_TEXT_CHARS, INVITE_TEXT_CHARS);
    return EXIT_DONE;
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
    int code = get_card(arguments->words[1], card);
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
        printf("%s%-16s  %-10s  %-10s  %s%s\n", style_faint(cli), "NAME",
            "STATE", "SESSION", "FINGERPRINT", style_end(cli));
    for (size_t i = 0; i < reply->count; i++) {
        const struct control_contact *contact = &reply->contacts[i];
        fputs(style_bold(cli), stdout);
        output_name(contact->name, 16);
        printf("%s  %-10s  %-10s  ", style_end(cli), contact->state,
            contact->blocked ? "blocked" : contact->session);
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
