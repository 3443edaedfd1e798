/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups: finding one, its roster, and the chain on which one writes to it.
 *
 * A person is told by a fingerprint throughout, and never by a contact's row:
 * that is what operations name, and a contact can come to have another key.
 *
 * A chain ends with the first letter after somebody has gone, after so many
 * letters, or after a week; only then are new keys drawn, so that a group in
 * which nobody writes costs nothing. */
#include "vault/groups.h"

#include <assert.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "vault/records.h"

/* Beginning. */

static enum status group_new(struct groups *groups, struct step *step,
    struct span name, struct vault_group **out)
{
    struct vault_group *group;
    enum status status = rows_append(&groups->rows, &group);
    if (status)
        return status;
    roster_init(&group->roster);
    roster_key_generate(&group->key, step->random);
    group->name_size = (uint8_t)name.size;
    memcpy(group->name, name.data, name.size);
    *out = group;
    return STATUS_OK;
}

/* The first operation: founder and group are described by it. */
static enum status sign_first(
    struct vault_group *group, struct step *step, const struct card *card)
{
    struct group_op op = {.kind = GROUP_NEW,
        .admin = true,
        .card = *card,
        .name_size = group->name_size};
    card_fingerprint(card, &op.subject);
    memcpy(op.key, group->key.public_, sizeof(op.key));
    memcpy(op.name, group->name, group->name_size);
    return groups_sign(group, step, &op, &op.subject);
}

enum status groups_found(struct groups *groups, struct step *step,
    struct span name, const struct card *card, struct vault_group **out)
{
    struct vault_group *group;
    enum status status = group_new(groups, step, name, &group);
    if (status)
        return status;
    group->membership = MEMBERSHIP_IN;
    status = sign_first(group, step, card);
    if (status) {
        roster_clear(&group->roster);
        rows_remove(&groups->rows, group->row);
        return status;
    }
    group->id = *roster_group(&group->roster);
    groups_save(step, group);
    *out = group;
    return STATUS_OK;
}

enum status groups_join(struct groups *groups, struct step *step,
    const struct group_id *id, struct span name, struct vault_group **out)
{
    enum status status = group_new(groups, step, name, out);
    if (status)
        return status;
    (*out)->id = *id;
    (*out)->membership = MEMBERSHIP_JOINING;
    groups_save(step, *out);
    return STATUS_OK;
}

/* Finding. */

struct vault_group *groups_get(const struct groups *groups, uint64_t row)
{
    return rows_find(&groups->rows, row);
}

struct vault_group *groups_find_id(
    const struct groups *groups, const struct group_id *id)
{
    for (size_t i = 0; i < groups->rows.count; i++) {
        struct vault_group *group = rows_at(&groups->rows, i);
        if (group_id_equal(&group->id, id))
            return group;
    }
    return NULL;
}

static bool is_meant(const struct vault_group *group, struct span word)
{
    enum { ID_CHARS = 2 * sizeof(group->id.bytes) };
    char text[ID_CHARS + 1];
    if (span_equal(groups_name(group), word))
        return true;
    if (word.size < GROUPS_PREFIX_CHARS || word.size > ID_CHARS)
        return false;
    hex_encode((struct span){group->id.bytes, sizeof(group->id.bytes)}, text);
    return memcmp(text, word.data, word.size) == 0;
}

enum status groups_mean(const struct groups *groups, struct span word,
    struct vault_group **out, struct vault_group **other)
{
    struct vault_group *found = NULL;
    for (size_t i = 0; i < groups->rows.count; i++) {
        struct vault_group *group = rows_at(&groups->rows, i);
        if (!is_meant(group, word))
            continue;
        if (found) {
            *out = found;
            *other = group;
            return STATUS_AMBIGUOUS;
        }
        found = group;
    }
    if (!found)
        return STATUS_NOT_FOUND;
    *out = found;
    return STATUS_OK;
}

/* Enough of an id to be told from another by eye, and to be given back. */
static struct span say_id(struct step *step, const struct group_id *id)
{
    enum { BYTES = 8 };
    char text[2 * BYTES + 1];
    hex_encode((struct span){id->bytes, BYTES}, text);
    return step_copy(step, (struct span){(const uint8_t *)text, 2 * BYTES});
}

