/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORKLOAD_H
#define SIM_WORKLOAD_H

#include "sim/scene.h"
#include "sim/sketch.h"

/* Who writes to whom, and when. */

/* Both directions of every pair that writes, each once: whose contact (a node,
 * in the upper half of a key) is whom.  keys has room for twice the letters;
 * returns how many there are. */
size_t workload_pairs(const struct letters *letters, uint64_t *keys);

/* Make the vaults of the ends of letters.  Once all have their cards, let them
 * know each other's, and schedule the writing.  Before the first boot. */
void workload_make_vaults(struct scene *scene);
void workload_plan(struct scene *scene);

/* An EVENT_WRITE.  A person whose node is down waits for it. */
void workload_write(struct scene *scene, const struct queue_event *event);

/* Whether every letter has been written and shown, or refused. */
bool workload_is_done(const struct world *world);

/* The liveness half of invariant 1, at the end of a run: once the mesh has
 * been whole and calm for long enough, a letter that still lives and has not
 * been shown is a violation. */
void workload_judge(struct world *world, const struct sketch *sketch);

#endif
