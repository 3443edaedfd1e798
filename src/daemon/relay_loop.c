/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One turn of the relay's loop: everything that came is fed to the engine, the
 * shelf's changes go into one transaction as they come (they borrow from the
 * event), and when the turn ends its frames leave.
 *
 * What the own vault asked for is committed before anything of that turn
 * leaves: stored before sent.  What strangers brought is committed within
 * RELAY_COMMIT_MS or RELAY_COMMIT_BYTES, so that a flood costs a few commits a
 * second: nobody was promised it, no frame says that it was taken, and what a
 * crash loses of it, the next reconciliation with a neighbour brings.
 *
 * A disk that refuses a write does not end the process: an engine that forgot
 * nothing would take all mail again, and fail again.  From then on nothing new
 * is taken, what is there is still passed on, and when a write succeeds again
 * the process starts anew, so that engine and shelf agree. */
#include "config.h"

#include "daemon/relay_loop.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/stamp.h"
#include "daemon/deadline.h"
#include "daemon/relay_perform.h"
#include "platform/clock.h"
#include "platform/log.h"

enum {
    RELAY_EVENTS_A_TURN = 256,
    /* What comes in in one turn goes out at its end, to each link at once:
     * more than a queue holds would be dropped by its own haste. */
    RELAY_BYTES_A_TURN = LIMIT_LINK_QUEUE_BYTES / 4,
    RELAY_PROBE_MS = 10 * 1000,
    RELAY_COMMIT_MS = 20,
    RELAY_COMMIT_BYTES = 1024 * 1024,
};

/* Whether the disk takes a write: then this process begins anew. */
static void on_probe(uv_timer_t *timer)
{
    struct relay_loop *loop = timer->data;
    if (shelf_store_probe(loop->shelf))
        return;
    log_line(LOG_LEVEL_NOTICE, "the disk takes writes again");
    relay_state_quit(loop, CHILD_EXIT_AGAIN);
}

static void disk_failed(struct relay_loop *loop, const char *what)
{
    if (!loop->disk_failed) {
        log_line(LOG_LEVEL_ERROR,
            "%s/shelf: cannot %s: %s; nothing new is taken until it can",
            loop->paths->relay_dir, what, strerror(errno));
        uv_timer_start(&loop->probe, on_probe, RELAY_PROBE_MS, RELAY_PROBE_MS);
    }
    loop->disk_failed = true;
}

/* What the last step wants at once, not at the turn's end: to be kept, as it
 * borrows from the event; to have a stamp checked, for the same reason; and the
 * end of a link, as the transport would bring more of it when the engine has
 * closed that chapter. */
struct haste {
    bool hangup;
    bool check;
    size_t checking; /* the effect, CHECK */
};

static struct haste store_new(struct relay_loop *loop, bool is_from_peer)
{
    struct haste haste = {0};
    for (; loop->stored < loop->effects.count; loop->stored++) {
        const struct relay_effect *effect = &loop->effects.list[loop->stored];
        haste.hangup |= effect->kind == RELAY_HANGUP;
        loop->taken += is_from_peer && effect->kind == RELAY_STORE;
        if (effect->kind == RELAY_CHECK) {
            haste.check = true;
            haste.checking = loop->stored;
        }
        if (!relay_perform_is_storage(effect) || loop->disk_failed)
            continue;
        loop->is_uncommitted = true;
        if (effect->kind == RELAY_STORE || effect->kind == RELAY_RESTAMP)
            loop->uncommitted_bytes += effect->store.envelope->encoding.size;
        if (relay_perform_storage(loop, effect))
            disk_failed(loop, "write");
    }
    return haste;
}

/* Check a stamp here and now: about a millisecond, a hundred times a second at
 * most, as the engine counts. */
static void check_stamp(struct relay_loop *loop, size_t at)
{
    const struct relay_effect checking = loop->effects.list[at];
    const struct envelope *envelope = checking.store.envelope;
    const struct frame push = {
        .type = FRAME_PUSH, .push = {.id = checking.id, .envelope = envelope}};
    uint64_t began_us = clock_busy_us();
    bool is_genuine = stamp_check(&checking.id, envelope->expires_h,
                          envelope->stamp) == STATUS_OK;
    struct relay_event event = relay_state_event(RELAY_CHECKED);
    event.frame.link = checking.link;
    event.frame.frame = &push;
    event.frame.bytes = checking.store.frame_bytes;
    event.frame.is_genuine = is_genuine;
    event.frame.cost_us = (uint32_t)(clock_busy_us() - began_us);
    relay_loop_step(loop, &event);
}

