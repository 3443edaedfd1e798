/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two rows of a QR code to a line, by half blocks, with the four light modules
 * around it that a reader wants.
 *
 * A card reads the same in capitals, and in capitals it has nothing but the
 * alphanumeric characters of a QR code, which take five and a half bits and not
 * eight: 53 modules a side where bytes would take 69.  The lowest correction is
 * enough for a screen, which is neither creased nor torn.
 *
 * Only the number of characters decides the size, so there is an answer to
 * whether a picture fits before an invite is made for it. */
#include "cli/qr.h"

#include <assert.h>
#include <qrencode.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"
#include "platform/terminal.h"
#include "proto/card.h"

enum { QUIET = 4 };

/* NULL, having said so, when there is no memory. */
static QRcode *encode(const char *capitals)
{
    QRinput *input = QRinput_new2(0, QR_ECLEVEL_L);
    QRcode *code = NULL;
    if (input && QRinput_append(input, QR_MODE_AN, (int)strlen(capitals),
                     (const unsigned char *)capitals) == 0)
        code = QRcode_encodeInput(input);
    QRinput_free(input);
    if (!code)
        fail(EXIT_BUG, "no memory for the picture");
    return code;
}

static void forget(QRcode *code)
{
    explicit_bzero(code->data, (size_t)code->width * (size_t)code->width);
    QRcode_free(code);
}

int qr_check_room(const struct cli *cli, size_t chars)
{
    if (!cli->terminal)
        return EXIT_DONE;
    char text[INVITE_TEXT_CHARS + 1] = {0};
    assert(chars < sizeof(text));
    memset(text, 'A', chars);
    QRcode *code = encode(text);
    if (!code)
        return EXIT_BUG;
    unsigned side = (unsigned)code->width + 2 * QUIET;
    unsigned lines = (side + 1) / 2;
    forget(code);
    unsigned width = terminal_width(STDOUT_FILENO);
    unsigned height = terminal_height(STDOUT_FILENO);
    if (width >= side && height > lines)
        return EXIT_DONE;
    return fail(EXIT_REFUSED,
        "the picture needs %u columns and %u lines, and this terminal has %u "
        "and %u: make it larger, or its letters smaller",
        side, lines + 1, width, height);
}

/* Outside of the code all is light. */
static bool is_dark(const QRcode *code, int x, int y)
{
    return x >= 0 && y >= 0 && x < code->width && y < code->width &&
           code->data[y * code->width + x] & 1;
}

/* The module above and the one below, in one character. */
static const char *block(bool upper, bool lower)
{
    if (upper)
        return lower ? "█" : "▀";
    return lower ? "▄" : " ";
}

static void draw_line(const struct cli *cli, const QRcode *code, int y)
{
    /* Black on white of the 256, which no theme changes. */
    printf("%s", cli->colours ? "\033[38;5;16;48;5;231m" : "");
    for (int x = -QUIET; x < code->width + QUIET; x++) {
        bool upper = is_dark(code, x, y);
        bool lower = is_dark(code, x, y + 1);
        fputs(
            cli->colours ? block(upper, lower) : block(!upper, !lower), stdout);
    }
    printf("%s\n", style_end(cli));
}

int qr_draw(const struct cli *cli, const char *card)
{
    char capitals[INVITE_TEXT_CHARS + 1];
    size_t size = strlen(card);
    assert(size < sizeof(capitals));
    for (size_t i = 0; i <= size; i++)
        capitals[i] = card[i] >= 'a' && card[i] <= 'z'
                          ? (char)(card[i] - 'a' + 'A')
                          : card[i];
    QRcode *code = encode(capitals);
    explicit_bzero(capitals, sizeof(capitals));
    if (!code)
        return EXIT_BUG;
    for (int y = -QUIET; y < code->width + QUIET; y += 2)
        draw_line(cli, code, y);
    forget(code);
    return EXIT_DONE;
}
