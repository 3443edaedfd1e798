/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saying and hearing where nodes are on the local network.
 *
 * All sockets are opened once, at the start, so that the sandbox can refuse new
 * ones; interfaces come and go by joining groups and by naming the interface
 * with each datagram that is sent (IP_PKTINFO, RFC 3542).  IPv6 needs a socket
 * to send of its own, since one that is bound to the port would choose its
 * source by it.  What is heard counts only when it was sent to the group or to
 * a broadcast address: nobody from afar can reach us that way.
 *
 * Not Avahi, which needs a daemon and D-Bus; and not one beacon for all
 * interfaces, because then most networks would hear nothing. */
#include "config.h"

#include "platform/beacon.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "platform/interfaces.h"
#include "platform/random.h"
#include "platform/watch.h"
#include "proto/beacon.h"
#include "proto/limits.h"

enum {
    DEFAULT_PORT = 7312,
    DEFAULT_INTERVAL_MS = 10000,
    SETTLE_MS = 200, /* from a change of interfaces to the next beacon */
    HEARD_A_TURN = 32,
};

static const char group_ipv4[] = "239.255.83.79";
static const char group_ipv6[] = "ff12::736f:7474";

struct beacon {
    uv_timer_t timer; /* its closing frees the beacon */
    struct beacon_config config;
    uint8_t boot[BEACON_BOOT_BYTES];
    struct interfaces interfaces;
    struct interface_address addresses[INTERFACES_MAXIMUM];
    size_t address_count;
    int hear_ipv4, say_ipv4, hear_ipv6, say_ipv6; /* -1: none */
    struct watch *watches[3];
};

static bool set(int descriptor, int level, int option, int value)
{
    return setsockopt(descriptor, level, option, &value, sizeof(value)) == 0;
}

static int udp_socket(int family)
{
    return socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int checked(int descriptor, bool good)
{
    if (descriptor >= 0 && !good) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

static int open_hear_ipv4(uint16_t port)
{
    const struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_port = htons(port)};
    int descriptor = udp_socket(AF_INET);

    return checked(descriptor,
        descriptor >= 0 && set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) &&
            set(descriptor, IPPROTO_IP, IP_MULTICAST_ALL, 0) &&
            set(descriptor, IPPROTO_IP, IP_PKTINFO, 1) &&
            bind(descriptor, (const struct sockaddr *)&here, sizeof(here)) ==
                0);
}

static int open_say_ipv4(void)
{
    int descriptor = udp_socket(AF_INET);

    return checked(descriptor,
        descriptor >= 0 && set(descriptor, SOL_SOCKET, SO_BROADCAST, 1) &&
            set(descriptor, IPPROTO_IP, IP_MULTICAST_TTL, 1) &&
            set(descriptor, IPPROTO_IP, IP_MULTICAST_LOOP, 1));
}

static int open_hear_ipv6(uint16_t port)
{
    const struct sockaddr_in6 here = {
        .sin6_family = AF_INET6, .sin6_port = htons(port)};
    int descriptor = udp_socket(AF_INET6);

    return checked(descriptor,
        descriptor >= 0 && set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) &&
            set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
            set(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
            bind(descriptor, (const struct sockaddr *)&here, sizeof(here)) ==
                0);
}

static int open_say_ipv6(void)
{
    int descriptor = udp_socket(AF_INET6);

    return checked(descriptor,
        descriptor >= 0 && set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
            set(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1) &&
            set(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1));
}

/* Take part in the group on the interface of an address; being in it already
 * is no fault. */
static void join(
    const struct beacon *beacon, const struct interface_address *address)
{
    if (address->is_ipv6) {
        struct ipv6_mreq member = {.ipv6mr_interface = address->index};
        inet_pton(AF_INET6, group_ipv6, &member.ipv6mr_multiaddr);
        setsockopt(beacon->hear_ipv6, IPPROTO_IPV6, IPV6_JOIN_GROUP, &member,
            sizeof(member));
    } else {
        struct ip_mreqn member = {.imr_ifindex = (int)address->index};
        inet_pton(AF_INET, group_ipv4, &member.imr_multiaddr);
        setsockopt(beacon->hear_ipv4, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member,
            sizeof(member));
    }
}

