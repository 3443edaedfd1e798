/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one real relay carries: sealed envelopes of 2 KiB from one peer, through
 * a sottod with its shelf on disk, to another peer, over CURVE on loopback;
 * beside libzmq's own CURVE at the same size in the same run, over a link (both
 * its ends) and through a forwarder that does nothing else.
 *
 * The peers are what they are at the link: a thread each on a bare socket,
 * which sends bytes that are there and counts what comes, so that they take no
 * more of the machine from what stands between them.
 *
 * Two figures each: envelopes a second by wall clock, which on a machine of few
 * processors is a matter of who else works there, the two peers of this program
 * first; and processor time an envelope, of the relay, of the forwarder, of
 * both ends of the link.  What the machine does changes from second to second,
 * so the three take turns, and each round has its own ratios: of these the
 * median counts.  The verdict is by the clock.
 *
 *   bench_relay [ENVELOPES [ROUNDS]]     default 20,000 in each of 5 */
#include "config.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "base/hex.h"
#include "base/number.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "proto/control.h"
#include "proto/frame.h"
#include "tests/bench/curve.h"
#include "tests/bench/daemon.h"

/* No more are under way than a relay holds for one link, in its queue and in
 * libzmq's.  They leave in bursts, as what a relay passes on does. */
enum { BURST = 22, BURSTS = 5 };
enum { ENVELOPE_CLASS = 1, STALL_S = 20, ROUNDS_MOST = 99 };

struct end {
    void *context; /* with a thread of libzmq's for each */
    void *socket;
    struct curve_keys keys;
    struct frame_scratch scratch;
    zmq_msg_t message;
    uint8_t frame[LIMIT_FRAME_BYTES];
};

struct bench {
    struct end sender, receiver;
    size_t push_bytes; /* of a frame, and no other has so many */
    uint64_t wanted, arrived;
    sem_t bursts; /* that may leave */
};

static void send_frame(struct end *end, const struct frame *frame)
{
    size_t size;
    if (frame_encode(frame, end->frame, sizeof(end->frame), &size) ||
        zmq_send(end->socket, end->frame, size, 0) < 0)
        daemon_die("a frame was not sent");
}

/* Answer the frame that came, where it asks for that.  Its type is 0 when it is
 * not known. */
static enum frame_type understand(struct end *end)
{
    struct frame frame = {0};
    const struct span bytes = {
        zmq_msg_data(&end->message), zmq_msg_size(&end->message)};
    if (frame_decode(bytes, &end->scratch, &frame))
        return 0;
    if (frame.type != FRAME_PING)
        return frame.type;
    frame.type = FRAME_PONG;
    send_frame(end, &frame);
    return FRAME_PING;
}

/* Take the next frame; false when there is none. */
static bool hear(struct end *end, int flags, enum frame_type *type)
{
    if (zmq_msg_recv(&end->message, end->socket, flags) < 0)
        return false;
    *type = understand(end);
    return true;
}

/* Until the relay has read our greeting. */
static void greet(struct end *end)
{
    struct frame hello = {.type = FRAME_HELLO};
    enum frame_type type = 0;
    hello.hello.version = FRAME_PROTOCOL_VERSION;
    hello.hello.clock_s = clock_wall_s();
    zmq_z85_decode(hello.hello.node.bytes, end->keys.public_key);
    send_frame(end, &hello);
    send_frame(end, &(struct frame){.type = FRAME_PING});
    while (type != FRAME_PONG)
        if (!hear(end, 0, &type))
            daemon_die("the relay does not greet");
}

static void link_end(
    struct end *end, const char *server_key, const char *address)
{
    int stall_ms = STALL_S * 1000;
    end->context = zmq_ctx_new();
    zmq_curve_keypair(end->keys.public_key, end->keys.secret_key);
    end->socket =
        curve_dial(end->context, ZMQ_DEALER, &end->keys, server_key, address);
    zmq_setsockopt(end->socket, ZMQ_RCVTIMEO, &stall_ms, sizeof(stall_ms));
    zmq_msg_init(&end->message);
    greet(end);
}

