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
    escape_text(stdout, letter->text, "    ");
}

void show_outbox_heading(const struct cli *cli)
{
    printf("%s%-*s  %-*s  %-9s  %6s  %7s  %-16s  %-16s  %s%s\n",
        style_faint(cli), SHORT_ID_CHARS, "ID", NAME_WIDTH, "TO", "STATE",
        "PEERS", "HAVE IT", "SENT", "EXPIRES", "LETTER", style_end(cli));
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
    printf("  %-9s  %6" PRIu64 "  %7s  %-16s  %-16s  %s\n",
        outbox_state_name(item->state), item->handed_to, have, sent, expires,
        item->evidence);
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
