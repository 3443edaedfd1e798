/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The letterbox's messages, in the same form as frames: one row for each
 * type.  The two processes guard against each other, so a message from the
 * own vault or relay is read as strictly as a stranger's. */
#include "proto/port.h"

#include <assert.h>
#include <string.h>

#include "proto/wire.h"

static_assert(sizeof(struct beacon_key) == 40, "as it travels");

static void envelope_read(struct wire_reader *reader,
    struct port_scratch *scratch, struct port_message *message)
{
    struct span encoding = wire_read_bytes(reader, LIMIT_ENVELOPE_BYTES);
    if (envelope_decode(encoding, &scratch->envelope))
        reader->failed = true;
    message->envelope.envelope = &scratch->envelope;
}

static void envelope_write(
    struct wire_writer *writer, const struct port_message *message)
{
    const struct envelope *envelope = message->envelope.envelope;
    assert(envelope->encoding.size == envelope_class_bytes(envelope->class_));
    wire_write_bytes(writer, envelope->encoding);
}

static void submit_read(struct wire_reader *reader,
    struct port_scratch *scratch, struct port_message *message)
{
    envelope_read(reader, scratch, message);
    message->envelope.urgent = wire_read_bool(reader);
}

static void submit_write(
    struct wire_writer *writer, const struct port_message *message)
{
    envelope_write(writer, message);
    wire_write_bool(writer, message->envelope.urgent);
}

static void receipt_read(struct wire_reader *reader,
    struct port_scratch *scratch, struct port_message *message)
{
    (void)scratch;
    wire_read_fixed(
        reader, message->receipt.id.bytes, sizeof(message->receipt.id.bytes));
    wire_read_fixed(reader, message->receipt.opening.bytes,
        sizeof(message->receipt.opening.bytes));
}

static void receipt_write(
    struct wire_writer *writer, const struct port_message *message)
{
    wire_write_bytes(writer, (struct span){message->receipt.id.bytes,
                                 sizeof(message->receipt.id.bytes)});
    wire_write_bytes(writer, (struct span){message->receipt.opening.bytes,
                                 sizeof(message->receipt.opening.bytes)});
}

static void lookup_read(struct wire_reader *reader,
    struct port_scratch *scratch, struct port_message *message)
{
    size_t count = wire_read_array(reader, LIMIT_PORT_TAGS);
    if (count == 0)
        reader->failed = true;
    for (size_t i = 0; i < count; i++)
        wire_read_fixed(
            reader, scratch->tags[i].bytes, sizeof(scratch->tags[i].bytes));
    message->lookup.count = count;
    message->lookup.tags = scratch->tags;
}

static void lookup_write(
    struct wire_writer *writer, const struct port_message *message)
{
    wire_write_array(writer, message->lookup.count);
    for (size_t i = 0; i < message->lookup.count; i++)
        wire_write_bytes(writer, (struct span){message->lookup.tags[i].bytes,
                                     sizeof(message->lookup.tags[i].bytes)});
}

static void listen_read(struct wire_reader *reader,
    struct port_scratch *scratch, struct port_message *message)
{
    (void)scratch;
    message->listen = wire_read_bool(reader);
}

static void listen_write(
    struct wire_writer *writer, const struct port_message *message)
{
    wire_write_bool(writer, message->listen);
}

static bool keys_ascend(const struct beacon_key *keys, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (memcmp(keys[i - 1].tag, keys[i].tag, BEACON_TAG_BYTES) >= 0)
            return false;
    return true;
}

static void beacon_read(struct wire_reader *reader,
    struct port_scratch *scratch, struct port_message *message)
{
    message->beacon.epoch = (uint32_t)wire_read_uint(reader, UINT32_MAX);
    message->beacon.own = wire_read_bool(reader);
    struct span keys = wire_read_bytes(reader, sizeof(scratch->beacon_keys));
    size_t count = keys.size / sizeof(struct beacon_key);
    if (keys.size != count * sizeof(struct beacon_key)) {
        reader->failed = true;
        return;
    }
    if (count > 0)
        memcpy(scratch->beacon_keys, keys.data, keys.size);
    if (!keys_ascend(scratch->beacon_keys, count))
        reader->failed = true;
    message->beacon.count = count;
    message->beacon.keys = scratch->beacon_keys;
}

static void beacon_write(
    struct wire_writer *writer, const struct port_message *message)
{
    wire_write_uint(writer, message->beacon.epoch);
    wire_write_bool(writer, message->beacon.own);
    wire_write_bytes(
        writer, (struct span){(const uint8_t *)message->beacon.keys,
                    message->beacon.count * sizeof(struct beacon_key)});
}

