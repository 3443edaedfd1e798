/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CRYPTO_TAGS_H
#define CRYPTO_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/ids.h"

/* Every tag that a vault expects, of all sessions, in one table: an envelope
 * that is not ours costs one look-up.  Secret: lies in guarded memory, wiped
 * entry by entry as tags are used. */
enum tag_kind {
    TAG_INTRO,   /* a first contact: day, slot */
    TAG_AHEAD,   /* the look-ahead window of a receiving chain */
    TAG_SKIPPED, /* passed over; message_key is set */
    TAG_GROUP,   /* the window of a group's sender */
    TAG_GROUP_SKIPPED,
    TAG_RENEWAL, /* somebody's newer card: week */
};

struct tag_entry {
    struct tag tag;
    uint32_t kind;      /* enum tag_kind */
    uint32_t session;   /* the caller's handle; TAG_INTRO: the door */
    uint32_t chain;     /* chain number within its session; TAG_INTRO: day;
                           TAG_RENEWAL: week */
    uint32_t number;    /* place in its chain; TAG_INTRO: slot */
    uint32_t expires_h; /* TAG_SKIPPED, TAG_RENEWAL: when it is dropped */
    uint8_t header_key[32];
    uint8_t message_key[32];
};

struct tags;

/* A table of at most maximum entries; NULL when there is no memory. */
struct tags *tags_new(size_t maximum, uint64_t seed);
void tags_free(struct tags *tags);

/* The entry of that tag, or NULL; good until the table changes. */
const struct tag_entry *tags_find(
    const struct tags *tags, const struct tag *tag);

/* Whether an entry is of a session or a group, and has its place in a chain.
 * The handles of others are of another kind, and may be the same number. */
static inline bool tag_is_placed(const struct tag_entry *entry)
{
    return entry->kind != TAG_INTRO && entry->kind != TAG_RENEWAL;
}

/* The placed entry at that place of a session's chain, or NULL.  Good until the
 * table changes. */
const struct tag_entry *tags_find_at(
    const struct tags *tags, uint32_t session, uint32_t chain, uint32_t number);

/* Make an entry ahead, of a session or a group and found in this table, one
 * that was skipped. */
void tags_skip(struct tags *tags, const struct tag_entry *entry,
    const uint8_t message_key[static 32], uint32_t expires_h);

/* Add a copy of an entry that lies elsewhere.  STATUS_EXISTS, STATUS_FULL,
 * STATUS_NO_MEMORY. */
MUST_USE enum status tags_add(struct tags *tags, const struct tag_entry *entry);

/* Make room for count more, so that so many tags_add cannot fail for memory.
 * STATUS_FULL, STATUS_NO_MEMORY. */
MUST_USE enum status tags_reserve(struct tags *tags, size_t count);

/* Remove and wipe; harmless when it is not there. */
void tags_remove(struct tags *tags, const struct tag *tag);

/* Remove all placed entries of a session, or all intro entries before a day. */
void tags_remove_session(struct tags *tags, uint32_t session);
void tags_remove_intro_before(struct tags *tags, uint32_t day);

/* Remove all intro entries of a door. */
void tags_remove_door(struct tags *tags, uint32_t door);

/* Remove all renewal entries of a handle, or that are dropped before an hour.
 */
void tags_remove_renewals(struct tags *tags, uint32_t handle);
void tags_remove_renewals_before(struct tags *tags, uint32_t hour);

size_t tags_count(const struct tags *tags);

/* Walk all: start with *cursor = 0, until NULL; no change meanwhile. */
const struct tag_entry *tags_next(const struct tags *tags, size_t *cursor);

#endif
