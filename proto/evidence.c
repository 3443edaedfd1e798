/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The place of a letter in its conversation, as letters and transcripts carry
 * it.  A first letter that follows another, or a reference to no letter that
 * names a hash, has no meaning, and is malformed: so a place has one
 * spelling. */
#include "proto/evidence.h"

#include "proto/limits.h"

static bool is_zero(const struct evidence_hash *hash)
{
    static const struct evidence_hash zeros = {{0}};
    return evidence_hash_equal(hash, &zeros);
}

void evidence_read_place(struct wire_reader *reader, struct evidence *out)
{
    out->number = (uint32_t)wire_read_uint(reader, LIMIT_EVIDENCE_NUMBER);
    wire_read_fixed(reader, out->previous.bytes, EVIDENCE_HASH_BYTES);
    out->seen = (uint32_t)wire_read_uint(reader, LIMIT_EVIDENCE_NUMBER);
    wire_read_fixed(reader, out->seen_hash.bytes, EVIDENCE_HASH_BYTES);
    wire_read_fixed(reader, out->signature, sizeof(out->signature));
    if (out->number == 0 || (out->number == 1 && !is_zero(&out->previous)) ||
        (out->seen == 0 && !is_zero(&out->seen_hash)))
        reader->failed = true;
}

static void fixed_write(
    struct wire_writer *writer, const uint8_t *bytes, size_t size)
{
    wire_write_bytes(writer, (struct span){bytes, size});
}

void evidence_write_place(
    struct wire_writer *writer, const struct evidence *evidence)
{
    wire_write_uint(writer, evidence->number);
    fixed_write(writer, evidence->previous.bytes, EVIDENCE_HASH_BYTES);
    wire_write_uint(writer, evidence->seen);
    fixed_write(writer, evidence->seen_hash.bytes, EVIDENCE_HASH_BYTES);
    fixed_write(writer, evidence->signature, sizeof(evidence->signature));
}
