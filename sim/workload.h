/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WORKLOAD_H
#define SIM_WORKLOAD_H

#include "sim/scene.h"
#include "sim/sketch.h"

/* Who writes to whom, and when. */

/* Both directions of every pair that writes, sends files, or is asked into a
 * group by the one, each once: whose contact (a node, in the upper half of a
 * key) is whom.  The list, of *count keys, is the caller's to free; NULL
 * without memory. */
uint64_t *workload_pairs(const struct world *world, size_t *count);

/* Make the vaults of all who write or are written to.  Once all have their
 * cards, let them know each other's, and schedule the writing.  Before the
 * first boot. */
void workload_make_vaults(struct scene *scene);
void workload_plan(struct scene *scene);

/* Schedule it alone: each letter, each making of a group, each file. */
void workload_plan_writing(struct world *world);

/* An EVENT_WRITE.  A person whose node is down waits for it. */
void workload_write(struct scene *scene, const struct queue_event *event);

/* Whether anything is to be sent at all; whether all has been, and was shown to
 * each whom it is to, or came out whole, or was refused. */
bool workload_is_there(const struct world *world);
bool workload_is_done(const struct world *world);

/* The liveness half of invariant 1, at the end of a run: once the mesh has
 * been whole and calm for long enough, a letter or file that still lives and
 * has not come to everybody whom it is to is a violation. */
void workload_judge(struct world *world, const struct sketch *sketch);

/* Whether a shelf was so full that mail was refused, or gave way to mail of
 * more value: a peer may fill a quarter. */
bool workload_is_crowded(const struct world *world);

#endif
