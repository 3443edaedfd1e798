/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_PORT_SOCKET_H
#define PLATFORM_PORT_SOCKET_H

#include "base/span.h"
#include "base/status.h"

/* One end of the socket pair between relay and vault: whole messages in order
 * (SOCK_SEQPACKET), with a bounded queue for what the other end does not take
 * at once.  While that queue is long nothing is read either, so that questions
 * wait until their answers have room. */
struct port_socket;
struct uv_loop_s;

enum { PORT_SOCKET_QUEUE_BYTES = 32 * 1024 * 1024 };

/* A connected pair, non-blocking and close-on-exec.  STATUS_IO (errno). */
MUST_USE enum status port_socket_pair(int out[2]);

struct port_socket_config {
    struct uv_loop_s *loop;
    int fd; /* becomes the port's own, also on failure */
    /* Called from the loop; the bytes are borrowed for the call. */
    void (*message)(void *context, struct span bytes);
    /* The other end is gone.  Nothing follows; free the port, which may be
     * done in the call. */
    void (*gone)(void *context);
    void *context;
};

/* STATUS_NO_MEMORY, STATUS_IO. */
MUST_USE enum status port_socket_new(
    const struct port_socket_config *config, struct port_socket **out);

/* Close; harmless for NULL.  The loop must be run once more. */
void port_socket_free(struct port_socket *port);

/* Queue one message of at most LIMIT_PORT_BYTES.  STATUS_FULL when the queue
 * would pass PORT_SOCKET_QUEUE_BYTES, STATUS_NO_MEMORY; nothing is then sent:
 * the two ends disagree from here on, and the port should be made anew. */
MUST_USE enum status port_socket_send(
    struct port_socket *port, struct span message);

#endif
