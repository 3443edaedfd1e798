/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process of the node listens to its supervisor for two things: the next
 * port to the other process, and the end.  The end comes as SIGTERM, sent by
 * the supervisor or, should that be killed, by the kernel; a link at its end
 * covers the moment before the kernel was asked to.  SIGINT is ignored here:
 * Ctrl-C reaches the whole group, and the supervisor decides. */
#include "config.h"

#include "daemon/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Take one datagram and the descriptor in it, -1 for none.  Returns its size,
 * 0 at the end, -1 when there is none now. */
static ssize_t receive(char *text, size_t capacity, int *fd)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {text, capacity};
    struct msghdr message = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control)};
    ssize_t size =
        recvmsg(CHILD_LINK_FD, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    *fd = -1;
    struct cmsghdr *first = size > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (first && first->cmsg_level == SOL_SOCKET &&
        first->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(first), sizeof(*fd));
    return size;
}

static void on_link(uv_poll_t *poll, int result, int events)
{
    struct child *child = poll->data;
    char text[CHILD_MESSAGE_BYTES];
    int fd;
    (void)events;
    ssize_t size = result == 0 ? receive(text, sizeof(text), &fd) : 0;
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0) {
        uv_poll_stop(poll);
        child->stop(child->context);
        return;
    }
    if (text[0] == CHILD_PORT && fd >= 0)
        child->port(child->context, fd);
    else if (fd >= 0)
        close(fd);
}

static void on_terminate(uv_signal_t *signal, int number)
{
    struct child *child = signal->data;
    (void)number;
    child->stop(child->context);
}

enum status child_start(struct child *child, uv_loop_t *loop)
{
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
        return STATUS_IO;
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    uv_signal_init(loop, &child->terminate);
    child->terminate.data = child;
    if (uv_signal_start(&child->terminate, on_terminate, SIGTERM) != 0 ||
        uv_poll_init(loop, &child->poll, CHILD_LINK_FD) != 0)
        return STATUS_IO;
    child->poll.data = child;
    return uv_poll_start(&child->poll, UV_READABLE, on_link) == 0 ? STATUS_OK
                                                                  : STATUS_IO;
}

void child_close(struct child *child)
{
    uv_close((uv_handle_t *)&child->poll, NULL);
    uv_close((uv_handle_t *)&child->terminate, NULL);
}

static void say(char letter, const char *text)
{
    char message[CHILD_MESSAGE_BYTES];
    size_t size = strnlen(text, sizeof(message) - 1);
    message[0] = letter;
    memcpy(message + 1, text, size);
    /* A supervisor that is gone shows as the link's end. */
    (void)!send(CHILD_LINK_FD, message, size + 1, MSG_NOSIGNAL);
}

void child_say_ready(const char *endpoint)
{
    say(CHILD_READY, endpoint);
}

void child_ask_port(void)
{
    say(CHILD_PORT, "");
}
