/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LIVE_MAIL_H
#define SIM_LIVE_MAIL_H

#include "sim/live/course_state.h"

/* Letters of a live run: written through the sender's own control socket, as a
 * person's command would, and seen when the recipient's node tells of them. */

/* Let all who write to each other have each other's cards; the answers are
 * waited for by the caller.  False without memory. */
bool mail_introduce(struct course *course);

/* An EVENT_WRITE.  A person whose node is down waits for it. */
void mail_write(struct course *course, const struct queue_event *event);

/* What came from a node that is up: whether it was about letters or people. */
bool mail_came(
    struct course *course, uint32_t node, const struct control_reply *reply);

/* A node is about to crash: what it was asked to send and has not taken is
 * asked for again. */
void mail_forget_asked(struct course *course, uint32_t node);

/* A node is up again: what it told while nobody listened is looked up. */
void mail_catch_up(struct course *course, uint32_t node);

#endif
