/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The master key is drawn once and never changes; the slot file wraps it under
 * a key derived from the passphrase.  The derivation takes a second and much
 * memory, so it is a worker's; until it is done nothing but its ticket is kept
 * here, and the passphrase is in that one effect alone.
 *
 * A new vault's records are committed before its slots are written.  A crash
 * between the two leaves records that nothing opens, and no vault: the next
 * `init` writes over the same rows. */
#include "vault/keys.h"

#include <string.h>

#include "crypto/hash.h"
#include "vault/records.h"

void keys_init(struct keys *keys)
{
    *keys = (struct keys){.state = VAULT_EMPTY};
}

void keys_take_slots(struct keys *keys, struct span file)
{
    keys->state = file.size ? VAULT_LOCKED : VAULT_EMPTY;
    keys->slots_size =
        file.size < sizeof(keys->slots) ? file.size : sizeof(keys->slots);
    if (keys->slots_size)
        memcpy(keys->slots, file.data, keys->slots_size);
}

static struct span slots_of(const struct keys *keys)
{
    return (struct span){keys->slots, keys->slots_size};
}

/* Whether a passphrase may be derived now; answers why not. */
static bool may_derive(const struct keys *keys, struct step *step,
    const struct control_request *request)
{
    size_t size = request->passphrase.size;
    if (size == 0)
        step_refuse(step, STATUS_INVALID,
            (struct say){.form = "the passphrase is empty; it has 1 to # bytes",
                .numbers = {LIMIT_PASSPHRASE_BYTES}});
    else if (size > LIMIT_PASSPHRASE_BYTES)
        step_refuse(step, STATUS_TOO_LARGE,
            (struct say){.form = "the passphrase is # bytes; the limit is #",
                .numbers = {size, LIMIT_PASSPHRASE_BYTES}});
    else if (keys->work != KEYS_IDLE)
        step_refuse(step, STATUS_AGAIN,
            (struct say){.form = "the vault is being unlocked already; ask "
                                 "again in a moment"});
    else
        return true;
    return false;
}

static void derive(struct keys *keys, struct step *step,
    const struct control_request *request, enum keyslot_cost cost)
{
    struct span passphrase = step_copy(step, request->passphrase);
    struct vault_effect *effect = step_effect(step, VAULT_DERIVE);
    keys->ticket = ++*step->tickets;
    keys->asker = step->asker;
    effect->derive.ticket = keys->ticket;
    effect->derive.passphrase = passphrase;
    memcpy(effect->derive.salt, keys->salt, sizeof(keys->salt));
    effect->derive.cost = cost;
}

void keys_ask_init(
    struct keys *keys, struct step *step, const struct control_request *request)
{
    if (keys->state != VAULT_EMPTY) {
        step_refuse(step, STATUS_EXISTS,
            (struct say){.form = "there is an identity here already; `sotto "
                                 "unlock` opens it, and another one needs "
                                 "another --home"});
        return;
    }
    if (!may_derive(keys, step, request))
        return;
    random_fill(step->random, keys->salt, sizeof(keys->salt));
    derive(keys, step, request, step->config->cost);
    keys->work = KEYS_MAKING;
}

void keys_ask_unlock(
    struct keys *keys, struct step *step, const struct control_request *request)
{
    switch (keys->state) {
    case VAULT_EMPTY:
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "there is no identity here yet; `sotto init` "
                                 "makes one"});
        return;
    case VAULT_UNLOCKED:
        step_reply(step, CONTROL_DONE);
        return;
    case VAULT_LOCKED:
        break;
    }
    if (!may_derive(keys, step, request))
        return;
    enum keyslot_cost cost;
    if (keyslot_parameters(slots_of(keys), keys->salt, &cost)) {
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "the key slot file is damaged: it has # "
                                 "bytes, and a whole one # with a known cost; "
                                 "nothing was changed",
                .numbers = {keys->slots_size, KEYSLOT_FILE_BYTES}});
        return;
    }
    derive(keys, step, request, cost);
    keys->work = KEYS_OPENING;
}

