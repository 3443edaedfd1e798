/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IPv6 link-local addresses are not offered to others: they mean nothing
 * without an interface, and beacons find them. */
#include "config.h"

#include "daemon/listeners.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static bool listens_on_all(const char *listener)
{
    static const char *const all[] = {
        "tcp://*:", "tcp://0.0.0.0:", "tcp://[::]:"};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strncmp(listener, all[i], strlen(all[i])) == 0)
            return true;
    return false;
}

/* An interface's address as an endpoint; false when it is not one to offer. */
static bool print_interface(
    const struct ifaddrs *at, unsigned port, bool loopback, char *out)
{
    char text[INET6_ADDRSTRLEN];
    if (!at->ifa_addr || !(at->ifa_flags & IFF_UP) ||
        !(at->ifa_flags & IFF_LOOPBACK) == loopback)
        return false;
    if (at->ifa_addr->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)at->ifa_addr;
        inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
        snprintf(out, LIMIT_ENDPOINT_BYTES + 1, "tcp://%s:%u", text, port);
        return true;
    }
    if (at->ifa_addr->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)at->ifa_addr;
        if (IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr))
            return false;
        inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
        snprintf(out, LIMIT_ENDPOINT_BYTES + 1, "tcp://[%s]:%u", text, port);
        return true;
    }
    return false;
}

size_t listeners_expand(
    const char *listener, char out[][LIMIT_ENDPOINT_BYTES + 1], size_t maximum)
{
    struct ifaddrs *interfaces = NULL;
    size_t count = 0;
    if (maximum == 0)
        return 0;
    if (!listens_on_all(listener) || getifaddrs(&interfaces) != 0) {
        snprintf(out[0], LIMIT_ENDPOINT_BYTES + 1, "%s", listener);
        return 1;
    }
    unsigned port = endpoint_port(listener);
    for (int loopback = 0; loopback < 2 && count == 0; loopback++)
        for (struct ifaddrs *at = interfaces; at && count < maximum;
             at = at->ifa_next)
            if (print_interface(at, port, loopback, out[count]))
                count++;
    freeifaddrs(interfaces);
    return count;
}
