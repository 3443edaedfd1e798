/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: what is written to groups and comes from them.
 *
 * A letter goes out in one envelope; before it, the chain that it is on goes to
 * each member who does not have it, in the session with them.  Whoever could
 * not be handed it (since they are blocked, or nothing is known of them) is not
 * among those whom the letter is to.
 *
 * A chain is believed to be of whoever the session is with that brought it, and
 * of nobody else. */
#include "base/hex.h"
#include "crypto/hash.h"
#include "vault/vault_state.h"

#include <string.h>

/* Out. */

static void hand_key(struct opened *opened, struct step *step,
    struct vault_group *group, struct groups_peer *peer)
{
    const struct contact *contact =
        contacts_find_person(&opened->contacts, &peer->who);
    if (!contact)
        return;
    struct letter letter = {.type = LETTER_GROUP_KEY, .group = group->id};
    struct group_view view;
    roster_view(&group->roster, &view);
    memcpy(letter.view, view.bytes, sizeof(letter.view));
    group_sender_hand(&group->sender, &letter.key);
    if (vault_tell(opened, step, contact, &letter)) {
        peer->epoch = group->epoch;
        peer->known = group->sender.sent;
    }
    secret_wipe(&letter, sizeof(letter));
}

/* Everybody who can be has been handed the chain that is written on next. */
static void make_ready(
    struct opened *opened, struct step *step, struct vault_group *group)
{
    if (group->tell_ms)
        vault_tell_news(opened, step, group);
    if (groups_needs_epoch(group, step))
        groups_begin_epoch(group, step);
    for (size_t i = 0; i < group->peer_count; i++)
        if (groups_lacks_key(group, &group->peers[i]))
            hand_key(opened, step, group, &group->peers[i]);
    groups_save(step, group);
}

/* Whether a member can open what is written now, and is to. */
static bool is_reader(const struct opened *opened,
    const struct vault_group *group, const struct groups_peer *peer)
{
    const struct contact *contact =
        contacts_find_person(&opened->contacts, &peer->who);
    return peer->epoch == group->epoch && contact && !contact->blocked &&
           !contact->changed;
}

static size_t count_readers(
    const struct opened *opened, const struct vault_group *group)
{
    size_t count = 0;
    for (size_t i = 0; i < group->peer_count; i++)
        count += is_reader(opened, group, &group->peers[i]);
    return count;
}

static void begin_copies(struct opened *opened, struct step *step,
    const struct vault_group *group, uint64_t letter)
{
    struct groups_letter_copies *copies =
        groups_copies_begin(&opened->copies, step, letter);
    if (!copies)
        return;
    for (size_t i = 0; i < group->peer_count; i++)
        if (is_reader(opened, group, &group->peers[i]))
            copies->list[copies->count++] =
                (struct groups_copy){.who = group->peers[i].who};
    groups_copies_save(step, copies);
}

/* Seal what lies on desk->letter; held back when the epoch has just ended. */
static void seal_or_hold(struct opened *opened, struct step *step,
    struct vault_group *group, struct outbox_letter *letter, size_t size)
{
    struct group_view view;
    roster_view(&group->roster, &view);
    const struct group_message message = {{&group->id, &opened->fingerprint},
        &view, {step->desk->letter, size}, letter->expires_h};
    enum status status =
        group_seal(&group->sender, &message, step->random, &step->desk->sealed);
    if (status) {
        outbox_hold(&opened->outbox, step, letter, size);
        return;
    }
    groups_save(step, group);
    outbox_seal(&opened->outbox, step, letter, size,
        &(struct outbox_place){outbox_group_session(group->row), group->epoch,
            group->sender.sent - 1});
}

enum status vault_post_group(struct opened *opened, struct step *step,
    struct vault_group *group, const struct letter *letter, bool urgent)
{
    make_ready(opened, step, group);
    if (count_readers(opened, group) == 0)
        return STATUS_NOT_FOUND;
    size_t size;
    struct outbox_letter *begun;
    enum status status = outbox_begin(&opened->outbox, step,
        outbox_group(group->row), letter, urgent, &size, &begun);
    if (status)
        return status;
    begin_copies(opened, step, group, begun->row);
    seal_or_hold(opened, step, group, begun, size);
    return STATUS_OK;
}

