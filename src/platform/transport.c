/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links over libzmq.  What bites in it, found by experiment, and where each
 * bite is handled:
 *
 *  1. A peer that foresees the number of the next anonymous connection can
 *     abort a ROUTER's process.  Numbers start at a random place
 *     (transport_socket.c), are shown to nobody (transport_message.c), and the
 *     door bounds connections (transport_door.c).
 *  2. ZMQ_CONNECT_ROUTING_ID aborts on a duplicate: never set, nor an identity;
 *     inbound links are found by libzmq's own number (transport_inbound.c).
 *  3. Without a ZAP handler everybody is let in, and a forgotten option means
 *     plaintext: the door is bound before there is a listener (below), option
 *     93 is on and the mechanism is asserted (transport_socket.c).
 *  4. A User-Id counts only where our door gave it: on frames of the router. On
 *     a dealer, the peer is the key that was dialled (transport_outbound.c).
 *  5. Messages are unlimited by default: ZMQ_MAXMSGSIZE (transport_socket.c).
 *  6. A monitor that is not drained stops the I/O thread: only dealers are
 *     monitored, and each has few events (transport_outbound.c).
 *  7. Reconnecting hangs after a refusal: off.  Sends never wait; what libzmq
 *     does not take at once waits in our queues (transport_link.c).
 *  8. Names are resolved in the I/O thread: numeric endpoints only, names only
 *     by way of a proxy (transport_tunnel.c).
 *  9. ZMQ_FD signals edges: a socket counts as readable until a receive says
 *     EAGAIN, and is asked again after sends (below).
 * 10. libzmq aborts without descriptors: a reserve (transport_inbound.c).
 * 11. An inbound peer is dropped by shutting its connection down, through a
 *     duplicate, as libzmq may have closed its own (transport_descriptor.c).
 * 12. libzmq aborts on a failed allocation: nothing accepted depends on this
 *     process living on; its supervisor starts it again.
 * 13. Its SOCKS client aborts after a refusal: not used (transport_tunnel.c).
 * 14. What is larger than a message may be ends the connection, and nobody is
 *     told: one that libzmq has let go of while its peer holds it is cut
 *     (transport_link_is_dropped).
 * 15. The high-water mark counts whole messages: one with no last part grows
 *     without bound.  A connection on which far more came in than was delivered
 *     is cut (transport_link_hoards).
 *
 * One turn: libzmq's descriptors mark sockets as readable; after them, a check
 * handle sends what waits and wakes the caller, once a turn of the loop, until
 * nothing is left to read. */
#include "platform/transport.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#include <zmq.h>

#include "platform/clock.h"
#include "platform/random.h"
#include "platform/transport_inside.h"
#include "platform/transport_message.h"

struct transport_turns {
    uv_check_t check; /* after libzmq's descriptors: the turn */
    uv_idle_t idle;   /* while the next turn should come at once */
    uv_timer_t timer;
    uv_timer_t again; /* while a peer takes no more */
    int open;         /* handles */
    bool stirred;
    bool sends_later; /* the turn is still before that */
    bool hurried;
};

static bool is_read_from(enum transport_link_state state)
{
    return state == LINK_UP || state == LINK_ENDING;
}

static bool has_work(const struct transport *transport)
{
    if (transport->first_news || transport->demotions.count > 0 ||
        transport->held_number != 0 || transport->router_readable)
        return true;
    for (size_t i = 0; i < transport->link_count; i++)
        if (transport->links[i]->readable &&
            is_read_from(transport->links[i]->state))
            return true;
    return false;
}

static bool flush_all(struct transport *transport)
{
    bool any = false;

    for (size_t i = transport->link_count; i-- > 0;)
        if (i < transport->link_count)
            any = transport_link_flush(transport->links[i]) || any;
    return any;
}

/* Dealers that nobody reads from must still be attended to, or their
 * descriptors go on asking. */
