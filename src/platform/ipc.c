/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A control server over libuv's streams.
 *
 * Lines may hold a passphrase: every buffer that held bytes of a line is wiped
 * before it is freed.  A client's bytes are bounded both ways.  What waits to
 * be written to it is libuv's own count; past IPC_BACKLOG_BYTES nothing more is
 * read from it, so that one which asks and never listens costs no more than
 * that, and a subscriber is told that it lags and loses its connection. */
#include "config.h"

#include "platform/ipc.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "proto/limits.h"

enum {
    IPC_CHUNK_BYTES = 16 * 1024,
    IPC_FIRST_BYTES = 512,
    IPC_BACKLOG_BYTES = 4 * 1024 * 1024,
};

struct ipc_client {
    uv_pipe_t pipe; /* first: a handle is its client */
    struct ipc *ipc;
    uint64_t number;
    char *line; /* what came since the last newline */
    size_t size;
    size_t capacity;
    uint64_t owed; /* lines that have no answer yet */
    bool subscribed;
    bool finished; /* it asks no more, and is owed answers */
    bool ending;   /* nothing more is read or sent; closed when written */
    bool paused;   /* not read from until it takes its replies */
};

struct ipc {
    uv_pipe_t listener; /* first */
    struct ipc_config config;
    struct ipc_client *clients[LIMIT_CONTROL_CLIENTS];
    uint64_t last_number;
    char chunk[IPC_CHUNK_BYTES];
};

/* One write: the request and its copy of the bytes. */
struct ipc_write {
    uv_write_t request; /* first */
    struct ipc_client *client;
    size_t size;
    char bytes[];
};

static void wipe_free(void *memory, size_t size)
{
    if (memory)
        explicit_bzero(memory, size);
    free(memory);
}

static void on_client_closed(uv_handle_t *handle)
{
    struct ipc_client *client = (struct ipc_client *)handle;
    wipe_free(client->line, client->capacity);
    free(client);
}

static void client_close(struct ipc_client *client)
{
    if (uv_is_closing((uv_handle_t *)&client->pipe))
        return;
    for (size_t i = 0; client->ipc && i < LIMIT_CONTROL_CLIENTS; i++)
        if (client->ipc->clients[i] == client)
            client->ipc->clients[i] = NULL;
    client->ipc = NULL;
    uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

static struct ipc_client *client_find(const struct ipc *ipc, uint64_t number)
{
    for (size_t i = 0; i < LIMIT_CONTROL_CLIENTS; i++)
        if (ipc->clients[i] && ipc->clients[i]->number == number)
            return ipc->clients[i];
    return NULL;
}

/* Make room for size more bytes, and leave no copy in the old memory. */
static bool line_reserve(struct ipc_client *client, size_t size)
{
    size_t needed = client->size + size;
    if (needed <= client->capacity)
        return true;
    size_t capacity = client->capacity ? client->capacity : IPC_FIRST_BYTES;
    while (capacity < needed)
        capacity *= 2;
    char *line = malloc(capacity);
    if (!line)
        return false;
    if (client->size)
        memcpy(line, client->line, client->size);
    wipe_free(client->line, client->capacity);
    client->line = line;
    client->capacity = capacity;
    return true;
}

/* A whole line has come: hand it over, and begin the next. */
static void line_end(struct ipc_client *client)
{
    struct span line = {(const uint8_t *)client->line, client->size};
    client->owed++;
    client->ipc->config.line(client->ipc->config.context, client->number, line);
    if (client->size)
        explicit_bzero(client->line, client->size);
    client->size = 0;
}

/* Take bytes up to a newline or the end; returns how many, 0 to give up. */
static size_t line_take(
    struct ipc_client *client, const char *bytes, size_t size)
{
    const char *newline = memchr(bytes, '\n', size);
    size_t part = newline ? (size_t)(newline - bytes) : size;
    if (client->size + part > LIMIT_CONTROL_LINE_BYTES ||
        !line_reserve(client, part))
        return 0;
    if (part)
        memcpy(client->line + client->size, bytes, part);
    client->size += part;
    if (!newline)
        return part;
    line_end(client);
    return part + 1;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct ipc *ipc = ((struct ipc_client *)handle)->ipc;
    (void)suggested;
    *out = uv_buf_init(ipc->chunk, sizeof(ipc->chunk));
}

/* Whether the other end has closed both halves, and not only its own. */
static bool client_is_gone(const struct ipc_client *client)
{
    struct pollfd item = {.events = POLLOUT};
    return uv_fileno((const uv_handle_t *)&client->pipe, &item.fd) != 0 ||
           poll(&item, 1, 0) < 0 || (item.revents & (POLLHUP | POLLERR)) != 0;
}

/* Nothing more comes.  One that closed its half after asking (as `socat` does
 * at the end of its input) still gets its answers; one that has gone leaves
 * its seat at once, whatever it is owed. */
static void client_finish(struct ipc_client *client, bool orderly)
{
    if (!orderly || client->subscribed || client->owed == 0 ||
        client_is_gone(client)) {
        client_close(client);
        return;
    }
    client->finished = true;
    uv_read_stop((uv_stream_t *)&client->pipe);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer)
{
    struct ipc_client *client = (struct ipc_client *)stream;
    struct ipc *ipc = client->ipc;
    assert(ipc); /* one that is being closed is not read from */
    if (got < 0) {
        client_finish(client, got == UV_EOF);
        return;
    }
    for (size_t at = 0; at < (size_t)got && client->ipc && !client->ending;) {
        size_t took = line_take(client, buffer->base + at, (size_t)got - at);
        if (took == 0)
            client_close(client);
        at += took;
    }
    explicit_bzero(ipc->chunk, (size_t)got);
}

static void client_read(struct ipc_client *client)
{
    client->paused = false;
    if (uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read) != 0)
        client_close(client);
}