void vault_group_seal_held(struct opened *opened, struct step *step,
    const struct vault_event *event, struct vault_group *group)
{
    if (group->membership != MEMBERSHIP_IN)
        return;
    make_ready(opened, step, group);
    for (size_t i = 0; i < event->fetched.count; i++) {
        struct outbox_letter *letter;
        size_t size;
        if (outbox_unpack(&opened->outbox, step, &event->fetched.records[i],
                &size, &letter) == STATUS_OK)
            seal_or_hold(opened, step, group, letter, size);
    }
    outbox_fetch_held(&opened->outbox, step, outbox_group(group->row));
}

/* Who has it. */

static void settle(struct opened *opened, struct step *step,
    const struct vault_group *group, const struct outbox_letter *letter,
    bool note)
{
    const struct groups_letter_copies *copies =
        groups_copies_get(&opened->copies, letter->row);
    if (!copies)
        return;
    struct groups_tally tally = groups_copies_tally(copies, &group->roster);
    const struct outbox_letter *changed = NULL;
    if (tally.members && tally.delivered == tally.members)
        changed = outbox_settle(&opened->outbox, step, letter->row,
            tally.read == tally.members ? OUTBOX_READ : OUTBOX_DELIVERED);
    if (changed || note)
        vault_note_outbox(opened, step, changed ? changed : letter);
}

void vault_settle_group(
    struct opened *opened, struct step *step, const struct vault_group *group)
{
    const struct rows *letters = &opened->outbox.letters;
    for (size_t i = 0; i < letters->count; i++) {
        const struct outbox_letter *letter = rows_at(letters, i);
        if (outbox_group_of(letter->contact) == group->row &&
            outbox_is_under_way(letter))
            settle(opened, step, group, letter, false);
    }
}

/* What a member can open is moved on by what they have confirmed. */
static void note_known(struct vault_group *group, const struct fingerprint *who,
    const struct outbox_letter *letter)
{
    struct groups_peer *peer = groups_peer(group, who);
    if (peer && peer->epoch == group->epoch && letter->chain == group->epoch &&
        letter->number >= peer->known)
        peer->known = letter->number + 1;
}

static void note_copy(struct opened *opened, struct step *step,
    const struct contact *contact, const struct message_id *id, bool was_read)
{
    const struct outbox_letter *letter = outbox_find_group(&opened->outbox, id);
    struct groups_letter_copies *copies =
        letter ? groups_copies_get(&opened->copies, letter->row) : NULL;
    if (!copies ||
        !groups_copies_note(copies, step, &contact->fingerprint, was_read))
        return;
    struct vault_group *group =
        groups_get(&opened->groups, outbox_group_of(letter->contact));
    note_known(group, &contact->fingerprint, letter);
    groups_save(step, group);
    settle(opened, step, group, letter, true);
}

void vault_on_group_receipt(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    for (size_t i = 0; i < letter->read_count; i++)
        note_copy(opened, step, contact, &letter->read[i], false);
}

void vault_group_read(struct opened *opened, struct step *step,
    const struct contact *contact, const struct message_id *id)
{
    note_copy(opened, step, contact, id, true);
}

/* Others' chains. */

static void use_chain(struct opened *opened, struct step *step,
    struct groups_chain *chain, bool look_up)
{
    enum status status = groups_chains_use(chain, opened->tags);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    if (!status && look_up)
        lookup_session(
            &opened->lookup, step, opened->tags, chain->receiver.handle);
}

void vault_use_chains(struct opened *opened, struct step *step,
    const struct vault_group *group, bool look_up)
{
    for (size_t i = 0; i < opened->chains.rows.count; i++) {
        struct groups_chain *chain = rows_at(&opened->chains.rows, i);
        if (chain->group == group->row && !chain->is_used &&
            roster_person(&group->roster, &chain->receiver.owner))
            use_chain(opened, step, chain, look_up);
    }
}

void vault_on_group_key(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    struct vault_group *group = groups_find_id(&opened->groups, &letter->group);
    if (!group || group->membership == MEMBERSHIP_LEFT)
        return;
    struct groups_chain offered = {.group = group->row};
    group_receiver_begin(
        &offered.receiver, 0, &contact->fingerprint, &letter->key);
    bool is_new =
        groups_chains_add(&opened->chains, step, &offered, opened->tags);
    secret_wipe(&offered, sizeof(offered));
    if (is_new)
        vault_use_chains(opened, step, group, true);
    struct group_view view;
    memcpy(view.bytes, letter->view, sizeof(view.bytes));
    if (roster_judge(&group->roster, &view) == ROSTER_UNKNOWN)
        groups_lack_begin(group, step, &contact->fingerprint, view.bytes);
}

