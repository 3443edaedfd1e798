/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of contents of the vault: what comes in, and which room it goes to.
 *
 *   keys        from a passphrase to the master key; empty, locked, unlocked
 *   records     how everything below is sealed for the disk, and the keys of
 *               days for what is to burn
 *   prekeys     what our own card offers
 *   contacts    people, by name and by identity
 *   sessions    ratchets, and which one of a contact's is written on
 *   strangers   first contacts from people who are no contacts
 *   invites     cards for one person each, given out
 *   marks       what is known again for a time: seen, declined, or over
 *   renewals    the newer card that went out this week
 *   outbox      letters under way
 *   inbox       letters received; burning
 *   notebook    notes, which never leave
 *   accords     what two people have agreed to sign, and what they signed
 *   receipts    what is to be confirmed
 *   groups      who is in them and is to be told of it, chains to write and
 *               read them, who has a letter, and whom to tell that one came
 *   files       files sent and received, part by part
 *   backup      how all of it lies in a backup
 *   lookup      tags that are new here
 *
 * Its chapters are vault_keys.c (passphrases), vault_open.c (unlock, lock,
 * hours), vault_request.c (what a person asks), vault_people.c (about
 * people), vault_invites.c (cards for one person), vault_intro.c (first
 * contacts), vault_mail.c (letters), vault_evidence.c and vault_transcript.c
 * (letters that are evidence), vault_groups.c (what a person asks about
 * groups), vault_members.c (who is in them), vault_news.c (who is told of
 * that), vault_senders.c (their letters), vault_files.c (what a person asks
 * about files), vault_parts.c (how they go and come), vault_beacon.c (the local
 * network), vault_backup.c and vault_restore.c.  They alone know all the rooms.
 *
 * One step is one transaction: whatever order the rooms worked in, what is to
 * be stored comes out first. */
#include "vault/vault.h"

#include <stdlib.h>

#include "crypto/hash.h"
#include "vault/vault_state.h"

struct vault *vault_new(
    const struct vault_config *config, struct random *random)
{
    struct vault *vault = calloc(1, sizeof(*vault));
    if (!vault)
        return NULL;
    vault->config = *config;
    vault->random = random;
    keys_init(&vault->keys);
    return vault;
}

void vault_free(struct vault *vault)
{
    if (!vault)
        return;
    vault_restore_end(vault);
    opened_free(vault->opened);
    free(vault);
}

enum vault_state vault_get_state(const struct vault *vault)
{
    return vault->keys.state;
}

static void on_fetched(
    struct opened *opened, struct step *step, const struct vault_event *event)
{
    struct inbox_page page;
    uint64_t contact;
    if (notebook_fetched(&opened->notebook, step, event) ||
        vault_backup_fetched(opened, step, event) ||
        vault_transcript_fetched(opened, step, event) ||
        vault_files_fetched(opened, step, event))
        return;
    if (inbox_fetched(&opened->inbox, step, event, &page))
        vault_answer_page(opened, step, &page);
    else if (outbox_fetched(&opened->outbox, step, event, &contact) && contact)
        vault_seal_held(opened, step, event, contact);
}

static void on_port(struct opened *opened, struct step *step,
    const struct port_message *message)
{
    const struct outbox_letter *letter;
    switch (message->type) {
    case PORT_ENVELOPE:
        vault_envelope(opened, step, message);
        return;
    case PORT_HANDED:
        letter = outbox_handed(
            &opened->outbox, step, &message->handed.id, message->handed.peers);
        if (letter)
            vault_note_outbox(opened, step, letter);
        return;
    case PORT_CLEARED:
        releases_cleared(&opened->receipts, step, &message->receipt.id);
        letter = outbox_cleared(&opened->outbox, step, &message->receipt.id,
            &message->receipt.opening);
        if (letter)
            vault_settled(opened, step, letter);
        return;
    case PORT_REFUSED:
        outbox_refused(&opened->outbox, step, &message->refused.id);
        sessions_refused(&opened->sessions, step, &message->refused.id);
        return;
    case PORT_WAITS:
        letter = outbox_waits(
            &opened->outbox, &message->waits.id, message->waits.bits);
        if (letter)
            vault_note_outbox(opened, step, letter);
        return;
    case PORT_SUBMIT:
    case PORT_RELEASE:
    case PORT_LOOKUP:
    case PORT_LISTEN:
    case PORT_BEACON:
        return; /* ours to say */
    }
}

