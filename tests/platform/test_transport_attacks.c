/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What strangers and misbehaving peers may try, with libzmq's own sockets and
 * bare TCP: the transport goes on, and its honest link with it. */
#include "config.h"

#include "tests/platform/node.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

/* A peer that is not one of ours. */
struct raw {
    void *zmq;
    void *dealer;
    void *monitor;
};

static int port_of(const char *endpoint)
{
    return atoi(strrchr(endpoint, ':') + 1);
}

static void raw_monitor(struct raw *raw, const char *name)
{
    zmq_socket_monitor(raw->dealer, name, ZMQ_EVENT_ALL);
    raw->monitor = zmq_socket(raw->zmq, ZMQ_PAIR);
    need(zmq_connect(raw->monitor, name) == 0);
}

/* keys NULL: in the clear. */
static void raw_open(struct raw *raw, void *zmq, const struct node *server,
    const uint8_t *secret, const void *route, size_t route_bytes)
{
    char name[64];
    int never = -1;

    raw->zmq = zmq;
    raw->dealer = zmq_socket(zmq, ZMQ_DEALER);
    need(raw->dealer);
    if (secret) {
        struct node_key key;
        transport_public(secret, &key);
        zmq_setsockopt(raw->dealer, ZMQ_CURVE_SERVERKEY, server->key.bytes, 32);
        zmq_setsockopt(raw->dealer, ZMQ_CURVE_PUBLICKEY, key.bytes, 32);
        zmq_setsockopt(raw->dealer, ZMQ_CURVE_SECRETKEY, secret, 32);
    }
    if (route_bytes > 0)
        need(zmq_setsockopt(raw->dealer, ZMQ_ROUTING_ID, route, route_bytes) ==
                 0 ||
             errno == EINVAL);
    zmq_setsockopt(raw->dealer, ZMQ_RECONNECT_IVL, &never, sizeof(never));
    zmq_setsockopt(raw->dealer, ZMQ_LINGER, &(int){0}, sizeof(int));
    snprintf(name, sizeof(name), "inproc://raw-%p", raw->dealer);
    raw_monitor(raw, name);
    need(zmq_connect(raw->dealer, server->endpoint) == 0);
}

static void raw_close(struct raw *raw)
{
    zmq_socket_monitor(raw->dealer, NULL, 0);
    zmq_close(raw->monitor);
    zmq_close(raw->dealer);
}

/* The next event of the raw peer's life, or 0. */
static int raw_event(struct raw *raw)
{
    char bytes[256];
    uint16_t event = 0;
    int more = 0;
    size_t size = sizeof(more);

    if (zmq_recv(raw->monitor, bytes, sizeof(bytes), ZMQ_DONTWAIT) < 0)
        return 0;
    memcpy(&event, bytes, sizeof(event));
    zmq_getsockopt(raw->monitor, ZMQ_RCVMORE, &more, &size);
    if (more)
        zmq_recv(raw->monitor, bytes, sizeof(bytes), 0);
    return event;
}

/* Run the loop until one of these has happened to the raw peer. */
static int raw_wait(struct raw *raw, int events)
{
    for (;;) {
        int event = raw_event(raw);
        if (event & events)
            return event;
        uv_run(uv_default_loop(), UV_RUN_NOWAIT);
    }
}

enum {
    ENDED = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
            ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
            ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
};

static int tcp_connect(const char *endpoint)
{
    struct sockaddr_in there = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)port_of(endpoint)),
        .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    need(descriptor >= 0 &&
         connect(descriptor, (struct sockaddr *)&there, sizeof(there)) == 0);
    return descriptor;
}

static void still_links(
    struct node *honest, struct node *server, const char *what)
{
    unsigned frames = server->frames;

    need(node_send(honest, honest->link, 0, 100) == STATUS_OK);
    until(server->frames > frames);
    ok(true, what);
}

