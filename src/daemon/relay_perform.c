/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay's effects, one case each.  What names an envelope finds its frame
 * among the recent ones or reads it from the shelf; when it is no longer there
 * (cleared or evicted later in the same turn) there is nothing to send, and
 * nothing is missing.
 *
 * A port that cannot take a message is given up, and the supervisor asked for a
 * fresh one: the vault then looks everything up again, so a message is late and
 * never lost. */
#include "config.h"

#include "daemon/relay_perform.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "crypto/stamp.h"
#include "daemon/peers_file.h"
#include "daemon/relay_tally.h"
#include "daemon/scores_file.h"
#include "platform/log.h"

bool relay_perform_is_storage(const struct relay_effect *effect)
{
    return effect->kind == RELAY_STORE || effect->kind == RELAY_RESTAMP ||
           effect->kind == RELAY_CLEAR || effect->kind == RELAY_EVICT ||
           effect->kind == RELAY_FORGET;
}

static enum status store(
    struct shelf_store *shelf, const struct relay_effect *effect)
{
    const struct envelope *envelope = effect->store.envelope;
    const struct shelf_row row = {
        .id = effect->id,
        .tag = envelope->tag,
        .receipt_hash = envelope->receipt_hash,
        .expires_h = envelope->expires_h,
        .bytes = (uint32_t)envelope->encoding.size,
        .state = SHELF_ROW_STORED,
        .stamp_bits = stamp_bits(envelope->stamp),
        .encoding = envelope->encoding,
    };
    return shelf_store_put(shelf, &row);
}

/* Whether it is the envelope of the frame that has just come. */
static bool is_arriving(
    const struct relay_loop *loop, const struct envelope *envelope)
{
    const struct span frame = loop->arriving, in = envelope->encoding;
    return frame.data && frame.data + frame.size == in.data + in.size;
}

/* The frame is ready for all who are to be given it.  One that came as a PUSH
 * is that frame, since there is one encoding of each. */
static bool remember(struct relay_loop *loop, const struct envelope_id *id,
    const struct envelope *envelope)
{
    size_t size;
    if (is_arriving(loop, envelope)) {
        recent_put(&loop->recent, id,
            &(struct transport_frame){.bytes = loop->arriving,
                .held = transport_hold(loop->transport)});
        return true;
    }
    const struct frame frame = {
        .type = FRAME_PUSH, .push = {.id = *id, .envelope = envelope}};
    if (frame_encode(&frame, loop->frame, sizeof(loop->frame), &size))
        return false;
    recent_put(&loop->recent, id,
        &(struct transport_frame){.bytes = {loop->frame, size}});
    return true;
}

enum status relay_perform_storage(
    struct relay_loop *loop, const struct relay_effect *effect)
{
    struct shelf_store *shelf = loop->shelf;
    assert(relay_perform_is_storage(effect));
    if (effect->kind == RELAY_STORE || effect->kind == RELAY_RESTAMP) {
        enum status status = store(shelf, effect);
        if (!status)
            remember(loop, &effect->id, effect->store.envelope);
        return status;
    }
    recent_drop(&loop->recent, &effect->id);
    if (effect->kind == RELAY_CLEAR)
        return shelf_store_clear(shelf, &effect->id, &effect->opening);
    if (effect->kind == RELAY_EVICT)
        return shelf_store_evict(shelf, &effect->id);
    return shelf_store_forget(shelf, &effect->id);
}

static void note_dropped(struct relay_loop *loop, uint32_t link)
{
    for (size_t i = 0; i < loop->dropped_count; i++)
        if (loop->dropped[i] == link)
            return;
    assert(loop->dropped_count < LIMIT_LINKS);
    loop->dropped[loop->dropped_count++] = link;
}

/* Where a frame waits, and as what it counts. */
struct place {
    struct lane lane;
    enum frame_type type;
};

/* False when a full queue lost it. */
static bool offer_frame(struct relay_loop *loop, uint32_t link,
    const struct place *place, const struct transport_frame *frame)
{
    enum status status =
        loop->shape
            ? transport_shape_pass(loop->shape, link, place->lane, frame)
            : transport_pass(loop->transport, link, place->lane, frame);
    if (status == STATUS_OK) {
        loop->sent[place->type % RELAY_FRAME_TYPES]++;
        loop->sent_bytes[place->type % RELAY_FRAME_TYPES] += frame->bytes.size;
    }
    return status != STATUS_AGAIN;
}

