/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard streams that are closed, as of `sottod >&- 2>&- &`. */
#include "config.h"

#include "platform/streams.h"

#include <fcntl.h>
#include <unistd.h>

bool streams_fill(void)
{
    bool has_output = fcntl(STDOUT_FILENO, F_GETFD) >= 0;
    for (int fd = open("/dev/null", O_RDWR); fd >= 0; fd = dup(fd)) {
        if (fd > STDERR_FILENO) {
            close(fd);
            break;
        }
    }
    return has_output;
}
