/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database sees kind, row and a blob.  A blob that is moved to another row
 * or kind does not open; one that is put back to an older state does, which
 * only a copy of the whole disk could notice.
 *
 * A record of an earlier format is read as it is, by the number of its fields,
 * and takes the present form when it is next written.  So a vault is upgraded
 * by one small record, in the transaction of its first unlock: from then on an
 * earlier version, which would take what is new for damage, refuses it.
 *
 * Plain texts pass through the desk alone, and are wiped there as soon as they
 * are sealed.  Those that are read stay until the next record, or the lock. */
#include "vault/records.h"

#include <assert.h>
#include <string.h>

#include "base/number.h"
#include "crypto/hash.h"
#include "crypto/seal.h"
#include "vault/records_ring.h"

enum { PLACE_BYTES = 9, ROW_BITS = 56, RING_ROW = 1, FORMAT_ROW = 1 };

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
    case RECORD_INVITE:
        return "invite";
    case RECORD_REPLAY:
        return "first contact";
    case RECORD_RENEWAL:
        return "renewal";
    case RECORD_KEM:
        return "X-Wing key";
    case RECORD_ACCORD:
        return "evidential conversation";
    case RECORD_PLACE:
        return "signed letter";
    case RECORD_PLACE_BODY:
        return "signature";
    case RECORD_FORMAT:
        return "format";
    case RECORD_BLIND:
        return "blinding key";
    case RECORD_TRIES:
        return "tries";
    case RECORD_RING:
        return "key ring";
    case RECORD_NOTE:
        return "note";
    case RECORD_NOTE_BODY:
        return "note body";
    case RECORD_GROUP:
        return "group";
    case RECORD_GROUP_OP:
        return "group's operation";
    case RECORD_GROUP_KEY:
        return "group's key";
    case RECORD_GROUP_SKIPPED:
        return "group's skipped letter";
    case RECORD_GROUP_COPIES:
        return "group's receipts";
    case RECORD_OWED:
        return "word to a writer";
    case RECORD_PARTED:
        return "removed contact";
    case RECORD_FILE:
        return "file";
    case RECORD_FILE_PART:
        return "part of a file";
    }
    return "unknown";
}

static void place_of(
    enum record_kind kind, uint64_t row, uint8_t out[static PLACE_BYTES])
{
    out[0] = (uint8_t)kind;
    number_put(out + 1, 8, row);
}

void records_begin(struct step *step, struct wire_writer *writer)
{
    wire_write_init(writer, step->desk->plain, sizeof(step->desk->plain));
}

/* Seal into the effects' memory; without a blob when there is none. */
static struct vault_record seal(struct step *step, enum record_kind kind,
    uint64_t row, struct span plain, const uint8_t key[static 32])
{
    struct vault_record record = {.kind = kind, .row = row};
    uint8_t *blob = step_alloc(step, record_bytes(plain.size));
    if (!blob)
        return record;
    uint8_t place[PLACE_BYTES];
    place_of(kind, row, place);
    record_seal(
        key, (struct span){place, sizeof(place)}, plain, step->random, blob);
    record.blob = (struct span){blob, record_bytes(plain.size)};
    return record;
}

struct vault_record records_seal(
    struct step *step, enum record_kind kind, uint64_t row, struct span plain)
{
    return seal(step, kind, row, plain, step->records->keys[kind]);
}

void records_put_sealed(struct step *step, const struct vault_record *record)
{
    if (record->blob.size)
        step_effect(step, VAULT_PUT)->record = *record;
}

/* Seal what lies on the desk. */
static void put(struct step *step, enum record_kind kind, uint64_t row,
    struct wire_writer *writer, const uint8_t key[static 32])
{
    size_t size = 0;
    enum status status = wire_write_done(writer, &size);
    assert(status == STATUS_OK);
    (void)status;
    struct vault_record record =
        seal(step, kind, row, (struct span){step->desk->plain, size}, key);
    secret_wipe(step->desk->plain, size);
    records_put_sealed(step, &record);
}

void records_put(struct step *step, enum record_kind kind, uint64_t row,
    struct wire_writer *writer)
{
    put(step, kind, row, writer, step->records->keys[kind]);
}

/* From a day's key, or another's, and a kind's, the key of such records. */
static void ending_key(const struct records *records, enum record_kind kind,
    const uint8_t day_key[static 32], uint8_t out[static 32])
{
    kdf(out, 32, day_key, "sotto1 ending",
        (struct span){records->keys[kind], sizeof(records->keys[kind])});
}

void records_put_until(struct step *step, enum record_kind kind, uint64_t row,
    struct wire_writer *writer, uint32_t end_h)
{
    const uint8_t *day_key = records_ring_key(step->ring, step, end_h);
    if (!day_key) {
        records_put(step, kind, row, writer);
        return;
    }
    uint8_t key[32];
    ending_key(step->records, kind, day_key, key);
    put(step, kind, row, writer, key);
    secret_wipe(key, sizeof(key));
}

