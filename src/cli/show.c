/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How letters look to a person.  Ids are cut to what `recall` needs to find
 * them; --json has them whole. */
#include "cli/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/duration.h"
#include "cli/escape.h"
#include "cli/output.h"
#include "platform/clock.h"

enum { SHORT_ID_CHARS = 12, NAME_WIDTH = 16, PRINT_CHARS = 8 };

void show_person(struct span name, const char *fingerprint, unsigned width)
{
    char print[PRINT_CHARS + 3];
    if (name.size) {
        output_name(name, width);
        return;
    }
    snprintf(print, sizeof(print), "<%.*s>", PRINT_CHARS, fingerprint);
    output_name(span_of_text(print), width);
}

/* What is to be known of a letter that came through a group. */
static void show_group(
    const struct cli *cli, const struct control_letter *letter)
{
    if (!letter->group.size)
        return;
    fputs(" in ", stdout);
    fputs(style_bold(cli), stdout);
    output_name(letter->group, 0);
    fputs(style_end(cli), stdout);
    if (strcmp(letter->view, "old") == 0)
        fputs("  written without knowing who has gone", stdout);
    else if (strcmp(letter->view, "unknown") == 0)
        fputs("  its writer knows other members than you", stdout);
}

/* What a burn timer means for this letter, or nothing. */
static void show_burn(const struct control_letter *letter)
{
    char left[AMOUNT_CHARS];
    uint64_t now_s = clock_wall_s();
    if (letter->burns_at_s) {
        uint64_t burns_at_s = letter->burns_at_s;
        duration_print_s(burns_at_s > now_s ? burns_at_s - now_s : 0, left);
        printf("  burns in %s", left);
    } else if (letter->burn_s) {
        duration_print_s(letter->burn_s, left);
        printf("  burns %s after reading", left);
    }
}

/* What the letter is to others who are shown it. */
static void show_evidence(const struct control_letter *letter)
{
    printf("  %s", letter->evidence);
    if (strcmp(letter->evidence, "evidential") == 0)
        printf(" (letter %" PRIu64 ")", letter->number);
    else if (strcmp(letter->evidence, "unproven") == 0)
        printf(" (its signature or place does not hold: it proves nothing)");
}

static unsigned percent(uint64_t done, uint64_t bytes)
{
    return bytes ? (unsigned)(done * 100 / bytes) : 100;
}

/* The file that came with a letter, if one did. */
static void show_attached(
    const struct cli *cli, const struct control_letter *letter)
{
    char size[AMOUNT_CHARS];
    if (!letter->file.size)
        return;
    bytes_print(letter->file_bytes, size);
    printf("    %sfile ", style_faint(cli));
    output_name(letter->file, 0);
    printf(", %s: ", size);
    if (strcmp(letter->file_state, "whole") == 0)
        printf("here (sotto file get %.*s)", SHORT_ID_CHARS, letter->id);
    else if (strcmp(letter->file_state, "refused") == 0)
        printf("refused for its %s", letter->file_reason);
    else if (strcmp(letter->file_state, "gone") == 0)
        printf("no more here");
    else
        printf("%s, %u%% here", letter->file_state,
            percent(letter->file_done, letter->file_bytes));
    printf("%s\n", style_end(cli));
}

void show_letter(const struct cli *cli, const struct control_letter *letter)
{
    char sent[AMOUNT_CHARS];
    time_print_s(letter->sent_at_s, sent);
    fputs(style_bold(cli), stdout);
    show_person(letter->from, letter->fingerprint, 0);
    fputs(style_end(cli), stdout);
    show_group(cli, letter);
    printf("  %s%s  %.*s  %.8s", style_faint(cli), sent, SHORT_ID_CHARS,
        letter->id, letter->fingerprint);
    show_evidence(letter);
    show_burn(letter);
    printf("%s\n", style_end(cli));
    show_attached(cli, letter);
    if (letter->text.size || !letter->file.size)
        escape_text(stdout, letter->text, "    ");
}

void show_outbox_heading(const struct cli *cli)
{
    printf("%s%-*s  %-*s  %-9s  %6s  %7s  %-16s  %-16s  %s%s\n",
        style_faint(cli), SHORT_ID_CHARS, "ID", NAME_WIDTH, "TO", "STATE",
        "PEERS", "HAVE IT", "SENT", "EXPIRES", "LETTER", style_end(cli));
}

static void show_sent_file(const struct control_outbox_item *item)
{
    char size[AMOUNT_CHARS];
    if (!item->file.size)
        return;
    bytes_print(item->file_bytes, size);
    printf("  file ");
    output_name(item->file, 0);
    printf(", %u%% of %s", percent(item->file_done, item->file_bytes), size);
}

