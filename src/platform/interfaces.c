/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two dumps, of links (to know which are up) and of addresses.  The kernel's
 * answers are trusted to be the kernel's (their sender's port is checked to be
 * 0) but parsed with the bounds that its own macros give. */
#include "config.h"

#include "platform/interfaces.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINKS_MAXIMUM = 256, ANSWER_BYTES = 16384 };

struct listing {
    const char *name; /* of an interface that is looked for; or NULL */
    unsigned named;   /* its index */
    unsigned up[LINKS_MAXIMUM];
    size_t up_count;
    struct interface_address *out;
    size_t count;
};

static int open_netlink(unsigned groups)
{
    const struct sockaddr_nl here = {
        .nl_family = AF_NETLINK, .nl_groups = groups};
    int type = SOCK_RAW | SOCK_CLOEXEC | (groups ? SOCK_NONBLOCK : 0);
    int descriptor = socket(AF_NETLINK, type, NETLINK_ROUTE);

    if (descriptor < 0)
        return -1;
    if (bind(descriptor, (const struct sockaddr *)&here, sizeof(here)) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

enum status interfaces_open(struct interfaces *out)
{
    struct interfaces interfaces = {
        .ask = open_netlink(0),
        .change =
            open_netlink(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR),
    };

    if (interfaces.ask < 0 || interfaces.change < 0) {
        interfaces_close(&interfaces);
        return STATUS_IO;
    }
    *out = interfaces;
    return STATUS_OK;
}

void interfaces_close(struct interfaces *interfaces)
{
    if (interfaces->ask >= 0)
        close(interfaces->ask);
    if (interfaces->change >= 0)
        close(interfaces->change);
    interfaces->ask = interfaces->change = -1;
}

void interfaces_settle(const struct interfaces *interfaces)
{
    char bytes[4096];

    /* An overflow (ENOBUFS) is one more change, and clears itself. */
    for (int i = 0; i < 64; i++)
        if (recv(interfaces->change, bytes, sizeof(bytes), 0) <= 0)
            return;
}

static bool has_name(const struct nlmsghdr *message, const char *name)
{
    int left = (int)IFLA_PAYLOAD(message);

    for (const struct rtattr *attribute = IFLA_RTA(NLMSG_DATA(message));
         RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
        if (attribute->rta_type == IFLA_IFNAME &&
            RTA_PAYLOAD(attribute) == strlen(name) + 1 &&
            memcmp(RTA_DATA(attribute), name, strlen(name) + 1) == 0)
            return true;
    return false;
}

static void take_link(struct listing *listing, const struct nlmsghdr *message)
{
    const struct ifinfomsg *info = NLMSG_DATA(message);

    if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*info)))
        return;
    if ((info->ifi_flags & IFF_UP) && listing->up_count < LINKS_MAXIMUM)
        listing->up[listing->up_count++] = (unsigned)info->ifi_index;
    if (listing->name && has_name(message, listing->name))
        listing->named = (unsigned)info->ifi_index;
}

static bool is_up(const struct listing *listing, unsigned index)
{
    for (size_t i = 0; i < listing->up_count; i++)
        if (listing->up[i] == index)
            return true;
    return false;
}

static void take_attribute(struct interface_address *address,
    const struct rtattr *attribute, size_t *found)
{
    size_t size = address->is_ipv6 ? 16 : 4;
    void *to = NULL;

    if (RTA_PAYLOAD(attribute) != size)
        return;
    if (address->is_ipv6 && attribute->rta_type == IFA_ADDRESS)
        to = &address->ipv6;
    else if (!address->is_ipv6 && attribute->rta_type == IFA_LOCAL)
        to = &address->ipv4;
    else if (!address->is_ipv6 && attribute->rta_type == IFA_BROADCAST)
        to = &address->broadcast;
    if (!to)
        return;
    memcpy(to, RTA_DATA(attribute), size);
    *found += attribute->rta_type != IFA_BROADCAST;
}

static void take_address(
    struct listing *listing, const struct nlmsghdr *message)
{
    const struct ifaddrmsg *info = NLMSG_DATA(message);
    size_t found = 0;

    if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*info)) ||
        (info->ifa_family != AF_INET && info->ifa_family != AF_INET6) ||
        !is_up(listing, info->ifa_index) ||
        listing->count == INTERFACES_MAXIMUM)
        return;
    struct interface_address address = {
        .index = info->ifa_index, .is_ipv6 = info->ifa_family == AF_INET6};
    int left = (int)IFA_PAYLOAD(message);
    for (const struct rtattr *attribute = IFA_RTA(info);
         RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
        take_attribute(&address, attribute, &found);
    if (found > 0 && (!address.is_ipv6 || IN6_IS_ADDR_LINKLOCAL(&address.ipv6)))
        listing->out[listing->count++] = address;
}

/* Take the messages of one answer; true when it was the last. */
static bool take_answer(
    struct listing *listing, const struct nlmsghdr *message, size_t size)
{
    unsigned left = (unsigned)size;

    for (; NLMSG_OK(message, left); message = NLMSG_NEXT(message, left)) {
        if (message->nlmsg_type == RTM_NEWLINK)
            take_link(listing, message);
        else if (message->nlmsg_type == RTM_NEWADDR)
            take_address(listing, message);
        else if (message->nlmsg_type == NLMSG_DONE ||
                 message->nlmsg_type == NLMSG_ERROR)
            return true;
    }
    return false;
}

static void dump(int descriptor, uint16_t what, struct listing *listing)
{
    const struct {
        struct nlmsghdr header;
        struct rtgenmsg body;
    } question = {
        .header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtgenmsg)),
            .nlmsg_type = what,
            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .body = {.rtgen_family = AF_UNSPEC},
    };
    union {
        struct nlmsghdr first;
        char bytes[ANSWER_BYTES];
    } answer;

    if (send(descriptor, &question, question.header.nlmsg_len, 0) < 0)
        return;
    for (bool last = false; !last;) {
        struct sockaddr_nl from = {0};
        socklen_t from_bytes = sizeof(from);
        ssize_t size = recvfrom(descriptor, &answer, sizeof(answer), 0,
            (struct sockaddr *)&from, &from_bytes);
        if (size <= 0)
            return;
        if (from.nl_pid == 0)
            last = take_answer(listing, &answer.first, (size_t)size);
    }
}

unsigned interfaces_index(const struct interfaces *interfaces, const char *name)
{
    struct listing listing = {.name = name};

    dump(interfaces->ask, RTM_GETLINK, &listing);
    return listing.named;
}

size_t interfaces_list(const struct interfaces *interfaces,
    struct interface_address out[static INTERFACES_MAXIMUM])
{
    struct listing listing = {.out = out};

    dump(interfaces->ask, RTM_GETLINK, &listing);
    dump(interfaces->ask, RTM_GETADDR, &listing);
    return listing.count;
}
