/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_ENDPOINT_H
#define PLATFORM_TRANSPORT_ENDPOINT_H

#include <stdbool.h>

/* What the transport makes of an endpoint's text, before any socket. */
enum endpoint_kind {
    ENDPOINT_BAD,
    ENDPOINT_BAD_PORT,
    ENDPOINT_IPV4,
    ENDPOINT_IPV6, /* in brackets, with or without a %scope */
    ENDPOINT_NAME, /* only through a proxy */
    ENDPOINT_ANY,  /* a host of "*", only to listen */
};

/* What tcp://HOST:PORT is.  A port is a number up to 65535; 0, and * for it,
 * counts only to listen. */
enum endpoint_kind endpoint_kind(const char *endpoint, bool listening);

/* NULL for an endpoint that can be listened on; else what it should be. */
const char *endpoint_listen_complaint(const char *endpoint);

/* NULL for an endpoint that can be dialled: a numeric address, or also a name
 * where there is a proxy to resolve it; else what it should be. */
const char *endpoint_dial_complaint(const char *endpoint, bool has_proxy);

#endif
