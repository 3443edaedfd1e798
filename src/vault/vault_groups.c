/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: what a person asks about groups.
 *
 * To add somebody is to ask them in; their vault answers, and then ours signs
 * it.  Somebody who is no contact is told by their fingerprint, and by who
 * brought them in: a name that others gave them is shown as that, and never
 * taken for one. */
#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/identity.h"
#include "vault/vault_state.h"

#include <string.h>

/* Describing. */

static void say_fingerprint(
    const struct fingerprint *who, char out[static CONTROL_FINGERPRINT_CHARS])
{
    hex_encode((struct span){who->bytes, sizeof(who->bytes)}, out);
}

static struct span name_of(
    struct opened *opened, struct step *step, const struct fingerprint *who)
{
    const struct contact *contact =
        contacts_find_person(&opened->contacts, who);
    return contact ? step_copy(step, contact_name(contact))
                   : (struct span){NULL, 0};
}

static void describe_group(struct opened *opened, struct step *step,
    const struct vault_group *group, struct control_group *out)
{
    hex_encode(
        (struct span){group->id.bytes, sizeof(group->id.bytes)}, out->id);
    out->name = step_copy(step, groups_name(group));
    out->state = groups_word(group->membership);
    out->admin = group->membership == MEMBERSHIP_IN &&
                 roster_has_admin(&group->roster, &opened->fingerprint);
    out->members = roster_member_count(&group->roster);
    out->invited = group->guest_count;
}

static void answer_group(
    struct opened *opened, struct step *step, const struct vault_group *group)
{
    struct control_group *row = step_alloc(step, sizeof(*row));
    if (!row)
        return;
    describe_group(opened, step, group, row);
    struct control_reply *reply = step_reply(step, CONTROL_GROUP_ROWS);
    reply->groups = row;
    reply->count = 1;
}

static void ask_list(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    const struct rows *rows = &opened->groups.rows;
    size_t limit = vault_page_rows(request);
    struct control_group *list = step_alloc(step, limit * sizeof(*list));
    if (!list)
        return;
    size_t count = 0;
    size_t i = rows_after(rows, request->cursor);
    uint64_t last = 0;
    for (; i < rows->count && count < limit; i++) {
        const struct vault_group *group = rows_at(rows, i);
        describe_group(opened, step, group, &list[count++]);
        last = group->row;
    }
    struct control_reply *reply = step_reply(step, CONTROL_GROUP_ROWS);
    reply->groups = list;
    reply->count = count;
    reply->next = i < rows->count ? last : 0;
}

/* What this person knows of somebody, whether in or asked in. */
static void describe_person(struct opened *opened, struct step *step,
    const struct fingerprint *who, struct control_member *out)
{
    const struct contact *contact =
        contacts_find_person(&opened->contacts, who);
    say_fingerprint(who, out->fingerprint);
    out->state = contact ? contact_state(contact) : "introduced";
    if (fingerprint_equal(who, &opened->fingerprint))
        out->state = "you";
    out->blocked = contact && contact->blocked;
    if (contact)
        out->name = step_copy(step, contact_name(contact));
}

static void describe_member(struct opened *opened, struct step *step,
    const struct vault_group *group, const struct fingerprint *who,
    struct control_member *out)
{
    const struct group_op *op = roster_person(&group->roster, who);
    describe_person(opened, step, who, out);
    out->role = roster_has_admin(&group->roster, who) ? "admin" : "member";
    if (op->kind == GROUP_ADD)
        out->called = step_copy(step, (struct span){op->name, op->name_size});
    out->by = name_of(opened, step, &op->author);
    say_fingerprint(&op->author, out->by_fingerprint);
}

