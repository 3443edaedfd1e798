/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_DRAFT_H
#define PLATFORM_DRAFT_H

#include <stdbool.h>

#include "base/span.h"
#include "base/status.h"

/* A file that is written bit by bit and is there, 0600, only once it is
 * whole. */
struct draft;

/* Begin one for a path.  STATUS_NO_MEMORY; STATUS_IO (errno). */
MUST_USE enum status draft_open(const char *path, struct draft **out);
MUST_USE enum status draft_write(struct draft *draft, struct span bytes);

/* Put it in its place, durably, and end it, whatever comes of that.
 * STATUS_EXISTS when a file is there that it may not replace; STATUS_IO
 * (errno).  The place is then as it was. */
MUST_USE enum status draft_keep(struct draft *draft, bool may_replace);

/* Drop it; harmless for NULL. */
void draft_drop(struct draft *draft);

#endif
