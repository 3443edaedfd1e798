/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a link costs: messages a second from one process to another over
 * loopback, through libzmq's bare sockets (DEALER to ROUTER, CURVE, its own
 * defaults) and through the transport, at the same sizes in the same run.
 * Processor time is both processes', with libzmq's threads. */
#include "tests/platform/node.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { MESSAGES = 100000 };

struct result {
    double per_second;
    double cpu_us; /* a message */
};

struct route {
    uint8_t secret[32];
    struct node_key key;
    char endpoint[LIMIT_ENDPOINT_BYTES + 1];
};

static double wall_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu_s(int who)
{
    struct rusage usage;
    getrusage(who, &usage);
    return (double)usage.ru_utime.tv_sec +
           (double)usage.ru_utime.tv_usec / 1e6 +
           (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
}

/* Bare libzmq. */

static void raw_sink(int report)
{
    struct route route = {{0}, {{0}}, ""};
    void *zmq = zmq_ctx_new(), *router = zmq_socket(zmq, ZMQ_ROUTER);
    static char bytes[LIMIT_FRAME_BYTES];
    size_t size = sizeof(route.endpoint);

    transport_keypair(&route.key, route.secret);
    zmq_setsockopt(router, ZMQ_CURVE_SERVER, &(int){1}, sizeof(int));
    zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, route.secret, 32);
    need(zmq_bind(router, "tcp://127.0.0.1:*") == 0);
    zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, route.endpoint, &size);
    need(write(report, &route, sizeof(route)) == sizeof(route));
    for (int i = 0; i < MESSAGES; i++) {
        zmq_recv(router, bytes, sizeof(bytes), 0);
        zmq_recv(router, bytes, sizeof(bytes), 0);
    }
    _exit(0);
}

static void raw_source(const struct route *to, size_t size)
{
    void *zmq = zmq_ctx_new(), *dealer = zmq_socket(zmq, ZMQ_DEALER);
    static char bytes[LIMIT_FRAME_BYTES];
    struct node_key key;
    uint8_t secret[32];

    transport_keypair(&key, secret);
    zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, to->key.bytes, 32);
    zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, key.bytes, 32);
    zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, secret, 32);
    need(zmq_connect(dealer, to->endpoint) == 0);
    for (int i = 0; i < MESSAGES; i++)
        need(zmq_send(dealer, bytes, size, 0) == (int)size);
    zmq_close(dealer);
    zmq_ctx_term(zmq);
}

/* The transport. */

static void link_sink(int report)
{
    struct route route = {{0}, {{0}}, ""};
    struct node node;

    node_start(&node, 4);
    node_listen(&node);
    route.key = node.key;
    strcpy(route.endpoint, node.endpoint);
    need(write(report, &route, sizeof(route)) == sizeof(route));
    until(node.frames == MESSAGES);
    _exit(0);
}

static void link_source(const struct route *to, size_t size)
{
    static uint8_t bytes[LIMIT_FRAME_BYTES];
    struct node node;

    node_start(&node, 4);
    need(
        transport_dial(node.transport, to->endpoint, &to->key, 1) == STATUS_OK);
    until(node.up == 1);
    for (int sent = 0; sent < MESSAGES;) {
        if (transport_send(node.transport, node.link,
                (struct lane){LANE_CONTROL, 0},
                (struct span){bytes, size}) == STATUS_OK)
            sent++;
        else
            uv_run(uv_default_loop(), UV_RUN_ONCE);
    }
    until(node.down == 1);
    node_stop(&node);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}

static struct result measure(void (*sink)(int report),
    void (*source)(const struct route *to, size_t size), size_t size)
{
    struct route route;
    int ends[2];

    need(pipe(ends) == 0);
    fflush(stdout);
    double others = cpu_s(RUSAGE_CHILDREN), own = cpu_s(RUSAGE_SELF);
    pid_t child = fork();
    need(child >= 0);
    if (child == 0) {
        /* The loop's epoll set is shared with the parent until then. */
        need(uv_loop_fork(uv_default_loop()) == 0);
        sink(ends[1]);
    }
    need(read(ends[0], &route, sizeof(route)) == sizeof(route));
    double start = wall_s();
    source(&route, size);
    need(waitpid(child, NULL, 0) == child);
    double wall = wall_s() - start;
    close(ends[0]);
    close(ends[1]);
    double cpu = cpu_s(RUSAGE_CHILDREN) - others + cpu_s(RUSAGE_SELF) - own;
    return (struct result){MESSAGES / wall, cpu / MESSAGES * 1e6};
}

int main(void)
{
    static const size_t sizes[] = {512, 2048};

    need(random_system_start() == 0);
    printf("%-28s %12s %14s\n", "one link, one way", "messages/s",
        "us of CPU each");
    for (size_t i = 0; i < 2; i++) {
        struct result raw = measure(raw_sink, raw_source, sizes[i]);
        struct result link = measure(link_sink, link_source, sizes[i]);
        printf("%-20s %5zu B %12.0f %14.2f\n", "libzmq, bare", sizes[i],
            raw.per_second, raw.cpu_us);
        printf("%-20s %5zu B %12.0f %14.2f\n", "transport", sizes[i],
            link.per_second, link.cpu_us);
        printf("%-20s %5zu B %12.2f %14.2f\n", "ratio", sizes[i],
            link.per_second / raw.per_second, link.cpu_us / raw.cpu_us);
    }
    return 0;
}
