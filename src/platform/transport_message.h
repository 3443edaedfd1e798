/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_MESSAGE_H
#define PLATFORM_TRANSPORT_MESSAGE_H

#include <stdbool.h>

#include "base/span.h"
#include "base/status.h"
#include "platform/transport_event.h"
#include "proto/ids.h"

/* One message from a socket, kept until the next is taken. */
struct transport_message;

/* NULL when there is no memory. */
struct transport_message *transport_message_new(void);
void transport_message_free(struct transport_message *message);

/* Take the next whole message from a socket into message.  A frame is one
 * part; a message of several is taken whole and reads as an empty frame, which
 * no peer may send either.  routed: a route comes first, and is kept. */
bool transport_message_take(
    struct transport_message *message, void *socket, bool routed);

/* The frame; borrowed until the next is taken. */
struct span transport_message_frame(const struct transport_message *message);
/* The bytes of its last part, as they travelled. */
size_t transport_message_bytes(const struct transport_message *message);
struct span transport_message_route(const struct transport_message *message);

/* The key that our door admitted for the connection it came by; false when
 * there is none. */
bool transport_message_key(
    struct transport_message *message, struct node_key *out);
/* libzmq's descriptor of that connection, or -1.  It may have closed it. */
int transport_message_descriptor(struct transport_message *message);

/* Frames that are held beside it, to be sent on as they came. */
enum { TRANSPORT_HELD = 128, TRANSPORT_HELD_LEAST_BYTES = 64 };

/* Hold its frame, which stays where it is; 0 when it is small, or all places
 * are taken, else its name, which is never given to another. */
uint64_t transport_message_hold(struct transport_message *message);
/* Whether that one is held (still). */
bool transport_message_holds(
    const struct transport_message *message, uint64_t held);
void transport_message_let_go(struct transport_message *message);

enum transport_sent { SENT, SENT_LATER, SENT_NEVER };

/* Offer libzmq one frame without waiting; route may be empty.  SENT_LATER: its
 * queue is full; SENT_NEVER: the peer has gone. */
enum transport_sent transport_message_send(
    void *socket, struct span route, struct span frame);

/* The same with one that is held, which is not copied. */
enum transport_sent transport_message_pass(struct transport_message *message,
    void *socket, struct span route, const struct transport_frame *frame);

#endif