static void look_at_dials(struct transport *transport)
{
    for (size_t i = transport->link_count; i-- > 0;) {
        if (i >= transport->link_count)
            continue;
        struct transport_link *link = transport->links[i];
        if (link->readable && link->dealer && !is_read_from(link->state)) {
            transport_socket_settle(link->dealer);
            link->readable = false;
        }
        if (link->state == LINK_DIALLING)
            transport_outbound_monitor(link);
    }
}

static bool is_blocked(const struct transport *transport)
{
    for (size_t i = 0; i < transport->link_count; i++)
        if (!transport_queue_is_empty(&transport->links[i]->queue))
            return true;
    return false;
}

/* Sends take in what their socket was told, and the signal with it: ask each
 * that has sent whether there is something to read. */
static void ask_senders(struct transport *transport)
{
    if (transport->router_sent) {
        transport->router_sent = false;
        if (transport_socket_settle(transport->router))
            transport->router_readable = true;
    }
    for (size_t i = 0; i < transport->link_count; i++) {
        struct transport_link *link = transport->links[i];
        if (link->sent && link->dealer && transport_socket_settle(link->dealer))
            link->readable = true;
        link->sent = false;
    }
}

static void on_again(uv_timer_t *timer)
{
    transport_stir(timer->data);
}

static void turn(struct transport *transport)
{
    struct transport_turns *turns = transport->turns;

    look_at_dials(transport);
    turns->stirred = false;
    turns->sends_later = true;
    if (has_work(transport))
        transport->wake(transport->context);
    transport_message_let_go(transport->message);
    turns->sends_later = false;
    flush_all(transport);
    ask_senders(transport);
    /* Receiving and asking may have swallowed the word that a peer takes more:
     * after them, offer once again. */
    if (flush_all(transport) || has_work(transport))
        turns->stirred = true;
    if (!turns->stirred)
        uv_idle_stop(&turns->idle);
    /* So may, rarely, an offer to another peer. */
    if (is_blocked(transport) && !uv_is_active((uv_handle_t *)&turns->again))
        uv_timer_start(&turns->again, on_again, TRANSPORT_AGAIN_MS, 0);
}

static void on_check(uv_check_t *check)
{
    struct transport *transport = check->data;

    if (transport->turns->stirred)
        turn(transport);
}

static void on_idle(uv_idle_t *idle)
{
    (void)idle; /* that it is there keeps the loop from waiting */
}

void transport_stir(struct transport *transport)
{
    transport->turns->stirred = true;
    uv_idle_start(&transport->turns->idle, on_idle);
}

void transport_stir_to_send(struct transport *transport)
{
    if (!transport->turns->sends_later)
        transport_stir(transport);
}

static bool is_ending(const struct transport *transport)
{
    for (size_t i = 0; i < transport->link_count; i++)
        if (transport->links[i]->state == LINK_ENDING ||
            transport->links[i]->state == LINK_DRAINING)
            return true;
    return false;
}

static void on_timer(uv_timer_t *timer)
{
    struct transport *transport = timer->data;
    uint64_t now_ms = clock_now_ms();

    transport_inbound_tick(transport, now_ms);
    for (size_t i = transport->link_count; i-- > 0;)
        if (i < transport->link_count && transport->links[i]->outbound) {
            uint32_t number = transport->links[i]->number;
            transport_outbound_monitor(transport->links[i]);
            struct transport_link *link =
                transport_link_find(transport, number);
            if (link)
                transport_outbound_tick(link, now_ms);
        }
    if (transport->turns->hurried && !is_ending(transport)) {
        transport->turns->hurried = false;
        uv_timer_start(timer, on_timer, TRANSPORT_TICK_MS, TRANSPORT_TICK_MS);
    }
    transport_stir(transport);
}

void transport_hurry(struct transport *transport)
{
    if (transport->turns->hurried)
        return;
    transport->turns->hurried = true;
    uv_timer_start(&transport->turns->timer, on_timer, TRANSPORT_HURRY_MS,
        TRANSPORT_HURRY_MS);
}

