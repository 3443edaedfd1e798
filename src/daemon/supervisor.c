/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The process that holds nothing: no key, no text, no network.  It starts relay
 * and vault as fresh images of this program (so that neither knows the other's
 * address layout), joins them by a socket pair, and starts again whichever
 * dies, with a pause that doubles from 0.2 s to 10 s and is forgotten after a
 * minute of life.  The survivor of the two gets a fresh end of the pair over
 * its link; the vault comes back locked.
 *
 * A process that says it cannot start ends the node, but only until all have
 * served once: a mistake of configuration is then in front of a person, and
 * later nothing should end a node that ran. */
#include "config.h"

#include "daemon/supervisor.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/child.h"
#include "platform/clock.h"
#include "platform/lock_file.h"
#include "platform/log.h"
#include "platform/port_socket.h"

enum {
    SUPERVISOR_PAUSE_MS = 200,
    SUPERVISOR_PAUSE_MAXIMUM_MS = 10 * 1000,
    SUPERVISOR_GOOD_LIFE_MS = 60 * 1000,
    SUPERVISOR_STOP_MS = 5 * 1000, /* then they are killed */
    SUPERVISOR_LOCK_WAIT_MS = 10 * 1000,
};

enum process { PROCESS_RELAY, PROCESS_VAULT, PROCESS_COUNT };

static const char *const process_names[] = {
    [PROCESS_RELAY] = "relay",
    [PROCESS_VAULT] = "vault",
};

struct supervised {
    bool wanted;
    pid_t pid; /* 0: not running */
    int link;  /* -1: not running */
    bool ready;
    uint64_t started_ms;
    uint64_t restart_ms; /* when not running */
    uint64_t pause_ms;
};

struct supervisor {
    const struct supervisor_config *config;
    struct supervised processes[PROCESS_COUNT];
    int signals;
    int lock;
    int settings;
    bool served;   /* all were ready at one time */
    bool stopping; /* on purpose */
    uint64_t kill_ms;
    int exit_code;
    char endpoint[CHILD_MESSAGE_BYTES];
};

