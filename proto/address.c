/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses in the form in which membership passes them on.  An IPv6 address
 * that carries an IPv4 one inside is nowhere: it would be a second name for
 * addresses that are refused under their first, behind a translator that may
 * stand on this very network. */
#include "proto/address.h"

#include <string.h>

#include "proto/endpoint.h"

enum { MAPPED_BYTES = 12 }; /* before the IPv4 address in a mapped one */

enum status address_parse(struct span text, struct address *out)
{
    struct endpoint_host host;
    enum endpoint_kind kind = endpoint_read(text, false, &host);
    if ((kind != ENDPOINT_IPV4 && kind != ENDPOINT_IPV6) ||
        host.scope[0] != '\0')
        return STATUS_INVALID;
    return address_from_ip(host.ip, host.port, out);
}

enum status address_from_ip(const uint8_t ip[static ADDRESS_IPV6_BYTES],
    uint16_t port, struct address *out)
{
    static const uint8_t mapped[MAPPED_BYTES] = {[10] = 0xff, [11] = 0xff};
    struct address address = {.size = ADDRESS_IPV6_BYTES, .port = port};
    if (port == 0)
        return STATUS_INVALID;
    if (memcmp(ip, mapped, sizeof(mapped)) == 0) {
        address.size = ADDRESS_IPV4_BYTES;
        memcpy(address.bytes, ip + MAPPED_BYTES, ADDRESS_IPV4_BYTES);
    } else {
        memcpy(address.bytes, ip, ADDRESS_IPV6_BYTES);
    }
    *out = address;
    return STATUS_OK;
}

static const char scheme[] = "tcp://";

static char *print_number(char *out, unsigned value, unsigned base)
{
    char digits[8];
    size_t count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value > 0);
    while (count > 0)
        *out++ = digits[--count];
    return out;
}

void address_print(
    const struct address *address, char out[static LIMIT_ENDPOINT_BYTES + 1])
{
    bool is_ipv4 = address->size == ADDRESS_IPV4_BYTES;
    memcpy(out, scheme, strlen(scheme));
    char *at = out + strlen(scheme);
    if (!is_ipv4)
        *at++ = '[';
    for (size_t i = 0; i < address->size; i += is_ipv4 ? 1 : 2) {
        const uint8_t *bytes = address->bytes + i;
        if (i > 0)
            *at++ = is_ipv4 ? '.' : ':';
        at = is_ipv4 ? print_number(at, bytes[0], 10)
                     : print_number(at, (unsigned)bytes[0] << 8 | bytes[1], 16);
    }
    if (!is_ipv4)
        *at++ = ']';
    *at++ = ':';
    at = print_number(at, address->port, 10);
    *at = '\0';
}

/* Of IPv6, 2000::/3 alone is given out (RFC 4291); in it, 6to4 and Teredo
 * (RFC 3056, RFC 4380) lead to an IPv4 address. */
static bool is_native(const uint8_t ip[static ADDRESS_IPV6_BYTES])
{
    bool is_6to4 = ip[0] == 0x20 && ip[1] == 0x02;
    bool is_teredo = ip[0] == 0x20 && ip[1] == 0x01 && ip[2] == 0 && ip[3] == 0;
    return (ip[0] & 0xe0) == 0x20 && !is_6to4 && !is_teredo;
}

static struct endpoint_host host_of(const struct address *address)
{
    struct endpoint_host host = {.kind = ENDPOINT_IPV6, .port = address->port};
    if (address->size == ADDRESS_IPV4_BYTES) {
        host.ip[10] = host.ip[11] = 0xff;
        memcpy(host.ip + MAPPED_BYTES, address->bytes, ADDRESS_IPV4_BYTES);
    } else {
        memcpy(host.ip, address->bytes, ADDRESS_IPV6_BYTES);
    }
    return host;
}

enum address_scope address_scope(const struct address *address)
{
    struct endpoint_host host = host_of(address);
    if (address->size == 0)
        return ADDRESS_NOWHERE;
    switch (endpoint_reach_of(&host)) {
    case REACH_NOWHERE:
    case REACH_LINK:
        break;
    case REACH_MACHINE:
        return ADDRESS_LOOPBACK;
    case REACH_SITE:
        return ADDRESS_PRIVATE;
    case REACH_WORLD:
        if (address->size == ADDRESS_IPV4_BYTES || is_native(host.ip))
            return ADDRESS_PUBLIC;
    }
    return ADDRESS_NOWHERE;
}

uint64_t address_subnet(const struct address *address)
{
    size_t bytes = address->size == ADDRESS_IPV4_BYTES ? 3 : 6;
    uint64_t subnet = address->size;
    for (size_t i = 0; i < bytes; i++)
        subnet = subnet << 8 | address->bytes[i];
    return subnet;
}

bool address_same_host(const struct address *a, const struct address *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

bool address_equal(const struct address *a, const struct address *b)
{
    return a->port == b->port && address_same_host(a, b);
}
