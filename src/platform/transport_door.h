/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_TRANSPORT_DOOR_H
#define PLATFORM_TRANSPORT_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/address.h"
#include "proto/ids.h"

/* Who may come in: libzmq asks here (ZAP, RFC 27) about every client that has
 * proven its key and sent nothing yet. */
enum {
    TRANSPORT_DOOR_REQUEST_BYTES = 64,
    TRANSPORT_DOOR_WAITING = 128, /* let in, and not heard of since */
    TRANSPORT_DOOR_PER_KEY = 2,   /* of these, with one key */
    TRANSPORT_DOOR_WAIT_MS = 10000,
};

struct transport_question {
    uint8_t asker[TRANSPORT_DOOR_REQUEST_BYTES]; /* whom to answer */
    size_t asker_bytes;
    uint8_t request[TRANSPORT_DOOR_REQUEST_BYTES];
    size_t request_bytes;
    bool valid; /* CURVE, with a key */
    struct node_key key;
    struct address from; /* size 0: not known */
};

/* Take the next question from the door's socket; false when there is none. */
bool transport_door_ask(void *door, struct transport_question *out);

/* Answer it. */
void transport_door_answer(
    void *door, const struct transport_question *question, bool admit);

/* The clients that were let in and have not sent their first frame. */
struct transport_waiting {
    struct {
        struct node_key key;
        uint64_t until_ms;
    } entries[TRANSPORT_DOOR_WAITING];
    size_t count;
};

/* Whether one more client with that key may wait; it then does.  links is the
 * number of links that are there, maximum what they may become. */
bool transport_waiting_admit(struct transport_waiting *waiting,
    const struct node_key *key, size_t links, size_t maximum, uint64_t now_ms);

/* One with that key has sent its first frame, and is a link now. */
void transport_waiting_arrive(
    struct transport_waiting *waiting, const struct node_key *key);

#endif
