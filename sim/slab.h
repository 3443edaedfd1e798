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
    uint32_t forger;        /* the flooder that made it, or SLAB_NONE */
    uint32_t confirmed_by;  /* the node that let its receipt go, or SLAB_NONE */
    uint32_t numbered;      /* so by relays, when last seen, or SLAB_NONE */
    uint64_t shown_us;      /* when it left its stem, first; 0: not yet */
    uint16_t *hops; /* by place (slab_hops), while it is held; may be NULL */
    uint8_t *bits;  /* by place, of its stamp there, once it was stamped anew;
                       else NULL: as in the envelope */
    uint16_t hops_most; /* ever, from where its stem ended */
    uint32_t *given; /* by part (slab_given), while it is held; may be NULL */
    uint32_t submitted; /* boot of its origin that has taken it on; 0: none */
    bool is_taken;      /* its forger knows that a peer stored it */
    bool is_pictured;   /* it carries the picture's letter */
    bool is_opened;     /* the opening that clears it was let go */
    bool is_proven;     /* the opening below was found to match */
    bool was_handed;    /* its vault was told that somebody has taken it */
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
    uint32_t places;
    uint32_t parts;
    uint64_t body_bytes; /* of the encodings held now */
    uint32_t last;       /* that was found: most are asked for many times */
    uint32_t first_held; /* or one before it */
};

static inline struct slab_item *slab_item(
    const struct slab *slab, uint32_t number)
{
    return &slab->pages[number / SLAB_PAGE_ITEMS][number % SLAB_PAGE_ITEMS];
}

/* places: nodes whose hops are kept; parts: of the run. */
void slab_init(struct slab *slab, uint32_t places, uint32_t parts);
void slab_clear(struct slab *slab);

/* Hold an envelope, copying its encoding unless it is held already; the caller
 * owns one reference more.  STATUS_INVALID when encoding is no envelope (and
 * *number is untouched), STATUS_FULL, STATUS_NO_MEMORY. */
MUST_USE enum status slab_intern(struct slab *slab,
    const struct envelope_id *id, struct span encoding, uint32_t *number);

/* The number of an envelope ever seen, or SLAB_NONE. */
uint32_t slab_find(struct slab *slab, const struct envelope_id *id);

/* The first number that anybody holds; the next new one where nobody holds
 * any. */
uint32_t slab_first_held(struct slab *slab);

/* That one is soon to be asked for. */
static inline void slab_hint(struct slab *slab, uint32_t number)
{
    slab->last = number;
}

/* The same, and what is not known yet is added, without its bytes and held by
 * nobody, so that what others say of it can be noted.  STATUS_FULL,
 * STATUS_NO_MEMORY. */
MUST_USE enum status slab_note(
    struct slab *slab, const struct envelope_id *id, uint32_t *number);

/* The first envelope ever seen under a tag, or SLAB_NONE; next_same_tag leads
 * on. */
uint32_t slab_find_tag(const struct slab *slab, const struct tag *tag);

/* Put numbers in the order of the envelopes' ids: what a node does with several
 * may not depend on which of them anybody made first. */
void slab_sort(const struct slab *slab, uint32_t *numbers, size_t count);

/* Give an envelope that is held that stamp, for all who hold it. */
void slab_stamp(struct slab *slab, uint32_t number,
    const uint8_t stamp[static ENVELOPE_STAMP_BYTES]);

/* At one place its stamp has so many bits from now on; how many it has at a
 * place.  STATUS_NO_MEMORY. */
MUST_USE enum status slab_restamp(
    struct slab *slab, uint32_t number, uint32_t place, uint8_t bits);
uint8_t slab_bits(const struct slab_item *item, uint32_t place);

/* How far an envelope had come to a node that stores it, from 1: read (0: that
 * is not known), set once, forget.  STATUS_NO_MEMORY. */
uint16_t slab_hops(const struct slab *slab, uint32_t number, uint32_t place);
MUST_USE enum status slab_set_hops(
    struct slab *slab, uint32_t number, uint32_t place, uint16_t hops);
void slab_forget_hops(struct slab *slab, uint32_t number, uint32_t place);

/* An envelope was shown by then: the earliest counts; 0: not yet. */
void slab_show(struct slab_item *item, uint64_t shown_us);

/* When an envelope that is held was last given whole to a part of the run; 0:
 * never.  STATUS_NO_MEMORY. */
MUST_USE enum status slab_given(
    struct slab *slab, uint32_t number, uint32_t part, uint32_t **out);

/* One reference more to an envelope that is held; one less. */
void slab_hold(struct slab *slab, uint32_t number);
void slab_drop(struct slab *slab, uint32_t number);

size_t slab_bytes(const struct slab *slab);

#endif
