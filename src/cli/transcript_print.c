/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of a transcript that holds.  A place is named by its writer's
 * fingerprint, never by a name: a name is what somebody chose, and no card
 * proves it.  What was written is escaped and stands indented, so that no text
 * can look like a letter's heading. */
#include "cli/transcript_print.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/hex.h"
#include "cli/duration.h"
#include "cli/escape.h"
#include "cli/output.h"
#include "cli/transcript_walk.h"
#include "proto/control.h"

enum { FINGERPRINT_CHARS = CONTROL_FINGERPRINT_CHARS };

const char *transcript_side_word(bool of_accepter)
{
    return of_accepter ? "accepter" : "proposer";
}

static bool is_given(
    const struct transcript_held *held, const struct fingerprint *who)
{
    for (size_t i = 0; i < held->card_count; i++)
        if (fingerprint_equal(&held->cards[i], who))
            return true;
    return false;
}

/* What it proves. */

static void print_side(const struct transcript_side *side, const char *what,
    const struct transcript_held *held)
{
    char text[FINGERPRINT_CHARS + 1], first[AMOUNT_CHARS], last[AMOUNT_CHARS];
    hex_encode((struct span){side->who.bytes, sizeof(side->who.bytes)}, text);
    time_print_s(side->first_s, first);
    time_print_s(side->last_s, last);
    printf("  %s  ", what);
    output_fingerprint(text);
    printf("%s\n    %" PRIu32 " letter%s",
        is_given(held, &side->who) ? "  as on the card" : "", side->letters,
        side->letters == 1 ? "" : "s");
    if (side->letters)
        printf(", %s to %s by its writer's clock", first, last);
    if (side->burned)
        printf("; %" PRIu32 " whose text has burned", side->burned);
    if (side->missing)
        printf("; %" PRIu32 " MISSING", side->missing);
    printf("; %s\n", side->is_closed
                         ? "its end is signed"
                         : "its end is not signed: more may follow");
}

/* What follows from it, and what does not. */
static void print_verdict(const struct transcript_held *held)
{
    bool has_gaps = false;
    for (size_t i = 0; i < held->count; i++)
        has_gaps = has_gaps || held->conversations[i].proposer.missing ||
                   held->conversations[i].accepter.missing;
    printf("verified: each letter was signed with the key of who is named, to "
           "the other, in\nthis conversation and at this place in it; none was "
           "changed, %s.\n",
        has_gaps ? "and none is missing but\nthose that are said to be"
                 : "taken out or put in");
    printf("Not proved: when a letter was written, and that nothing was left "
           "out behind an\nend that is not signed, or as a whole "
           "conversation.\n");
    if (held->card_count < TRANSCRIPT_CARDS)
        printf("Whose keys these are is for their cards to say.\n");
}

static void print_heading(const struct transcript_conversation *one)
{
    char id[2 * sizeof(one->id.bytes) + 1];
    hex_encode((struct span){one->id.bytes, sizeof(one->id.bytes)}, id);
    printf("conversation %.16s\n", id);
}

static void print_summary(const struct transcript_held *held)
{
    for (size_t i = 0; i < held->count; i++) {
        const struct transcript_conversation *one = &held->conversations[i];
        print_heading(one);
        print_side(&one->proposer, "proposed by", held);
        print_side(&one->accepter, "accepted by", held);
    }
    print_verdict(held);
}

static int print_summary_json(const struct transcript_held *held)
{
    for (size_t i = 0; i < held->count; i++) {
        const struct transcript_conversation *one = &held->conversations[i];
        const struct transcript_side *a = &one->proposer, *b = &one->accepter;
        char id[2 * sizeof(one->id.bytes) + 1];
        char who[2][FINGERPRINT_CHARS + 1];
        hex_encode((struct span){one->id.bytes, sizeof(one->id.bytes)}, id);
        hex_encode((struct span){a->who.bytes, sizeof(a->who.bytes)}, who[0]);
        hex_encode((struct span){b->who.bytes, sizeof(b->who.bytes)}, who[1]);
        const struct control_field fields[] = {
            {.name = "conversation", .text = id},
            {.name = "proposer", .text = who[0]},
            {.name = "proposer_letters", .number = a->letters},
            {.name = "proposer_burned", .number = a->burned},
            {.name = "proposer_missing", .number = a->missing},
            {.name = "proposer_end", .text = a->is_closed ? "signed" : "open"},
            {.name = "accepter", .text = who[1]},
            {.name = "accepter_letters", .number = b->letters},
            {.name = "accepter_burned", .number = b->burned},
            {.name = "accepter_missing", .number = b->missing},
            {.name = "accepter_end", .text = b->is_closed ? "signed" : "open"},
        };
        char *line = NULL;
        size_t size = 0;
        enum status status = control_fields_print(
            fields, sizeof(fields) / sizeof(fields[0]), &line, &size);
        int code = output_line(status, line, size);
        if (code)
            return code;
    }
    return EXIT_DONE;
}

int transcript_print_summary(
    const struct cli *cli, const struct transcript_held *held)
{
    if (cli->json)
        return print_summary_json(held);
    print_summary(held);
    return EXIT_DONE;
}

/* The letters. */

