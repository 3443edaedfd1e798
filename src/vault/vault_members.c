/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: how people come into groups and go, between vaults.
 *
 * Whoever asks somebody in is answered by that vault itself, if its person has
 * the asker among their contacts: to be in a group costs nothing and shows
 * nothing but the own card, which the asker has.  A stranger, or somebody who
 * is known through another group alone, is not answered.
 *
 * Operations are believed for their signatures, and looked at only when they
 * come from a member, or from who asked us in. */
#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/identity.h"
#include "vault/vault_state.h"

#include <string.h>

/* Notifications. */

static void note_group(struct opened *opened, struct step *step,
    const struct vault_group *group, const char *what,
    const struct fingerprint *who)
{
    struct control_group_event event = {.what = what};
    const struct contact *contact =
        who ? contacts_find_person(&opened->contacts, who) : NULL;
    hex_encode(
        (struct span){group->id.bytes, sizeof(group->id.bytes)}, event.id);
    event.name = step_copy(step, groups_name(group));
    if (contact)
        event.who = step_copy(step, contact_name(contact));
    if (who)
        hex_encode(
            (struct span){who->bytes, sizeof(who->bytes)}, event.fingerprint);
    step_notify(step, CONTROL_NOTE_GROUP)->group_event = event;
}

/* What follows from a roster. */

void vault_forget_introduced(
    struct opened *opened, struct step *step, bool with_sessions)
{
    const struct rows *rows = &opened->contacts.rows;
    for (size_t i = rows->count; i-- > 0;) {
        const struct contact *contact = rows_at(rows, i);
        if (contact_is_introduced(contact) &&
            !groups_know(&opened->groups, &contact->fingerprint) &&
            !inbox_has_contact(&opened->inbox, contact->row) &&
            (with_sessions ||
                !sessions_active(&opened->sessions, contact->row)))
            vault_remove_contact(opened, step, contact);
    }
}

/* Let in the first contact that somebody may have made as a stranger. */
static void know_member(
    struct opened *opened, struct step *step, const struct group_op *op)
{
    const struct contact *contact;
    bool is_new = !contacts_find_person(&opened->contacts, &op->subject);
    enum status status =
        contacts_introduce(&opened->contacts, step, &op->card, &contact);
    if (status == STATUS_FULL) {
        vault_forget_introduced(opened, step, true);
        status =
            contacts_introduce(&opened->contacts, step, &op->card, &contact);
    }
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    if (status || !is_new)
        return;
    vault_watch_contact(opened, step, contact);
    vault_admit(opened, step, contact);
    vault_meet_again(opened, step, contact);
}

void vault_know_members(
    struct opened *opened, struct step *step, const struct vault_group *group)
{
    size_t cursor = 0;
    const struct group_op *op;
    while ((op = roster_next(&group->roster, &cursor)))
        if (!fingerprint_equal(&op->subject, &opened->fingerprint))
            know_member(
                opened, step, roster_person(&group->roster, &op->subject));
}

void vault_know_all_members(struct opened *opened, struct step *step)
{
    for (size_t i = 0; i < opened->groups.rows.count; i++)
        vault_know_members(opened, step, rows_at(&opened->groups.rows, i));
}

/* Own coming and going, by the roster. */
static void follow_membership(
    struct opened *opened, struct step *step, struct vault_group *group)
{
    bool is_in = roster_has(&group->roster, &opened->fingerprint);
    const struct group_op *op =
        roster_person(&group->roster, &opened->fingerprint);
    bool is_ours = op && memcmp(op->key, group->key.public_, 32) == 0;
    size_t removal = roster_removal(&group->roster, &opened->fingerprint);
    if (is_in && is_ours && group->membership != MEMBERSHIP_IN &&
        group->membership != MEMBERSHIP_LEFT) {
        group->membership = MEMBERSHIP_IN;
        note_group(opened, step, group, "joined", &op->author);
    }
    if (is_in || group->membership != MEMBERSHIP_IN)
        return;
    group->guest_count = 0;
    group->membership = MEMBERSHIP_LEFT; /* before a backup was restored */
    if (removal == group->roster.count)
        return;
    group->membership = MEMBERSHIP_REMOVED;
    note_group(
        opened, step, group, "removed", &group->roster.ops[removal].op.author);
}

/* Who was a peer before, and who is now. */
static void note_changes(struct opened *opened, struct step *step,
    struct vault_group *group, const struct vault_group *before)
{
    for (size_t i = 0; i < before->peer_count; i++)
        if (!groups_peer(group, &before->peers[i].who))
            note_group(opened, step, group, "gone", &before->peers[i].who);
    for (size_t i = 0; i < group->peer_count; i++) {
        bool was_there = false;
        for (size_t j = 0; j < before->peer_count && !was_there; j++)
            was_there =
                fingerprint_equal(&before->peers[j].who, &group->peers[i].who);
        if (!was_there)
            note_group(opened, step, group, "added", &group->peers[i].who);
    }
}

/* We left while somebody was letting us in, and say so again. */
static void leave_again(
    struct opened *opened, struct step *step, struct vault_group *group)
{
    const struct group_op *person =
        roster_person(&group->roster, &opened->fingerprint);
    if (group->membership != MEMBERSHIP_LEFT || !person ||
        !roster_has(&group->roster, &opened->fingerprint))
        return;
    struct group_op op = {.kind = GROUP_LEAVE, .subject = opened->fingerprint};
    enum status status = groups_sign(group, step, &op, &opened->fingerprint);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    if (status == STATUS_OK)
        vault_tell_news(opened, step, group);
}