static void send_frame(struct relay_loop *loop,
    const struct relay_effect *effect, enum frame_type type, struct span bytes)
{
    const struct place place = {lanes_of(type, false, effect->from), type};
    if (!offer_frame(loop, effect->link, &place,
            &(struct transport_frame){.bytes = bytes}))
        note_dropped(loop, effect->link);
}

static void send_plain(
    struct relay_loop *loop, const struct relay_effect *effect)
{
    size_t size;
    enum status status =
        frame_encode(&effect->frame, loop->frame, sizeof(loop->frame), &size);
    assert(status == STATUS_OK); /* the engine keeps the limits */
    (void)status;
    send_frame(
        loop, effect, effect->frame.type, (struct span){loop->frame, size});
}

/* What the shelf has of an envelope.  What is damaged there the engine is told
 * of, so that it may come again. */
static bool get_stored(struct relay_loop *loop, const struct envelope_id *id,
    struct shelf_row *row)
{
    uint64_t damaged = shelf_store_damaged(loop->shelf);
    enum status status = shelf_store_get(loop->shelf, id, row);
    if (shelf_store_damaged(loop->shelf) > damaged &&
        loop->lost_count < RELAY_LOST_MAXIMUM)
        loop->lost[loop->lost_count++] = *id;
    return status == STATUS_OK && row->state == SHELF_ROW_STORED;
}

/* The PUSH frame of a stored envelope, borrowed until the next is sought. */
static bool find_push(struct relay_loop *loop, const struct envelope_id *id,
    struct transport_frame *out)
{
    struct shelf_row row;
    struct envelope envelope;
    if (recent_find(&loop->recent, id, out))
        return true;
    return get_stored(loop, id, &row) &&
           envelope_decode(row.encoding, &envelope) == STATUS_OK &&
           remember(loop, id, &envelope) && recent_find(&loop->recent, id, out);
}

/* Whether an effect of the list is the last of those that push its envelope,
 * which come one after the other. */
static bool is_last_push(
    const struct relay_effects *effects, const struct relay_effect *effect)
{
    const struct relay_effect *next = effect + 1;
    return next == effects->list + effects->count || next->kind != RELAY_PUSH ||
           !envelope_id_equal(&next->id, &effect->id);
}

static void push(struct relay_loop *loop, const struct relay_effect *effect)
{
    struct transport_frame frame;
    if (!find_push(loop, &effect->id, &frame))
        return;
    frame.is_last = is_last_push(&loop->effects, effect);
    frame.forward = effect->is_forward ? &effect->id : NULL;
    const struct place place = {
        lanes_of(FRAME_PUSH, effect->urgent, effect->from), FRAME_PUSH};
    if (offer_frame(loop, effect->link, &place, &frame))
        return;
    if (loop->dropped_push_count < RELAY_DROPPED_PUSHES)
        loop->dropped_pushes[loop->dropped_push_count++] =
            (struct dropped_push){effect->link, effect->id};
    else
        note_dropped(loop, effect->link);
}

/* The same envelope in the other frame. */
static void stem(struct relay_loop *loop, const struct relay_effect *effect)
{
    struct transport_frame push;
    struct frame frame;
    size_t size;
    if (!find_push(loop, &effect->id, &push) ||
        frame_decode(push.bytes, &loop->scratch, &frame))
        return;
    frame.type = FRAME_STEM;
    if (frame_encode(&frame, loop->frame, sizeof(loop->frame), &size) ==
        STATUS_OK)
        send_frame(loop, effect, FRAME_STEM, (struct span){loop->frame, size});
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
    struct transport_frame push;
    struct frame frame;
    if (!loop->port || !find_push(loop, &effect->id, &push) ||
        frame_decode(push.bytes, &loop->scratch, &frame))
        return;
    const struct port_message message = {.type = PORT_ENVELOPE,
        .envelope = {.id = effect->id, .envelope = frame.push.envelope}};
    to_vault(loop, &message);
}

static void find(struct relay_loop *loop, const struct relay_effect *effect)
{
    struct shelf_row row;
    struct envelope envelope;
    if (!loop->port)
        return;
    shelf_store_walk(loop->shelf, &effect->tag);
    while (shelf_store_next(loop->shelf, &row) == STATUS_OK) {
        if (envelope_decode(row.encoding, &envelope))
            continue;
        const struct port_message message = {.type = PORT_ENVELOPE,
            .envelope = {.id = row.id, .envelope = &envelope}};
        to_vault(loop, &message);
    }
}

