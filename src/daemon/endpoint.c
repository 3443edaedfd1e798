/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Endpoints as text.  Whether an address is numeric and can be dialled is the
 * transport's to say; here is only the form.  IPv6 link-local addresses are
 * not offered to others: they mean nothing without an interface, and beacons
 * find them. */
#include "config.h"

#include "daemon/endpoint.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

#define ENDPOINT_SCHEME "tcp://"

static bool is_address(struct span text)
{
    size_t scheme = strlen(ENDPOINT_SCHEME);
    if (text.size <= scheme || memcmp(text.data, ENDPOINT_SCHEME, scheme) != 0)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    return memrchr(text.data + scheme, ':', text.size - scheme) != NULL;
}

static enum status parse_key(struct span text, struct node_key *out)
{
    char copy[2 * sizeof(out->bytes) + 1];
    if (text.size != sizeof(copy) - 1)
        return STATUS_INVALID;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return hex_decode(copy, out->bytes, sizeof(out->bytes));
}

enum status endpoint_parse(struct span text, struct endpoint *out)
{
    struct endpoint endpoint = {.has_key = false};
    const uint8_t *hash = text.size ? memchr(text.data, '#', text.size) : NULL;
    struct span address = text, key = {0};
    if (hash) {
        address.size = (size_t)(hash - text.data);
        key = (struct span){hash + 1, text.size - address.size - 1};
    } else if (!is_address(text)) {
        address.size = 0;
        key = text;
    }
    if (address.size > LIMIT_ENDPOINT_BYTES)
        return STATUS_TOO_LARGE;
    if (address.size > 0 || hash) {
        if (!is_address(address))
            return STATUS_INVALID;
        memcpy(endpoint.address, address.data, address.size);
    }
    if (hash || address.size == 0) {
        enum status status = parse_key(key, &endpoint.key);
        if (status)
            return status;
        endpoint.has_key = true;
    }
    *out = endpoint;
    return STATUS_OK;
}

void endpoint_print(const char *address, const struct node_key *key, char *out)
{
    char hex[2 * sizeof(key->bytes) + 1];
    hex_encode((struct span){key->bytes, sizeof(key->bytes)}, hex);
    snprintf(out, ENDPOINT_TEXT_BYTES, "%.*s#%s", (int)LIMIT_ENDPOINT_BYTES,
        address, hex);
}

unsigned endpoint_port(const char *address)
{
    const char *colon = strrchr(address, ':');
    unsigned long port = colon ? strtoul(colon + 1, NULL, 10) : 0;
    return port <= 65535 ? (unsigned)port : 0;
}

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

size_t endpoint_expand(
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
