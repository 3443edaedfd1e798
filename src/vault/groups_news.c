/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whoever signs a change tells it to all members, so a group of n costs at
 * least n - 1 letters a change.  When many come in at once they are told of
 * together: a member is kept as the place up to which they have been told, and
 * the rest goes in one letter, or in as few as hold it, when nobody else is
 * about to come in.  A removal waits for nothing.
 *
 * What is lacking is mostly on its way, since letters overtake each other: so
 * it is asked for after a while, of one member at a time, and only if it has
 * not come; and since the question says what is known here, the answer is no
 * more than what is not. */
#include "vault/groups_news.h"

#include <assert.h>
#include <string.h>

#include "proto/envelope.h"

/* Sets. */

void groups_set_add(struct groups_set *set, size_t place)
{
    set->bits[place / 64] |= UINT64_C(1) << (place % 64);
}

bool groups_set_is_empty(const struct groups_set *set)
{
    static const struct groups_set none;
    return memcmp(set, &none, sizeof(none)) == 0;
}

void groups_set_from(
    const struct roster *roster, size_t place, struct groups_set *out)
{
    memset(out, 0, sizeof(*out));
    for (size_t i = place; i < roster->count; i++)
        groups_set_add(out, i);
}

void groups_set_leave_out(struct groups_set *set, const struct roster *roster,
    const struct group_op_hash *heads, size_t count)
{
    struct groups_set known = {{0}};
    roster_mark_known(roster, heads, count, known.bits);
    for (size_t w = 0; w < LIMIT_GROUP_OPS / 64; w++)
        set->bits[w] &= ~known.bits[w];
}

enum {
    OP_HEAD_BYTES = 3,    /* before each, as msgpack */
    LETTER_ROOM_LESS = 96 /* what a letter has beside them, at most */
};

/* How much goes in a letter of those that are left: an envelope of class 2 is
 * as large as four of class 1, and three letters cost more than one. */
static size_t room_for(size_t left_bytes)
{
    size_t small = envelope_body_bytes(1) - LETTER_ROOM_LESS;
    size_t large = envelope_body_bytes(2) - LETTER_ROOM_LESS;
    return left_bytes > 2 * small ? large : small;
}

static size_t bytes_left(
    const struct groups_set *set, const struct roster *roster, size_t place)
{
    size_t bytes = 0;
    for (size_t i = place; i < roster->count; i++)
        if (roster_bit(set->bits, i))
            bytes += roster->ops[i].size + OP_HEAD_BYTES;
    return bytes;
}

size_t groups_set_fill(const struct groups_set *set,
    const struct roster *roster, size_t *next,
    struct span out[static LIMIT_GROUP_OPS_LETTER])
{
    size_t room = room_for(bytes_left(set, roster, *next));
    size_t count = 0;
    size_t i = *next;
    for (; i < roster->count && count < LIMIT_GROUP_OPS_LETTER; i++) {
        const struct roster_op *entry = &roster->ops[i];
        if (!roster_bit(set->bits, i))
            continue;
        if (entry->size + OP_HEAD_BYTES > room)
            break;
        room -= entry->size + OP_HEAD_BYTES;
        out[count++] = (struct span){entry->bytes, entry->size};
    }
    *next = i;
    return count;
}

/* News. */

static void due_at(
    struct vault_group *group, struct step *step, uint64_t *due, uint64_t at_ms)
{
    *due = at_ms;
    step_at(step, TIMER_GROUP, group->row, at_ms);
}

void groups_news_begin(struct vault_group *group, struct step *step)
{
    uint64_t wait_ms = (uint64_t)group->guest_count * GROUPS_NEWS_GUEST_MS;
    if (wait_ms > GROUPS_NEWS_MOST_MS)
        wait_ms = GROUPS_NEWS_MOST_MS;
    uint64_t at_ms = step->now_ms + wait_ms;
    if (group->tell_ms == 0 || group->tell_ms > at_ms)
        due_at(group, step, &group->tell_ms, at_ms);
}

/* What is lacking. */

static bool is_set(const struct group_op_hash *hash)
{
    static const struct group_op_hash nothing;
    return memcmp(hash, &nothing, sizeof(nothing)) != 0;
}

static struct groups_lack *lack_of(
    struct vault_group *group, const struct fingerprint *who)
{
    struct groups_peer *peer = groups_peer(group, who);
    if (peer)
        return &peer->lacks;
    bool is_inviter = group->membership == MEMBERSHIP_JOINING &&
                      fingerprint_equal(&group->inviter, who);
    return is_inviter ? &group->lacks : NULL;
}

/* Whether it is lacking still; forget what is not. */
static bool is_lacking(struct vault_group *group, struct groups_lack *lack)
{
    struct group_view view;
    if (!is_set(&lack->hash))
        return false;
    memcpy(view.bytes, lack->hash.bytes, sizeof(view.bytes));
    if (!roster_has_op(&group->roster, &lack->hash) &&
        roster_judge(&group->roster, &view) == ROSTER_UNKNOWN)
        return true;
    *lack = (struct groups_lack){.since_ms = 0};
    return false;
}

static void look_at(struct vault_group *group, struct step *step,
    const struct groups_lack *lack)
{
    uint64_t at_ms = lack->since_ms + GROUPS_PATIENCE_MS;
    if (is_set(&lack->hash) && (group->ask_ms == 0 || group->ask_ms > at_ms))
        due_at(group, step, &group->ask_ms, at_ms);
}