static void on_door(void *owner)
{
    transport_inbound_door(owner);
}

static bool start_turns(struct transport *transport)
{
    struct transport_turns *turns = calloc(1, sizeof(*turns));

    if (!turns)
        return false;
    uv_check_init(transport->loop, &turns->check);
    uv_idle_init(transport->loop, &turns->idle);
    uv_timer_init(transport->loop, &turns->timer);
    uv_timer_init(transport->loop, &turns->again);
    turns->check.data = turns->timer.data = turns->again.data = transport;
    turns->open = 4;
    transport->turns = turns;
    uv_check_start(&turns->check, on_check);
    uv_timer_start(
        &turns->timer, on_timer, TRANSPORT_TICK_MS, TRANSPORT_TICK_MS);
    return true;
}

static void on_turn_closed(uv_handle_t *handle)
{
    struct transport_turns *turns = handle->data;

    if (--turns->open == 0)
        free(turns);
}

static void stop_turns(struct transport_turns *turns)
{
    if (!turns)
        return;
    uv_handle_t *const handles[] = {(uv_handle_t *)&turns->check,
        (uv_handle_t *)&turns->idle, (uv_handle_t *)&turns->timer,
        (uv_handle_t *)&turns->again};
    for (size_t i = 0; i < 4; i++) {
        handles[i]->data = turns;
        uv_close(handles[i], on_turn_closed);
    }
}

static bool start_zmq(struct transport *transport)
{
    /* Closed ones count until libzmq has got round to them. */
    enum { SOCKETS_PER_LINK = 4, SOCKETS_MORE = 1024 };
    int sockets =
        (int)transport->link_maximum * SOCKETS_PER_LINK + SOCKETS_MORE;

    transport->zmq = zmq_ctx_new();
    if (!transport->zmq)
        return false;
    zmq_ctx_set(transport->zmq, ZMQ_MAX_SOCKETS, sockets);
    zmq_ctx_set(transport->zmq, ZMQ_IO_THREADS, 1);
    transport->door = transport_socket_door(transport->zmq);
    if (!transport->door)
        return false;
    transport->door_watch =
        watch_new(transport->loop, transport_socket_descriptor(transport->door),
            WATCH_READABLE, on_door, transport);
    return transport->door_watch;
}

enum status transport_new(
    const struct transport_config *config, struct transport **out)
{
    struct transport *transport = calloc(1, sizeof(*transport));

    assert(config->link_maximum > 0 && config->wake);
    if (!transport)
        return STATUS_NO_MEMORY;
    transport->loop = config->loop;
    memcpy(transport->keys.secret_key, config->secret_key, 32);
    transport->keys.public_key = config->public_key;
    transport->link_maximum = config->link_maximum;
    transport->rate.bytes_s = config->rate_bytes_s;
    transport->gate.rate_s = config->new_links_s;
    transport->wake = config->wake;
    transport->context = config->context;
    transport->next_descriptor = -1;
    transport->socks = config->socks ? strdup(config->socks) : NULL;
    if (config->socks && config->isolate)
        transport->isolation = random_u64(random_system()) | 1;
    transport->links =
        calloc(transport_link_room(transport), sizeof(struct transport_link *));
    transport->message = transport_message_new();
    /* Without it, interfaces are named by their numbers. */
    if (interfaces_open(&transport->interfaces))
        transport->interfaces = (struct interfaces){-1, -1};
    if (transport_tunnels_new(&transport->tunnels) ||
        transport_demotions_init(
            &transport->demotions, transport_link_room(transport)) ||
        !transport->links || !transport->message ||
        (config->socks && !transport->socks) || !start_turns(transport) ||
        !start_zmq(transport)) {
        transport_free(transport);
        return STATUS_IO;
    }
    *out = transport;
    return STATUS_OK;
}

