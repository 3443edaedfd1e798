/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_PASSPHRASE_H
#define CLI_PASSPHRASE_H

#include "base/span.h"
#include "cli/cli.h"
#include "proto/limits.h"

/* A passphrase on its way from a person to the vault.  Wipe it with
 * passphrase_clear, whatever passphrase_get returned. */
struct passphrase {
    size_t size;
    char bytes[LIMIT_PASSPHRASE_BYTES + 1];
};

enum passphrase_kind {
    PASSPHRASE_CURRENT,    /* of a vault that is there */
    PASSPHRASE_FIRST,      /* of one that is to be made */
    PASSPHRASE_NEW,        /* in the place of the current one */
    PASSPHRASE_DURESS,     /* that destroys */
    PASSPHRASE_FOR_BACKUP, /* of one that is to be made */
    PASSPHRASE_OF_BACKUP,  /* of one that is there */
};

/* From --passphrase-file or --passphrase-fd (those that are new, or of duress,
 * from --new-passphrase-file or --new-passphrase-fd), or else from the
 * terminal: twice, unless it is of something that is there.  The exit code;
 * what was wrong has been said. */
int passphrase_get(
    const struct cli *cli, enum passphrase_kind kind, struct passphrase *out);
void passphrase_clear(struct passphrase *passphrase);

static inline struct span passphrase_span(const struct passphrase *passphrase)
{
    return (struct span){(const uint8_t *)passphrase->bytes, passphrase->size};
}

#endif
