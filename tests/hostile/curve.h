/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_HOSTILE_CURVE_H
#define TESTS_HOSTILE_CURVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "proto/frame.h"
#include "tests/hostile/hostile.h"

/* A client of CurveZMQ that says of itself what it likes (ZeroMQ RFC 26, with
 * metadata as in RFC 37): libzmq's own leaves no choice. */
struct curve {
    int descriptor; /* of a socket that waits for a minute */
    struct node_key key;
    uint8_t shared[32]; /* by both transient keys */
    uint64_t sent;      /* commands, for their nonces */
    bool linked;        /* READY has come */
};

struct curve_keys {
    uint8_t public_key[32], secret[32];
};

/* What it says of itself, in up to 255 bytes each. */
struct curve_property {
    const char *name, *value;
};

enum { CURVE_GREETING_BYTES = 64, CURVE_HELLO_BYTES = 202 };

/* A TCP connection to the relay, over loopback. */
int curve_connect(const struct hostile *hostile);

/* How a client begins: by ZMTP's greeting, and CURVE's HELLO with those
 * transient keys. */
void curve_greeting(uint8_t out[static CURVE_GREETING_BYTES]);
void curve_hello(const struct hostile *hostile, const struct curve_keys *keys,
    uint8_t out[static CURVE_HELLO_BYTES]);

/* Connect under a new key and go through the handshake; where the relay ends
 * it, the result is not linked.  End with curve_close. */
void curve_dial(struct hostile *hostile, struct curve *curve,
    const struct curve_property *property);
void curve_close(struct curve *curve);

/* Send a frame; that the connection has ended curve_gets finds. */
void curve_send(struct curve *curve, const struct frame *frame);

/* Read until a frame of that type has come, which is good until the next;
 * false: the connection has ended, or nothing came for a minute. */
bool curve_gets(struct curve *curve, enum frame_type type, struct frame *out);

#endif
