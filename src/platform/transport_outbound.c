/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialling.  A dealer connects once, to one peer, and its monitor says how that
 * went: a link is up when CURVE has proven the key that was dialled, and not
 * before, so no frame is ever read from a connection that is not.  libzmq's own
 * reconnecting is off (after a refusal it would hang for ever); the caller
 * dials again when it sees fit. */
#include "platform/transport.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "platform/clock.h"
#include "platform/transport_inside.h"
#include "platform/transport_message.h"
#include "proto/endpoint.h"

static void on_dealer(void *owner)
{
    struct transport_link *link = owner;

    link->readable = true;
    transport_stir(link->transport);
}

static void on_monitor(void *owner)
{
    transport_outbound_monitor(owner);
}

static bool watch_both(struct transport_link *link)
{
    struct uv_loop_s *loop = link->transport->loop;

    link->dealer_watch =
        watch_new(loop, transport_socket_descriptor(link->dealer),
            WATCH_READABLE, on_dealer, link);
    link->monitor_watch =
        watch_new(loop, transport_socket_descriptor(link->monitor),
            WATCH_READABLE, on_monitor, link);
    return link->dealer_watch && link->monitor_watch;
}

/* Each peer is another user to the proxy, so that Tor gives each a circuit of
 * its own; a number that is another after each start says nothing of who. */
static void name_stream(
    const struct transport_link *link, char *out, size_t size)
{
    snprintf(out, size, "%016" PRIx64 "-%" PRIu32, link->transport->isolation,
        link->target);
}

/* Where to connect, by way of the proxy. */
static enum status open_tunnel(
    struct transport_link *link, const char *endpoint, char *local)
{
    struct transport *transport = link->transport;
    char user[40];
    const struct transport_tunnel_config config = {
        .loop = transport->loop,
        .proxy = transport->socks,
        .user = transport->isolation ? user : NULL,
        .endpoint = endpoint,
    };

    name_stream(link, user, sizeof(user));
    return transport_tunnel_new(
        transport->tunnels, &config, &link->tunnel, local);
}

/* The endpoint with the number of its interface in place of the name: libzmq
 * would ask for it with an ioctl, which the sandbox refuses. */
static enum status number_scope(
    const struct transport *transport, const char *endpoint, char *out)
{
    struct endpoint_host host;

    endpoint_read(span_of_text(endpoint), false, &host);
    if (host.scope[strspn(host.scope, "0123456789")] == '\0') {
        strcpy(out, endpoint);
        return STATUS_OK;
    }
    const char *scope = strchr(endpoint, '%');
    unsigned index = interfaces_index(&transport->interfaces, host.scope);
    if (index == 0)
        return STATUS_IO;
    snprintf(out, LIMIT_ENDPOINT_BYTES + 1, "%.*s%%%u%s",
        (int)(scope - endpoint), endpoint, index,
        scope + 1 + strlen(host.scope));
    return STATUS_OK;
}

static enum status open_link(struct transport_link *link, const char *endpoint)
{
    struct transport *transport = link->transport;
    char there[LIMIT_ENDPOINT_BYTES + 1];
    bool proxied = transport->socks != NULL;
    enum status status = proxied ? open_tunnel(link, endpoint, there)
                                 : number_scope(transport, endpoint, there);

    if (status)
        return status;
    /* Through a proxy the handshake waits until the target is reached. */
    link->dealer = transport_socket_dealer(transport->zmq, &transport->keys,
        &link->key, proxied ? TRANSPORT_DIAL_PROXY_MS : TRANSPORT_HANDSHAKE_MS);
    if (!link->dealer)
        return STATUS_IO;
    link->monitor =
        transport_socket_monitor(transport->zmq, link->dealer, link->number);
    if (!link->monitor || !watch_both(link))
        return STATUS_IO;
    return transport_socket_connect(link->dealer, there);
}

enum status transport_dial(struct transport *transport, const char *endpoint,
    const struct node_key *key, uint32_t target)
{
    /* Without a proxy, libzmq would look a name up in its only I/O thread. */
    if (endpoint_dial_complaint(endpoint, transport->socks))
        return STATUS_INVALID;
    if (transport_link_live(transport) >= transport->link_maximum ||
        transport_short_of_descriptors(transport))
        return STATUS_FULL;
    struct transport_link *link = transport_link_add(transport, true, key);
    if (!link)
        return STATUS_IO;
    link->target = target;
    link->until_ms =
        clock_now_ms() +
        (transport->socks ? TRANSPORT_DIAL_PROXY_MS : TRANSPORT_DIAL_MS);
    enum status status = open_link(link, endpoint);
    if (status != STATUS_OK)
        transport_link_free(link);
    else
        transport_stir(transport);
    return status;
}

