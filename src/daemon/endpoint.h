/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_ENDPOINT_H
#define DAEMON_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/ids.h"
#include "proto/limits.h"

/* How a node is named for a link: tcp://ADDRESS:PORT, and after a # its key in
 * hexadecimal.  Enough room for both, with a terminator. */
enum { ENDPOINT_TEXT_BYTES = LIMIT_ENDPOINT_BYTES + 1 + 64 + 1 };

struct endpoint {
    char address[LIMIT_ENDPOINT_BYTES + 1]; /* tcp://ADDRESS:PORT, or empty */
    struct node_key key;
    bool has_key;
};

/* Read tcp://ADDRESS:PORT, tcp://ADDRESS:PORT#KEY, or a KEY alone.
 * STATUS_INVALID when it is none of them, STATUS_TOO_LARGE. */
MUST_USE enum status endpoint_parse(struct span text, struct endpoint *out);

/* Write address#key, terminated; out has ENDPOINT_TEXT_BYTES. */
void endpoint_print(const char *address, const struct node_key *key, char *out);

/* The port of tcp://ADDRESS:PORT; 0 when there is none. */
unsigned endpoint_port(const char *address);

/* What others can dial of a listener: itself, or where it listens on all
 * addresses, one for each address of this machine's interfaces (loopback only
 * where there is no other).  At most maximum; returns how many.  Asks the
 * kernel, so call it before the sandbox. */
size_t endpoint_expand(
    const char *listener, char out[][LIMIT_ENDPOINT_BYTES + 1], size_t maximum);

#endif
