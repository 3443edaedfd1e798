/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_MANIFEST_H
#define CLI_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "platform/client.h"

/* What some node has, as a digest in memory (proto/digest.h): one's own, as the
 * relay lists it, or another's, from a digest or a bundle in a file.  These
 * return exit codes and have said what was wrong. */
struct manifest {
    uint8_t *bytes; /* a head and its items; NULL: of nothing */
    size_t count;
    size_t capacity; /* items */
};

void manifest_clear(struct manifest *manifest);

/* The digest, borrowed until the next change. */
struct span manifest_span(const struct manifest *manifest);

/* Fill an empty one with what this node has. */
int manifest_ask(struct manifest *manifest, struct client *client);

/* Fill an empty one with what a file says that another has: a digest, or a
 * bundle, which who has taken it in has. */
int manifest_load(
    struct manifest *manifest, struct client *client, const char *path);

#endif
