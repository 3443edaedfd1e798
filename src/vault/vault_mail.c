/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: how a letter goes out and comes in, from room to room. */
#include "base/hex.h"
#include "crypto/hash.h"
#include "vault/vault_state.h"

/* Notifications. */

void vault_note_outbox(struct opened *opened, struct step *step,
    const struct outbox_letter *letter)
{
    if (!letter_is_text(letter->type))
        return;
    struct control_outbox_item item;
    vault_describe_outbox(opened, step, letter, &item);
    step_notify(step, CONTROL_NOTE_OUTBOX)->outbox_item = item;
}

static void describe_group(struct opened *opened, struct step *step,
    const struct outbox_letter *letter, struct control_outbox_item *out)
{
    const struct vault_group *group =
        groups_get(&opened->groups, outbox_group_of(letter->contact));
    const struct groups_letter_copies *copies =
        groups_copies_get(&opened->copies, letter->row);
    out->to = step_copy(step, groups_name(group));
    hex_encode(
        (struct span){group->id.bytes, sizeof(group->id.bytes)}, out->group_id);
    if (!copies)
        return;
    struct groups_tally tally = groups_copies_tally(copies, &group->roster);
    out->copies = tally.members;
    out->delivered_to = tally.delivered;
    out->read_by = tally.read;
}

void vault_describe_outbox(struct opened *opened, struct step *step,
    const struct outbox_letter *letter, struct control_outbox_item *out)
{
    *out = (struct control_outbox_item){.copies = 1};
    outbox_describe(letter, out);
    if (outbox_group_of(letter->contact)) {
        describe_group(opened, step, letter, out);
        return;
    }
    out->to = step_copy(
        step, contact_name(contacts_get(&opened->contacts, letter->contact)));
    out->delivered_to = letter->delivered_at_s != 0;
    out->read_by = letter->state == OUTBOX_READ;
    if (letter_has_file(letter->type))
        vault_describe_sent_file(opened, step, letter, out);
}

void vault_describe_origin(struct opened *opened, struct step *step,
    const struct inbox_origin *origin, struct control_letter *out)
{
    const struct contact *contact =
        contacts_get(&opened->contacts, origin->contact);
    out->from = step_copy(step, contact_name(contact));
    hex_encode((struct span){contact->fingerprint.bytes,
                   sizeof(contact->fingerprint.bytes)},
        out->fingerprint);
    if (origin->group == 0)
        return;
    const struct vault_group *group =
        groups_get(&opened->groups, origin->group);
    out->group = step_copy(step, groups_name(group));
    hex_encode(
        (struct span){group->id.bytes, sizeof(group->id.bytes)}, out->group_id);
}

static void note_session(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct control_contact described;
    if (contact_is_introduced(contact))
        return;
    vault_describe_contact(opened, step, contact, &described);
    step_notify(step, CONTROL_NOTE_SESSION)->contact = described;
}

/* Out. */

/* Begin a session of our own, from the contact's card. */
static enum status begin_session(struct opened *opened, struct step *step,
    const struct contact *contact, struct session **out)
{
    struct card own;
    card_make(&opened->identity, prekeys_newest(&opened->prekeys), &own);
    struct session_parties parties = {
        .identity = &opened->identity,
        .own = &own,
        .peer = &contact->card,
        .kem = kems_find(&opened->kems, step, contact->row),
        .contact = contact->row,
    };
    return sessions_begin(&opened->sessions, step, &parties, opened->tags, out);
}

/* The session to write on.  One that the contact began can't be written on
 * before a letter has come through it; one that we began in vain leads to
 * nobody. */
static enum status writable_session(struct opened *opened, struct step *step,
    const struct contact *contact, struct session **out)
{
    struct session *active = sessions_active(&opened->sessions, contact->row);
    bool is_vain = active && session_is_unanswered(active, step);
    if (active && active->ratchet.can_send && !is_vain) {
        *out = active;
        return STATUS_OK;
    }
    enum status status = begin_session(opened, step, contact, out);
    if (status && status != STATUS_NO_MEMORY && active && !is_vain) {
        *out = active;
        return STATUS_OK;
    }
    return status;
}