/* Links that are draining may still send for a moment. */
static int linger_ms(const struct transport *transport, bool outbound)
{
    for (size_t i = 0; i < transport->link_count; i++)
        /* The analyser does not see that so many links are there. */
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
        if (transport->links[i]->state == LINK_DRAINING &&
            transport->links[i]->outbound == outbound)
            return TRANSPORT_DRAIN_MS;
    return 0;
}

void transport_free(struct transport *transport)
{
    if (!transport)
        return;
    int inbound_linger_ms = linger_ms(transport, false);
    flush_all(transport);
    transport_inbound_free(transport, inbound_linger_ms);
    while (transport->link_count > 0) {
        struct transport_link *link = transport->links[0];
        if (link->state == LINK_DRAINING)
            transport_link_leave(link);
        transport_link_free(link);
    }
    transport_message_free(transport->message);
    if (transport->zmq)
        zmq_ctx_term(transport->zmq);
    transport_tunnels_free(transport->tunnels);
    transport_demotions_clear(&transport->demotions);
    interfaces_close(&transport->interfaces);
    stop_turns(transport->turns);
    explicit_bzero(&transport->keys, sizeof(transport->keys));
    free(transport->links);
    free(transport->socks);
    free(transport);
}

static bool take_held(struct transport *transport, struct transport_event *out)
{
    uint32_t number = transport->held_number;
    struct transport_link *link = transport_link_find(transport, number);

    transport->held_number = 0;
    if (number == 0 || !link ||
        (link->state != LINK_UP && link->state != LINK_ENDING))
        return false;
    *out = (struct transport_event){
        .kind = TRANSPORT_FRAME,
        .link = number,
        .bytes = transport_message_frame(transport->message),
    };
    return true;
}

static bool take_demoted(
    struct transport *transport, struct transport_event *out)
{
    struct transport_demoted demoted;

    if (!transport_demotions_take(&transport->demotions, &demoted))
        return false;
    *out = (struct transport_event){
        .kind = TRANSPORT_DEMOTED,
        .link = demoted.link,
        .is_known = demoted.is_known,
        .id = demoted.id,
    };
    return true;
}

static bool take_from(
    struct transport *transport, size_t source, struct transport_event *out)
{
    if (source >= transport->link_count)
        return transport_inbound_receive(transport, out);
    return transport->links[source]->outbound &&
           transport_outbound_receive(transport->links[source], out);
}

bool transport_next(struct transport *transport, struct transport_event *out)
{
    if (transport_link_news(transport, out) || take_demoted(transport, out) ||
        take_held(transport, out))
        return true;
    /* Each link and the router in turn, the router in the place after the last
     * link. */
    size_t sources = transport->link_count + 1;
    for (size_t i = 0; i < sources; i++) {
        size_t source = (transport->cursor + i) % sources;
        if (take_from(transport, source, out)) {
            transport->cursor = source + 1;
            return true;
        }
        if (transport_link_news(transport, out))
            return true;
    }
    return false;
}

uint64_t transport_hold(struct transport *transport)
{
    return transport_message_hold(transport->message);
}

void transport_count(
    const struct transport *transport, struct transport_counts *out)
{
    *out = transport->counts;
}

const char *transport_proxy_trouble(
    const struct transport *transport, uint64_t *failed)
{
    return transport_tunnels_trouble(transport->tunnels, failed);
}

void transport_public(const uint8_t secret_key[static 32], struct node_key *out)
{
    char secret_text[41], public_text[41];

    zmq_z85_encode(secret_text, secret_key, 32);
    int failed = zmq_curve_public(public_text, secret_text);
    assert(!failed);
    zmq_z85_decode(out->bytes, public_text);
    explicit_bzero(secret_text, sizeof(secret_text));
}

void transport_keypair(struct node_key *public_key, uint8_t secret_key[32])
{
    random_fill(random_system(), secret_key, 32);
    transport_public(secret_key, public_key);
}
