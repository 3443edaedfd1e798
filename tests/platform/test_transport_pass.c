/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames that a transport sends on as they came, to two peers, without copying
 * them: those that it holds, those that it does not, and one whose turn is
 * over. */
#include "tests/platform/node.h"

#include <unistd.h>

#include "platform/transport_message.h"

enum { MANY = TRANSPORT_HELD + 8, SMALL_BYTES = 20 };

/* The one in the middle, with all that came in this turn. */
struct forwarder {
    struct node node;
    uint32_t to[2];
    bool is_hasty; /* says of each peer that it is the last */
    size_t count, held, unmoved, named_twice;
    struct transport_frame frames[MANY];
    uint64_t last_name;
    uint8_t last[2048];
};

/* What is not held must be sent before the next is taken. */
static void pass(struct forwarder *from, struct transport_frame *frame)
{
    for (int i = 0; i < 2; i++) {
        frame->is_last = i == 1 || from->is_hasty;
        need(transport_pass(from->node.transport, from->to[i],
                 (struct lane){LANE_FORWARD, 0}, frame) == STATUS_OK);
    }
}

static void take(struct forwarder *from, const struct transport_event *event)
{
    struct transport_frame frame = {
        .bytes = event->bytes, .held = transport_hold(from->node.transport)};
    if (frame.held == 0) {
        pass(from, &frame);
        return;
    }
    from->named_twice += frame.held <= from->last_name;
    from->last_name = frame.held;
    from->held++;
    from->frames[from->count++] = frame;
}

static uint32_t mark_of(const struct transport_frame *frame)
{
    uint32_t mark;
    memcpy(&mark, frame->bytes.data, sizeof(mark));
    return mark;
}

static void forward(void *context)
{
    struct forwarder *from = context;
    struct transport_event event;
    from->count = 0;
    while (transport_next(from->node.transport, &event))
        if (event.kind == TRANSPORT_FRAME && from->to[1])
            take(from, &event);
        else
            node_event(&from->node, &event);
    for (size_t i = 0; i < from->count; i++) {
        struct transport_frame *frame = &from->frames[i];
        from->unmoved +=
            i == 0 || mark_of(frame) == mark_of(&from->frames[i - 1]) + 1;
        memcpy(from->last, frame->bytes.data, sizeof(from->last));
        frame->bytes.data = from->last; /* it may be gone with the first */
        pass(from, frame);
    }
}

static void start(struct forwarder *forwarder)
{
    struct transport_config config = {.loop = uv_default_loop(),
        .link_maximum = 4,
        .wake = forward,
        .context = forwarder};
    *forwarder = (struct forwarder){.node = {.in_order = true}};
    transport_keypair(&config.public_key, config.secret_key);
    forwarder->node.key = config.public_key;
    need(transport_new(&config, &forwarder->node.transport) == STATUS_OK);
    node_listen(&forwarder->node);
}

/* One peer dials it and the other is dialled: it sends by both sockets. */
static void join(
    struct forwarder *forwarder, struct node *dialler, struct node *dialled)
{
    node_join(dialler, &forwarder->node);
    forwarder->to[0] = forwarder->node.link;
    node_join(&forwarder->node, dialled);
    forwarder->to[1] = forwarder->node.link;
    *dialled = (struct node){.transport = dialled->transport,
        .key = dialled->key,
        .in_order = true,
        .next_mark = 1};
    dialler->next_mark = 1;
}

static void send_many(
    struct node *from, uint32_t first, uint32_t count, size_t bytes)
{
    for (uint32_t i = 0; i < count; i++)
        while (node_send(from, from->link, first + i, bytes) != STATUS_OK)
            uv_run(uv_default_loop(), UV_RUN_ONCE);
}

static void test_holding(struct forwarder *middle, struct node *source,
    struct node *inbound, struct node *outbound)
{
    send_many(source, 1, MANY, sizeof(middle->last));
    until(inbound->frames == MANY && outbound->frames == MANY);
    ok(middle->held > 0 && middle->unmoved == middle->held,
        "what is held stays as it came while more is taken");
    ok(inbound->in_order && outbound->in_order &&
            inbound->bytes == MANY * sizeof(middle->last),
        "it goes to two peers whole and in order");
    ok(middle->named_twice == 0, "no name is given twice");
}

static void test_not_holding(struct forwarder *middle, struct node *source,
    struct node *inbound, struct node *outbound)
{
    struct transport_frame old = {.bytes = {middle->last, sizeof(middle->last)},
        .held = middle->last_name};
    inbound->next_mark = outbound->next_mark = MANY;
    pass(middle, &old);
    until(inbound->frames == MANY + 1 && outbound->frames == MANY + 1);
    ok(inbound->in_order && outbound->in_order,
        "one whose turn is over is sent from its bytes");
    middle->is_hasty = true;
    send_many(source, MANY + 1, MANY, sizeof(middle->last));
    until(inbound->frames == 2 * MANY + 1 && outbound->frames == 2 * MANY + 1);
    ok(inbound->in_order && outbound->in_order &&
            outbound->bytes == (2 * MANY + 1) * sizeof(middle->last),
        "so is one that was let go with another peer");
    size_t held = middle->held;
    send_many(source, 2 * MANY + 1, MANY, SMALL_BYTES);
    until(inbound->frames == 3 * MANY + 1 && outbound->frames == 3 * MANY + 1);
    ok(middle->held == held && inbound->in_order && outbound->in_order,
        "a small one is not held, and passed on all the same");
}

static void test_forwarding(void)
{
    static struct forwarder middle;
    struct node source, inbound, outbound;
    start(&middle);
    node_start(&source, 4);
    node_start(&inbound, 4);
    node_start(&outbound, 4);
    node_listen(&outbound);
    node_join(&source, &middle.node);
    join(&middle, &inbound, &outbound);
    test_holding(&middle, &source, &inbound, &outbound);
    test_not_holding(&middle, &source, &inbound, &outbound);
    node_stop(&source);
    node_stop(&inbound);
    node_stop(&outbound);
    node_stop(&middle.node);
}

int main(void)
{
    alarm(120);
    need(random_system_start() == 0);
    test_forwarding();
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    ok(uv_loop_close(uv_default_loop()) == 0, "no handle is left in the loop");
    return tap_done();
}
