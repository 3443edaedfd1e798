/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_CIRCLES_H
#define SIM_CIRCLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "base/table.h"
#include "proto/control.h"
#include "sim/scenario.h"

/* Every group of a run, every letter written in one, and what has become of the
 * letter at each member.  Members are counted in the order in which they were
 * drawn: places, from 0, whose person makes the group and asks the others in.
 */
enum { CIRCLES_NAME_CHARS = 16, CIRCLES_COPIES = 20000000 };

struct circle_letter {
    uint32_t circle;
    uint32_t writer; /* a place */
    uint32_t text_bytes;
    uint32_t life_h;
    uint64_t write_at_us; /* planned */
    uint64_t sent_us;     /* the writer's vault took it; LETTERS_NEVER */
    uint64_t receipt_us;  /* the writer knows that all members have it */
    bool urgent;
    bool refused; /* the writer's vault would not take it */
    bool waits;   /* for the writer to see all members */
};

struct circle_copy {
    uint64_t shown_us; /* to that member, first; LETTERS_NEVER */
    uint32_t shown_count;
};

struct circles {
    uint32_t count;
    uint32_t size;     /* members of each */
    uint32_t *members; /* nodes: `size` for each circle */
    bool *is_whole;    /* alike: that member sees all others as members */
    struct circle_letter *letters;
    uint32_t letter_count;
    struct circle_copy *copies; /* `size` for each letter, the writer's too */
    uint32_t sent;
    uint32_t shown; /* copies */
    uint32_t receipts;
    uint32_t refused;
    uint32_t seeing; /* members who see all others */
    uint64_t seed;
    struct table by_id; /* message id to letter */
};

/* Draw the circles of a scenario, each of different nodes among these, of which
 * there are as many as a circle has members, and their letters.
 * STATUS_NO_MEMORY. */
MUST_USE enum status circles_init(struct circles *circles,
    const struct scenario *scenario, const uint32_t *homes, uint32_t count);
void circles_clear(struct circles *circles);

/* Who is at a place; the place of a node, or the circle's size: none. */
uint32_t circles_member(
    const struct circles *circles, uint32_t circle, uint32_t place);
uint32_t circles_place(
    const struct circles *circles, uint32_t circle, uint32_t node);

/* How many copies are to be shown, in all: one to each member but the writer.
 */
uint64_t circles_copies(const struct circles *circles);
struct circle_copy *circles_copy(
    const struct circles *circles, uint32_t letter, uint32_t place);

/* A circle's name as a group, which is its number; it lies in out.  Which
 * circle a name is of.  STATUS_NOT_FOUND when of none. */
struct span circles_name(uint32_t circle, char out[static CIRCLES_NAME_CHARS]);
MUST_USE enum status circles_find(
    const struct circles *circles, struct span name, uint32_t *circle);

/* As letters_text and letters_recognise; no text is both kinds of letter's. */
void circles_text(const struct circles *circles, uint32_t letter, char *out);
MUST_USE enum status circles_recognise(
    const struct circles *circles, struct span text, uint32_t *letter);

/* What a letter's writer asks its vault for, with the texts in words; false:
 * the writer does not see all members yet, and so the letter waits. */
struct circles_words {
    char text[LIMIT_TEXT_BYTES + 1];
    char name[CIRCLES_NAME_CHARS];
};
bool circles_request(struct circles *circles, uint32_t letter,
    struct circles_words *words, struct control_request *out);

/* Whether a member sees all others as members; from now on it does. */
bool circles_is_whole(
    const struct circles *circles, uint32_t circle, uint32_t place);
void circles_became_whole(
    struct circles *circles, uint32_t circle, uint32_t place);

/* As for letters. */
MUST_USE enum status circles_sent(struct circles *circles, uint32_t letter,
    const char id[static CONTROL_MESSAGE_ID_CHARS], uint64_t now_us);
void circles_refused(struct circles *circles, uint32_t letter);
void circles_shown(
    struct circles *circles, uint32_t letter, uint32_t place, uint64_t now_us);
void circles_receipt(struct circles *circles,
    const char id[static CONTROL_MESSAGE_ID_CHARS], uint64_t now_us);

#endif