static size_t client_backlog(const struct ipc_client *client)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&client->pipe);
}

static void on_written(uv_write_t *request, int result)
{
    struct ipc_write *write = (struct ipc_write *)request;
    struct ipc_client *client = write->client;
    wipe_free(write, sizeof(*write) + write->size);
    if (result == UV_ECANCELED)
        return; /* it is being closed */
    if (result < 0 || (client->ending && client_backlog(client) == 0))
        client_close(client);
    else if (client->paused && !client->finished && client_backlog(client) == 0)
        client_read(client);
}

static void client_write(struct ipc_client *client, struct span line)
{
    struct ipc_write *write = malloc(sizeof(*write) + line.size);
    if (!write) {
        client_close(client);
        return;
    }
    write->client = client;
    write->size = line.size;
    memcpy(write->bytes, line.data, line.size);
    uv_buf_t buffer = uv_buf_init(write->bytes, (unsigned)line.size);
    int result = uv_write(
        &write->request, (uv_stream_t *)&client->pipe, &buffer, 1, on_written);
    if (result != 0) {
        wipe_free(write, sizeof(*write) + line.size);
        client_close(client);
    }
}

/* After an answer: end a client that was owed only this, and let one that does
 * not take its answers wait. */
static void client_answered(struct ipc_client *client)
{
    client->owed -= client->owed > 0;
    if (client->finished && client->owed == 0) {
        client->ending = true;
        if (client_backlog(client) == 0)
            client_close(client);
    } else if (client_backlog(client) > IPC_BACKLOG_BYTES) {
        client->paused = true;
        uv_read_stop((uv_stream_t *)&client->pipe);
    }
}

void ipc_send(struct ipc *ipc, uint64_t number, struct span line)
{
    struct ipc_client *client = ipc ? client_find(ipc, number) : NULL;
    if (!client || client->ending)
        return;
    client_write(client, line);
    if (client->ipc)
        client_answered(client);
}

