/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_SHELF_INSIDE_H
#define RELAY_SHELF_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/catalog.h"
#include "relay/set.h"
#include "relay/turn.h"

struct shelf;
struct shelf_edge;
struct shelf_hidden;
struct shelf_stored;

/* Between shelf.c (what becomes of an item), shelf_buckets.c (which items are
 * equals, and who of them comes first), shelf_room.c (for whom others go) and
 * shelf_known.c (what is known, and until when). */
struct shelf_bucket {
    uint64_t key;   /* hour of expiry, size class, bits of the stamp, edge */
    uint32_t count; /* at least one */
    uint32_t first, last;
};

/* The account at a place; of all at SHELF_ANY_EDGE. */
struct shelf_edge *shelf_edge_at(struct shelf *shelf, unsigned place);

uint64_t shelf_bucket_key(
    uint32_t expires_h, uint32_t bytes, uint8_t bits, uint8_t edge);
uint8_t shelf_key_value(uint64_t key, uint32_t hour);
uint8_t shelf_key_edge(uint64_t key);
/* What a bucket's items take up. */
uint64_t shelf_bucket_bytes(const struct shelf_bucket *bucket);

struct shelf_stored *shelf_stored_at(
    const struct shelf *shelf, uint32_t number);

/* Put an item that is in no bucket behind its equals; false when there is no
 * memory.  Take one out. */
bool shelf_bucket_append(
    struct shelf *shelf, struct turn *turn, struct shelf_stored *item);
void shelf_bucket_remove(struct shelf *shelf, const struct shelf_stored *item);

/* Whether one is worth less than another: by value, then size, then the time
 * that it has left. */
bool shelf_is_worse(uint64_t key, uint64_t than, uint32_t hour);

/* The bucket whose items are worth least, of an edge's or of all; NULL where
 * nothing is stored. */
struct shelf_bucket *shelf_worst(
    struct shelf *shelf, uint32_t hour, unsigned edge);

/* The reason why a bucket's list is not what it says, or NULL. */
const char *shelf_bucket_violation(
    const struct shelf *shelf, const struct shelf_bucket *bucket);

/* The same of what is beside one item in its bucket. */
const char *shelf_bucket_item_violation(
    const struct shelf *shelf, const struct shelf_stored *item);

/* The first of a bucket goes.  Emits EVICT. */
void shelf_evict(
    struct shelf *shelf, struct turn *turn, const struct shelf_bucket *bucket);

/* What is taken up of the quota. */
uint64_t shelf_occupied_bytes(const struct shelf *shelf);

/* Evict what is worth less than a newcomer until there is room for it.  False,
 * and nothing was evicted, where all of that would not be enough. */
bool shelf_make_room(struct shelf *shelf, struct turn *turn,
    const struct shelf_hidden *newcomer);

/* There was none for what a peer brought (NULL: nobody, and nothing is
 * remembered). */
void shelf_refused_init(struct shelf *shelf);
void shelf_refuse(struct shelf *shelf, struct turn *turn,
    const struct shelf_hidden *newcomer, const struct node_key *from);

/* Mark what is known of a number. */
void shelf_mark(struct shelf *shelf, struct turn *turn, uint32_t number,
    enum set_state state, uint8_t bits);

/* Know an id that was not known: its number, marked as evicted until it is
 * marked otherwise.  False when no more can be known, or (and the turn has
 * failed) when there is no memory. */
bool shelf_know(struct shelf *shelf, struct turn *turn,
    const struct catalog_entry *like, uint32_t *number);
void shelf_unknow(struct shelf *shelf, struct turn *turn, uint32_t number);

/* The next known number that is past its expiry, looking at no more than
 * *looks marks, which are counted down; false when there is none, or they were
 * all used up. */
bool shelf_expired(
    struct shelf *shelf, uint32_t hour, size_t *looks, uint32_t *number);

/* The first hour whose ids are to be forgotten; UINT64_MAX. */
uint64_t shelf_first_expiry_h(const struct shelf *shelf);

/* The reason why no hour counts what is known of a number, or NULL; why the
 * counts of hours are not what they say. */
const char *shelf_known_item_violation(
    const struct shelf *shelf, uint32_t number);
const char *shelf_known_violation(const struct shelf *shelf);

#endif
