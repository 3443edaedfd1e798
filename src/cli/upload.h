/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_UPLOAD_H
#define CLI_UPLOAD_H

#include <stdint.h>

#include "cli/cli.h"
#include "platform/client.h"
#include "proto/control.h"

/* A file of this person's on its way into the vault, whose process may open
 * none.  These return exit codes and have said what was wrong. */
struct upload {
    int fd;
    const char *path; /* as it was given; borrowed */
    uint64_t bytes;
};

/* Open a regular file that is not too large; end with upload_close. */
int upload_open(const char *path, struct upload *out);
void upload_close(struct upload *upload);

/* Ask with that request, to which name and size are added, and hand all of the
 * file over; *out is the answer to the last of it, of kind CONTROL_SENT. */
int upload_send(struct upload *upload, struct client *client,
    struct control_request *request, struct control_message *out);

#endif