void relay_loop_step(struct relay_loop *loop, const struct relay_event *event)
{
    loop->now_ms = event->now_ms;
    loop->clock_s = event->clock_s;
    if (relay_step(loop->relay, event, &loop->effects)) {
        log_line(LOG_LEVEL_ERROR, "out of memory");
        relay_state_quit(loop, CHILD_EXIT_FAILED);
        return;
    }
    struct haste haste = store_new(
        loop, event->kind == RELAY_FRAME || event->kind == RELAY_CHECKED);
    if (haste.check)
        check_stamp(loop, haste.checking);
    if (haste.hangup)
        relay_loop_end_turn(loop);
}

void relay_loop_stamped(
    void *context, const struct envelope_id *id, const uint8_t *stamp)
{
    struct relay_loop *loop = context;
    struct relay_event event = relay_state_event(RELAY_STAMPED);
    struct shelf_row row;
    struct envelope envelope;
    event.stamped.id = *id;
    if (shelf_store_get(loop->shelf, id, &row) == STATUS_OK &&
        row.state == SHELF_ROW_STORED &&
        row.encoding.size <= sizeof(loop->message)) {
        memcpy(loop->message, row.encoding.data, row.encoding.size);
        if (stamp)
            memcpy(
                loop->message + ENVELOPE_AT_STAMP, stamp, ENVELOPE_STAMP_BYTES);
        if (envelope_decode((struct span){loop->message, row.encoding.size},
                &envelope) == STATUS_OK)
            event.stamped.envelope = &envelope;
    }
    loop->commit_now = true;
    relay_loop_step(loop, &event);
    relay_loop_end_turn(loop);
}

static void on_deadline(uv_timer_t *timer)
{
    struct relay_loop *loop = timer->data;
    struct relay_event event = relay_state_event(RELAY_TICK);
    relay_loop_step(loop, &event);
    relay_loop_end_turn(loop);
}

/* Dials that the transport refused at once are answered after the turn. */
static void answer_failed(struct relay_loop *loop)
{
    uint32_t failed[LIMIT_DIAL_TARGETS];
    size_t count = loop->failed_count;
    memcpy(failed, loop->failed, count * sizeof(failed[0]));
    loop->failed_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct relay_event event = relay_state_event(RELAY_DIAL_FAILED);
        event.dial_failed.target = failed[i];
        relay_loop_step(loop, &event);
    }
}

/* So are frames that found a queue full. */
static void answer_dropped(struct relay_loop *loop)
{
    size_t count = loop->dropped_count;
    loop->dropped_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct relay_event event = relay_state_event(RELAY_DROPPED);
        event.dropped.link = loop->dropped[i];
        relay_loop_step(loop, &event);
    }
    count = loop->dropped_push_count;
    loop->dropped_push_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct relay_event event = relay_state_event(RELAY_DROPPED);
        event.dropped.link = loop->dropped_pushes[i].link;
        event.dropped.is_push = true;
        event.dropped.id = loop->dropped_pushes[i].id;
        relay_loop_step(loop, &event);
    }
}

/* So are envelopes that the shelf had no more. */
static void answer_lost(struct relay_loop *loop)
{
    struct envelope_id lost[RELAY_LOST_MAXIMUM];
    size_t count = loop->lost_count;
    memcpy(lost, loop->lost, count * sizeof(lost[0]));
    loop->lost_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct relay_event event = relay_state_event(RELAY_LOST);
        event.lost.id = lost[i];
        relay_loop_step(loop, &event);
    }
}

void relay_loop_tell_damage(struct relay_loop *loop)
{
    uint64_t damaged = shelf_store_damaged(loop->shelf);
    if (damaged > loop->damaged)
        log_line(LOG_LEVEL_ERROR,
            "shelf: %" PRIu64 " damaged, given up; neighbours have copies",
            damaged - loop->damaged);
    loop->damaged = damaged;
}

void relay_loop_commit(struct relay_loop *loop)
{
    loop->commit_now = false;
    if (!loop->is_uncommitted)
        return;
    loop->is_uncommitted = false;
    loop->uncommitted_bytes = 0;
    uv_timer_stop(&loop->commit);
    if (shelf_store_commit(loop->shelf))
        disk_failed(loop, "commit");
    relay_loop_tell_damage(loop);
}

static void on_commit(uv_timer_t *timer)
{
    relay_loop_commit(timer->data);
}

static void commit_in_time(struct relay_loop *loop)
{
    if (loop->commit_now || loop->disk_failed || loop->goodbye_began ||
        loop->uncommitted_bytes >= RELAY_COMMIT_BYTES)
        relay_loop_commit(loop);
    else if (loop->is_uncommitted &&
             !uv_is_active((uv_handle_t *)&loop->commit))
        uv_timer_start(&loop->commit, on_commit, RELAY_COMMIT_MS, 0);
}

