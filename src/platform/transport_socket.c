/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making libzmq's sockets safe.  Options are set before a socket touches the
 * network, each is checked, and CURVE is asked for once more right before bind
 * and connect, because a socket on which one option failed would silently
 * speak in the clear. */
#include "platform/transport_socket.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "platform/random.h"
#include "proto/endpoint.h"
#include "proto/limits.h"

/* Not in zmq.h of 4.3.4 for programs that keep off its draft interface. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

enum {
    FRAME_SLACK_BYTES = 33, /* libzmq counts CURVE's own bytes too */
    CONNECT_MS = 10000,
    LISTEN_BACKLOG = 128,
};

static bool set_number(void *socket, int option, int value)
{
    return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0;
}

static bool set_bytes(void *socket, int option, const void *value, size_t size)
{
    return zmq_setsockopt(socket, option, value, size) == 0;
}

static bool set_bounds(void *socket)
{
    int64_t largest = LIMIT_FRAME_BYTES + FRAME_SLACK_BYTES;

    return set_bytes(socket, ZMQ_MAXMSGSIZE, &largest, sizeof(largest)) &&
           set_number(socket, ZMQ_SNDHWM, TRANSPORT_HIGH_WATER) &&
           set_number(socket, ZMQ_RCVHWM, TRANSPORT_HIGH_WATER) &&
           set_number(socket, ZMQ_SNDBUF, TRANSPORT_KERNEL_BUFFER) &&
           set_number(socket, ZMQ_RCVBUF, TRANSPORT_KERNEL_BUFFER) &&
           set_number(socket, ZMQ_HANDSHAKE_IVL, TRANSPORT_HANDSHAKE_MS) &&
           set_number(socket, ZMQ_LINGER, 0);
}

static bool set_keys(void *socket, const struct transport_keys *keys)
{
    return set_bytes(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key, 32) &&
           set_bytes(socket, ZMQ_CURVE_PUBLICKEY, keys->public_key.bytes, 32);
}

static void *checked(void *socket, bool good)
{
    if (socket && !good) {
        int saved = errno;
        zmq_close(socket);
        errno = saved;
        return NULL;
    }
    return socket;
}

/* libzmq numbers anonymous peers upwards from rand(); a peer that could foresee
 * the next number would claim it and so abort the process. */
static void seed_peer_numbers(void)
{
    srand((unsigned)random_u64(random_system()));
}

void *transport_socket_router(void *zmq, const struct transport_keys *keys)
{
    seed_peer_numbers();
    void *socket = zmq_socket(zmq, ZMQ_ROUTER);

    return checked(socket, socket && set_bounds(socket) &&
                               set_number(socket, ZMQ_CURVE_SERVER, 1) &&
                               set_keys(socket, keys) &&
                               set_bytes(socket, ZMQ_ZAP_DOMAIN, "sotto", 5) &&
                               set_number(socket, ZMQ_ZAP_ENFORCE_DOMAIN, 1) &&
                               set_number(socket, ZMQ_ROUTER_MANDATORY, 1) &&
                               set_number(socket, ZMQ_BACKLOG, LISTEN_BACKLOG));
}

void *transport_socket_dealer(void *zmq, const struct transport_keys *keys,
    const struct node_key *server, int handshake_ms)
{
    void *socket = zmq_socket(zmq, ZMQ_DEALER);

    return checked(
        socket, socket && set_bounds(socket) && set_keys(socket, keys) &&
                    set_bytes(socket, ZMQ_CURVE_SERVERKEY, server->bytes, 32) &&
                    set_number(socket, ZMQ_RECONNECT_IVL, -1) &&
                    set_number(socket, ZMQ_IMMEDIATE, 1) &&
                    set_number(socket, ZMQ_CONNECT_TIMEOUT, CONNECT_MS) &&
                    set_number(socket, ZMQ_HANDSHAKE_IVL, handshake_ms));
}

void *transport_socket_door(void *zmq)
{
    void *socket = zmq_socket(zmq, ZMQ_ROUTER);

    return checked(socket, socket && set_number(socket, ZMQ_LINGER, 0) &&
                               zmq_bind(socket, "inproc://zeromq.zap.01") == 0);
}

void *transport_socket_monitor(void *zmq, void *dealer, uint32_t number)
{
    char name[48];
    int events =
        ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED |
        ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
        ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

    snprintf(name, sizeof(name), "inproc://monitor-%u", (unsigned)number);
    if (zmq_socket_monitor(dealer, name, events) != 0)
        return NULL;
    void *socket = zmq_socket(zmq, ZMQ_PAIR);

    return checked(socket, socket && set_number(socket, ZMQ_LINGER, 0) &&
                               zmq_connect(socket, name) == 0);
}

static void assert_curve(void *socket)
{
    int mechanism = -1;
    size_t size = sizeof(mechanism);
    int failed = zmq_getsockopt(socket, ZMQ_MECHANISM, &mechanism, &size);

    assert(!failed && mechanism == ZMQ_CURVE);
}

/* IPv6 only where it is written: with it, libzmq would show an IPv4 listener as
 * [::ffff:...]. */
static bool set_family(void *socket, const char *endpoint, bool listening)
{
    struct endpoint_host host;
    enum endpoint_kind kind =
        endpoint_read(span_of_text(endpoint), listening, &host);

    return set_number(
        socket, ZMQ_IPV6, kind == ENDPOINT_IPV6 || kind == ENDPOINT_ANY);
}

enum status transport_socket_bind(void *socket, const char *endpoint)
{
    assert_curve(socket);
    return set_family(socket, endpoint, true) && zmq_bind(socket, endpoint) == 0
               ? STATUS_OK
               : STATUS_IO;
}

enum status transport_socket_connect(void *socket, const char *endpoint)
{
    assert_curve(socket);
    return set_family(socket, endpoint, false) &&
                   zmq_connect(socket, endpoint) == 0
               ? STATUS_OK
               : STATUS_IO;
}

int transport_socket_descriptor(void *socket)
{
    int descriptor = -1;
    size_t size = sizeof(descriptor);
    int failed = zmq_getsockopt(socket, ZMQ_FD, &descriptor, &size);

    assert(!failed);
    return descriptor;
}

bool transport_socket_settle(void *socket)
{
    int events = 0;
    size_t size = sizeof(events);
    int failed = zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size);

    assert(!failed);
    return events & ZMQ_POLLIN;
}

void transport_key_text(const struct node_key *key, char out[static 41])
{
    char *text = zmq_z85_encode(out, key->bytes, sizeof(key->bytes));

    assert(text);
}

bool transport_key_parse(const char *text, struct node_key *out)
{
    struct node_key key;

    if (!text || strlen(text) != 40 || !zmq_z85_decode(key.bytes, text))
        return false;
    *out = key;
    return true;
}
