/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libzmq has a SOCKS client (ZMQ_SOCKS_PROXY), but when the proxy refuses, or
 * cannot reach the target, and the socket is then closed, libzmq 4.3.4 takes
 * its descriptor out of its poll set a second time and aborts.  So it is given
 * a socket of this machine to connect to, and the proxy is spoken to here.
 *
 * A tunnel is a listener for one connection, then that connection and one to
 * the proxy, and bytes between them: what was read of one end is written to the
 * other before more is read, so a tunnel holds one buffer each way.  The local
 * end is not read before the proxy has said yes.  Whoever else of this machine
 * comes first to the listener is led to the target and no further: CURVE is
 * spoken with the target, not here. */
#include "platform/transport_tunnel.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "proto/endpoint.h"

enum {
    BUFFER_BYTES = 16384,
    USER_CHARS = 63,
    REQUEST_BYTES = 4 + 1 + 255 + 2,
    SOCKS_VERSION = 5,
    SOCKS_NO_USER = 0,
    SOCKS_USER = 2,
    SOCKS_CONNECT = 1,
    SOCKS_NOT_ALLOWED = 2, /* "by ruleset" */
    SOCKS_IPV4 = 1,
    SOCKS_NAME = 3,
    SOCKS_IPV6 = 4,
};

static const char password[] = "sotto"; /* some proxies take no empty one */
static const char not_allowed[] =
    "its rules do not allow what it was asked for";

struct end {
    uv_tcp_t tcp;
    struct end *other;
    uint8_t bytes[BUFFER_BYTES]; /* read here, and being written there */
    size_t count;
    uv_write_t write;
};

enum stage {
    STAGE_WAITING, /* for the local connection */
    STAGE_CONNECTING,
    STAGE_METHOD, /* each: what the proxy is to answer */
    STAGE_USER,
    STAGE_REPLY,
    STAGE_OPEN,
};

struct transport_tunnel {
    struct transport_tunnel *next;
    struct transport_tunnels *tunnels; /* NULL: those have ended */
    enum stage stage;
    uv_tcp_t listener;
    struct end local, remote;
    int open; /* its handles, and its owner: it lives as long as any does */
    bool is_closing;
    bool is_released;
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } proxy;
    uv_connect_t connect;
    uv_write_t write;
    char user[USER_CHARS + 1]; /* empty: none */
    uint8_t request[REQUEST_BYTES];
    size_t request_bytes;
    uint8_t words[3 + USER_CHARS + sizeof(password)]; /* being said */
};

struct transport_tunnels {
    struct transport_tunnel *first;
    const char *trouble; /* of the proxy; NULL: none */
    uint64_t failed;     /* since there was none */
};

static void unlist(struct transport_tunnel *tunnel)
{
    struct transport_tunnel **at = &tunnel->tunnels->first;

    while (*at != tunnel)
        at = &(*at)->next;
    *at = tunnel->next;
}

/* A handle has closed, or the owner has let go. */
static void end_one(struct transport_tunnel *tunnel)
{
    if (--tunnel->open > 0)
        return;
    if (tunnel->tunnels)
        unlist(tunnel);
    free(tunnel);
}

static void on_closed(uv_handle_t *handle)
{
    end_one(handle->data);
}

static void close_handle(uv_tcp_t *tcp)
{
    if (!uv_is_closing((uv_handle_t *)tcp))
        uv_close((uv_handle_t *)tcp, on_closed);
}

static void close_all(struct transport_tunnel *tunnel)
{
    if (tunnel->is_closing)
        return;
    tunnel->is_closing = true;
    close_handle(&tunnel->local.tcp);
    close_handle(&tunnel->remote.tcp);
    close_handle(&tunnel->listener);
}

static void note_trouble(struct transport_tunnel *tunnel, const char *trouble)
{
    if (!tunnel->tunnels || tunnel->is_closing)
        return;
    tunnel->tunnels->trouble = trouble;
    tunnel->tunnels->failed = trouble ? tunnel->tunnels->failed + 1 : 0;
}

/* Whether the proxy is yet to show that it serves this user. */
static bool is_at_proxy(const struct transport_tunnel *tunnel)
{
    return tunnel->stage == STAGE_CONNECTING || tunnel->stage == STAGE_METHOD ||
           tunnel->stage == STAGE_USER;
}

static struct transport_tunnel *tunnel_of(const struct end *end)
{
    return end->tcp.data;
}

static void read_more(struct end *end);

static void on_written(uv_write_t *write, int status)
{
    struct end *end = write->data;
    struct transport_tunnel *tunnel = tunnel_of(end);

    if (status < 0)
        close_all(tunnel);
    else if (!tunnel->is_closing)
        read_more(end);
}

