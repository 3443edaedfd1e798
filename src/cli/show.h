/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli/cli.h"
#include "proto/control.h"

/* Things that more than one verb shows a person, on standard output. */

/* A letter: a heading, then its text, indented so that it cannot pass for a
 * heading. */
void show_letter(const struct cli *cli, const struct control_letter *letter);

/* One line on where a letter stands, with its heading line. */
void show_outbox_heading(const struct cli *cli);
void show_outbox_item(const struct control_outbox_item *item);

/* One line on a file. */
void show_file(const struct cli *cli, const struct control_file *file);

/* A state of control_evidence, for a person; static. */
const char *show_evidence_state(const char *state);

/* How soon a contact's letters are confirmed, for a person; static. */
const char *show_receipts(const char *word);

/* One sentence on what has changed between two people, without an end of line.
 */
void show_evidence_change(const struct control_evidence *evidence);

/* Somebody, by the name that this person gave them, or else by the beginning
 * of their fingerprint in angle brackets; spaces follow up to width. */
void show_person(struct span name, const char *fingerprint, unsigned width);

#endif
