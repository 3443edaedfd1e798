/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_ANSWER_H
#define DAEMON_ANSWER_H

#include <stdint.h>

#include "base/status.h"
#include "platform/ipc.h"
#include "proto/control.h"

/* Replies as lines on a control socket. */

/* Send a client one reply, or an error in its place when it cannot be
 * encoded. */
void answer(
    struct ipc *ipc, uint64_t client, const struct control_reply *reply);

/* Send a client an error in words. */
void answer_error(struct ipc *ipc, uint64_t client, uint64_t id,
    enum status status, const char *text);

/* Send all subscribers a notification. */
void answer_notify(struct ipc *ipc, const struct control_reply *note);

/* A request from one line, or none: the client has then been told what is
 * wrong.  End *out with control_message_clear. */
MUST_USE enum status answer_decode(struct ipc *ipc, uint64_t client,
    struct span line, struct control_message *out);

/* The last line that a subscriber gets who was too slow; free it with
 * control_line_free.  STATUS_NO_MEMORY. */
MUST_USE enum status answer_lagged(char **out, size_t *size);

#endif
