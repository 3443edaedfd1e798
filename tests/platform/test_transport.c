/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two transports over real CURVE sockets on loopback, in one loop. */
#include "tests/platform/node.h"

#include <unistd.h>

static void test_frames_both_ways(void)
{
    struct node a, b;

    node_start(&a, 8);
    node_start(&b, 8);
    node_listen(&b);
    node_join(&a, &b);
    ok(a.outbound && a.last_target == 7, "the one who dialled has its target");
    ok(!b.outbound && node_key_equal(&b.peer, &a.key),
        "the one who listened has the other's proven key");
    ok(node_key_equal(&a.peer, &b.key), "and the other way round");
    for (uint32_t i = 0; i < 10; i++) {
        need(node_send(&a, a.link, i + 1, 100 + i * 3000) == STATUS_OK);
        need(node_send(&b, b.link, i, LIMIT_FRAME_BYTES) == STATUS_OK);
    }
    until(b.frames == 11 && a.frames == 10);
    ok(a.in_order && b.in_order, "frames arrive in order, both ways");
    ok(a.last_bytes == LIMIT_FRAME_BYTES, "the largest frame fits");
    ok(transport_sent_bytes(b.transport, b.link) == 10 * LIMIT_FRAME_BYTES,
        "bytes sent on a link are counted");
    ok(transport_sent_bytes(b.transport, 999) == 0, "and none on no link");
    node_stop(&a);
    until(b.down == 1);
    ok(b.last_down == b.link, "a peer that stops takes its link down");
    node_stop(&b);
}

static void test_listener_dies(void)
{
    struct node a, b;

    node_start(&a, 8);
    node_start(&b, 8);
    node_listen(&b);
    node_join(&a, &b);
    node_send(&b, b.link, 0, 10);
    transport_hangup(b.transport, b.link, true);
    until(a.down == 1);
    ok(a.frames == 1, "what was queued is sent before a flushed hang-up");
    ok(b.down == 0, "one's own hang-up is no news");
    ok(node_send(&b, b.link, 0, 10) == STATUS_NOT_FOUND,
        "a link that was hung up is no more");
    node_join(&a, &b);
    ok(a.up == 2 && b.up == 2, "the same two may link again");
    transport_hangup(b.transport, b.link, false);
    until(a.down == 2);
    ok(true, "a hang-up without flush ends the link too");
    node_join(&a, &b);
    node_stop(&b);
    until(a.down == 3);
    ok(true, "a listener that stops takes the link down");
    node_stop(&a);
}

static void test_outbound_flush(void)
{
    struct node a, b;

    node_start(&a, 8);
    node_start(&b, 8);
    node_listen(&b);
    node_join(&a, &b);
    b.paused = true;
    for (uint32_t i = 1; i <= 40; i++)
        need(node_send(&a, a.link, i, 1000) == STATUS_OK);
    transport_hangup(a.transport, a.link, true);
    b.paused = false;
    until(b.down == 1);
    ok(b.frames == 41 && b.in_order,
        "the dialling side's flush sends all, and then the link goes down");
    node_stop(&a);
    node_stop(&b);
}

/* Two ends that hang up at once: one still has something to send, and the other
 * is gone already.  What it may send is spent with the first frame, for most of
 * a minute: what libzmq and the kernel hold is theirs to say, and changes. */
static void test_closed_while_draining(void)
{
    struct node a, b;
    struct transport_counts counts;

    node_start_rated(&a, 8, 1);
    node_start(&b, 8);
    node_listen(&b);
    node_join(&a, &b);
    need(node_send(&a, a.link, 1, 10) == STATUS_OK);
    transport_hangup(a.transport, a.link, true);
    transport_count(a.transport, &counts);
    need(counts.queued_bytes > 0);
    node_stop(&b);
    do {
        uv_run(uv_default_loop(), UV_RUN_ONCE);
        transport_count(a.transport, &counts);
    } while (counts.queued_bytes > 0);
    ok(a.down == 0, "a peer that goes while a link drains ends it quietly");
    node_stop(&a);
}