void keys_cancel(struct keys *keys, struct step *step)
{
    if (keys->work != KEYS_OPENING && keys->work != KEYS_LOADING)
        return;
    struct asker asker = step->asker;
    keys->work = keys->work == KEYS_LOADING ? KEYS_DRAINING : KEYS_IDLE;
    step->asker = keys->asker;
    step_refuse(step, STATUS_LOCKED,
        (struct say){.form = "the vault was locked again before it was open"});
    step->asker = asker;
}

static enum keys_outcome make(struct keys *keys, struct step *step,
    const struct vault_event *event, uint8_t master[static KEYSLOT_KEY_BYTES])
{
    random_fill(step->random, master, KEYSLOT_KEY_BYTES);
    keyslot_make(event->derived.key, keys->salt, step->config->cost, master,
        step->random, keys->slots);
    keys->slots_size = sizeof(keys->slots);
    struct span slots = step_copy(step, slots_of(keys));
    step_effect(step, VAULT_WRITE_SLOTS)->slots = slots;
    keys->state = VAULT_UNLOCKED;
    return KEYS_MADE;
}

static enum keys_outcome open_slot(struct keys *keys, struct step *step,
    const struct vault_event *event, uint8_t master[static KEYSLOT_KEY_BYTES])
{
    if (keyslot_open(slots_of(keys), event->derived.key, master)) {
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "wrong passphrase: it opens none of the key "
                                 "slots"});
        return KEYS_NOTHING;
    }
    keys->work = KEYS_LOADING;
    return KEYS_OPENED;
}

enum keys_outcome keys_derived(struct keys *keys, struct step *step,
    const struct vault_event *event, uint8_t master[static KEYSLOT_KEY_BYTES])
{
    enum keys_work work = keys->work;
    if ((work != KEYS_MAKING && work != KEYS_OPENING) ||
        event->derived.ticket != keys->ticket)
        return KEYS_NOTHING;
    keys->work = KEYS_IDLE;
    step->asker = keys->asker;
    if (event->derived.status) {
        step_refuse(step, event->derived.status,
            (struct say){.form = "there is not enough memory to derive a key "
                                 "from the passphrase; close something and "
                                 "try again"});
        return KEYS_NOTHING;
    }
    return work == KEYS_MAKING ? make(keys, step, event, master)
                               : open_slot(keys, step, event, master);
}

enum { IDENTITY_ROW = 1 };

void keys_save_identity(struct step *step, const struct identity *identity)
{
    struct wire_writer writer;
    records_begin(step, &writer);
    wire_write_array(&writer, 5);
    wire_write_bytes(&writer, (struct span){identity->sign_seed, 32});
    wire_write_bytes(&writer, (struct span){identity->sign_public, 32});
    wire_write_bytes(&writer, (struct span){identity->agree_secret, 32});
    wire_write_bytes(&writer, (struct span){identity->agree_public, 32});
    wire_write_bytes(&writer, (struct span){identity->address, 32});
    records_put(step, RECORD_IDENTITY, IDENTITY_ROW, &writer);
}

enum status keys_load_identity(
    struct step *step, const struct vault_record *record, struct identity *out)
{
    struct wire_reader reader;
    enum status status = records_open(step, record, &reader);
    if (status)
        return status;
    struct identity identity;
    wire_read_array_of(&reader, 5);
    wire_read_fixed(&reader, identity.sign_seed, 32);
    wire_read_fixed(&reader, identity.sign_public, 32);
    wire_read_fixed(&reader, identity.agree_secret, 32);
    wire_read_fixed(&reader, identity.agree_public, 32);
    wire_read_fixed(&reader, identity.address, 32);
    status = wire_read_done(&reader);
    if (!status)
        *out = identity;
    secret_wipe(&identity, sizeof(identity));
    return status;
}
