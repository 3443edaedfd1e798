/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames: one row of a table for each type, with how it is read and written.
 *
 * Whatever one of these functions writes it also reads, and the other way
 * round: a frame has one encoding.  A reader runs straight through and is
 * asked once at the end whether all of it fitted; a writer checks its limits
 * first and then writes.  Reconciliation is in ranges.c, membership in
 * frame_member.c. */
#include "proto/frame.h"

#include <assert.h>

#include "proto/frame_inside.h"
#include "proto/wire.h"

static void hello_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame *frame)
{
    (void)scratch;
    struct frame_hello *hello = &frame->hello;
    hello->version = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    wire_read_fixed(reader, hello->node.bytes, sizeof(hello->node.bytes));
    hello->features = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    wire_read_array_of(reader, 0);
    hello->endpoint_count = wire_read_array(reader, LIMIT_HELLO_ENDPOINTS);
    for (size_t i = 0; i < hello->endpoint_count; i++)
        hello->endpoints[i] = wire_read_text(reader, LIMIT_ENDPOINT_BYTES);
    hello->clock_s = wire_read_uint(reader, LIMIT_TIME_S);
}

static enum status hello_check(const struct frame_hello *hello)
{
    if (hello->zone_count || hello->endpoint_count > LIMIT_HELLO_ENDPOINTS ||
        hello->clock_s > LIMIT_TIME_S)
        return STATUS_TOO_LARGE;
    for (size_t i = 0; i < hello->endpoint_count; i++) {
        if (hello->endpoints[i].size > LIMIT_ENDPOINT_BYTES)
            return STATUS_TOO_LARGE;
        if (!wire_is_utf8(hello->endpoints[i]))
            return STATUS_INVALID;
    }
    return STATUS_OK;
}

static enum status hello_write(
    struct wire_writer *writer, const struct frame *frame)
{
    const struct frame_hello *hello = &frame->hello;
    enum status status = hello_check(hello);
    if (status)
        return status;
    wire_write_uint(writer, hello->version);
    wire_write_bytes(
        writer, (struct span){hello->node.bytes, sizeof(hello->node.bytes)});
    wire_write_uint(writer, hello->features);
    wire_write_array(writer, 0);
    wire_write_array(writer, hello->endpoint_count);
    for (size_t i = 0; i < hello->endpoint_count; i++)
        wire_write_text(writer, hello->endpoints[i]);
    wire_write_uint(writer, hello->clock_s);
    return STATUS_OK;
}

static void ping_read(struct wire_reader *reader, struct frame_scratch *scratch,
    struct frame *frame)
{
    (void)scratch;
    frame->ping.nonce = wire_read_uint(reader, UINT64_MAX);
}

static enum status ping_write(
    struct wire_writer *writer, const struct frame *frame)
{
    wire_write_uint(writer, frame->ping.nonce);
    return STATUS_OK;
}

static void disconnect_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame *frame)
{
    (void)scratch;
    frame->disconnect.reason = (uint32_t)wire_read_uint(reader, UINT32_MAX);
}

static enum status disconnect_write(
    struct wire_writer *writer, const struct frame *frame)
{
    wire_write_uint(writer, frame->disconnect.reason);
    return STATUS_OK;
}

static void terms_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame *frame)
{
    (void)scratch;
    struct frame_terms *terms = &frame->terms;
    terms->least = (uint8_t)wire_read_uint(reader, LIMIT_STAMP_VALUE);
    terms->asked = (uint8_t)wire_read_uint(reader, LIMIT_STAMP_VALUE);
    terms->rate_bytes_s = (uint32_t)wire_read_uint(reader, UINT32_MAX);
}

static enum status terms_write(
    struct wire_writer *writer, const struct frame *frame)
{
    const struct frame_terms *terms = &frame->terms;
    if (terms->least > LIMIT_STAMP_VALUE || terms->asked > LIMIT_STAMP_VALUE)
        return STATUS_TOO_LARGE;
    wire_write_uint(writer, terms->least);
    wire_write_uint(writer, terms->asked);
    wire_write_uint(writer, terms->rate_bytes_s);
    return STATUS_OK;
}

static void push_read(struct wire_reader *reader, struct frame_scratch *scratch,
    struct frame *frame)
{
    struct span encoding = wire_read_bytes(reader, LIMIT_ENVELOPE_BYTES);
    if (envelope_decode(encoding, &scratch->envelope))
        reader->failed = true;
    frame->push.envelope = &scratch->envelope;
}

static enum status push_write(
    struct wire_writer *writer, const struct frame *frame)
{
    const struct envelope *envelope = frame->push.envelope;
    assert(envelope->encoding.size == envelope_class_bytes(envelope->class_));
    wire_write_bytes(writer, envelope->encoding);
    return STATUS_OK;
}

