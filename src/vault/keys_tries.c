/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wrong tries are counted before the passphrase is derived, in the database, so
 * that pulling the plug while it is derived is no way round: a try whose end
 * nobody saw has counted.  Who copies the disk and tries there is not counted;
 * nothing on a disk could. */
#include "vault/keys_tries.h"

#include "base/number.h"

enum { TRIES_ROW = 1, TRIES_BYTES = 4 };

void keys_tries_start(struct keys_tries *tries, struct step *step)
{
    const uint64_t row = TRIES_ROW;
    *tries = (struct keys_tries){.count = 0};
    if (step->config->wrong_tries)
        tries->ticket = step_fetch(step, RECORD_TRIES, &row, 1);
}

bool keys_tries_fetched(
    struct keys_tries *tries, const struct vault_event *event)
{
    if (tries->ticket == 0 || event->fetched.ticket != tries->ticket)
        return false;
    tries->ticket = 0;
    if (event->fetched.count == 0)
        return true;
    /* One that is cut short has been tampered with: all were used. */
    struct span blob = event->fetched.records[0].blob;
    tries->count = UINT32_MAX;
    if (blob.size == TRIES_BYTES)
        tries->count = (uint32_t)number_get(blob.data, TRIES_BYTES);
    return true;
}

static void save(const struct keys_tries *tries, struct step *step)
{
    uint8_t *blob = step_alloc(step, TRIES_BYTES);
    if (!blob)
        return;
    number_put(blob, TRIES_BYTES, tries->count);
    step_effect(step, VAULT_PUT)->record =
        (struct vault_record){RECORD_TRIES, TRIES_ROW, {blob, TRIES_BYTES}};
}

bool keys_tries_are_over(
    const struct keys_tries *tries, const struct step *step)
{
    return step->config->wrong_tries &&
           tries->count >= step->config->wrong_tries;
}

void keys_tries_add(struct keys_tries *tries, struct step *step)
{
    if (!step->config->wrong_tries)
        return;
    tries->count++;
    save(tries, step);
}

void keys_tries_take_back(struct keys_tries *tries, struct step *step)
{
    if (tries->count == 0)
        return;
    tries->count--;
    save(tries, step);
}

void keys_tries_forget(struct keys_tries *tries, struct step *step)
{
    if (tries->count == 0)
        return;
    tries->count = 0;
    step_effect(step, VAULT_DELETE)->record =
        (struct vault_record){.kind = RECORD_TRIES, .row = TRIES_ROW};
}
