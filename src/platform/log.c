/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines on standard error, each written with one call so that the lines of two
 * processes never mix.  A line that is too long is cut; control characters
 * (from a peer, by way of an error text) become '?', so that nobody can forge
 * a second line or drive a terminal.
 *
 * The process's name and level are the one piece of state that is a process's
 * own and not an object's: set once at the start, read after. */
#include "platform/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 512 };

static struct {
    char process[32];
    enum log_level level;
    bool timed;
} settings = {"sotto", LOG_LEVEL_NOTICE, false};

void log_start(const char *process, enum log_level level)
{
    snprintf(settings.process, sizeof(settings.process), "%s", process);
    settings.level = level;
    settings.timed = isatty(STDERR_FILENO) == 1;
    tzset(); /* reads a file: before any sandbox */
}

static size_t put_time(char *line, size_t capacity)
{
    time_t now = time(NULL);
    struct tm parts;

    if (!settings.timed || !localtime_r(&now, &parts))
        return 0;
    return strftime(line, capacity, "%H:%M:%S ", &parts);
}

static void defuse(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
}

void log_line(enum log_level level, const char *format, ...)
{
    char line[LINE_BYTES];
    size_t used;
    va_list arguments;
    int saved = errno;

    if (level > settings.level)
        return;
    used = put_time(line, sizeof(line));
    used += (size_t)snprintf(
        line + used, sizeof(line) - used, "%s: ", settings.process);
    va_start(arguments, format);
    vsnprintf(line + used, sizeof(line) - used - 1, format, arguments);
    va_end(arguments);
    defuse(line);
    used = strlen(line);
    line[used++] = '\n';
    while (write(STDERR_FILENO, line, used) < 0 && errno == EINTR)
        continue;
    errno = saved;
}
