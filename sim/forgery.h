/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_FORGERY_H
#define SIM_FORGERY_H

#include <stdint.h>

#include "sim/world.h"

/* The slab's number of an invented envelope, held once more: well-formed, of
 * the smallest size, living until the day is over, with a stamp that nobody
 * worked for and nothing inside that anybody could open.  The same one after
 * every FORGERIES. */
enum { FORGERIES = 65536 };
uint32_t forgery_make(struct world *world, uint64_t which);

/* One that no other is, made by that node, without a stamp, living so many
 * hours from now. */
uint32_t forgery_make_valid(
    struct world *world, uint32_t node, uint32_t life_h);

/* The same, with an id that FORGERY_GRIND tries find among those that relays
 * take to shape the tree: one of the lowest. */
enum { FORGERY_GRIND = 4096 };
uint32_t forgery_make_shaping(
    struct world *world, uint32_t node, uint32_t life_h);

/* An opening that opens nothing. */
void forgery_opening(
    const struct world *world, uint64_t which, struct opening *out);

#endif
