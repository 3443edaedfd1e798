/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_TUNNEL_H
#define PLATFORM_TRANSPORT_TUNNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/limits.h"

/* A way for one connection through a SOCKS5 proxy (RFC 1928, 1929): a socket
 * of this machine that leads, by way of the proxy, to one endpoint. */
struct transport_tunnel;
struct transport_tunnels;
struct uv_loop_s;

struct transport_tunnel_config {
    struct uv_loop_s *loop;
    const char *proxy; /* numeric HOST:PORT */
    /* Whom the proxy is told that it serves, at most 63 characters: Tor gives
     * each a circuit of its own.  NULL: nobody. */
    const char *user;
    const char
        *endpoint; /* tcp://HOST:PORT; names are the proxy's to resolve */
};

/* Open one; *local, of LIMIT_ENDPOINT_BYTES + 1, is where to connect, once.
 * When it fails on its way the connection ends.  STATUS_INVALID for what can't
 * be dialled, STATUS_NO_MEMORY, STATUS_IO. */
MUST_USE enum status transport_tunnel_new(struct transport_tunnels *tunnels,
    const struct transport_tunnel_config *config, struct transport_tunnel **out,
    char *local);

/* Whether the proxy has reached the endpoint, also when that is over. */
bool transport_tunnel_is_through(const struct transport_tunnel *tunnel);

/* Its owner has closed the connection: what is under way is still passed on,
 * and then it ends by itself.  Harmless for NULL. */
void transport_tunnel_release(struct transport_tunnel *tunnel);

/* All tunnels of a transport.  Freeing them ends those that are left. */
MUST_USE enum status transport_tunnels_new(struct transport_tunnels **out);
void transport_tunnels_free(struct transport_tunnels *tunnels);

/* What was wrong with the proxy itself when it was last spoken to, in words
 * that stay, the same for the same, and how many have failed by it since
 * nothing was; NULL, and 0: nothing.  That its rules do not allow a target is
 * its own doing, until it says anything else of one; that one is not reached is
 * not. */
const char *transport_tunnels_trouble(
    const struct transport_tunnels *tunnels, uint64_t *failed);

#endif