/* Text as an unnamed file that nobody can change any more. */
static int make_settings(struct span text)
{
    int fd = memfd_create("sotto.conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -1;
    if (write(fd, text.data, text.size) != (ssize_t)text.size ||
        fcntl(fd, F_ADD_SEALS,
            F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Whether a process runs no more, though its parent may not have noticed. */
static bool is_gone(pid_t pid)
{
    char path[32], text[256] = "";
    if (kill(pid, 0) != 0)
        return errno == ESRCH;
    snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT;
    const char *line = fgets(text, sizeof(text), file);
    fclose(file);
    /* proc(5): the name, in brackets, may hold anything. */
    const char *name_end = line ? strrchr(line, ')') : NULL;
    return name_end && strncmp(name_end, ") Z", 3) == 0;
}

/* Wait out the processes of a node whose supervisor was killed: they hold its
 * lock until they have ended, which the kernel has told them to do. */
static enum status take_lock(struct supervisor *supervisor, pid_t *holder)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    uint64_t until_ms = clock_now_ms() + SUPERVISOR_LOCK_WAIT_MS;
    for (;;) {
        enum status status = lock_file_take(
            supervisor->config->paths->lock, &supervisor->lock, holder);
        if (status != STATUS_EXISTS || clock_now_ms() > until_ms ||
            *holder == 0 || !is_gone(*holder))
            return status;
        nanosleep(&pause, NULL);
    }
}

static enum status supervisor_open(struct supervisor *supervisor)
{
    const struct paths *paths = supervisor->config->paths;
    pid_t holder = 0;
    enum status status = take_lock(supervisor, &holder);
    if (status == STATUS_EXISTS) {
        log_line(LOG_LEVEL_ERROR, "a node already runs there: process %ld (%s)",
            (long)holder, paths->lock);
        return status;
    }
    if (status) {
        log_line(LOG_LEVEL_ERROR, "%s: %s", paths->lock, strerror(errno));
        return status;
    }
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    supervisor->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    supervisor->settings = make_settings(supervisor->config->settings_text);
    if (supervisor->signals < 0 || supervisor->settings < 0) {
        log_line(LOG_LEVEL_ERROR, "cannot begin: %s", strerror(errno));
        return STATUS_IO;
    }
    status = mode_write(paths->run_dir, supervisor->config->options->mode);
    if (status)
        log_line(
            LOG_LEVEL_ERROR, "%s/mode: %s", paths->run_dir, strerror(errno));
    return status;
}

/* Put descriptors where the new image looks for them.  They are first moved
 * out of the way, since one may lie where another must go. */
static bool place_descriptors(const int from[], size_t count)
{
    int high[3];
    assert(count <= 3);
    for (size_t i = 0; i < count; i++)
        if ((high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 16)) < 0)
            return false;
    for (size_t i = 0; i < count; i++)
        if (dup2(high[i], CHILD_LINK_FD + (int)i) < 0)
            return false;
    return true;
}

static void become(struct supervisor *supervisor, enum process which, int link)
{
    const struct supervisor_config *config = supervisor->config;
    const int descriptors[] = {link, supervisor->settings, supervisor->lock};
    char **argv = calloc((size_t)config->argc + 3, sizeof(*argv));
    sigset_t none;
    if (!argv || !place_descriptors(descriptors, 3))
        _exit(CHILD_EXIT_FAILED);
    argv[0] = config->argv[0];
    argv[1] = "--role";
    argv[2] = (char *)process_names[which];
    for (int i = 1; i < config->argc; i++)
        argv[i + 2] = config->argv[i];
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execv("/proc/self/exe", argv);
    _exit(CHILD_EXIT_FAILED);
}

static void process_start(struct supervisor *supervisor, enum process which)
{
    struct supervised *process = &supervisor->processes[which];
    int pair[2];
    process->started_ms = clock_now_ms();
    process->restart_ms = process->started_ms + process->pause_ms;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        log_line(LOG_LEVEL_ERROR, "socketpair: %s", strerror(errno));
        return;
    }
    pid_t pid = fork();
    if (pid == 0)
        become(supervisor, which, pair[1]);
    close(pair[1]);
    if (pid < 0) {
        log_line(LOG_LEVEL_ERROR, "fork: %s", strerror(errno));
        close(pair[0]);
        return;
    }
    process->pid = pid;
    process->link = pair[0];
    process->ready = false;
}

/* Hand a process one end of a port. */
static void send_port(int link, int fd)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {.space = {0}};
    char letter = CHILD_PORT;
    struct iovec part = {&letter, 1};
    struct msghdr message = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control)};
    struct cmsghdr *first = CMSG_FIRSTHDR(&message);
    first->cmsg_level = SOL_SOCKET;
    first->cmsg_type = SCM_RIGHTS;
    first->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(first), &fd, sizeof(int));
    if (sendmsg(link, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        log_line(LOG_LEVEL_ERROR, "sendmsg: %s", strerror(errno));
}

/* A fresh port between the two, if both are there. */
static void join_processes(struct supervisor *supervisor)
{
    int pair[2];
    if (supervisor->processes[PROCESS_RELAY].link < 0 ||
        supervisor->processes[PROCESS_VAULT].link < 0)
        return;
    if (port_socket_pair(pair)) {
        log_line(LOG_LEVEL_ERROR, "socketpair: %s", strerror(errno));
        return;
    }
    send_port(supervisor->processes[PROCESS_RELAY].link, pair[0]);
    send_port(supervisor->processes[PROCESS_VAULT].link, pair[1]);
    close(pair[0]);
    close(pair[1]);
}

static void start_due(struct supervisor *supervisor)
{
    bool started = false;
    for (int i = 0; i < PROCESS_COUNT; i++) {
        struct supervised *process = &supervisor->processes[i];
        if (!process->wanted || process->pid || supervisor->stopping ||
            clock_now_ms() < process->restart_ms)
            continue;
        process_start(supervisor, (enum process)i);
        started = true;
    }
    if (started)
        join_processes(supervisor);
}

static void stop_all(struct supervisor *supervisor, int exit_code)
{
    int number = supervisor->stopping ? SIGKILL : SIGTERM;
    if (!supervisor->stopping) {
        supervisor->exit_code = exit_code;
        supervisor->kill_ms = clock_now_ms() + SUPERVISOR_STOP_MS;
    }
    supervisor->stopping = true;
    for (int i = 0; i < PROCESS_COUNT; i++)
        if (supervisor->processes[i].pid)
            kill(supervisor->processes[i].pid, number);
}

static void all_ready(struct supervisor *supervisor)
{
    for (int i = 0; i < PROCESS_COUNT; i++)
        if (supervisor->processes[i].wanted && !supervisor->processes[i].ready)
            return;
    if (!supervisor->served)
        log_line(LOG_LEVEL_NOTICE, "ready%s%s",
            supervisor->endpoint[0] ? " at " : "", supervisor->endpoint);
    supervisor->served = true;
}

static void on_message(struct supervisor *supervisor, enum process which)
{
    struct supervised *process = &supervisor->processes[which];
    char text[CHILD_MESSAGE_BYTES + 1];
    ssize_t size = recv(process->link, text, CHILD_MESSAGE_BYTES, MSG_DONTWAIT);
    if (size <= 0) {
        if (size == 0 || errno != EAGAIN) {
            close(process->link);
            process->link = -1;
        }
        return;
    }
    text[size] = '\0';
    if (text[0] == CHILD_PORT) {
        join_processes(supervisor);
    } else if (text[0] == CHILD_READY) {
        process->ready = true;
        if (which == PROCESS_RELAY)
            strcpy(supervisor->endpoint, text + 1);
        all_ready(supervisor);
    }
}

/* A code says nothing to a person, where the process has said why itself. */
static void say_ended(enum process which, int state, uint64_t pause_ms)
{
    char how[64] = "has said why it ends";
    if (WIFSIGNALED(state))
        snprintf(how, sizeof(how), "was ended by signal %d", WTERMSIG(state));
    else if (WEXITSTATUS(state) != CHILD_EXIT_AGAIN &&
             WEXITSTATUS(state) != CHILD_EXIT_CANNOT_START)
        snprintf(how, sizeof(how), "ended with code %d", WEXITSTATUS(state));
    log_line(LOG_LEVEL_ERROR, "the %s %s; it starts again in %.1f s",
        process_names[which], how, (double)pause_ms / 1000);
}

static void on_ended(
    struct supervisor *supervisor, enum process which, int state)
{
    struct supervised *process = &supervisor->processes[which];
    uint64_t now_ms = clock_now_ms();
    if (process->link >= 0)
        close(process->link);
    process->link = -1;
    process->pid = 0;
    process->ready = false;
    if (supervisor->stopping)
        return;
    if (!supervisor->served && WIFEXITED(state) &&
        WEXITSTATUS(state) == CHILD_EXIT_CANNOT_START) {
        stop_all(supervisor, 1);
        return;
    }
    if (now_ms - process->started_ms > SUPERVISOR_GOOD_LIFE_MS)
        process->pause_ms = SUPERVISOR_PAUSE_MS;
    process->restart_ms = now_ms + process->pause_ms;
    say_ended(which, state, process->pause_ms);
    process->pause_ms *= 2;
    if (process->pause_ms > SUPERVISOR_PAUSE_MAXIMUM_MS)
        process->pause_ms = SUPERVISOR_PAUSE_MAXIMUM_MS;
}

static void on_signals(struct supervisor *supervisor)
{
    struct signalfd_siginfo info;
    while (read(supervisor->signals, &info, sizeof(info)) == sizeof(info))
        if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
            stop_all(supervisor, 0);
    for (int i = 0; i < PROCESS_COUNT; i++) {
        pid_t pid = supervisor->processes[i].pid;
        int state;
        if (pid && waitpid(pid, &state, WNOHANG) == pid)
            on_ended(supervisor, (enum process)i, state);
    }
}

/* Milliseconds until something is due, -1 for never. */
static int next_due(const struct supervisor *supervisor)
{
    uint64_t due_ms = UINT64_MAX, now_ms = clock_now_ms();
    if (supervisor->stopping)
        due_ms = supervisor->kill_ms;
    for (int i = 0; i < PROCESS_COUNT && !supervisor->stopping; i++) {
        const struct supervised *process = &supervisor->processes[i];
        if (process->wanted && !process->pid && process->restart_ms < due_ms)
            due_ms = process->restart_ms;
    }
    if (due_ms == UINT64_MAX)
        return -1;
    return due_ms > now_ms ? (int)(due_ms - now_ms) : 0;
}

static bool has_ended(const struct supervisor *supervisor)
{
    for (int i = 0; i < PROCESS_COUNT; i++)
        if (supervisor->processes[i].pid)
            return false;
    return supervisor->stopping;
}

static void turn(struct supervisor *supervisor)
{
    struct pollfd polls[1 + PROCESS_COUNT] = {
        {.fd = supervisor->signals, .events = POLLIN}};
    for (int i = 0; i < PROCESS_COUNT; i++)
        polls[1 + i] = (struct pollfd){
            .fd = supervisor->processes[i].link, .events = POLLIN};
    int count = poll(polls, 1 + PROCESS_COUNT, next_due(supervisor));
    if (count == 0 && supervisor->stopping) {
        stop_all(supervisor, 0); /* again: they had their time */
        supervisor->kill_ms = clock_now_ms() + SUPERVISOR_STOP_MS;
    }
    if (count <= 0)
        return;
    for (int i = 0; i < PROCESS_COUNT; i++)
        if (polls[1 + i].revents)
            on_message(supervisor, (enum process)i);
    if (polls[0].revents)
        on_signals(supervisor);
}

int supervisor_run(const struct supervisor_config *config)
{
    struct supervisor supervisor = {.config = config};
    enum mode mode = config->options->mode;
    if (supervisor_open(&supervisor))
        return 1;
    for (int i = 0; i < PROCESS_COUNT; i++)
        supervisor.processes[i] = (struct supervised){
            .wanted = mode == MODE_NODE ||
                      (i == PROCESS_RELAY) == (mode == MODE_RELAY_ONLY),
            .link = -1,
            .pause_ms = SUPERVISOR_PAUSE_MS,
        };
    while (!has_ended(&supervisor)) {
        start_due(&supervisor);
        turn(&supervisor);
    }
    unlink(config->paths->relay_socket);
    unlink(config->paths->vault_socket);
    mode_remove(config->paths->run_dir);
    return supervisor.exit_code;
}
