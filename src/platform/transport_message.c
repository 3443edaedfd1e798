/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a peer may put into a ZeroMQ message and what Sotto means by a frame are
 * not the same: here the one becomes the other.  A route is libzmq's number for
 * an inbound connection; it is never shown to anybody.
 *
 * One that is sent on as it came is handed back to libzmq: no copy is made, and
 * the memory is given back by the thread that it is from. */
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
    zmq_msg_t held[TRANSPORT_HELD];
    size_t held_count;
    uint64_t let_go; /* so many were held before these */
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
    if (message) {
        transport_message_let_go(message);
        zmq_msg_close(&message->part);
    }
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

uint64_t transport_message_hold(struct transport_message *message)
{
    if (message->parts != 1 || message->held_count == TRANSPORT_HELD ||
        zmq_msg_size(&message->part) < TRANSPORT_HELD_LEAST_BYTES)
        return 0;
    zmq_msg_t *held = &message->held[message->held_count++];
    zmq_msg_init(held);
    zmq_msg_move(held, &message->part);
    return message->let_go + message->held_count;
}

static zmq_msg_t *find_held(
    const struct transport_message *message, uint64_t held)
{
    uint64_t place = held - message->let_go - 1;

    return place < message->held_count ? (zmq_msg_t *)&message->held[place]
                                       : NULL;
}

bool transport_message_holds(
    const struct transport_message *message, uint64_t held)
{
    const zmq_msg_t *part = find_held(message, held);

    return part && zmq_msg_size(part) > 0;
}

void transport_message_let_go(struct transport_message *message)
{
    for (size_t i = 0; i < message->held_count; i++)
        zmq_msg_close(&message->held[i]);
    message->let_go += message->held_count;
    message->held_count = 0;
}

/* With ROUTER_MANDATORY the route is refused when the peer cannot take a
 * message; the frame after it then always goes. */
static enum transport_sent send_route(void *socket, struct span route)
{
    if (route.size > 0 && zmq_send(socket, route.data, route.size,
                              ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return errno == EHOSTUNREACH ? SENT_NEVER : SENT_LATER;
    return SENT;
}

enum transport_sent transport_message_send(
    void *socket, struct span route, struct span frame)
{
    enum transport_sent sent = send_route(socket, route);

    if (sent != SENT)
        return sent;
    if (zmq_send(socket, frame.data, frame.size, ZMQ_DONTWAIT) < 0)
        return SENT_LATER;
    return SENT;
}

enum transport_sent transport_message_pass(struct transport_message *message,
    void *socket, struct span route, const struct transport_frame *frame)
{
    zmq_msg_t *held = find_held(message, frame->held), copy;
    enum transport_sent sent = send_route(socket, route);

    if (sent != SENT)
        return sent;
    if (frame->is_last)
        return zmq_msg_send(held, socket, ZMQ_DONTWAIT) < 0 ? SENT_LATER : SENT;
    zmq_msg_init(&copy);
    zmq_msg_copy(&copy, held);
    if (zmq_msg_send(&copy, socket, ZMQ_DONTWAIT) >= 0)
        return SENT;
    zmq_msg_close(&copy);
    return SENT_LATER;
}
