/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_GROUPS_CHAINS_H
#define VAULT_GROUPS_CHAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "crypto/group.h"
#include "crypto/tags.h"
#include "proto/envelope.h"
#include "vault/event.h"
#include "vault/rows.h"
#include "vault/step.h"

/* The chains that members have handed over: what opens their letters.  Secret.
 * One is used once its owner is a member, as far as is known. */
struct groups_chain {
    uint64_t row;
    uint64_t group;
    uint32_t since_h;
    bool is_used; /* its tags are registered; not stored */
    struct group_receiver receiver;
};

enum {
    CHAINS_MAXIMUM = 16384,
    CHAINS_UNUSED = 128, /* of one group */
    /* A week in which it is written on, then envelopes on their way. */
    CHAIN_KEPT_H = (7 + 14 + 2) * 24,
};

struct groups_chains {
    struct rows rows;
};

void groups_chains_init(struct groups_chains *chains);
void groups_chains_clear(struct groups_chains *chains);
MUST_USE enum status groups_chains_load(struct groups_chains *chains,
    struct step *step, const struct vault_record *record);
MUST_USE enum status groups_chains_load_skipped(
    struct step *step, const struct vault_record *record, struct tags *tags);

/* Keep what an owner handed over, unless it leads to nothing new; of their
 * oldest in that group one makes room.  NULL when it is not kept. */
struct groups_chain *groups_chains_add(struct groups_chains *chains,
    struct step *step, const struct groups_chain *offered, struct tags *tags);

/* Register a chain's tags, so that envelopes find it.  STATUS_FULL,
 * STATUS_NO_MEMORY. */
MUST_USE enum status groups_chains_use(
    struct groups_chain *chain, struct tags *tags);

/* The chain of a tag's entry, or NULL. */
struct groups_chain *groups_chains_find(
    const struct groups_chains *chains, const struct tag_entry *entry);

/* Open an envelope with that entry into desk->opened; the chain and what was
 * skipped are saved.  As group_open. */
struct groups_letter {
    const struct tag_entry *entry;
    const struct envelope *envelope;
    const struct group_id *group;
    struct group_view view; /* set */
};
MUST_USE enum status groups_chains_open(struct groups_chain *chain,
    struct step *step, struct groups_letter *letter, struct tags *tags);

/* Drop all of a group, or those whose time is over. */
void groups_chains_drop(struct groups_chains *chains, struct step *step,
    uint64_t group, struct tags *tags);
void groups_chains_sweep(
    struct groups_chains *chains, struct step *step, struct tags *tags);

#endif
