/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding and running sottod.  It is looked for beside this program first (a
 * build tree, a folder that was moved), then where the installation put it,
 * then in PATH.  A borrowed one is a child that the kernel ends if this process
 * dies; what it says is kept from the person unless it fails. */
#include "config.h"

#include "cli/node.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/output.h"
#include "platform/clock.h"

#ifndef SOTTO_SBINDIR
#define SOTTO_SBINDIR "/usr/local/sbin"
#endif

enum {
    START_PATIENCE_MS = 20000,
    PAUSE_MS = 20,
};

int node_find(struct cli *cli)
{
    cli->home = cli->arguments.values[OPTION_HOME];
    if (!cli->home)
        cli->home = getenv("SOTTO_HOME");
    if (cli->home && !*cli->home)
        cli->home = NULL;
    enum status status = paths_resolve(cli->home, &cli->paths);
    if (status == STATUS_NOT_FOUND)
        return fail(EXIT_USAGE, "there is no HOME to find the node in (use "
                                "--home DIR)");
    if (status == STATUS_TOO_LARGE)
        return fail(EXIT_USAGE,
            "the path of the node is too long for its "
            "sockets, which have 107 bytes: %s",
            cli->home ? cli->home : "XDG_RUNTIME_DIR");
    if (status)
        return fail(EXIT_BUG, "cannot work out where the node is: %s",
            status_name(status));
    return EXIT_DONE;
}

/* Try one place; returns only when it is not there. */
static void try_exec(const char *directory, const char *name, char *argv[])
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof(path), "%s/%s", directory, name);
    if (size > 0 && (size_t)size < sizeof(path))
        execv(path, argv);
}

static void exec_sottod(char *argv[])
{
    char self[PATH_MAX] = {0};
    if (readlink("/proc/self/exe", self, sizeof(self) - 1) > 0) {
        char *slash = strrchr(self, '/');
        if (slash) {
            *slash = '\0';
            try_exec(self, "sottod", argv);
            try_exec(self, "../sbin/sottod", argv);
        }
    }
    try_exec(SOTTO_SBINDIR, "sottod", argv);
    execvp("sottod", argv);
}

int node_replace(char *argv[])
{
    argv[0] = "sotto"; /* whose name is before what it says */
    exec_sottod(argv);
    return fail(EXIT_NOT_RUNNING, "cannot start sottod: %s", strerror(errno));
}

bool node_runs(const struct cli *cli)
{
    const char *const sockets[] = {
        cli->paths.vault_socket, cli->paths.relay_socket};
    for (size_t i = 0; i < 2; i++) {
        struct client *client = NULL;
        enum status status = client_open(sockets[i], &client);
        client_close(client);
        if (status != STATUS_NOT_FOUND)
            return true;
    }
    return false;
}

/* The child's side of a loan: never returns. */
static void run_vault(const struct cli *cli, int messages, pid_t parent)
{
    char *argv[] = {"sottod", "--vault-only", NULL, NULL, NULL};
    if (cli->home) {
        argv[2] = "--home";
        argv[3] = (char *)cli->home;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(EXIT_BUG);
    dup2(messages, STDERR_FILENO);
    dup2(messages, STDOUT_FILENO);
    exec_sottod(argv);
    dprintf(messages, "sotto: cannot start sottod: %s\n", strerror(errno));
    _exit(EXIT_NOT_RUNNING);
}

/* Pass on what the child said. */
static void show_messages(int messages)
{
    char bytes[4096];
    ssize_t size;
    lseek(messages, 0, SEEK_SET);
    while ((size = read(messages, bytes, sizeof(bytes))) > 0)
        fwrite(bytes, 1, (size_t)size, stderr);
}

/* Whether the vault answers before the child ends or the time is over. */
static bool vault_comes_up(const struct cli *cli, pid_t pid)
{
    uint64_t deadline_ms = clock_now_ms() + START_PATIENCE_MS;
    while (clock_now_ms() < deadline_ms) {
        struct control_message message;
        if (!ask_status(cli, CONTROL_VAULT, deadline_ms, &message)) {
            control_message_clear(&message);
            return true;
        }
        siginfo_t ended = {0};
        if (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) ||
            ended.si_pid == pid)
            return false;
        poll(NULL, 0, PAUSE_MS);
    }
    return false;
}

int node_borrow(const struct cli *cli, struct node_loan *out)
{
    int messages = memfd_create("sottod messages", MFD_CLOEXEC);
    if (messages < 0)
        return fail(EXIT_BUG, "cannot make a pipe: %s", strerror(errno));
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        close(messages);
        return fail(EXIT_BUG, "cannot start sottod: %s", strerror(errno));
    }
    if (pid == 0)
        run_vault(cli, messages, parent);
    struct node_loan loan = {.pid = pid, .messages = messages};
    if (!vault_comes_up(cli, pid)) {
        kill(pid, SIGTERM);
        waitpid(pid, NULL, 0);
        loan.pid = 0;
        show_messages(messages);
        close(messages);
        return fail(EXIT_NOT_RUNNING, "no node is running, and its vault could "
                                      "not be started");
    }
    *out = loan;
    return EXIT_DONE;
}

void node_return(struct node_loan *loan)
{
    kill(loan->pid, SIGTERM);
    while (waitpid(loan->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close(loan->messages);
    *loan = (struct node_loan){0};
}
