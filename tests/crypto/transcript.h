/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_CRYPTO_TRANSCRIPT_H
#define TESTS_CRYPTO_TRANSCRIPT_H

/* Two people who write evidential letters, and the transcript of them, record
 * by record, so that a test can take one away or put another in its place. */
#include <string.h>

#include "base/random.h"
#include "crypto/evidence.h"
#include "crypto/evidence_check.h"
#include "crypto/hash.h"
#include "proto/transcript.h"
#include "tests/tap.h"

enum { RECORDS_MAXIMUM = 32, FILE_BYTES = 64 * 1024 };

struct bytes {
    size_t size;
    uint8_t data[1024];
};

/* One chain as its writer makes it. */
struct pen {
    const struct identity *identity;
    struct evidence_writer writer;
    uint32_t number;
    struct evidence_hash last;
    size_t count;
    struct bytes records[RECORDS_MAXIMUM];
};

struct script {
    struct evidence_id id;
    struct pen proposer;
    struct pen accepter;
};

static struct transcript_party party_of(const struct identity *identity)
{
    struct transcript_party party;
    memcpy(party.sign_key, identity->sign_public, 32);
    memcpy(party.agree_key, identity->agree_public, 32);
    return party;
}

static void fingerprint_of(
    const struct identity *identity, struct fingerprint *out)
{
    identity_fingerprint(identity->sign_public, identity->agree_public, out);
}

static void script_begin(struct script *script, const struct identity *proposer,
    const struct identity *accepter, uint8_t id)
{
    memset(script, 0, sizeof(*script));
    memset(script->id.bytes, id, sizeof(script->id.bytes));
    script->proposer.identity = proposer;
    script->proposer.writer.is_proposer = true;
    script->accepter.identity = accepter;
    fingerprint_of(proposer, &script->proposer.writer.writer);
    fingerprint_of(accepter, &script->proposer.writer.reader);
    script->accepter.writer.writer = script->proposer.writer.reader;
    script->accepter.writer.reader = script->proposer.writer.writer;
}

static void record_add(struct pen *pen, const struct transcript_record *record)
{
    need(pen->count < RECORDS_MAXIMUM);
    struct bytes *bytes = &pen->records[pen->count++];
    need(transcript_encode(record, bytes->data, sizeof(bytes->data),
             &bytes->size) == STATUS_OK);
}

/* Write the next record of a chain; the writer has seen all of the other's. */
static void script_write(struct script *script, bool by_accepter,
    enum transcript_kind kind, const char *text)
{
    struct pen *pen = by_accepter ? &script->accepter : &script->proposer;
    struct pen *other = by_accepter ? &script->proposer : &script->accepter;
    struct transcript_record record = {.kind = kind,
        .sent_at_s = 1800000000 + pen->number,
        .text = span_of_text(text)};
    memset(record.id.bytes, 0x40 + (int)pen->number, sizeof(record.id.bytes));
    record.id.bytes[0] = by_accepter;
    struct evidence *evidence = &record.evidence;
    evidence->conversation = script->id;
    evidence->number = ++pen->number;
    evidence->previous = pen->last;
    evidence->seen = other->number;
    evidence->seen_hash = other->last;
    evidence_content(
        &record.id, record.sent_at_s, record.text, &record.content);
    evidence_hash(&pen->writer,
        kind == TRANSCRIPT_END ? EVIDENCE_END : EVIDENCE_LETTER, evidence,
        &record.content, &pen->last);
    evidence_sign(pen->identity, &pen->last, evidence->signature);
    record_add(pen, &record);
}

static void file_record(uint8_t *file, size_t *size, const struct bytes *record)
{
    need(*size + TRANSCRIPT_LENGTH_BYTES + record->size <= FILE_BYTES);
    transcript_length(record->size, file + *size);
    memcpy(file + *size + TRANSCRIPT_LENGTH_BYTES, record->data, record->size);
    *size += TRANSCRIPT_LENGTH_BYTES + record->size;
}

static void file_begin(uint8_t *file, size_t *size)
{
    memcpy(file, TRANSCRIPT_MAGIC, TRANSCRIPT_MAGIC_BYTES);
    *size = TRANSCRIPT_MAGIC_BYTES;
}

/* Append a conversation to a file. */
static void file_add(uint8_t *file, size_t *size, const struct script *script)
{
    struct transcript_record head = {.kind = TRANSCRIPT_CONVERSATION,
        .proposer = party_of(script->proposer.identity),
        .accepter = party_of(script->accepter.identity),
        .proposer_count = (uint32_t)script->proposer.count,
        .accepter_count = (uint32_t)script->accepter.count};
    head.evidence.conversation = script->id;
    struct bytes bytes;
    need(transcript_encode(
             &head, bytes.data, sizeof(bytes.data), &bytes.size) == STATUS_OK);
    file_record(file, size, &bytes);
    for (size_t i = 0; i < script->proposer.count; i++)
        file_record(file, size, &script->proposer.records[i]);
    for (size_t i = 0; i < script->accepter.count; i++)
        file_record(file, size, &script->accepter.records[i]);
}

#endif
