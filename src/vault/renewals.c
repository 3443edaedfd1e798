/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One record: a second prekey in one week would be a second envelope under one
 * tag, and two envelopes that strangers can tell to be one person's. */
#include "vault/renewals.h"

#include "vault/records.h"

enum { OWN_ROW = 1 };

enum status renewals_load(struct renewals *renewals, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct renewals loaded;
    wire_read_array_of(&reader, 2);
    loaded.week = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    loaded.prekey_id = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    enum status status = wire_read_done(&reader);
    if (!status && record->row != OWN_ROW)
        status = STATUS_INVALID;
    if (!status)
        *renewals = loaded;
    return status;
}

void renewals_choose(struct renewals *renewals, struct step *step,
    uint32_t week, uint32_t prekey_id)
{
    *renewals = (struct renewals){week, prekey_id};
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 2);
    wire_write_uint(&writer, week);
    wire_write_uint(&writer, prekey_id);
    records_put(step, RECORD_RENEWAL, OWN_ROW, &writer);
}