/* Pass on what was read of an end. */
static void pass_on(struct end *end)
{
    const uv_buf_t bytes =
        uv_buf_init((char *)end->bytes, (unsigned)end->count);

    uv_read_stop((uv_stream_t *)&end->tcp);
    end->count = 0;
    end->write.data = end;
    if (uv_write(&end->write, (uv_stream_t *)&end->other->tcp, &bytes, 1,
            on_written) != 0)
        close_all(tunnel_of(end));
}

static void on_said(uv_write_t *write, int status)
{
    if (status < 0)
        close_all(write->data);
}

static void say(struct transport_tunnel *tunnel, const uint8_t *words,
    size_t size, enum stage next)
{
    const uv_buf_t bytes = uv_buf_init((char *)words, (unsigned)size);

    tunnel->stage = next;
    tunnel->write.data = tunnel;
    if (uv_write(&tunnel->write, (uv_stream_t *)&tunnel->remote.tcp, &bytes, 1,
            on_said) != 0)
        close_all(tunnel);
}

static void say_method(struct transport_tunnel *tunnel)
{
    tunnel->words[0] = SOCKS_VERSION;
    tunnel->words[1] = 1;
    tunnel->words[2] = tunnel->user[0] ? SOCKS_USER : SOCKS_NO_USER;
    say(tunnel, tunnel->words, 3, STAGE_METHOD);
}

static void say_user(struct transport_tunnel *tunnel)
{
    size_t user = strlen(tunnel->user), secret = sizeof(password) - 1;

    tunnel->words[0] = 1; /* of this negotiation */
    tunnel->words[1] = (uint8_t)user;
    memcpy(tunnel->words + 2, tunnel->user, user);
    tunnel->words[2 + user] = (uint8_t)secret;
    memcpy(tunnel->words + 3 + user, password, secret);
    say(tunnel, tunnel->words, 3 + user + secret, STAGE_USER);
}

/* Bytes of the proxy's last answer, by what is there of it; 0: not known. */
static size_t reply_bytes(const uint8_t *bytes, size_t count)
{
    if (count < 5)
        return 0;
    switch (bytes[3]) {
    case SOCKS_IPV4:
        return 4 + 4 + 2;
    case SOCKS_IPV6:
        return 4 + 16 + 2;
    case SOCKS_NAME:
        return 4 + 1 + (size_t)bytes[4] + 2;
    }
    return 5; /* nonsense, as will be seen */
}

/* Take size bytes from the front of what the proxy said. */
static void drop(struct end *end, size_t size)
{
    end->count -= size;
    memmove(end->bytes, end->bytes + size, end->count);
}

/* What follows the proxy's yes is the target's. */
static void open_through(struct transport_tunnel *tunnel)
{
    tunnel->stage = STAGE_OPEN;
    if (tunnel->remote.count > 0)
        pass_on(&tunnel->remote);
    if (!tunnel->is_closing)
        read_more(&tunnel->local);
}

/* What a no of the proxy's says of it, before it is asked for the target. */
static const char *trouble_of(
    const struct transport_tunnel *tunnel, uint8_t version)
{
    if (tunnel->stage == STAGE_USER)
        return "it refuses its user";
    if (version != SOCKS_VERSION)
        return "it does not speak SOCKS5";
    return tunnel->user[0]
               ? "it knows no users (socks-isolation = off is for such a one)"
               : "it wants a user (as with socks-isolation = on)";
}

static bool is_about_rules(const struct transport_tunnel *tunnel)
{
    return tunnel->tunnels && tunnel->tunnels->trouble == not_allowed;
}

/* What a good answer says of it.  That it serves its user is no sign that its
 * rules are others now: those are asked with each target. */
static void note_service(struct transport_tunnel *tunnel)
{
    bool serves = tunnel->stage == STAGE_USER ||
                  (tunnel->stage == STAGE_METHOD && !tunnel->user[0]);

    if (serves && !is_about_rules(tunnel))
        note_trouble(tunnel, NULL);
}

/* What its word on a target says of its rules. */
static void note_rules(
    struct transport_tunnel *tunnel, uint8_t version, uint8_t code)
{
    if (version == SOCKS_VERSION && code == SOCKS_NOT_ALLOWED)
        note_trouble(tunnel, not_allowed);
    else if (is_about_rules(tunnel))
        note_trouble(tunnel, NULL);
}

