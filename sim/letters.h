/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LETTERS_H
#define SIM_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/table.h"
#include "proto/control.h"
#include "sim/scenario.h"

/* Every letter of a run, and what has become of it. */
enum { LETTERS_NEVER = 0 };

struct letter_fate {
    uint32_t from; /* nodes */
    uint32_t to;
    uint32_t text_bytes;
    uint32_t shown_count;
    uint32_t life_h;
    uint32_t envelope;    /* that carried it first, in the slab; or SLAB_NONE */
    uint64_t write_at_us; /* planned */
    uint64_t sent_us;     /* the sender's vault took it; LETTERS_NEVER */
    uint64_t shown_us;    /* the recipient saw it first */
    uint64_t receipt_us;  /* the sender knows */
    uint32_t expires_h;   /* of its envelope, without vaults */
    bool urgent;
    bool refused; /* the sender's vault would not take it */
};

/* Whether a letter was shown past its lifetime. */
bool letters_is_late(const struct letter_fate *fate);

struct letters {
    struct letter_fate *list;
    uint32_t count;
    uint32_t sent;
    uint32_t shown;
    uint32_t receipts;
    uint32_t refused;
    uint64_t seed;
    struct table by_id; /* message id to index */
};

/* Draw the letters of a scenario among pairs of these nodes, two or more.
 * STATUS_NO_MEMORY. */
MUST_USE enum status letters_init(struct letters *letters,
    const struct scenario *scenario, const uint32_t *homes, uint32_t count);

/* A list of letters made elsewhere; it is owned from now on. */
void letters_own(struct letters *letters, const struct scenario *scenario,
    struct letter_fate *list, uint32_t count);

/* Draw how long the letter of that number may travel, and how urgently. */
void letters_draw_manner(
    const struct scenario *scenario, uint32_t index, struct letter_fate *fate);

/* What else writes as the letters do: the ends of the pair whose turn that
 * number is, below nodes; and hours to travel, by a draw. */
void letters_draw_ends(const struct scenario *scenario, uint32_t nodes,
    uint32_t index, uint32_t *from, uint32_t *to);
uint32_t letters_life_h(const struct scenario *scenario, uint64_t bits);
void letters_clear(struct letters *letters);

/* The decimal number that stands in a text from there on, and where it ends.
 * STATUS_NOT_FOUND when there is none below that bound. */
MUST_USE enum status letters_number(struct span text, size_t from,
    uint32_t below, uint32_t *number, size_t *end);

/* The text of a letter: its number, then filler by its seed.  out has room for
 * LIMIT_TEXT_BYTES + 1. */
void letters_text(const struct letters *letters, uint32_t index, char *out);

/* Which letter a text is, whole and unchanged.  STATUS_NOT_FOUND when it is
 * none. */
MUST_USE enum status letters_recognise(
    const struct letters *letters, struct span text, uint32_t *index);

/* The sender's vault took a letter and named it; its fate is asked for by that
 * name.  STATUS_NO_MEMORY. */
MUST_USE enum status letters_sent(struct letters *letters, uint32_t index,
    const char id[static CONTROL_MESSAGE_ID_CHARS], uint64_t now_us);
void letters_refused(struct letters *letters, uint32_t index);
void letters_shown(struct letters *letters, uint32_t index, uint64_t now_us);
void letters_receipt(struct letters *letters,
    const char id[static CONTROL_MESSAGE_ID_CHARS], uint64_t now_us);

#endif
