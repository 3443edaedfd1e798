/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Percent and a bar of plain characters, redrawn in place a few times a second:
 * what is told oftener is seen by nobody and costs the terminal. */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/terminal.h"

enum {
    REDRAW_MS = 100,
    BAR_CHARS = 30,
    BAR_CHARS_LEAST = 4,
    LINE_CHARS = 80,
};

void progress_begin(
    struct progress *progress, const struct cli *cli, const char *what)
{
    *progress = (struct progress){
        .is_shown = !cli->json && terminal_has_colours(STDERR_FILENO),
        .what = what,
    };
}

/* What went on in the terminal's next line could not be drawn over; a bar that
 * there is no room for is left out. */
static void draw(const struct progress *progress, uint64_t part, uint64_t total)
{
    char bar[BAR_CHARS + 1], text[LINE_CHARS];
    int width = (int)terminal_width(STDERR_FILENO) - 1;
    int size = snprintf(text, sizeof(text), "%3u%% %s",
        (unsigned)(part * 100 / total), progress->what);
    int room = width - size - (int)strlen("[] ");
    int chars = room < BAR_CHARS ? room : BAR_CHARS;
    for (int i = 0; i < chars; i++)
        bar[i] = (uint64_t)i * total < part * (uint64_t)chars ? '#' : '.';
    if (chars < BAR_CHARS_LEAST)
        fprintf(stderr, "\r%.*s", width, text);
    else
        fprintf(stderr, "\r[%.*s] %s", chars, bar, text);
    fflush(stderr);
}

void progress_set(struct progress *progress, uint64_t done, uint64_t total)
{
    uint64_t now_ms = clock_now_ms();
    if (!progress->is_shown || total == 0 ||
        (progress->drawn_ms && now_ms - progress->drawn_ms < REDRAW_MS))
        return;
    progress->drawn_ms = now_ms;
    draw(progress, done < total ? done : total, total);
}

void progress_end(struct progress *progress)
{
    if (progress->drawn_ms) {
        fputs("\r\033[K", stderr);
        fflush(stderr); /* before what is printed in its place */
    }
    progress->is_shown = false;
    progress->drawn_ms = 0;
}