/* Take an answer of the proxy, if it is all there; false when it is a no. */
static bool take_answer(struct transport_tunnel *tunnel)
{
    struct end *remote = &tunnel->remote;
    uint8_t first = remote->bytes[0], second = remote->bytes[1];
    size_t size = tunnel->stage == STAGE_REPLY
                      ? reply_bytes(remote->bytes, remote->count)
                      : 2;

    if (size == 0 || remote->count < size)
        return true;
    enum stage stage = tunnel->stage;
    uint8_t wanted = tunnel->user[0] ? SOCKS_USER : SOCKS_NO_USER;
    bool good = stage == STAGE_METHOD
                    ? first == SOCKS_VERSION && second == wanted
                : stage == STAGE_USER
                    ? second == 0
                    : first == SOCKS_VERSION && second == 0 && size > 5;
    if (stage == STAGE_REPLY)
        note_rules(tunnel, first, second);
    else if (good)
        note_service(tunnel);
    else
        note_trouble(tunnel, trouble_of(tunnel, first));
    if (!good)
        return false;
    drop(remote, size);
    if (stage == STAGE_METHOD && wanted == SOCKS_USER)
        say_user(tunnel);
    else if (stage != STAGE_REPLY)
        say(tunnel, tunnel->request, tunnel->request_bytes, STAGE_REPLY);
    else
        open_through(tunnel);
    return true;
}

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct transport_tunnel *tunnel = handle->data;
    struct end *end = handle == (uv_handle_t *)&tunnel->local.tcp
                          ? &tunnel->local
                          : &tunnel->remote;

    (void)suggested;
    *out = uv_buf_init((char *)end->bytes + end->count,
        (unsigned)(sizeof(end->bytes) - end->count));
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *room)
{
    struct transport_tunnel *tunnel = stream->data;
    struct end *end = stream == (uv_stream_t *)&tunnel->local.tcp
                          ? &tunnel->local
                          : &tunnel->remote;

    (void)room;
    if (size < 0) {
        if (is_at_proxy(tunnel) && end == &tunnel->remote)
            note_trouble(tunnel, "it hangs up");
        close_all(tunnel);
        return;
    }
    end->count += (size_t)size;
    if (tunnel->stage == STAGE_OPEN && end->count > 0)
        pass_on(end);
    else if (tunnel->stage != STAGE_OPEN && !take_answer(tunnel))
        close_all(tunnel);
}

static void read_more(struct end *end)
{
    if (uv_read_start((uv_stream_t *)&end->tcp, give_room, on_read) != 0)
        close_all(tunnel_of(end));
}

static void on_connect(uv_connect_t *connect, int status)
{
    struct transport_tunnel *tunnel = connect->data;

    if (tunnel->is_closing)
        return;
    if (status < 0) {
        note_trouble(tunnel, uv_strerror(status));
        close_all(tunnel);
        return;
    }
    read_more(&tunnel->remote);
    say_method(tunnel);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct transport_tunnel *tunnel = listener->data;

    if (tunnel->stage != STAGE_WAITING || tunnel->is_closing)
        return;
    tunnel->stage = STAGE_CONNECTING;
    tunnel->connect.data = tunnel;
    if (status < 0 ||
        uv_accept(listener, (uv_stream_t *)&tunnel->local.tcp) != 0 ||
        uv_tcp_connect(&tunnel->connect, &tunnel->remote.tcp,
            &tunnel->proxy.any, on_connect) != 0)
        close_all(tunnel);
    else
        close_handle(&tunnel->listener);
}

static bool set_proxy(struct transport_tunnel *tunnel, const char *proxy)
{
    char text[LIMIT_ENDPOINT_BYTES + 1];
    struct endpoint_host host;
    int size = snprintf(text, sizeof(text), "tcp://%s", proxy);

    if (size < 0 || (size_t)size >= sizeof(text))
        return false;
    switch (endpoint_read(span_of_text(text), false, &host)) {
    case ENDPOINT_IPV4:
        tunnel->proxy.ipv4 = (struct sockaddr_in){
            .sin_family = AF_INET, .sin_port = htons(host.port)};
        memcpy(&tunnel->proxy.ipv4.sin_addr, host.ip + 12, 4);
        return true;
    case ENDPOINT_IPV6:
        tunnel->proxy.ipv6 = (struct sockaddr_in6){
            .sin6_family = AF_INET6, .sin6_port = htons(host.port)};
        memcpy(&tunnel->proxy.ipv6.sin6_addr, host.ip, 16);
        return true;
    case ENDPOINT_BAD:
    case ENDPOINT_BAD_PORT:
    case ENDPOINT_BAD_ONION:
    case ENDPOINT_ONION:
    case ENDPOINT_NAME:
    case ENDPOINT_ANY:
        break;
    }
    return false;
}

static void ask_for(struct transport_tunnel *tunnel, uint8_t kind,
    const void *host, size_t size)
{
    memcpy(tunnel->request + tunnel->request_bytes, &kind, 1);
    tunnel->request_bytes++;
    if (kind == SOCKS_NAME)
        tunnel->request[tunnel->request_bytes++] = (uint8_t)size;
    memcpy(tunnel->request + tunnel->request_bytes, host, size);
    tunnel->request_bytes += size;
}