void relay_loop_end_turn(struct relay_loop *loop)
{
    do {
        commit_in_time(loop);
        for (size_t i = 0; i < loop->effects.count; i++)
            relay_perform(loop, &loop->effects.list[i]);
        relay_effects_reset(&loop->effects);
        loop->stored = 0;
        answer_failed(loop);
        answer_dropped(loop);
        answer_lost(loop);
    } while (loop->effects.count > 0);
    deadline_set(&loop->deadline, on_deadline, relay_deadline_ms(loop->relay));
}

/* A turn's frames are of one moment, or of that of a later event in it: clocks
 * are dear to read for each. */
static void on_frame(
    struct relay_loop *loop, const struct transport_event *from)
{
    struct frame frame;
    struct relay_event event = {
        .kind = RELAY_FRAME, .now_ms = loop->now_ms, .clock_s = loop->clock_s};
    enum status status = frame_decode(from->bytes, &loop->scratch, &frame);
    if (status) {
        event.kind =
            status == STATUS_NOT_FOUND ? RELAY_UNKNOWN : RELAY_MALFORMED;
        event.link.link = from->link;
        relay_loop_step(loop, &event);
        return;
    }
    loop->received[frame.type % RELAY_FRAME_TYPES]++;
    if (frame_has_envelope(frame.type)) {
        if (loop->disk_failed) {
            loop->refused_disk++;
            return;
        }
        envelope_identify(frame.push.envelope->encoding, &frame.push.id);
        relay_warm_new(loop->relay, &frame.push.id);
        shelf_store_warm(
            loop->shelf, &frame.push.id, &frame.push.envelope->tag);
    }
    event.frame.link = from->link;
    event.frame.frame = &frame;
    event.frame.bytes = (uint32_t)from->bytes.size;
    if (frame.type == FRAME_PUSH)
        loop->arriving = from->bytes;
    relay_loop_step(loop, &event);
    loop->arriving = (struct span){NULL, 0};
}

/* A message without end is no frame. */
static void on_cut(struct relay_loop *loop, uint32_t link)
{
    struct relay_event event = relay_state_event(RELAY_MALFORMED);
    event.link.link = link;
    relay_loop_step(loop, &event);
}

/* Once each time: dials come to nothing until it is mended. */
static void look_at_proxy(struct relay_loop *loop)
{
    uint64_t failed;
    const char *trouble = transport_proxy_trouble(loop->transport, &failed);
    if (trouble == loop->proxy_trouble)
        return;
    if (!loop->proxy_trouble)
        loop->proxy_since_s = clock_wall_s();
    if (trouble)
        log_line(LOG_LEVEL_ERROR,
            "the proxy %s: %s; dials come to nothing there until that is "
            "mended",
            loop->settings->socks, trouble);
    else
        log_line(
            LOG_LEVEL_NOTICE, "the proxy %s answers", loop->settings->socks);
    loop->proxy_trouble = trouble;
}

static void on_transport(
    struct relay_loop *loop, const struct transport_event *from)
{
    struct relay_event event = relay_state_event(RELAY_LINK_DOWN);
    look_at_proxy(loop);
    switch (from->kind) {
    case TRANSPORT_UP:
        event.kind = RELAY_LINK_UP;
        event.link_up.link = from->link;
        event.link_up.key = from->key;
        event.link_up.outbound = from->outbound;
        event.link_up.target = from->target;
        event.link_up.from = from->from;
        break;
    case TRANSPORT_CUT:
        on_cut(loop, from->link);
        event.link.link = from->link;
        break;
    case TRANSPORT_DOWN:
        event.link.link = from->link;
        break;
    case TRANSPORT_FAILED:
        event.kind = RELAY_DIAL_FAILED;
        event.dial_failed.target = from->target;
        event.dial_failed.was_answered = from->was_answered;
        break;
    case TRANSPORT_FRAME:
        on_frame(loop, from);
        return;
    case TRANSPORT_DEMOTED:
        event.kind = RELAY_DROPPED;
        event.dropped.link = from->link;
        event.dropped.is_push = from->is_known;
        event.dropped.id = from->id;
        break;
    }
    relay_loop_step(loop, &event);
}

void relay_loop_wake(void *context)
{
    struct relay_loop *loop = context;
    struct transport_event event;
    size_t bytes = 0;
    loop->now_ms = clock_now_ms();
    loop->clock_s = clock_wall_s();
    for (int i = 0; i < RELAY_EVENTS_A_TURN && bytes < RELAY_BYTES_A_TURN;
         i++) {
        if (!transport_next(loop->transport, &event))
            break;
        bytes += event.kind == TRANSPORT_FRAME ? event.bytes.size : 0;
        on_transport(loop, &event);
    }
    relay_loop_end_turn(loop);
}

