/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_LISTENERS_H
#define DAEMON_LISTENERS_H

#include <stddef.h>

#include "proto/endpoint.h"

/* What others can dial of a listener: itself, or where it listens on all
 * addresses, one for each address of this machine's interfaces (loopback only
 * where there is no other).  At most maximum; returns how many.  Asks the
 * kernel, so call it before the sandbox. */
size_t listeners_expand(
    const char *listener, char out[][LIMIT_ENDPOINT_BYTES + 1], size_t maximum);

#endif
