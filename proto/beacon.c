/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beacons: anyone on the network can send one, so nothing in it is believed
 * beyond "it may be worth dialling there". */
#include "proto/beacon.h"

#include <assert.h>

#include "proto/wire.h"

enum { BEACON_FIELDS = 5, SEALED_FIELDS = 4 };

static const char beacon_magic[] = "sotto";

/* Later versions may have other fields behind the version. */
static enum status other_version(struct wire_reader *reader, size_t fields)
{
    for (size_t i = 2; i < fields; i++)
        wire_read_skip(reader);
    enum status status = wire_read_done(reader);
    return status ? status : STATUS_NOT_FOUND;
}

/* What stands before the fields of a version that is looked for. */
static enum status read_head(struct wire_reader *reader, struct span bytes,
    uint64_t wanted, size_t wanted_fields)
{
    wire_read_init(reader, bytes);
    size_t fields = wire_read_array(reader, SIZE_MAX);
    struct span magic = wire_read_text(reader, sizeof(beacon_magic) - 1);
    uint64_t version = wire_read_uint(reader, UINT64_MAX);
    if (reader->failed || !span_equal(magic, span_of_text(beacon_magic)))
        return STATUS_INVALID;
    if (version != wanted)
        return other_version(reader, fields);
    return fields == wanted_fields ? STATUS_OK : STATUS_INVALID;
}

static void write_head(
    struct wire_writer *writer, uint8_t *out, uint64_t version, size_t fields)
{
    wire_write_init(writer, out,
        version == BEACON_VERSION ? BEACON_OPEN_BYTES : BEACON_MAXIMUM_BYTES);
    wire_write_array(writer, fields);
    wire_write_text(writer, span_of_text(beacon_magic));
    wire_write_uint(writer, version);
}

enum status beacon_datagram_decode(
    struct span bytes, struct beacon_datagram *out)
{
    struct wire_reader reader;
    enum status head = read_head(&reader, bytes, BEACON_VERSION, BEACON_FIELDS);
    if (head)
        return head;
    struct beacon_datagram beacon = {0};
    wire_read_fixed(&reader, beacon.node.bytes, sizeof(beacon.node.bytes));
    beacon.port = (uint16_t)wire_read_uint(&reader, UINT16_MAX);
    wire_read_fixed(&reader, beacon.boot, sizeof(beacon.boot));
    if (beacon.port == 0)
        return STATUS_INVALID;
    enum status status = wire_read_done(&reader);
    if (status)
        return status;
    *out = beacon;
    return STATUS_OK;
}

size_t beacon_datagram_encode(
    const struct beacon_datagram *beacon, uint8_t out[static BEACON_OPEN_BYTES])
{
    assert(beacon->port != 0);
    struct wire_writer writer;
    write_head(&writer, out, BEACON_VERSION, BEACON_FIELDS);
    wire_write_bytes(
        &writer, (struct span){beacon->node.bytes, sizeof(beacon->node.bytes)});
    wire_write_uint(&writer, beacon->port);
    wire_write_bytes(
        &writer, (struct span){beacon->boot, sizeof(beacon->boot)});
    size_t size = 0;
    enum status status = wire_write_done(&writer, &size);
    assert(status == STATUS_OK);
    return size;
}

enum status beacon_sealed_decode(struct span bytes, struct beacon_sealed *out)
{
    struct wire_reader reader;
    enum status status =
        read_head(&reader, bytes, BEACON_SEALED_VERSION, SEALED_FIELDS);
    if (status)
        return status;
    struct beacon_sealed beacon = {.salt = {0}};
    wire_read_fixed(&reader, beacon.salt, sizeof(beacon.salt));
    wire_read_fixed(&reader, beacon.entries[0], sizeof(beacon.entries));
    status = wire_read_done(&reader);
    if (!status)
        *out = beacon;
    return status;
}

size_t beacon_sealed_encode(const struct beacon_sealed *beacon,
    uint8_t out[static BEACON_MAXIMUM_BYTES])
{
    struct wire_writer writer;
    write_head(&writer, out, BEACON_SEALED_VERSION, SEALED_FIELDS);
    wire_write_bytes(
        &writer, (struct span){beacon->salt, sizeof(beacon->salt)});
    wire_write_bytes(
        &writer, (struct span){beacon->entries[0], sizeof(beacon->entries)});
    size_t size = 0;
    enum status status = wire_write_done(&writer, &size);
    assert(status == STATUS_OK);
    return size;
}