void vault_group_changed(
    struct opened *opened, struct step *step, struct vault_group *group)
{
    struct vault_group *before = step_alloc(step, sizeof(*before));
    if (!before)
        return;
    bool was_in = group->membership == MEMBERSHIP_IN;
    before->peer_count = group->peer_count;
    memcpy(before->peers, group->peers, sizeof(before->peers));
    vault_know_members(opened, step, group);
    groups_sync(group, &opened->fingerprint);
    leave_again(opened, step, group);
    follow_membership(opened, step, group);
    if (was_in && group->membership == MEMBERSHIP_IN)
        note_changes(opened, step, group, before);
    groups_save(step, group);
    vault_use_chains(opened, step, group, true);
    vault_settle_group(opened, step, group);
}

/* Coming in. */

static bool may_ask_in(const struct contact *contact)
{
    return !contact_is_introduced(contact) && !contact->changed;
}

/* The group that is joined: a new one, or one that this person was in. */
static struct vault_group *group_to_join(struct opened *opened,
    struct step *step, const struct contact *contact,
    const struct letter *letter)
{
    struct vault_group *group = groups_find_id(&opened->groups, &letter->group);
    if (group && group->membership == MEMBERSHIP_IN)
        return NULL;
    if (!group) {
        enum status status = groups_join(
            &opened->groups, step, &letter->group, letter->name, &group);
        if (status == STATUS_NO_MEMORY)
            step_check(step, status);
        if (status)
            return NULL;
    } else if (group->membership != MEMBERSHIP_JOINING) {
        roster_key_generate(&group->key, step->random);
    }
    if (group->membership == MEMBERSHIP_JOINING &&
        fingerprint_equal(&group->inviter, &contact->fingerprint))
        return group;
    group->membership = MEMBERSHIP_JOINING;
    group->inviter = contact->fingerprint;
    group->asked_ms = 0;
    groups_save(step, group);
    note_group(opened, step, group, "joining", &contact->fingerprint);
    return group;
}

void vault_on_invite(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    if (!may_ask_in(contact) || !contact_name_is_good(letter->name))
        return;
    struct vault_group *group = group_to_join(opened, step, contact, letter);
    if (!group)
        return;
    struct letter join = {.type = LETTER_GROUP_JOIN, .group = group->id};
    memcpy(join.join_key, group->key.public_, sizeof(join.join_key));
    prekeys_renew(&opened->prekeys, step, PREKEY_FRESH_H);
    card_make(&opened->identity, prekeys_newest(&opened->prekeys), &join.card);
    vault_tell(opened, step, contact, &join);
    groups_sweep(&opened->groups, step);
}

/* Sign a guest in; what they are called is what this person calls them. */
static enum status sign_in(struct opened *opened, struct step *step,
    struct vault_group *group, const struct contact *contact,
    const struct letter *letter)
{
    struct group_op op = {.kind = GROUP_ADD,
        .subject = contact->fingerprint,
        .admin = groups_guest(group, &contact->fingerprint)->admin,
        .card = letter->card,
        .name_size = contact->name_size};
    memcpy(op.key, letter->join_key, sizeof(op.key));
    memcpy(op.name, contact->name, contact->name_size);
    return groups_sign(group, step, &op, &opened->fingerprint);
}

void vault_on_join(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    struct fingerprint who;
    card_fingerprint(&letter->card, &who);
    struct vault_group *group = groups_find_id(&opened->groups, &letter->group);
    if (!group || contact_is_introduced(contact) ||
        !groups_guest(group, &contact->fingerprint) ||
        !fingerprint_equal(&who, &contact->fingerprint) ||
        !roster_has_admin(&group->roster, &opened->fingerprint))
        return;
    enum status status = sign_in(opened, step, group, contact, letter);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    groups_drop_guest(group, &contact->fingerprint);
    groups_save(step, group);
    if (status)
        return;
    vault_group_changed(opened, step, group);
    groups_news_begin(group, step);
}

/* Whether this sender's operations are looked at. */
static bool is_heard(
    const struct vault_group *group, const struct contact *contact)
{
    if (group->membership != MEMBERSHIP_IN &&
        fingerprint_equal(&group->inviter, &contact->fingerprint))
        return true;
    return roster_has(&group->roster, &contact->fingerprint);
}

/* Whether it is new.  What has come too early waits for what it lacks. */
static bool take_op(struct opened *opened, struct step *step,
    struct vault_group *group, const struct contact *contact, struct span bytes)
{
    bool added = false;
    enum status status = groups_take(group, step, bytes, &added);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    if (status && groups_is_early(group, status, bytes)) {
        struct group_op_hash hash;
        roster_hash_op(bytes, &hash);
        groups_early_keep(&opened->early, step, group->row, bytes);
        groups_lack_begin(group, step, &contact->fingerprint, hash.bytes);
    }
    return status == STATUS_OK && added;
}

void vault_on_ops(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    struct vault_group *group = groups_find_id(&opened->groups, &letter->group);
    if (!group || !is_heard(group, contact))
        return;
    size_t taken = 0;
    for (size_t i = 0; i < letter->op_count; i++)
        taken += take_op(opened, step, group, contact, letter->ops[i]);
    taken += groups_early_take(&opened->early, step, group);
    if (taken)
        vault_group_changed(opened, step, group);
}

/* After a restore: three who are asked will do. */
void vault_groups_restored(struct opened *opened, struct step *step)
{
    enum { ASKED = 3 };
    vault_know_all_members(opened, step);
    for (size_t i = 0; i < opened->groups.rows.count; i++) {
        struct vault_group *group = rows_at(&opened->groups.rows, i);
        for (size_t j = 0; j < group->peer_count && j < ASKED; j++) {
            const struct contact *contact =
                contacts_find_person(&opened->contacts, &group->peers[j].who);
            if (contact)
                vault_ask_ops(opened, step, group, contact);
        }
    }
}