static void on_event(
    struct vault *vault, struct step *step, const struct vault_event *event)
{
    bool unlocked = vault->keys.state == VAULT_UNLOCKED;
    switch (event->kind) {
    case VAULT_TICK:
        return; /* the timers run after every event */
    case VAULT_SLOTS:
        keys_take_slots(&vault->keys, step, event);
        return;
    case VAULT_REQUEST:
        step->asker =
            (struct asker){event->request.client, event->request.request->id};
        vault_request(vault, step, event->request.request);
        return;
    case VAULT_DERIVED:
        vault_derived(vault, step, event);
        return;
    case VAULT_LOADED:
        vault_loaded(vault, step, event);
        return;
    case VAULT_ERASED:
        vault_erased(vault, step);
        return;
    case VAULT_FETCHED:
        if (keys_tries_fetched(&vault->keys.tries, event))
            return;
        if (event->fetched.ticket == vault->format_ticket)
            vault_format_fetched(vault, step, event);
        else if (event->fetched.ticket == vault->ring_ticket)
            vault_ring_fetched(vault, step, event);
        else if (unlocked)
            on_fetched(vault->opened, step, event);
        return;
    case VAULT_PORT:
        if (unlocked)
            on_port(vault->opened, step, event->port);
        return;
    case VAULT_PORT_UP:
        if (unlocked)
            vault_listen(vault->opened, step);
        return;
    case VAULT_STOP:
        vault_lock(vault, step);
        return;
    }
}

/* Move what is to be stored to the front, all else in its order behind. */
static enum status store_first(struct vault_effects *effects, size_t from)
{
    size_t count = effects->count - from;
    if (count < 2)
        return STATUS_OK;
    struct vault_effect *list = effects->list + from;
    struct vault_effect *rest = calloc(count, sizeof(*rest));
    if (!rest)
        return STATUS_NO_MEMORY;
    size_t stored = 0;
    size_t others = 0;
    for (size_t i = 0; i < count; i++)
        if (list[i].kind == VAULT_PUT || list[i].kind == VAULT_DELETE)
            list[stored++] = list[i];
        else
            rest[others++] = list[i];
    memcpy(list + stored, rest, others * sizeof(*rest));
    secret_wipe(rest, count * sizeof(*rest));
    free(rest);
    return STATUS_OK;
}

enum status vault_step(struct vault *vault, const struct vault_event *event,
    struct vault_effects *effects)
{
    size_t from = effects->count;
    struct step step = {
        .now_ms = event->now_ms,
        .clock_s = event->clock_s,
        .now_h = (uint32_t)(event->clock_s / HOUR_S),
        .config = &vault->config,
        .random = vault->random,
        .effects = effects,
        .tickets = &vault->tickets,
    };
    if (vault->opened)
        vault_enter(&step, vault->opened);
    on_event(vault, &step, event);
    if (vault->opened && vault->keys.state == VAULT_UNLOCKED)
        vault_tick(vault->opened, &step);
    if (vault->opened)
        records_save_ring(&step);
    if (vault->opened && vault->opened->is_idle)
        vault_lock(vault, &step);
    secret_wipe(&step.spill, sizeof(step.spill));
    if (step.failed)
        return STATUS_NO_MEMORY;
    return store_first(effects, from);
}

uint64_t vault_deadline_ms(const struct vault *vault)
{
    if (!vault->opened || vault->keys.state != VAULT_UNLOCKED)
        return UINT64_MAX;
    const struct heap_item *first = heap_first(&vault->opened->timers);
    return first ? first->at_ms : UINT64_MAX;
}

enum { VAULT_FEW_ROWS = 32 }; /* so many are all looked at after a step */

static const char *locked_violation(const struct vault *vault)
{
    return vault->opened && !vault->restore &&
                   vault->keys.work != KEYS_LOADING &&
                   vault->keys.work != KEYS_ERASING
               ? "secrets are held while locked"
               : NULL;
}

/* Each contact is written to on one session; a session has its contact; what
 * was agreed with a contact is one thing; the count of held letters is right.
 */
static const char *opened_violation(const struct opened *opened)
{
    for (size_t i = 0; i < opened->sessions.rows.count; i++) {
        const struct session *session = rows_at(&opened->sessions.rows, i);
        if (!rows_find(&opened->contacts.rows, session->contact))
            return "a session has no contact";
        if (session->active &&
            sessions_active(&opened->sessions, session->contact) != session)
            return "a contact has two active sessions";
        if (session->active && session->retired)
            return "a retired session is active";
    }
    const char *violation = accords_violation(&opened->accords);
    return violation ? violation : outbox_violation(&opened->outbox);
}

const char *vault_step_violation(
    const struct vault *vault, const struct vault_effects *effects)
{
    const struct opened *opened = vault->opened;
    if (vault->keys.state != VAULT_UNLOCKED)
        return locked_violation(vault);
    size_t rows = opened->sessions.rows.count + opened->accords.rows.count +
                  opened->outbox.letters.count;
    return rows <= VAULT_FEW_ROWS && effects->count > 0
               ? opened_violation(opened)
               : outbox_step_violation(&opened->outbox);
}

const char *vault_violation(const struct vault *vault)
{
    return vault->keys.state == VAULT_UNLOCKED ? opened_violation(vault->opened)
                                               : locked_violation(vault);
}