/* In. */

static enum inbox_view judge(const struct vault_group *group,
    const struct fingerprint *writer, const struct group_view *view)
{
    enum roster_standing standing = roster_judge(&group->roster, view);
    if (standing == ROSTER_OLD || !roster_has(&group->roster, writer))
        return INBOX_VIEW_OLD;
    return standing == ROSTER_UNKNOWN ? INBOX_VIEW_UNKNOWN : INBOX_VIEW_CURRENT;
}

static void on_text(struct opened *opened, struct step *step,
    struct vault_group *group, const struct contact *contact,
    const struct letter *letter, const struct group_view *seen)
{
    enum inbox_view view = judge(group, &contact->fingerprint, seen);
    const struct inbox_origin origin = {
        .contact = contact->row, .group = group->row, .view = view};
    struct control_letter described = {.state = "unread"};
    const struct owing owing = {.kind = OWED_GROUP_RECEIPT,
        .who = contact->fingerprint,
        .id = letter->id,
        .pace = contact->pace};
    owed_add(&opened->owed, step, &owing);
    if (!inbox_first_sight_of(
            &opened->inbox, step, letter, &contact->fingerprint))
        return;
    inbox_receive(&opened->inbox, step, &origin, letter, &described);
    vault_describe_origin(opened, step, &origin, &described);
    step_notify(step, CONTROL_NOTE_LETTER)->letter = described;
    if (view == INBOX_VIEW_UNKNOWN)
        groups_lack_begin(group, step, &contact->fingerprint, seen->bytes);
    if (view == INBOX_VIEW_OLD)
        vault_tell_removed(opened, step, group, contact);
}

/* A chain has opened an envelope: the letter in it is taken in. */
static void on_opened(struct opened *opened, struct step *step,
    const struct groups_chain *chain, const struct group_view *view)
{
    struct ratchet_opened *came = &step->desk->opened;
    struct vault_group *group = groups_get(&opened->groups, chain->group);
    const struct contact *contact =
        contacts_find_person(&opened->contacts, &chain->receiver.owner);
    struct letter letter = {.sent_at_s = 0};
    lookup_add(&opened->lookup, step, came->added, came->added_count);
    if (letter_decode((struct span){came->plain, came->plain_size}, &letter) ==
            STATUS_OK &&
        letter.type == LETTER_TEXT)
        on_text(opened, step, group, contact, &letter, view);
    secret_wipe(came, sizeof(*came));
}

void vault_group_envelope(struct opened *opened, struct step *step,
    const struct tag_entry *entry, const struct port_message *message)
{
    struct groups_chain *chain = groups_chains_find(&opened->chains, entry);
    if (!chain || inbox_is_full(&opened->inbox))
        return;
    const struct contact *contact =
        contacts_find_person(&opened->contacts, &chain->receiver.owner);
    if (!contact || contact->blocked)
        return;
    struct groups_letter sealed = {.entry = entry,
        .envelope = message->envelope.envelope,
        .group = &groups_get(&opened->groups, chain->group)->id};
    enum status status = groups_chains_open(chain, step, &sealed, opened->tags);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    if (status == STATUS_OK)
        on_opened(opened, step, chain, &sealed.view);
}

/* Time. */

void vault_groups_start(struct opened *opened, struct step *step)
{
    for (size_t i = 0; i < opened->groups.rows.count; i++) {
        struct vault_group *group = rows_at(&opened->groups.rows, i);
        vault_use_chains(opened, step, group, false);
        groups_news_start(group, step);
    }
    owed_start(&opened->owed, step);
}

void vault_groups_sweep(struct opened *opened, struct step *step)
{
    groups_sweep(&opened->groups, step);
    groups_chains_sweep(&opened->chains, step, opened->tags);
    groups_early_drop(&opened->early, step, 0);
    owed_sweep(&opened->owed, step);
    for (size_t i = opened->copies.rows.count; i-- > 0;) {
        const struct groups_letter_copies *copies =
            rows_at(&opened->copies.rows, i);
        if (!rows_find(&opened->outbox.letters, copies->row))
            groups_copies_forget(&opened->copies, step, copies->row);
    }
}