enum status groups_find(const struct groups *groups, struct step *step,
    struct span word, struct vault_group **out)
{
    struct vault_group *other = NULL;
    enum status status = groups_mean(groups, word, out, &other);
    if (status == STATUS_AMBIGUOUS)
        step_refuse(step, status,
            (struct say){.form = "two groups could be meant: @ and @ are the "
                                 "beginnings of their ids; use one of them",
                .names = {
                    say_id(step, &(*out)->id), say_id(step, &other->id)}});
    else if (status)
        step_refuse(step, status,
            (struct say){.form = "no group has that name, nor an id that "
                                 "begins like that (# digits at least); "
                                 "`sotto group list` shows those there are",
                .numbers = {GROUPS_PREFIX_CHARS}});
    return status;
}

const char *groups_word(enum membership membership)
{
    switch (membership) {
    case MEMBERSHIP_JOINING:
        return "joining";
    case MEMBERSHIP_IN:
        return "member";
    case MEMBERSHIP_LEFT:
        return "left";
    case MEMBERSHIP_REMOVED:
        return "removed";
    }
    return "unknown";
}

/* Operations. */

static bool is_first_of(
    const struct vault_group *group, const struct roster *roster)
{
    const struct group_op *op = &roster->ops[0].op;
    return group_id_equal(roster_group(roster), &group->id) &&
           span_equal(
               (struct span){op->name, op->name_size}, groups_name(group));
}

/* Whoever signed an operation tells it, so it is no news of ours. */
static void follow_others(struct vault_group *group, size_t place)
{
    for (size_t i = 0; i < group->peer_count; i++)
        if (group->peers[i].told == place && place > 0)
            group->peers[i].told++;
}

enum status groups_take(struct vault_group *group, struct step *step,
    struct span bytes, bool *added)
{
    enum status status = roster_take(&group->roster, bytes, added);
    if (status || !*added)
        return status;
    if (group->roster.count == 1 && !is_first_of(group, &group->roster)) {
        roster_clear(&group->roster);
        return STATUS_REFUSED;
    }
    groups_save_op(step, group, group->roster.count - 1);
    follow_others(group, group->roster.count - 1);
    return STATUS_OK;
}

enum status groups_sign(struct vault_group *group, struct step *step,
    struct group_op *op, const struct fingerprint *own)
{
    enum status status = roster_sign(&group->roster, op, own, &group->key);
    if (!status)
        groups_save_op(step, group, group->roster.count - 1);
    return status;
}

/* Peers. */

struct groups_peer *groups_peer(
    struct vault_group *group, const struct fingerprint *who)
{
    for (size_t i = 0; i < group->peer_count; i++)
        if (fingerprint_equal(&group->peers[i].who, who))
            return &group->peers[i];
    return NULL;
}

struct groups_guest *groups_guest(
    struct vault_group *group, const struct fingerprint *who)
{
    for (size_t i = 0; i < group->guest_count; i++)
        if (fingerprint_equal(&group->guests[i].who, who))
            return &group->guests[i];
    return NULL;
}

void groups_drop_guest(struct vault_group *group, const struct fingerprint *who)
{
    struct groups_guest *guest = groups_guest(group, who);
    if (guest)
        *guest = group->guests[--group->guest_count];
}

static bool drop_guests_who_are_in(struct vault_group *group)
{
    bool changed = false;
    for (size_t i = group->guest_count; i-- > 0;) {
        struct fingerprint who = group->guests[i].who;
        const struct groups_guest *guest = &group->guests[i];
        if (!roster_has(&group->roster, &who) ||
            (guest->admin && !roster_has_admin(&group->roster, &who)))
            continue;
        groups_drop_guest(group, &who);
        changed = true;
    }
    return changed;
}

