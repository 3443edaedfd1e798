/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Endpoints are told apart by their form alone: a name that is looked up tells
 * the network whom one is about to talk to, and libzmq's resolver would stall
 * every link.  Numeric addresses have the forms that inet_pton takes, read here
 * because this layer asks the system for nothing; an IPv4 number has no leading
 * zero, since some readers take that for octal. */
#include "proto/endpoint.h"

#include <assert.h>
#include <string.h>

#include "base/hex.h"

static const char scheme[] = "tcp://";
enum {
    SCHEME_CHARS = sizeof(scheme) - 1,
    ONION_CHARS = 56, /* key 32, check 2, version 1: in base32 */
    IPV6_GROUPS = 8,
};

static struct span part(struct span text, size_t from, size_t to)
{
    return from < to ? (struct span){text.data + from, to - from}
                     : (struct span){0};
}

/* Where a byte last stands; text.size where it does not. */
static size_t find_last(struct span text, uint8_t byte)
{
    for (size_t i = text.size; i-- > 0;)
        if (text.data[i] == byte)
            return i;
    return text.size;
}

static size_t find_first(struct span text, uint8_t byte)
{
    size_t i = 0;
    while (i < text.size && text.data[i] != byte)
        i++;
    return i;
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* A decimal number; most has at most five digits. */
static bool read_decimal(struct span text, uint32_t most, uint32_t *out)
{
    uint32_t value = 0;
    if (text.size == 0 || text.size > 5)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (!is_digit(text.data[i]))
            return false;
        value = value * 10 + (uint32_t)(text.data[i] - '0');
    }
    *out = value;
    return value <= most;
}

static bool read_ipv4(struct span text, uint8_t out[static 4])
{
    for (int i = 0; i < 4; i++) {
        uint32_t value;
        size_t end = find_first(text, '.');
        if ((end == text.size) != (i == 3) ||
            !read_decimal(part(text, 0, end), 255, &value) ||
            end != (value < 10       ? 1u
                       : value < 100 ? 2u
                                     : 3u))
            return false;
        out[i] = (uint8_t)value;
        if (i < 3)
            text = part(text, end + 1, text.size);
    }
    return true;
}

static bool read_group(struct span text, uint8_t out[static 2])
{
    unsigned value = 0;
    if (text.size == 0 || text.size > 4)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i], lower = byte | 0x20;
        bool is_hex = lower >= 'a' && lower <= 'f';
        if (!is_digit(byte) && !is_hex)
            return false;
        unsigned digit = is_digit(byte) ? (unsigned)(byte - '0')
                                        : (unsigned)(lower - 'a' + 10);
        value = value << 4 | digit;
    }
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
    return true;
}

/* Groups with a colon between them, the last perhaps an IPv4 address; how many
 * bytes they are, or -1.  None at all is none. */
static int read_groups(struct span text, uint8_t out[static 16])
{
    int count = 0;
    while (text.size > 0) {
        size_t end = find_first(text, ':');
        struct span group = part(text, 0, end);
        bool is_last = end == text.size;
        if (is_last && count <= 12 && read_ipv4(group, out + count))
            return count + 4;
        if (count == 16 || !read_group(group, out + count))
            return -1;
        count += 2;
        if (is_last)
            break;
        text = part(text, end + 1, text.size);
        if (text.size == 0)
            return -1; /* a colon at the end */
    }
    return count;
}

static size_t find_gap(struct span text)
{
    for (size_t i = 0; i + 1 < text.size; i++)
        if (text.data[i] == ':' && text.data[i + 1] == ':')
            return i;
    return text.size;
}

static bool read_ipv6(struct span text, uint8_t out[static 16])
{
    uint8_t head[16], tail[16];
    size_t gap = find_gap(text);
    if (gap == text.size)
        return read_groups(text, out) == 16;
    int before = read_groups(part(text, 0, gap), head);
    int behind = read_groups(part(text, gap + 2, text.size), tail);
    if (before < 0 || behind < 0 || before + behind > 14)
        return false;
    /* An IPv4 address ends an IPv6 one: none stands before the gap. */
    if (find_first(part(text, 0, gap), '.') < gap)
        return false;
    memset(out, 0, 16);
    memcpy(out, head, (size_t)before);
    memcpy(out + 16 - behind, tail, (size_t)behind);
    return true;
}

static bool read_scope(struct span text, char *out)
{
    if (text.size == 0 || text.size > ENDPOINT_SCOPE_CHARS)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (byte <= ' ' || byte > '~' || strchr("%/:[]#", byte))
            return false;
    }
    memcpy(out, text.data, text.size);
    out[text.size] = '\0';
    return true;
}

