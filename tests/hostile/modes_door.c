/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections that do not become links: each stops at another place of the
 * handshake (ZeroMQ RFC 23, ZMTP 3.1; RFC 26, CurveZMQ), and stays, or has
 * another one in mind. */
#include "config.h"

#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/hostile/curve.h"
#include "tests/hostile/hostile.h"
#include "tests/hostile/peer.h"

enum { CONNECTIONS_MOST = 900 };

/* Many connections, on each the same beginning; then wait. */
static void crowd(struct hostile *hostile, struct span beginning)
{
    uint64_t count = hostile_number(hostile, 0, 300);
    static int descriptors[CONNECTIONS_MOST];
    if (count > CONNECTIONS_MOST)
        count = CONNECTIONS_MOST;
    for (uint64_t i = 0; i < count; i++) {
        descriptors[i] = curve_connect(hostile);
        if (beginning.size > 0 && send(descriptors[i], beginning.data,
                                      beginning.size, MSG_NOSIGNAL) < 0)
            continue; /* thrown out already */
    }
    hostile_tell("frames", count);
    hostile_hold();
    for (uint64_t i = 0; i < count; i++)
        close(descriptors[i]);
}

void mode_silent(struct hostile *hostile)
{
    crowd(hostile, (struct span){NULL, 0});
}

void mode_greeting(struct hostile *hostile)
{
    uint8_t greeting[CURVE_GREETING_BYTES];
    curve_greeting(greeting);
    crowd(hostile, (struct span){greeting, sizeof(greeting)});
}

/* CURVE's HELLO, as good as any client's: the relay answers it with a WELCOME,
 * and waits for what never comes. */
void mode_half(struct hostile *hostile)
{
    uint8_t bytes[CURVE_GREETING_BYTES + CURVE_HELLO_BYTES];
    struct curve_keys transient;
    crypto_box_keypair(transient.public_key, transient.secret);
    curve_greeting(bytes);
    curve_hello(hostile, &transient, bytes + CURVE_GREETING_BYTES);
    crowd(hostile, (struct span){bytes, sizeof(bytes)});
}

/* Dials of two kinds in turn, none of which is to become a link. */
static void be_refused(struct hostile *hostile, const struct peer_kind *one,
    const struct peer_kind *other)
{
    uint64_t count = hostile_number(hostile, 0, 300), out = 0;
    static struct peer peers[CONNECTIONS_MOST];
    if (count > CONNECTIONS_MOST)
        count = CONNECTIONS_MOST;
    for (uint64_t i = 0; i < count; i++)
        peer_begin(hostile, &peers[i], i % 2 ? other : one);
    for (uint64_t i = 0; i < count; i++)
        out += peer_is_ended(&peers[i]) && !peers[i].linked;
    hostile_tell("frames", count);
    hostile_tell("out", out);
    for (uint64_t i = 0; i < count; i++)
        peer_close(&peers[i]);
}

void mode_wrong_key(struct hostile *hostile)
{
    random_fill(&hostile->random.base, hostile->relay.bytes, 32);
    be_refused(hostile, &(struct peer_kind){0}, &(struct peer_kind){0});
}

void mode_clear(struct hostile *hostile)
{
    be_refused(hostile, &(struct peer_kind){.security = PEER_CLEAR},
        &(struct peer_kind){.security = PEER_PASSWORD});
}
