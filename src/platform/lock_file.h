/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_LOCK_FILE_H
#define PLATFORM_LOCK_FILE_H

#include <sys/types.h>

#include "base/status.h"

/* Take the lock that one running node holds on its directories, and write this
 * process's id into the file.  The lock lives as long as *fd is open in this
 * process or one that inherits it.  STATUS_EXISTS when another holds it (*pid
 * is then its process id, 0 where it cannot be told); STATUS_IO (errno). */
MUST_USE enum status lock_file_take(const char *path, int *fd, pid_t *pid);

#endif
