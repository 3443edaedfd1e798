/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_SOCKET_H
#define PLATFORM_TRANSPORT_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/ids.h"

/* The libzmq sockets of the transport, made with every option they need.
 * Sockets are zmq's own, closed with
 * zmq_close. */
struct transport_keys {
    uint8_t secret_key[32];
    struct node_key public_key;
};

enum {
    TRANSPORT_HIGH_WATER = 64,            /* messages in a pipe, each way */
    TRANSPORT_KERNEL_BUFFER = 256 * 1024, /* bytes in a TCP socket, each way */
    TRANSPORT_HANDSHAKE_MS = 5000,
    TRANSPORT_FRAMING_BYTES = 42, /* ZMTP and CURVE around a frame, at most */
};

/* What listens: a ROUTER, CURVE server, every client asked about at the ZAP
 * door.  NULL (errno) when libzmq gives none. */
void *transport_socket_router(void *zmq, const struct transport_keys *keys);

/* What dials: a DEALER, CURVE client, that connects once and never again, and
 * from then on has so long for the handshake. */
void *transport_socket_dealer(void *zmq, const struct transport_keys *keys,
    const struct node_key *server, int handshake_ms);

/* The door: a ROUTER bound where libzmq looks for its ZAP handler. */
void *transport_socket_door(void *zmq);

/* What hears the life of one dealer: a PAIR, attached. */
void *transport_socket_monitor(void *zmq, void *dealer, uint32_t number);

/* Bind or connect, having made sure that the socket speaks CURVE and nothing
 * else.  STATUS_IO. */
MUST_USE enum status transport_socket_bind(void *socket, const char *endpoint);
MUST_USE enum status transport_socket_connect(
    void *socket, const char *endpoint);

/* The descriptor that becomes readable when the socket wants attention. */
int transport_socket_descriptor(void *socket);

/* Take in what libzmq has told the socket, so that its descriptor is quiet;
 * whether there is a message to read. */
bool transport_socket_settle(void *socket);

/* 32 bytes to libzmq's text for keys (Z85, 40 characters and a zero) and back
 * (false when it is not such a text). */
void transport_key_text(const struct node_key *key, char out[static 41]);
bool transport_key_parse(const char *text, struct node_key *out);

#endif
