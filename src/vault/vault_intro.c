/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: first contacts, from people and to them.
 *
 * Theirs begin a session if they are a contact's, and wait among the strangers'
 * if not; what came through an invite uses it up, whoever it is of.  One that
 * was made by somebody who is blocked, or is over, leaves no mark. */
#include "crypto/hash.h"
#include "vault/vault_state.h"

/* Ours. */

/* A letter through a session that is not written on yet: by that the other side
 * turns to it. */
static enum status greet(struct opened *opened, struct step *step,
    const struct contact *contact, struct session *session)
{
    size_t size;
    struct outbox_letter *begun;
    enum status status = outbox_begin_welcome(
        &opened->outbox, step, contact->row, &size, &begun);
    if (status)
        return status;
    status = session_seal(session, step,
        (struct span){step->desk->letter, size}, begun->expires_h);
    if (status)
        outbox_hold(&opened->outbox, step, begun, size);
    else
        outbox_seal(&opened->outbox, step, begun, size,
            &(struct outbox_place){
                session->row, session->chain, session->ratchet.sent - 1});
    return status;
}

enum status vault_begin_invited(struct opened *opened, struct step *step,
    const struct contact *contact, const struct invite *invite)
{
    struct card own;
    card_make(&opened->identity, prekeys_newest(&opened->prekeys), &own);
    struct session_parties parties = {
        .identity = &opened->identity,
        .own = &own,
        .peer = &invite->card,
        .invite = invite,
        .contact = contact->row,
    };
    struct session *session;
    enum status status = sessions_begin(
        &opened->sessions, step, &parties, opened->tags, &session);
    if (!status && !session->active)
        return greet(opened, step, contact, session);
    if (!status)
        vault_seal_more(opened, step, contact->row);
    return status;
}

/* Theirs. */

static struct span ephemeral_of(const struct intro_opened *intro)
{
    return (struct span){intro->ephemeral_public, 32};
}

/* Begin the session that a first contact asks for. */
static void accept(struct opened *opened, struct step *step,
    const struct intro_opened *intro, const struct contact *contact)
{
    const struct prekey *prekey =
        prekeys_find(&opened->prekeys, intro->prekey_id);
    if (!prekey)
        return;
    struct session *session;
    enum status status = sessions_accept(&opened->sessions, step, intro, prekey,
        contact->row, opened->tags, &session);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    if (status)
        return;
    marks_add(&opened->replays, step, ephemeral_of(intro),
        prekey->expires_h + PREKEY_GRACE_H);
    contacts_renew_card(&opened->contacts, step, contact->row, &intro->card);
    lookup_session(&opened->lookup, step, opened->tags, session->row);
}

/* Whether a first contact has had its turn, and nothing is left of it: who made
 * it, or carried it, can repeat it after its session went with a contact who
 * was removed, or because a contact may have only so many. */
static bool is_over(const struct opened *opened, const struct step *step,
    const struct intro_opened *intro)
{
    return marks_has(&opened->replays, step, ephemeral_of(intro)) &&
           !sessions_find_ephemeral(&opened->sessions, intro->ephemeral_public);
}

/* door: of the invite that it came through, or 0. */
static void on_intro(struct opened *opened, struct step *step,
    const struct intro_opened *intro, uint32_t door,
    const struct port_message *message)
{
    struct fingerprint who;
    card_fingerprint(&intro->card, &who);
    if (fingerprint_equal(&who, &opened->fingerprint) ||
        is_over(opened, step, intro))
        return;
    const struct contact *contact =
        contacts_find_person(&opened->contacts, &who);
    if (contact && contact->blocked)
        return;
    if (door)
        invites_destroy(&opened->invites, step, door, opened->tags);
    if (!contact) {
        strangers_add(&opened->strangers, step, intro, message);
        return;
    }
    if (intro->invited)
        contacts_mark_invited(&opened->contacts, step, contact->row);
    if (!sessions_find_ephemeral(&opened->sessions, intro->ephemeral_public))
        accept(opened, step, intro, contact);
    const struct receipt receipt = {.id = message->envelope.id,
        .opening = intro->opening,
        .expires_h = message->envelope.envelope->expires_h,
        .pace = contact->pace};
    releases_add(&opened->receipts, step, &receipt);
}

void vault_admit(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct stranger stranger;
    if (!strangers_take(
            &opened->strangers, step, &contact->fingerprint, &stranger))
        return;
    accept(opened, step, &stranger.opened, contact);
    if (stranger.opened.invited)
        contacts_mark_invited(&opened->contacts, step, contact->row);
    const struct receipt receipt = {.id = stranger.id,
        .opening = stranger.opened.opening,
        .expires_h = stranger.expires_h,
        .pace = contact->pace};
    releases_add(&opened->receipts, step, &receipt);
    secret_wipe(&stranger, sizeof(stranger));
}

static enum status open_intro(const struct opened *opened, uint32_t door,
    const struct envelope *envelope, struct intro_opened *out)
{
    const struct prekeys *prekeys = &opened->prekeys;
    if (door == 0)
        return intro_open(
            &opened->identity, prekeys->list, prekeys->count, envelope, out);
    const struct own_invite *invite = invites_find(&opened->invites, door);
    if (!invite)
        return STATUS_NOT_FOUND;
    const struct intro_invited invited = {&opened->identity, &invite->keys};
    return intro_open_invited(
        &invited, prekeys->list, prekeys->count, envelope, out);
}

void vault_intro(struct opened *opened, struct step *step,
    const struct tag_entry *entry, const struct port_message *message)
{
    struct intro_opened intro;
    uint32_t door = entry->session;
    if (open_intro(opened, door, message->envelope.envelope, &intro))
        return;
    on_intro(opened, step, &intro, door, message);
    secret_wipe(&intro, sizeof(intro));
}
