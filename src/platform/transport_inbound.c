/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listening.  One router for all listeners.  A client becomes a link with its
 * first frame: until then libzmq shows us nothing of it.  A link is its route,
 * bound to the key that the door admitted on that connection; a second
 * connection with the key of a link that is there takes its place, since a peer
 * that restarted comes back before anybody has noticed that it went.
 *
 * The listener is not monitored (a monitor that is read too slowly stops
 * libzmq's I/O thread), so what it would have said is found by looking at the
 * process's own connections: who has gone, who stays silent, who sends a
 * message without end, and how many descriptors are left.  That is done once a
 * tick as long as anybody is being watched.  Otherwise one descriptor tells
 * whether any was opened or closed; since a gap below can hide that, all are
 * looked at every few seconds whatever it says. */
#include "platform/transport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>
#include <zmq.h>

#include "platform/clock.h"
#include "platform/transport_inside.h"
#include "platform/transport_message.h"
#include "proto/endpoint.h"

enum { CONNECTIONS = 1024, DROPPED_A_TURN = 64 };

static void on_router(void *owner)
{
    struct transport *transport = owner;

    transport->router_readable = true;
    transport_stir(transport);
}

static enum status open_router(struct transport *transport)
{
    if (transport->router)
        return STATUS_OK;
    transport->router =
        transport_socket_router(transport->zmq, &transport->keys);
    if (!transport->router)
        return STATUS_IO;
    transport->router_watch = watch_new(transport->loop,
        transport_socket_descriptor(transport->router), WATCH_READABLE,
        on_router, transport);
    if (transport->router_watch)
        return STATUS_OK;
    zmq_close(transport->router);
    transport->router = NULL;
    return STATUS_NO_MEMORY;
}

/* Of an interface that is not there libzmq says that something is invalid. */
static bool has_interface(
    const struct transport *transport, const char *endpoint)
{
    struct endpoint_host host;

    endpoint_read(span_of_text(endpoint), true, &host);
    bool is_named = host.scope[strspn(host.scope, "0123456789")] != '\0';
    return !is_named || transport->interfaces.ask < 0 ||
           interfaces_index(&transport->interfaces, host.scope) > 0;
}

enum status transport_listen(
    struct transport *transport, const char *endpoint, char *out)
{
    struct transport_ports *ports = &transport->ports;
    char real[LIMIT_ENDPOINT_BYTES + 1];
    size_t size = sizeof(real);

    if (endpoint_listen_complaint(endpoint))
        return STATUS_INVALID;
    if (ports->count == TRANSPORT_LISTENERS)
        return STATUS_FULL;
    if (!has_interface(transport, endpoint)) {
        errno = ENODEV;
        return STATUS_IO;
    }
    enum status status = open_router(transport);
    if (status == STATUS_OK)
        status = transport_socket_bind(transport->router, endpoint);
    if (status != STATUS_OK)
        return status;
    if (zmq_getsockopt(transport->router, ZMQ_LAST_ENDPOINT, real, &size) != 0)
        return STATUS_IO;
    strcpy(transport->endpoints[ports->count], real);
    ports->ports[ports->count++] =
        (uint16_t)strtoul(strrchr(real, ':') + 1, NULL, 10);
    transport->listening = true;
    transport_stir(transport);
    strcpy(out, real);
    return STATUS_OK;
}

void transport_inbound_door(struct transport *transport)
{
    struct transport_question question;

    while (transport_door_ask(transport->door, &question)) {
        size_t links = transport_link_live(transport);
        bool known = transport_link_inbound(transport, &question.key);
        bool hasty =
            question.valid && !transport_gate_admits(&transport->gate,
                                  &question.from, clock_now_ms() * 1000);
        bool admit =
            question.valid && !hasty &&
            transport_waiting_admit(&transport->waiting, &question.key,
                links - known, transport->link_maximum, clock_now_ms());
        if (hasty)
            transport->counts.hasty++;
        else if (!admit)
            transport->counts.inbound_refused++;
        transport_door_answer(transport->door, &question, admit);
    }
}

static void on_hangup(void *owner)
{
    struct transport_link *link = owner;

    /* It would go on saying so. */
    watch_free(link->hangup_watch);
    link->hangup_watch = NULL;
    transport_link_ending(link);
}

/* End a connection that is not to become a link. */
static void refuse(struct transport *transport)
{
    struct transport_connection connection;

    transport->counts.inbound_refused++;
    if (!transport_descriptor_keep(
            transport_message_descriptor(transport->message), &transport->ports,
            &connection))
        return;
    shutdown(connection.descriptor, SHUT_RDWR);
    close(connection.descriptor);
}

/* The first frame of a connection: make it a link, or end it. */
static struct transport_link *admit(
    struct transport *transport, struct span route)
{
    struct transport_connection connection;
    struct node_key key;

    if (route.size != TRANSPORT_ROUTE_BYTES || route.data[0] != 0 ||
        !transport_message_key(transport->message, &key)) {
        refuse(transport);
        return NULL;
    }
    transport_waiting_arrive(&transport->waiting, &key);
    struct transport_link *old = transport_link_inbound(transport, &key);
    if (old && old->state == LINK_DRAINING)
        transport_link_bury(old);
    else if (old)
        transport_link_end(old, TRANSPORT_DOWN);
    if (transport_link_live(transport) - (old && old->state == LINK_ENDED) >=
        transport->link_maximum) {
        refuse(transport);
        return NULL;
    }
    if (!transport_descriptor_keep(
            transport_message_descriptor(transport->message), &transport->ports,
            &connection))
        return NULL; /* it has gone already */
    struct transport_link *link = transport_link_add(transport, false, &key);
    if (!link) {
        close(connection.descriptor);
        return NULL;
    }
    memcpy(link->route, route.data, sizeof(link->route));
    link->peer = connection.peer;
    link->descriptor = connection.descriptor;
    link->hangup_watch = watch_new(
        transport->loop, link->descriptor, WATCH_HANGUP, on_hangup, link);
    transport_link_up(link);
    return link;
}

/* Whose message it is; NULL when it is nobody's (any more). */
static struct transport_link *owner(struct transport *transport, bool *fresh)
{
    struct span route = transport_message_route(transport->message);
    struct transport_link *link = NULL;

    *fresh = false;
    if (route.size == TRANSPORT_ROUTE_BYTES)
        link = transport_link_by_route(transport, route.data);
    if (!link) {
        *fresh = true;
        return admit(transport, route);
    }
    return link->state == LINK_UP || link->state == LINK_ENDING ? link : NULL;
}

/* The router is empty: links whose connection has gone are over. */
static void end_closed(struct transport *transport)
{
    for (size_t i = transport->link_count; i-- > 0;) {
        struct transport_link *link = transport->links[i];
        if (!link->outbound && link->state == LINK_ENDING && link->closed)
            transport_link_end(link, TRANSPORT_DOWN);
    }
}

bool transport_inbound_receive(
    struct transport *transport, struct transport_event *out)
{
    struct transport_message *message = transport->message;
    bool fresh;

    if (!transport->router_readable)
        return false;
    for (int i = 0; i < DROPPED_A_TURN; i++) {
        if (!transport_message_take(message, transport->router, true)) {
            transport->router_readable = false;
            end_closed(transport);
            return false;
        }
        struct transport_link *link = owner(transport, &fresh);
        if (!link)
            continue;
        transport_link_count_received(link, transport_message_bytes(message));
        if (fresh) {
            transport->held_number = link->number;
            return false;
        }
        *out = (struct transport_event){
            .kind = TRANSPORT_FRAME,
            .link = link->number,
            .bytes = transport_message_frame(message),
        };
        return true;
    }
    return false;
}

static void tick_link(struct transport_link *link, uint64_t now_ms)
{
    switch (link->state) {
    case LINK_UP:
        if (transport_link_hoards(link))
            transport_link_cut(link);
        break;
    case LINK_ENDING:
        if (link->closed)
            link->transport->router_readable = true;
        else if (now_ms >= link->until_ms)
            transport_link_end(link, TRANSPORT_DOWN);
        break;
    case LINK_DRAINING:
        if (now_ms >= link->until_ms)
            transport_link_bury(link);
        break;
    case LINK_GONE:
        if (now_ms >= link->until_ms && !link->transport->router_readable)
            transport_link_free(link);
        break;
    case LINK_DIALLING:
    case LINK_ENDED:
        break;
    }
}

/* Whether libzmq has closed a link's connection: only our own descriptor for
 * it is left. */
static void find_closed(struct transport_link *link,
    const struct transport_connection *connections, size_t count)
{
    if (link->outbound || link->closed ||
        (link->state != LINK_UP && link->state != LINK_ENDING &&
            link->state != LINK_DRAINING))
        return;
    for (size_t i = 0; i < count; i++)
        if (connections[i].descriptor != link->descriptor &&
            transport_address_equal(&connections[i].peer, &link->peer))
            return;
    link->closed = true;
    if (transport_link_is_dropped(link))
        transport_link_cut(link);
    else
        transport_link_ending(link);
}

static bool is_of_link(const struct transport *transport,
    const struct transport_connection *connection)
{
    for (size_t i = 0; i < transport->link_count; i++) {
        const struct transport_link *link = transport->links[i];
        if (!link->outbound && link->descriptor >= 0 &&
            transport_address_equal(&link->peer, &connection->peer))
            return true;
    }
    return false;
}

static uint64_t silent_since(const struct transport *transport,
    const struct transport_address *peer, uint64_t now_ms)
{
    for (size_t i = 0; i < transport->stranger_count; i++)
        if (transport_address_equal(&transport->strangers[i].peer, peer))
            return transport->strangers[i].since_ms;
    return now_ms;
}

/* Strangers, who have connected and sent no frame: end those who stay so, who
 * send without end, or, when descriptors are short, all. */
static void sweep_strangers(struct transport *transport,
    const struct transport_connection *connections, size_t count,
    uint64_t now_ms)
{
    struct transport_stranger kept[TRANSPORT_STRANGERS] = {0};
    size_t kept_count = 0;
    bool all = transport_short_of_descriptors(transport);

    for (size_t i = 0; i < count; i++) {
        const struct transport_connection *connection = &connections[i];
        uint64_t since = silent_since(transport, &connection->peer, now_ms);
        if (is_of_link(transport, connection))
            continue;
        if (all || kept_count == TRANSPORT_STRANGERS ||
            now_ms - since >= TRANSPORT_SILENT_MS ||
            connection->received_bytes > TRANSPORT_UNDELIVERED_BYTES) {
            transport_descriptor_cut(connection);
            transport->counts.inbound_refused++;
            continue;
        }
        kept[kept_count].peer = connection->peer;
        kept[kept_count++].since_ms = since;
    }
    memcpy(transport->strangers, kept, kept_count * sizeof(kept[0]));
    transport->stranger_count = kept_count;
}

bool transport_short_of_descriptors(const struct transport *transport)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
           limit.rlim_cur != RLIM_INFINITY &&
           transport->open_descriptors + TRANSPORT_DESCRIPTOR_RESERVE >
               limit.rlim_cur;
}

