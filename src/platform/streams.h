/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_STREAMS_H
#define PLATFORM_STREAMS_H

#include <stdbool.h>

/* Put /dev/null in the place of each standard stream that is closed: the next
 * file or socket would get its number, and with it all that is printed.  For
 * the beginning of a program.  False when standard output was closed. */
bool streams_fill(void);

#endif