/* Point 3: no CURVE, no entry; nor do we speak to one who has none. */
static void test_plaintext(void *zmq, struct node *honest, struct node *server)
{
    struct raw raw;
    unsigned up = server->up;
    int never = 0;
    char endpoint[128];
    size_t size = sizeof(endpoint);

    raw_open(&raw, zmq, server, NULL, NULL, 0);
    ok(raw_wait(&raw, ENDED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED) & ENDED,
        "a client without CURVE is refused");
    ok(server->up == up, "and never becomes a link");
    raw_close(&raw);

    void *clear = zmq_socket(zmq, ZMQ_ROUTER);
    zmq_setsockopt(clear, ZMQ_LINGER, &never, sizeof(never));
    need(zmq_bind(clear, "tcp://127.0.0.1:*") == 0);
    zmq_getsockopt(clear, ZMQ_LAST_ENDPOINT, endpoint, &size);
    need(transport_dial(honest->transport, endpoint, &server->key, 5) ==
         STATUS_OK);
    until(honest->failed == 1);
    ok(honest->up == 1, "a server without CURVE fails the dial");
    zmq_close(clear);
}

/* The default start of the C library's rand, by a state of our own. */
static uint32_t default_rand(struct random_data *state)
{
    int32_t value;

    random_r(state, &value);
    return (uint32_t)value;
}

/* Point 1: claim the numbers that libzmq would give next if nobody had seeded
 * it, then connect without a claim. */
