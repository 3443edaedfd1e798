/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line that is drawn over: no colour, nothing that a plain terminal lacks,
 * and nothing at all where somebody redirected the output. */
#include "sim/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BAR_CHARS = 30, REDRAW_US = 100000, LINE_CHARS = 78 };

void progress_init(struct progress *progress)
{
    const char *terminal = getenv("TERM");
    *progress =
        (struct progress){.is_shown = isatty(STDERR_FILENO) && terminal &&
                                      strcmp(terminal, "dumb") != 0};
}

void progress_draw(struct progress *progress,
    const struct simulation *simulation, uint64_t wall_us)
{
    if (!progress->is_shown || wall_us < progress->drawn_us + REDRAW_US)
        return;
    progress->drawn_us = wall_us;
    const struct world *world = &simulation->world;
    uint64_t total_s = world->scenario.duration_us / 1000000;
    uint64_t done = simulation->second * BAR_CHARS / (total_s ? total_s : 1);
    char bar[BAR_CHARS + 1];
    for (uint64_t i = 0; i < BAR_CHARS; i++)
        bar[i] = i < done ? '#' : '.';
    bar[BAR_CHARS] = '\0';
    fprintf(stderr,
        "\r[%s] %" PRIu64 " of %" PRIu64 " s, %" PRIu32 " of %" PRIu32
        " letters ",
        bar, simulation->second, total_s, world->letters.shown,
        world->letters.count);
}

void progress_say(struct progress *progress, uint64_t wall_us, const char *what,
    uint64_t done, uint64_t total)
{
    if (!progress->is_shown || wall_us < progress->drawn_us + REDRAW_US)
        return;
    progress->drawn_us = wall_us;
    fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " %s ", done, total, what);
}

void progress_end(struct progress *progress)
{
    if (progress->is_shown)
        fprintf(stderr, "\r%*s\r", LINE_CHARS, "");
}
