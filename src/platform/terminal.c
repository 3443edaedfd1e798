/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The person's terminal.  A prompt turns echo off, and whatever ends it turns
 * echo on again: the signals that would end the process are blocked and
 * watched as a descriptor beside the terminal, so that they are seen in one
 * place and take their usual effect afterwards.  No handlers, hence nothing
 * global. */
#include "platform/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

enum { USUAL_WIDTH = 80, USUAL_HEIGHT = 24 };

bool terminal_has_colours(int fd)
{
    const char *plain = getenv("NO_COLOR");
    const char *kind = getenv("TERM");
    return isatty(fd) && (!plain || !*plain) && kind && *kind &&
           strcmp(kind, "dumb") != 0;
}

unsigned terminal_width(int fd)
{
    struct winsize size;
    bool known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : USUAL_WIDTH;
}

unsigned terminal_height(int fd)
{
    struct winsize size;
    bool known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0;
    return known ? size.ws_row : USUAL_HEIGHT;
}

static void print(int fd, const char *text)
{
    size_t size = strlen(text);
    /* A prompt that cannot be shown is still answered. */
    if (write(fd, text, size) != (ssize_t)size)
        return;
}

/* The terminal hands over whole lines; a longer one comes in parts, and is
 * read to its end so that the rest does not become the shell's next command. */
static enum status read_line(
    int tty, int signals, char *out, size_t capacity, size_t *size)
{
    size_t held = 0;
    for (;;) {
        struct pollfd items[] = {
            {.fd = tty, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
        if (poll(items, 2, -1) < 0 && errno != EINTR)
            return STATUS_IO;
        if (items[1].revents)
            return STATUS_AGAIN;
        if (!items[0].revents)
            continue;
        char c;
        ssize_t got = read(tty, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return STATUS_IO;
        if (got == 0)
            return STATUS_AGAIN;
        if (c == '\n')
            break;
        if (held < capacity)
            out[held] = c;
        held++;
    }
    if (held > capacity)
        return STATUS_TOO_LARGE;
    *size = held;
    return STATUS_OK;
}

static bool echo_stop(int tty, struct termios *usual)
{
    if (tcgetattr(tty, usual) != 0)
        return false;
    struct termios quiet = *usual;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    quiet.c_lflag |= ICANON | ISIG;
    return tcsetattr(tty, TCSAFLUSH, &quiet) == 0;
}

enum status terminal_ask_secret(
    const char *prompt, char *out, size_t capacity, size_t *size)
{
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty < 0)
        return STATUS_NOT_FOUND;
    sigset_t watched, usual;
    sigemptyset(&watched);
    sigaddset(&watched, SIGINT);
    sigaddset(&watched, SIGTERM);
    sigaddset(&watched, SIGHUP);
    sigaddset(&watched, SIGQUIT);
    sigaddset(&watched, SIGTSTP);
    sigprocmask(SIG_BLOCK, &watched, &usual);
    int signals = signalfd(-1, &watched, SFD_CLOEXEC);
    enum status status = STATUS_IO;
    struct termios mode;
    /* Only then the prompt: an answer that comes at once is not shown. */
    if (signals >= 0 && echo_stop(tty, &mode)) {
        print(tty, prompt);
        status = read_line(tty, signals, out, capacity, size);
        tcsetattr(tty, TCSAFLUSH, &mode);
        print(tty, "\n");
    }
    if (signals >= 0)
        close(signals);
    sigprocmask(SIG_SETMASK, &usual, NULL);
    close(tty);
    return status;
}