/* Whoever lets somebody in tells them all; others need not. */
static struct groups_peer new_peer(const struct vault_group *group,
    const struct group_op *op, const struct fingerprint *own)
{
    const struct group_op *person = roster_person(&group->roster, &op->subject);
    bool is_ours = fingerprint_equal(&person->author, own);
    return (struct groups_peer){.who = op->subject,
        .told = is_ours ? 0 : (uint32_t)group->roster.count};
}

/* The members but own, with what is known of those who were in before. */
static size_t list_peers(struct vault_group *group,
    const struct fingerprint *own, struct groups_peer *out)
{
    size_t count = 0;
    size_t cursor = 0;
    const struct group_op *op;
    while (count < LIMIT_GROUP_MEMBERS &&
           (op = roster_next(&group->roster, &cursor))) {
        if (fingerprint_equal(&op->subject, own))
            continue;
        const struct groups_peer *known = groups_peer(group, &op->subject);
        out[count++] = known ? *known : new_peer(group, op, own);
    }
    return count;
}

static bool somebody_has_gone(const struct vault_group *group)
{
    for (size_t i = 0; i < group->peer_count; i++)
        if (!roster_has(&group->roster, &group->peers[i].who))
            return true;
    return false;
}

bool groups_sync(struct vault_group *group, const struct fingerprint *own)
{
    struct groups_peer peers[LIMIT_GROUP_MEMBERS];
    bool gone = somebody_has_gone(group);
    bool changed = drop_guests_who_are_in(group);
    size_t count = list_peers(group, own, peers);
    if (!gone && !changed && count == group->peer_count)
        return false;
    group->is_stale = group->is_stale || gone;
    group->peer_count = count;
    if (count)
        memcpy(group->peers, peers, count * sizeof(*peers));
    return true;
}

/* Chains. */

bool groups_needs_epoch(
    const struct vault_group *group, const struct step *step)
{
    return group->epoch == 0 || group->is_stale ||
           group->sender.sent >= LIMIT_GROUP_MESSAGES ||
           step->clock_s >= group->began_s + LIMIT_GROUP_KEY_S;
}

void groups_begin_epoch(struct vault_group *group, struct step *step)
{
    group_sender_begin(&group->sender, step->random);
    group->epoch++;
    group->began_s = step->clock_s;
    group->is_stale = false;
}

bool groups_lacks_key(
    const struct vault_group *group, const struct groups_peer *peer)
{
    return peer->epoch != group->epoch ||
           group->sender.sent >= peer->known + GROUPS_UNCONFIRMED;
}

void groups_hand_anew(
    struct groups *groups, struct step *step, const struct fingerprint *who)
{
    for (size_t i = 0; i < groups->rows.count; i++) {
        struct vault_group *group = rows_at(&groups->rows, i);
        struct groups_peer *peer = groups_peer(group, who);
        if (!peer || peer->epoch == 0)
            continue;
        peer->epoch = 0;
        groups_save(step, group);
    }
}

bool groups_know(const struct groups *groups, const struct fingerprint *who)
{
    for (size_t i = 0; i < groups->rows.count; i++) {
        const struct vault_group *group = rows_at(&groups->rows, i);
        if (roster_person(&group->roster, who))
            return true;
    }
    return false;
}

/* Time. */

static void sweep_guests(struct vault_group *group, struct step *step)
{
    size_t before = group->guest_count;
    for (size_t i = before; i-- > 0;) {
        struct fingerprint who = group->guests[i].who;
        if (step->now_h > group->guests[i].until_h)
            groups_drop_guest(group, &who);
    }
    if (group->guest_count != before)
        groups_save(step, group);
}

/* Those of which nothing is known yet but that somebody asked us in. */
static bool is_only_joining(const struct vault_group *group)
{
    return group->membership == MEMBERSHIP_JOINING && group->roster.count == 0;
}

void groups_sweep(struct groups *groups, struct step *step)
{
    size_t joining = 0;
    for (size_t i = groups->rows.count; i-- > 0;) {
        struct vault_group *group = rows_at(&groups->rows, i);
        sweep_guests(group, step);
        joining += is_only_joining(group);
        if (is_only_joining(group) && joining > LIMIT_GROUP_JOINS)
            groups_forget(groups, step, group->row);
    }
}
