/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person or a script sees.  Standard output is stdio's, checked once at
 * the end (or after each line of a stream): a result that could not be written
 * is a failure, not a success with less text. */
#include "cli/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/escape.h"

enum { MESSAGE_BYTES = 1024 };

static void say(const char *format, va_list list)
{
    char text[MESSAGE_BYTES];
    vsnprintf(text, sizeof(text), format, list);
    fputs("sotto: ", stderr);
    escape_line(stderr, span_of_text(text));
    fputc('\n', stderr);
}

int fail(enum exit_code code, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say(format, list);
    va_end(list);
    return (int)code;
}

void warn_person(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say(format, list);
    va_end(list);
}

void hint(const struct cli *cli, const char *format, ...)
{
    if (cli->json || !cli->terminal || !isatty(STDERR_FILENO))
        return;
    va_list list;
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

int output_line(enum status status, char *line, size_t size)
{
    if (status)
        return fail(
            EXIT_BUG, "cannot print the answer: %s", status_name(status));
    fwrite(line, 1, size, stdout);
    control_line_free(line, size);
    return EXIT_DONE;
}

int output_json(const struct control_reply *reply)
{
    char *line = NULL;
    size_t size = 0;
    enum status status = control_reply_print(reply, &line, &size);
    return output_line(status, line, size);
}

int output_finish(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    /* A reader that has seen enough (head, a pager) needs no message. */
    if (errno != EPIPE)
        warn_person("cannot write to standard output: %s",
            errno ? strerror(errno) : "write error");
    clearerr(stdout); /* it was said */
    return code ? code : EXIT_USAGE;
}

int output_done(const char *done)
{
    int code = output_finish(EXIT_DONE);
    if (code)
        warn_person("%s", done);
    return code;
}

const char *style_bold(const struct cli *cli)
{
    return cli->colours ? "\033[1m" : "";
}

const char *style_faint(const struct cli *cli)
{
    return cli->colours ? "\033[2m" : "";
}

const char *style_end(const struct cli *cli)
{
    return cli->colours ? "\033[0m" : "";
}

void output_name(struct span name, unsigned width)
{
    escape_line(stdout, name);
    unsigned characters = 0;
    for (size_t i = 0; i < name.size; i++)
        characters += (name.data[i] & 0xc0) != 0x80;
    for (; characters < width; characters++)
        fputc(' ', stdout);
}

void output_fingerprint(const char *fingerprint)
{
    for (size_t i = 0; fingerprint[i]; i++) {
        if (i && i % 8 == 0)
            fputc(' ', stdout);
        fputc(fingerprint[i], stdout);
    }
}