static void test_dials_that_fail(void)
{
    struct node a, b;
    struct transport_counts counts;
    struct node_key wrong;
    uint8_t secret[32];

    transport_keypair(&wrong, secret);
    node_start(&a, 8);
    node_start(&b, 8);
    node_listen(&b);
    need(transport_dial(a.transport, b.endpoint, &wrong, 3) == STATUS_OK);
    until(a.failed == 1);
    ok(a.up == 0 && a.last_target == 3, "a wrong key fails the dial");
    transport_count(a.transport, &counts);
    ok(counts.handshakes_failed == 1 && counts.dials_unanswered == 0 &&
            a.was_answered,
        "which is a handshake that failed");
    need(transport_dial(a.transport, "tcp://127.0.0.1:1", &wrong, 4) ==
         STATUS_OK);
    until(a.failed == 2);
    ok(a.last_target == 4, "a closed port fails the dial");
    transport_count(a.transport, &counts);
    ok(counts.handshakes_failed == 1 && counts.dials_unanswered == 1 &&
            !a.was_answered,
        "which is none, since nobody answered");
    ok(transport_dial(a.transport, "tcp://example.org:7311", &wrong, 1) ==
            STATUS_INVALID,
        "names are not dialled");
    ok(transport_dial(a.transport, "tcp://127.0.0.1:0", &wrong, 1) ==
            STATUS_INVALID,
        "port 0 is not dialled");
    ok(transport_dial(a.transport, "ipc:///tmp/x", &wrong, 1) == STATUS_INVALID,
        "other transports are not dialled");
    need(transport_dial(a.transport, b.endpoint, &b.key, 5) == STATUS_OK);
    transport_undial(a.transport, 5);
    node_join(&a, &b);
    ok(a.up == 1 && a.last_target == 7 && a.failed == 2,
        "a dial that was taken back says nothing");
    node_stop(&a);
    node_stop(&b);
}

static void test_listen_endpoints(void)
{
    struct node a;
    char out[LIMIT_ENDPOINT_BYTES + 1] = "untouched";

    node_start(&a, 8);
    ok(transport_listen(a.transport, "tcp://localhost:0", out) ==
            STATUS_INVALID,
        "names are not listened on");
    ok(transport_listen(a.transport, "tcp://127.0.0.1:99999", out) ==
            STATUS_INVALID,
        "nor ports out of range");
    ok(transport_listen(a.transport, "tcp://192.0.2.1:0", out) == STATUS_IO,
        "an address that is not ours fails");
    ok(strcmp(out, "untouched") == 0, "and leaves the out-pointer alone");
    node_listen(&a);
    ok(strncmp(a.endpoint, "tcp://127.0.0.1:", 16) == 0 &&
            strcmp(a.endpoint, "tcp://127.0.0.1:0") != 0,
        "the real endpoint comes back");
    node_listen(&a);
    ok(true, "there may be several listeners");
    node_stop(&a);
}

static void test_full_queues(void)
{
    struct node a, b;
    struct transport_counts counts;
    unsigned sent = 0, dropped = 0;

    node_start(&a, 8);
    node_start(&b, 8);
    node_listen(&b);
    node_join(&a, &b);
    b.paused = true;
    /* More than libzmq, the kernel and the queue can hold together. */
    for (uint32_t i = 1; i <= 2000; i++)
        if (node_send(&a, a.link, i, LIMIT_FRAME_BYTES) == STATUS_OK)
            sent++;
        else
            dropped++;
    transport_count(a.transport, &counts);
    ok(dropped > 0 && counts.sends_dropped == dropped,
        "what does not fit is dropped and counted");
    ok(counts.queued_bytes > 0 && counts.queued_bytes <= LIMIT_LINK_QUEUE_BYTES,
        "a link's queue is bounded in bytes");
    b.paused = false;
    until(b.frames == sent + 1);
    transport_count(a.transport, &counts);
    ok(counts.queued_bytes == 0, "and drains when the peer reads again");
    node_stop(&a);
    node_stop(&b);
}

/* A frame whose number its envelope's id is. */
static enum status send_forward(struct node *node, uint32_t number)
{
    uint8_t bytes[LIMIT_FRAME_BYTES] = {0};
    struct envelope_id id = {{0}};

    memcpy(bytes, &number, sizeof(number));
    memcpy(id.bytes, &number, sizeof(number));
    return transport_pass(node->transport, node->link,
        (struct lane){LANE_FORWARD, 1},
        &(struct transport_frame){
            .bytes = {bytes, sizeof(bytes)}, .forward = &id});
}

static void test_demoted(void)
{
    enum { FRAMES = 2000 };
    struct node a, b;
    struct transport_counts counts;
    struct envelope_id first = {{0}};
    uint32_t sent = 0;

    node_start(&a, 8);
    node_start(&b, 8);
    node_listen(&b);
    node_join(&a, &b);
    b.paused = true;
    do {
        need(sent < FRAMES && send_forward(&a, ++sent) == STATUS_OK);
        transport_count(a.transport, &counts);
    } while (counts.demoted == 0);
    ok(counts.queued_bytes > 0 && counts.queued_bytes <= LIMIT_LINK_QUEUE_BYTES,
        "a queue of forwards is bounded, and takes what is new");
    until(a.demoted > 0);
    uint32_t number;
    memcpy(&number, a.last_demoted.bytes, sizeof(number));
    memcpy(first.bytes, &number, sizeof(number));
    ok(number > 0 && number < sent &&
            envelope_id_equal(&first, &a.last_demoted),
        "of the stalest, which was demoted, the caller is told");
    b.paused = false;
    while (b.frames + counts.demoted != sent + 1) {
        uv_run(uv_default_loop(), UV_RUN_ONCE);
        transport_count(a.transport, &counts);
    }
    ok(!b.in_order && counts.sends_dropped == 0 && counts.queued_bytes == 0,
        "and all others arrive");
    node_stop(&a);
    node_stop(&b);
}

