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

/* From --passphrase-file, --passphrase-fd, or else the terminal: once, or twice
 * when it is a new one.  The exit code; what was wrong has been said. */
int passphrase_get(const struct cli *cli, bool is_new, struct passphrase *out);
void passphrase_clear(struct passphrase *passphrase);

static inline struct span passphrase_span(const struct passphrase *passphrase)
{
    return (struct span){(const uint8_t *)passphrase->bytes, passphrase->size};
}

#endif
