/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two beacons on one machine hear each other over the loopback interface, by
 * broadcast and multicast, and take nothing else for one. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "platform/beacon.h"
#include "platform/random.h"
#include "proto/beacon.h"
#include "tests/platform/port.h"
#include "tests/tap.h"

enum { FORGED = 9 };

struct ear {
    struct beacon *beacon;
    struct node_key key;
    unsigned heard, own, forged, others;
    char endpoint[160];
    struct node_key expected;
};

static void on_seen(
    void *context, struct span endpoint, const struct node_key *node)
{
    struct ear *ear = context;

    if (node_key_equal(node, &ear->key))
        ear->own++;
    else if (node->bytes[0] == FORGED)
        ear->forged++;
    else if (node_key_equal(node, &ear->expected) && endpoint.size > 16 &&
             memcmp(endpoint.data, "tcp://127.0.0.1:", 16) == 0) {
        ear->heard++;
        memcpy(ear->endpoint, endpoint.data, endpoint.size);
        ear->endpoint[endpoint.size] = '\0';
    } else if (!node_key_equal(node, &ear->expected))
        ear->others++;
}

static void start(
    struct ear *ear, uint8_t name, uint8_t other, uint16_t udp, uint16_t tcp)
{
    struct beacon_config config = {
        .loop = uv_default_loop(),
        .port = udp,
        .listen_port = tcp,
        .interval_ms = 50,
        .seen = on_seen,
        .context = ear,
    };

    memset(ear, 0, sizeof(*ear));
    memset(ear->key.bytes, name, sizeof(ear->key.bytes));
    memset(ear->expected.bytes, other, sizeof(ear->expected.bytes));
    config.node = ear->key;
    need(beacon_new(&config, &ear->beacon) == STATUS_OK);
}

/* A datagram to one host, as anybody far away could send it. */
static void send_from_afar(uint16_t udp, const void *bytes, size_t size)
{
    struct sockaddr_in there = {.sin_family = AF_INET,
        .sin_port = htons(udp),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0);

    need(descriptor >= 0 &&
         sendto(descriptor, bytes, size, 0, (struct sockaddr *)&there,
             sizeof(there)) == (ssize_t)size);
    close(descriptor);
}

/* To all on the loopback interface, as a beacon would. */
static void send_to_all(uint16_t udp, const void *bytes, size_t size)
{
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(udp)};
    struct in_addr here = {htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_DGRAM, 0);

    need(inet_pton(AF_INET, "239.255.83.79", &there.sin_addr) == 1);
    need(descriptor >= 0 &&
         setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &here,
             sizeof(here)) == 0 &&
         sendto(descriptor, bytes, size, 0, (struct sockaddr *)&there,
             sizeof(there)) == (ssize_t)size);
    close(descriptor);
}

int main(void)
{
    struct ear a, b, silent;
    uint16_t udp = free_udp_port();
    uint8_t forged[BEACON_MAXIMUM_BYTES];
    struct beacon_datagram datagram = {.port = 99};

    alarm(60);
    need(random_system_start() == 0);
    start(&a, 1, 2, udp, 1001);
    start(&silent, 3, 1, udp, 0);
    memset(datagram.node.bytes, FORGED, sizeof(datagram.node.bytes));
    send_from_afar(udp, forged, beacon_datagram_encode(&datagram, forged));
    send_from_afar(udp, "garbage", 7);
    send_to_all(udp, "garbage", 7);
    start(&b, 2, 1, udp, 1002);
    while (a.heard < 3 || b.heard < 3 || silent.heard < 3)
        uv_run(uv_default_loop(), UV_RUN_ONCE);
    ok(strcmp(a.endpoint, "tcp://127.0.0.1:1002") == 0,
        "a beacon tells where the other node listens");
    ok(strcmp(b.endpoint, "tcp://127.0.0.1:1001") == 0, "both ways");
    ok(strcmp(silent.endpoint, "tcp://127.0.0.1:1001") == 0,
        "one may only listen");
    ok(a.own == 0 && b.own == 0, "nobody hears itself");
    ok(a.forged == 0 && b.forged == 0 && silent.forged == 0,
        "what was sent to one host alone, or is no beacon, tells nothing");
    ok(a.others == 0 && b.others == 0, "nor does what is malformed");
    beacon_free(a.beacon);
    beacon_free(b.beacon);
    beacon_free(silent.beacon);
    beacon_free(NULL);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    ok(uv_loop_close(uv_default_loop()) == 0, "no handle is left in the loop");
    return tap_done();
}