/* libzmq aborts when a descriptor that it needs cannot be had: stop listening
 * before that, and listen again when it is over. */
static void guard_listeners(struct transport *transport)
{
    bool wanted = !transport_short_of_descriptors(transport);

    if (wanted == transport->listening)
        return;
    for (size_t i = 0; i < transport->ports.count; i++) {
        const char *endpoint = transport->endpoints[i];
        if (!wanted)
            zmq_unbind(transport->router, endpoint);
        else if (transport_socket_bind(transport->router, endpoint) !=
                 STATUS_OK)
            continue; /* somebody took the port; the others still count */
    }
    transport->listening = wanted;
}

static bool is_watched(const struct transport_link *link)
{
    return !link->outbound &&
           (link->state == LINK_ENDING || link->state == LINK_DRAINING);
}

/* Whether all is as the last sweep left it. */
static bool is_quiet(struct transport *transport)
{
    int before = transport->next_descriptor;

    transport->next_descriptor =
        transport_descriptor_next(uv_backend_fd(transport->loop));
    if (transport->next_descriptor < 0 ||
        transport->next_descriptor != before || transport->stranger_count > 0 ||
        (transport->ports.count > 0 && !transport->listening) ||
        transport->quiet_ticks >= TRANSPORT_QUIET_TICKS)
        return false;
    for (size_t i = 0; i < transport->link_count; i++)
        if (is_watched(transport->links[i]))
            return false;
    return true;
}

