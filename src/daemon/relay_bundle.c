/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bundle is made and read here, and written and fetched by the command line,
 * which alone can reach a stick.  Nothing is kept between two pieces: no
 * client can leave half a bundle behind, and many may carry at once.
 *
 * What is wrong in a piece ends it there; the records before it are taken.  A
 * piece is answered when what it brought is committed. */
#include "config.h"

#include "daemon/relay_bundle.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/bundle.h"
#include "crypto/stamp.h"
#include "daemon/answer.h"
#include "daemon/relay_loop.h"
#include "platform/clock.h"
#include "proto/digest.h"

enum {
    PIECE_BYTES = CONTROL_DATA_CHARS / 2,
    LIST_ITEMS = 2048,
    ID_BYTES = sizeof(struct envelope_id),
};
static_assert(PIECE_BYTES >= BUNDLE_CHECK_BYTES + BUNDLE_RECORD_BYTES &&
                  PIECE_BYTES >= LIST_ITEMS * DIGEST_ITEM_BYTES,
    "a piece has room for any record");

/* One request's memory. */
struct piece {
    uint8_t in[PIECE_BYTES];
    size_t in_bytes;
    uint8_t out[PIECE_BYTES];
    size_t out_bytes;
    char text[CONTROL_DATA_CHARS + 1];
    struct bundle_check check; /* of the record before */
    struct span rest;          /* of in, behind the check */
};

/* The request's data, as bytes; NULL when the client was told why not. */
static struct piece *piece_new(struct relay_loop *loop, uint64_t client,
    const struct control_request *request)
{
    struct piece *piece = calloc(1, sizeof(*piece));
    if (!piece) {
        answer_error(
            loop->ipc, client, request->id, STATUS_NO_MEMORY, "no memory");
        return NULL;
    }
    piece->in_bytes = request->data.size / 2;
    if (request->data.size > 0 && hex_decode((const char *)request->data.data,
                                      piece->in, piece->in_bytes)) {
        answer_error(loop->ipc, client, request->id, STATUS_INVALID,
            "data is not hexadecimal");
        free(piece);
        return NULL;
    }
    return piece;
}

/* The same, where a check comes first. */
static struct piece *piece_of_chain(struct relay_loop *loop, uint64_t client,
    const struct control_request *request)
{
    struct piece *piece = piece_new(loop, client, request);
    if (!piece)
        return NULL;
    if (piece->in_bytes < BUNDLE_CHECK_BYTES) {
        answer_error(loop->ipc, client, request->id, STATUS_INVALID,
            "data begins with a check of 16 bytes, zeros for the first");
        free(piece);
        return NULL;
    }
    memcpy(piece->check.bytes, piece->in, BUNDLE_CHECK_BYTES);
    piece->rest = (struct span){
        piece->in + BUNDLE_CHECK_BYTES, piece->in_bytes - BUNDLE_CHECK_BYTES};
    return piece;
}

static struct span piece_text(struct piece *piece)
{
    hex_encode((struct span){piece->out, piece->out_bytes}, piece->text);
    return span_of_text(piece->text);
}

static void answer_part(struct relay_loop *loop, uint64_t client,
    struct control_reply *reply, struct piece *piece)
{
    reply->kind = CONTROL_PART;
    reply->part.data = piece_text(piece);
    answer(loop->ipc, client, reply);
    free(piece);
}

/* The engine says what is here: an envelope on its stem is not. */
static bool is_carried(
    const struct relay_loop *loop, const struct shelf_row *row)
{
    enum shelf_state state;
    return row->state != SHELF_ROW_EVICTED &&
           relay_knows(loop->relay, &row->id, &state) &&
           (uint64_t)row->expires_h + LIMIT_CLOCK_SKEW_H >=
               clock_wall_s() / HOUR_S;
}

static void add_item(
    struct piece *piece, const struct envelope_id *id, enum item_state state)
{
    const struct digest_item item = {.id = *id, .state = (uint8_t)state};
    digest_item_encode(&item, piece->out + piece->out_bytes);
    piece->out_bytes += DIGEST_ITEM_BYTES;
}

void relay_bundle_list(struct relay_loop *loop, uint64_t client,
    const struct control_request *request)
{
    struct control_reply reply = {.id = request->id};
    struct envelope_id behind = {{0}};
    struct shelf_row row;
    struct piece *piece = piece_new(loop, client, request);
    if (!piece)
        return;
    if (piece->in_bytes == ID_BYTES)
        memcpy(behind.bytes, piece->in, ID_BYTES);
    enum status status = STATUS_OK;
    shelf_store_walk_behind(loop->shelf, &behind);
    while (!status && reply.part.next < LIST_ITEMS) {
        status = shelf_store_next(loop->shelf, &row);
        if (status || !is_carried(loop, &row))
            continue;
        add_item(piece, &row.id,
            row.state == SHELF_ROW_CLEARED ? ITEM_CLEARED : ITEM_STORED);
        reply.part.next++;
    }
    if (status) /* the end; or a disk that fails, of which the log tells */
        reply.part.next = 0;
    answer_part(loop, client, &reply, piece);
}

