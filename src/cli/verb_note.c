/* SPDX-License-Identifier: GPL-3.0-or-later */
/* note: the locked notebook.  The text of a note goes from standard input to
 * the vault, and back from there, without a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "platform/clock.h"

enum { SHORT_ID_CHARS = 12 };

static void print_burn(const struct control_memo *note)
{
    char left[AMOUNT_CHARS];
    uint64_t now_s = clock_wall_s();
    if (!note->burns_at_s)
        return;
    duration_print_s(
        note->burns_at_s > now_s ? note->burns_at_s - now_s : 0, left);
    printf("  burns in %s", left);
}

static void print_page(
    const struct cli *cli, const struct control_reply *reply, bool is_first)
{
    (void)is_first;
    for (size_t i = 0; i < reply->count; i++) {
        const struct control_memo *note = &reply->memos[i];
        char made[AMOUNT_CHARS], bytes[AMOUNT_CHARS];
        time_print_s(note->made_at_s, made);
        bytes_print(note->text_bytes, bytes);
        printf("%.*s  %s%s  %9s%s  ", SHORT_ID_CHARS, note->id,
            style_faint(cli), made, bytes, style_end(cli));
        output_name(note->title, 0);
        print_burn(note);
        printf("\n");
    }
}

static int list(const struct cli *cli)
{
    struct control_request request = {.method = CONTROL_MEMO_LIST};
    size_t count;
    int code = ask_pages(cli, &request, CONTROL_MEMO_ROWS, print_page, &count);
    if (!code && !count)
        hint(cli, "no notes");
    return code;
}

/* A request that is answered with one note; the text alone is printed when it
 * was what was asked for, so that it can go into a file. */
static int ask_one(const struct cli *cli, struct control_request *request)
{
    struct control_message message;
    int code = ask(cli, request, CONTROL_MEMO_ROWS, &message);
    if (code)
        return code;
    const struct control_memo *note = message.reply.memos;
    if (message.reply.count != 1)
        code = fail(EXIT_BUG, "the node answered with no note");
    else if (cli->json)
        code = output_json(&message.reply);
    else if (request->method == CONTROL_MEMO_ADD)
        printf("%s\n", note->id);
    else
        fwrite(note->text.data, 1, note->text.size, stdout);
    if (!code && !cli->json && cli->terminal && note->text.size &&
        note->text.data[note->text.size - 1] != '\n')
        printf("\n");
    control_message_clear(&message);
    return code;
}

static int add(const struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    struct control_request request = {.method = CONTROL_MEMO_ADD};
    char *held = malloc(LIMIT_TEXT_BYTES);
    int code =
        held ? text_burn_s(cli, &request.burn_s) : fail(EXIT_BUG, "no memory");
    if (!code)
        code = text_get(cli, arguments->count > 1 ? arguments->words[1] : "-",
            "note", held, &request.text);
    if (!code)
        code = ask_one(cli, &request);
    if (!code)
        code = output_done("the note is kept all the same (sotto note list "
                           "shows it)");
    if (held)
        explicit_bzero(held, LIMIT_TEXT_BYTES);
    free(held);
    return code;
}

static int with_id(const struct cli *cli, enum control_method method)
{
    struct control_request request = {
        .method = method, .note = span_of_text(cli->arguments.words[1])};
    return method == CONTROL_MEMO_READ ? ask_one(cli, &request)
                                       : ask_done(cli, &request);
}

int verb_note(const struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    const char *word = arguments->words[0];
    bool burns = arguments_has(arguments, OPTION_BURN);
    bool named = arguments->count == 2;
    if (strcmp(word, "add") == 0)
        return add(cli);
    if (burns)
        return fail(EXIT_USAGE, "--burn goes with sotto note add");
    if (strcmp(word, "list") == 0 && !named)
        return list(cli);
    if (strcmp(word, "read") == 0 && named)
        return with_id(cli, CONTROL_MEMO_READ);
    if (strcmp(word, "remove") == 0 && named)
        return with_id(cli, CONTROL_MEMO_REMOVE);
    return fail(EXIT_USAGE, "a note is written with sotto note add [TEXT|-], "
                            "and found with list, read ID and remove ID");
}
