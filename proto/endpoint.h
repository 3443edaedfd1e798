/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_ENDPOINT_H
#define PROTO_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* Where a node is dialled, and under which key, as text.  One reader for what a
 * person writes, what a peer sends and what is dialled: nothing here asks a
 * resolver or the system. */

/* Enough room for tcp://ADDRESS:PORT, a '#', a key in hexadecimal, and a
 * terminator. */
enum { ENDPOINT_TEXT_BYTES = LIMIT_ENDPOINT_BYTES + 1 + 64 + 1 };
enum { ENDPOINT_SCOPE_CHARS = 15 }; /* of an interface's name */

/* What a host is, by its form alone. */
enum endpoint_kind {
    ENDPOINT_BAD,
    ENDPOINT_BAD_PORT,
    ENDPOINT_BAD_ONION,
    ENDPOINT_IPV4,
    ENDPOINT_IPV6,  /* in brackets, with or without a %scope */
    ENDPOINT_ONION, /* of a hidden service, version 3; only through a proxy */
    ENDPOINT_NAME,  /* any other; only through a proxy */
    ENDPOINT_ANY,   /* "*", only to listen */
};

/* How far off whoever has an address can be. */
enum endpoint_reach {
    REACH_NOWHERE, /* unspecified, multicast, reserved */
    REACH_MACHINE, /* loopback */
    REACH_LINK,    /* link-local: means nothing on another link */
    REACH_SITE,    /* private (RFC 1918, 6598, 4193) */
    REACH_WORLD,   /* and names */
};

struct endpoint_host {
    enum endpoint_kind kind;
    uint8_t ip[16]; /* IPV6; of IPV4 the mapped form (RFC 4291, 2.5.5.2) */
    char scope[ENDPOINT_SCOPE_CHARS + 1]; /* IPV6; empty: none */
    uint16_t port;
};

/* Read tcp://HOST:PORT, and nothing around it.  A port is a number up to 65535;
 * 0, and * for it, counts only to listen.  What it is, is returned, and is
 * out->kind; the other fields count only for a kind that is good. */
enum endpoint_kind endpoint_read(
    struct span text, bool listening, struct endpoint_host *out);

/* Of an IPv4 or IPv6 address, a mapped one as IPv4; REACH_WORLD for a name. */
enum endpoint_reach endpoint_reach_of(const struct endpoint_host *host);

/* NULL for an endpoint that can be listened on; else what it should be. */
const char *endpoint_listen_complaint(const char *endpoint);

/* NULL for an endpoint that can be dialled: a numeric address, a link-local one
 * with its interface, or also a name where there is a proxy to resolve it; else
 * what it should be. */
const char *endpoint_dial_complaint(const char *endpoint, bool has_proxy);

struct endpoint {
    char address[LIMIT_ENDPOINT_BYTES + 1]; /* tcp://ADDRESS:PORT, or empty */
    struct node_key key;
    bool has_key;
};

/* Take apart tcp://ADDRESS:PORT, tcp://ADDRESS:PORT#KEY, or a KEY alone; the
 * address is looked at no closer.  STATUS_INVALID when it is none of them,
 * STATUS_TOO_LARGE. */
MUST_USE enum status endpoint_parse(struct span text, struct endpoint *out);

/* Write address#key, terminated. */
void endpoint_print(const char *address, const struct node_key *key,
    char out[static ENDPOINT_TEXT_BYTES]);

/* The port of tcp://ADDRESS:PORT; 0 when there is none. */
unsigned endpoint_port(const char *address);

#endif
