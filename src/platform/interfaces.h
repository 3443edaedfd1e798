/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_INTERFACES_H
#define PLATFORM_INTERFACES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* The addresses of this machine's network interfaces that are up, asked of the
 * kernel over route netlink (RFC 3549) by sockets that are opened once: inside
 * the sandbox no new one can be had, nor ioctl. */
struct interface_address {
    unsigned index;
    bool is_ipv6;
    struct in6_addr ipv6; /* link-local only */
    struct in_addr ipv4;
    struct in_addr broadcast; /* 0.0.0.0: none */
};

enum { INTERFACES_MAXIMUM = 64 };

struct interfaces {
    int ask;    /* descriptors; -1: none */
    int change; /* readable when addresses have changed */
};

/* STATUS_IO.  End with interfaces_close. */
MUST_USE enum status interfaces_open(struct interfaces *out);
void interfaces_close(struct interfaces *interfaces);

/* Forget the changes told so far. */
void interfaces_settle(const struct interfaces *interfaces);

/* The index of the interface of that name; 0 when there is none. */
unsigned interfaces_index(
    const struct interfaces *interfaces, const char *name);

/* List IPv4 addresses and IPv6 link-local ones, of interfaces that are up.
 * Returns their number, at most INTERFACES_MAXIMUM; 0 also when the kernel does
 * not answer. */
size_t interfaces_list(const struct interfaces *interfaces,
    struct interface_address out[static INTERFACES_MAXIMUM]);

#endif
