/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_QR_H
#define CLI_QR_H

#include <stddef.h>

#include "cli/cli.h"

/* A card as a QR code (ISO/IEC 18004) in the terminal, for a camera.
 *
 * On a terminal with colours it is black on white whatever the terminal's own
 * are; elsewhere it is drawn for a dark background, its light parts as ink.
 * Both return exit codes and have said what was wrong. */

/* Whether the picture of a card of so many characters fits the terminal:
 * EXIT_REFUSED, with its size and the terminal's, when it does not.  Where
 * output is no terminal, anything does. */
int qr_check_room(const struct cli *cli, size_t chars);

/* Draw a card's text, in capitals, on standard output. */
int qr_draw(const struct cli *cli, const char *card);

#endif