/* The list is as long as a group can ever be. */
static void ask_members(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    struct vault_group *group;
    if (groups_find(&opened->groups, step, request->group, &group))
        return;
    size_t limit = vault_page_rows(request);
    struct control_member *list = step_alloc(step, limit * sizeof(*list));
    if (!list)
        return;
    size_t count = 0;
    uint64_t at = 0;
    size_t cursor = 0;
    const struct group_op *op;
    while (count < limit && (op = roster_next(&group->roster, &cursor)))
        if (at++ >= request->cursor)
            describe_member(opened, step, group, &op->subject, &list[count++]);
    size_t members = roster_member_count(&group->roster);
    for (size_t i = 0; i < group->guest_count && count < limit; i++) {
        if (at++ < request->cursor)
            continue;
        describe_person(opened, step, &group->guests[i].who, &list[count]);
        list[count].role = "invited";
        say_fingerprint(&opened->fingerprint, list[count++].by_fingerprint);
    }
    struct control_reply *reply = step_reply(step, CONTROL_MEMBER_ROWS);
    reply->members = list;
    reply->count = count;
    reply->next = at < members + group->guest_count ? at : 0;
}

/* Who has a letter. */

/* What becomes of a copy that nobody has confirmed: it waits no longer than its
 * letter is under way. */
static const char *unconfirmed_word(const struct outbox_letter *letter)
{
    bool is_over = letter->state == OUTBOX_EXPIRED ||
                   letter->state == OUTBOX_RECALLED ||
                   letter->state == OUTBOX_REFUSED;
    return is_over ? outbox_state_name(letter->state) : "waiting";
}

static const char *copy_word(const struct vault_group *group,
    const struct outbox_letter *letter, const struct groups_copy *copy)
{
    if (copy->read_at_s)
        return "read";
    if (copy->delivered_at_s)
        return "delivered";
    return roster_has(&group->roster, &copy->who) ? unconfirmed_word(letter)
                                                  : "gone";
}

static size_t list_copies(struct opened *opened, struct step *step,
    const struct outbox_letter *letter, struct control_copy *list)
{
    const struct vault_group *group =
        groups_get(&opened->groups, outbox_group_of(letter->contact));
    const struct groups_letter_copies *copies =
        groups_copies_get(&opened->copies, letter->row);
    for (size_t i = 0; copies && i < copies->count; i++) {
        const struct groups_copy *copy = &copies->list[i];
        list[i].name = name_of(opened, step, &copy->who);
        say_fingerprint(&copy->who, list[i].fingerprint);
        list[i].state = copy_word(group, letter, copy);
        list[i].delivered_at_s = copy->delivered_at_s;
        list[i].read_at_s = copy->read_at_s;
    }
    return copies ? copies->count : 0;
}

static size_t list_copy(struct opened *opened, struct step *step,
    const struct outbox_letter *letter, struct control_copy *out)
{
    const struct contact *contact =
        contacts_get(&opened->contacts, letter->contact);
    bool was_read = letter->state == OUTBOX_READ;
    out->name = step_copy(step, contact_name(contact));
    say_fingerprint(&contact->fingerprint, out->fingerprint);
    out->state = was_read                 ? "read"
                 : letter->delivered_at_s ? "delivered"
                                          : unconfirmed_word(letter);
    out->delivered_at_s = letter->delivered_at_s;
    out->read_at_s = was_read ? letter->finished_at_s : 0;
    return 1;
}

void vault_ask_copies(struct opened *opened, struct step *step, struct span id)
{
    struct outbox_letter *letter;
    if (outbox_find(&opened->outbox, step, id, &letter))
        return;
    struct control_copy *list =
        step_alloc(step, LIMIT_GROUP_MEMBERS * sizeof(*list));
    if (!list)
        return;
    size_t count = outbox_group_of(letter->contact)
                       ? list_copies(opened, step, letter, list)
                       : list_copy(opened, step, letter, list);
    struct control_reply *reply = step_reply(step, CONTROL_COPY_ROWS);
    reply->copies = list;
    reply->count = count;
}

/* Beginning. */

/* A name that this person gives is to mean one thing. */
static bool name_is_free(
    struct opened *opened, struct step *step, struct span name)
{
    struct vault_group *group, *other;
    if (!contact_name_is_good(name)) {
        step_refuse(step, STATUS_INVALID,
            (struct say){.form = "a group's name has 1 to # bytes of UTF-8 "
                                 "text, neither begins nor ends with a space, "
                                 "and has no control characters; this one has "
                                 "# bytes",
                .numbers = {LIMIT_NAME_BYTES, name.size}});
        return false;
    }
    if (groups_mean(&opened->groups, name, &group, &other) !=
        STATUS_NOT_FOUND) {
        step_refuse(step, STATUS_EXISTS,
            (struct say){.form = "there is a group @ already; choose another "
                                 "name",
                .names = {name}});
        return false;
    }
    return contacts_check_name(&opened->contacts, step, name, NULL) ==
           STATUS_OK;
}

