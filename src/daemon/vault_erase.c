/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of what lies on the disk.
 *
 * The slots are overwritten first: without them the rest is noise.  They go
 * last of all, and until then they say that they are void, so that a start
 * after a crash knows the rest for what it is, and goes on.  Records that are
 * only set aside are moved before anything is written: after a crash they are
 * there under the one name or the other.
 *
 * What could not be removed does not keep the rest from being removed. */
#include "config.h"

#include "daemon/vault_erase.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "platform/database.h"
#include "platform/file.h"
#include "platform/log.h"

/* Note a failure that errno explains. */
static void note(enum status *status, enum status one, const char *path)
{
    if (!one)
        return;
    log_line(LOG_LEVEL_ERROR, "%s: %s", path, strerror(errno));
    *status = STATUS_IO;
}

/* Whether somebody has put a file of slots back since this process has looked,
 * which a vault that is made now would overwrite. */
static bool slots_came_back(const struct vault_loop *loop)
{
    uint8_t slots[KEYSLOT_FILE_BYTES];
    size_t size;
    enum status status =
        file_read(loop->slots_path, slots, sizeof(slots), &size);
    if (status == STATUS_NOT_FOUND || (!status && size == 0))
        return false;
    if (!status &&
        keyslot_voidness((struct span){slots, size}) != KEYSLOT_IN_USE)
        return false;
    log_line(LOG_LEVEL_ERROR,
        "%s was put there while the node ran: nothing is written over it",
        loop->slots_path);
    return true;
}

static enum status set_aside(struct vault_loop *loop)
{
    char aside[PATH_MAX], why[DATABASE_WHY_BYTES];
    enum status status = vault_database_set_aside(
        loop->database_path, &loop->database, aside, why);
    if (status) {
        log_line(LOG_LEVEL_ERROR, "%s: %s", loop->database_path, why);
        return STATUS_IO;
    }
    log_line(LOG_LEVEL_NOTICE,
        "%s is now %s; with its key slots, under its "
        "old name, it can be opened again",
        loop->database_path, aside);
    return STATUS_OK;
}

/* Slots that are there are written over in their place; where there are none, a
 * vault to be made has them from now on. */
static enum status write_slots(
    const struct vault_loop *loop, struct span slots, enum vault_erase how)
{
    enum status status = file_overwrite(loop->slots_path, slots);
    if (status != STATUS_NOT_FOUND)
        return status;
    return how == VAULT_MAKE_ROOM || how == VAULT_SET_ASIDE
               ? file_replace(loop->slots_path, slots)
               : STATUS_OK;
}

enum status vault_erase(
    struct vault_loop *loop, struct span slots, enum vault_erase how)
{
    char why[DATABASE_WHY_BYTES];
    enum status status = STATUS_OK;
    bool destroys = how == VAULT_DESTROY || how == VAULT_DECEIVE;
    if (!destroys && slots_came_back(loop)) {
        errno = EEXIST;
        return STATUS_IO;
    }
    if (how == VAULT_SET_ASIDE && set_aside(loop))
        return STATUS_IO;
    note(&status, write_slots(loop, slots, how), loop->slots_path);
    if (vault_database_erase(loop->database_path, &loop->database, why)) {
        log_line(LOG_LEVEL_ERROR, "%s: %s", loop->database_path, why);
        status = STATUS_IO;
    }
    if (destroys)
        note(&status, vault_database_remove_aside(loop->database_path),
            loop->database_path);
    if ((how == VAULT_DESTROY || how == VAULT_UNMAKE) && !status)
        note(&status, file_remove(loop->slots_path), loop->slots_path);
    note(&status, file_sync_directory(loop->slots_path), loop->slots_path);
    return status;
}
