/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PARCEL_H
#define SIM_PARCEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proto/frame.h"

/* Frames under way that carry no envelope: a deep copy each, or its encoding,
 * under a 32-bit handle. */
struct parcel {
    struct frame frame;   /* lists lie behind it; unused where bytes travel */
    uint32_t frame_bytes; /* encoded size */
    uint32_t size;        /* of bytes; 0: the frame itself travels */
    uint8_t room;         /* for lists, as a class; PARCEL_ROOMS: its own */
    uint8_t bytes[];      /* lists, or the encoding */
};

enum { PARCEL_ROOMS = 4 };

struct parcels {
    struct parcel **list;
    uint32_t count;
    uint32_t capacity;
    uint32_t free_handle; /* head of a chain through free_next */
    uint32_t *free_next;
    struct parcel_spare *spare[PARCEL_ROOMS]; /* to be used again */
};

void parcels_init(struct parcels *parcels);
void parcels_clear(struct parcels *parcels);

/* Copy a frame, whose encoded size that is, with its lists; or keep an
 * encoding.  STATUS_NO_MEMORY. */
MUST_USE enum status parcels_add(struct parcels *parcels,
    const struct frame *frame, uint32_t bytes, uint32_t *handle);
MUST_USE enum status parcels_add_bytes(
    struct parcels *parcels, struct span bytes, uint32_t *handle);

/* A parcel as it lies in memory, borrowed; and a copy of one that lay so
 * elsewhere, in this program or in another process of it, whatever its pointers
 * say.  STATUS_NO_MEMORY. */
struct span parcel_span(const struct parcel *parcel);
MUST_USE enum status parcels_add_span(
    struct parcels *parcels, struct span span, uint32_t *handle);

/* Take one out, to be given back once it is read. */
struct parcel *parcels_take(struct parcels *parcels, uint32_t handle);
/* Send for the memory of one. */
void parcels_warm(const struct parcels *parcels, uint32_t handle);
/* NULL does nothing. */
void parcels_give_back(struct parcels *parcels, struct parcel *parcel);

#endif