static void sweep(struct transport *transport, uint64_t now_ms)
{
    if (is_quiet(transport)) {
        transport->quiet_ticks++;
        return;
    }
    transport->quiet_ticks = 0;
    struct transport_connection connections[CONNECTIONS];
    size_t count = transport_descriptor_scan(&transport->ports, connections,
        CONNECTIONS, &transport->open_descriptors);

    for (size_t i = transport->link_count; i-- > 0;)
        if (i < transport->link_count)
            find_closed(transport->links[i], connections, count);
    sweep_strangers(transport, connections, count, now_ms);
    if (transport->ports.count > 0)
        guard_listeners(transport);
}

void transport_inbound_tick(struct transport *transport, uint64_t now_ms)
{
    transport_inbound_door(transport);
    sweep(transport, now_ms);
    for (size_t i = transport->link_count; i-- > 0;)
        if (i < transport->link_count && !transport->links[i]->outbound)
            tick_link(transport->links[i], now_ms);
}

void transport_inbound_close(struct transport_link *link)
{
    watch_free(link->hangup_watch);
    link->hangup_watch = NULL;
    if (link->descriptor < 0)
        return;
    shutdown(link->descriptor, SHUT_RDWR);
    close(link->descriptor);
    link->descriptor = -1;
}

void transport_inbound_free(struct transport *transport, int linger_ms)
{
    watch_free(transport->router_watch);
    watch_free(transport->door_watch);
    if (transport->router) {
        zmq_setsockopt(
            transport->router, ZMQ_LINGER, &linger_ms, sizeof(linger_ms));
        zmq_close(transport->router);
    }
    if (transport->door)
        zmq_close(transport->door);
}
