/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libzmq's I/O thread opens and closes descriptors while we look, so a number
 * is only ever a hint: whatever is done to a connection is done through a
 * duplicate that was checked after it was made. */
#include "config.h"

#include "platform/transport_descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage room;
};

bool transport_address_equal(
    const struct transport_address *a, const struct transport_address *b)
{
    return a->port == b->port && a->scope == b->scope &&
           memcmp(a->host, b->host, sizeof(a->host)) == 0;
}

static bool normalise(const union address *from, struct transport_address *out)
{
    struct transport_address address = {{0}, 0, 0};

    if (from->any.sa_family == AF_INET) {
        memset(address.host + 10, 0xff, 2);
        memcpy(address.host + 12, &from->v4.sin_addr, 4);
        address.port = ntohs(from->v4.sin_port);
    } else if (from->any.sa_family == AF_INET6) {
        memcpy(address.host, &from->v6.sin6_addr, 16);
        address.port = ntohs(from->v6.sin6_port);
        address.scope = from->v6.sin6_scope_id;
    } else {
        return false;
    }
    *out = address;
    return true;
}

static bool is_tcp(int descriptor)
{
    int protocol = 0;
    socklen_t size = sizeof(protocol);

    return getsockopt(descriptor, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) ==
               0 &&
           protocol == IPPROTO_TCP;
}

/* All zeros where the kernel cannot say. */
static struct tcp_info info_of(int descriptor)
{
    struct tcp_info info;
    socklen_t size = sizeof(info);

    memset(&info, 0, sizeof(info));
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        memset(&info, 0, sizeof(info));
    return info;
}

uint64_t transport_descriptor_received(int descriptor)
{
    return info_of(descriptor).tcpi_bytes_received;
}

bool transport_descriptor_is_held(int descriptor)
{
    enum { ESTABLISHED = 1 }; /* TCP_ESTABLISHED, which the C library has too */

    return info_of(descriptor).tcpi_state == ESTABLISHED;
}

static bool has_port(const struct transport_ports *ports, uint16_t port)
{
    for (size_t i = 0; i < ports->count; i++)
        if (ports->ports[i] == port)
            return true;
    return false;
}

static bool look(int descriptor, const struct transport_ports *ports,
    struct transport_connection *out)
{
    union address here = {.room = {0}}, there = {.room = {0}};
    socklen_t here_bytes = sizeof(here), there_bytes = sizeof(there);
    struct transport_address local;
    struct transport_connection found = {.descriptor = descriptor};

    if (!is_tcp(descriptor) ||
        getsockname(descriptor, &here.any, &here_bytes) != 0 ||
        !normalise(&here, &local) || (ports && !has_port(ports, local.port)) ||
        getpeername(descriptor, &there.any, &there_bytes) != 0 ||
        !normalise(&there, &found.peer))
        return false;
    found.local_port = local.port;
    found.received_bytes = transport_descriptor_received(descriptor);
    *out = found;
    return true;
}

bool transport_descriptor_keep(int descriptor,
    const struct transport_ports *ports, struct transport_connection *out)
{
    int own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);

    if (own < 0)
        return false;
    if (!look(own, ports, out)) {
        close(own);
        return false;
    }
    return true;
}

int transport_descriptor_next(int any)
{
    int next = fcntl(any, F_DUPFD_CLOEXEC, 0);

    if (next >= 0)
        close(next);
    return next;
}

size_t transport_descriptor_scan(const struct transport_ports *ports,
    struct transport_connection out[], size_t maximum, size_t *open)
{
    /* The kernel gives out the lowest free number: a long gap is the end. */
    enum { LONGEST_GAP = 256 };
    size_t count = 0, seen = 0;

    for (int number = 0, gap = 0; gap < LONGEST_GAP; number++) {
        if (fcntl(number, F_GETFD) < 0) {
            gap++;
            continue;
        }
        gap = 0;
        seen++;
        if (count < maximum && look(number, ports, &out[count]))
            count++;
    }
    *open = seen;
    return count;
}

void transport_descriptor_cut(const struct transport_connection *connection)
{
    struct transport_connection now;

    if (!transport_descriptor_keep(connection->descriptor, NULL, &now))
        return;
    if (now.local_port == connection->local_port &&
        transport_address_equal(&now.peer, &connection->peer))
        shutdown(now.descriptor, SHUT_RDWR);
    close(now.descriptor);
}
