/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system calls that a sandboxed process may make: a list, found by running
 * libzmq, SQLite, libsodium and libuv's loop and thread pool under it; all
 * others are refused with EPERM.  A refusal and not a kill, because a library
 * that asks for more than it needs has a way round, and letters should go on.
 *
 * What the list leaves out is the point: no execve and no fork; no ioctl but
 * the three that only set flags of a descriptor (libuv's way to make it
 * non-blocking), so that a camera or a microphone is of no use even to one who
 * holds its descriptor; no new Unix socket, so that no other program can be
 * asked to do it instead; no memory that is executable; no signal to another
 * process.  The vault moreover makes no socket of any kind. */
#include "config.h"

#include "platform/sandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SOTTO_SANITIZED
#define SOTTO_SANITIZED 0
#endif

/* Calls of libraries that libseccomp of some day may not know carry names, so
 * that an unknown one is no error of compilation. */
static const char *const plain_calls[] = {
    /* Files; which ones, Landlock says. */
    "access", "close", "close_range", "dup", "dup2", "dup3", "faccessat",
    "faccessat2", "fallocate", "fchmod", "fchown", "fcntl", "fdatasync",
    "flock", "fstat", "fstatfs", "fsync", "ftruncate", "getcwd", "getdents64",
    "lseek", "lstat", "mkdir", "mkdirat", "newfstatat", "open", "openat",
    "pipe2", "pread64", "preadv", "pwrite64", "pwritev", "read", "readlink",
    "readlinkat", "readv", "rename", "renameat", "renameat2", "rmdir", "stat",
    "statfs", "statx", "umask", "unlink", "unlinkat", "write", "writev",
    /* Memory; mmap and mprotect are below. */
    "brk", "madvise", "membarrier", "mlock", "mlock2", "mremap", "munlock",
    "munmap",
    /* Waiting. */
    "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait",
    "eventfd2", "poll", "ppoll", "pselect6", "select",
    /* Sockets that are there already. */
    "accept", "accept4", "getpeername", "getsockname", "getsockopt", "recvfrom",
    "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt",
    "shutdown",
    /* Threads, signals, time. */
    "clock_getres", "clock_gettime", "clock_nanosleep", "exit", "exit_group",
    "futex", "get_robust_list", "getcpu", "gettimeofday", "nanosleep",
    "restart_syscall", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
    "rt_sigtimedwait", "sched_getaffinity", "sched_getparam",
    "sched_getscheduler", "sched_yield", "set_robust_list", "set_tid_address",
    "sigaltstack", "time",
    /* What one is. */
    "getegid", "geteuid", "getgid", "getpid", "getppid", "getrandom",
    "getrlimit", "getrusage", "gettid", "getuid", "sysinfo", "uname"};

static const char *const relay_calls[] = {"bind", "connect", "listen"};

static int allow(
    scmp_filter_ctx filter, const char *const names[], size_t count)
{
    int failed = 0;

    for (size_t i = 0; i < count && !failed; i++) {
        int call = seccomp_syscall_resolve_name(names[i]);
        if (call != __NR_SCMP_ERROR)
            failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
        /* -EDOM: this architecture has no such call. */
        if (failed == -EDOM)
            failed = 0;
    }
    return failed;
}

struct rule {
    uint32_t action;
    int call;
    unsigned count;
    struct scmp_arg_cmp compare[2];
};

static int add_rules(
    scmp_filter_ctx filter, const struct rule rules[], size_t count)
{
    int failed = 0;

    for (size_t i = 0; i < count && !failed; i++)
        failed = seccomp_rule_add_array(filter, rules[i].action, rules[i].call,
            rules[i].count, rules[i].compare);
    return failed;
}

#define EQUAL(argument, value) SCMP_CMP(argument, SCMP_CMP_EQ, value, 0)
#define MASKED(argument, mask, value)                                          \
    SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, mask, value)

static int allow_conditional(scmp_filter_ctx filter)
{
    const struct rule rules[] = {
        {SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, {MASKED(2, PROT_EXEC, 0)}},
        {SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, {MASKED(2, PROT_EXEC, 0)}},
        {SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
            {MASKED(0, CLONE_THREAD, CLONE_THREAD)}},
        /* libzmq sets its threads to what they are. */
        {SCMP_ACT_ALLOW, SCMP_SYS(sched_setscheduler), 1,
            {EQUAL(1, SCHED_OTHER)}},
        /* Its flags lie in memory, out of a filter's sight; the C library
         * then takes clone. */
        {SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, {{0}}},
        {SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, {EQUAL(0, PR_SET_NAME)}},
        {SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, {EQUAL(1, FIONBIO)}},
        {SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, {EQUAL(1, FIOCLEX)}},
        {SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, {EQUAL(1, FIONCLEX)}},
        {SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, {EQUAL(2, 0)}},
        {SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
            {EQUAL(0, (scmp_datum_t)getpid())}},
    };

    return add_rules(filter, rules, sizeof(rules) / sizeof(rules[0]));
}

static int allow_network(scmp_filter_ctx filter)
{
    const struct rule rules[] = {
        {SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, {EQUAL(0, AF_INET)}},
        {SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, {EQUAL(0, AF_INET6)}},
        /* libzmq looks through the interfaces before it binds, and aborts on
         * an answer that it does not expect. */
        {SCMP_ACT_ERRNO(EOPNOTSUPP), SCMP_SYS(socket), 1,
            {EQUAL(0, AF_NETLINK)}},
    };
    int failed = allow(
        filter, relay_calls, sizeof(relay_calls) / sizeof(relay_calls[0]));

    if (!failed)
        failed = add_rules(filter, rules, sizeof(rules) / sizeof(rules[0]));
    return failed;
}

enum status sandbox_calls(
    enum sandbox_profile profile, enum sandbox_mode mode, bool *enforced)
{
    /* A sanitizer's runtime needs far more than the program. */
    bool enforce = mode == SANDBOX_ENFORCE && !SOTTO_SANITIZED;
    scmp_filter_ctx filter;
    int failed;

    if (mode == SANDBOX_OFF) {
        *enforced = false;
        return STATUS_OK;
    }
    filter = seccomp_init(enforce ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_LOG);
    if (!filter)
        return STATUS_NO_MEMORY;
    failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (!failed)
        failed = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (!failed)
        failed = allow(
            filter, plain_calls, sizeof(plain_calls) / sizeof(plain_calls[0]));
    if (!failed)
        failed = allow_conditional(filter);
    if (!failed && profile == SANDBOX_RELAY)
        failed = allow_network(filter);
    if (!failed)
        failed = seccomp_load(filter);
    seccomp_release(filter);
    if (failed) {
        errno = -failed;
        return STATUS_IO;
    }
    *enforced = enforce;
    return STATUS_OK;
}
