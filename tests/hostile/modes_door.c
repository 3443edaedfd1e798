/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections that do not become links: each stops at another place of the
 * handshake (ZeroMQ RFC 23, ZMTP 3.1; RFC 26, CurveZMQ), and stays. */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/hostile/hostile.h"
#include "tests/hostile/peer.h"

enum { CONNECTIONS_MOST = 900, GREETING_BYTES = 64, HELLO_BYTES = 202 };

static int connect_to(const struct hostile *hostile)
{
    const char *port = strrchr(hostile->address, ':');
    struct sockaddr_in there = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)atoi(port ? port + 1 : "0")),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 ||
        connect(descriptor, (struct sockaddr *)&there, sizeof(there)) != 0)
        hostile_die("connect");
    return descriptor;
}

/* Many connections, on each the same beginning; then wait. */
static void crowd(struct hostile *hostile, struct span beginning)
{
    uint64_t count = hostile_number(hostile, 0, 300);
    static int descriptors[CONNECTIONS_MOST];
    if (count > CONNECTIONS_MOST)
        count = CONNECTIONS_MOST;
    for (uint64_t i = 0; i < count; i++) {
        descriptors[i] = connect_to(hostile);
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

static void greet(uint8_t out[static GREETING_BYTES])
{
    static const uint8_t greeting[] = {
        0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0, 'C', 'U', 'R', 'V', 'E'};
    memset(out, 0, GREETING_BYTES);
    memcpy(out, greeting, sizeof(greeting));
}

void mode_greeting(struct hostile *hostile)
{
    uint8_t greeting[GREETING_BYTES];
    greet(greeting);
    crowd(hostile, (struct span){greeting, sizeof(greeting)});
}

/* CURVE's HELLO, as good as any client's: the relay answers it with a WELCOME,
 * and waits for what never comes. */
static void say_hello(
    const struct hostile *hostile, uint8_t out[static HELLO_BYTES])
{
    static const uint8_t head[] = {0x04, 200, 5, 'H', 'E', 'L', 'L', 'O', 1, 0};
    enum { AT_KEY = 82, AT_NONCE = 114, AT_BOX = 122, PLAIN_BYTES = 64 };
    static const uint8_t zeros[PLAIN_BYTES];
    uint8_t secret[crypto_box_SECRETKEYBYTES];
    uint8_t nonce[crypto_box_NONCEBYTES] = "CurveZMQHELLO---";
    memset(out, 0, HELLO_BYTES);
    memcpy(out, head, sizeof(head));
    crypto_box_keypair(out + AT_KEY, secret);
    memset(nonce + 16, 0, 8);
    if (crypto_box_easy(out + AT_BOX, zeros, sizeof(zeros), nonce,
            hostile->relay.bytes, secret) != 0)
        hostile_die("the relay's key");
    memcpy(out + AT_NONCE, nonce + 16, 8);
}

void mode_half(struct hostile *hostile)
{
    uint8_t bytes[GREETING_BYTES + HELLO_BYTES];
    greet(bytes);
    say_hello(hostile, bytes + GREETING_BYTES);
    crowd(hostile, (struct span){bytes, sizeof(bytes)});
}

void mode_wrong_key(struct hostile *hostile)
{
    uint64_t count = hostile_number(hostile, 0, 300), out = 0;
    static struct peer peers[CONNECTIONS_MOST];
    if (count > CONNECTIONS_MOST)
        count = CONNECTIONS_MOST;
    random_fill(&hostile->random.base, hostile->relay.bytes, 32);
    for (uint64_t i = 0; i < count; i++)
        peer_begin(hostile, &peers[i], &(struct peer_kind){0});
    for (uint64_t i = 0; i < count; i++)
        out += peer_is_ended(&peers[i]) && !peers[i].linked;
    hostile_tell("frames", count);
    hostile_tell("out", out);
    for (uint64_t i = 0; i < count; i++)
        peer_close(&peers[i]);
}
