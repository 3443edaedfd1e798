/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sandbox proved on the machine where it shall hold, and by the program
 * that shall be held: a kernel without Landlock, or a container that forbids
 * seccomp, shows here and not in a manual. */
#include "config.h"

#include "daemon/self_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/sandbox.h"

static int inside(enum sandbox_profile profile, const char *directory)
{
    bool files, calls;
    const char *const own[] = {directory};
    if (sandbox_harden() || sandbox_files(own, 1, &files) ||
        sandbox_calls(profile, SANDBOX_ENFORCE, &calls)) {
        printf("the sandbox cannot be put on: %s\n", strerror(errno));
        return 1;
    }
    printf("sandbox: %s\n", sandbox_word(files, calls, SANDBOX_ENFORCE));
    int faults = sandbox_self_test(profile);
    fflush(stdout);
    return faults > 0;
}

static int try_profile(
    enum sandbox_profile profile, const char *name, const char *directory)
{
    int state;
    printf("%s:\n", name);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(inside(profile, directory));
    if (pid < 0 || waitpid(pid, &state, 0) != pid) {
        printf("fork: %s\n", strerror(errno));
        return 1;
    }
    return WIFEXITED(state) ? WEXITSTATUS(state) : 1;
}

int self_test_run(void)
{
    char directory[] = "/tmp/sottod-self-test.XXXXXX";
    if (!mkdtemp(directory)) {
        printf("%s: %s\n", directory, strerror(errno));
        return 1;
    }
    int faults = try_profile(SANDBOX_RELAY, "relay", directory) +
                 try_profile(SANDBOX_VAULT, "vault", directory);
    rmdir(directory);
    printf("%s\n", faults ? "NOT all was refused" : "all was refused");
    return faults > 0;
}
