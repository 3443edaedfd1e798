/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The master key is drawn once and never changes; the slot file wraps it under
 * a key derived from the passphrase.  The derivation takes a second and much
 * memory, so it is a worker's; until it is done nothing but its ticket is kept
 * here, and passphrases are in that one effect and its answer alone.
 *
 * A passphrase is tried wherever it is given, also to unlock a vault that is
 * open: a wrong one counts, and the duress passphrase destroys.  That goes in
 * this order: all other slots are overwritten, everything is removed, a new
 * identity is made, and last its slot is written in the place of the duress
 * slot; after a crash anywhere the duress passphrase begins again. */
#include "vault/keys.h"

#include <assert.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "vault/records.h"

void keys_init(struct keys *keys)
{
    *keys = (struct keys){.state = VAULT_EMPTY};
}

static struct span slots_of(const struct keys *keys)
{
    return (struct span){keys->slots, keys->slots_size};
}

/* A recovery phrase may be written in groups and in capitals; any passphrase
 * that could be one is read as one.  Returns its size in out, or 0. */
static size_t read_phrase(
    struct span passphrase, char out[static CONTROL_PHRASE_CHARS])
{
    size_t size = 0;
    for (size_t i = 0; i < passphrase.size; i++) {
        uint8_t c = passphrase.data[i];
        if (c == '-' || c == ' ')
            continue;
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        if (!((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7')) ||
            size == CONTROL_PHRASE_CHARS)
            return 0;
        out[size++] = (char)c;
    }
    return size == CONTROL_PHRASE_CHARS ? size : 0;
}

static struct span copy_passphrase(struct step *step, struct span passphrase)
{
    char phrase[CONTROL_PHRASE_CHARS];
    size_t size = read_phrase(passphrase, phrase);
    struct span copy = step_copy(
        step, size ? (struct span){(const uint8_t *)phrase, size} : passphrase);
    secret_wipe(phrase, sizeof(phrase));
    return copy;
}

bool keys_passphrase_is_good(struct step *step, struct span passphrase)
{
    if (passphrase.size == 0)
        step_refuse(step, STATUS_INVALID,
            (struct say){.form = "the passphrase is empty; it has 1 to # bytes",
                .numbers = {LIMIT_PASSPHRASE_BYTES}});
    else if (passphrase.size > LIMIT_PASSPHRASE_BYTES)
        step_refuse(step, STATUS_TOO_LARGE,
            (struct say){.form = "the passphrase is # bytes; the limit is #",
                .numbers = {passphrase.size, LIMIT_PASSPHRASE_BYTES}});
    else
        return true;
    return false;
}

/* Whether a passphrase may be derived now; answers why not. */
static bool may_derive(const struct keys *keys, struct step *step,
    const struct control_request *request)
{
    if (!keys_passphrase_is_good(step, request->passphrase))
        return false;
    if (keys->work == KEYS_IDLE && keys->tries.ticket == 0)
        return true;
    step_refuse(step, STATUS_AGAIN,
        (struct say){.form = "the vault is being unlocked or changed already; "
                             "ask again in a moment"});
    return false;
}

/* Set the effect's fresh passphrase, if there is one. */
static struct vault_effect *derive(struct keys *keys, struct step *step,
    const struct control_request *request, enum keyslot_cost cost)
{
    struct span passphrase = copy_passphrase(step, request->passphrase);
    struct vault_effect *effect = step_effect(step, VAULT_DERIVE);
    keys->ticket = ++*step->tickets;
    keys->asker = step->asker;
    effect->derive.ticket = keys->ticket;
    effect->derive.passphrase = passphrase;
    memcpy(effect->derive.salt, keys->salt, sizeof(keys->salt));
    effect->derive.cost = cost;
    return effect;
}

void keys_ask_init(
    struct keys *keys, struct step *step, const struct control_request *request)
{
    if (!keys_may_make(keys, step, request) || !may_derive(keys, step, request))
        return;
    keys_make_room(keys, step, request->set_aside);
    random_fill(step->random, keys->salt, sizeof(keys->salt));
    derive(keys, step, request, step->config->cost);
    keys->work = KEYS_MAKING;
}

void keys_ask_restore(
    struct keys *keys, struct step *step, const struct control_request *request)
{
    assert(keys->state == VAULT_EMPTY);
    if (!may_derive(keys, step, request))
        return;
    random_fill(step->random, keys->salt, sizeof(keys->salt));
    derive(keys, step, request, step->config->cost);
    keys->work = KEYS_RESTORING;
}

static bool read_parameters(
    struct keys *keys, struct step *step, enum keyslot_cost *cost)
{
    if (keyslot_parameters(slots_of(keys), keys->salt, cost) == STATUS_OK)
        return true;
    step_refuse(step, STATUS_REFUSED,
        (struct say){.form = "the key slot file is damaged: it has # bytes, "
                             "and a whole one # with a known cost; nothing "
                             "was changed",
            .numbers = {keys->slots_size, KEYSLOT_FILE_BYTES}});
    return false;
}

/* Tries whose end nobody saw have counted: past the last there is none.  An
 * open vault has seen the end of each. */
static bool may_try(struct keys *keys, struct step *step)
{
    if (!keys_tries_are_over(&keys->tries, step))
        return true;
    keys_destroy(keys, step);
    step_refuse(step, STATUS_REFUSED,
        (struct say){.form = "the passphrase was tried # times in vain: the "
                             "key slots and the vault are destroyed",
            .numbers = {step->config->wrong_tries}});
    return false;
}

void keys_ask_unlock(
    struct keys *keys, struct step *step, const struct control_request *request)
{
    enum keyslot_cost cost;
    if (step->asker.client == 0)
        keys->owes_unlock = keys->state != VAULT_EMPTY;
    if (keys_open_nothing(keys)) {
        keys_refuse_closed(keys, step);
        return;
    }
    if (!may_derive(keys, step, request) ||
        !read_parameters(keys, step, &cost) || !may_try(keys, step))
        return;
    keys_tries_add(&keys->tries, step);
    derive(keys, step, request, cost);
    keys->work = KEYS_OPENING;
}

const char *keys_self_unlock(const struct keys *keys)
{
    if (!keys->owes_unlock)
        return "none";
    bool is_opening = keys->work == KEYS_OPENING ||
                      keys->work == KEYS_LOADING || keys->work == KEYS_ERASING;
    return is_opening && keys->asker.client == 0 ? "trying" : "failed";
}

static struct span draw_phrase(struct step *step)
{
    uint8_t bytes[CONTROL_PHRASE_CHARS * 5 / 8];
    char phrase[CONTROL_PHRASE_CHARS + 1];
    random_fill(step->random, bytes, sizeof(bytes));
    base32_encode((struct span){bytes, sizeof(bytes)}, phrase);
    struct span copy = step_copy(
        step, (struct span){(const uint8_t *)phrase, CONTROL_PHRASE_CHARS});
    secret_wipe(bytes, sizeof(bytes));
    secret_wipe(phrase, sizeof(phrase));
    return copy;
}

void keys_ask_change(struct keys *keys, struct step *step,
    const struct control_request *request, enum keyslot_role role)
{
    assert(keys->state == VAULT_UNLOCKED);
    enum keyslot_cost cost;
    if (!may_derive(keys, step, request) ||
        !read_parameters(keys, step, &cost) ||
        (role != KEYSLOT_RECOVERY &&
            !keys_passphrase_is_good(step, request->new_passphrase)))
        return;
    keys_tries_add(&keys->tries, step);
    struct span fresh = role == KEYSLOT_RECOVERY
                            ? draw_phrase(step)
                            : copy_passphrase(step, request->new_passphrase);
    derive(keys, step, request, cost)->derive.fresh = fresh;
    keys->role = role;
    keys->work = KEYS_CHANGING;
}

static bool is_deriving(const struct keys *keys)
{
    return keys->work == KEYS_MAKING || keys->work == KEYS_OPENING ||
           keys->work == KEYS_CHANGING || keys->work == KEYS_RESTORING;
}

void keys_cancel(struct keys *keys, struct step *step)
{
    if (!is_deriving(keys) && keys->work != KEYS_LOADING)
        return;
    struct asker asker = step->asker;
    keys->work = keys->work == KEYS_LOADING ? KEYS_DRAINING : KEYS_IDLE;
    step->asker = keys->asker;
    step_refuse(step, STATUS_LOCKED,
        (struct say){.form = "the vault was locked again before this was "
                             "done"});
    step->asker = asker;
}

void keys_write_slots(const struct keys *keys, struct step *step)
{
    struct span slots = step_copy(step, slots_of(keys));
    step_effect(step, VAULT_WRITE_SLOTS)->slots = slots;
}

void keys_write_new(struct keys *keys, struct step *step,
    const uint8_t slot_key[static KEYSLOT_KEY_BYTES],
    const uint8_t master[static KEYSLOT_KEY_BYTES])
{
    keyslot_make(slot_key, keys->salt, step->config->cost, master, step->random,
        keys->slots);
    keys->slots_size = sizeof(keys->slots);
    keys_write_slots(keys, step);
    keys->state = VAULT_UNLOCKED;
}

static enum keys_outcome make(struct keys *keys, struct step *step,
    const struct vault_event *event, uint8_t master[static KEYSLOT_KEY_BYTES])
{
    random_fill(step->random, master, KEYSLOT_KEY_BYTES);
    keys_write_new(keys, step, event->derived.key, master);
    return KEYS_MADE;
}

/* The slot of the new vault lies in keys, to be written when its records are;
 * until then the disk has the duress slot alone. */
static enum keys_outcome begin_decoy(struct keys *keys, struct step *step,
    const struct vault_event *event, uint8_t master[static KEYSLOT_KEY_BYTES])
{
    uint8_t salt[KEYSLOT_SALT_BYTES];
    enum keyslot_cost cost;
    enum status status = keyslot_parameters(slots_of(keys), salt, &cost);
    assert(status == STATUS_OK);
    (void)status;
    keyslot_keep(keys->slots, event->derived.key, step->random);
    struct vault_effect *effect = step_effect(step, VAULT_ERASE);
    struct span slots = step_copy(step, slots_of(keys));
    effect->erase.slots = slots;
    effect->erase.how = VAULT_DECEIVE;
    random_fill(step->random, master, KEYSLOT_KEY_BYTES);
    keyslot_make(
        event->derived.key, salt, cost, master, step->random, keys->slots);
    keys->tries = (struct keys_tries){.count = 0};
    keys->work = KEYS_ERASING;
    return KEYS_DECOY;
}

static enum keys_outcome refuse_wrong(struct keys *keys, struct step *step)
{
    if (keys_tries_are_over(&keys->tries, step)) {
        keys_destroy(keys, step);
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "wrong passphrase, for the last of # times: "
                                 "the key slots and the vault are destroyed",
                .numbers = {step->config->wrong_tries}});
        return KEYS_EXHAUSTED;
    }
    step_refuse(step, STATUS_REFUSED,
        (struct say){
            .form = "wrong passphrase: it opens none of the key slots"});
    return KEYS_NOTHING;
}