static void ask_new(struct opened *opened, struct step *step, struct span name)
{
    struct card card;
    struct vault_group *group;
    if (!name_is_free(opened, step, name))
        return;
    prekeys_renew(&opened->prekeys, step, PREKEY_FRESH_H);
    card_make(&opened->identity, prekeys_newest(&opened->prekeys), &card);
    enum status status =
        groups_found(&opened->groups, step, name, &card, &group);
    if (status == STATUS_FULL)
        step_refuse(step, status,
            (struct say){.form = "you are or were in # groups; the limit is "
                                 "#, and `sotto group forget` makes room",
                .numbers = {opened->groups.rows.count, LIMIT_GROUPS}});
    else
        step_check(step, status);
    if (!status)
        answer_group(opened, step, group);
}

/* Members. */

/* A group of which this person is a member. */
static struct vault_group *find_own(
    struct opened *opened, struct step *step, struct span word)
{
    struct vault_group *group;
    if (groups_find(&opened->groups, step, word, &group))
        return NULL;
    if (group->membership == MEMBERSHIP_IN)
        return group;
    const char *why = "you left this group";
    if (group->membership == MEMBERSHIP_JOINING)
        why = "you are being let into this group, and are no member yet";
    else if (group->membership == MEMBERSHIP_REMOVED)
        why = "you were removed from this group";
    step_refuse(step, STATUS_REFUSED, (struct say){.form = why});
    return NULL;
}

static struct vault_group *find_as_admin(
    struct opened *opened, struct step *step, struct span word)
{
    struct vault_group *group = find_own(opened, step, word);
    if (!group || roster_has_admin(&group->roster, &opened->fingerprint))
        return group;
    step_refuse(step, STATUS_REFUSED,
        (struct say){.form = "only an admin adds and removes members; `sotto "
                             "group members` shows who is one"});
    return NULL;
}

static bool has_room_for_op(struct step *step, const struct vault_group *group)
{
    if (group->roster.count < LIMIT_GROUP_OPS)
        return true;
    step_refuse(step, STATUS_FULL,
        (struct say){.form = "this group's members have changed # times; the "
                             "limit is #: begin another group",
            .numbers = {group->roster.count, LIMIT_GROUP_OPS}});
    return false;
}

static bool has_room_for_guest(
    struct step *step, const struct vault_group *group)
{
    size_t members = roster_member_count(&group->roster);
    if (members + group->guest_count < LIMIT_GROUP_MEMBERS)
        return has_room_for_op(step, group);
    step_refuse(step, STATUS_FULL,
        (struct say){.form = "this group has # members, and # who are asked "
                             "in; the limit is #",
            .numbers = {members, group->guest_count, LIMIT_GROUP_MEMBERS}});
    return false;
}

/* Sign, and tell everybody.  False when it was refused. */
static bool change(struct opened *opened, struct step *step,
    struct vault_group *group, struct group_op *op)
{
    enum status status = groups_sign(group, step, op, &opened->fingerprint);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    else if (status)
        step_refuse(step, status,
            (struct say){.form = "the group's list of changes does not take "
                                 "this one"});
    if (status)
        return false;
    vault_tell_news(opened, step, group);
    vault_group_changed(opened, step, group);
    return true;
}

/* A member becomes an admin: no more is needed of them. */
static void make_admin(struct opened *opened, struct step *step,
    struct vault_group *group, const struct contact *contact)
{
    const struct group_op *person =
        roster_person(&group->roster, &contact->fingerprint);
    struct group_op op = {.kind = GROUP_ADD,
        .subject = contact->fingerprint,
        .admin = true,
        .card = person->card,
        .name_size = contact->name_size};
    memcpy(op.key, person->key, sizeof(op.key));
    memcpy(op.name, contact->name, contact->name_size);
    if (has_room_for_op(step, group) && change(opened, step, group, &op))
        answer_group(opened, step, group);
}