/* Without memory it is not made, and the letter goes as it is. */
static void stamp(struct relay_loop *loop, const struct relay_effect *effect)
{
    if (stamper_make(loop->stamper, &effect->id, effect->stamp.expires_h,
            effect->stamp.bits))
        log_line(LOG_LEVEL_ERROR, "no memory for a stamp");
}

static void dial(struct relay_loop *loop, const struct relay_effect *effect)
{
    if (transport_dial(loop->transport, effect->dial.endpoint,
            &effect->dial.key, effect->dial.target) == STATUS_OK)
        return;
    assert(loop->failed_count < LIMIT_DIAL_TARGETS);
    loop->failed[loop->failed_count++] = effect->dial.target;
}

/* A disk that is full costs no letter: the file is as it was. */
static void note_kept(
    const char *path, enum status status, const char *loss, bool *has_failed)
{
    if (status && !*has_failed)
        log_line(LOG_LEVEL_ERROR, "%s: %s; a restart would %s", path,
            strerror(errno), loss);
    *has_failed = status != STATUS_OK;
}

static void keep_nodes(
    struct relay_loop *loop, const struct relay_effect *effect)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/peers", loop->paths->relay_dir);
    note_kept(path,
        peers_file_write(path, effect->keep.count, effect->keep.nodes),
        "know fewer nodes", &loop->peers_failed);
}

static void keep_scores(
    struct relay_loop *loop, const struct relay_effect *effect)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/scores", loop->paths->relay_dir);
    note_kept(path,
        scores_file_write(
            path, effect->keep_scores.count, effect->keep_scores.scores),
        "forgive nodes", &loop->scores_failed);
}

static void tell_handed(
    struct relay_loop *loop, const struct relay_effect *effect)
{
    const struct port_message message = {.type = PORT_HANDED,
        .handed = {.id = effect->id, .peers = effect->peers}};
    to_vault(loop, &message);
}

static void tell_cleared(
    struct relay_loop *loop, const struct relay_effect *effect)
{
    const struct port_message message = {.type = PORT_CLEARED,
        .receipt = {.id = effect->id, .opening = effect->opening}};
    to_vault(loop, &message);
}

static void tell_refused(
    struct relay_loop *loop, const struct relay_effect *effect)
{
    const struct port_message message = {.type = PORT_REFUSED,
        .refused = {.id = effect->id, .reason = (uint32_t)effect->reason}};
    to_vault(loop, &message);
}

static void tell_waits(
    struct relay_loop *loop, const struct relay_effect *effect)
{
    const struct port_message message = {.type = PORT_WAITS,
        .waits = {.id = effect->id, .bits = effect->stamp.bits}};
    to_vault(loop, &message);
}

void relay_perform(struct relay_loop *loop, const struct relay_effect *effect)
{
    switch (effect->kind) {
    case RELAY_SEND:
        send_plain(loop, effect);
        break;
    case RELAY_PUSH:
        push(loop, effect);
        break;
    case RELAY_STEM:
        stem(loop, effect);
        break;
    case RELAY_STORE:
    case RELAY_RESTAMP:
    case RELAY_CLEAR:
    case RELAY_EVICT:
    case RELAY_FORGET:
    case RELAY_CHECK:
        break; /* written, or answered, when they came */
    case RELAY_STAMP:
        stamp(loop, effect);
        break;
    case RELAY_DELIVER:
        deliver(loop, effect);
        break;
    case RELAY_FIND:
        find(loop, effect);
        break;
    case RELAY_HANDED:
        tell_handed(loop, effect);
        break;
    case RELAY_CLEARED:
        tell_cleared(loop, effect);
        break;
    case RELAY_REFUSED:
        tell_refused(loop, effect);
        break;
    case RELAY_WAITS:
        tell_waits(loop, effect);
        break;
    case RELAY_IMPORTED:
        if (loop->importing)
            relay_tally(loop->importing, &effect->import);
        break;
    case RELAY_DIAL:
        dial(loop, effect);
        break;
    case RELAY_HANGUP:
        if (loop->shape)
            transport_shape_hangup(loop->shape, effect->link);
        transport_hangup(loop->transport, effect->link, true);
        break;
    case RELAY_UNDIAL:
        transport_undial(loop->transport, effect->dial.target);
        break;
    case RELAY_KEEP_NODES:
        keep_nodes(loop, effect);
        break;
    case RELAY_KEEP_SCORES:
        keep_scores(loop, effect);
        break;
    }
}