static void look_at_interfaces(struct beacon *beacon)
{
    beacon->address_count =
        interfaces_list(&beacon->interfaces, beacon->addresses);
    for (size_t i = 0; i < beacon->address_count; i++)
        join(beacon, &beacon->addresses[i]);
}

union control {
    struct cmsghdr header;
    uint8_t ipv4[CMSG_SPACE(sizeof(struct in_pktinfo))];
    uint8_t ipv6[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* Send by one interface, whatever the routes say. */
static void say_by(int descriptor, struct iovec datagram,
    const struct msghdr *to, const void *info, size_t info_bytes)
{
    struct msghdr message = *to;
    bool is_ipv6 = info_bytes == sizeof(struct in6_pktinfo);
    union control control = {{0}};

    message.msg_iov = &datagram;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(info_bytes);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
    header->cmsg_type = is_ipv6 ? IPV6_PKTINFO : IP_PKTINFO;
    header->cmsg_len = CMSG_LEN(info_bytes);
    memcpy(CMSG_DATA(header), info, info_bytes);
    /* A network that takes no datagram now is tried again next time. */
    (void)!sendmsg(descriptor, &message, MSG_NOSIGNAL);
}

static void say_ipv4(const struct beacon *beacon, struct iovec datagram,
    const struct interface_address *address, struct in_addr to)
{
    struct sockaddr_in there = {.sin_family = AF_INET,
        .sin_port = htons(beacon->config.port),
        .sin_addr = to};
    const struct in_pktinfo info = {
        .ipi_ifindex = (int)address->index, .ipi_spec_dst = address->ipv4};
    const struct msghdr to_there = {
        .msg_name = &there, .msg_namelen = sizeof(there)};

    say_by(beacon->say_ipv4, datagram, &to_there, &info, sizeof(info));
}

static void say_ipv6(const struct beacon *beacon, struct iovec datagram,
    const struct interface_address *address)
{
    struct sockaddr_in6 there = {.sin6_family = AF_INET6,
        .sin6_port = htons(beacon->config.port),
        .sin6_scope_id = address->index};
    const struct in6_pktinfo info = {
        .ipi6_ifindex = address->index, .ipi6_addr = address->ipv6};
    const struct msghdr to_there = {
        .msg_name = &there, .msg_namelen = sizeof(there)};

    inet_pton(AF_INET6, group_ipv6, &there.sin6_addr);
    say_by(beacon->say_ipv6, datagram, &to_there, &info, sizeof(info));
}

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static void map_ipv4(struct in_addr ipv4, uint8_t out[static 16])
{
    memcpy(out, mapped, sizeof(mapped));
    memcpy(out + sizeof(mapped), &ipv4, sizeof(ipv4));
}

/* What is to be said from an address; its size, or 0. */
static size_t compose(const struct beacon *beacon,
    const struct interface_address *from,
    uint8_t out[static BEACON_MAXIMUM_BYTES])
{
    struct beacon_datagram text = {
        .node = beacon->config.node, .port = beacon->config.listen_port};
    uint8_t address[16];

    if (beacon->config.say) {
        if (from->is_ipv6)
            memcpy(address, &from->ipv6, sizeof(address));
        else
            map_ipv4(from->ipv4, address);
        return beacon->config.say(beacon->config.context, address, out);
    }
    if (text.port == 0)
        return 0;
    memcpy(text.boot, beacon->boot, sizeof(text.boot));
    return beacon_datagram_encode(&text, out);
}

static void say(const struct beacon *beacon)
{
    uint8_t bytes[BEACON_MAXIMUM_BYTES] = {0};
    struct in_addr group;

    inet_pton(AF_INET, group_ipv4, &group);
    for (size_t i = 0; i < beacon->address_count; i++) {
        const struct interface_address *address = &beacon->addresses[i];
        size_t size = compose(beacon, address, bytes);
        struct iovec datagram = {bytes, size};
        if (size == 0)
            continue;
        if (address->is_ipv6) {
            say_ipv6(beacon, datagram, address);
            continue;
        }
        say_ipv4(beacon, datagram, address, group);
        if (address->broadcast.s_addr != 0)
            say_ipv4(beacon, datagram, address, address->broadcast);
    }
}

/* The interval, +-20 %, so that neighbours do not all speak at once. */
static uint64_t next_ms(const struct beacon *beacon)
{
    uint64_t interval_ms = beacon->config.interval_ms;

    return interval_ms - interval_ms / 5 +
           random_below(random_system(), 2 * (interval_ms / 5) + 1);
}

static void on_timer(uv_timer_t *timer)
{
    struct beacon *beacon = timer->data;

    say(beacon);
    uv_timer_start(timer, on_timer, next_ms(beacon), 0);
}

static void on_change(void *owner)
{
    struct beacon *beacon = owner;

    interfaces_settle(&beacon->interfaces);
    look_at_interfaces(beacon);
    uv_timer_start(&beacon->timer, on_timer, SETTLE_MS, 0);
}

/* Whether a datagram to this address can only have come from the network that
 * we are on. */
static bool is_local(const struct beacon *beacon, struct in_addr to)
{
    struct in_addr group;

    inet_pton(AF_INET, group_ipv4, &group);
    if (to.s_addr == group.s_addr || to.s_addr == INADDR_BROADCAST)
        return true;
    for (size_t i = 0; i < beacon->address_count; i++)
        if (!beacon->addresses[i].is_ipv6 && to.s_addr != 0 &&
            beacon->addresses[i].broadcast.s_addr == to.s_addr)
            return true;
    /* The loopback network has a broadcast address that netlink omits. */
    return to.s_addr == htonl(0x7fffffff);
}

static bool was_sent_to_all(const struct beacon *beacon, struct msghdr *message)
{
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
         header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level == IPPROTO_IP &&
            header->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(header), sizeof(info));
            return is_local(beacon, info.ipi_addr);
        }
        if (header->cmsg_level == IPPROTO_IPV6 &&
            header->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(header), sizeof(info));
            return IN6_IS_ADDR_MC_LINKLOCAL(&info.ipi6_addr);
        }
    }
    return false;
}

