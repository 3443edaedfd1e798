/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database sees kind, row and a blob.  A blob that is moved to another row
 * or kind does not open; one that is put back to an older state does, which
 * only a copy of the whole disk could notice.
 *
 * Plain texts pass through the desk alone, and are wiped there as soon as they
 * are sealed.  Those that are read stay until the next record, or the lock. */
#include "vault/records.h"

#include <assert.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/seal.h"

enum { PLACE_BYTES = 9, ROW_BITS = 56 };

void records_init(struct records *records, const uint8_t master[static 32])
{
    for (unsigned kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        uint8_t input = (uint8_t)kind;
        kdf(records->keys[kind], 32, master, "sotto1 record",
            (struct span){&input, 1});
    }
    kdf(records->blind_key, 32, master, "sotto1 blind", (struct span){NULL, 0});
}

const char *record_kind_name(enum record_kind kind)
{
    switch (kind) {
    case RECORD_IDENTITY:
        return "identity";
    case RECORD_PREKEY:
        return "prekey";
    case RECORD_CONTACT:
        return "contact";
    case RECORD_SESSION:
        return "session";
    case RECORD_SKIPPED:
        return "skipped letter";
    case RECORD_OUTBOX:
        return "outbox letter";
    case RECORD_OUTBOX_BODY:
        return "outbox body";
    case RECORD_INBOX:
        return "inbox letter";
    case RECORD_INBOX_BODY:
        return "inbox body";
    case RECORD_RELEASE:
        return "receipt";
    case RECORD_REQUEST:
        return "request";
    case RECORD_SEEN:
        return "seen letter";
    case RECORD_DECLINED:
        return "declined request";
    case RECORD_TRIES:
        return "tries";
    }
    return "unknown";
}

static void place_of(
    enum record_kind kind, uint64_t row, uint8_t out[static PLACE_BYTES])
{
    out[0] = (uint8_t)kind;
    for (int i = 0; i < 8; i++)
        out[1 + i] = (uint8_t)(row >> (56 - 8 * i));
}

void records_begin(struct step *step, struct wire_writer *writer)
{
    wire_write_init(writer, step->desk->plain, sizeof(step->desk->plain));
}

void records_put(struct step *step, enum record_kind kind, uint64_t row,
    struct wire_writer *writer)
{
    size_t size = 0;
    enum status status = wire_write_done(writer, &size);
    assert(status == STATUS_OK);
    (void)status;
    uint8_t *blob = step_alloc(step, record_bytes(size));
    if (!blob)
        return;
    uint8_t place[PLACE_BYTES];
    place_of(kind, row, place);
    record_seal(step->records->keys[kind], (struct span){place, sizeof(place)},
        (struct span){step->desk->plain, size}, step->random, blob);
    secret_wipe(step->desk->plain, size);
    struct vault_effect *effect = step_effect(step, VAULT_PUT);
    effect->record =
        (struct vault_record){kind, row, {blob, record_bytes(size)}};
}

void records_delete(struct step *step, enum record_kind kind, uint64_t row)
{
    struct vault_effect *effect = step_effect(step, VAULT_DELETE);
    effect->record = (struct vault_record){.kind = kind, .row = row};
}

enum status records_open(struct step *step, const struct vault_record *record,
    struct wire_reader *reader)
{
    if (record->kind < RECORD_IDENTITY || record->kind > RECORD_DECLINED ||
        record->kind == RECORD_TRIES || record->row == 0 ||
        record->blob.size > sizeof(step->desk->plain))
        return STATUS_INVALID;
    uint8_t place[PLACE_BYTES];
    place_of(record->kind, record->row, place);
    size_t size = 0;
    enum status status = record_open(step->records->keys[record->kind],
        (struct span){place, sizeof(place)}, record->blob, step->desk->plain,
        &size);
    if (status)
        return status;
    wire_read_init(reader, (struct span){step->desk->plain, size});
    return reader->failed ? STATUS_INVALID : STATUS_OK;
}

uint64_t records_blind(
    const struct step *step, enum record_kind kind, struct span name)
{
    uint8_t input[1 + 32] = {(uint8_t)kind};
    assert(name.size <= 32);
    memcpy(input + 1, name.data, name.size);
    uint8_t hash[16];
    kdf(hash, sizeof(hash), step->records->blind_key, "sotto1 row",
        (struct span){input, 1 + name.size});
    uint64_t row;
    memcpy(&row, hash, sizeof(row));
    row &= (UINT64_C(1) << ROW_BITS) - 1;
    return row ? row : 1;
}
