/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system's generator behind the interface that the pure layers are handed.
 * libsodium asks the kernel for every byte (getrandom), so there is no state to
 * lose at a fork and nothing to wipe. */
#include "platform/random.h"

#include <sodium.h>

static void fill(struct random *self, uint8_t *out, size_t size)
{
    (void)self;
    randombytes_buf(out, size);
}

int random_system_start(void)
{
    return sodium_init() < 0 ? -1 : 0;
}

struct random *random_system(void)
{
    /* Holds no state: const in all but the interface's type. */
    static struct random system = {fill};

    return &system;
}
