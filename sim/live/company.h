/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_COMPANY_H
#define SIM_LIVE_COMPANY_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/control.h"

/* Groups of a live run: how they are made, and what is written in them. */
struct course;

/* The first of a circle, whose node is up, makes the group and asks the others
 * in, one after the other; each answer. */
void company_gather(struct course *course, uint32_t circle);
void company_gathered(
    struct course *course, uint32_t circle, const struct control_reply *reply);

/* A letter in a circle is due at a node that is up: it is written, or waits
 * until its writer sees all members; the answer. */
void company_write(struct course *course, uint32_t index);
void company_replied(
    struct course *course, uint32_t index, const struct control_reply *reply);

/* Something has happened in a group, so its person looks at who is in; what
 * they see. */
void company_noted(struct course *course, uint32_t node,
    const struct control_group_event *event);
void company_looked(struct course *course, uint32_t node, uint32_t circle,
    const struct control_reply *reply);

/* As mail_shown. */
void company_shown(struct course *course, uint32_t node,
    const struct control_letter *letter, bool is_new);

/* A node goes down; it is up again. */
void company_forget(struct course *course, uint32_t node);
void company_catch_up(struct course *course, uint32_t node);

#endif
