/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys are kept where there is no X-Wing, too: the program may find it after
 * its next update, and its person should not have to wait a week. */
#include "vault/kems.h"

#include "proto/limits.h"
#include "vault/records.h"

enum { KEM_FIELDS = 3 };

void kems_init(struct kems *kems)
{
    rows_init(&kems->rows, sizeof(struct kem),
        LIMIT_CONTACTS + LIMIT_INTRODUCED, false);
}

void kems_clear(struct kems *kems)
{
    rows_clear(&kems->rows);
}

enum status kems_load(
    struct kems *kems, struct step *step, const struct vault_record *record)
{
    struct wire_reader reader;
    struct kem *kem;
    records_open(step, record, &reader);
    enum status status = rows_add(&kems->rows, record->row, &kem);
    if (status)
        return status;
    wire_read_array_of(&reader, KEM_FIELDS);
    kem->offer.id = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    kem->offer.expires_h = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    wire_read_fixed(&reader, kem->offer.public_, sizeof(kem->offer.public_));
    status = wire_read_done(&reader);
    if (status)
        rows_remove(&kems->rows, record->row);
    return status;
}

static void kem_save(struct step *step, const struct kem *kem)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, KEM_FIELDS);
    wire_write_uint(&writer, kem->offer.id);
    wire_write_uint(&writer, kem->offer.expires_h);
    wire_write_bytes(
        &writer, (struct span){kem->offer.public_, sizeof(kem->offer.public_)});
    records_put(step, RECORD_KEM, kem->row, &writer);
}

void kems_learn(struct kems *kems, struct step *step, uint64_t contact,
    const struct kem_offer *offer)
{
    struct kem *kem = rows_find(&kems->rows, contact);
    if (kem && kem->offer.id >= offer->id)
        return;
    if (!kem) {
        enum status status = rows_add(&kems->rows, contact, &kem);
        step_check(step, status);
        if (status)
            return;
    }
    kem->offer = *offer;
    kem_save(step, kem);
}

void kems_forget(struct kems *kems, struct step *step, uint64_t contact)
{
    if (!rows_find(&kems->rows, contact))
        return;
    rows_remove(&kems->rows, contact);
    records_delete(step, RECORD_KEM, contact);
}

void kems_forget_before(
    struct kems *kems, struct step *step, uint64_t contact, uint32_t id)
{
    const struct kem *kem = rows_find(&kems->rows, contact);
    if (kem && kem->offer.id < id)
        kems_forget(kems, step, contact);
}

const struct kem_offer *kems_find(
    const struct kems *kems, const struct step *step, uint64_t contact)
{
    const struct kem *kem = rows_find(&kems->rows, contact);
    if (!kem_is_here() || !kem || kem->offer.expires_h < step->now_h)
        return NULL;
    return &kem->offer;
}
