/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: who is told of a group's changes, and who is asked.
 *
 * A member is told what we signed, once; whoever we let in, all there is.  What
 * we lack is asked for; what was missed is told by the next letter whose view
 * is not known here. */
#include "vault/vault_state.h"

/* Telling. */

/* Send the operations of a set; whether all are under way. */
static bool tell_ops(struct opened *opened, struct step *step,
    const struct vault_group *group, const struct contact *contact,
    const struct groups_set *set)
{
    struct letter letter = {.type = LETTER_GROUP_OPS, .group = group->id};
    size_t place = 0;
    while ((letter.op_count =
                groups_set_fill(set, &group->roster, &place, letter.ops)))
        if (!vault_tell(opened, step, contact, &letter))
            return false;
    return true;
}

static void tell_peer(struct opened *opened, struct step *step,
    struct vault_group *group, struct groups_peer *peer)
{
    struct groups_set set;
    const struct contact *contact =
        contacts_find_person(&opened->contacts, &peer->who);
    if (!contact || peer->told >= group->roster.count)
        return;
    groups_set_from(&group->roster, peer->told, &set);
    if (tell_ops(opened, step, group, contact, &set))
        peer->told = (uint32_t)group->roster.count;
}

void vault_tell_news(
    struct opened *opened, struct step *step, struct vault_group *group)
{
    group->tell_ms = 0;
    for (size_t i = 0; i < group->peer_count; i++)
        tell_peer(opened, step, group, &group->peers[i]);
    groups_save(step, group);
}

/* Whether something was done lately; else it is now. */
static bool was_lately(const struct step *step, uint64_t *at_ms)
{
    if (*at_ms && step->now_ms < *at_ms + GROUPS_AGAIN_MS)
        return true;
    *at_ms = step->now_ms ? step->now_ms : 1;
    return false;
}

/* They are told what was before their removal, and it: no more than what they
 * were to know. */
static void tell_removed(struct opened *opened, struct step *step,
    struct vault_group *group, const struct contact *contact,
    const struct letter *ask)
{
    const struct roster *roster = &group->roster;
    size_t place = roster_removal(roster, &contact->fingerprint);
    if (place == roster->count || roster_has(roster, &contact->fingerprint) ||
        was_lately(step, &group->told_ms))
        return;
    struct groups_set set;
    memcpy(set.bits, roster->ops[place].past, sizeof(set.bits));
    groups_set_add(&set, place);
    if (ask)
        groups_set_leave_out(&set, roster, ask->heads, ask->head_count);
    tell_ops(opened, step, group, contact, &set);
}

void vault_tell_removed(struct opened *opened, struct step *step,
    struct vault_group *group, const struct contact *contact)
{
    tell_removed(opened, step, group, contact, NULL);
}

void vault_on_ask(struct opened *opened, struct step *step,
    const struct contact *contact, const struct letter *letter)
{
    struct vault_group *group = groups_find_id(&opened->groups, &letter->group);
    if (!group || group->membership != MEMBERSHIP_IN)
        return;
    struct groups_peer *peer = groups_peer(group, &contact->fingerprint);
    if (!peer) {
        tell_removed(opened, step, group, contact, letter);
        return;
    }
    struct groups_set set;
    groups_set_from(&group->roster, 0, &set);
    groups_set_leave_out(
        &set, &group->roster, letter->heads, letter->head_count);
    if (groups_set_is_empty(&set) || was_lately(step, &peer->told_ms) ||
        !tell_ops(opened, step, group, contact, &set))
        return;
    peer->told = (uint32_t)group->roster.count;
    groups_save(step, group);
}

/* Asking. */

/* While one is being let in there are no peers, and the inviter alone is
 * heard. */
void vault_ask_ops(struct opened *opened, struct step *step,
    struct vault_group *group, const struct contact *contact)
{
    struct groups_peer *peer = groups_peer(group, &contact->fingerprint);
    if ((!peer && group->membership != MEMBERSHIP_JOINING) ||
        was_lately(step, peer ? &peer->asked_ms : &group->asked_ms))
        return;
    struct letter letter = {.type = LETTER_GROUP_ASK, .group = group->id};
    letter.head_count = roster_heads(&group->roster, letter.heads);
    vault_tell(opened, step, contact, &letter);
}

static void ask_next(
    struct opened *opened, struct step *step, struct vault_group *group)
{
    struct fingerprint who;
    if (!groups_lack_next(group, step, &who))
        return;
    const struct contact *contact =
        contacts_find_person(&opened->contacts, &who);
    if (contact)
        vault_ask_ops(opened, step, group, contact);
}

void vault_group_due(struct opened *opened, struct step *step, uint64_t row)
{
    struct vault_group *group = groups_get(&opened->groups, row);
    if (!group)
        return;
    if (group->tell_ms && group->tell_ms <= step->now_ms)
        vault_tell_news(opened, step, group);
    if (group->ask_ms && group->ask_ms <= step->now_ms)
        ask_next(opened, step, group);
}