/* What the proxy will be asked for. */
static bool set_request(struct transport_tunnel *tunnel, const char *endpoint)
{
    static const uint8_t head[] = {SOCKS_VERSION, SOCKS_CONNECT, 0};
    const char *name = endpoint + strlen("tcp://");
    struct endpoint_host host;
    enum endpoint_kind kind =
        endpoint_read(span_of_text(endpoint), false, &host);

    memcpy(tunnel->request, head, sizeof(head));
    tunnel->request_bytes = sizeof(head);
    if (kind == ENDPOINT_IPV4)
        ask_for(tunnel, SOCKS_IPV4, host.ip + 12, 4);
    else if (kind == ENDPOINT_IPV6)
        ask_for(tunnel, SOCKS_IPV6, host.ip, 16);
    else if (kind == ENDPOINT_NAME || kind == ENDPOINT_ONION)
        ask_for(tunnel, SOCKS_NAME, name, (size_t)(strrchr(name, ':') - name));
    else
        return false;
    tunnel->request[tunnel->request_bytes++] = (uint8_t)(host.port >> 8);
    tunnel->request[tunnel->request_bytes++] = (uint8_t)host.port;
    return true;
}

static bool listen_here(struct transport_tunnel *tunnel, char *local)
{
    struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int size = sizeof(here);

    if (uv_tcp_bind(&tunnel->listener, (struct sockaddr *)&here, 0) != 0 ||
        uv_listen((uv_stream_t *)&tunnel->listener, 1, on_connection) != 0 ||
        uv_tcp_getsockname(
            &tunnel->listener, (struct sockaddr *)&here, &size) != 0)
        return false;
    snprintf(local, LIMIT_ENDPOINT_BYTES + 1, "tcp://127.0.0.1:%u",
        (unsigned)ntohs(here.sin_port));
    return true;
}

static void start_handles(
    struct transport_tunnel *tunnel, struct uv_loop_s *loop)
{
    uv_tcp_t *const handles[] = {
        &tunnel->listener, &tunnel->local.tcp, &tunnel->remote.tcp};

    for (size_t i = 0; i < 3; i++) {
        uv_tcp_init(loop, handles[i]);
        handles[i]->data = tunnel;
    }
    tunnel->open = 3 + 1;
    tunnel->local.other = &tunnel->remote;
    tunnel->remote.other = &tunnel->local;
}

enum status transport_tunnel_new(struct transport_tunnels *tunnels,
    const struct transport_tunnel_config *config, struct transport_tunnel **out,
    char *local)
{
    struct transport_tunnel *tunnel = calloc(1, sizeof(*tunnel));

    if (!tunnel)
        return STATUS_NO_MEMORY;
    assert(!config->user || strlen(config->user) <= USER_CHARS);
    if (config->user)
        strcpy(tunnel->user, config->user);
    if (!set_proxy(tunnel, config->proxy) ||
        !set_request(tunnel, config->endpoint)) {
        free(tunnel);
        return STATUS_INVALID;
    }
    start_handles(tunnel, config->loop);
    tunnel->tunnels = tunnels;
    tunnel->next = tunnels->first;
    tunnels->first = tunnel;
    if (!listen_here(tunnel, local)) {
        close_all(tunnel);
        transport_tunnel_release(tunnel);
        return STATUS_IO;
    }
    *out = tunnel;
    return STATUS_OK;
}

bool transport_tunnel_is_through(const struct transport_tunnel *tunnel)
{
    return tunnel->stage == STAGE_OPEN;
}

static void let_go(struct transport_tunnel *tunnel)
{
    bool is_first = !tunnel->is_released;

    tunnel->is_released = true;
    if (is_first)
        end_one(tunnel);
}

void transport_tunnel_release(struct transport_tunnel *tunnel)
{
    if (!tunnel)
        return;
    if (is_at_proxy(tunnel)) /* its dial has waited long enough */
        note_trouble(tunnel, "it does not answer");
    if (tunnel->stage != STAGE_OPEN)
        close_all(tunnel);
    let_go(tunnel);
}

enum status transport_tunnels_new(struct transport_tunnels **out)
{
    struct transport_tunnels *tunnels = calloc(1, sizeof(*tunnels));

    if (!tunnels)
        return STATUS_NO_MEMORY;
    *out = tunnels;
    return STATUS_OK;
}

void transport_tunnels_free(struct transport_tunnels *tunnels)
{
    if (!tunnels)
        return;
    while (tunnels->first) {
        struct transport_tunnel *tunnel = tunnels->first;
        tunnels->first = tunnel->next;
        tunnel->tunnels = NULL;
        close_all(tunnel);
        let_go(tunnel);
    }
    free(tunnels);
}

const char *transport_tunnels_trouble(
    const struct transport_tunnels *tunnels, uint64_t *failed)
{
    *failed = tunnels->failed;
    return tunnels->trouble;
}