static void answer_changed(
    struct keys *keys, struct step *step, const struct vault_event *event)
{
    if (keys->role != KEYSLOT_RECOVERY) {
        step_reply(step, CONTROL_DONE);
        return;
    }
    assert(event->derived.fresh.size == CONTROL_PHRASE_CHARS);
    struct control_reply *reply = step_reply(step, CONTROL_PHRASE);
    memcpy(
        reply->phrase.phrase, event->derived.fresh.data, CONTROL_PHRASE_CHARS);
}

static void change(struct keys *keys, struct step *step,
    const struct vault_event *event,
    const uint8_t master[static KEYSLOT_KEY_BYTES])
{
    struct keyslot_opened taken;
    if (!keyslot_open(slots_of(keys), event->derived.fresh_key, &taken)) {
        secret_wipe(&taken, sizeof(taken));
        step_refuse(step, STATUS_EXISTS,
            (struct say){.form = "the new passphrase opens a slot of this "
                                 "vault already; choose another"});
        return;
    }
    keyslot_put(keys->slots, keys->role, event->derived.fresh_key, master,
        step->random);
    keys_write_slots(keys, step);
    answer_changed(keys, step, event);
}

static enum keys_outcome open_slot(struct keys *keys, struct step *step,
    const struct vault_event *event, enum keys_work work,
    uint8_t master[static KEYSLOT_KEY_BYTES])
{
    struct keyslot_opened opened;
    enum keys_outcome outcome = KEYS_NOTHING;
    if (keyslot_open(slots_of(keys), event->derived.key, &opened))
        return refuse_wrong(keys, step);
    if (opened.role != KEYSLOT_DURESS)
        keys_tries_forget(&keys->tries, step);
    if (opened.role == KEYSLOT_DURESS) {
        outcome = begin_decoy(keys, step, event, master);
    } else if (work == KEYS_CHANGING) {
        change(keys, step, event, opened.master);
    } else if (keys->state == VAULT_UNLOCKED) {
        step_reply(step, CONTROL_DONE);
    } else {
        memcpy(master, opened.master, KEYSLOT_KEY_BYTES);
        keys->work = KEYS_LOADING;
        outcome = KEYS_OPENED;
    }
    secret_wipe(&opened, sizeof(opened));
    return outcome;
}