union sender {
    struct sockaddr any;
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
};

void beacon_endpoint(const struct beacon_source *source, uint16_t port,
    char out[static LIMIT_ENDPOINT_BYTES + 1])
{
    char host[INET6_ADDRSTRLEN];

    if (memcmp(source->address, mapped, sizeof(mapped)) == 0) {
        inet_ntop(
            AF_INET, source->address + sizeof(mapped), host, sizeof(host));
        snprintf(
            out, LIMIT_ENDPOINT_BYTES + 1, "tcp://%s:%u", host, (unsigned)port);
    } else {
        inet_ntop(AF_INET6, source->address, host, sizeof(host));
        snprintf(out, LIMIT_ENDPOINT_BYTES + 1, "tcp://[%s%%%u]:%u", host,
            (unsigned)source->scope, (unsigned)port);
    }
}

static void set_source(const union sender *from, struct beacon_source *out)
{
    if (from->any.sa_family == AF_INET) {
        map_ipv4(from->ipv4.sin_addr, out->address);
        out->scope = 0;
    } else {
        memcpy(out->address, &from->ipv6.sin6_addr, sizeof(out->address));
        out->scope = from->ipv6.sin6_scope_id;
    }
}

static void take(
    const struct beacon *beacon, const union sender *from, struct span datagram)
{
    const struct beacon_config *config = &beacon->config;
    char endpoint[LIMIT_ENDPOINT_BYTES + 1];
    struct beacon_datagram heard;
    struct beacon_source source;
    enum status status = beacon_datagram_decode(datagram, &heard);

    set_source(from, &source);
    if (status == STATUS_NOT_FOUND && config->heard)
        config->heard(config->context, &source, datagram);
    if (status || !config->seen ||
        memcmp(heard.boot, beacon->boot, sizeof(heard.boot)) == 0)
        return;
    beacon_endpoint(&source, heard.port, endpoint);
    config->seen(config->context, span_of_text(endpoint), &heard.node);
}

