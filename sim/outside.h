/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_OUTSIDE_H
#define SIM_OUTSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "sim/complaint.h"

/* What a program sees of the real world: how long it takes, what memory it
 * has had, and whether it is asked to stop. */
uint64_t outside_wall_us(void);
uint64_t outside_clock_s(void); /* since the epoch */
uint64_t outside_peak_bytes(void);

/* Interrupts are held from now on, and asked for where it suits; so there is no
 * handler, and nothing that one could find half done. */
void outside_hold_interrupts(void);
bool outside_is_interrupted(void);

/* See to it that there is a folder.  STATUS_IO with a complaint. */
MUST_USE enum status outside_make_folder(
    const char *path, struct complaint *complaint);

#endif
