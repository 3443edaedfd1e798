/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How letters look to a person.  Ids are cut to what `recall` needs to find
 * them; --json has them whole. */
#include "cli/show.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/duration.h"
#include "cli/escape.h"
#include "cli/output.h"
#include "platform/clock.h"

enum { SHORT_ID_CHARS = 12, NAME_WIDTH = 16 };

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

void show_letter(const struct cli *cli, const struct control_letter *letter)
{
    char sent[AMOUNT_CHARS];
    time_print_s(letter->sent_at_s, sent);
    fputs(style_bold(cli), stdout);
    output_name(letter->from, 0);
    printf("%s  %s%s  %.*s  %.8s", style_end(cli), style_faint(cli), sent,
        SHORT_ID_CHARS, letter->id, letter->fingerprint);
    show_burn(letter);
    printf("%s\n", style_end(cli));
    escape_text(stdout, letter->text, "    ");
}

void show_outbox_heading(const struct cli *cli)
{
    printf("%s%-*s  %-*s  %-9s  %6s  %-16s  %s%s\n", style_faint(cli),
        SHORT_ID_CHARS, "ID", NAME_WIDTH, "TO", "STATE", "PEERS", "SENT",
        "EXPIRES", style_end(cli));
}

void show_outbox_item(const struct control_outbox_item *item)
{
    char sent[AMOUNT_CHARS], expires[AMOUNT_CHARS];
    time_print_s(item->sent_at_s, sent);
    time_print_s(item->expires_at_s, expires);
    printf("%.*s  ", SHORT_ID_CHARS, item->id);
    output_name(item->to, NAME_WIDTH);
    printf("  %-9s  %6" PRIu64 "  %-16s  %s\n", outbox_state_name(item->state),
        item->handed_to, sent, expires);
}
