/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_ADDRESS_H
#define PROTO_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* Where a node can be dialled: a numeric IP address and a TCP port.  Names are
 * never among them, so that nothing that a stranger says is looked up. */
enum { ADDRESS_IPV4_BYTES = 4, ADDRESS_IPV6_BYTES = 16 };

struct address {
    uint8_t size; /* of bytes; 0: no address */
    uint16_t port;
    uint8_t bytes[ADDRESS_IPV6_BYTES]; /* in network order; zeros behind size */
};

/* A node and where it can be dialled: what membership passes on. */
struct node_address {
    struct node_key node;
    struct address address;
};

/* From how far an address can be reached, the nearest first. */
enum address_scope {
    ADDRESS_NOWHERE,  /* no unicast address, one of a single wire, or one that
                         stands for another (IPv4 inside IPv6) */
    ADDRESS_LOOPBACK, /* this machine */
    ADDRESS_PRIVATE,  /* a site: RFC 1918, 6598 and 4193 */
    ADDRESS_PUBLIC,
};
enum address_scope address_scope(const struct address *address);

/* The network that an address is in, as a number that is equal for two
 * addresses in one /24 (IPv4) or /48 (IPv6), and never 0. */
uint64_t address_subnet(const struct address *address);

/* Whether two have the same host, whatever the port; whether they are equal. */
bool address_same_host(const struct address *a, const struct address *b);
bool address_equal(const struct address *a, const struct address *b);

/* Read tcp://ADDRESS:PORT, an IPv6 address in brackets and without a scope.
 * STATUS_INVALID, also for a name and for port 0. */
MUST_USE enum status address_parse(struct span text, struct address *out);

/* Of an IPv6 address, or an IPv4 one mapped into it (RFC 4291, 2.5.5.2).
 * STATUS_INVALID for port 0. */
MUST_USE enum status address_from_ip(
    const uint8_t ip[static ADDRESS_IPV6_BYTES], uint16_t port,
    struct address *out);

/* Write it so, terminated, IPv6 as eight groups (RFC 4291, section 2.2.1). */
void address_print(
    const struct address *address, char out[static LIMIT_ENDPOINT_BYTES + 1]);

#endif
