/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One connection to a node's control socket, used by one thread that has
 * nothing better to do than wait: plain blocking calls, each with an end.
 *
 * Lines hold passphrases and texts, so the bytes received live in memory that
 * is wiped as it is used up and when it is given back; base/buf.h, which
 * leaves copies behind when it grows, is not for them. */
#include "config.h"

#include "platform/client.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/clock.h"
#include "proto/limits.h"

enum {
    FIRST_BYTES = 16 * 1024,
    SEND_PATIENCE_S = 30,
};

struct client {
    int fd;
    uint64_t last_id;
    uint8_t
        *bytes; /* received: [start, end), of which no newline before scan */
    size_t start;
    size_t scan;
    size_t end;
    size_t capacity;
};

static bool peer_is_same_user(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           peer.uid == geteuid();
}

static enum status connect_path(int fd, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return STATUS_IO;
    }
    strcpy(address.sun_path, path);
    struct timeval patience = {.tv_sec = SEND_PATIENCE_S};
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)))
        return STATUS_IO;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return peer_is_same_user(fd) ? STATUS_OK : STATUS_REFUSED;
    /* A full backlog is a node that answers nobody. */
    bool nobody = errno == ENOENT || errno == ECONNREFUSED ||
                  errno == ENOTDIR || errno == EAGAIN;
    return nobody ? STATUS_NOT_FOUND : STATUS_IO;
}

enum status client_open(const char *path, struct client **out)
{
    struct client *client = calloc(1, sizeof(*client));
    uint8_t *bytes = malloc(FIRST_BYTES);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    enum status status = client && bytes
                             ? fd < 0 ? STATUS_IO : connect_path(fd, path)
                             : STATUS_NO_MEMORY;
    if (status) {
        int saved = errno;
        if (fd >= 0)
            close(fd);
        free(bytes);
        free(client);
        errno = saved;
        return status;
    }
    client->fd = fd;
    client->bytes = bytes;
    client->capacity = FIRST_BYTES;
    *out = client;
    return STATUS_OK;
}

void client_close(struct client *client)
{
    if (!client)
        return;
    close(client->fd);
    explicit_bzero(client->bytes, client->capacity);
    free(client->bytes);
    free(client);
}

int client_descriptor(const struct client *client)
{
    return client->fd;
}

static enum status send_all(int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 &&
            (errno == EPIPE || errno == ECONNRESET || errno == EAGAIN))
            return STATUS_NOT_FOUND;
        if (sent < 0)
            return STATUS_IO;
        bytes += sent;
        size -= (size_t)sent;
    }
    return STATUS_OK;
}

enum status client_send(struct client *client, struct control_request *request)
{
    char *line;
    size_t size;
    request->id = ++client->last_id;
    enum status status = control_request_encode(request, &line, &size);
    if (status)
        return status;
    status = send_all(client->fd, line, size);
    control_line_free(line, size);
    return status;
}

/* Room for more bytes: what was used up goes first, then the memory doubles.
 * STATUS_INVALID past the longest line. */
static enum status make_room(struct client *client)
{
    if (client->end < client->capacity)
        return STATUS_OK;
    size_t held = client->end - client->start;
    if (client->start) {
        memmove(client->bytes, client->bytes + client->start, held);
        explicit_bzero(client->bytes + held, client->end - held);
    } else {
        if (client->capacity >= LIMIT_CONTROL_LINE_BYTES)
            return STATUS_INVALID;
        uint8_t *larger = malloc(client->capacity * 2);
        if (!larger)
            return STATUS_NO_MEMORY;
        memcpy(larger, client->bytes, held);
        explicit_bzero(client->bytes, client->capacity);
        free(client->bytes);
        client->bytes = larger;
        client->capacity *= 2;
    }
    client->scan -= client->start;
    client->end = held;
    client->start = 0;
    return STATUS_OK;
}

/* Wait until there is something to read.  STATUS_AGAIN when the time is over,
 * STATUS_IO. */
static enum status wait_readable(int fd, uint64_t deadline_ms)
{
    for (;;) {
        uint64_t now_ms = clock_now_ms();
        uint64_t left_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;
        int wait_ms = left_ms > INT_MAX ? INT_MAX : (int)left_ms;
        struct pollfd item = {.fd = fd, .events = POLLIN};
        int ready = poll(&item, 1, deadline_ms == UINT64_MAX ? -1 : wait_ms);
        if (ready > 0)
            return STATUS_OK;
        if (ready < 0 && errno != EINTR)
            return STATUS_IO;
        if (ready == 0 && left_ms == (uint64_t)wait_ms)
            return STATUS_AGAIN;
    }
}

static enum status receive_some(struct client *client, uint64_t deadline_ms)
{
    enum status status = make_room(client);
    if (!status)
        status = wait_readable(client->fd, deadline_ms);
    if (status)
        return status;
    ssize_t size = recv(client->fd, client->bytes + client->end,
        client->capacity - client->end, 0);
    if (size == 0 || (size < 0 && errno == ECONNRESET))
        return STATUS_NOT_FOUND;
    if (size < 0)
        return errno == EINTR ? STATUS_OK : STATUS_IO;
    client->end += (size_t)size;
    return STATUS_OK;
}

/* The next whole line, or false. */
static bool find_line(struct client *client, struct span *line)
{
    uint8_t *newline =
        memchr(client->bytes + client->scan, '\n', client->end - client->scan);
    if (!newline) {
        client->scan = client->end;
        return false;
    }
    *line = (struct span){client->bytes + client->start,
        (size_t)(newline - client->bytes) - client->start};
    return true;
}

static void drop_line(struct client *client, struct span line)
{
    explicit_bzero(client->bytes + client->start, line.size + 1);
    client->start += line.size + 1;
    client->scan = client->start;
    if (client->start == client->end)
        client->start = client->scan = client->end = 0;
}

enum status client_receive(
    struct client *client, uint64_t deadline_ms, struct control_message *out)
{
    struct span line;
    while (!find_line(client, &line)) {
        enum status status = receive_some(client, deadline_ms);
        if (status)
            return status;
    }
    struct control_message message;
    const char *why;
    enum status status = control_decode(line, &message, &why);
    drop_line(client, line);
    if (status)
        return status == STATUS_NO_MEMORY ? status : STATUS_INVALID;
    if (!message.is_reply) {
        control_message_clear(&message);
        return STATUS_INVALID;
    }
    *out = message;
    return STATUS_OK;
}
