/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SIM_PLANT_H
#define TESTS_SIM_PLANT_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/ids.h"

struct relay;

/* A hand inside a simulated relay, in a file of its own, since relay and
 * simulator each have their links. */

/* How many links it may have; returns how many it might before. */
size_t plant_links_maximum(struct relay *relay, size_t maximum);

/* One id more expires in some hour than does, which takes a whole look to see;
 * and as before. */
void plant_hour(struct relay *relay, int more);

/* Something that it stores is marked as cleared. */
void plant_cleared(struct relay *relay, const struct envelope_id *id);

/* One of the faults that must show after any step, in a relay that has links;
 * the last of the list has no text.  Undone with plant_undo, before another. */
struct plant {
    const char *text; /* that it is caught by */
    void (*plant)(struct relay *relay);
};
extern const struct plant plants[];
void plant_do(struct relay *relay, const struct plant *plant);
void plant_undo(struct relay *relay);

/* A node is twice in its view; and as it was. */
void plant_view(struct relay *relay);
void plant_no_view(struct relay *relay);

/* Something that it hides, false where there is nothing. */
bool plant_hidden(const struct relay *relay, struct envelope_id *out);

/* Have it believe in so many neighbours, and again in those that it has. */
void plant_crowd(struct relay *relay, size_t count);
void plant_no_crowd(struct relay *relay);

/* The same inside a vault: one letter more is held back than there is, and as
 * before. */
struct vault;
void plant_held(struct vault *vault, int more);

#endif