static void test_route_claims(
    void *zmq, struct node *honest, struct node *server)
{
    enum { CLAIMS = 16, ANONYMOUS = 4 };
    struct raw raws[CLAIMS + ANONYMOUS];
    struct random_data state = {0};
    char room[128];
    uint8_t secret[32];
    struct node_key key;
    size_t count = 0;

    initstate_r(1, room, sizeof(room), &state);
    for (int pair = 0; pair < 4; pair++) {
        uint32_t low = default_rand(&state);
        uint32_t first = low | default_rand(&state) << 31;
        /* The honest peer has taken one already. */
        for (uint32_t next = first; next < first + 4; next++) {
            uint8_t route[5] = {0, (uint8_t)(next >> 24), (uint8_t)(next >> 16),
                (uint8_t)(next >> 8), (uint8_t)next};
            transport_keypair(&key, secret);
            raw_open(&raws[count], zmq, server, secret, route, sizeof(route));
            raw_wait(&raws[count++], ENDED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
        }
    }
    for (int i = 0; i < ANONYMOUS; i++) {
        unsigned up = server->up;
        transport_keypair(&key, secret);
        raw_open(&raws[count], zmq, server, secret, NULL, 0);
        zmq_send(raws[count++].dealer, "hello", 5, 0);
        until(server->up > up);
    }
    still_links(
        honest, server, "claims on the numbers of peers change nothing");
    for (size_t i = 0; i < count; i++)
        raw_close(&raws[i]);
    until(server->down >= ANONYMOUS);
}

static void test_chosen_name(
    void *zmq, struct node *honest, struct node *server)
{
    struct transport_counts before, after;
    struct raw raw;
    struct node_key key;
    uint8_t secret[32];
    unsigned up = server->up;

    transport_count(server->transport, &before);
    transport_keypair(&key, secret);
    raw_open(&raw, zmq, server, secret, "my own name", 11);
    zmq_send(raw.dealer, "hello", 5, 0);
    raw_wait(&raw, ZMQ_EVENT_DISCONNECTED);
    transport_count(server->transport, &after);
    ok(server->up == up && after.inbound_refused == before.inbound_refused + 1,
        "a peer that names itself is dropped and counted");
    raw_close(&raw);
    still_links(honest, server, "and the honest link goes on");
}

/* Point 5, before there is any key. */
static void test_huge_before_handshake(struct node *honest, struct node *server)
{
    uint8_t greeting[64] = {
        0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0, 'C', 'U', 'R', 'V', 'E'};
    const uint8_t huge[] = {0x06, 0, 0, 0, 2, 0, 0, 0, 0}; /* 8 GiB follow */
    uint8_t bytes[512];
    ssize_t size;
    int descriptor = tcp_connect(server->endpoint);

    need(write(descriptor, greeting, sizeof(greeting)) == sizeof(greeting));
    need(write(descriptor, huge, sizeof(huge)) == sizeof(huge));
    while ((size = read(descriptor, bytes, sizeof(bytes))) > 0)
        continue;
    ok(size == 0 || errno == ECONNRESET,
        "a stranger who announces 8 GiB is cut off");
    close(descriptor);
    still_links(honest, server, "and the honest link goes on");
}

/* Point 14: a link on which a message of that size is sent; whether it is cut,
 * and nothing of it delivered. */
static bool is_cut(void *zmq, struct node *server, size_t size)
{
    struct transport_counts before, after;
    struct raw raw;
    struct node_key key;
    uint8_t secret[32];
    unsigned up = server->up, down = server->down, cut = server->cut, frames;
    uint8_t *bytes = calloc(1, size);

    need(bytes);
    transport_count(server->transport, &before);
    transport_keypair(&key, secret);
    raw_open(&raw, zmq, server, secret, NULL, 0);
    zmq_send(raw.dealer, "hello", 5, 0);
    until(server->up > up && server->last_bytes == 5);
    frames = server->frames;
    zmq_send(raw.dealer, bytes, size, 0);
    free(bytes);
    until(server->down > down || server->frames > frames);
    raw_close(&raw);
    until(server->down > down);
    transport_count(server->transport, &after);
    return server->frames == frames && server->cut == cut + 1 &&
           after.oversize == before.oversize + 1;
}

static void test_huge_frame(void *zmq, struct node *honest, struct node *server)
{
    ok(is_cut(zmq, server, (size_t)64 << 20),
        "a peer that sends 64 MiB is cut off, told as that, and counted");
    ok(is_cut(zmq, server, LIMIT_FRAME_BYTES + 1),
        "so is one that sends a byte more than a frame can have");
    ok(!is_cut(zmq, server, LIMIT_FRAME_BYTES),
        "and one that sends a frame of the largest size is not");
    still_links(honest, server, "and the honest link goes on");
}

static void test_parts(void *zmq, struct node *honest, struct node *server)
{
    struct raw raw;
    struct node_key key;
    uint8_t secret[32];
    unsigned up = server->up, down = server->down, frames;

    transport_keypair(&key, secret);
    raw_open(&raw, zmq, server, secret, NULL, 0);
    zmq_send(raw.dealer, "hello", 5, 0);
    until(server->up > up);
    frames = server->frames;
    server->last_bytes = 99;
    zmq_send(raw.dealer, "one", 3, ZMQ_SNDMORE);
    zmq_send(raw.dealer, "two", 3, 0);
    until(server->frames > frames);
    ok(server->last_bytes == 0, "a message of several parts is an empty frame");
    zmq_send(raw.dealer, "alone", 5, 0);
    until(server->frames > frames + 1);
    ok(server->last_bytes == 5, "and the next is whole again");
    raw_close(&raw);
    until(server->down > down);
    still_links(honest, server, "and the honest link goes on");
}

static void keep(void *data, void *hint)
{
    (void)data;
    (void)hint;
}

/* Point 15: one message of 2 GiB, in parts that are each small enough. */
static void test_endless_message(
    void *zmq, struct node *honest, struct node *server)
{
    static uint8_t part[32768];
    struct raw raw;
    struct node_key key;
    uint8_t secret[32];
    unsigned up = server->up, down = server->down, cut = server->cut, frames;

    transport_keypair(&key, secret);
    raw_open(&raw, zmq, server, secret, NULL, 0);
    zmq_send(raw.dealer, "hello", 5, 0);
    until(server->up > up && server->last_bytes == 5);
    frames = server->frames;
    for (int i = 0; i < 65536; i++) {
        zmq_msg_t message;
        zmq_msg_init_data(&message, part, sizeof(part), keep, NULL);
        need(zmq_msg_send(&message, raw.dealer, i < 65535 ? ZMQ_SNDMORE : 0) >=
             0);
    }
    until(server->down > down);
    ok(server->frames == frames && server->cut == cut + 1,
        "a message without end is cut off, and told as that");
    raw_close(&raw);
    still_links(honest, server, "and the honest link goes on");
}

/* Not counted as failures: connections that say nothing. */
static void test_half_open(struct node *server)
{
    enum { COUNT = 40 };
    int descriptors[COUNT];
    unsigned down = server->down;
    struct node late;

    for (int i = 0; i < COUNT; i++)
        descriptors[i] = tcp_connect(server->endpoint);
    node_start(&late, 2);
    node_join(&late, server);
    ok(late.up == 1, "connections that say nothing keep nobody out");
    node_stop(&late);
    until(server->down > down);
    for (int i = 0; i < COUNT; i++)
        close(descriptors[i]);
}

/* What went one way over a connection. */
struct tape {
    size_t size;
    uint8_t bytes[1 << 16];
};

static int tcp_listen(char *endpoint, size_t size)
{
    struct sockaddr_in here = {
        .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t here_size = sizeof(here);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    need(listener >= 0 &&
         bind(listener, (struct sockaddr *)&here, sizeof(here)) == 0 &&
         listen(listener, 1) == 0 &&
         getsockname(listener, (struct sockaddr *)&here, &here_size) == 0);
    snprintf(endpoint, size, "tcp://127.0.0.1:%d", ntohs(here.sin_port));
    return listener;
}

/* Carry on what has come; tape NULL: without a record of it. */
static void carry(int from, int to, struct tape *tape)
{
    uint8_t bytes[4096];
    ssize_t got = recv(from, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (got <= 0)
        return;
    need(send(to, bytes, (size_t)got, MSG_NOSIGNAL) == got);
    if (!tape)
        return;
    need(tape->size + (size_t)got <= sizeof(tape->bytes));
    memcpy(tape->bytes + tape->size, bytes, (size_t)got);
    tape->size += (size_t)got;
}

/* Somebody stands between two nodes, carries what they say, and records all
 * that the one says until its frame has come. */
static void record(struct node *server, struct tape *tape)
{
    char endpoint[64];
    struct node from;
    unsigned frames = server->frames;
    int listener = tcp_listen(endpoint, sizeof(endpoint));

    node_start(&from, 2);
    need(
        transport_dial(from.transport, endpoint, &server->key, 7) == STATUS_OK);
    int client = accept(listener, NULL, NULL);
    int there = tcp_connect(server->endpoint);
    bool sent = false;
    while (server->frames == frames) {
        carry(client, there, tape);
        carry(there, client, NULL);
        uv_run(uv_default_loop(), UV_RUN_NOWAIT);
        if (from.up && !sent)
            sent = node_send(&from, from.link, 0, 100) == STATUS_OK;
    }
    close(client);
    close(there);
    close(listener);
    node_stop(&from);
}

static void test_recorded(struct node *honest, struct node *server)
{
    static struct tape tape;
    uint8_t bytes[4096];
    unsigned down = server->down;

    record(server, &tape);
    until(server->down > down);
    unsigned up = server->up, frames = server->frames;
    int again = tcp_connect(server->endpoint);
    need(
        send(again, tape.bytes, tape.size, MSG_NOSIGNAL) == (ssize_t)tape.size);
    ssize_t got;
    do {
        got = recv(again, bytes, sizeof(bytes), MSG_DONTWAIT);
        uv_run(uv_default_loop(), UV_RUN_NOWAIT);
    } while (got > 0 || (got < 0 && errno == EAGAIN));
    ok(server->up == up && server->frames == frames,
        "a link's recorded bytes make no link and bring no frame again");
    close(again);
    still_links(honest, server, "and the honest link goes on");
}

/* Connections a key: two may wait; a second link takes the first one's place.
 */
static void test_same_key(void *zmq, struct node *honest, struct node *server)
{
    struct raw raws[3];
    struct node_key key;
    uint8_t secret[32];
    unsigned up = server->up, down = server->down;
    uint32_t first;

    transport_keypair(&key, secret);
    for (int i = 0; i < 2; i++) {
        raw_open(&raws[i], zmq, server, secret, NULL, 0);
        raw_wait(&raws[i], ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    }
    raw_open(&raws[2], zmq, server, secret, NULL, 0);
    ok(raw_wait(&raws[2], ENDED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED) ==
            ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
        "a third connection with one key is refused");
    zmq_send(raws[0].dealer, "one", 3, 0);
    until(server->up == up + 1);
    first = server->link;
    zmq_send(raws[1].dealer, "two", 3, 0);
    until(server->up == up + 2);
    ok(server->down == down + 1 && server->last_down == first &&
            server->link != first,
        "a second link with one key takes the first one's place");
    raw_wait(&raws[0], ZMQ_EVENT_DISCONNECTED);
    ok(true, "which is cut off");
    for (int i = 0; i < 3; i++)
        raw_close(&raws[i]);
    still_links(honest, server, "and the honest link goes on");
}

/* Point 10: a process of few descriptors, and a crowd at its door. */
static void serve_short(int report)
{
    const struct rlimit few = {160, 160};
    struct node server;

    alarm(60);
    need(setrlimit(RLIMIT_NOFILE, &few) == 0);
    node_start(&server, 8);
    node_listen(&server);
    need(write(report, &server, sizeof(server)) == sizeof(server));
    /* The crowd comes: no descriptor is spent on a dial any more. */
    enum status status = STATUS_OK;
    while (status != STATUS_FULL) {
        transport_undial(server.transport, 1);
        uv_run(uv_default_loop(), UV_RUN_ONCE);
        status =
            transport_dial(server.transport, server.endpoint, &server.key, 1);
    }
    need(write(report, "full", 4) == 4);
    until(server.frames > 0 && server.last_bytes == 77);
    _exit(0);
}

static void test_crowd(void)
{
    enum { CROWD = 400 };
    int ends[2], crowd[CROWD], status = -1;
    char word[4];
    struct node server, late;

    need(pipe(ends) == 0);
    fflush(stdout);
    pid_t child = fork();
    need(child >= 0);
    if (child == 0)
        serve_short(ends[1]);
    need(read(ends[0], &server, sizeof(server)) == sizeof(server));
    for (int i = 0; i < CROWD; i++) {
        struct sockaddr_in there = {.sin_family = AF_INET,
            .sin_port = htons((uint16_t)port_of(server.endpoint)),
            .sin_addr = {htonl(INADDR_LOOPBACK)}};
        crowd[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(crowd[i], (struct sockaddr *)&there, sizeof(there));
    }
    need(read(ends[0], word, sizeof(word)) == sizeof(word));
    ok(memcmp(word, "full", 4) == 0,
        "a process sees that descriptors are short");
    for (int i = 0; i < CROWD; i++)
        close(crowd[i]);
    node_start(&late, 4);
    /* Dial until it listens again. */
    while (late.up == 0) {
        unsigned failed = late.failed;
        if (transport_dial(late.transport, server.endpoint, &server.key, 1) ==
            STATUS_OK)
            until(late.up > 0 || late.failed > failed);
        else
            uv_run(uv_default_loop(), UV_RUN_ONCE);
    }
    need(node_send(&late, late.link, 0, 77) == STATUS_OK);
    until(waitpid(child, &status, WNOHANG) == child);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
        "it lives, and listens again");
    node_stop(&late);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    struct node honest, server;

    alarm(120);
    need(random_system_start() == 0);
    test_crowd();
    node_start(&server, 64);
    node_listen(&server);
    node_start(&honest, 4);
    node_join(&honest, &server);
    void *zmq = zmq_ctx_new();
    test_route_claims(zmq, &honest, &server);
    test_chosen_name(zmq, &honest, &server);
    test_plaintext(zmq, &honest, &server);
    test_huge_before_handshake(&honest, &server);
    test_huge_frame(zmq, &honest, &server);
    test_parts(zmq, &honest, &server);
    test_endless_message(zmq, &honest, &server);
    test_half_open(&server);
    test_recorded(&honest, &server);
    test_same_key(zmq, &honest, &server);
    zmq_ctx_term(zmq);
    node_stop(&honest);
    node_stop(&server);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    ok(uv_loop_close(uv_default_loop()) == 0, "no handle is left in the loop");
    return tap_done();
}