void show_outbox_item(const struct control_outbox_item *item)
{
    char sent[AMOUNT_CHARS], expires[AMOUNT_CHARS];
    time_print_s(item->sent_at_s, sent);
    time_print_s(item->expires_at_s, expires);
    printf("%.*s  ", SHORT_ID_CHARS, item->id);
    output_name(item->to, NAME_WIDTH);
    char have[48];
    snprintf(have, sizeof(have), "%" PRIu64 " of %" PRIu64, item->delivered_to,
        item->copies);
    printf("  %-9s  %6" PRIu64 "  %7s  %-16s  %-16s  %s",
        outbox_state_name(item->state), item->handed_to, have, sent, expires,
        item->evidence);
    if (item->stamp_bits > 0)
        printf(", waits for a stamp of %" PRIu64 " bits", item->stamp_bits);
    show_sent_file(item);
    printf("\n");
}

/* Files. */

enum { BAR_CHARS = 10 };

static void show_bar(uint64_t done, uint64_t bytes)
{
    for (unsigned i = 0; i < BAR_CHARS; i++)
        fputc(i * 10 < percent(done, bytes) ? '#' : '.', stdout);
}

void show_file(const struct cli *cli, const struct control_file *file)
{
    char size[AMOUNT_CHARS], expires[AMOUNT_CHARS];
    bool goes_on = strcmp(file->state, "sending") == 0 ||
                   strcmp(file->state, "arriving") == 0;
    bytes_print(file->bytes, size);
    time_print_s(goes_on ? file->expires_at_s : 0, expires);
    printf("%.*s  %-3s  ", SHORT_ID_CHARS, file->id, file->direction);
    show_person(file->who, file->fingerprint, NAME_WIDTH);
    printf("  %-9s  %3u%%  %9s  %-16s  ", file->state,
        percent(file->done, file->bytes), size, expires);
    output_name(file->name, 0);
    if (*file->reason)
        printf("  (%s)", file->reason);
    if (goes_on && cli->terminal) {
        printf("  ");
        show_bar(file->done, file->bytes);
    }
    printf("\n");
}

/* Agreements. */

const char *show_evidence_state(const char *state)
{
    if (strcmp(state, "proposed-by-you") == 0)
        return "proposed by you";
    if (strcmp(state, "proposed-by-them") == 0)
        return "proposed by them";
    return state;
}

const char *show_receipts(const char *word)
{
    if (strcmp(word, "prompt") == 0)
        return "receipts are prompt: about a second after a letter has come";
    if (strcmp(word, "discreet") == 0)
        return "receipts are discreet: about half an hour after a letter has "
               "come, six hours at most";
    return "receipts are as the configuration says";
}

/* For each change: what to say when it was theirs, and when it was not; @ is
 * the name. */
static const struct {
    const char *change;
    const char *theirs;
    const char *ours;
} sentences[] = {
    {"proposed",
        "@ proposes that letters between you be evidential: signed, to be "
        "shown to others (sotto evidential says yes or no)",
        "proposed to @ that letters between you be evidential; until they "
        "accept, letters are deniable"},
    {"accepted", "@ has accepted: letters to them are evidential from now on",
        "accepted: letters to @ are evidential from now on"},
    {"declined", "@ has declined: letters stay deniable",
        "declined what @ proposed: letters stay deniable"},
    {"withdrawn", "@ has taken the proposal back: letters stay deniable",
        "took the proposal to @ back: letters stay deniable"},
    {"ended", "@ has ended it: letters are deniable from now on",
        "ended: letters to @ are deniable from now on"},
    {"lapsed", "what @ proposed was not answered, and has lapsed",
        "@ has not answered the proposal, which has lapsed"},
    {"broken",
        "@ knows no such agreement any more: letters are deniable from now on",
        "what was agreed with @ is over, since a key or a vault has changed: "
        "letters are deniable from now on"},
    {"forgotten", "",
        "what was signed with @ is destroyed in this vault; they may have it, "
        "and show it, still"},
};

void show_evidence_change(const struct control_evidence *evidence)
{
    for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
        if (strcmp(sentences[i].change, evidence->change) != 0)
            continue;
        const char *text =
            evidence->by_them ? sentences[i].theirs : sentences[i].ours;
        const char *at = strchr(text, '@');
        printf("%.*s", (int)(at - text), text);
        output_name(evidence->name, 0);
        printf("%s", at + 1);
        return;
    }
    output_name(evidence->name, 0);
    printf(": %s", show_evidence_state(evidence->state));
}
