/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line that is drawn over: no colour, nothing that a plain terminal lacks,
 * and nothing at all where somebody redirected the output. */
#include "sim/progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    BAR_CHARS = 30,
    BAR_CHARS_LEAST = 4,
    BAR_PARTS = 1000,
    REDRAW_US = 100000,
    LINE_CHARS = 78,
};

/* What a line may have, so that it stays one: a terminal that goes on in the
 * next could not draw over it. */
static int line_chars(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 ||
        size.ws_col > LINE_CHARS)
        return LINE_CHARS;
    return size.ws_col - 1;
}

void progress_init(struct progress *progress)
{
    const char *terminal = getenv("TERM");
    *progress =
        (struct progress){.is_shown = isatty(STDERR_FILENO) && terminal &&
                                      strcmp(terminal, "dumb") != 0};
}

void progress_write(const struct progress *progress, const char *format, ...)
{
    if (!progress->is_shown)
        return;
    char line[LINE_CHARS + 1];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof(line), format, list);
    va_end(list);
    int chars = line_chars();
    fprintf(stderr, "\r%-*.*s", chars, chars, line);
}

/* Where there is no room for a bar that says something, there is none. */
static void draw_bar(const struct progress *progress, int chars, uint64_t parts,
    const char *text)
{
    char bar[BAR_CHARS + 1];
    for (int i = 0; i < chars; i++)
        bar[i] = (uint64_t)i * BAR_PARTS < parts * (uint64_t)chars ? '#' : '.';
    if (chars < BAR_CHARS_LEAST)
        progress_write(progress, "%s", text);
    else
        progress_write(progress, "[%.*s] %s", chars, bar, text);
}

void progress_draw(struct progress *progress,
    const struct simulation *simulation, uint64_t wall_us)
{
    if (!progress->is_shown || wall_us < progress->drawn_us + REDRAW_US)
        return;
    progress->drawn_us = wall_us;
    const struct world *world = &simulation->world;
    uint64_t total_s = world->scenario.duration_us / 1000000;
    char text[LINE_CHARS];
    int size = snprintf(text, sizeof(text),
        "%" PRIu64 " of %" PRIu64 " s, %" PRIu32 " of %" PRIu32 " letters",
        simulation->second, total_s, world->letters.shown,
        world->letters.count);
    int room = line_chars() - size - (int)strlen("[] ");
    draw_bar(progress, room < BAR_CHARS ? room : BAR_CHARS,
        simulation->second * BAR_PARTS / (total_s ? total_s : 1), text);
}

void progress_say(struct progress *progress, uint64_t wall_us, const char *what,
    uint64_t done, uint64_t total)
{
    if (!progress->is_shown || wall_us < progress->drawn_us + REDRAW_US)
        return;
    progress->drawn_us = wall_us;
    progress_write(
        progress, "%" PRIu64 " of %" PRIu64 " %s", done, total, what);
}

void progress_end(const struct progress *progress)
{
    if (progress->is_shown)
        fprintf(stderr, "\r%*s\r", line_chars(), "");
}
