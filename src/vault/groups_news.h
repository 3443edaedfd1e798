/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_GROUPS_NEWS_H
#define VAULT_GROUPS_NEWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "crypto/roster.h"
#include "vault/groups.h"
#include "vault/rows.h"
#include "vault/step.h"

/* How changes to a group's membership spread: what each member is still to be
 * told by us, and what we have seen that a member knows and we do not. */
enum {
    GROUPS_NEWS_GUEST_MS = 1000, /* news wait so long for each who may come */
    GROUPS_NEWS_MOST_MS = 30 * 1000,
    GROUPS_PATIENCE_MS = 30 * 1000, /* before what is lacking is asked for */
};

/* A set of a roster's operations, by their places. */
struct groups_set {
    uint64_t bits[LIMIT_GROUP_OPS / 64];
};
void groups_set_add(struct groups_set *set, size_t place);
bool groups_set_is_empty(const struct groups_set *set);

/* All from a place on; and leave out what somebody has who names heads. */
void groups_set_from(
    const struct roster *roster, size_t place, struct groups_set *out);
void groups_set_leave_out(struct groups_set *set, const struct roster *roster,
    const struct group_op_hash *heads, size_t count);

/* How many operations go in the next letter, of those of a set from a place on;
 * *next is the place behind them.  A letter fills its envelope, and that is as
 * small as will do for what is left. */
size_t groups_set_fill(const struct groups_set *set,
    const struct roster *roster, size_t *next,
    struct span out[static LIMIT_GROUP_OPS_LETTER]);

/* Have the news told: when there is no more to wait for, which is at once if
 * nobody is asked in who might come. */
void groups_news_begin(struct vault_group *group, struct step *step);

/* Somebody knows an operation, or has a view, that is not known here: it is
 * asked for unless it comes by itself.  The group is saved.  Nothing happens if
 * they are no member, nor the one who lets us in. */
void groups_lack_begin(struct vault_group *group, struct step *step,
    const struct fingerprint *who, const uint8_t hash[static 32]);

/* The next who is to be asked for what is still lacking: false when nobody is.
 * They are taken to have been asked.  The group is saved. */
bool groups_lack_next(
    struct vault_group *group, struct step *step, struct fingerprint *who);

/* After an unlock: have it all happen again that was to. */
void groups_news_start(struct vault_group *group, struct step *step);

/* Operations that came before what stands before them, until that comes, too.
 * In memory alone: after a crash they are asked for.  The oldest makes room. */
struct groups_early {
    uint64_t row;
    uint64_t group;
    uint64_t came_ms;
    size_t size;
    uint8_t bytes[GROUP_OP_BYTES];
};
enum { GROUPS_EARLY_MAXIMUM = 256, GROUPS_EARLY_MS = 3600 * 1000 };

/* Whether that is why an operation was not taken in. */
bool groups_is_early(
    const struct vault_group *group, enum status status, struct span bytes);

void groups_early_init(struct rows *early);
void groups_early_keep(
    struct rows *early, struct step *step, uint64_t group, struct span op);

/* Take in what can be by now; how many. */
size_t groups_early_take(
    struct rows *early, struct step *step, struct vault_group *group);

/* Drop those of a group, or (0) those whose time is over. */
void groups_early_drop(struct rows *early, struct step *step, uint64_t group);

#endif
