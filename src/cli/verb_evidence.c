/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evidential: whether letters to and from a contact are signed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/show.h"
#include "cli/verb.h"

static void print_state(
    const struct cli *cli, const struct control_evidence *evidence)
{
    char since[AMOUNT_CHARS];
    if (strcmp(evidence->change, "none") != 0) {
        show_evidence_change(evidence);
        fputc('\n', stdout);
        return;
    }
    fputs(style_bold(cli), stdout);
    output_name(evidence->name, 0);
    printf("%s  %s", style_end(cli), show_evidence_state(evidence->state));
    time_print_s(evidence->since_s, since);
    if (evidence->since_s)
        printf(" since %s", since);
    if (evidence->conversation[0])
        printf("  %s%.16s%s", style_faint(cli), evidence->conversation,
            style_end(cli));
    printf("\nsigned letters: %" PRIu64 " by you, %" PRIu64 " by them",
        evidence->written, evidence->received);
    if (evidence->missing)
        printf(", and %" PRIu64 " of theirs missing", evidence->missing);
    fputc('\n', stdout);
}

int verb_evidential(const struct cli *cli)
{
    const struct arguments *arguments = &cli->arguments;
    struct control_request request = {
        .method = CONTROL_EVIDENCE, .name = span_of_text(arguments->words[0])};
    const char *word = arguments->count > 1 ? arguments->words[1] : NULL;
    if (word && strcmp(word, "on") == 0)
        request.method = CONTROL_EVIDENCE_ON;
    else if (word && strcmp(word, "off") == 0)
        request.method = CONTROL_EVIDENCE_OFF;
    else if (word)
        return fail(EXIT_USAGE,
            "letters are made evidential with on, and deniable with off; "
            "without either, it is shown how they are");
    struct control_message message;
    int code = ask(cli, &request, CONTROL_EVIDENCE_STATE, &message);
    if (code)
        return code;
    if (cli->json)
        code = output_json(&message.reply);
    else
        print_state(cli, &message.reply.evidence);
    control_message_clear(&message);
    return code;
}
