/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_DESCRIPTOR_H
#define PLATFORM_TRANSPORT_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The TCP connections that libzmq has accepted, seen from outside: libzmq does
 * not say when one has gone, nor which stays silent, nor how much it holds of
 * a message that has no end. */
struct transport_address {
    uint8_t host[16]; /* IPv6, or IPv4 mapped into it */
    uint16_t port;
    uint32_t scope;
};

struct transport_connection {
    struct transport_address peer;
    uint16_t local_port;
    int descriptor;
    uint64_t received_bytes; /* by the kernel, since it was accepted */
};

enum { TRANSPORT_PORTS = 8 };

struct transport_ports {
    uint16_t ports[TRANSPORT_PORTS];
    size_t count;
};

bool transport_address_equal(
    const struct transport_address *a, const struct transport_address *b);

/* A descriptor of our own for the connection, so that its number cannot come
 * to mean another one, and what it is.  False when it is no connected TCP
 * socket, or ports is given and its local port is none of them. */
bool transport_descriptor_keep(int descriptor,
    const struct transport_ports *ports, struct transport_connection *out);

/* Bytes received by the kernel on a TCP socket; 0 when it cannot say. */
uint64_t transport_descriptor_received(int descriptor);

/* Whether both sides hold a TCP connection open (RFC 9293, ESTABLISHED). */
bool transport_descriptor_is_held(int descriptor);

/* The number that the process's next descriptor will get, -1 when it can have
 * none.  While it stays the same nothing was opened or closed below it, and as
 * a rule nothing above.  any: a descriptor that is open. */
int transport_descriptor_next(int any);

/* List the connections of this process to those local ports, maximum at most,
 * and set *open to the number of descriptors of the process.  A connection
 * held twice is listed twice. */
size_t transport_descriptor_scan(const struct transport_ports *ports,
    struct transport_connection out[], size_t maximum, size_t *open);

/* End a listed connection, if its descriptor is still that connection. */
void transport_descriptor_cut(const struct transport_connection *connection);

#endif
