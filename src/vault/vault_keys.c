/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: what people ask with a passphrase in hand, or to be rid
 * of everything. */
#include "crypto/hash.h"
#include "vault/vault_state.h"

static void ask_lock(struct vault *vault, struct step *step)
{
    if (keys_open_nothing(&vault->keys)) {
        keys_refuse_closed(&vault->keys, step);
        return;
    }
    vault_lock(vault, step);
    step_reply(step, CONTROL_DONE);
}

/* Everything has been destroyed: forget what memory has of it. */
static void forget(struct vault *vault, struct step *step)
{
    vault_close(vault, step);
    vault_note_state(vault, step);
}

static void ask_change(struct vault *vault, struct step *step,
    const struct control_request *request, enum keyslot_role role)
{
    if (vault->keys.state != VAULT_UNLOCKED) {
        vault_refuse_closed(vault, step);
        return;
    }
    keys_ask_change(&vault->keys, step, request, role);
    if (vault->keys.state == VAULT_EMPTY)
        forget(vault, step);
}

static void ask_init(struct vault *vault, struct step *step,
    const struct control_request *request)
{
    if (keys_open_nothing(&vault->keys))
        vault_restore_end(vault);
    keys_ask_init(&vault->keys, step, request);
}

static void ask_unlock(struct vault *vault, struct step *step,
    const struct control_request *request)
{
    bool was_none = keys_open_nothing(&vault->keys);
    keys_ask_unlock(&vault->keys, step, request);
    if (vault->keys.state == VAULT_EMPTY && !was_none)
        forget(vault, step);
}

/* Also where there is no vault: a crash may have left records of one. */
static void ask_panic(struct vault *vault, struct step *step)
{
    keys_cancel(&vault->keys, step);
    keys_destroy(&vault->keys, step);
    vault->keys.owes_unlock = false;
    forget(vault, step);
    step_reply(step, CONTROL_DONE);
}

bool vault_request_keys(struct vault *vault, struct step *step,
    const struct control_request *request)
{
    enum control_method method = request->method;
    if (method == CONTROL_INIT)
        ask_init(vault, step, request);
    else if (method == CONTROL_UNLOCK)
        ask_unlock(vault, step, request);
    else if (method == CONTROL_LOCK)
        ask_lock(vault, step);
    else if (method == CONTROL_PASSPHRASE)
        ask_change(vault, step, request, KEYSLOT_REAL);
    else if (method == CONTROL_DURESS)
        ask_change(vault, step, request, KEYSLOT_DURESS);
    else if (method == CONTROL_RECOVERY)
        ask_change(vault, step, request, KEYSLOT_RECOVERY);
    else if (method == CONTROL_PANIC)
        ask_panic(vault, step);
    else
        return false;
    return true;
}

/* The rooms of a vault whose master key is known now. */
static bool open_rooms(struct vault *vault, struct step *step,
    const uint8_t master[static KEYSLOT_KEY_BYTES])
{
    vault->opened = opened_new(vault, master);
    if (!vault->opened) {
        step->failed = true;
        return false;
    }
    vault_enter(step, vault->opened);
    return true;
}

/* What was open is closed before the erasing is done, and behind it in the
 * list of effects: what it still says to the relay takes nothing back. */
static void begin_decoy(struct vault *vault, struct step *step,
    const uint8_t master[static KEYSLOT_KEY_BYTES])
{
    vault->keys.state = VAULT_LOCKED;
    vault_close(vault, step);
    open_rooms(vault, step, master);
}

uint32_t vault_derive(struct step *step, struct span passphrase,
    const uint8_t salt[static KEYSLOT_SALT_BYTES], enum keyslot_cost cost)
{
    struct span copy = step_copy(step, passphrase);
    struct vault_effect *effect = step_effect(step, VAULT_DERIVE);
    effect->derive.ticket = ++*step->tickets;
    effect->derive.passphrase = copy;
    memcpy(effect->derive.salt, salt, KEYSLOT_SALT_BYTES);
    effect->derive.cost = cost;
    return effect->derive.ticket;
}

void vault_derived(
    struct vault *vault, struct step *step, const struct vault_event *event)
{
    uint8_t master[KEYSLOT_KEY_BYTES];
    if (vault_restore_derived(vault, step, event) ||
        (vault->keys.state == VAULT_UNLOCKED &&
            vault_backup_derived(vault->opened, step, event)))
        return;
    switch (keys_derived(&vault->keys, step, event, master)) {
    case KEYS_NOTHING:
        break;
    case KEYS_MADE:
        if (!open_rooms(vault, step, master))
            break;
        vault_make(vault, step);
        vault_answer_card(vault->opened, step);
        break;
    case KEYS_RESTORED:
        vault_restore_finish(vault, step, event->derived.key);
        break;
    case KEYS_OPENED:
        if (open_rooms(vault, step, master))
            vault->format_ticket = records_fetch_format(step);
        break;
    case KEYS_DECOY:
        begin_decoy(vault, step, master);
        break;
    case KEYS_EXHAUSTED:
        forget(vault, step);
        break;
    }
    secret_wipe(master, sizeof(master));
}

void vault_erased(struct vault *vault, struct step *step)
{
    if (vault_restore_erased(vault, step) || vault->keys.work != KEYS_ERASING)
        return;
    step->asker = vault->keys.asker;
    vault_make(vault, step);
    keys_write_slots(&vault->keys, step);
    step_reply(step, CONTROL_DONE);
}
