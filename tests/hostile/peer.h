/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_HOSTILE_PEER_H
#define TESTS_HOSTILE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "proto/envelope.h"
#include "proto/frame.h"
#include "tests/hostile/hostile.h"

enum { PEER_FRAME_TYPES = 64 };

/* A link to the relay from a node that need keep to nothing. */
struct peer {
    struct hostile *hostile;
    void *dealer;
    void *monitor;
    struct node_key key;
    uint8_t secret[32];
    bool linked; /* CURVE has been agreed on */
    bool out;    /* the connection has ended */
    int goodbye; /* the reason of its DISCONNECT; -1: none came */
    uint64_t got[PEER_FRAME_TYPES]; /* frames, by type */
    uint64_t echoed;                /* the last PONG's nonce */
    uint64_t asked;                 /* the last PING's */
    uint32_t run, round;            /* of its last RECONCILE */
    struct envelope_id wanted;      /* by peer_is_given, and what came of it */
    bool is_given, is_cleared;
};

enum peer_security {
    PEER_CURVE,
    PEER_CLEAR,    /* ZMTP's NULL */
    PEER_PASSWORD, /* ZMTP's PLAIN, in the clear */
};

/* What a dial is like, besides honest; all of it may be zero. */
struct peer_kind {
    enum peer_security security;
    const uint8_t *secret; /* 32 bytes; NULL: a new key */
    const void *name;      /* a routing id that it chooses */
    size_t name_bytes;
    bool is_narrow; /* takes as little as it can before it is read from */
};

/* Dial, and wait until CURVE is agreed on or the connection has ended. */
void peer_dial(
    struct hostile *hostile, struct peer *peer, const struct peer_kind *kind);

/* Dial without waiting. */
void peer_begin(
    struct hostile *hostile, struct peer *peer, const struct peer_kind *kind);

/* Dial, greet with those features, and wait for the relay's HELLO or the
 * end. */
void peer_join(struct hostile *hostile, struct peer *peer,
    const struct peer_kind *kind, uint32_t features);

void peer_close(struct peer *peer);

/* A HELLO that tells the truth; to be bent. */
struct frame peer_hello(const struct peer *peer, uint32_t features);

/* Hand a frame, or any bytes, to the socket, waiting for room as long as the
 * connection is there.  False: it has ended. */
bool peer_send(struct peer *peer, const struct frame *frame);
bool peer_send_bytes(struct peer *peer, struct span bytes);

/* Take what has come, after at most so long a wait. */
void peer_turn(struct peer *peer, long wait_ms);

/* Until all that was sent has been dealt with (a PING has come back), or the
 * connection has ended; whether it is still there. */
bool peer_settle(struct peer *peer);

/* Until the connection has ended; whether it did within a minute. */
bool peer_is_ended(struct peer *peer);

/* Until so many frames of that type have come; whether they did within a
 * minute. */
bool peer_gets(struct peer *peer, enum frame_type type, uint64_t count);

/* Ask for an envelope; whether it is given, and not its receipt instead, or
 * nothing within a minute. */
bool peer_is_given(struct peer *peer, const struct envelope_id *id);

/* An envelope that nobody can open, with the opening that clears it. */
struct forged {
    struct envelope envelope;
    struct envelope_id id;
    struct opening opening;
    uint8_t body[LIMIT_ENVELOPE_BYTES];
    uint8_t encoding[LIMIT_ENVELOPE_BYTES];
};
void forge(struct hostile *hostile, struct forged *forged, uint8_t class_,
    uint32_t life_h);
/* Encode it anew, after a change. */
void forge_again(struct forged *forged);

struct frame forged_push(const struct forged *forged);
struct frame forged_receipt(const struct forged *forged);
/* ... of an opening that opens nothing. */
struct frame forged_false_receipt(const struct forged *forged);

#endif
