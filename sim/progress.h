/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_PROGRESS_H
#define SIM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/simulation.h"

/* A bar on standard error, when that is a terminal; else nothing. */
struct progress {
    bool is_shown;
    uint64_t drawn_us; /* wall clock of the last drawing */
};

void progress_init(struct progress *progress);

/* Draw how far a run is, a few times a second at most. */
void progress_draw(struct progress *progress,
    const struct simulation *simulation, uint64_t wall_us);

/* The same before there is virtual time: how many of something there are. */
void progress_say(struct progress *progress, uint64_t wall_us, const char *what,
    uint64_t done, uint64_t total);

/* The same of anything, drawn at once, and cut to what the terminal has. */
void progress_write(const struct progress *progress, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Take it off the terminal, as before any other line is printed there. */
void progress_end(const struct progress *progress);

#endif