void transport_undial(struct transport *transport, uint32_t target)
{
    for (size_t i = transport->link_count; i-- > 0;) {
        struct transport_link *link = transport->links[i];
        if (link->outbound && link->target == target &&
            (link->state == LINK_DIALLING || link->in_news)) {
            transport_link_free(link);
            return;
        }
    }
}

static bool take_monitor_event(void *monitor, uint16_t *event, uint32_t *value)
{
    zmq_msg_t part;
    bool taken;

    zmq_msg_init(&part);
    taken = zmq_msg_recv(&part, monitor, ZMQ_DONTWAIT) >= 0;
    if (taken && zmq_msg_size(&part) == 6) {
        memcpy(event, zmq_msg_data(&part), 2);
        memcpy(value, (char *)zmq_msg_data(&part) + 2, 4);
    }
    while (taken && zmq_msg_more(&part) &&
           zmq_msg_recv(&part, monitor, ZMQ_DONTWAIT) >= 0)
        continue; /* the endpoint, which we know */
    zmq_msg_close(&part);
    return taken;
}

static void on_connected(struct transport_link *link, int descriptor)
{
    struct transport_connection connection;

    link->connected = true;
    if (link->descriptor < 0 &&
        transport_descriptor_keep(descriptor, NULL, &connection))
        link->descriptor = connection.descriptor;
}

/* Whether a dial found anybody. */
static bool was_answered(const struct transport_link *link)
{
    return link->connected &&
           (!link->tunnel || transport_tunnel_is_through(link->tunnel));
}

static void on_closed(struct transport_link *link)
{
    struct transport_counts *counts = &link->transport->counts;

    if (link->state == LINK_DIALLING) {
        link->answered = was_answered(link);
        if (link->answered)
            counts->handshakes_failed++;
        else
            counts->dials_unanswered++;
        transport_link_end(link, TRANSPORT_FAILED);
        return;
    }
    if (transport_link_is_dropped(link)) {
        transport_link_cut(link);
        return;
    }
    link->closed = true;
    link->readable = true;
    transport_stir(link->transport);
    transport_link_ending(link); /* last: one that was draining is freed */
}

void transport_outbound_monitor(struct transport_link *link)
{
    struct transport *transport = link->transport;
    uint32_t number = link->number;
    uint16_t event = 0;
    uint32_t value = 0;

    /* An event may end the link. */
    while (transport_link_find(transport, number) && link->monitor &&
           take_monitor_event(link->monitor, &event, &value)) {
        if (event == ZMQ_EVENT_CONNECTED) {
            on_connected(link, (int)value);
        } else if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
            if (link->state == LINK_DIALLING)
                transport_link_up(link);
            link->readable = true;
        } else {
            on_closed(link);
        }
    }
}

bool transport_outbound_receive(
    struct transport_link *link, struct transport_event *out)
{
    struct transport_message *message = link->transport->message;

    if (!link->readable || !link->dealer ||
        (link->state != LINK_UP && link->state != LINK_ENDING))
        return false;
    if (!transport_message_take(message, link->dealer, false)) {
        link->readable = false;
        if (link->state == LINK_ENDING)
            transport_link_end(link, TRANSPORT_DOWN);
        return false;
    }
    transport_link_count_received(link, transport_message_bytes(message));
    *out = (struct transport_event){
        .kind = TRANSPORT_FRAME,
        .link = link->number,
        .bytes = transport_message_frame(message),
    };
    return true;
}

void transport_outbound_tick(struct transport_link *link, uint64_t now_ms)
{
    switch (link->state) {
    case LINK_DIALLING:
        if (now_ms >= link->until_ms)
            on_closed(link);
        break;
    case LINK_UP:
        if (transport_link_hoards(link))
            transport_link_cut(link);
        break;
    case LINK_ENDING:
        if (now_ms >= link->until_ms)
            transport_link_end(link, TRANSPORT_DOWN);
        break;
    case LINK_DRAINING:
        if (transport_queue_is_empty(&link->queue) ||
            now_ms >= link->until_ms) {
            transport_outbound_close(link, TRANSPORT_DRAIN_MS);
            transport_link_bury(link);
        }
        break;
    case LINK_ENDED:
    case LINK_GONE:
        break;
    }
}

void transport_outbound_close(struct transport_link *link, int linger_ms)
{
    watch_free(link->dealer_watch);
    watch_free(link->monitor_watch);
    link->dealer_watch = link->monitor_watch = NULL;
    if (link->descriptor >= 0)
        close(link->descriptor);
    link->descriptor = -1;
    if (link->dealer) {
        zmq_setsockopt(link->dealer, ZMQ_LINGER, &linger_ms, sizeof(linger_ms));
        zmq_socket_monitor(link->dealer, NULL, 0);
        zmq_close(link->dealer);
    }
    if (link->monitor)
        zmq_close(link->monitor);
    link->dealer = link->monitor = NULL;
    transport_tunnel_release(link->tunnel);
    link->tunnel = NULL;
}