/* Seal what lies on desk->letter, or have it held back.  A session whose whole
 * allowance has expired unread leads nowhere: a new one is begun. */
static void seal_or_hold(struct opened *opened, struct step *step,
    struct outbox_letter *letter, size_t size)
{
    const struct contact *contact =
        contacts_get(&opened->contacts, letter->contact);
    struct span plain = {step->desk->letter, size};
    struct session *session =
        sessions_active(&opened->sessions, letter->contact);
    enum status status =
        session ? session_seal(session, step, plain, letter->expires_h)
                : STATUS_AGAIN;
    if (status == STATUS_AGAIN && session && session->ratchet.can_send &&
        !outbox_has_under_way(&opened->outbox, session->row) &&
        begin_session(opened, step, contact, &session) == STATUS_OK)
        status = session_seal(session, step, plain, letter->expires_h);
    if (status == STATUS_OK)
        outbox_seal(&opened->outbox, step, letter, size,
            &(struct outbox_place){
                session->row, session->chain, session->ratchet.sent - 1});
    else
        outbox_hold(&opened->outbox, step, letter, size);
}

enum status vault_post(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter, bool urgent)
{
    struct session *session;
    enum status status = writable_session(opened, step, contact, &session);
    if (status)
        return status;
    size_t size;
    struct outbox_letter *begun;
    bool held = outbox_holds(&opened->outbox, contact->row);
    status = outbox_begin(
        &opened->outbox, step, contact->row, letter, urgent, &size, &begun);
    if (status)
        return status;
    if (held)
        outbox_hold(&opened->outbox, step, begun, size);
    else
        seal_or_hold(opened, step, begun, size);
    return STATUS_OK;
}

bool vault_post_quietly(struct opened *opened, struct step *step,
    const struct contact *contact, struct letter *letter)
{
    if (contact->changed || contact->blocked)
        return false;
    random_fill(step->random, letter->id.bytes, sizeof(letter->id.bytes));
    letter->sent_at_s = step->clock_s;
    letter->expires_h = step->now_h + LIMIT_ENVELOPE_DEFAULT_H;
    enum status status = vault_post(opened, step, contact, letter, false);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    return status == STATUS_OK;
}

bool vault_tell(struct opened *opened, struct step *step,
    const struct contact *contact, struct letter *letter)
{
    size_t size;
    struct outbox_letter *begun;
    if (contact->changed || contact->blocked)
        return false;
    random_fill(step->random, letter->id.bytes, sizeof(letter->id.bytes));
    letter->sent_at_s = step->clock_s;
    letter->expires_h = step->now_h + LIMIT_ENVELOPE_LIFE_H;
    enum status status = vault_post(opened, step, contact, letter, false);
    if (status == STATUS_EXPIRED) {
        status = outbox_begin(
            &opened->outbox, step, contact->row, letter, false, &size, &begun);
        if (status == STATUS_OK)
            outbox_hold(&opened->outbox, step, begun, size);
    }
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    return status == STATUS_OK;
}

/* Whether sealing would come to anything: there is room, or none is ever going
 * to be, since nothing is under way that could be confirmed. */
static bool may_seal(const struct opened *opened, uint64_t contact)
{
    const struct session *active = sessions_active(&opened->sessions, contact);
    const struct contact *whom = contacts_get(&opened->contacts, contact);
    return active && !whom->changed && !whom->blocked &&
           active->ratchet.can_send &&
           (session_has_room(active) ||
               !outbox_has_under_way(&opened->outbox, active->row));
}

/* Something may have made room for letters that are held back. */
void vault_seal_more(struct opened *opened, struct step *step, uint64_t contact)
{
    if (outbox_holds(&opened->outbox, contact) && may_seal(opened, contact))
        outbox_fetch_held(&opened->outbox, step, contact);
}

void vault_begin_held(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct session *session;
    if (!outbox_holds(&opened->outbox, contact->row))
        return;
    enum status status = writable_session(opened, step, contact, &session);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    if (status == STATUS_OK)
        vault_seal_more(opened, step, contact->row);
}

