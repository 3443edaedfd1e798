/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages wait in a list, each with its bytes, and go out while the kernel
 * takes them.  Reading stops while more than PORT_RESUME_BYTES wait: one
 * question of the vault's (LOOKUP) can have 16 MiB of answers, so a question is
 * only taken while there is room for all of them.
 *
 * Vault and relay are of one user and one program; still, a message over the
 * limit is cut by the kernel and dropped here. */
#include "platform/port_socket.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "proto/limits.h"

enum {
    PORT_RESUME_BYTES = 8 * 1024 * 1024,
    PORT_READS_A_TURN = 64, /* then the loop's other work has its turn */
};

struct port_item {
    struct port_item *next;
    size_t size;
    uint8_t bytes[];
};

struct port_socket {
    uv_poll_t poll; /* first */
    struct port_socket_config config;
    struct port_item *first;
    struct port_item **last;
    size_t queued_bytes;
    bool closing;
    uint8_t inbox[LIMIT_PORT_BYTES];
};

enum status port_socket_pair(int out[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
               out) == 0
               ? STATUS_OK
               : STATUS_IO;
}

static void on_poll(uv_poll_t *poll, int result, int events);

static void port_wait(struct port_socket *port)
{
    int events = 0;
    if (port->first)
        events |= UV_WRITABLE;
    if (port->queued_bytes <= PORT_RESUME_BYTES)
        events |= UV_READABLE;
    uv_poll_start(&port->poll, events, on_poll);
}

static void port_drop_first(struct port_socket *port)
{
    struct port_item *item = port->first;
    port->first = item->next;
    if (!port->first)
        port->last = &port->first;
    port->queued_bytes -= item->size;
    free(item);
}

/* Send what the kernel takes now; false when the other end is gone. */
static bool port_flush(struct port_socket *port)
{
    while (port->first) {
        ssize_t sent = send(port->config.fd, port->first->bytes,
            port->first->size, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN || errno == ENOBUFS;
        port_drop_first(port);
    }
    return true;
}

/* Take messages; false when the other end is gone. */
static bool port_read(struct port_socket *port)
{
    for (int i = 0; i < PORT_READS_A_TURN; i++) {
        if (port->closing || port->queued_bytes > PORT_RESUME_BYTES)
            return true;
        struct iovec part = {port->inbox, sizeof(port->inbox)};
        struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
        ssize_t got = recvmsg(port->config.fd, &header, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno == EAGAIN;
        if (got == 0)
            return false;
        if (!(header.msg_flags & MSG_TRUNC))
            port->config.message(
                port->config.context, (struct span){port->inbox, (size_t)got});
    }
    return true;
}

static void on_poll(uv_poll_t *poll, int result, int events)
{
    struct port_socket *port = (struct port_socket *)poll;
    bool alive = result == 0;
    if (alive && (events & UV_WRITABLE))
        alive = port_flush(port);
    if (alive && (events & UV_READABLE))
        alive = port_read(port);
    if (port->closing)
        return;
    if (alive) {
        port_wait(port);
    } else {
        uv_poll_stop(&port->poll);
        port->config.gone(port->config.context);
    }
}

enum status port_socket_new(
    const struct port_socket_config *config, struct port_socket **out)
{
    struct port_socket *port = calloc(1, sizeof(*port));
    if (!port) {
        close(config->fd);
        return STATUS_NO_MEMORY;
    }
    port->config = *config;
    port->last = &port->first;
    int result = uv_poll_init(config->loop, &port->poll, config->fd);
    if (result != 0) {
        close(config->fd);
        free(port);
        errno = -result;
        return STATUS_IO;
    }
    port_wait(port);
    *out = port;
    return STATUS_OK;
}

static void on_closed(uv_handle_t *handle)
{
    struct port_socket *port = (struct port_socket *)handle;
    while (port->first)
        port_drop_first(port);
    close(port->config.fd);
    free(port);
}

void port_socket_free(struct port_socket *port)
{
    if (!port || port->closing)
        return;
    (void)port_flush(port);
    port->closing = true;
    uv_close((uv_handle_t *)&port->poll, on_closed);
}

enum status port_socket_send(struct port_socket *port, struct span message)
{
    assert(message.size > 0 && message.size <= LIMIT_PORT_BYTES);
    if (port->closing)
        return STATUS_OK;
    if (message.size > PORT_SOCKET_QUEUE_BYTES - port->queued_bytes)
        return STATUS_FULL;
    struct port_item *item = malloc(sizeof(*item) + message.size);
    if (!item)
        return STATUS_NO_MEMORY;
    item->next = NULL;
    item->size = message.size;
    memcpy(item->bytes, message.data, message.size);
    bool was_empty = !port->first;
    *port->last = item;
    port->last = &item->next;
    port->queued_bytes += item->size;
    if (was_empty)
        (void)port_flush(port); /* a failure shows as the end of input */
    port_wait(port);
    return STATUS_OK;
}
