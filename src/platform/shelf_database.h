/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_SHELF_DATABASE_H
#define PLATFORM_SHELF_DATABASE_H

#include "base/status.h"
#include "platform/shelf_store.h"

/* shelf.db: the shelf as it was kept before formats of files of its own, in
 * SQLite. */

/* Take into a store what lies in such a file, if there is one, and remove it
 * when all of it is there and on the disk itself.  What is known already stays
 * as it is, so that who was ended on the way begins anew.
 *
 * STATUS_NOT_FOUND: there is none.  STATUS_REFUSED when a later version of the
 * program wrote it; STATUS_INVALID when it is damaged: what could be read is
 * then in the store, and the file is still there; STATUS_IO, STATUS_NO_MEMORY.
 * why, of SHELF_WHY_BYTES, then says so in words. */
MUST_USE enum status shelf_database_take(
    const char *path, struct shelf_store *store, char *why);

#endif
