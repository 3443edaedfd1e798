/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_GROUPS_H
#define VAULT_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "crypto/group.h"
#include "crypto/roster.h"
#include "proto/group.h"
#include "proto/ids.h"
#include "proto/letter.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* Groups that this person is in, is joining, or was in.  Who is in a group is
 * its roster's to say; this room keeps rosters, one's own key in each, and the
 * chain on which one writes, with a note of who has been handed it. */
enum membership {
    MEMBERSHIP_JOINING = 1, /* asked in; nobody has signed it yet */
    MEMBERSHIP_IN,
    MEMBERSHIP_LEFT,
    MEMBERSHIP_REMOVED,
};

/* An operation by its hash, or a view, of which we have seen that somebody
 * knows it; zeros: none. */
struct groups_lack {
    struct group_op_hash hash;
    uint64_t since_ms; /* since this was unlocked, at least */
};

/* Another member.  They can open what is written in this epoch from a number
 * on, as far as is known: it was handed to them there, or they have confirmed
 * the one before. */
struct groups_peer {
    struct fingerprint who;
    uint32_t epoch; /* whose chain they were handed; 0: none */
    uint32_t known;
    uint32_t told;            /* operations, by their places; groups_news.h */
    struct groups_lack lacks; /* what they know, and we do not */
    uint64_t asked_ms;        /* what that is, last; 0: not yet */
    uint64_t told_ms;         /* what they lack, last, as they asked */
};

/* Somebody whom this person has asked in, as an admin of the group. */
struct groups_guest {
    struct fingerprint who;
    bool admin;
    uint32_t until_h;
};

struct vault_group {
    uint64_t row;
    struct group_id id;
    enum membership membership;
    struct fingerprint inviter; /* JOINING: whose operations are believed */
    struct groups_lack lacks;   /* as of a peer */
    uint64_t asked_ms;          /* them what that is, last; 0: not yet */
    uint64_t told_ms;           /* somebody who was removed that they were */
    uint64_t tell_ms;           /* peers are told then; 0: there is no news */
    uint64_t ask_ms;            /* what is lacking is asked for; 0: nothing */
    struct roster_key key;
    struct roster roster;
    uint32_t epoch;   /* 0: nothing was written yet */
    uint64_t began_s; /* the epoch */
    bool is_stale;    /* somebody has gone since: begin another epoch */
    struct group_sender sender;
    size_t peer_count;
    struct groups_peer peers[LIMIT_GROUP_MEMBERS];
    size_t guest_count;
    struct groups_guest guests[LIMIT_GROUP_MEMBERS];
    uint8_t name_size;
    uint8_t name[LIMIT_NAME_BYTES];
};

struct groups {
    struct rows rows;
    struct rows arriving; /* operations from the disk, till groups_assemble */
};

enum {
    GROUPS_PREFIX_CHARS = 8, /* of an id, at least */
    GROUPS_GUEST_H = 14 * 24,
    /* A chain is handed over again when so much of it went out unconfirmed
     * that a member might not see more coming. */
    GROUPS_UNCONFIRMED = LIMIT_UNCONFIRMED,
    GROUPS_AGAIN_MS = 600 * 1000, /* between two askings or tellings */
};

void groups_init(struct groups *groups);
void groups_clear(struct groups *groups);

/* Take in one record, of a group or of an operation.  When all are there,
 * assemble the rosters: STATUS_INVALID when they do not fit together,
 * STATUS_NO_MEMORY. */
MUST_USE enum status groups_load(struct groups *groups, struct step *step,
    const struct vault_record *record);
MUST_USE enum status groups_load_op(struct groups *groups, struct step *step,
    const struct vault_record *record);
MUST_USE enum status groups_assemble(struct groups *groups);

/* Store all but the roster; an operation of the roster, by its place. */
void groups_save(struct step *step, const struct vault_group *group);
void groups_save_op(
    struct step *step, const struct vault_group *group, size_t place);

/* For a backup: the record of a group without its chain. */
void groups_write_chainless(
    const struct vault_group *group, struct wire_writer *writer);

/* The next row of an operation after one, as they lie on disk; 0: no more.
 * Whose group it is. */
uint64_t groups_next_op(const struct groups *groups, uint64_t row);
uint64_t groups_of_op(uint64_t row);

/* Begin a group as its founder, described by card; or begin to join one that is
 * not known.  It is stored.  STATUS_FULL, STATUS_NO_MEMORY. */
MUST_USE enum status groups_found(struct groups *groups, struct step *step,
    struct span name, const struct card *card, struct vault_group **out);
MUST_USE enum status groups_join(struct groups *groups, struct step *step,
    const struct group_id *id, struct span name, struct vault_group **out);

/* Forget a group, with its operations. */
void groups_forget(struct groups *groups, struct step *step, uint64_t row);

/* By row, or NULL; by id, or NULL; the only one that a word could mean (its
 * name, or the beginning of its id).  STATUS_NOT_FOUND; STATUS_AMBIGUOUS, and
 * then *out and *other are two of them. */
struct vault_group *groups_get(const struct groups *groups, uint64_t row);
struct vault_group *groups_find_id(
    const struct groups *groups, const struct group_id *id);
MUST_USE enum status groups_mean(const struct groups *groups, struct span word,
    struct vault_group **out, struct vault_group **other);

/* As groups_mean, and answers why not. */
MUST_USE enum status groups_find(const struct groups *groups, struct step *step,
    struct span word, struct vault_group **out);

static inline struct span groups_name(const struct vault_group *group)
{
    return (struct span){group->name, group->name_size};
}

/* A word for a membership: "joining", "member", "left", "removed". */
const char *groups_word(enum membership membership);

/* Take in and store an operation; of a group that is being joined the first
 * must be the one whose hash is its id, and have its name.  As roster_take. */
MUST_USE enum status groups_take(struct vault_group *group, struct step *step,
    struct span bytes, bool *added);

/* Sign, take in and store an operation of one's own.  As roster_sign. */
MUST_USE enum status groups_sign(struct vault_group *group, struct step *step,
    struct group_op *op, const struct fingerprint *own);

/* Make the list of peers that of the members but own, at most
 * LIMIT_GROUP_MEMBERS, those added first; forget guests who are in, and begin
 * another epoch with the next letter if somebody has gone.  Whether anything
 * has changed; then it is to be saved. */
bool groups_sync(struct vault_group *group, const struct fingerprint *own);

/* A member's, or a guest's, entry, or NULL. */
struct groups_peer *groups_peer(
    struct vault_group *group, const struct fingerprint *who);
struct groups_guest *groups_guest(
    struct vault_group *group, const struct fingerprint *who);
void groups_drop_guest(
    struct vault_group *group, const struct fingerprint *who);

/* Whether the group is written to on another chain from now on, and begin that
 * chain; nobody has been handed it, and it is to be saved. */
bool groups_needs_epoch(
    const struct vault_group *group, const struct step *step);
void groups_begin_epoch(struct vault_group *group, struct step *step);

/* Whether a member is to be handed the chain before the next letter. */
bool groups_lacks_key(
    const struct vault_group *group, const struct groups_peer *peer);

/* Whoever it is needs every group's chain anew. */
void groups_hand_anew(
    struct groups *groups, struct step *step, const struct fingerprint *who);

/* Whether anybody was ever described in the roster of a group. */
bool groups_know(const struct groups *groups, const struct fingerprint *who);

/* Forget guests whose time is over, and the oldest of too many groups that are
 * being joined. */
void groups_sweep(struct groups *groups, struct step *step);

#endif