/* One place of one chain, and who has signed it. */
struct place {
    const struct transcript_conversation *conversation;
    bool of_accepter;
    bool is_given; /* its writer's card was */
    char writer[FINGERPRINT_CHARS + 1];
    struct transcript_record record;
};

static void place_sign(struct place *place, const struct transcript_held *held)
{
    const struct fingerprint *who = place->of_accepter
                                        ? &place->conversation->accepter.who
                                        : &place->conversation->proposer.who;
    place->is_given = is_given(held, who);
    hex_encode((struct span){who->bytes, sizeof(who->bytes)}, place->writer);
}

static const char *state_word(enum transcript_kind kind)
{
    switch (kind) {
    case TRANSCRIPT_LETTER:
        return "letter";
    case TRANSCRIPT_BURNED:
        return "burned";
    case TRANSCRIPT_MISSING:
        return "missing";
    case TRANSCRIPT_END:
        return "end";
    case TRANSCRIPT_CONVERSATION:
        break;
    }
    return "";
}

/* Behind the heading of a place: what is there. */
static void print_content(const struct place *place)
{
    const struct transcript_record *record = &place->record;
    const char *side = transcript_side_word(place->of_accepter);
    uint32_t number = record->evidence.number;
    char sent[AMOUNT_CHARS];
    time_print_s(record->sent_at_s, sent);
    switch (record->kind) {
    case TRANSCRIPT_LETTER:
        printf("letter %" PRIu32 " of the %s, %s by its writer's clock", number,
            side, sent);
        break;
    case TRANSCRIPT_BURNED:
        printf("letter %" PRIu32 " of the %s: signed, its text has burned",
            number, side);
        break;
    case TRANSCRIPT_MISSING:
        if (number == record->until)
            printf("letter %" PRIu32 " of the %s is MISSING", number, side);
        else
            printf("letters %" PRIu32 " to %" PRIu32 " of the %s are MISSING",
                number, record->until, side);
        break;
    case TRANSCRIPT_END:
        printf("the end of the %s's letters is signed, %s by its writer's "
               "clock",
            side, sent);
        break;
    case TRANSCRIPT_CONVERSATION:
        break;
    }
}

static void print_place(const struct cli *cli, const struct place *place)
{
    printf("%s%.8s%s  %s%s", style_bold(cli), place->writer, style_end(cli),
        place->is_given ? "as on the card  " : "", style_faint(cli));
    print_content(place);
    printf("%s\n", style_end(cli));
    if (place->record.kind == TRANSCRIPT_LETTER)
        escape_text(stdout, place->record.text, "    ");
}

static int print_place_json(const struct place *place)
{
    const struct transcript_record *record = &place->record;
    const struct evidence_id *between = &place->conversation->id;
    char conversation[2 * sizeof(between->bytes) + 1];
    char id[2 * sizeof(record->id.bytes) + 1];
    hex_encode(
        (struct span){between->bytes, sizeof(between->bytes)}, conversation);
    hex_encode((struct span){record->id.bytes, sizeof(record->id.bytes)}, id);
    struct control_field fields[9] = {
        {.name = "conversation", .text = conversation},
        {.name = "side", .text = transcript_side_word(place->of_accepter)},
        {.name = "writer", .text = place->writer},
        {.name = "card", .text = place->is_given ? "given" : "none"},
        {.name = "number", .number = record->evidence.number},
        {.name = "state", .text = state_word(record->kind)},
    };
    size_t count = 6, size = 0;
    char *line = NULL;
    if (record->kind == TRANSCRIPT_MISSING)
        fields[count++] =
            (struct control_field){.name = "until", .number = record->until};
    if (record->kind == TRANSCRIPT_LETTER || record->kind == TRANSCRIPT_END)
        fields[count++] = (struct control_field){
            .name = "sent_at", .number = record->sent_at_s};
    if (record->kind == TRANSCRIPT_LETTER) {
        fields[count++] = (struct control_field){.name = "id", .text = id};
        fields[count++] =
            (struct control_field){.name = "text", .body = &record->text};
    }
    enum status status = control_fields_print(fields, count, &line, &size);
    return output_line(status, line, size);
}

static int print_conversation(const struct cli *cli,
    const struct transcript_held *held, struct transcript_walk *walk,
    const struct transcript_conversation *conversation)
{
    struct place place = {.conversation = conversation};
    int code = EXIT_DONE;
    enum status status = transcript_walk_conversation(walk);
    if (!status && !cli->json)
        print_heading(conversation);
    while (!status && !code) {
        status = transcript_walk_next(walk, &place.record, &place.of_accepter);
        if (status)
            break;
        place_sign(&place, held);
        if (cli->json)
            code = print_place_json(&place);
        else
            print_place(cli, &place);
    }
    if (code || status == STATUS_NOT_FOUND)
        return code;
    return fail(EXIT_BUG, "a transcript that holds cannot be read: %s",
        status_name(status));
}

int transcript_print_letters(
    const struct cli *cli, const struct transcript_held *held)
{
    struct transcript_walk walk;
    if (transcript_walk_begin(&walk, held->file))
        return fail(EXIT_BUG, "a transcript that holds is none");
    for (size_t i = 0; i < held->count; i++) {
        int code =
            print_conversation(cli, held, &walk, &held->conversations[i]);
        if (code)
            return code;
    }
    if (!cli->json)
        print_verdict(held);
    return EXIT_DONE;
}
