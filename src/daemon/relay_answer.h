/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_RELAY_ANSWER_H
#define DAEMON_RELAY_ANSWER_H

#include "daemon/relay_state.h"

/* The relay's control socket: one line of a client.  context is the loop. */
void relay_answer(void *context, uint64_t client, struct span line);

#endif
