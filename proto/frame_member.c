/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of membership.  A node travels as [key, address, port], the address
 * as the 4 or 16 bytes that the network has for it: a text would have several
 * forms, a name would have to be looked up, and neither can be checked by a
 * glance at its length.  Whether an address is fit to be dialled is for the
 * relay to judge, which knows over what link it came. */
#include "proto/frame.h"
#include "proto/frame_inside.h"
#include "proto/wire.h"

static void node_read(struct wire_reader *reader, struct node_address *out)
{
    *out = (struct node_address){0};
    wire_read_array_of(reader, 3);
    wire_read_fixed(reader, out->node.bytes, sizeof(out->node.bytes));
    struct span address = wire_read_bytes(reader, ADDRESS_IPV6_BYTES);
    if (address.size != ADDRESS_IPV4_BYTES &&
        address.size != ADDRESS_IPV6_BYTES)
        reader->failed = true;
    for (size_t i = 0; i < address.size; i++)
        out->address.bytes[i] = address.data[i];
    out->address.size = (uint8_t)address.size;
    out->address.port = (uint16_t)wire_read_uint(reader, UINT16_MAX);
    if (out->address.port == 0)
        reader->failed = true;
}

static enum status node_write(
    struct wire_writer *writer, const struct node_address *node)
{
    const struct address *address = &node->address;
    if ((address->size != ADDRESS_IPV4_BYTES &&
            address->size != ADDRESS_IPV6_BYTES) ||
        address->port == 0)
        return STATUS_INVALID;
    wire_write_array(writer, 3);
    wire_write_bytes(
        writer, (struct span){node->node.bytes, sizeof(node->node.bytes)});
    wire_write_bytes(writer, (struct span){address->bytes, address->size});
    wire_write_uint(writer, address->port);
    return STATUS_OK;
}

static void nodes_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame_nodes *out)
{
    size_t count = wire_read_array(reader, LIMIT_FRAME_NODES);
    for (size_t i = 0; i < count; i++)
        node_read(reader, &scratch->nodes[i]);
    *out = (struct frame_nodes){count, scratch->nodes};
}

static enum status nodes_write(
    struct wire_writer *writer, const struct frame_nodes *list)
{
    enum status status = STATUS_OK;
    if (list->count > LIMIT_FRAME_NODES)
        return STATUS_TOO_LARGE;
    wire_write_array(writer, list->count);
    for (size_t i = 0; i < list->count && !status; i++)
        status = node_write(writer, &list->nodes[i]);
    return status;
}

void frame_forward_join_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame *frame)
{
    (void)scratch;
    node_read(reader, &frame->forward_join.node);
    frame->forward_join.hops = (uint8_t)wire_read_uint(reader, LIMIT_WALK_HOPS);
}

enum status frame_forward_join_write(
    struct wire_writer *writer, const struct frame *frame)
{
    if (frame->forward_join.hops > LIMIT_WALK_HOPS)
        return STATUS_TOO_LARGE;
    enum status status = node_write(writer, &frame->forward_join.node);
    wire_write_uint(writer, frame->forward_join.hops);
    return status;
}

void frame_neighbor_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame *frame)
{
    (void)scratch;
    frame->neighbor.urgent = wire_read_bool(reader);
}

enum status frame_neighbor_write(
    struct wire_writer *writer, const struct frame *frame)
{
    wire_write_bool(writer, frame->neighbor.urgent);
    return STATUS_OK;
}

void frame_neighbor_reply_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame *frame)
{
    frame->neighbor_reply.accepted = wire_read_bool(reader);
    nodes_read(reader, scratch, &frame->neighbor_reply.list);
}

enum status frame_neighbor_reply_write(
    struct wire_writer *writer, const struct frame *frame)
{
    wire_write_bool(writer, frame->neighbor_reply.accepted);
    return nodes_write(writer, &frame->neighbor_reply.list);
}

void frame_shuffle_read(struct wire_reader *reader,
    struct frame_scratch *scratch, struct frame *frame)
{
    struct frame_shuffle *shuffle = &frame->shuffle;
    shuffle->walk = wire_read_uint(reader, UINT64_MAX);
    if (frame->type == FRAME_SHUFFLE)
        shuffle->hops = (uint8_t)wire_read_uint(reader, LIMIT_WALK_HOPS);
    nodes_read(reader, scratch, &shuffle->list);
}

enum status frame_shuffle_write(
    struct wire_writer *writer, const struct frame *frame)
{
    const struct frame_shuffle *shuffle = &frame->shuffle;
    if (shuffle->hops > LIMIT_WALK_HOPS)
        return STATUS_TOO_LARGE;
    wire_write_uint(writer, shuffle->walk);
    if (frame->type == FRAME_SHUFFLE)
        wire_write_uint(writer, shuffle->hops);
    return nodes_write(writer, &shuffle->list);
}
