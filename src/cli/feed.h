/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_FEED_H
#define CLI_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/client.h"
#include "proto/control.h"

/* A bundle in a file, handed to the relay piece by piece: this program knows
 * where the file is, and the relay what is in it. */
struct feed {
    const char *path;
    int fd;
    bool peek; /* nothing is taken in */
    /* Called with the relay's word on each piece, if set. */
    int (*piece)(void *context, const struct feed *feed,
        const struct control_bundle *piece);
    void *context;
    uint64_t offset;           /* in the file, of the next record */
    struct control_bundle sum; /* of the pieces; its spans are empty */
    char fault[160];           /* what is wrong at offset; empty: nothing */
};

/* Read the file from behind its first line to its end or to what is wrong in
 * it.  Returns an exit code, and has said what went wrong; a fault in the file
 * is none. */
int feed_run(struct feed *feed, struct client *client);

#endif
