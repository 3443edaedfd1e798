/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_FAULTS_H
#define SIM_FAULTS_H

#include "sim/scene.h"

/* What goes wrong, and when: boots and churn, crashes, partitions. */

/* Schedule the first boots and every planned fault. */
void faults_plan(struct world *world);

/* An event that is the faults' own: BOOT, LEAVE, CRASH, SPLIT, HEAL. */
void faults_happen(struct scene *scene, const struct queue_event *event);

/* A churning node has come up: draw how long it will stay, and plan its
 * departure (EVENT_LEAVE); nothing for one that does not churn. */
void faults_plan_departure(struct world *world, uint32_t node);

/* How long a node stays away that leaves now. */
uint64_t faults_away_us(const struct world *world, uint32_t node);

/* Whether every planned fault is past; churn, as long as it is to go on, is
 * not. */
bool faults_are_over(const struct world *world);

#endif