static void handed_read(struct wire_reader *reader,
    struct port_scratch *scratch, struct port_message *message)
{
    (void)scratch;
    wire_read_fixed(
        reader, message->handed.id.bytes, sizeof(message->handed.id.bytes));
    message->handed.peers = (uint32_t)wire_read_uint(reader, UINT32_MAX);
}

static void handed_write(
    struct wire_writer *writer, const struct port_message *message)
{
    wire_write_bytes(writer, (struct span){message->handed.id.bytes,
                                 sizeof(message->handed.id.bytes)});
    wire_write_uint(writer, message->handed.peers);
}

static void refused_read(struct wire_reader *reader,
    struct port_scratch *scratch, struct port_message *message)
{
    (void)scratch;
    wire_read_fixed(
        reader, message->refused.id.bytes, sizeof(message->refused.id.bytes));
    message->refused.reason = (uint32_t)wire_read_uint(reader, UINT32_MAX);
}

static void refused_write(
    struct wire_writer *writer, const struct port_message *message)
{
    wire_write_bytes(writer, (struct span){message->refused.id.bytes,
                                 sizeof(message->refused.id.bytes)});
    wire_write_uint(writer, message->refused.reason);
}

static void waits_read(struct wire_reader *reader, struct port_scratch *scratch,
    struct port_message *message)
{
    (void)scratch;
    wire_read_fixed(
        reader, message->waits.id.bytes, sizeof(message->waits.id.bytes));
    message->waits.bits = (uint32_t)wire_read_uint(reader, LIMIT_STAMP_VALUE);
}

static void waits_write(
    struct wire_writer *writer, const struct port_message *message)
{
    wire_write_bytes(writer, (struct span){message->waits.id.bytes,
                                 sizeof(message->waits.id.bytes)});
    wire_write_uint(writer, message->waits.bits);
}

static const struct port_row {
    enum port_type type;
    size_t elements; /* of the array, the type among them */
    void (*read)(
        struct wire_reader *, struct port_scratch *, struct port_message *);
    void (*write)(struct wire_writer *, const struct port_message *);
} port_rows[] = {
    {PORT_SUBMIT, 3, submit_read, submit_write},
    {PORT_RELEASE, 3, receipt_read, receipt_write},
    {PORT_LOOKUP, 2, lookup_read, lookup_write},
    {PORT_LISTEN, 2, listen_read, listen_write},
    {PORT_BEACON, 4, beacon_read, beacon_write},
    {PORT_ENVELOPE, 2, envelope_read, envelope_write},
    {PORT_HANDED, 3, handed_read, handed_write},
    {PORT_CLEARED, 3, receipt_read, receipt_write},
    {PORT_REFUSED, 3, refused_read, refused_write},
    {PORT_WAITS, 3, waits_read, waits_write},
};

static const struct port_row *row_find(uint64_t type)
{
    for (size_t i = 0; i < sizeof(port_rows) / sizeof(port_rows[0]); i++)
        if ((uint64_t)port_rows[i].type == type)
            return &port_rows[i];
    return NULL;
}

enum status port_decode(
    struct span bytes, struct port_scratch *scratch, struct port_message *out)
{
    if (bytes.size > LIMIT_PORT_BYTES)
        return STATUS_INVALID;
    struct wire_reader reader;
    wire_read_init(&reader, bytes);
    size_t elements = wire_read_array(&reader, SIZE_MAX);
    uint64_t type = wire_read_uint(&reader, UINT64_MAX);
    if (reader.failed)
        return STATUS_INVALID;
    const struct port_row *row = row_find(type);
    if (!row)
        return wire_read_unknown(&reader, elements);
    if (elements != row->elements)
        return STATUS_INVALID;

    struct port_message message = {.type = row->type};
    row->read(&reader, scratch, &message);
    enum status status = wire_read_done(&reader);
    if (status)
        return status;
    *out = message;
    return STATUS_OK;
}

enum status port_encode(const struct port_message *message, uint8_t *out,
    size_t capacity, size_t *size)
{
    const struct port_row *row = row_find(message->type);
    assert(row);
    if (message->type == PORT_LOOKUP && message->lookup.count == 0)
        return STATUS_INVALID;
    if (message->type == PORT_LOOKUP && message->lookup.count > LIMIT_PORT_TAGS)
        return STATUS_TOO_LARGE;
    if (message->type == PORT_BEACON &&
        message->beacon.count > LIMIT_BEACON_KEYS)
        return STATUS_TOO_LARGE;
    if (message->type == PORT_BEACON &&
        !keys_ascend(message->beacon.keys, message->beacon.count))
        return STATUS_INVALID;
    struct wire_writer writer;
    wire_write_init(&writer, out,
        capacity < LIMIT_PORT_BYTES ? capacity : LIMIT_PORT_BYTES);
    wire_write_array(&writer, row->elements);
    wire_write_uint(&writer, row->type);
    row->write(&writer, message);
    return wire_write_done(&writer, size);
}
