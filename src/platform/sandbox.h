/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_SANDBOX_H
#define PLATFORM_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* What a process may still do once it has what it needs: its own directories
 * (Landlock) and a list of system calls (seccomp).  Order: files and sockets
 * that need rights first, then sandbox_files, then threads (libzmq's), then
 * sandbox_calls. */
enum sandbox_profile {
    SANDBOX_RELAY, /* new sockets of INET and INET6 only; no execve */
    SANDBOX_VAULT, /* no new socket at all; no execve */
};

enum sandbox_mode {
    SANDBOX_ENFORCE, /* refuse with EACCES or EPERM */
    SANDBOX_LOG,     /* allow, and let the kernel log: for other libcs */
    SANDBOX_OFF,
};

/* No core files, not dumpable, no new privileges, descriptor limit raised to
 * the hard one.  First thing in each process.  STATUS_IO. */
MUST_USE enum status sandbox_harden(void);

/* Landlock: read and write below these directories only (and below none else),
 * for this thread and those made later.  Degrades by the kernel's ABI;
 * *enforced says whether it holds.  STATUS_IO. */
MUST_USE enum status sandbox_files(
    const char *const directories[], size_t count, bool *enforced);

/* seccomp for all threads (TSYNC).  STATUS_IO. */
MUST_USE enum status sandbox_calls(
    enum sandbox_profile profile, enum sandbox_mode mode, bool *enforced);

/* The word that `status` shows: "landlock+seccomp", "landlock", "seccomp",
 * "log", "none". */
const char *sandbox_word(bool landlock, bool seccomp, enum sandbox_mode mode);

/* Try, from inside, what must be refused: open /dev/video0, /dev/snd/controlC0
 * and /etc/shadow, execve, and for the vault a network socket.  Writes a line
 * for each to standard output and returns the number that were not refused with
 * EACCES or EPERM. */
int sandbox_self_test(enum sandbox_profile profile);

#endif
