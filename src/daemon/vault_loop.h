/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_VAULT_LOOP_H
#define DAEMON_VAULT_LOOP_H

#include "daemon/vault_state.h"

/* Let one event happen and perform its effects.  From an effect that is being
 * performed (an answer to FETCH, say) only the first: the new effects are
 * appended and performed in their turn. */
void vault_loop_step(struct vault_loop *loop, const struct vault_event *event);

/* The callbacks of control socket, port and link; context is the loop. */
void vault_loop_line(void *context, uint64_t client, struct span line);
void vault_loop_message(void *context, struct span bytes);
void vault_loop_port_gone(void *context);
void vault_loop_port(void *context, int fd);

#endif
