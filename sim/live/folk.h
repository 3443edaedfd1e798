/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_FOLK_H
#define SIM_LIVE_FOLK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/control.h"
#include "sim/live/folk_state.h"
#include "sim/queue.h"

/* What people do at real nodes, through their node's own control socket, as
 * their programs would: they write to each other (mail), make groups and write
 * in them (company), send files and take them out (cargo).  This is the way in
 * to the three, and what they have in common. */
struct course;
struct world;

/* Before any node is up.  STATUS_NO_MEMORY; end with folk_clear even then. */
MUST_USE enum status folk_init(struct folk *folk, const struct world *world);
void folk_clear(struct folk *folk);

/* An EVENT_WRITE.  A person whose node is down waits for it. */
void folk_write(struct course *course, const struct queue_event *event);

/* What came from a vault at a node that is up: whether it was about any of
 * this. */
bool folk_came(
    struct course *course, uint32_t node, const struct control_reply *reply);

/* A node is about to go down: what it was asked to send and has not taken is
 * asked for again. */
void folk_forget_asked(struct course *course, uint32_t node);

/* A node is up again: what it told while nobody listened is looked up. */
void folk_catch_up(struct course *course, uint32_t node);

#endif
