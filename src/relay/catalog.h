/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_CATALOG_H
#define RELAY_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/table.h"
#include "proto/envelope.h"
#include "proto/ids.h"

/* What an id alone decides about its envelope, interned: each id has a number
 * of 32 bits as long as somebody holds it, and whatever was ever worked out
 * about it is worked out once.  Relays of one process may share a catalog:
 * none can tell, since nothing in it depends on who asked, and no order may
 * depend on numbers. */
struct catalog_entry {
    struct envelope_id id;
    uint64_t order;     /* the id's first bytes, most significant first */
    uint64_t member[4]; /* what it adds to the sum of a set (relay/set.h) */
    uint8_t proof[32];  /* the receipt hash; once it was opened, the opening */
    uint32_t expires_h;
    uint32_t holders;
    uint64_t dropped_ms; /* when the last holder went */
    uint32_t next;       /* of those that rest, or of the free ones */
    uint16_t bytes;
    bool is_open;
    bool rests;
};

/* A number that nobody holds keeps its meaning for so long: longer than any
 * frozen copy of a set lives that may still name it. */
enum { CATALOG_REST_MS = 600000, CATALOG_PAGE = 256, CATALOG_LATELY = 1024 };

#define CATALOG_NONE UINT32_MAX

struct catalog {
    struct table by_id;
    struct catalog_entry **pages; /* entries never move */
    size_t page_count;
    uint32_t count; /* numbers ever given out */
    uint32_t free_head;
    uint32_t rest_head, rest_tail;
    uint64_t now_ms;  /* the latest that was heard of */
    uint32_t *lately; /* CATALOG_LATELY numbers that were found, by their ids'
                         first bits; NULL: none was ever given out */
};

static inline struct catalog_entry *catalog_at(
    const struct catalog *catalog, uint32_t number)
{
    return &catalog->pages[number / CATALOG_PAGE][number % CATALOG_PAGE];
}

void catalog_init(struct catalog *catalog, uint64_t seed);
void catalog_clear(struct catalog *catalog);

/* The number of an id, or CATALOG_NONE; that somebody holds it is not said.
 * What was found lately is asked for again and again, and is found without a
 * look into the table: that is the other. */
uint32_t catalog_look_up(struct catalog *catalog, const struct envelope_id *id);
static inline size_t catalog_lately(const struct envelope_id *id)
{
    return (id->bytes[0] | (size_t)id->bytes[1] << 8) % CATALOG_LATELY;
}
static inline uint32_t catalog_find(
    struct catalog *catalog, const struct envelope_id *id)
{
    if (!catalog->lately)
        return CATALOG_NONE;
    uint32_t number = catalog->lately[catalog_lately(id)];
    return number != CATALOG_NONE &&
                   envelope_id_equal(&catalog_at(catalog, number)->id, id)
               ? number
               : catalog_look_up(catalog, id);
}

/* The number that an id has had: where it still has, it is found at once. */
void catalog_hint(struct catalog *catalog, uint32_t number);

/* A hint that an id is soon to be found or held; the number that it is likely
 * to have then, if it is new. */
uint32_t catalog_warm(
    const struct catalog *catalog, const struct envelope_id *id);

/* Hold an id: id, proof, is_open, expires_h and bytes of like are taken over
 * where it is new.  STATUS_NO_MEMORY, STATUS_FULL. */
MUST_USE enum status catalog_hold(struct catalog *catalog,
    const struct catalog_entry *like, uint64_t now_ms, uint32_t *number);

/* One holder less; now_ms 0: as late as the latest call. */
void catalog_drop(struct catalog *catalog, uint32_t number, uint64_t now_ms);

/* Whether that opening opens it; the first that does is remembered. */
bool catalog_opens(
    struct catalog *catalog, uint32_t number, const struct opening *opening);

/* BLAKE2b-256 of an id, least significant word first: hashed because ids are
 * 16 bytes that strangers can grind, and a sum of so few could be forged by
 * Wagner's generalised birthday (2002). */
void catalog_member(const struct envelope_id *id, uint64_t out[4]);

size_t catalog_bytes(const struct catalog *catalog);

#endif
