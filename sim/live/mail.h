/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_MAIL_H
#define SIM_LIVE_MAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/control.h"

/* Letters of a live run, from one person to another. */
struct course;

/* Let all who write to each other, or ask each other into groups, have each
 * other's cards; the answers are waited for by the caller.  False without
 * memory. */
bool mail_introduce(struct course *course);

/* The writer of a letter, whose node is up, writes it; the answer. */
void mail_write(struct course *course, uint32_t index);
void mail_replied(
    struct course *course, uint32_t index, const struct control_reply *reply);

/* A node has a letter: it tells of it as new, or it only lies there. */
void mail_shown(struct course *course, uint32_t node,
    const struct control_letter *letter, bool is_new);

#endif