void records_put_under(struct step *step, enum record_kind kind, uint64_t row,
    struct wire_writer *writer, const uint8_t own_key[static 32])
{
    uint8_t key[32];
    ending_key(step->records, kind, own_key, key);
    put(step, kind, row, writer, key);
    secret_wipe(key, sizeof(key));
}

void records_open_under(struct step *step, const struct vault_record *record,
    const uint8_t own_key[static 32], struct wire_reader *reader)
{
    uint8_t bytes[PLACE_BYTES], key[32], *plain = step->desk->plain;
    size_t size = 0;
    enum status status = STATUS_REFUSED;
    place_of(record->kind, record->row, bytes);
    ending_key(step->records, record->kind, own_key, key);
    if (record->blob.size <= sizeof(step->desk->plain))
        status = record_open(key, (struct span){bytes, sizeof(bytes)},
            record->blob, plain, &size);
    secret_wipe(key, sizeof(key));
    wire_read_init(
        reader, status ? (struct span){NULL, 0} : (struct span){plain, size});
}

void records_delete(struct step *step, enum record_kind kind, uint64_t row)
{
    struct vault_effect *effect = step_effect(step, VAULT_DELETE);
    effect->record = (struct vault_record){.kind = kind, .row = row};
}

/* That a record ends, and when, is not to be seen, so nothing says which key
 * it is under: the days' are tried. */
struct span records_plain(struct step *step, const struct vault_record *record)
{
    const struct span nothing = {NULL, 0};
    if (record->kind < RECORD_IDENTITY || record->kind > RECORD_LAST ||
        record->kind == RECORD_TRIES || record->row == 0 ||
        record->blob.size > sizeof(step->desk->plain))
        return nothing;
    uint8_t bytes[PLACE_BYTES], key[32], *plain = step->desk->plain;
    struct span place = {bytes, sizeof(bytes)};
    place_of(record->kind, record->row, bytes);
    const struct ring *ring = step->ring;
    size_t size = 0;
    enum status status = record_open(
        step->records->keys[record->kind], place, record->blob, plain, &size);
    for (size_t i = 0; i < ring->count && status; i++) {
        ending_key(step->records, record->kind, ring->keys[i].key, key);
        status = record_open(key, place, record->blob, plain, &size);
    }
    secret_wipe(key, sizeof(key));
    return status ? nothing : (struct span){plain, size};
}

void records_open(struct step *step, const struct vault_record *record,
    struct wire_reader *reader)
{
    wire_read_init(reader, records_plain(step, record));
}

/* The format, which has one record. */

uint32_t records_fetch_format(struct step *step)
{
    const uint64_t row = FORMAT_ROW;
    return step_fetch(step, RECORD_FORMAT, &row, 1);
}

enum status records_take_format(
    struct step *step, const struct vault_event *event, uint64_t *format)
{
    *format = 1;
    if (event->fetched.count == 0)
        return STATUS_OK;
    struct wire_reader reader;
    const struct vault_record *record = &event->fetched.records[0];
    if (record->kind != RECORD_FORMAT)
        return STATUS_INVALID;
    records_open(step, record, &reader);
    wire_read_array_of(&reader, 1);
    *format = wire_read_uint(&reader, UINT32_MAX);
    enum status status = wire_read_done(&reader);
    if (!status && *format > RECORDS_FORMAT)
        return STATUS_REFUSED;
    return status;
}

void records_save_format(struct step *step)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 1);
    wire_write_uint(&writer, RECORDS_FORMAT);
    records_put(step, RECORD_FORMAT, FORMAT_ROW, &writer);
}

/* The ring, which has one record. */

uint32_t records_fetch_ring(struct step *step)
{
    const uint64_t row = RING_ROW;
    return step_fetch(step, RECORD_RING, &row, 1);
}

static enum status read_keys(struct wire_reader *reader, struct ring *ring)
{
    size_t items = wire_read_array(reader, RING_KEYS * 2);
    if (items % 2)
        return STATUS_INVALID;
    for (size_t i = 0; i < items / 2; i++) {
        struct ring_key *key = &ring->keys[i];
        key->last_day = (uint32_t)wire_read_uint(reader, UINT32_MAX);
        wire_read_fixed(reader, key->key, sizeof(key->key));
    }
    enum status status = wire_read_done(reader);
    if (!status)
        ring->count = items / 2;
    return status;
}

enum status records_take_ring(
    struct step *step, const struct vault_event *event)
{
    if (event->fetched.count == 0)
        return STATUS_OK;
    struct wire_reader reader;
    const struct vault_record *record = &event->fetched.records[0];
    if (record->kind != RECORD_RING)
        return STATUS_INVALID;
    records_open(step, record, &reader);
    return read_keys(&reader, step->ring);
}

void records_save_ring(struct step *step)
{
    struct ring *ring = step->ring;
    if (!ring->is_changed)
        return;
    ring->is_changed = false;
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, ring->count * 2);
    for (size_t i = 0; i < ring->count; i++) {
        const struct ring_key *key = &ring->keys[i];
        wire_write_uint(&writer, key->last_day);
        wire_write_bytes(&writer, (struct span){key->key, sizeof(key->key)});
    }
    records_put(step, RECORD_RING, RING_ROW, &writer);
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
