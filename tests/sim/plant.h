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

/* Something that it hides, false where there is nothing. */
bool plant_hidden(const struct relay *relay, struct envelope_id *out);

/* Have it believe in so many neighbours, and again in those that it has. */
void plant_crowd(struct relay *relay, size_t count);
void plant_no_crowd(struct relay *relay);

#endif
