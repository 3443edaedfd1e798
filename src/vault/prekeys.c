/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A prekey bounds what a stolen identity key opens: first contacts older than
 * the oldest secret here stay closed.
 *
 * A card runs out with the prekey it offers, so a person who asks for theirs
 * gets one with most of a week left, at the price of one prekey a day at most:
 * 23 days of those fit the list with room to spare. */
#include "vault/prekeys.h"

#include <assert.h>
#include <string.h>

#include "crypto/hash.h"
#include "vault/records.h"

/* One more with an X-Wing key. */
enum { PREKEY_FIELDS = 3 };

enum status prekeys_load(struct prekeys *prekeys, struct step *step,
    const struct vault_record *record)
{
    struct wire_reader reader;
    records_open(step, record, &reader);
    struct prekey prekey = {.id = (uint32_t)record->row};
    size_t fields = wire_read_array(&reader, PREKEY_FIELDS + 1);
    prekey.expires_h = (uint32_t)wire_read_uint(&reader, UINT32_MAX);
    wire_read_fixed(&reader, prekey.secret, sizeof(prekey.secret));
    wire_read_fixed(&reader, prekey.public_, sizeof(prekey.public_));
    prekey.has_kem = fields == PREKEY_FIELDS + 1;
    if (prekey.has_kem)
        wire_read_fixed(&reader, prekey.kem_seed, sizeof(prekey.kem_seed));
    enum status status = wire_read_done(&reader);
    if (status || fields < PREKEY_FIELDS || prekeys->count == PREKEYS_MAXIMUM ||
        record->row > UINT32_MAX) {
        secret_wipe(&prekey, sizeof(prekey));
        return STATUS_INVALID;
    }
    size_t at = prekeys->count++;
    for (; at > 0 && prekeys->list[at - 1].id > prekey.id; at--)
        prekeys->list[at] = prekeys->list[at - 1];
    prekeys->list[at] = prekey;
    secret_wipe(&prekey, sizeof(prekey));
    return STATUS_OK;
}

static void prekey_save(struct step *step, const struct prekey *prekey)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, PREKEY_FIELDS + prekey->has_kem);
    wire_write_uint(&writer, prekey->expires_h);
    wire_write_bytes(
        &writer, (struct span){prekey->secret, sizeof(prekey->secret)});
    wire_write_bytes(
        &writer, (struct span){prekey->public_, sizeof(prekey->public_)});
    if (prekey->has_kem)
        wire_write_bytes(
            &writer, (struct span){prekey->kem_seed, sizeof(prekey->kem_seed)});
    records_put(step, RECORD_PREKEY, prekey->id, &writer);
}

static void prekey_destroy(
    struct prekeys *prekeys, struct step *step, size_t index)
{
    struct prekey *list = prekeys->list;
    records_delete(step, RECORD_PREKEY, list[index].id);
    prekeys->count--;
    memmove(&list[index], &list[index + 1],
        (prekeys->count - index) * sizeof(*list));
    secret_wipe(&list[prekeys->count], sizeof(*list));
    step_scrub(step);
}

/* The newest is never destroyed here: it is first replaced, and then ages. */
static void prekeys_age(struct prekeys *prekeys, struct step *step)
{
    for (size_t i = 0; i + 1 < prekeys->count;) {
        uint32_t end_h = prekeys->list[i].expires_h + PREKEY_GRACE_H;
        if (step->now_h > end_h)
            prekey_destroy(prekeys, step, i);
        else
            i++;
    }
    if (prekeys->count == PREKEYS_MAXIMUM)
        prekey_destroy(prekeys, step, 0);
}

/* An expiry further off than any that is made was made by a clock that ran
 * ahead. */
static bool newest_will_do(
    const struct prekeys *prekeys, uint32_t now_h, uint32_t left_h)
{
    if (prekeys->count == 0)
        return false;
    uint32_t expires_h = prekeys_newest(prekeys)->expires_h;
    return expires_h >= now_h + left_h && expires_h <= now_h + PREKEY_OFFER_H;
}

/* Ids rise with the clock, so that those which a vault makes after it was set
 * back to an earlier state are newer, too. */
static uint32_t next_id(const struct prekeys *prekeys, uint32_t now_h)
{
    uint32_t least = prekeys->count ? prekeys_newest(prekeys)->id + 1 : 1;
    return now_h > least ? now_h : least;
}

/* Make one whose id is so much higher than it need be. */
static void prekey_make(
    struct prekeys *prekeys, struct step *step, uint32_t higher)
{
    prekeys_age(prekeys, step);
    uint32_t id = next_id(prekeys, step->now_h) + higher;
    struct prekey *made = &prekeys->list[prekeys->count++];
    prekey_generate(made, id, step->now_h + PREKEY_OFFER_H, step->random);
    prekey_add_kem(made, step->random);
    prekey_save(step, made);
}

void prekeys_renew(struct prekeys *prekeys, struct step *step, uint32_t left_h)
{
    if (!newest_will_do(prekeys, step->now_h, left_h))
        prekey_make(prekeys, step, 0);
    prekeys_age(prekeys, step);
}

void prekeys_leap(struct prekeys *prekeys, struct step *step)
{
    prekey_make(prekeys, step, PREKEY_LEAP);
    prekeys_age(prekeys, step);
}

const struct prekey *prekeys_newest(const struct prekeys *prekeys)
{
    assert(prekeys->count > 0);
    return &prekeys->list[prekeys->count - 1];
}

const struct prekey *prekeys_find(const struct prekeys *prekeys, uint32_t id)
{
    for (size_t i = 0; i < prekeys->count; i++)
        if (prekeys->list[i].id == id)
            return &prekeys->list[i];
    return NULL;
}
