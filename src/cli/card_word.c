/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People pass cards on as they come: pasted, piped, or in a file with white
 * space around them. */
#include "cli/card_word.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/input.h"
#include "cli/output.h"

enum { CARD_FILE_BYTES = 4096 };

/* Most of what is no card was one, and was cut or mistyped on its way. */
static int refuse(const char *text)
{
    text += strspn(text, " \t\r\n");
    size_t size = strcspn(text, " \t\r\n");
    if (strncasecmp(text, "sotto:", 6) != 0)
        size = 0;
    if (size == CARD_TEXT_CHARS || size == INVITE_TEXT_CHARS)
        return fail(EXIT_USAGE,
            "that is no card: it has the length of one, but was damaged on "
            "its way; ask for it again");
    char note[40] = "";
    if (size > 0)
        snprintf(note, sizeof(note), "; this has %zu", size);
    return fail(EXIT_USAGE,
        "that is no card: one begins with sotto: and has %d characters, an "
        "invite %d%s (the other person's `sotto id` prints it)",
        CARD_TEXT_CHARS, INVITE_TEXT_CHARS, note);
}

int card_word_read(const char *word, char out[static INVITE_TEXT_CHARS + 1])
{
    char held[CARD_FILE_BYTES + 1];
    const char *text = word;
    if (strcmp(word, "@") == 0)
        return fail(EXIT_USAGE, "@ stands before the name of a file: @FILE");
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
        return refuse(text);
    return EXIT_DONE;
}
