/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The leader of a group is a child that is waited for only when the group is
 * given up, so its number can belong to nobody else, and a signal to the group
 * reaches nobody else.  Orphans of a killed leader come to this process, which
 * so knows when the last of them is gone. */
#include "config.h"

#include "sim/live/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_NOT_RUN = 127 };

void process_adopt_orphans(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* The child's side: never returns. */
static void run(const struct process_plan *plan, pid_t parent)
{
    sigset_t none;
    int log = open(plan->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent || log < 0 || nothing < 0)
        _exit(EXIT_NOT_RUN);
    dup2(nothing, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (size_t i = 0; plan->variables && plan->variables[i]; i++)
        putenv(plan->variables[i]);
    if (plan->name_space < 0 || setns(plan->name_space, CLONE_NEWNET) == 0)
        execv(plan->argv[0], plan->argv);
    dprintf(STDERR_FILENO, "%s: %s\n", plan->argv[0], strerror(errno));
    _exit(EXIT_NOT_RUN);
}

enum status process_start(const struct process_plan *plan, struct process *out)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return STATUS_IO;
    if (pid == 0)
        run(plan, parent);
    setpgid(pid, pid); /* whoever of both comes first */
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    *out = (struct process){.pid = pid, .descriptor = descriptor};
    if (descriptor >= 0)
        return STATUS_OK;
    int saved = errno;
    process_kill(out);
    errno = saved;
    return STATUS_IO;
}

void process_ask(const struct process *process)
{
    if (process->pid)
        kill(process->pid, SIGTERM);
}

void process_kill(struct process *process)
{
    if (!process->pid)
        return;
    kill(-process->pid, SIGKILL);
    while (waitpid(-process->pid, NULL, 0) > 0 || errno == EINTR)
        continue;
    if (process->descriptor >= 0)
        close(process->descriptor);
    *process = (struct process){.descriptor = -1};
}

bool process_has_ended(const struct process *process)
{
    struct pollfd item = {.fd = process->descriptor, .events = POLLIN};
    return process->pid && poll(&item, 1, 0) == 1;
}

static int compare_uses(const void *a, const void *b)
{
    const struct process_use *x = a, *y = b;
    return x->group < y->group ? -1 : x->group > y->group;
}

/* A field of /proc/PID/stat, as proc(5) numbers them, behind the second: a
 * name, which may hold anything. */
static bool read_field(const char *behind, int field, uint64_t *out)
{
    const char *at = behind;
    for (int i = 2; i < field && at; i++)
        at = strchr(at + 1, ' ');
    char *end = NULL;
    if (at)
        *out = strtoull(at + 1, &end, 10);
    return at && end != at + 1;
}

/* Read a small file of /proc; its size, 0 when it is not there. */
static size_t read_small(const char *path, char *out, size_t capacity)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, out, capacity - 1) : -1;
    if (fd >= 0)
        close(fd);
    out[size > 0 ? size : 0] = '\0';
    return size > 0 ? (size_t)size : 0;
}

/* How long a process's threads were ready to run and did not: the second
 * number of each one's schedstat, in nanoseconds. */
static uint64_t read_waited_us(const char *pid)
{
    char path[96], text[96];
    uint64_t sum_ns = 0;
    snprintf(path, sizeof(path), "/proc/%.32s/task", pid);
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        snprintf(path, sizeof(path), "/proc/%.32s/task/%.32s/schedstat", pid,
            entry->d_name);
        const char *second =
            read_small(path, text, sizeof(text)) > 0 ? strchr(text, ' ') : NULL;
        if (second)
            sum_ns += strtoull(second + 1, NULL, 10);
    }
    if (folder)
        closedir(folder);
    return sum_ns / 1000;
}

static bool read_stat(const char *pid, struct process_use *out)
{
    enum { GROUP = 5, USER_TICKS = 14, SYSTEM_TICKS = 15, PAGES = 24 };
    char path[64], text[1024];
    snprintf(path, sizeof(path), "/proc/%.32s/stat", pid);
    if (read_small(path, text, sizeof(text)) == 0)
        return false;
    const char *behind = strrchr(text, ')');
    uint64_t group, user, system, pages;
    if (!behind || !read_field(behind, GROUP, &group) ||
        !read_field(behind, USER_TICKS, &user) ||
        !read_field(behind, SYSTEM_TICKS, &system) ||
        !read_field(behind, PAGES, &pages))
        return false;
    *out = (struct process_use){.group = (pid_t)group,
        .busy_us = (user + system) * 1000000 / (uint64_t)sysconf(_SC_CLK_TCK),
        .memory_bytes = pages * (uint64_t)sysconf(_SC_PAGESIZE)};
    return true;
}

void process_measure(struct process_use *uses, size_t count)
{
    for (size_t i = 0; i < count; i++)
        uses[i].busy_us = uses[i].waited_us = uses[i].memory_bytes = 0;
    DIR *folder = opendir("/proc");
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        struct process_use one, *all;
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
            !read_stat(entry->d_name, &one))
            continue;
        all = bsearch(&one, uses, count, sizeof(*uses), compare_uses);
        if (!all)
            continue;
        all->busy_us += one.busy_us;
        all->waited_us += read_waited_us(entry->d_name);
        all->memory_bytes += one.memory_bytes;
    }
    if (folder)
        closedir(folder);
}
