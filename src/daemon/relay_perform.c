/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay's effects, one case each.  What names an envelope reads it from the
 * shelf; when it is no longer there (cleared or evicted later in the same turn)
 * there is nothing to send, and nothing is missing.  A push to several links is
 * read and encoded once.
 *
 * A port that cannot take a message is given up, and the supervisor asked for a
 * fresh one: the vault then looks everything up again, so a message is late and
 * never lost. */
#include "config.h"

#include "daemon/relay_perform.h"

#include <assert.h>
#include <string.h>

#include "platform/log.h"

bool relay_perform_is_storage(const struct relay_effect *effect)
{
    return effect->kind == RELAY_STORE || effect->kind == RELAY_CLEAR ||
           effect->kind == RELAY_EVICT || effect->kind == RELAY_FORGET;
}

static enum status store(
    struct shelf_database *shelf, const struct relay_effect *effect)
{
    const struct envelope *envelope = effect->store.envelope;
    const struct shelf_row row = {
        .id = effect->id,
        .tag = envelope->tag,
        .receipt_hash = envelope->receipt_hash,
        .expires_h = envelope->expires_h,
        .bytes = (uint32_t)envelope->encoding.size,
        .state = SHELF_ROW_STORED,
        .encoding = envelope->encoding,
    };
    return shelf_database_put(shelf, &row);
}

enum status relay_perform_storage(
    struct shelf_database *shelf, const struct relay_effect *effect)
{
    assert(relay_perform_is_storage(effect));
    if (effect->kind == RELAY_STORE)
        return store(shelf, effect);
    if (effect->kind == RELAY_CLEAR)
        return shelf_database_clear(shelf, &effect->id, &effect->opening);
    if (effect->kind == RELAY_EVICT)
        return shelf_database_evict(shelf, &effect->id);
    return shelf_database_forget(shelf, &effect->id);
}

static void note_dropped(struct relay_loop *loop, uint32_t link)
{
    for (size_t i = 0; i < loop->dropped_count; i++)
        if (loop->dropped[i] == link)
            return;
    assert(loop->dropped_count < LIMIT_LINKS);
    loop->dropped[loop->dropped_count++] = link;
}

static void send_frame(
    struct relay_loop *loop, uint32_t link, enum frame_type type, size_t size)
{
    struct span bytes = {loop->frame, size};
    enum status status = transport_send(loop->transport, link, bytes);
    if (status == STATUS_OK)
        loop->sent[type % RELAY_FRAME_TYPES]++;
    else if (status == STATUS_AGAIN)
        note_dropped(loop, link);
}

static void send_plain(
    struct relay_loop *loop, const struct relay_effect *effect)
{
    size_t size;
    loop->has_pushed = false;
    enum status status =
        frame_encode(&effect->frame, loop->frame, sizeof(loop->frame), &size);
    assert(status == STATUS_OK); /* the engine keeps the limits */
    (void)status;
    send_frame(loop, effect->link, effect->frame.type, size);
}

/* The stored envelope of that id, borrowed until the shelf's next call. */
static bool read_envelope(
    struct relay_loop *loop, const struct envelope_id *id, struct envelope *out)
{
    struct shelf_row row;
    return shelf_database_get(loop->shelf, id, &row) == STATUS_OK &&
           row.state == SHELF_ROW_STORED &&
           envelope_decode(row.encoding, out) == STATUS_OK;
}

static bool encode_push(struct relay_loop *loop, const struct envelope_id *id)
{
    struct envelope envelope;
    if (loop->has_pushed && envelope_id_equal(&loop->pushed, id))
        return true;
    if (!read_envelope(loop, id, &envelope))
        return false;
    const struct frame frame = {
        .type = FRAME_PUSH, .push = {.id = *id, .envelope = &envelope}};
    loop->has_pushed = false;
    if (frame_encode(
            &frame, loop->frame, sizeof(loop->frame), &loop->frame_bytes))
        return false;
    loop->pushed = *id;
    loop->has_pushed = true;
    return true;
}

static void push(struct relay_loop *loop, const struct relay_effect *effect)
{
    if (encode_push(loop, &effect->id))
        send_frame(loop, effect->link, FRAME_PUSH, loop->frame_bytes);
}

static void to_vault(
    struct relay_loop *loop, const struct port_message *message)
{
    size_t size;
    if (!loop->port)
        return;
    enum status status =
        port_encode(message, loop->message, sizeof(loop->message), &size);
    assert(status == STATUS_OK);
    status = port_socket_send(loop->port, (struct span){loop->message, size});
    if (status == STATUS_OK)
        return;
    log_line(
        LOG_LEVEL_ERROR, "the vault takes no mail (%s)", status_name(status));
    port_socket_free(loop->port);
    loop->port = NULL;
    child_ask_port();
}

static void deliver(struct relay_loop *loop, const struct relay_effect *effect)
{
    struct envelope envelope;
    if (!loop->port || !read_envelope(loop, &effect->id, &envelope))
        return;
    const struct port_message message = {.type = PORT_ENVELOPE,
        .envelope = {.id = effect->id, .envelope = &envelope}};
    to_vault(loop, &message);
}

static void find(struct relay_loop *loop, const struct relay_effect *effect)
{
    struct shelf_row row;
    struct envelope envelope;
    if (!loop->port || shelf_database_walk(loop->shelf, &effect->tag))
        return;
    while (shelf_database_next(loop->shelf, &row) == STATUS_OK) {
        if (envelope_decode(row.encoding, &envelope))
            continue;
        const struct port_message message = {.type = PORT_ENVELOPE,
            .envelope = {.id = row.id, .envelope = &envelope}};
        to_vault(loop, &message);
    }
}

static void dial(struct relay_loop *loop, const struct relay_effect *effect)
{
    if (transport_dial(loop->transport, effect->dial.endpoint,
            &effect->dial.key, effect->dial.target) == STATUS_OK)
        return;
    assert(loop->failed_count < LIMIT_DIAL_TARGETS);
    loop->failed[loop->failed_count++] = effect->dial.target;
}

void relay_perform(struct relay_loop *loop, const struct relay_effect *effect)
{
    struct port_message message = {.type = PORT_HANDED};
    switch (effect->kind) {
    case RELAY_SEND:
        send_plain(loop, effect);
        break;
    case RELAY_PUSH:
        push(loop, effect);
        break;
    case RELAY_STORE:
    case RELAY_CLEAR:
    case RELAY_EVICT:
    case RELAY_FORGET:
        break; /* written when they came */
    case RELAY_DELIVER:
        deliver(loop, effect);
        break;
    case RELAY_FIND:
        find(loop, effect);
        break;
    case RELAY_HANDED:
        message.handed.id = effect->id;
        message.handed.peers = effect->peers;
        to_vault(loop, &message);
        break;
    case RELAY_CLEARED:
        message.type = PORT_CLEARED;
        message.receipt.id = effect->id;
        message.receipt.opening = effect->opening;
        to_vault(loop, &message);
        break;
    case RELAY_REFUSED:
        message.type = PORT_REFUSED;
        message.refused.id = effect->id;
        message.refused.reason = (uint32_t)effect->reason;
        to_vault(loop, &message);
        break;
    case RELAY_DIAL:
        dial(loop, effect);
        break;
    case RELAY_HANGUP:
        transport_hangup(loop->transport, effect->link, true);
        break;
    case RELAY_UNDIAL:
        transport_undial(loop->transport, effect->dial.target);
        break;
    }
}
