/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_RECORDS_H
#define VAULT_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/wire.h"
#include "vault/event.h"
#include "vault/step.h"

/* How records are sealed for the disk: each kind under a key of its own from
 * the master key, bound to its kind and row.  Secret. */
enum { RECORDS_FORMAT = 7 }; /* of the plain texts */
enum { RECORD_KIND_COUNT = RECORD_LAST + 1 };
struct records {
    uint8_t keys[RECORD_KIND_COUNT][32];
    uint8_t blind_key[32];
};

void records_init(struct records *records, const uint8_t master[static 32]);

/* What a kind of record is to a person; static. */
const char *record_kind_name(enum record_kind kind);

/* Write a record: begin, write the fields, put.  It must fit the desk. */
void records_begin(struct step *step, struct wire_writer *writer);
void records_put(struct step *step, enum record_kind kind, uint64_t row,
    struct wire_writer *writer);

/* As records_put, for what is not to outlive an hour: sealed so that it opens
 * only while the ring has the key of that day. */
void records_put_until(struct step *step, enum record_kind kind, uint64_t row,
    struct wire_writer *writer, uint32_t end_h);
/* As records_put and records_open, for what has a key of its own, which another
 * record holds: without that one it opens no more. */
void records_put_under(struct step *step, enum record_kind kind, uint64_t row,
    struct wire_writer *writer, const uint8_t own_key[static 32]);
void records_open_under(struct step *step, const struct vault_record *record,
    const uint8_t own_key[static 32], struct wire_reader *reader);
void records_delete(struct step *step, enum record_kind kind, uint64_t row);

/* The two halves of records_put, for a plain text from a backup: it is looked
 * at as a record before it is written as one.  Without memory the record has no
 * blob, and nothing is written. */
struct vault_record records_seal(
    struct step *step, enum record_kind kind, uint64_t row, struct span plain);
void records_put_sealed(struct step *step, const struct vault_record *record);

/* Open a record on the desk and begin to read it; what is read borrows from
 * the desk until the next record is begun or opened.  Of a record that does not
 * verify nothing can be read: the reader has failed. */
void records_open(struct step *step, const struct vault_record *record,
    struct wire_reader *reader);

/* As records_open, up to the plain text on the desk; no data when it does not
 * verify. */
struct span records_plain(struct step *step, const struct vault_record *record);

/* Which format a vault's records are in has a record of its own, which comes
 * before all others: have it fetched (the ticket is returned), and take what
 * came; a vault of format 1 has none.  STATUS_INVALID when it is damaged;
 * STATUS_REFUSED when a later version wrote it.  *format is then set as well.
 * Save that of this version. */
uint32_t records_fetch_format(struct step *step);
MUST_USE enum status records_take_format(
    struct step *step, const struct vault_event *event, uint64_t *format);
void records_save_format(struct step *step);

/* The ring of the days' keys is one record, and all that ends needs it: have it
 * fetched before anything is loaded (the ticket is returned), and take in what
 * came; a vault from before has none.  STATUS_INVALID when it is damaged. */
uint32_t records_fetch_ring(struct step *step);
MUST_USE enum status records_take_ring(
    struct step *step, const struct vault_event *event);

/* Store the ring if it has changed: in the step of the change, so that no
 * record is without its key. */
void records_save_ring(struct step *step);

/* A row that tells nothing about the name it stands for: never 0, below 2^56,
 * the same each time. */
uint64_t records_blind(
    const struct step *step, enum record_kind kind, struct span name);

#endif