static void ask_in(struct opened *opened, struct step *step,
    struct vault_group *group, const struct contact *contact, bool admin)
{
    struct groups_guest *guest = groups_guest(group, &contact->fingerprint);
    if (!guest && !has_room_for_guest(step, group))
        return;
    struct letter letter = {.type = LETTER_GROUP_INVITE,
        .group = group->id,
        .name = groups_name(group)};
    if (!vault_tell(opened, step, contact, &letter)) {
        step_refuse(step, STATUS_FULL,
            (struct say){.form = "@ cannot be written to: the outbox is full, "
                                 "or too many sessions are open",
                .names = {contact_name(contact)}});
        return;
    }
    if (!guest)
        guest = &group->guests[group->guest_count++];
    *guest = (struct groups_guest){
        contact->fingerprint, admin, step->now_h + GROUPS_GUEST_H};
    groups_save(step, group);
    answer_group(opened, step, group);
}

static void ask_add(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    const struct contact *contact;
    struct vault_group *group = find_as_admin(opened, step, request->group);
    if (!group ||
        contacts_find(&opened->contacts, step, request->name, &contact) ||
        !vault_contact_is_good(step, contact))
        return;
    const struct roster *roster = &group->roster;
    if (!roster_has(roster, &contact->fingerprint))
        ask_in(opened, step, group, contact, request->admin);
    else if (request->admin && !roster_has_admin(roster, &contact->fingerprint))
        make_admin(opened, step, group, contact);
    else
        step_refuse(step, STATUS_EXISTS,
            (struct say){.form = "@ is in @ already",
                .names = {contact_name(contact), groups_name(group)}});
}

/* Whether a word means somebody: by the name that this person has for them, or
 * by their fingerprint. */
static bool is_meant(const struct opened *opened, struct span word,
    const struct fingerprint *who)
{
    char text[CONTROL_FINGERPRINT_CHARS + 1];
    const struct contact *contact =
        contacts_find_person(&opened->contacts, who);
    if (contact && contact_is_meant(contact, word))
        return true;
    say_fingerprint(who, text);
    return word.size >= CONTACT_PREFIX_CHARS &&
           word.size <= CONTROL_FINGERPRINT_CHARS &&
           memcmp(text, word.data, word.size) == 0;
}

/* How many of members and guests a word could mean; the last of them. */
static size_t find_meant(const struct opened *opened,
    const struct vault_group *group, struct span word, struct fingerprint *out)
{
    size_t count = 0;
    size_t cursor = 0;
    const struct group_op *op;
    while ((op = roster_next(&group->roster, &cursor))) {
        if (!is_meant(opened, word, &op->subject))
            continue;
        *out = op->subject;
        count++;
    }
    for (size_t i = 0; i < group->guest_count; i++) {
        const struct fingerprint *who = &group->guests[i].who;
        if (roster_has(&group->roster, who) || !is_meant(opened, word, who))
            continue;
        *out = *who;
        count++;
    }
    return count;
}

static void remove_member(struct opened *opened, struct step *step,
    struct vault_group *group, const struct fingerprint *who)
{
    struct group_op op = {.kind = GROUP_REMOVE, .subject = *who};
    if (!roster_has(&group->roster, who)) {
        groups_drop_guest(group, who);
        groups_save(step, group);
        answer_group(opened, step, group);
    } else if (has_room_for_op(step, group) &&
               change(opened, step, group, &op)) {
        answer_group(opened, step, group);
    }
}

static void ask_remove(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    struct fingerprint who;
    struct vault_group *group = find_as_admin(opened, step, request->group);
    if (!group)
        return;
    size_t count = find_meant(opened, group, request->name, &who);
    if (count > 1)
        step_refuse(step, STATUS_AMBIGUOUS,
            (struct say){.form = "# members could be meant; use more of the "
                                 "fingerprint, as `sotto group members` "
                                 "prints it",
                .numbers = {count}});
    else if (count == 0)
        step_refuse(step, STATUS_NOT_FOUND,
            (struct say){.form = "nobody in @ has that name or a fingerprint "
                                 "that begins like that (# digits at least)",
                .numbers = {CONTACT_PREFIX_CHARS},
                .names = {groups_name(group)}});
    else if (fingerprint_equal(&who, &opened->fingerprint))
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "this is you: `sotto group leave` ends your "
                                 "own membership"});
    else
        remove_member(opened, step, group, &who);
}