static void ids_read(struct wire_reader *reader, struct frame_scratch *scratch,
    struct frame *frame)
{
    size_t count = wire_read_array(reader, LIMIT_FRAME_IDS);
    if (count == 0)
        reader->failed = true;
    for (size_t i = 0; i < count; i++)
        wire_read_fixed(
            reader, scratch->ids[i].bytes, sizeof(scratch->ids[i].bytes));
    frame->ids = (struct frame_ids){count, scratch->ids};
}

static enum status ids_write(
    struct wire_writer *writer, const struct frame *frame)
{
    const struct frame_ids *list = &frame->ids;
    if (list->count == 0)
        return STATUS_INVALID;
    if (list->count > LIMIT_FRAME_IDS)
        return STATUS_TOO_LARGE;
    wire_write_array(writer, list->count);
    for (size_t i = 0; i < list->count; i++)
        wire_write_bytes(writer,
            (struct span){list->ids[i].bytes, sizeof(list->ids[i].bytes)});
    return STATUS_OK;
}

static void bare_read(struct wire_reader *reader, struct frame_scratch *scratch,
    struct frame *frame)
{
    (void)reader;
    (void)scratch;
    (void)frame;
}

static enum status bare_write(
    struct wire_writer *writer, const struct frame *frame)
{
    (void)writer;
    (void)frame;
    return STATUS_OK;
}

static void reconcile_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame *frame)
{
    ranges_read(reader, &scratch->ranges, &frame->reconcile);
}

static enum status reconcile_write(
    struct wire_writer *writer, const struct frame *frame)
{
    return ranges_write(writer, &frame->reconcile);
}

static void receipt_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame *frame)
{
    (void)scratch;
    struct frame_receipt *receipt = &frame->receipt;
    wire_read_fixed(reader, receipt->id.bytes, sizeof(receipt->id.bytes));
    wire_read_fixed(
        reader, receipt->opening.bytes, sizeof(receipt->opening.bytes));
}

static enum status receipt_write(
    struct wire_writer *writer, const struct frame *frame)
{
    const struct frame_receipt *receipt = &frame->receipt;
    wire_write_bytes(
        writer, (struct span){receipt->id.bytes, sizeof(receipt->id.bytes)});
    wire_write_bytes(writer,
        (struct span){receipt->opening.bytes, sizeof(receipt->opening.bytes)});
    return STATUS_OK;
}

static const struct frame_row {
    enum frame_type type;
    const char *name;
    size_t elements; /* of the array, the type among them */
    size_t maximum;  /* bytes of the whole frame */
    void (*read)(struct wire_reader *, struct frame_scratch *, struct frame *);
    enum status (*write)(struct wire_writer *, const struct frame *);
} frame_rows[] = {
    {FRAME_HELLO, "hello", 7, LIMIT_FRAME_BYTES, hello_read, hello_write},
    {FRAME_PING, "ping", 2, LIMIT_FRAME_BYTES, ping_read, ping_write},
    {FRAME_PONG, "pong", 2, LIMIT_FRAME_BYTES, ping_read, ping_write},
    {FRAME_DISCONNECT, "disconnect", 2, LIMIT_FRAME_BYTES, disconnect_read,
        disconnect_write},
    {FRAME_JOIN, "join", 1, LIMIT_FRAME_BYTES, bare_read, bare_write},
    {FRAME_FORWARD_JOIN, "forward-join", 3, LIMIT_FRAME_BYTES,
        frame_forward_join_read, frame_forward_join_write},
    {FRAME_NEIGHBOR, "neighbor", 2, LIMIT_FRAME_BYTES, frame_neighbor_read,
        frame_neighbor_write},
    {FRAME_NEIGHBOR_REPLY, "neighbor-reply", 3, LIMIT_FRAME_BYTES,
        frame_neighbor_reply_read, frame_neighbor_reply_write},
    {FRAME_SHUFFLE, "shuffle", 4, LIMIT_FRAME_BYTES, frame_shuffle_read,
        frame_shuffle_write},
    {FRAME_SHUFFLE_REPLY, "shuffle-reply", 3, LIMIT_FRAME_BYTES,
        frame_shuffle_read, frame_shuffle_write},
    {FRAME_TERMS, "terms", 4, LIMIT_FRAME_BYTES, terms_read, terms_write},
    {FRAME_PUSH, "push", 2, LIMIT_FRAME_BYTES, push_read, push_write},
    {FRAME_IHAVE, "ihave", 2, LIMIT_FRAME_BYTES, ids_read, ids_write},
    {FRAME_GRAFT, "graft", 2, LIMIT_FRAME_BYTES, ids_read, ids_write},
    {FRAME_PRUNE, "prune", 1, LIMIT_FRAME_BYTES, bare_read, bare_write},
    {FRAME_IDONTWANT, "idontwant", 2, LIMIT_FRAME_BYTES, ids_read, ids_write},
    {FRAME_WANT, "want", 2, LIMIT_FRAME_BYTES, ids_read, ids_write},
    {FRAME_STEM, "stem", 2, LIMIT_FRAME_BYTES, push_read, push_write},
    {FRAME_DECLINED, "declined", 2, LIMIT_FRAME_BYTES, ids_read, ids_write},
    {FRAME_RECONCILE, "reconcile", 4, LIMIT_RECONCILE_BYTES, reconcile_read,
        reconcile_write},
    {FRAME_UNKEPT, "unkept", 2, LIMIT_FRAME_BYTES, ids_read, ids_write},
    {FRAME_RECEIPT, "receipt", 3, LIMIT_FRAME_BYTES, receipt_read,
        receipt_write},
    {FRAME_STEM_RECEIPT, "stem-receipt", 3, LIMIT_FRAME_BYTES, receipt_read,
        receipt_write},
    {FRAME_CLEARED, "cleared", 2, LIMIT_FRAME_BYTES, ids_read, ids_write},
};

