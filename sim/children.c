/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child writes its result, a struct of fixed size, into a pipe and ends; both
 * ends are one program.  Interrupts are held in all of them: the parent is the
 * one that asks, and it ends its children by their ids. */
#include "sim/children.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOMENT_MS = 200 };

_Noreturn static void be_child(
    const struct child *child, size_t bytes, child_work work, const void *task)
{
    uint8_t result[CHILDREN_RESULT_BYTES] = {0};
    if (child->said >= 0)
        dup2(child->said, STDERR_FILENO);
    bool done = work(task, result) &&
                write(child->pipe, result, bytes) == (ssize_t)bytes;
    _exit(done ? 0 : 1);
}

/* A file without a name. */
static int open_said(void)
{
    FILE *file = tmpfile();
    int fd = file ? dup(fileno(file)) : -1;
    if (file)
        fclose(file);
    return fd;
}

static enum status give_up(int ends[static 2], int said)
{
    close(ends[0]);
    close(ends[1]);
    if (said >= 0)
        close(said);
    return STATUS_IO;
}

enum status children_start(
    struct children *children, size_t job, child_work work, const void *task)
{
    assert(children->count < CHILDREN_MAXIMUM);
    assert(children->result_bytes <= CHILDREN_RESULT_BYTES);
    int ends[2];
    if (pipe(ends) != 0)
        return STATUS_IO;
    int said = children->is_quiet ? open_said() : -1;
    if (children->is_quiet && said < 0)
        return give_up(ends, said);
    fflush(NULL);
    struct child *child = &children->list[children->count];
    *child = (struct child){.pipe = ends[1], .said = said, .job = job};
    child->pid = fork();
    if (child->pid == 0) {
        close(ends[0]);
        be_child(child, children->result_bytes, work, task);
    }
    if (child->pid < 0)
        return give_up(ends, said);
    close(ends[1]);
    child->pipe = ends[0];
    children->count++;
    return STATUS_OK;
}

/* Read what a child says; true when it says no more. */
static bool read_some(struct child *child, size_t bytes)
{
    ssize_t got =
        read(child->pipe, child->result + child->got, bytes - child->got);
    if (got < 0)
        return errno != EINTR;
    child->got += (size_t)got;
    return got == 0 || child->got == bytes;
}

static void forget(struct children *children, size_t place, int *how)
{
    struct child *child = &children->list[place];
    close(child->pipe);
    if (child->said >= 0)
        close(child->said);
    waitpid(child->pid, how, 0);
    *child = children->list[--children->count];
}

static void take_end(
    struct children *children, size_t place, struct child_end *end)
{
    const struct child *child = &children->list[place];
    int how = 0, said = child->said >= 0 ? dup(child->said) : -1;
    *end = (struct child_end){
        .job = child->job, .came = child->got == children->result_bytes};
    forget(children, place, &how);
    end->signal = WIFSIGNALED(how) ? WTERMSIG(how) : 0;
    if (said < 0)
        return;
    ssize_t got = pread(said, end->said, CHILDREN_SAID_CHARS, 0);
    end->said[got > 0 ? got : 0] = '\0';
    close(said);
}

bool children_wait(
    struct children *children, struct child_end *end, void *result)
{
    struct pollfd polled[CHILDREN_MAXIMUM];
    for (size_t i = 0; i < children->count; i++)
        polled[i] =
            (struct pollfd){.fd = children->list[i].pipe, .events = POLLIN};
    if (poll(polled, children->count, MOMENT_MS) <= 0)
        return false;
    for (size_t i = 0; i < children->count; i++) {
        struct child *child = &children->list[i];
        if (!polled[i].revents || !read_some(child, children->result_bytes))
            continue;
        memcpy(result, child->result, children->result_bytes);
        take_end(children, i, end);
        return true;
    }
    return false;
}

void children_stop(struct children *children)
{
    for (size_t i = 0; i < children->count; i++)
        kill(children->list[i].pid, SIGKILL);
    while (children->count > 0)
        forget(children, 0, NULL);
}