/* The address is cut before its key. */
static void link_both(struct bench *bench, char *address)
{
    char *hash = strchr(address, '#');
    char server_key[CURVE_KEY_CHARS];
    struct node_key relay;
    if (!hash || hex_decode(hash + 1, relay.bytes, sizeof(relay.bytes)))
        daemon_die("the relay's endpoint has no key");
    *hash = '\0';
    zmq_z85_encode(server_key, relay.bytes, sizeof(relay.bytes));
    link_end(&bench->sender, server_key, address);
    link_end(&bench->receiver, server_key, address);
}

/* Count what arrives, until all has or nothing comes any more. */
static void *receive(void *argument)
{
    struct bench *bench = argument;
    struct end *end = &bench->receiver;
    double heard_s = curve_now_s();
    while (bench->arrived < bench->wanted &&
           zmq_msg_recv(&end->message, end->socket, 0) >= 0) {
        if (zmq_msg_size(&end->message) != bench->push_bytes) {
            understand(end);
            if (curve_now_s() - heard_s > STALL_S)
                break;
        } else if (++bench->arrived % BURST == 0) {
            heard_s = curve_now_s();
            sem_post(&bench->bursts);
        }
    }
    return NULL;
}

/* False when what went before does not arrive. */
static bool may_burst(struct bench *bench)
{
    struct timespec until;
    enum frame_type type;
    while (hear(&bench->sender, ZMQ_DONTWAIT, &type))
        continue;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += STALL_S;
    return sem_timedwait(&bench->bursts, &until) == 0;
}

/* The frame of an envelope, and where in it the tag is. */
static uint8_t *make_push(struct bench *bench, uint8_t frame[LIMIT_FRAME_BYTES])
{
    static uint8_t body[LIMIT_ENVELOPE_BYTES], encoding[LIMIT_ENVELOPE_BYTES];
    size_t size = envelope_class_bytes(ENVELOPE_CLASS);
    struct envelope envelope = {
        .class_ = ENVELOPE_CLASS,
        .expires_h = (uint32_t)(clock_wall_s() / HOUR_S) + 24,
        .body = {body, envelope_body_bytes(ENVELOPE_CLASS)},
        .encoding = {encoding, size},
    };
    struct frame push = {.type = FRAME_PUSH};
    push.push.envelope = &envelope;
    envelope_encode(&envelope, encoding);
    if (frame_encode(&push, frame, LIMIT_FRAME_BYTES, &bench->push_bytes))
        daemon_die("a frame was not made");
    return frame + bench->push_bytes - size + ENVELOPE_AT_TAG;
}

/* Each has a tag of its own, and so an id. */
static void push_all(struct bench *bench, uint8_t *frame, uint8_t *tag)
{
    for (uint64_t i = 0; i < bench->wanted; i++) {
        if (i % BURST == 0 && !may_burst(bench))
            return;
        number_put(tag, sizeof(i), i);
        if (zmq_send(bench->sender.socket, frame, bench->push_bytes, 0) < 0)
            daemon_die("a frame was not sent");
    }
}

/* Send and receive them all; the time that took. */
static double carry(struct bench *bench)
{
    static uint8_t frame[LIMIT_FRAME_BYTES];
    uint8_t *tag = make_push(bench, frame);
    pthread_t receiver;
    double start_s = curve_now_s();
    sem_init(&bench->bursts, 0, BURSTS);
    if (pthread_create(&receiver, NULL, receive, bench))
        daemon_die("pthread_create");
    push_all(bench, frame, tag);
    pthread_join(receiver, NULL);
    sem_destroy(&bench->bursts);
    if (bench->arrived < bench->wanted)
        fprintf(stderr, "bench_relay: only %llu of %llu arrived\n",
            (unsigned long long)bench->arrived,
            (unsigned long long)bench->wanted);
    return curve_now_s() - start_s;
}

static void close_end(struct end *end)
{
    zmq_msg_close(&end->message);
    zmq_close(end->socket);
    zmq_ctx_term(end->context);
}

/* A hypervisor takes back what its guest leaves free, and to touch it again
 * costs more than all else that writing an envelope does: have as much memory
 * for the shelf's files as they are going to need, whoever ran before. */