static const struct frame_row *row_find(uint64_t type)
{
    for (size_t i = 0; i < sizeof(frame_rows) / sizeof(frame_rows[0]); i++)
        if ((uint64_t)frame_rows[i].type == type)
            return &frame_rows[i];
    return NULL;
}

enum status frame_decode(
    struct span bytes, struct frame_scratch *scratch, struct frame *out)
{
    if (bytes.size > LIMIT_FRAME_BYTES)
        return STATUS_INVALID;
    struct wire_reader reader;
    wire_read_init(&reader, bytes);
    size_t elements = wire_read_array(&reader, SIZE_MAX);
    uint64_t type = wire_read_uint(&reader, UINT64_MAX);
    if (reader.failed)
        return STATUS_INVALID;
    const struct frame_row *row = row_find(type);
    if (!row)
        return wire_read_unknown(&reader, elements);
    if (elements != row->elements || bytes.size > row->maximum)
        return STATUS_INVALID;

    struct frame frame = {.type = row->type};
    row->read(&reader, scratch, &frame);
    enum status status = wire_read_done(&reader);
    if (status)
        return status;
    *out = frame;
    return STATUS_OK;
}

enum status frame_encode(
    const struct frame *frame, uint8_t *out, size_t capacity, size_t *size)
{
    const struct frame_row *row = row_find(frame->type);
    assert(row);
    struct wire_writer writer;
    wire_write_init(
        &writer, out, capacity < row->maximum ? capacity : row->maximum);
    wire_write_array(&writer, row->elements);
    wire_write_uint(&writer, row->type);
    enum status status = row->write(&writer, frame);
    return status ? status : wire_write_done(&writer, size);
}

/* A list of ids weighs what its count says, a receipt always the same, and
 * ranges what they have: in a mesh most frames are such, and need not be
 * written to be weighed. */
static size_t ids_bytes(const struct frame *frame)
{
    size_t count = frame->ids.count;
    if (count == 0 || count > LIMIT_FRAME_IDS)
        return 0;
    return wire_array_size(2) + wire_uint_size(frame->type) +
           wire_array_size(count) +
           count * wire_bytes_size(sizeof(struct envelope_id));
}

static size_t receipt_bytes(const struct frame *frame)
{
    return wire_array_size(3) + wire_uint_size(frame->type) +
           wire_bytes_size(sizeof(struct envelope_id)) +
           wire_bytes_size(sizeof(struct opening));
}

static size_t reconcile_bytes(const struct frame *frame)
{
    size_t ranges = ranges_bytes(&frame->reconcile);
    size_t size = wire_array_size(4) + wire_uint_size(frame->type) + ranges;
    return ranges == 0 || size > LIMIT_RECONCILE_BYTES ? 0 : size;
}

size_t frame_bytes(const struct frame *frame)
{
    if (frame_has_ids(frame->type))
        return ids_bytes(frame);
    if (frame->type == FRAME_RECEIPT || frame->type == FRAME_STEM_RECEIPT)
        return receipt_bytes(frame);
    if (frame->type == FRAME_RECONCILE)
        return reconcile_bytes(frame);
    size_t size = 0;
    enum status status = frame_encode(frame, NULL, SIZE_MAX, &size);
    return status ? 0 : size;
}

const struct frame_nodes *frame_nodes_of(const struct frame *frame)
{
    if (frame->type == FRAME_NEIGHBOR_REPLY)
        return &frame->neighbor_reply.list;
    if (frame->type == FRAME_SHUFFLE || frame->type == FRAME_SHUFFLE_REPLY)
        return &frame->shuffle.list;
    return NULL;
}

const char *frame_type_name(enum frame_type type)
{
    const struct frame_row *row = row_find(type);
    return row ? row->name : NULL;
}