/* Going. */

/* Nothing that is written there is opened any more. */
static void go(
    struct opened *opened, struct step *step, struct vault_group *group)
{
    group->membership = MEMBERSHIP_LEFT;
    group->guest_count = 0;
    group->epoch = 0;
    secret_wipe(&group->sender, sizeof(group->sender));
    groups_chains_drop(&opened->chains, step, group->row, opened->tags);
    groups_save(step, group);
    step_scrub(step);
}

static void ask_leave(
    struct opened *opened, struct step *step, struct span word)
{
    struct vault_group *group;
    struct group_op op = {.kind = GROUP_LEAVE, .subject = opened->fingerprint};
    if (groups_find(&opened->groups, step, word, &group))
        return;
    if (group->membership != MEMBERSHIP_JOINING &&
        group->membership != MEMBERSHIP_IN) {
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "you are in this group no more; `sotto group "
                                 "forget` removes what is left of it here"});
        return;
    }
    if (group->membership == MEMBERSHIP_IN &&
        (!has_room_for_op(step, group) || !change(opened, step, group, &op)))
        return;
    go(opened, step, group);
    answer_group(opened, step, group);
}

static void ask_forget(
    struct opened *opened, struct step *step, struct span word)
{
    struct vault_group *group;
    if (groups_find(&opened->groups, step, word, &group))
        return;
    if (group->membership == MEMBERSHIP_IN ||
        group->membership == MEMBERSHIP_JOINING) {
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "you are in this group; `sotto group leave` "
                                 "comes first"});
        return;
    }
    uint64_t row = group->row;
    outbox_forget_contact(&opened->outbox, step, outbox_group(row));
    inbox_forget_group(&opened->inbox, step, row);
    groups_chains_drop(&opened->chains, step, row, opened->tags);
    groups_early_drop(&opened->early, step, row);
    groups_forget(&opened->groups, step, row);
    vault_forget_introduced(opened, step, false);
    step_effect(step, VAULT_SCRUB);
    step_reply(step, CONTROL_DONE);
}

/* Writing. */

static void refuse_send(
    struct step *step, enum status status, const struct vault_group *group)
{
    if (status == STATUS_NOT_FOUND)
        step_refuse(step, STATUS_REFUSED,
            (struct say){.form = "nobody else is in @ who could be written "
                                 "to; # are asked in",
                .numbers = {group->guest_count},
                .names = {groups_name(group)}});
    else if (status == STATUS_FULL)
        step_refuse(step, status,
            (struct say){.form = "the outbox is full; the limit is # letters "
                                 "under way",
                .numbers = {LIMIT_OUTBOX_LETTERS}});
    else
        step_refuse(step, status,
            (struct say){.form = "the letter could not be sealed"});
}

static void ask_send(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    struct letter letter;
    struct vault_group *group = find_own(opened, step, request->group);
    if (!group || !vault_text_is_good(step, request->text) ||
        !vault_times_are_good(step, request))
        return;
    vault_make_text(step, request, &letter);
    enum status status =
        vault_post_group(opened, step, group, &letter, request->urgent);
    if (status == STATUS_NO_MEMORY)
        step_check(step, status);
    else if (status)
        refuse_send(step, status, group);
    else
        vault_answer_sent(step, &letter);
}

void vault_ask_groups(struct opened *opened, struct step *step,
    const struct control_request *request)
{
    if (request->method == CONTROL_GROUP_NEW)
        ask_new(opened, step, request->name);
    else if (request->method == CONTROL_GROUP_ADD)
        ask_add(opened, step, request);
    else if (request->method == CONTROL_GROUP_REMOVE)
        ask_remove(opened, step, request);
    else if (request->method == CONTROL_GROUP_LEAVE)
        ask_leave(opened, step, request->group);
    else if (request->method == CONTROL_GROUP_FORGET)
        ask_forget(opened, step, request->group);
    else if (request->method == CONTROL_GROUP_LIST)
        ask_list(opened, step, request);
    else if (request->method == CONTROL_GROUP_MEMBERS)
        ask_members(opened, step, request);
    else
        ask_send(opened, step, request);
}
