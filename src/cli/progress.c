/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Percent and a bar of plain characters, redrawn in place a few times a second:
 * what is told oftener is seen by nobody and costs the terminal. */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/terminal.h"

enum { REDRAW_MS = 100, BAR_CHARS = 30 };

void progress_begin(
    struct progress *progress, const struct cli *cli, const char *what)
{
    *progress = (struct progress){
        .is_shown = !cli->json && terminal_has_colours(STDERR_FILENO),
        .what = what,
    };
}

void progress_set(struct progress *progress, uint64_t done, uint64_t total)
{
    char bar[BAR_CHARS + 1] = "";
    uint64_t now_ms = clock_now_ms();
    if (!progress->is_shown || total == 0 ||
        (progress->drawn_ms && now_ms - progress->drawn_ms < REDRAW_MS))
        return;
    uint64_t part = done < total ? done : total;
    for (uint64_t i = 0; i < BAR_CHARS; i++)
        bar[i] = i * total < part * BAR_CHARS ? '#' : '.';
    progress->drawn_ms = now_ms;
    fprintf(stderr, "\r[%s] %3u%% %s", bar, (unsigned)(part * 100 / total),
        progress->what);
    fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->drawn_ms)
        fputs("\r\033[K", stderr);
    progress->is_shown = false;
    progress->drawn_ms = 0;
}