/* What is here of an id, as a record; false when there is nothing. */
static bool record_of(struct relay_loop *loop, const struct envelope_id *id,
    struct bundle_record *out)
{
    struct shelf_row row;
    if (shelf_store_get(loop->shelf, id, &row) || !is_carried(loop, &row))
        return false;
    if (row.state == SHELF_ROW_CLEARED) {
        *out = (struct bundle_record){.kind = BUNDLE_RECEIPT,
            .receipt = {.id = *id, .opening = row.opening}};
        return true;
    }
    *out = (struct bundle_record){.kind = BUNDLE_ENVELOPE};
    return envelope_decode(row.encoding, &out->envelope) == STATUS_OK;
}

static bool append(struct piece *piece, const struct bundle_record *record)
{
    size_t size;
    if (bundle_append(&piece->check, record, piece->out + piece->out_bytes,
            sizeof(piece->out) - piece->out_bytes, &size))
        return false;
    piece->out_bytes += size;
    return true;
}

void relay_bundle_get(struct relay_loop *loop, uint64_t client,
    const struct control_request *request)
{
    struct control_reply reply = {.id = request->id};
    struct bundle_record record = {
        .kind = BUNDLE_END, .count = request->cursor};
    struct piece *piece = piece_of_chain(loop, client, request);
    if (!piece)
        return;
    size_t count = piece->rest.size / ID_BYTES;
    if (count == 0)
        append(piece, &record);
    for (; reply.part.next < count; reply.part.next++) {
        struct envelope_id id;
        memcpy(
            id.bytes, piece->rest.data + reply.part.next * ID_BYTES, ID_BYTES);
        if (record_of(loop, &id, &record) && !append(piece, &record))
            break;
    }
    answer_part(loop, client, &reply, piece);
}

static void import(struct relay_loop *loop, const struct bundle_record *record,
    const struct envelope_id *id)
{
    struct relay_event event = relay_state_event(RELAY_IMPORT);
    event.import.id = *id;
    if (record->kind == BUNDLE_ENVELOPE) {
        event.import.envelope = &record->envelope;
        event.import.is_genuine = stamp_check(id, record->envelope.expires_h,
                                      record->envelope.stamp) == STATUS_OK;
    } else {
        event.import.opening = record->receipt.opening;
    }
    relay_loop_step(loop, &event);
}

static void take_end(const struct control_request *request,
    const struct bundle_record *record, struct control_bundle *tally)
{
    if (record->count != request->cursor + tally->records)
        tally->fault =
            span_of_text("the end counts other records than there are");
    else
        tally->ended = true;
}

/* One record; false when nothing more is to be read. */
static bool take_record(struct relay_loop *loop, struct piece *piece,
    const struct control_request *request, struct control_bundle *tally)
{
    struct bundle_record record;
    struct envelope_id id;
    const char *why = "";
    struct span rest = {
        piece->rest.data + tally->bytes, piece->rest.size - tally->bytes};
    enum status status = bundle_take(&piece->check, rest, &record, &id, &why);
    if (status != STATUS_OK) {
        tally->fault = span_of_text(why);
        return false;
    }
    if (record.kind == BUNDLE_END) {
        take_end(request, &record, tally);
        tally->bytes += tally->ended ? record.bytes : 0;
        return false;
    }
    if (request->peek)
        add_item(piece, &id,
            record.kind == BUNDLE_RECEIPT ? ITEM_CLEARED : ITEM_STORED);
    else
        import(loop, &record, &id);
    tally->bytes += record.bytes;
    tally->records++;
    return true;
}

static void take_all(struct relay_loop *loop, struct piece *piece,
    const struct control_request *request, struct control_bundle *tally)
{
    loop->importing = tally;
    loop->commit_now = true;
    while (take_record(loop, piece, request, tally))
        continue;
    relay_loop_end_turn(loop);
    loop->importing = NULL;
}

void relay_bundle_put(struct relay_loop *loop, uint64_t client,
    const struct control_request *request)
{
    struct control_reply reply = {.kind = CONTROL_BUNDLE, .id = request->id};
    struct piece *piece = piece_of_chain(loop, client, request);
    if (!piece)
        return;
    if (!loop->disk_failed || request->peek)
        take_all(loop, piece, request, &reply.bundle);
    if (loop->disk_failed && !request->peek) {
        answer_error(loop->ipc, client, request->id, STATUS_FULL,
            "the relay's disk takes no more (see its log)");
    } else {
        hex_encode((struct span){piece->check.bytes, BUNDLE_CHECK_BYTES},
            reply.bundle.check);
        reply.bundle.data = piece_text(piece);
        answer(loop->ipc, client, &reply);
    }
    free(piece);
}