static void touch_memory(const char *home, uint64_t bytes)
{
    static uint8_t block[1024 * 1024];
    char path[128];
    snprintf(path, sizeof(path), "%s/touched", home);
    FILE *file = fopen(path, "w");
    if (!file)
        daemon_die(path);
    for (uint64_t done = 0; done < bytes; done += sizeof(block))
        if (fwrite(block, sizeof(block), 1, file) != 1)
            daemon_die(path);
    if (fclose(file) || remove(path))
        daemon_die(path);
}

static struct figures measure_relay(uint64_t count)
{
    char home[] = "/tmp/sotto-bench.XXXXXX";
    if (!mkdtemp(home))
        daemon_die("mkdtemp");
    touch_memory(home, count * envelope_class_bytes(ENVELOPE_CLASS));
    pid_t pid = daemon_start(home, "[relay]\npeer-rate = 1G\nshelf = 4G\n");
    char endpoint[2 * LIMIT_ENDPOINT_BYTES];
    daemon_endpoint(home, endpoint, sizeof(endpoint));
    struct bench *bench = calloc(1, sizeof(*bench));
    if (!bench)
        daemon_die("no memory");
    bench->wanted = count;
    link_both(bench, endpoint);
    struct figures figures;
    double busy_s = daemon_processor_s(pid);
    figures.wall_s = carry(bench);
    figures.processor_s = daemon_processor_s(pid) - busy_s;
    close_end(&bench->sender);
    close_end(&bench->receiver);
    free(bench);
    daemon_end(pid, home);
    return figures;
}

/* What is measured, one after the other in each round. */
enum way { LINK, FORWARDER, RELAY, WAYS };

static struct figures rounds[ROUNDS_MOST][WAYS];

static double seconds(size_t round, enum way way, bool by_clock)
{
    const struct figures *figures = &rounds[round][way];
    return by_clock ? figures->wall_s : figures->processor_s;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts them. */
static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return (values[count / 2] + values[(count - 1) / 2]) / 2;
}

static double median_s(size_t count, enum way way, bool by_clock)
{
    double values[ROUNDS_MOST];
    for (size_t i = 0; i < count; i++)
        values[i] = seconds(i, way, by_clock);
    return median(values, count);
}

static void show(const char *what, size_t count, enum way way, double envelopes)
{
    printf("%-38s %8.0f envelopes/s %6.1f us of processor each\n", what,
        envelopes / median_s(count, way, true),
        median_s(count, way, false) * 1e6 / envelopes);
}

/* How the relay does beside that, in percent; returns the median. */
static double show_ratio(
    const char *what, size_t count, enum way way, bool by_clock)
{
    double values[ROUNDS_MOST];
    for (size_t i = 0; i < count; i++)
        values[i] =
            100 * seconds(i, way, by_clock) / seconds(i, RELAY, by_clock);
    double middle = median(values, count);
    printf("%-38s %3.0f %% (%.0f to %.0f)\n", what, middle, values[0],
        values[count - 1]);
    return middle;
}

int main(int argc, char **argv)
{
    uint64_t envelopes = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000;
    size_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 5;
    size_t bytes = envelope_class_bytes(ENVELOPE_CLASS);
    if (envelopes == 0 || count == 0 || count > ROUNDS_MOST) {
        fprintf(stderr, "usage: bench_relay [ENVELOPES [ROUNDS]], up to %d\n",
            ROUNDS_MOST);
        return 1;
    }
    if (random_system_start())
        daemon_die("random");
    control_init(random_u64(random_system()));
    for (size_t i = 0; i < count; i++) {
        rounds[i][LINK] = curve_link(envelopes, bytes);
        rounds[i][FORWARDER] = curve_forward(envelopes, bytes);
        rounds[i][RELAY] = measure_relay(envelopes);
    }
    show("libzmq CURVE alone, a link, 2 KiB", count, LINK, (double)envelopes);
    show(
        "libzmq CURVE alone, a forwarder", count, FORWARDER, (double)envelopes);
    show("through one relay", count, RELAY, (double)envelopes);
    show_ratio("by processor time, of the link's", count, LINK, false);
    show_ratio(
        "by processor time, of the forwarder's", count, FORWARDER, false);
    show_ratio("by the clock, of the forwarder's rate", count, FORWARDER, true);
    double rate =
        show_ratio("by the clock, of the link's rate", count, LINK, true);
    printf("at least 60 %% of the link's asked: %s\n",
        rate < 60 ? "MISSED" : "met");
    return 0;
}
