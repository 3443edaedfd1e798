/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_CHILD_H
#define DAEMON_CHILD_H

#include <sys/types.h>
#include <uv.h>

#include "base/status.h"

/* The link between the supervisor and one of its processes, seen from there.
 * Descriptors that such a process is started with: */
enum {
    CHILD_LINK_FD = 3,     /* SOCK_SEQPACKET to the supervisor */
    CHILD_SETTINGS_FD = 4, /* the configuration's text, as first read */
    CHILD_LOCK_FD = 5,     /* keeps the node's lock while this one lives */
};

/* Exit codes of such a process. */
enum {
    CHILD_EXIT_STOPPED = 0,
    CHILD_EXIT_CANNOT_START = 1, /* it has said why */
    CHILD_EXIT_FAILED = 70,      /* a bug, or no memory: start it again */
    CHILD_EXIT_AGAIN = 75,       /* it has said why: start it again */
};

/* One datagram: a letter, and what belongs to it. */
enum child_message {
    CHILD_READY = 'R', /* to the supervisor: it serves; text: its endpoint */
    CHILD_PORT = 'P',  /* from it: one end of a fresh port, as a descriptor;
                          to it: please make a fresh one */
};

enum { CHILD_MESSAGE_BYTES = 512 };

struct child {
    uv_poll_t poll;
    uv_signal_t terminate;
    void (*port)(void *context, int fd); /* the descriptor is the callee's */
    void (*stop)(void *context);
    void *context;
};

/* Begin to listen to the supervisor: port is called with each fresh port, stop
 * once when the process shall end (SIGTERM, or the supervisor is gone).  Sees
 * to it that this process does not outlive the supervisor.  Callbacks and
 * context are set by the caller.  STATUS_IO. */
MUST_USE enum status child_start(struct child *child, uv_loop_t *loop);
void child_close(struct child *child);

/* Tell the supervisor. */
void child_say_ready(const char *endpoint);
void child_ask_port(void);

#endif
