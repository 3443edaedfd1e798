/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Endpoints are told apart by their form alone: nothing here asks a resolver,
 * since libzmq's would stall every link, and a name that is looked up tells
 * the network whom one is about to talk to. */
#include "platform/transport_endpoint.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "proto/limits.h"

static bool is_port(const char *text, bool listening)
{
    if (listening && strcmp(text, "*") == 0)
        return true;
    unsigned long value = 0;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits] != '\0')
        return false;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (unsigned long)(text[i] - '0');
    return value <= 65535 && (value > 0 || listening);
}

static enum endpoint_kind bracketed_kind(char *host)
{
    uint8_t address[16];
    size_t size = strlen(host);

    if (size < 3 || host[size - 1] != ']')
        return ENDPOINT_BAD;
    host[size - 1] = '\0';
    char *scope = strchr(host + 1, '%');
    if (scope) {
        *scope++ = '\0';
        if (*scope == '\0' || strpbrk(scope, "%/:[]"))
            return ENDPOINT_BAD;
    }
    return inet_pton(AF_INET6, host + 1, address) == 1 ? ENDPOINT_IPV6
                                                       : ENDPOINT_BAD;
}

static enum endpoint_kind host_kind(char *host, bool listening)
{
    static const char name_characters[] = "abcdefghijklmnopqrstuvwxyz"
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789.-";
    uint8_t address[4];

    if (host[0] == '[')
        return bracketed_kind(host);
    if (strcmp(host, "*") == 0)
        return listening ? ENDPOINT_ANY : ENDPOINT_BAD;
    if (inet_pton(AF_INET, host, address) == 1)
        return ENDPOINT_IPV4;
    if (host[0] == '\0' || host[strspn(host, name_characters)] != '\0')
        return ENDPOINT_BAD;
    return ENDPOINT_NAME;
}

enum endpoint_kind endpoint_kind(const char *endpoint, bool listening)
{
    char host[LIMIT_ENDPOINT_BYTES + 1];

    if (strncmp(endpoint, "tcp://", 6) != 0 ||
        strlen(endpoint) > LIMIT_ENDPOINT_BYTES)
        return ENDPOINT_BAD;
    strcpy(host, endpoint + 6);
    char *colon = strrchr(host, ':');
    if (!colon)
        return ENDPOINT_BAD;
    *colon = '\0';
    enum endpoint_kind kind = host_kind(host, listening);
    return kind == ENDPOINT_BAD || is_port(colon + 1, listening)
               ? kind
               : ENDPOINT_BAD_PORT;
}

const char *endpoint_listen_complaint(const char *endpoint)
{
    switch (endpoint_kind(endpoint, true)) {
    case ENDPOINT_IPV4:
    case ENDPOINT_IPV6:
    case ENDPOINT_ANY:
        return NULL;
    case ENDPOINT_BAD_PORT:
        return "a port to listen on is a number from 0 (any) to 65535";
    case ENDPOINT_BAD:
    case ENDPOINT_NAME:
        break;
    }
    return "an address to listen on is tcp://, *, a numeric IPv4 address or "
           "an IPv6 one in brackets, and :PORT, as in tcp://*:7311 or "
           "tcp://[::1]:0";
}

const char *endpoint_dial_complaint(const char *endpoint, bool has_proxy)
{
    switch (endpoint_kind(endpoint, false)) {
    case ENDPOINT_IPV4:
    case ENDPOINT_IPV6:
        return NULL;
    case ENDPOINT_BAD_PORT:
        return "a port to dial is a number from 1 to 65535";
    case ENDPOINT_NAME:
        return has_proxy ? NULL
                         : "a name can be dialled only through a proxy "
                           "(socks), which then resolves it; without one "
                           "give the numeric address";
    case ENDPOINT_BAD:
    case ENDPOINT_ANY:
        break;
    }
    return "an endpoint to dial is tcp://ADDRESS:PORT#NODEKEY, the address "
           "numeric and an IPv6 one in brackets, as in tcp://192.0.2.7:7311";
}