/* Take one datagram; false when there is none. */
static bool hear(const struct beacon *beacon, int descriptor)
{
    uint8_t bytes[BEACON_MAXIMUM_BYTES + 1]; /* longer ones show */
    union sender from;
    union control control;
    struct iovec room = {bytes, sizeof(bytes)};
    struct msghdr message = {.msg_name = &from,
        .msg_namelen = sizeof(from),
        .msg_iov = &room,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control)};
    ssize_t size = recvmsg(descriptor, &message, 0);

    if (size < 0)
        return errno == EINTR;
    if (was_sent_to_all(beacon, &message))
        take(beacon, &from, (struct span){bytes, (size_t)size});
    return true;
}

static void hear_some(const struct beacon *beacon, int descriptor)
{
    for (int i = 0; i < HEARD_A_TURN; i++)
        if (!hear(beacon, descriptor))
            return;
}

static void on_ipv4(void *owner)
{
    const struct beacon *beacon = owner;

    hear_some(beacon, beacon->hear_ipv4);
}

static void on_ipv6(void *owner)
{
    const struct beacon *beacon = owner;

    hear_some(beacon, beacon->hear_ipv6);
}

static void open_sockets(struct beacon *beacon)
{
    beacon->hear_ipv4 = open_hear_ipv4(beacon->config.port);
    beacon->say_ipv4 = open_say_ipv4();
    beacon->hear_ipv6 = open_hear_ipv6(beacon->config.port);
    beacon->say_ipv6 = open_say_ipv6();
}

static bool watch_sockets(struct beacon *beacon)
{
    const struct {
        int descriptor;
        void (*ready)(void *owner);
    } wanted[] = {
        {beacon->interfaces.change, on_change},
        {beacon->hear_ipv4, on_ipv4},
        {beacon->hear_ipv6, on_ipv6},
    };

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (wanted[i].descriptor < 0)
            continue;
        beacon->watches[i] = watch_new(beacon->config.loop,
            wanted[i].descriptor, WATCH_READABLE, wanted[i].ready, beacon);
        if (!beacon->watches[i])
            return false;
    }
    return true;
}

enum status beacon_new(const struct beacon_config *config, struct beacon **out)
{
    struct beacon *beacon = calloc(1, sizeof(*beacon));

    if (!beacon)
        return STATUS_NO_MEMORY;
    assert(config->seen || config->heard);
    beacon->config = *config;
    if (config->port == 0)
        beacon->config.port = DEFAULT_PORT;
    if (config->interval_ms == 0)
        beacon->config.interval_ms = DEFAULT_INTERVAL_MS;
    random_fill(random_system(), beacon->boot, sizeof(beacon->boot));
    beacon->interfaces = (struct interfaces){-1, -1};
    uv_timer_init(config->loop, &beacon->timer);
    beacon->timer.data = beacon;
    open_sockets(beacon);
    if ((beacon->hear_ipv4 < 0 && beacon->hear_ipv6 < 0) ||
        interfaces_open(&beacon->interfaces) != STATUS_OK ||
        !watch_sockets(beacon)) {
        int saved = errno;
        beacon_free(beacon);
        errno = saved;
        return STATUS_IO;
    }
    look_at_interfaces(beacon);
    uv_timer_start(&beacon->timer, on_timer, 0, 0);
    *out = beacon;
    return STATUS_OK;
}

static void on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void beacon_free(struct beacon *beacon)
{
    if (!beacon)
        return;
    for (size_t i = 0; i < 3; i++)
        watch_free(beacon->watches[i]);
    const int descriptors[] = {beacon->hear_ipv4, beacon->say_ipv4,
        beacon->hear_ipv6, beacon->say_ipv6};
    for (size_t i = 0; i < 4; i++)
        if (descriptors[i] >= 0)
            close(descriptors[i]);
    interfaces_close(&beacon->interfaces);
    uv_close((uv_handle_t *)&beacon->timer, on_timer_closed);
}