void keys_refuse_derived(struct step *step, enum status status)
{
    step_refuse(step, status,
        (struct say){.form = "there is not enough memory to derive a key "
                             "from the passphrase; close something and "
                             "try again"});
}

enum keys_outcome keys_derived(struct keys *keys, struct step *step,
    const struct vault_event *event, uint8_t master[static KEYSLOT_KEY_BYTES])
{
    enum keys_work work = keys->work;
    if (!is_deriving(keys) || event->derived.ticket != keys->ticket)
        return KEYS_NOTHING;
    keys->work = KEYS_IDLE;
    step->asker = keys->asker;
    if (event->derived.status) {
        keys_tries_take_back(&keys->tries, step);
        keys_refuse_derived(step, event->derived.status);
        return KEYS_NOTHING;
    }
    if (work == KEYS_RESTORING)
        return KEYS_RESTORED;
    return work == KEYS_MAKING ? make(keys, step, event, master)
                               : open_slot(keys, step, event, work, master);
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
    records_open(step, record, &reader);
    struct identity identity = {0};
    wire_read_array_of(&reader, 5);
    wire_read_fixed(&reader, identity.sign_seed, 32);
    wire_read_fixed(&reader, identity.sign_public, 32);
    wire_read_fixed(&reader, identity.agree_secret, 32);
    wire_read_fixed(&reader, identity.agree_public, 32);
    wire_read_fixed(&reader, identity.address, 32);
    enum status status = wire_read_done(&reader);
    if (!status)
        *out = identity;
    secret_wipe(&identity, sizeof(identity));
    return status;
}
