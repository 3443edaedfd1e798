/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_NODE_H
#define SIM_NODE_H

#include "sim/scene.h"

/* A node's life: its engines are made, fed with what comes, and ended. */

/* Make the vault of an end with a fresh identity; its card is then there.
 * Before the first boot. */
void node_make_vault(struct scene *scene, uint32_t node);

/* Let a node's vault know another end's card, under that node's name. */
void node_add_contact(struct scene *scene, uint32_t node, uint32_t other);

/* Come up with what the disk holds, and dial.  Nothing when it is up. */
void node_boot(struct scene *scene, uint32_t node);

/* Go down: saying goodbye, or in silence.  Nothing when it is down. */
void node_leave(struct scene *scene, uint32_t node, bool graceful);

/* Lose the relay's shelf.  The node is down. */
void node_lose_shelf(struct scene *scene, uint32_t node);

/* Ask a node's vault to send a letter of the workload.  The node is up. */
void node_write(struct scene *scene, uint32_t node, uint32_t letter);

/* Something came over the wires, or the engines' time has come. */
void node_receive(struct scene *scene, const struct queue_event *event);

/* Two nodes come into each other's reach, and the one dials the other; they
 * part, and their links end without a word.  Either may be of another part of
 * the run, which then sees to it. */
void node_meet(struct scene *scene, uint32_t one, uint32_t other);
void node_part(struct scene *scene, uint32_t one, uint32_t other);

#endif
