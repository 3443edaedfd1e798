/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one real relay carries: sealed envelopes of 2 KiB from one peer, through
 * a sottod with its shelf on disk, to another peer, over CURVE on loopback;
 * beside libzmq's own CURVE at the same size, one hop and nothing done, in the
 * same run.  Envelopes a second of wall clock, and processor time of the relay
 * process (of both ends, for libzmq) an envelope.
 *
 *   bench_relay [ENVELOPES]     default 20,000 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>
#include <zmq.h>

#include "base/hex.h"
#include "base/random.h"
#include "platform/client.h"
#include "platform/clock.h"
#include "platform/paths.h"
#include "platform/random.h"
#include "platform/transport.h"
#include "proto/control.h"
#include "proto/frame.h"
#include "tests/bench/daemon.h"

/* As many are under way as a link's queue holds with room to spare. */
enum { WINDOW = 96 };
enum { ENVELOPE_CLASS = 1, TURN_EVENTS = 256, STALL_MS = 20000 };

struct figures {
    double wall_s;
    double processor_s;
};

/* One end: the sender (0) or the receiver (1). */
struct end {
    struct transport *transport;
    struct node_key key;
    uint32_t link;
    bool open;
};

struct bench {
    uv_loop_t loop;
    uv_timer_t clock; /* ends a wait now and then */
    struct end ends[2];
    struct random_seeded random;
    struct frame_scratch scratch;
    uint64_t wanted, pushed, arrived, heard_ms;
    uint8_t frame[LIMIT_FRAME_BYTES];
};

static double now_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void on_clock(uv_timer_t *timer)
{
    (void)timer;
}

static void on_wake(void *context)
{
    (void)context; /* events are taken after each turn of the loop */
}

static void send_frame(struct bench *bench, int end, const struct frame *frame)
{
    size_t size;
    if (frame_encode(frame, bench->frame, sizeof(bench->frame), &size) ||
        transport_send(bench->ends[end].transport, bench->ends[end].link,
            TRANSPORT_CONTROL, (struct span){bench->frame, size}))
        daemon_die("a frame was not sent");
}

static void greet(struct bench *bench, int end)
{
    struct frame hello = {.type = FRAME_HELLO};
    hello.hello.version = FRAME_PROTOCOL_VERSION;
    hello.hello.node = bench->ends[end].key;
    hello.hello.clock_s = clock_wall_s();
    send_frame(bench, end, &hello);
}

static void on_frame(struct bench *bench, int end, struct span bytes)
{
    struct frame frame;
    if (frame_decode(bytes, &bench->scratch, &frame))
        return;
    if (frame.type == FRAME_HELLO)
        bench->ends[end].open = true;
    if (frame.type == FRAME_PING) {
        frame.type = FRAME_PONG;
        send_frame(bench, end, &frame);
    }
    if (frame.type == FRAME_PUSH && end == 1) {
        bench->arrived++;
        bench->heard_ms = clock_now_ms();
    }
}

static void take_events(struct bench *bench, int end)
{
    struct transport_event event;
    for (int i = 0;
         i < TURN_EVENTS && transport_next(bench->ends[end].transport, &event);
         i++) {
        if (event.kind == TRANSPORT_UP) {
            bench->ends[end].link = event.link;
            greet(bench, end);
        } else if (event.kind == TRANSPORT_FRAME) {
            on_frame(bench, end, event.bytes);
        } else {
            daemon_die("a link was lost");
        }
    }
}

/* Push until enough are under way. */
static void push_some(struct bench *bench)
{
    static uint8_t body[LIMIT_ENVELOPE_BYTES], encoding[LIMIT_ENVELOPE_BYTES];
    size_t size = envelope_class_bytes(ENVELOPE_CLASS);
    struct envelope envelope = {
        .class_ = ENVELOPE_CLASS,
        .expires_h = (uint32_t)(clock_wall_s() / HOUR_S) + 24,
        .body = {body, envelope_body_bytes(ENVELOPE_CLASS)},
        .encoding = {encoding, size},
    };
    while (bench->pushed < bench->wanted &&
           bench->pushed - bench->arrived < WINDOW) {
        random_fill(&bench->random.base, envelope.tag.bytes, 16);
        envelope_encode(&envelope, encoding);
        struct frame frame = {.type = FRAME_PUSH};
        frame.push.envelope = &envelope;
        size_t bytes;
        if (frame_encode(&frame, bench->frame, sizeof(bench->frame), &bytes))
            daemon_die("an envelope was not encoded");
        if (transport_send(bench->ends[0].transport, bench->ends[0].link,
                TRANSPORT_FORWARD, (struct span){bench->frame, bytes}))
            return;
        bench->pushed++;
    }
}

/* The address is cut before its key. */
static void link_both(struct bench *bench, char *address)
{
    char *hash = strchr(address, '#');
    struct node_key relay;
    if (!hash || hex_decode(hash + 1, relay.bytes, sizeof(relay.bytes)))
        daemon_die("the relay's endpoint has no key");
    *hash = '\0';
    for (int i = 0; i < 2; i++) {
        struct transport_config config = {
            .loop = &bench->loop, .link_maximum = 1, .wake = on_wake};
        transport_keypair(&config.public_key, config.secret_key);
        bench->ends[i].key = config.public_key;
        if (transport_new(&config, &bench->ends[i].transport) ||
            transport_dial(
                bench->ends[i].transport, address, &relay, (uint32_t)i + 1))
            daemon_die("a peer cannot dial");
    }
}