void vault_seal_waiting(struct opened *opened, struct step *step)
{
    for (size_t i = 0; i < opened->contacts.rows.count; i++) {
        const struct contact *contact = rows_at(&opened->contacts.rows, i);
        vault_seal_more(opened, step, contact->row);
    }
    for (size_t i = 0; i < opened->groups.rows.count; i++) {
        const struct vault_group *group = rows_at(&opened->groups.rows, i);
        if (group->membership == MEMBERSHIP_IN)
            outbox_fetch_held(&opened->outbox, step, outbox_group(group->row));
    }
}

void vault_seal_held(struct opened *opened, struct step *step,
    const struct vault_event *event, uint64_t contact)
{
    struct vault_group *group =
        groups_get(&opened->groups, outbox_group_of(contact));
    if (group)
        vault_group_seal_held(opened, step, event, group);
    if (outbox_group_of(contact))
        return;
    size_t sealed = 0;
    for (size_t i = 0; i < event->fetched.count; i++) {
        struct outbox_letter *letter;
        size_t size;
        if (outbox_unpack(&opened->outbox, step, &event->fetched.records[i],
                &size, &letter))
            continue;
        bool was_unsigned = vault_unsign(opened, step, letter, &size);
        seal_or_hold(opened, step, letter, size);
        sealed += letter->session != 0;
        if (was_unsigned)
            vault_note_outbox(opened, step, letter);
    }
    if (sealed)
        vault_seal_more(opened, step, contact);
}

void vault_settled(struct opened *opened, struct step *step,
    const struct outbox_letter *letter)
{
    struct session *session = sessions_find(&opened->sessions, letter->session);
    if (session) {
        bool was_confirmed = session->confirmed;
        session_confirm(session, step, letter->chain, letter->number);
        if (sessions_promote(&opened->sessions, session, step))
            outbox_reseal(&opened->outbox, step, letter->contact, session->row);
        if (!was_confirmed)
            note_session(
                opened, step, contacts_get(&opened->contacts, letter->contact));
    }
    vault_note_outbox(opened, step, letter);
    vault_seal_more(opened, step, letter->contact);
    vault_file_settled(opened, step, letter);
}

/* In. */

void vault_receive(struct opened *opened, struct step *step,
    const struct inbox_origin *origin, const struct letter *letter)
{
    struct control_letter described = {.state = "unread"};
    inbox_receive(&opened->inbox, step, origin, letter, &described);
    vault_describe_origin(opened, step, origin, &described);
    vault_describe_attached(opened, origin->contact, &letter->id, &described);
    step_notify(step, CONTROL_NOTE_LETTER)->letter = described;
}

static void on_text(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    const struct inbox_origin origin = {.contact = contact->row};
    if (inbox_first_sight(&opened->inbox, step, letter))
        vault_receive(opened, step, &origin, letter);
}

static void on_read(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    for (size_t i = 0; i < letter->read_count; i++) {
        const struct outbox_letter *changed =
            outbox_read(&opened->outbox, step, contact->row, &letter->read[i]);
        if (changed)
            vault_settled(opened, step, changed);
        else
            vault_group_read(opened, step, contact, &letter->read[i]);
    }
}

static void on_letter(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    switch (letter->type) {
    case LETTER_TEXT:
        on_text(opened, step, contact, letter);
        return;
    case LETTER_READ:
        on_read(opened, step, contact, letter);
        return;
    case LETTER_WELCOME:
        return; /* that it came through is all it says */
    case LETTER_GROUP_INVITE:
        vault_on_invite(opened, step, contact, letter);
        return;
    case LETTER_GROUP_JOIN:
        vault_on_join(opened, step, contact, letter);
        return;
    case LETTER_GROUP_OPS:
        vault_on_ops(opened, step, contact, letter);
        return;
    case LETTER_GROUP_ASK:
        vault_on_ask(opened, step, contact, letter);
        return;
    case LETTER_GROUP_KEY:
        vault_on_group_key(opened, step, contact, letter);
        return;
    case LETTER_GROUP_RECEIPT:
        vault_on_group_receipt(opened, step, contact, letter);
        return;
    case LETTER_FILE:
    case LETTER_SIGNED_FILE:
    case LETTER_FILE_PART:
    case LETTER_FILE_DONE:
        vault_on_file_letter(opened, step, contact, letter);
        return;
    case LETTER_PROPOSE:
    case LETTER_ACCEPT:
    case LETTER_SIGNED:
    case LETTER_END:
    case LETTER_NONE:
        if (!contact_is_introduced(contact))
            vault_evidence_letter(opened, step, contact, letter);
        return;
    }
}

