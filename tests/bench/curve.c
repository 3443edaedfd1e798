/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both ends in one process, a thread each; the forwarder in one of its own, so
 * that what it uses can be told from what they use. */
#include "config.h"

#include "tests/bench/curve.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "proto/limits.h"
#include "tests/bench/daemon.h"

enum { ENDPOINT_CHARS = 64 };

struct receiver {
    void *socket;
    uint64_t count;
    pthread_t thread;
};

static double clock_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double curve_now_s(void)
{
    return clock_s(CLOCK_MONOTONIC);
}

static void take(void *socket, uint64_t count)
{
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (uint64_t got = 0; got < count;) {
        if (zmq_msg_recv(&message, socket, 0) < 0)
            daemon_die("zmq_msg_recv");
        got += !zmq_msg_more(&message);
    }
    zmq_msg_close(&message);
}

static void *receive(void *argument)
{
    struct receiver *receiver = argument;
    take(receiver->socket, receiver->count);
    return NULL;
}

static void *serve(void *context, int type, const struct curve_keys *own,
    char endpoint[static ENDPOINT_CHARS])
{
    void *socket = zmq_socket(context, type);
    size_t size = ENDPOINT_CHARS;
    int on = 1;
    zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof(on));
    zmq_setsockopt(
        socket, ZMQ_CURVE_SECRETKEY, own->secret_key, CURVE_KEY_CHARS);
    if (zmq_bind(socket, "tcp://127.0.0.1:*") ||
        zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &size))
        daemon_die("zmq_bind");
    return socket;
}

void *curve_dial(void *context, int type, const struct curve_keys *own,
    const char *server_key, const char *endpoint)
{
    void *socket = zmq_socket(context, type);
    const struct {
        int option;
        const char *key;
    } keys[] = {{ZMQ_CURVE_SERVERKEY, server_key},
        {ZMQ_CURVE_PUBLICKEY, own->public_key},
        {ZMQ_CURVE_SECRETKEY, own->secret_key}};
    for (size_t i = 0; i < 3; i++)
        zmq_setsockopt(socket, keys[i].option, keys[i].key, CURVE_KEY_CHARS);
    if (zmq_connect(socket, endpoint))
        daemon_die("zmq_connect");
    return socket;
}

static void *dial(void *context, int type, const struct curve_keys *server,
    const char *endpoint)
{
    struct curve_keys own;
    zmq_curve_keypair(own.public_key, own.secret_key);
    return curve_dial(context, type, &own, server->public_key, endpoint);
}

/* Until the two are linked: what that takes, the relay is not charged for
 * either. */
static void greet(void *from, void *to)
{
    if (zmq_send(from, "", 1, 0) < 0)
        daemon_die("zmq_send");
    take(to, 1);
}

/* Send them all, and wait until all have been received; the time that took. */
static double carry(void *from, void *to, uint64_t count, size_t bytes)
{
    static uint8_t message[LIMIT_ENVELOPE_BYTES];
    struct receiver receiver = {.socket = to, .count = count};
    double start_s = curve_now_s();
    if (pthread_create(&receiver.thread, NULL, receive, &receiver))
        daemon_die("pthread_create");
    for (uint64_t i = 0; i < count; i++)
        if (zmq_send(from, message, bytes, 0) < 0)
            daemon_die("zmq_send");
    pthread_join(receiver.thread, NULL);
    return curve_now_s() - start_s;
}

struct figures curve_link(uint64_t count, size_t bytes)
{
    char endpoint[ENDPOINT_CHARS];
    struct curve_keys server;
    struct figures figures;
    void *context = zmq_ctx_new();
    zmq_curve_keypair(server.public_key, server.secret_key);
    void *router = serve(context, ZMQ_ROUTER, &server, endpoint);
    void *dealer = dial(context, ZMQ_DEALER, &server, endpoint);
    greet(dealer, router);
    double busy_s = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    figures.wall_s = carry(dealer, router, count, bytes);
    figures.processor_s = clock_s(CLOCK_PROCESS_CPUTIME_ID) - busy_s;
    zmq_close(dealer);
    zmq_close(router);
    zmq_ctx_term(context);
    return figures;
}

struct route {
    char in[ENDPOINT_CHARS], out[ENDPOINT_CHARS];
};

static _Noreturn void forward(const struct curve_keys *own, int report)
{
    struct route route = {0};
    void *context = zmq_ctx_new();
    void *in = serve(context, ZMQ_PULL, own, route.in);
    void *out = serve(context, ZMQ_PUSH, own, route.out);
    if (write(report, &route, sizeof(route)) != sizeof(route))
        _exit(1);
    zmq_proxy(in, out, NULL);
    _exit(0);
}

struct figures curve_forward(uint64_t count, size_t bytes)
{
    struct curve_keys keys;
    struct route route;
    struct rusage usage;
    struct figures figures;
    int ends[2];
    zmq_curve_keypair(keys.public_key, keys.secret_key);
    if (pipe(ends))
        daemon_die("pipe");
    pid_t child = fork();
    if (child == 0)
        forward(&keys, ends[1]);
    if (child < 0 || read(ends[0], &route, sizeof(route)) != sizeof(route))
        daemon_die("a forwarder");
    void *context = zmq_ctx_new();
    void *from = dial(context, ZMQ_PUSH, &keys, route.in);
    void *to = dial(context, ZMQ_PULL, &keys, route.out);
    greet(from, to);
    figures.wall_s = carry(from, to, count, bytes);
    zmq_close(from);
    zmq_close(to);
    zmq_ctx_term(context);
    kill(child, SIGTERM);
    if (wait4(child, NULL, 0, &usage) != child)
        daemon_die("wait4");
    figures.processor_s =
        (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
        (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    close(ends[0]);
    close(ends[1]);
    return figures;
}
