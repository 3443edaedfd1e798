/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_SLAB_H
#define SIM_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/table.h"
#include "proto/envelope.h"
#include "proto/ids.h"

/* Every envelope of the whole mesh, held once whoever carries it, under a
 * number that is never reused.  The numbers are dense, so that what a node
 * knows of each envelope fits two bits (sim/ledger.h).  Bytes live while
 * somebody holds a reference; what is known of an envelope stays. */
struct slab_item {
    struct envelope_id id;
    struct envelope envelope; /* encoding is NULL when nobody holds it */
    uint32_t references;
    uint32_t frame_bytes;   /* of the push that carries it */
    uint32_t next_same_tag; /* another under this tag, or SLAB_NONE */
    uint32_t origin;        /* the node whose vault made it, or SLAB_NONE */
    uint32_t spied_from;    /* who first brought it to a spy, or SLAB_NONE */
    uint32_t confirmed_by;  /* the node that let its receipt go, or SLAB_NONE */
    uint32_t receipt_spied_from;
    uint64_t shown_us; /* when it left its stem, first; 0: not yet */
    uint16_t *hops;    /* by node, from 1, while it is held; may be NULL */
    uint8_t *bits; /* by node, of its stamp there, once it was stamped anew and
                      while it is held; else NULL: as in the envelope */
    uint16_t hops_most; /* ever, from where its stem ended */
    bool is_opened;     /* the opening that clears it was let go */
    struct opening opening;
};

#define SLAB_NONE UINT32_MAX

enum { SLAB_PAGE_ITEMS = 1024 };

struct slab {
    struct slab_item **pages; /* items never move */
    uint32_t count;
    uint32_t page_count;
    struct table by_id;
    struct table by_tag;
    uint64_t body_bytes; /* of the encodings held now */
    uint32_t last;       /* that was found: most are asked for many times */
};

static inline struct slab_item *slab_item(
    const struct slab *slab, uint32_t number)
{
    return &slab->pages[number / SLAB_PAGE_ITEMS][number % SLAB_PAGE_ITEMS];
}

void slab_init(struct slab *slab);
void slab_clear(struct slab *slab);

/* Hold an envelope, copying its encoding unless it is held already; the caller
 * owns one reference more.  STATUS_INVALID when encoding is no envelope (and
 * *number is untouched), STATUS_FULL, STATUS_NO_MEMORY. */
MUST_USE enum status slab_intern(struct slab *slab,
    const struct envelope_id *id, struct span encoding, uint32_t *number);

/* The number of an envelope ever seen, or SLAB_NONE. */
uint32_t slab_find(struct slab *slab, const struct envelope_id *id);

/* The first envelope ever seen under a tag, or SLAB_NONE; next_same_tag leads
 * on. */
uint32_t slab_find_tag(const struct slab *slab, const struct tag *tag);

/* Give an envelope that is held that stamp, for all who hold it. */
void slab_stamp(struct slab *slab, uint32_t number,
    const uint8_t stamp[static ENVELOPE_STAMP_BYTES]);

/* At one node of so many its stamp has so many bits from now on; how many it
 * has at a node.  STATUS_NO_MEMORY. */
MUST_USE enum status slab_restamp(
    struct slab_item *item, uint32_t node, uint32_t node_count, uint8_t bits);
uint8_t slab_bits(const struct slab_item *item, uint32_t node);

/* One reference more to an envelope that is held; one less. */
void slab_hold(struct slab *slab, uint32_t number);
void slab_drop(struct slab *slab, uint32_t number);

size_t slab_bytes(const struct slab *slab);

#endif
