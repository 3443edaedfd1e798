/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_CLIENT_H
#define PLATFORM_CLIENT_H

#include <stdint.h>

#include "base/status.h"
#include "proto/control.h"

/* The command line's end of a control socket: blocking, one request at a
 * time, notifications in between. */
struct client;

/* STATUS_NOT_FOUND when nobody listens at the path; STATUS_REFUSED when whoever
 * listens is another user; STATUS_NO_MEMORY; STATUS_IO (errno). */
MUST_USE enum status client_open(const char *path, struct client **out);
void client_close(struct client *client);

/* What becomes readable when something may have come: for who waits for several
 * nodes at once, and then takes all there is. */
int client_descriptor(const struct client *client);

/* Send one request; its id is set.  STATUS_NOT_FOUND when the node hung up or
 * takes nothing for half a minute, STATUS_TOO_LARGE, STATUS_NO_MEMORY,
 * STATUS_IO (errno). */
MUST_USE enum status client_send(
    struct client *client, struct control_request *request);

/* Wait for the next reply or notification, until deadline_ms on the clock of
 * clock_now_ms (UINT64_MAX: for ever).  End *out with control_message_clear.
 * STATUS_AGAIN when the time is over, STATUS_NOT_FOUND when the node hung up,
 * STATUS_INVALID when it sent what is not ours, STATUS_NO_MEMORY, STATUS_IO
 * (errno). */
MUST_USE enum status client_receive(
    struct client *client, uint64_t deadline_ms, struct control_message *out);

#endif