static void client_notify(struct ipc_client *client, struct span line)
{
    if (client_backlog(client) + line.size <= IPC_BACKLOG_BYTES) {
        client_write(client, line);
        return;
    }
    client->ending = true;
    uv_read_stop((uv_stream_t *)&client->pipe);
    client_write(client, client->ipc->config.lagged);
}

void ipc_subscribe(struct ipc *ipc, uint64_t number)
{
    struct ipc_client *client = client_find(ipc, number);
    if (client)
        client->subscribed = true;
}

void ipc_notify(struct ipc *ipc, struct span line)
{
    for (size_t i = 0; i < LIMIT_CONTROL_CLIENTS; i++) {
        struct ipc_client *client = ipc->clients[i];
        if (client && client->subscribed && !client->ending)
            client_notify(client, line);
    }
}

bool ipc_has_subscribers(const struct ipc *ipc)
{
    for (size_t i = 0; i < LIMIT_CONTROL_CLIENTS; i++)
        if (ipc->clients[i] && ipc->clients[i]->subscribed)
            return true;
    return false;
}

/* Root and the node's own user may talk to it, whatever the mode bits say. */
static bool client_is_allowed(const struct ipc_client *client)
{
    int fd;
    struct ucred peer;
    socklen_t size = sizeof(peer);
    return uv_fileno((const uv_handle_t *)&client->pipe, &fd) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static bool client_seat(struct ipc *ipc, struct ipc_client *client)
{
    for (size_t i = 0; i < LIMIT_CONTROL_CLIENTS; i++) {
        if (!ipc->clients[i]) {
            ipc->clients[i] = client;
            client->number = ++ipc->last_number;
            return true;
        }
    }
    return false;
}

static void on_connection(uv_stream_t *listener, int result)
{
    struct ipc *ipc = (struct ipc *)listener;
    struct ipc_client *client = result == 0 ? calloc(1, sizeof(*client)) : NULL;
    if (!client)
        return;
    client->ipc = ipc;
    if (uv_pipe_init(ipc->config.loop, &client->pipe, 0) != 0) {
        free(client);
        return;
    }
    if (uv_accept(listener, (uv_stream_t *)&client->pipe) == 0 &&
        client_is_allowed(client) && client_seat(ipc, client))
        client_read(client);
    else
        client_close(client);
}

static void on_listener_closed(uv_handle_t *handle)
{
    free(handle);
}

/* Bind under a mask that leaves no moment in which others could connect. */
static int listener_bind(struct ipc *ipc)
{
    mode_t mask = umask(0177);
    unlink(ipc->config.path);
    int result = uv_pipe_bind(&ipc->listener, ipc->config.path);
    umask(mask);
    if (result == 0)
        result = uv_listen((uv_stream_t *)&ipc->listener, LIMIT_CONTROL_CLIENTS,
            on_connection);
    return result;
}

enum status ipc_listen(const struct ipc_config *config, struct ipc **out)
{
    assert(config->line && config->lagged.size > 0);
    struct ipc *ipc = calloc(1, sizeof(*ipc));
    if (!ipc)
        return STATUS_NO_MEMORY;
    ipc->config = *config;
    if (uv_pipe_init(config->loop, &ipc->listener, 0) != 0) {
        free(ipc);
        return STATUS_NO_MEMORY;
    }
    int result = listener_bind(ipc);
    if (result != 0) {
        uv_close((uv_handle_t *)&ipc->listener, on_listener_closed);
        errno = -result;
        return STATUS_IO;
    }
    *out = ipc;
    return STATUS_OK;
}

void ipc_close(struct ipc *ipc)
{
    if (!ipc)
        return;
    for (size_t i = 0; i < LIMIT_CONTROL_CLIENTS; i++)
        if (ipc->clients[i])
            client_close(ipc->clients[i]);
    /* libuv unlinks the path that it bound. */
    uv_close((uv_handle_t *)&ipc->listener, on_listener_closed);
}
