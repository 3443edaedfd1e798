/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_CARGO_H
#define SIM_LIVE_CARGO_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/control.h"

/* Files of a live run: how they are sent, and taken out. */
struct course;

/* The sender of a file, whose node is up, hands it over, or waits until one
 * before it is; each answer. */
void cargo_ship(struct course *course, uint32_t index);
void cargo_replied(
    struct course *course, uint32_t index, const struct control_reply *reply);

/* As mail_shown, of a letter with a file. */
void cargo_shown(struct course *course, uint32_t node,
    const struct control_letter *letter, bool is_new);

/* A file at a node is in that state: once it is whole, its recipient takes it
 * out; what comes out. */
void cargo_noted(
    struct course *course, uint32_t node, const struct control_file *file);
void cargo_came_out(
    struct course *course, uint32_t index, const struct control_reply *reply);

/* A node goes down. */
void cargo_forget(struct course *course, uint32_t node);

#endif