static void refuse_submit(
    struct relay_loop *loop, const struct port_message *message)
{
    const struct relay_effect effect = {.kind = RELAY_REFUSED,
        .id = message->envelope.id,
        .reason = STATUS_FULL};
    loop->refused_disk++;
    relay_perform(loop, &effect);
}

static void on_submit(struct relay_loop *loop, struct port_message *message)
{
    struct relay_event event = relay_state_event(RELAY_SUBMIT);
    envelope_identify(
        message->envelope.envelope->encoding, &message->envelope.id);
    if (loop->disk_failed) {
        refuse_submit(loop, message);
        return;
    }
    event.submit.id = message->envelope.id;
    event.submit.envelope = message->envelope.envelope;
    event.submit.urgent = message->envelope.urgent;
    relay_loop_step(loop, &event);
}

void relay_loop_message(void *context, struct span bytes)
{
    struct relay_loop *loop = context;
    struct port_message message;
    struct relay_event event = relay_state_event(RELAY_RELEASE);
    if (port_decode(bytes, &loop->port_scratch, &message))
        return;
    loop->commit_now = true;
    switch (message.type) {
    case PORT_SUBMIT:
        on_submit(loop, &message);
        return;
    case PORT_RELEASE:
        event.release.id = message.receipt.id;
        event.release.opening = message.receipt.opening;
        break;
    case PORT_LOOKUP:
        event.kind = RELAY_LOOKUP;
        event.lookup.count = message.lookup.count;
        event.lookup.tags = message.lookup.tags;
        break;
    case PORT_LISTEN:
        event.kind = RELAY_LISTEN;
        event.listen = message.listen;
        if (loop->contacts && !message.listen)
            relay_beacon_forget(loop->contacts);
        break;
    case PORT_BEACON:
        if (loop->contacts)
            relay_beacon_take(loop->contacts, &message);
        secret_wipe(loop->port_scratch.beacon_keys,
            sizeof(loop->port_scratch.beacon_keys));
        return;
    case PORT_ENVELOPE:
    case PORT_HANDED:
    case PORT_CLEARED:
    case PORT_REFUSED:
    case PORT_WAITS:
        return; /* these go the other way */
    }
    relay_loop_step(loop, &event);
}

void relay_loop_port_gone(void *context)
{
    struct relay_loop *loop = context;
    struct relay_event event = relay_state_event(RELAY_LISTEN);
    port_socket_free(loop->port);
    loop->port = NULL;
    if (loop->contacts)
        relay_beacon_forget(loop->contacts);
    event.listen = false;
    relay_loop_step(loop, &event);
    relay_loop_end_turn(loop);
}

void relay_loop_port(void *context, int fd)
{
    struct relay_loop *loop = context;
    if (loop->port)
        relay_loop_port_gone(loop);
    const struct port_socket_config config = {
        .loop = &loop->uv,
        .fd = fd,
        .message = relay_loop_message,
        .gone = relay_loop_port_gone,
        .context = loop,
    };
    if (port_socket_new(&config, &loop->port))
        log_line(LOG_LEVEL_ERROR, "port: %s", strerror(errno));
}

void relay_loop_seen(
    void *context, struct span endpoint, const struct node_key *node)
{
    struct relay_loop *loop = context;
    struct relay_event event = relay_state_event(RELAY_CONNECT);
    event.connect.endpoint = endpoint;
    event.connect.key = *node;
    event.connect.origin = ORIGIN_BEACON;
    relay_loop_step(loop, &event);
}

size_t relay_loop_say(void *context, const uint8_t address[static 16],
    uint8_t out[static BEACON_MAXIMUM_BYTES])
{
    struct relay_loop *loop = context;
    const struct relay_beacon_moment moment = {
        address, clock_now_ms(), clock_wall_s()};
    const struct beacon_datagram node = {
        .node = loop->key, .port = (uint16_t)loop->listen_port};
    return relay_beacon_say(loop->contacts, &moment, &node, out);
}

void relay_loop_heard(
    void *context, const struct beacon_source *source, struct span datagram)
{
    struct relay_loop *loop = context;
    char endpoint[LIMIT_ENDPOINT_BYTES + 1];
    struct beacon_datagram heard;
    const struct relay_beacon_moment moment = {
        source->address, clock_now_ms(), clock_wall_s()};
    if (!relay_beacon_hear(loop->contacts, &moment, datagram, &heard))
        return;
    beacon_endpoint(source, heard.port, endpoint);
    relay_loop_seen(loop, span_of_text(endpoint), &heard.node);
}
