/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one real relay carries: sealed envelopes of 2 KiB from one peer, through
 * a sottod with its shelf on disk, to another peer, over CURVE on loopback;
 * beside libzmq's own CURVE at the same size in the same run, over a link (both
 * its ends) and through a forwarder that does nothing else.
 *
 * Two figures each: envelopes a second by wall clock, which on a machine of few
 * processors is a matter of who else works there, the two peers of this program
 * first; and processor time an envelope, of the relay, of the forwarder, of
 * both ends of the link.  The verdict is by the second: what one processor
 * would carry that had nothing else to do.
 *
 *   bench_relay [ENVELOPES]     default 20,000 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/hex.h"
#include "base/random.h"
#include "platform/client.h"
#include "platform/clock.h"
#include "platform/paths.h"
#include "platform/random.h"
#include "platform/transport.h"
#include "proto/control.h"
#include "proto/frame.h"
#include "tests/bench/curve.h"
#include "tests/bench/daemon.h"

/* As many are under way as a link's queue holds with room to spare. */
enum { WINDOW = 88 };
enum { ENVELOPE_CLASS = 1, TURN_EVENTS = 256, STALL_MS = 20000 };

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
            (struct transport_lane){TRANSPORT_CONTROL, 0},
            (struct span){bench->frame, size}))
        daemon_die("a frame was not sent");
}

static void greet(struct bench *bench, int end)
{
    struct frame hello = {.type = FRAME_HELLO};
    hello.hello.version = FRAME_PROTOCOL_VERSION;
    hello.hello.node = bench->ends[end].key;
    hello.hello.clock_s = clock_wall_s();
    send_frame(bench, end, &hello);
    send_frame(bench, end, &(struct frame){.type = FRAME_PING});
}

static void on_frame(struct bench *bench, int end, struct span bytes)
{
    struct frame frame;
    if (frame_decode(bytes, &bench->scratch, &frame))
        return;
    if (frame.type == FRAME_PONG) /* it has read our greeting, too */
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
                (struct transport_lane){TRANSPORT_FORWARD, 0},
                (struct span){bench->frame, bytes}))
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
    double start = curve_now_s();
    bench->wanted = count;
    run_until(bench, all_arrived);
    struct figures figures = {
        .wall_s = curve_now_s() - start,
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

static void show(const char *what, uint64_t count, struct figures figures)
{
    printf("%-36s %8.0f envelopes/s %6.1f us of processor each\n", what,
        (double)count / figures.wall_s,
        figures.processor_s * 1e6 / (double)count);
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000;
    size_t bytes = envelope_class_bytes(ENVELOPE_CLASS);
    if (random_system_start())
        daemon_die("random");
    control_init(random_u64(random_system()));
    struct figures link = curve_link(count, bytes);
    struct figures forward = curve_forward(count, bytes);
    struct figures relay = measure_relay(count);
    show("libzmq CURVE alone, a link, 2 KiB", count, link);
    show("libzmq CURVE alone, a forwarder", count, forward);
    show("through one relay", count, relay);
    double rate = 100 * link.wall_s / relay.wall_s;
    printf("by the clock, %.0f %% of the link's rate (at least 60 asked: %s)\n",
        rate, rate < 60 ? "MISSED" : "met");
    printf("by processor time, %.0f %% of the link's and %.0f %% of the "
           "forwarder's\n",
        100 * link.processor_s / relay.processor_s,
        100 * forward.processor_s / relay.processor_s);
    return 0;
}