static enum endpoint_kind read_bracketed(
    struct span host, struct endpoint_host *out)
{
    if (host.size < 3 || host.data[host.size - 1] != ']')
        return ENDPOINT_BAD;
    struct span inside = part(host, 1, host.size - 1);
    size_t percent = find_first(inside, '%');
    if (percent < inside.size &&
        !read_scope(part(inside, percent + 1, inside.size), out->scope))
        return ENDPOINT_BAD;
    return read_ipv6(part(inside, 0, percent), out->ip) ? ENDPOINT_IPV6
                                                        : ENDPOINT_BAD;
}

static bool ends_with(struct span text, const char *end)
{
    size_t size = strlen(end);
    if (text.size < size)
        return false;
    for (size_t i = 0; i < size; i++)
        if ((text.data[text.size - size + i] | 0x20) != (end[i] | 0x20))
            return false;
    return true;
}

/* Base32 of a key, a check and the version 3, whose last character is d. */
static enum endpoint_kind read_onion(struct span host)
{
    if (host.size != ONION_CHARS + strlen(".onion"))
        return ENDPOINT_BAD_ONION;
    for (size_t i = 0; i < ONION_CHARS; i++) {
        uint8_t byte = host.data[i];
        if (!is_letter(byte) && (byte < '2' || byte > '7'))
            return ENDPOINT_BAD_ONION;
    }
    return (host.data[ONION_CHARS - 1] | 0x20) == 'd' ? ENDPOINT_ONION
                                                      : ENDPOINT_BAD_ONION;
}

static bool is_name(struct span host)
{
    for (size_t i = 0; i < host.size; i++) {
        uint8_t byte = host.data[i];
        if (!is_letter(byte) && !is_digit(byte) && byte != '.' && byte != '-')
            return false;
    }
    return host.size > 0;
}

static enum endpoint_kind read_host(
    struct span host, bool listening, struct endpoint_host *out)
{
    static const uint8_t mapped[12] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (host.size > 0 && host.data[0] == '[')
        return read_bracketed(host, out);
    if (span_equal(host, span_of_text("*")))
        return listening ? ENDPOINT_ANY : ENDPOINT_BAD;
    if (read_ipv4(host, out->ip + sizeof(mapped))) {
        memcpy(out->ip, mapped, sizeof(mapped));
        return ENDPOINT_IPV4;
    }
    if (!is_name(host))
        return ENDPOINT_BAD;
    return ends_with(host, ".onion") ? read_onion(host) : ENDPOINT_NAME;
}

static bool read_port(struct span text, bool listening, uint16_t *out)
{
    uint32_t value = 0;
    bool any = listening && span_equal(text, span_of_text("*"));
    if (!any && !read_decimal(text, UINT16_MAX, &value))
        return false;
    *out = (uint16_t)value;
    return value > 0 || listening;
}

enum endpoint_kind endpoint_read(
    struct span text, bool listening, struct endpoint_host *out)
{
    *out = (struct endpoint_host){.kind = ENDPOINT_BAD};
    size_t colon = find_last(text, ':');
    if (text.size > LIMIT_ENDPOINT_BYTES || colon == text.size ||
        colon < SCHEME_CHARS || memcmp(text.data, scheme, SCHEME_CHARS) != 0)
        return out->kind;
    out->kind = read_host(part(text, SCHEME_CHARS, colon), listening, out);
    if (out->kind > ENDPOINT_BAD_ONION &&
        !read_port(part(text, colon + 1, text.size), listening, &out->port))
        out->kind = ENDPOINT_BAD_PORT;
    return out->kind;
}

static enum endpoint_reach reach_of_ipv4(const uint8_t ip[static 4])
{
    if (ip[0] == 0 || ip[0] >= 224)
        return REACH_NOWHERE;
    if (ip[0] == 127)
        return REACH_MACHINE;
    if (ip[0] == 169 && ip[1] == 254)
        return REACH_LINK;
    bool is_private = ip[0] == 10 || (ip[0] == 172 && (ip[1] & 0xf0) == 16) ||
                      (ip[0] == 192 && ip[1] == 168) ||
                      (ip[0] == 100 && (ip[1] & 0xc0) == 64);
    return is_private ? REACH_SITE : REACH_WORLD;
}

static enum endpoint_reach reach_of_ipv6(const uint8_t ip[static 16])
{
    static const uint8_t zeros[15];
    if (ip[0] == 0xff)
        return REACH_NOWHERE;
    if (memcmp(ip, zeros, 15) == 0)
        return ip[15] == 1 ? REACH_MACHINE : REACH_NOWHERE;
    if (memcmp(ip, zeros, 10) == 0 && ip[10] == 0xff && ip[11] == 0xff)
        return reach_of_ipv4(ip + 12);
    if (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80)
        return REACH_LINK;
    return (ip[0] & 0xfe) == 0xfc ? REACH_SITE : REACH_WORLD;
}

