/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_IPC_H
#define PLATFORM_IPC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

/* A control socket: lines both ways over an AF_UNIX stream, for programs of the
 * same user on the same machine.  It knows lines and clients and not what the
 * lines say.
 *
 * Bounds: LIMIT_CONTROL_CLIENTS connections; a line of at most
 * LIMIT_CONTROL_LINE_BYTES, after which the client is dropped; a client that
 * does not take its replies is not read from; a subscriber that does not take
 * its notifications gets a last line and is dropped. */
struct ipc;
struct uv_loop_s;

struct ipc_config {
    struct uv_loop_s *loop;
    const char *path;
    /* The last line, with its newline, for a subscriber that was too slow. */
    struct span lagged;
    /* Called from the loop for each line, without its newline; the bytes are
     * wiped when it returns.  Clients are numbered from 1, and no number is
     * used twice. */
    void (*line)(void *context, uint64_t client, struct span line);
    void *context;
};

/* Listen; the socket is made 0600 in place of a dead one (who holds the node's
 * lock may do this, nobody else).  config->path must outlive it.
 * STATUS_IO (errno), STATUS_NO_MEMORY. */
MUST_USE enum status ipc_listen(
    const struct ipc_config *config, struct ipc **out);

/* End all clients, unlink the socket and free; harmless for NULL.  The loop
 * must be run once more to finish its handles. */
void ipc_close(struct ipc *ipc);

/* Send a client one line (copied), which has its newline; each line that came
 * is answered by one.  Dropped when the client is gone, or ipc is NULL. */
void ipc_send(struct ipc *ipc, uint64_t client, struct span line);

/* From now on that client takes part in ipc_notify. */
void ipc_subscribe(struct ipc *ipc, uint64_t client);

/* Send all subscribers one line (copied), which has its newline. */
void ipc_notify(struct ipc *ipc, struct span line);

/* Whether anybody listens to ipc_notify. */
bool ipc_has_subscribers(const struct ipc *ipc);

#endif