/* Run the loop until the condition holds or nothing comes any more. */
static void run_until(struct bench *bench, bool (*holds)(struct bench *))
{
    bench->heard_ms = clock_now_ms();
    while (!holds(bench)) {
        uv_run(&bench->loop, UV_RUN_ONCE);
        take_events(bench, 0);
        take_events(bench, 1);
        if (bench->ends[0].open && bench->ends[1].open)
            push_some(bench);
        if (clock_now_ms() - bench->heard_ms > STALL_MS)
            break;
    }
}

static bool both_open(struct bench *bench)
{
    return bench->ends[0].open && bench->ends[1].open;
}

static bool all_arrived(struct bench *bench)
{
    return bench->arrived == bench->wanted;
}

static struct figures measure_relay(uint64_t count)
{
    char home[] = "/tmp/sotto-bench.XXXXXX";
    if (!mkdtemp(home))
        daemon_die("mkdtemp");
    pid_t pid = daemon_start(home, "[relay]\npeer-rate = 1G\nshelf = 4G\n");
    char endpoint[2 * LIMIT_ENDPOINT_BYTES];
    daemon_endpoint(home, endpoint, sizeof(endpoint));
    struct bench *bench = calloc(1, sizeof(*bench));
    if (!bench || uv_loop_init(&bench->loop))
        daemon_die("loop");
    random_seeded_init(&bench->random, 1, 0);
    uv_timer_init(&bench->loop, &bench->clock);
    uv_timer_start(&bench->clock, on_clock, 1, 1);
    link_both(bench, endpoint);
    run_until(bench, both_open);
    double busy = daemon_processor_s(pid);
    double start = now_s(CLOCK_MONOTONIC);
    bench->wanted = count;
    run_until(bench, all_arrived);
    struct figures figures = {
        .wall_s = now_s(CLOCK_MONOTONIC) - start,
        .processor_s = daemon_processor_s(pid) - busy,
    };
    if (!all_arrived(bench))
        fprintf(stderr, "bench_relay: only %llu of %llu arrived\n",
            (unsigned long long)bench->arrived, (unsigned long long)count);
    for (int i = 0; i < 2; i++)
        transport_free(bench->ends[i].transport);
    uv_close((uv_handle_t *)&bench->clock, NULL);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
    uv_loop_close(&bench->loop);
    free(bench);
    daemon_end(pid, home);
    return figures;
}

struct raw {
    void *socket;
    uint64_t count;
};

static void *raw_receive(void *argument)
{
    struct raw *raw = argument;
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (uint64_t got = 0; got < raw->count;) {
        if (zmq_msg_recv(&message, raw->socket, 0) < 0)
            daemon_die("zmq_msg_recv");
        got += !zmq_msg_more(&message);
    }
    zmq_msg_close(&message);
    return NULL;
}

/* libzmq's own CURVE: a DEALER, a ROUTER, and nothing else. */
static struct figures measure_curve(uint64_t count)
{
    void *context = zmq_ctx_new();
    void *router = zmq_socket(context, ZMQ_ROUTER);
    void *dealer = zmq_socket(context, ZMQ_DEALER);
    char public_key[2][41], secret_key[2][41], endpoint[64];
    size_t endpoint_size = sizeof(endpoint);
    int on = 1;
    for (int i = 0; i < 2; i++)
        zmq_curve_keypair(public_key[i], secret_key[i]);
    zmq_setsockopt(router, ZMQ_CURVE_SERVER, &on, sizeof(on));
    zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, secret_key[0], 41);
    zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, public_key[0], 41);
    zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, public_key[1], 41);
    zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, secret_key[1], 41);
    if (zmq_bind(router, "tcp://127.0.0.1:*") ||
        zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &endpoint_size) ||
        zmq_connect(dealer, endpoint))
        daemon_die("zmq_bind");
    static uint8_t message[LIMIT_ENVELOPE_BYTES];
    struct raw raw = {router, count};
    pthread_t thread;
    double busy = now_s(CLOCK_PROCESS_CPUTIME_ID);
    double start = now_s(CLOCK_MONOTONIC);
    if (pthread_create(&thread, NULL, raw_receive, &raw))
        daemon_die("pthread_create");
    for (uint64_t i = 0; i < count; i++)
        if (zmq_send(dealer, message, envelope_class_bytes(ENVELOPE_CLASS), 0) <
            0)
            daemon_die("zmq_send");
    pthread_join(thread, NULL);
    struct figures figures = {
        .wall_s = now_s(CLOCK_MONOTONIC) - start,
        .processor_s = now_s(CLOCK_PROCESS_CPUTIME_ID) - busy,
    };
    zmq_close(dealer);
    zmq_close(router);
    zmq_ctx_term(context);
    return figures;
}

static void show(const char *what, uint64_t count, struct figures figures)
{
    printf("%-34s %9.0f envelopes/s %8.1f us of processor each\n", what,
        (double)count / figures.wall_s,
        figures.processor_s * 1e6 / (double)count);
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000;
    if (random_system_start())
        daemon_die("random");
    control_init(random_u64(random_system()));
    struct figures curve = measure_curve(count);
    struct figures relay = measure_relay(count);
    show("libzmq CURVE alone, 2 KiB", count, curve);
    show("through one relay, 2 KiB", count, relay);
    printf("the relay carries %.0f %% of CURVE's rate\n",
        100 * curve.wall_s / relay.wall_s);
    return 0;
}