/* More than libzmq takes at once and the queue holds, and the loop has no turn
 * meanwhile: a queue that is full asks libzmq whether it takes more. */
static void test_queue_without_turns(void)
{
    enum { FRAMES = 260, FRAME_BYTES = 2048 };
    struct node a, b;
    uint32_t sent = 0;

    node_start(&a, 8);
    node_start(&b, 8);
    node_listen(&b);
    node_join(&a, &b);
    while (sent < FRAMES)
        if (node_send(&a, a.link, sent + 1, FRAME_BYTES) == STATUS_OK)
            sent++;
    until(b.frames == FRAMES + 1);
    ok(b.in_order, "a queue that is full hands on what libzmq takes by now");
    node_stop(&a);
    node_stop(&b);
}

static void test_node_queue_limit(void)
{
    enum { PEERS = 40 };
    struct node a, peers[PEERS];
    struct transport_counts counts;
    uint32_t links[PEERS];

    node_start(&a, 64);
    node_listen(&a);
    for (int i = 0; i < PEERS; i++) {
        node_start(&peers[i], 2);
        a.frames = 0;
        node_join(&peers[i], &a);
        links[i] = a.link;
        peers[i].paused = true;
    }
    for (int i = 0; i < PEERS; i++)
        while (node_send(&a, links[i], 0, LIMIT_FRAME_BYTES) == STATUS_OK)
            continue;
    transport_count(a.transport, &counts);
    ok(counts.queued_bytes <= LIMIT_NODE_QUEUE_BYTES &&
            counts.queued_bytes >
                LIMIT_NODE_QUEUE_BYTES - 2 * LIMIT_FRAME_BYTES,
        "all queues together are bounded in bytes");
    for (int i = 0; i < PEERS; i++)
        node_stop(&peers[i]);
    until(a.down == PEERS);
    transport_count(a.transport, &counts);
    ok(counts.queued_bytes == 0, "links that end give their bytes back");
    node_stop(&a);
}

static void test_link_limits(void)
{
    struct node a, b, c, d;
    struct transport_counts counts;

    node_start(&a, 2);
    node_listen(&a);
    node_start(&b, 2);
    node_start(&c, 2);
    node_start(&d, 2);
    node_join(&b, &a);
    a.frames = 0;
    node_join(&c, &a);
    need(transport_dial(d.transport, a.endpoint, &a.key, 9) == STATUS_OK);
    until(d.failed == 1);
    transport_count(a.transport, &counts);
    ok(a.up == 2 && counts.inbound_refused == 1,
        "a client over the limit of links is refused, and told so");
    ok(transport_dial(a.transport, "tcp://127.0.0.1:1", &b.key, 1) ==
            STATUS_FULL,
        "nor does a full node dial");
    node_stop(&b);
    until(a.down == 1);
    a.frames = 0;
    node_join(&d, &a);
    ok(a.up == 3, "room that was made is used");
    node_stop(&a);
    node_stop(&c);
    node_stop(&d);
}

static void test_many_tiny_frames(void)
{
    enum { COUNT = 10000 };
    struct node a, b;
    uint32_t sent_a = 1, sent_b = 0;

    node_start(&a, 8);
    node_start(&b, 8);
    node_listen(&b);
    node_join(&a, &b);
    while (b.frames < COUNT || a.frames < COUNT) {
        for (int i = 0; i < 50; i++) {
            if (sent_a < COUNT && sent_a < b.frames + 500)
                sent_a += node_send(&a, a.link, sent_a, 5) == STATUS_OK;
            if (sent_b < COUNT && sent_b < a.frames + 500)
                sent_b += node_send(&b, b.link, sent_b, 5) == STATUS_OK;
        }
        uv_run(uv_default_loop(), UV_RUN_NOWAIT);
    }
    ok(a.in_order && b.in_order && a.next_mark == COUNT && b.next_mark == COUNT,
        "ten thousand tiny frames each way, all in order");
    node_stop(&a);
    node_stop(&b);
}

int main(void)
{
    alarm(120);
    need(random_system_start() == 0);
    test_frames_both_ways();
    test_listener_dies();
    test_outbound_flush();
    test_closed_while_draining();
    test_dials_that_fail();
    test_listen_endpoints();
    test_full_queues();
    test_demoted();
    test_queue_without_turns();
    test_node_queue_limit();
    test_link_limits();
    test_many_tiny_frames();
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    ok(uv_loop_close(uv_default_loop()) == 0, "no handle is left in the loop");
    return tap_done();
}