enum endpoint_reach endpoint_reach_of(const struct endpoint_host *host)
{
    switch (host->kind) {
    case ENDPOINT_IPV4:
    case ENDPOINT_IPV6:
        return reach_of_ipv6(host->ip);
    case ENDPOINT_ONION:
    case ENDPOINT_NAME:
        return REACH_WORLD;
    case ENDPOINT_ANY:
    case ENDPOINT_BAD:
    case ENDPOINT_BAD_PORT:
    case ENDPOINT_BAD_ONION:
        break;
    }
    return REACH_NOWHERE;
}

/* The same link-local address may be at the end of each of several cables. */
static const char *scope_complaint(const struct endpoint_host *host)
{
    bool is_lacking = host->kind == ENDPOINT_IPV6 &&
                      endpoint_reach_of(host) == REACH_LINK && !host->scope[0];
    return is_lacking ? "a link-local address is one with its interface, as in "
                        "tcp://[fe80::1%eth0]:7311"
                      : NULL;
}

const char *endpoint_listen_complaint(const char *endpoint)
{
    struct endpoint_host host;
    switch (endpoint_read(span_of_text(endpoint), true, &host)) {
    case ENDPOINT_IPV4:
    case ENDPOINT_IPV6:
    case ENDPOINT_ANY:
        return scope_complaint(&host);
    case ENDPOINT_BAD_PORT:
        return "a port to listen on is a number from 0 (any) to 65535";
    case ENDPOINT_BAD:
    case ENDPOINT_BAD_ONION:
    case ENDPOINT_ONION:
    case ENDPOINT_NAME:
        break;
    }
    return "an address to listen on is tcp://, *, a numeric IPv4 address or "
           "an IPv6 one in brackets, and :PORT, as in tcp://*:7311 or "
           "tcp://[::1]:0";
}

const char *endpoint_dial_complaint(const char *endpoint, bool has_proxy)
{
    struct endpoint_host host;
    switch (endpoint_read(span_of_text(endpoint), false, &host)) {
    case ENDPOINT_IPV4:
    case ENDPOINT_IPV6:
        return scope_complaint(&host);
    case ENDPOINT_BAD_PORT:
        return "a port to dial is a number from 1 to 65535";
    case ENDPOINT_BAD_ONION:
        return "an .onion name has 56 characters before the dot, and the last "
               "of them is d";
    case ENDPOINT_ONION:
    case ENDPOINT_NAME:
        return has_proxy ? NULL
                         : "a name can be dialled only through a proxy "
                           "(socks), which then resolves it; without one "
                           "give the numeric address";
    case ENDPOINT_BAD:
    case ENDPOINT_ANY:
        break;
    }
    return "an endpoint to dial is tcp://ADDRESS:PORT, the address numeric and "
           "an IPv6 one in brackets, as in tcp://192.0.2.7:7311";
}

static bool is_address(struct span text)
{
    if (text.size <= SCHEME_CHARS ||
        memcmp(text.data, scheme, SCHEME_CHARS) != 0)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    return find_last(text, ':') > SCHEME_CHARS &&
           find_last(text, ':') < text.size;
}

/* All zeros stand for no key, and are nobody's. */
static enum status parse_key(struct span text, struct node_key *out)
{
    static const struct node_key none;
    struct node_key key;
    char copy[2 * sizeof(key.bytes) + 1];
    if (text.size != sizeof(copy) - 1)
        return STATUS_INVALID;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    enum status status = hex_decode(copy, key.bytes, sizeof(key.bytes));
    if (status)
        return status;
    if (node_key_equal(&key, &none))
        return STATUS_INVALID;
    *out = key;
    return STATUS_OK;
}

enum status endpoint_parse(struct span text, struct endpoint *out)
{
    struct endpoint endpoint = {.has_key = false};
    size_t hash = find_first(text, '#');
    bool has_hash = hash < text.size;
    bool is_key = !has_hash && !is_address(text);
    struct span key = has_hash ? part(text, hash + 1, text.size) : text;
    if (!is_key) {
        if (hash > LIMIT_ENDPOINT_BYTES)
            return STATUS_TOO_LARGE;
        if (!is_address(part(text, 0, hash)))
            return STATUS_INVALID;
        memcpy(endpoint.address, text.data, hash);
    }
    if (is_key || has_hash) {
        enum status status = parse_key(key, &endpoint.key);
        if (status)
            return status;
        endpoint.has_key = true;
    }
    *out = endpoint;
    return STATUS_OK;
}

void endpoint_print(const char *address, const struct node_key *key,
    char out[static ENDPOINT_TEXT_BYTES])
{
    size_t size = strlen(address);
    assert(size <= LIMIT_ENDPOINT_BYTES);
    memcpy(out, address, size);
    out[size] = '#';
    hex_encode((struct span){key->bytes, sizeof(key->bytes)}, out + size + 1);
}

unsigned endpoint_port(const char *address)
{
    struct span text = span_of_text(address);
    uint16_t port = 0;
    size_t colon = find_last(text, ':');
    return colon < text.size &&
                   read_port(part(text, colon + 1, text.size), true, &port)
               ? port
               : 0;
}
