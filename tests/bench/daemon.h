/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_BENCH_DAEMON_H
#define TESTS_BENCH_DAEMON_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Real daemons, for the programs that measure them; each ends the program when
 * something fails. */
_Noreturn void daemon_die(const char *what);

/* Begin a relay without a vault in that folder, with those lines of its
 * configuration; end it, and remove the folder. */
pid_t daemon_start(const char *home, const char *config);
void daemon_end(pid_t pid, const char *home);

/* Wait until it is ready, and ask where it listens: ADDRESS#KEY. */
void daemon_endpoint(const char *home, char *out, size_t size);

/* How many links it has that are up, and what was sent and received on them. */
struct daemon_links {
    size_t up;
    uint64_t bytes;
};
struct daemon_links daemon_links(const char *home);

/* Processor seconds of its processes but the supervisor. */
double daemon_processor_s(pid_t pid);

#endif