/* The first letter through a session that a contact began: answer, so that
 * they know that it is open here too. */
static void welcome(
    struct opened *opened, struct step *step, const struct contact *contact)
{
    struct letter letter = {.type = LETTER_WELCOME};
    vault_post_quietly(opened, step, contact, &letter);
}

/* A letter has come through a session: which may change what we write on, and
 * which tags we know. */
static void on_heard(struct opened *opened, struct step *step,
    struct session *session, uint64_t sent_at_s, bool was_confirmed)
{
    const struct contact *contact =
        contacts_get(&opened->contacts, session->contact);
    bool first = !session->heard;
    bool initiated = session->initiated;
    bool switched = session_heard(&opened->sessions, session, step, sent_at_s);
    lookup_add(&opened->lookup, step, step->desk->opened.added,
        step->desk->opened.added_count);
    if (switched)
        outbox_reseal(&opened->outbox, step, contact->row, session->row);
    if (switched && first && !initiated) /* they may have lost all there was */
        groups_hand_anew(&opened->groups, step, &contact->fingerprint);
    if (first && !initiated)
        welcome(opened, step, contact);
    if (switched || !was_confirmed || (first && !initiated))
        note_session(opened, step, contact);
}

static void on_sealed(struct opened *opened, struct step *step,
    const struct tag_entry *entry, const struct port_message *message)
{
    struct session *session = sessions_find(&opened->sessions, entry->session);
    if (!session || inbox_is_full(&opened->inbox) ||
        contacts_get(&opened->contacts, session->contact)->blocked)
        return;
    bool was_confirmed = session->confirmed;
    const struct envelope *envelope = message->envelope.envelope;
    struct ratchet_opened *letter_opened = &step->desk->opened;
    enum status status =
        session_open(session, step, entry, envelope, opened->tags);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    if (status)
        return;
    const struct receipt receipt = {.id = message->envelope.id,
        .opening = letter_opened->opening,
        .expires_h = envelope->expires_h,
        .pace = contacts_get(&opened->contacts, session->contact)->pace};
    releases_add(&opened->receipts, step, &receipt);
    struct letter letter = {.sent_at_s = 0};
    status = letter_decode(
        (struct span){letter_opened->plain, letter_opened->plain_size},
        &letter);
    opened->malformed += status == STATUS_INVALID;
    uint64_t contact = session->contact;
    on_heard(opened, step, session, letter.sent_at_s, was_confirmed);
    if (status == STATUS_OK)
        on_letter(
            opened, step, contacts_get(&opened->contacts, contact), &letter);
    secret_wipe(letter_opened, sizeof(*letter_opened));
    vault_seal_more(opened, step, contact);
}

/* Of what comes, almost nothing is ours, and one look in the table says so. */
void vault_envelope(struct opened *opened, struct step *step,
    const struct port_message *message)
{
    const struct envelope *envelope = message->envelope.envelope;
    const struct tag_entry *entry = tags_find(opened->tags, &envelope->tag);
    opened->desk.came = message->envelope.id;
    if (!entry || step->now_h > envelope->expires_h + LIMIT_CLOCK_SKEW_H)
        return;
    if (entry->kind == TAG_RENEWAL) {
        vault_renewal(opened, step, entry, envelope);
        return;
    }
    if (entry->kind == TAG_GROUP || entry->kind == TAG_GROUP_SKIPPED) {
        vault_group_envelope(opened, step, entry, message);
        return;
    }
    if (entry->kind != TAG_INTRO) {
        on_sealed(opened, step, entry, message);
        return;
    }
    vault_intro(opened, step, entry, message);
}
