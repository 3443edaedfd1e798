/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox and recall: letters under way.
 *
 * Of a letter to several, who has it is asked once it is recalled: so nobody is
 * left out whose receipt came before that. */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/show.h"
#include "cli/verb.h"

static bool has_it(const struct control_copy *copy)
{
    return strcmp(copy->state, "delivered") == 0 ||
           strcmp(copy->state, "read") == 0;
}

/* "already with bo, <1f2e3d4c>", or nothing. */
static size_t print_holders(const struct control_reply *copies)
{
    size_t count = 0;
    for (size_t i = 0; i < copies->count; i++) {
        const struct control_copy *copy = &copies->copies[i];
        if (!has_it(copy))
            continue;
        fputs(count++ ? ", " : "already with ", stdout);
        show_person(copy->name, copy->fingerprint, 0);
    }
    return count;
}

static int ask_copies(
    const struct cli *cli, const char *id, struct control_message *out)
{
    struct control_request request = {
        .method = CONTROL_OUTBOX, .letter = span_of_text(id)};
    return ask(cli, &request, CONTROL_COPY_ROWS, out);
}

/* A letter that some of a group have, and the rest will not get. */
static bool is_cut_short(const struct control_outbox_item *item)
{
    return item->group_id[0] && item->delivered_to &&
           item->delivered_to < item->copies &&
           (item->state == OUTBOX_RECALLED || item->state == OUTBOX_EXPIRED);
}

static void print_cut_short(const struct cli *cli, const char *id)
{
    struct control_message message;
    if (ask_copies(cli, id, &message))
        return; /* which has been said */
    fputs("    ", stdout);
    print_holders(&message.reply);
    fputc('\n', stdout);
    control_message_clear(&message);
}

static void print_page(
    const struct cli *cli, const struct control_reply *reply, bool is_first)
{
    if (is_first)
        show_outbox_heading(cli);
    for (size_t i = 0; i < reply->count; i++) {
        show_outbox_item(&reply->outbox[i]);
        if (is_cut_short(&reply->outbox[i]))
            print_cut_short(cli, reply->outbox[i].id);
    }
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

static int print_recalled_json(
    const struct control_reply *letter, const struct control_reply *copies)
{
    struct span holders[LIMIT_CONTROL_ROWS];
    size_t count = 0;
    for (size_t i = 0; i < copies->count; i++) {
        const struct control_copy *copy = &copies->copies[i];
        if (has_it(copy))
            holders[count++] =
                copy->name.size ? copy->name : span_of_text(copy->fingerprint);
    }
    const struct control_field fields[] = {
        {.name = "id", .text = letter->sent.id},
        {.name = "state", .text = outbox_state_name(letter->sent.state)},
        {.name = "evidence", .text = letter->sent.evidence},
        {.name = "copies", .number = copies->count},
        {.name = "already_with", .list = holders, .number = count},
    };
    char *line = NULL;
    size_t size = 0;
    enum status status = control_fields_print(
        fields, sizeof(fields) / sizeof(fields[0]), &line, &size);
    return output_line(status, line, size);
}

static void print_recalled(
    const struct control_reply *letter, const struct control_reply *copies)
{
    printf("%s  %s\n", letter->sent.id, outbox_state_name(letter->sent.state));
    if (copies->count < 2)
        return;
    if (print_holders(copies))
        printf("; the rest will not get it, unless it has reached them\n");
    else
        printf("nobody has said that they have it\n");
}

int verb_recall(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_RECALL,
        .letter = span_of_text(cli->arguments.words[0])};
    struct control_message message, copies;
    int code = ask(cli, &request, CONTROL_SENT, &message);
    if (code)
        return code;
    code = ask_copies(cli, message.reply.sent.id, &copies);
    if (code) {
        control_message_clear(&message);
        return code;
    }
    if (cli->json)
        code = print_recalled_json(&message.reply, &copies.reply);
    else
        print_recalled(&message.reply, &copies.reply);
    control_message_clear(&copies);
    control_message_clear(&message);
    return code;
}
