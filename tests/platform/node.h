/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_PLATFORM_NODE_H
#define TESTS_PLATFORM_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <uv.h>

#include "platform/random.h"
#include "platform/transport.h"
#include "proto/limits.h"
#include "tests/tap.h"

/* A transport with what it has told so far, for tests: several in one loop,
 * which runs until a condition holds.  A test that hangs is ended by an alarm,
 * not by an assertion on time. */
struct node {
    struct transport *transport;
    struct node_key key;
    char endpoint[LIMIT_ENDPOINT_BYTES + 1];
    unsigned up, down, cut, failed, frames, demoted;
    uint32_t link; /* of the last UP */
    uint32_t last_down;
    struct envelope_id last_demoted;
    struct node_key peer; /* of the last UP */
    uint32_t last_target;
    bool outbound;
    bool was_answered;  /* the last that FAILED */
    size_t bytes;       /* in all frames */
    uint32_t next_mark; /* expected first four bytes of the next frame */
    bool in_order;
    size_t last_bytes; /* size of the last frame */
    bool paused;       /* does not take what comes */
};

static inline void node_event(
    struct node *node, const struct transport_event *event)
{
    switch (event->kind) {
    case TRANSPORT_UP:
        node->up++;
        node->link = event->link;
        node->peer = event->key;
        node->outbound = event->outbound;
        node->last_target = event->target;
        break;
    case TRANSPORT_CUT:
        node->cut++;
        /* fall through */
    case TRANSPORT_DOWN:
        node->down++;
        node->last_down = event->link;
        break;
    case TRANSPORT_FAILED:
        node->failed++;
        node->was_answered = event->was_answered;
        node->last_target = event->target;
        break;
    case TRANSPORT_DEMOTED:
        node->demoted++;
        node->last_demoted = event->id;
        break;
    case TRANSPORT_FRAME:
        node->frames++;
        node->bytes += event->bytes.size;
        node->last_bytes = event->bytes.size;
        if (event->bytes.size >= 4) {
            uint32_t mark;
            memcpy(&mark, event->bytes.data, sizeof(mark));
            node->in_order = node->in_order && mark == node->next_mark++;
        }
        break;
    }
}

static inline void node_wake(void *context)
{
    struct node *node = context;
    struct transport_event event;

    for (int i = 0; i < 64 && !node->paused; i++) {
        if (!transport_next(node->transport, &event))
            break;
        node_event(node, &event);
    }
}

/* With what it may send, or 0. */
static inline void node_start_rated(
    struct node *node, uint32_t link_maximum, uint64_t rate_bytes_s)
{
    struct transport_config config = {
        .loop = uv_default_loop(),
        .link_maximum = link_maximum,
        .rate_bytes_s = rate_bytes_s,
        .wake = node_wake,
        .context = node,
    };

    *node = (struct node){.in_order = true};
    transport_keypair(&config.public_key, config.secret_key);
    node->key = config.public_key;
    need(transport_new(&config, &node->transport) == STATUS_OK);
}

static inline void node_start(struct node *node, uint32_t link_maximum)
{
    node_start_rated(node, link_maximum, 0);
}

static inline void node_listen(struct node *node)
{
    need(transport_listen(node->transport, "tcp://127.0.0.1:*",
             node->endpoint) == STATUS_OK);
}

static inline void node_stop(struct node *node)
{
    transport_free(node->transport);
    node->transport = NULL;
}

/* Run the loop until the condition holds. */
#define until(condition)                                                       \
    while (!(condition))                                                       \
    uv_run(uv_default_loop(), UV_RUN_ONCE)

static inline enum status node_send(
    struct node *node, uint32_t link, uint32_t mark, size_t size)
{
    uint8_t bytes[LIMIT_FRAME_BYTES] = {0};

    memcpy(bytes, &mark, sizeof(mark));
    return transport_send(node->transport, link, (struct lane){LANE_CONTROL, 0},
        (struct span){bytes, size});
}

/* Dial from one to the other and wait until both are up. */
static inline void node_join(struct node *from, struct node *to)
{
    unsigned up = from->up, there = to->up;

    need(transport_dial(from->transport, to->endpoint, &to->key, 7) ==
         STATUS_OK);
    until(from->up > up);
    /* The other end hears of it with the first frame. */
    need(node_send(from, from->link, 0, 4) == STATUS_OK);
    until(to->up > there && to->frames > 0);
}

#endif
