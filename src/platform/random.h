/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_RANDOM_H
#define PLATFORM_RANDOM_H

#include "base/random.h"

/* The system's generator, through libsodium.  Call random_system_start once,
 * first thing in a process: it opens the generator before any sandbox and
 * blocks until the kernel has entropy.  Returns 0 on success. */
int random_system_start(void);
struct random *random_system(void);

#endif