/* The next time that somebody might be asked. */
static void look_later(struct vault_group *group, struct step *step)
{
    look_at(group, step, &group->lacks);
    for (size_t i = 0; i < group->peer_count; i++)
        look_at(group, step, &group->peers[i].lacks);
}

void groups_lack_begin(struct vault_group *group, struct step *step,
    const struct fingerprint *who, const uint8_t hash[static 32])
{
    struct groups_lack *lack = lack_of(group, who);
    if (!lack)
        return;
    if (!is_lacking(group, lack))
        lack->since_ms = step->now_ms;
    memcpy(lack->hash.bytes, hash, sizeof(lack->hash.bytes));
    groups_save(step, group);
    look_at(group, step, lack);
}

/* Whether it has been lacking for long enough; then it is looked for no more.
 */
static bool take_lack(struct vault_group *group, const struct step *step,
    struct groups_lack *lack)
{
    if (step->now_ms < lack->since_ms + GROUPS_PATIENCE_MS ||
        !is_lacking(group, lack))
        return false;
    *lack = (struct groups_lack){.since_ms = 0};
    return true;
}

static bool take_first(
    struct vault_group *group, const struct step *step, struct fingerprint *who)
{
    if (take_lack(group, step, &group->lacks)) {
        *who = group->inviter;
        return true;
    }
    for (size_t i = 0; i < group->peer_count; i++)
        if (take_lack(group, step, &group->peers[i].lacks)) {
            *who = group->peers[i].who;
            return true;
        }
    return false;
}

/* Of what others have seen to be lacking, the answer may be the end. */
static void wait_for_answer(struct vault_group *group, const struct step *step)
{
    group->lacks.since_ms = step->now_ms;
    for (size_t i = 0; i < group->peer_count; i++)
        group->peers[i].lacks.since_ms = step->now_ms;
}

bool groups_lack_next(
    struct vault_group *group, struct step *step, struct fingerprint *who)
{
    group->ask_ms = 0;
    bool is_one = take_first(group, step, who);
    if (is_one)
        wait_for_answer(group, step);
    look_later(group, step);
    groups_save(step, group);
    return is_one;
}

void groups_news_start(struct vault_group *group, struct step *step)
{
    bool news = false;
    wait_for_answer(group, step);
    look_later(group, step);
    for (size_t i = 0; i < group->peer_count; i++)
        news = news || group->peers[i].told < group->roster.count;
    if (news && group->membership == MEMBERSHIP_IN)
        groups_news_begin(group, step);
}

/* What came too early. */

bool groups_is_early(
    const struct vault_group *group, enum status status, struct span bytes)
{
    struct group_op op;
    if (status != STATUS_REFUSED || group->roster.count > 0)
        return status == STATUS_NOT_FOUND;
    return group_op_decode(bytes, &op) == STATUS_OK && op.kind != GROUP_NEW &&
           group_id_equal(&op.group, &group->id);
}

void groups_early_init(struct rows *early)
{
    rows_init(early, sizeof(struct groups_early), GROUPS_EARLY_MAXIMUM, false);
}

static bool is_kept(const struct rows *early, uint64_t group, struct span op)
{
    for (size_t i = 0; i < early->count; i++) {
        const struct groups_early *one = rows_at(early, i);
        if (one->group == group &&
            span_equal((struct span){one->bytes, one->size}, op))
            return true;
    }
    return false;
}

void groups_early_keep(
    struct rows *early, struct step *step, uint64_t group, struct span op)
{
    struct groups_early *one;
    if (op.size > sizeof(one->bytes) || is_kept(early, group, op))
        return;
    if (early->count == GROUPS_EARLY_MAXIMUM) {
        const struct groups_early *oldest = rows_at(early, 0);
        rows_remove(early, oldest->row);
    }
    enum status status = rows_append(early, &one);
    step_check(step, status);
    if (status)
        return;
    one->group = group;
    one->came_ms = step->now_ms;
    one->size = op.size;
    memcpy(one->bytes, op.data, op.size);
}

/* Take in one that can be, and drop those that never can; whether one was. */
static bool take_one(
    struct rows *early, struct step *step, struct vault_group *group)
{
    for (size_t i = early->count; i-- > 0;) {
        const struct groups_early *one = rows_at(early, i);
        bool added = false;
        if (one->group != group->row)
            continue;
        struct span bytes = {one->bytes, one->size};
        enum status status = groups_take(group, step, bytes, &added);
        if (status == STATUS_NO_MEMORY)
            step_check(step, status);
        if (!groups_is_early(group, status, bytes))
            rows_remove(early, one->row);
        if (status == STATUS_OK && added)
            return true;
    }
    return false;
}

size_t groups_early_take(
    struct rows *early, struct step *step, struct vault_group *group)
{
    size_t count = 0;
    while (take_one(early, step, group))
        count++;
    return count;
}

void groups_early_drop(struct rows *early, struct step *step, uint64_t group)
{
    for (size_t i = early->count; i-- > 0;) {
        const struct groups_early *one = rows_at(early, i);
        if (group ? one->group == group
                  : step->now_ms >= one->came_ms + GROUPS_EARLY_MS)
            rows_remove(early, one->row);
    }
}
