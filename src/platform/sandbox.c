/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a process may reach, first half: files, by Landlock's own system calls
 * (the C library has none for them), and the process's own hardness.
 *
 * The rights that we ask for grow with the kernel's ABI; on a kernel without
 * Landlock the file half is simply absent, and `status` says so.  What is
 * handled and not granted is refused, so a right that the kernel knows and we
 * do not grant (executing, devices) needs no rule. */
#include "config.h"

#include "platform/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#ifndef SOTTO_SANITIZED
#define SOTTO_SANITIZED 0
#endif

/* Landlock's ABI, for headers that are older than the kernel. */
enum {
    RIGHTS_ABI_1 = (1 << 13) - 1,
    RIGHT_REFER = 1 << 13,     /* ABI 2 */
    RIGHT_TRUNCATE = 1 << 14,  /* ABI 3 */
    RIGHT_IOCTL_DEV = 1 << 15, /* ABI 5 */
    SCOPE_ABSTRACT_UNIX = 1 << 0,
    SCOPE_SIGNAL = 1 << 1, /* both ABI 6 */
};

/* struct landlock_ruleset_attr as of ABI 6. */
struct ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scoped;
};

static const uint64_t granted =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
    LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
    LANDLOCK_ACCESS_FS_MAKE_DIR | RIGHT_REFER | RIGHT_TRUNCATE;

enum status sandbox_harden(void)
{
    const struct rlimit no_core = {0, 0};
    struct rlimit files;

    if (setrlimit(RLIMIT_CORE, &no_core) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        getrlimit(RLIMIT_NOFILE, &files) != 0)
        return STATUS_IO;
    /* The leak checker attaches to its own process. */
    if (!SOTTO_SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return STATUS_IO;
    files.rlim_cur = files.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &files) == 0 ? STATUS_OK : STATUS_IO;
}

static int make_ruleset(uint64_t *handled)
{
    struct ruleset rules = {.files = RIGHTS_ABI_1};
    size_t size = sizeof(rules.files);
    long abi = syscall(
        SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    if (abi < 1)
        return -1;
    if (abi >= 2)
        rules.files |= RIGHT_REFER;
    if (abi >= 3)
        rules.files |= RIGHT_TRUNCATE;
    if (abi >= 5)
        rules.files |= RIGHT_IOCTL_DEV;
    if (abi >= 6) {
        rules.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
        size = sizeof(rules);
    }
    *handled = rules.files;
    return (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
}

static enum status grant(int ruleset, const char *directory, uint64_t rights)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = rights};
    long failed;

    rule.parent_fd = open(directory, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return STATUS_IO;
    failed = syscall(
        SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
    return failed ? STATUS_IO : STATUS_OK;
}

enum status sandbox_files(
    const char *const directories[], size_t count, bool *enforced)
{
    uint64_t handled = 0;
    int ruleset = make_ruleset(&handled);
    enum status status = STATUS_OK;

    if (ruleset < 0) {
        *enforced = false;
        return STATUS_OK;
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = grant(ruleset, directories[i], granted & handled);
    /* The leak checker reads the process's maps. */
    if (status == STATUS_OK && SOTTO_SANITIZED)
        status = grant(ruleset, "/proc",
            LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR);
    if (status == STATUS_OK &&
        (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
            syscall(SYS_landlock_restrict_self, ruleset, 0) != 0))
        status = STATUS_IO;
    close(ruleset);
    if (status == STATUS_OK)
        *enforced = true;
    return status;
}

const char *sandbox_word(bool landlock, bool seccomp, enum sandbox_mode mode)
{
    switch (mode) {
    case SANDBOX_ENFORCE:
        break;
    case SANDBOX_LOG:
        return "log";
    case SANDBOX_OFF:
        return "none";
    }
    if (landlock && seccomp)
        return "landlock+seccomp";
    if (landlock)
        return "landlock";
    return seccomp ? "seccomp" : "none";
}

/* Report one attempt: result is negative, with errno, when it failed.  Returns
 * whether it went through. */
static bool attempt(const char *what, int result)
{
    int error = errno;

    if (result < 0 && (error == EACCES || error == EPERM)) {
        printf("refused: %s\n", what);
        return false;
    }
    if (result < 0 && (error == ENOENT || error == ENXIO || error == ENODEV)) {
        printf("absent: %s\n", what);
        return false;
    }
    printf("NOT REFUSED: %s\n", what);
    return true;
}

static bool attempt_open(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool open_to_us = attempt(path, descriptor);

    if (descriptor >= 0)
        close(descriptor);
    return open_to_us;
}

static bool attempt_socket(const char *what, int family, int type)
{
    int descriptor = socket(family, type | SOCK_CLOEXEC, 0);
    bool open_to_us = attempt(what, descriptor);

    if (descriptor >= 0)
        close(descriptor);
    return open_to_us;
}

static bool attempt_ioctl(void)
{
    int ends[2], pending;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return attempt("a pipe", 0);
    bool done = attempt("ioctl", ioctl(ends[0], FIONREAD, &pending));
    close(ends[0]);
    close(ends[1]);
    return done;
}

static bool attempt_execve(void)
{
    /* Succeeding would end the test: a program that is not there is refused
     * by the filter before it is looked for. */
    char *const nothing[] = {NULL};
    int result = execve("/nonexistent", nothing, nothing);

    if (result < 0 && errno == ENOENT) {
        printf("NOT REFUSED: execve\n");
        return true;
    }
    return attempt("execve", result);
}

int sandbox_self_test(enum sandbox_profile profile)
{
    static const char *const paths[] = {"/dev/video0", "/dev/snd/controlC0",
        "/dev/mem", "/etc/shadow", "/etc/passwd", "/"};
    int faults = 0;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        faults += attempt_open(paths[i]);
    faults += attempt_execve();
    faults += attempt_ioctl();
    faults += attempt_socket("a Unix socket", AF_UNIX, SOCK_STREAM);
    faults += attempt_socket("a packet socket", AF_PACKET, SOCK_RAW);
    if (profile == SANDBOX_VAULT) {
        faults += attempt_socket("an IPv4 socket", AF_INET, SOCK_STREAM);
        faults += attempt_socket("an IPv6 socket", AF_INET6, SOCK_STREAM);
    }
    fflush(stdout);
    return faults;
}
