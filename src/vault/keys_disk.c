/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A new vault's records are committed before its slots are written, and until
 * then its slot file says that it is void; so does one that is being destroyed.
 * After a crash the void file says what the records beside it are: nothing that
 * anybody can open, and they are erased.  Records without any slot file are
 * another matter: half a copy of a vault, which its other half could open. */
#include "vault/keys.h"

#include <string.h>

void keys_take_slots(
    struct keys *keys, struct step *step, const struct vault_event *event)
{
    struct span file = event->found.slots;
    enum keyslot_void voidness = keyslot_voidness(file);
    keys->has_records = event->found.has_records;
    if (voidness == KEYSLOT_DESTROYED)
        keys_destroy(keys, step);
    if (voidness == KEYSLOT_BEGUN)
        keys_unmake(keys, step);
    if (voidness != KEYSLOT_IN_USE)
        return;
    keys->state = file.size           ? VAULT_LOCKED
                  : keys->has_records ? VAULT_INCOMPLETE
                                      : VAULT_EMPTY;
    keys->slots_size =
        file.size < sizeof(keys->slots) ? file.size : sizeof(keys->slots);
    if (keys->slots_size)
        memcpy(keys->slots, file.data, keys->slots_size);
    keys_tries_start(&keys->tries, step);
}

bool keys_open_nothing(const struct keys *keys)
{
    return keys->state == VAULT_EMPTY || keys->state == VAULT_INCOMPLETE;
}

const char *keys_missing(const struct keys *keys)
{
    if (keys->state == VAULT_INCOMPLETE)
        return "slots";
    return keys->state == VAULT_LOCKED && !keys->has_records ? "records"
                                                             : "none";
}

void keys_refuse_closed(const struct keys *keys, struct step *step)
{
    struct say why = {
        .form = "there is no identity here yet; `sotto init` makes one"};
    if (keys->state == VAULT_INCOMPLETE)
        why.form = "the vault's database (vault.db) is here, but its key slots "
                   "are not, and nothing else opens it: stop the node, put the "
                   "file `slots` back beside it from a copy, and start again; "
                   "if there is no copy, `sotto init --set-aside` makes a new "
                   "identity";
    step_refuse(step, STATUS_NOT_FOUND, why);
}

bool keys_may_make(const struct keys *keys, struct step *step,
    const struct control_request *request)
{
    if (keys->state == VAULT_EMPTY ||
        (keys->state == VAULT_INCOMPLETE && request->set_aside))
        return true;
    struct say why = {.form = "the database of a vault (vault.db) is here, and "
                              "its key slots are missing: nothing was changed. "
                              "If you have a copy of the file `slots`, stop "
                              "the node, put it back beside vault.db, and "
                              "start again. If you have none, no passphrase "
                              "opens that vault again: with --set-aside it is "
                              "kept under another name, and this goes on"};
    if (keys->state != VAULT_INCOMPLETE)
        why.form = request->method == CONTROL_INIT
                       ? "there is an identity here already; `sotto unlock` "
                         "opens it, and another one needs another --home"
                       : "there is an identity here already; a backup is "
                         "restored where there is none, such as with another "
                         "--home";
    step_refuse(step, STATUS_EXISTS, why);
    return false;
}

static void erase(struct keys *keys, struct step *step,
    enum keyslot_void voidness, enum vault_erase how)
{
    keyslot_make_void(keys->slots, voidness, step->random);
    struct span slots =
        step_copy(step, (struct span){keys->slots, sizeof(keys->slots)});
    struct vault_effect *effect = step_effect(step, VAULT_ERASE);
    effect->erase.slots = slots;
    effect->erase.how = how;
    keys->slots_size = 0;
    keys->has_records = false;
    keys->tries = (struct keys_tries){.count = 0};
    if (keys->work != KEYS_DRAINING)
        keys->work = KEYS_IDLE;
    keys->state = VAULT_EMPTY;
}

void keys_make_room(struct keys *keys, struct step *step, bool sets_aside)
{
    sets_aside = sets_aside && keys->state == VAULT_INCOMPLETE;
    erase(keys, step, KEYSLOT_BEGUN,
        sets_aside ? VAULT_SET_ASIDE : VAULT_MAKE_ROOM);
}

void keys_unmake(struct keys *keys, struct step *step)
{
    erase(keys, step, KEYSLOT_BEGUN, VAULT_UNMAKE);
}

void keys_destroy(struct keys *keys, struct step *step)
{
    erase(keys, step, KEYSLOT_DESTROYED, VAULT_DESTROY);
}
