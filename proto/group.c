/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations on a group's membership.  One shape for all kinds keeps the
 * decoder short; a field that a kind does not use has exactly one empty form,
 * so that an operation has exactly one encoding. */
#include "proto/group.h"

#include <assert.h>
#include <string.h>

#include "proto/wire.h"

enum { OP_FIELDS = 10, SIGNATURE_BYTES = 64 };

static bool has_person(enum group_op_kind kind)
{
    return kind == GROUP_NEW || kind == GROUP_ADD;
}

static void parents_decode(struct wire_reader *reader, struct group_op *op)
{
    op->parent_count = wire_read_array(reader, LIMIT_GROUP_PARENTS);
    if ((op->parent_count == 0) != (op->kind == GROUP_NEW))
        reader->failed = true;
    for (size_t i = 0; i < op->parent_count; i++) {
        wire_read_fixed(reader, op->parents[i].bytes, 32);
        if (i > 0 &&
            memcmp(op->parents[i - 1].bytes, op->parents[i].bytes, 32) >= 0)
            reader->failed = true;
    }
}

/* The subject's key, card and name; empty where there is no such person. */
static void person_decode(struct wire_reader *reader, struct group_op *op)
{
    struct span key = wire_read_bytes(reader, sizeof(op->key));
    struct span card = wire_read_bytes(reader, CARD_BYTES);
    struct span name = wire_read_text(reader, LIMIT_NAME_BYTES);
    if (!has_person(op->kind)) {
        if (key.size || card.size || name.size)
            reader->failed = true;
        return;
    }
    if (reader->failed || key.size != sizeof(op->key) ||
        card.size != CARD_BYTES || name.size == 0 ||
        card_decode(card.data, &op->card)) {
        reader->failed = true;
        return;
    }
    memcpy(op->key, key.data, key.size);
    memcpy(op->name, name.data, name.size);
    op->name_size = (uint8_t)name.size;
}

static bool is_whole(const struct group_op *op)
{
    static const struct group_id none;
    bool alone = op->kind == GROUP_NEW || op->kind == GROUP_LEAVE;
    if (alone && !fingerprint_equal(&op->author, &op->subject))
        return false;
    if (group_id_equal(&op->group, &none) != (op->kind == GROUP_NEW))
        return false;
    return op->kind == GROUP_ADD || op->admin == (op->kind == GROUP_NEW);
}

enum status group_op_decode(struct span bytes, struct group_op *out)
{
    struct wire_reader reader;
    struct group_op op = {.parent_count = 0};
    wire_read_init(&reader, bytes);
    wire_read_array_of(&reader, OP_FIELDS);
    op.kind = (enum group_op_kind)wire_read_uint(&reader, GROUP_LEAVE);
    wire_read_fixed(&reader, op.group.bytes, sizeof(op.group.bytes));
    parents_decode(&reader, &op);
    wire_read_fixed(&reader, op.author.bytes, sizeof(op.author.bytes));
    wire_read_fixed(&reader, op.subject.bytes, sizeof(op.subject.bytes));
    op.admin = wire_read_bool(&reader);
    person_decode(&reader, &op);
    wire_read_fixed(&reader, op.signature, sizeof(op.signature));
    enum status status = wire_read_done(&reader);
    if (status || op.kind < GROUP_NEW || !is_whole(&op))
        return STATUS_INVALID;
    *out = op;
    return STATUS_OK;
}

static void write_fixed(
    struct wire_writer *writer, const uint8_t *bytes, size_t size)
{
    wire_write_bytes(writer, (struct span){bytes, size});
}

static void person_encode(struct wire_writer *writer, const struct group_op *op)
{
    uint8_t card[CARD_BYTES];
    bool person = has_person(op->kind);
    if (person)
        card_encode(&op->card, card);
    write_fixed(writer, op->key, person ? sizeof(op->key) : 0);
    write_fixed(writer, card, person ? CARD_BYTES : 0);
    wire_write_text(
        writer, (struct span){op->name, person ? op->name_size : 0u});
}

void group_op_encode(const struct group_op *op,
    uint8_t out[static GROUP_OP_BYTES], size_t *size, size_t *signed_bytes)
{
    struct wire_writer writer;
    wire_write_init(&writer, out, GROUP_OP_BYTES);
    wire_write_array(&writer, OP_FIELDS);
    wire_write_uint(&writer, op->kind);
    write_fixed(&writer, op->group.bytes, sizeof(op->group.bytes));
    wire_write_array(&writer, op->parent_count);
    for (size_t i = 0; i < op->parent_count; i++)
        write_fixed(&writer, op->parents[i].bytes, 32);
    write_fixed(&writer, op->author.bytes, sizeof(op->author.bytes));
    write_fixed(&writer, op->subject.bytes, sizeof(op->subject.bytes));
    wire_write_bool(&writer, op->admin);
    person_encode(&writer, op);
    *signed_bytes = writer.size;
    write_fixed(&writer, op->signature, SIGNATURE_BYTES);
    enum status status = wire_write_done(&writer, size);
    assert(status == STATUS_OK);
    (void)status;
}
