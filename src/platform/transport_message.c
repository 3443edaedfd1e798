/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a peer may put into a ZeroMQ message and what Sotto means by a frame are
 * not the same: here the one becomes the other.  A route is libzmq's number for
 * an inbound connection; it is never shown to anybody. */
#include "platform/transport_message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "platform/transport_socket.h"

enum { ROUTE_BYTES = 255 }; /* libzmq's maximum, for one that a peer chose */

struct transport_message {
    zmq_msg_t part;
    size_t parts;
    uint8_t route[ROUTE_BYTES];
    size_t route_bytes;
};

struct transport_message *transport_message_new(void)
{
    struct transport_message *message = calloc(1, sizeof(*message));

    if (message)
        zmq_msg_init(&message->part);
    return message;
}

void transport_message_free(struct transport_message *message)
{
    if (message)
        zmq_msg_close(&message->part);
    free(message);
}

static void keep_route(struct transport_message *message)
{
    size_t size = zmq_msg_size(&message->part);

    message->route_bytes = size < ROUTE_BYTES ? size : ROUTE_BYTES;
    if (message->route_bytes > 0)
        memcpy(
            message->route, zmq_msg_data(&message->part), message->route_bytes);
}

bool transport_message_take(
    struct transport_message *message, void *socket, bool routed)
{
    if (zmq_msg_recv(&message->part, socket, ZMQ_DONTWAIT) < 0)
        return false;
    if (routed)
        keep_route(message);
    message->parts = routed ? 0 : 1;
    /* libzmq delivers whole messages: the other parts are there. */
    while (zmq_msg_more(&message->part) &&
           zmq_msg_recv(&message->part, socket, ZMQ_DONTWAIT) >= 0)
        message->parts++;
    return true;
}

struct span transport_message_frame(const struct transport_message *message)
{
    zmq_msg_t *part = (zmq_msg_t *)&message->part;

    if (message->parts != 1)
        return (struct span){NULL, 0};
    return (struct span){zmq_msg_data(part), zmq_msg_size(part)};
}

size_t transport_message_bytes(const struct transport_message *message)
{
    return zmq_msg_size(&message->part);
}

struct span transport_message_route(const struct transport_message *message)
{
    return (struct span){message->route, message->route_bytes};
}

bool transport_message_key(
    struct transport_message *message, struct node_key *out)
{
    return transport_key_parse(zmq_msg_gets(&message->part, "User-Id"), out);
}

int transport_message_descriptor(struct transport_message *message)
{
    return zmq_msg_get(&message->part, ZMQ_SRCFD);
}

enum transport_sent transport_message_send(
    void *socket, struct span route, struct span frame)
{
    /* With ROUTER_MANDATORY the route is refused when the peer cannot take a
     * message; the frame after it then always goes. */
    if (route.size > 0 && zmq_send(socket, route.data, route.size,
                              ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return errno == EHOSTUNREACH ? SENT_NEVER : SENT_LATER;
    if (zmq_send(socket, frame.data, frame.size, ZMQ_DONTWAIT) < 0)
        return SENT_LATER;
    return SENT;
}
