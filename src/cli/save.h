/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_SAVE_H
#define CLI_SAVE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "platform/draft.h"
#include "proto/control.h"

/* A file of what a node answers with: whole or not at all, and in the place of
 * another only where that is wanted.  Each returns the exit code, and says what
 * was wrong. */
struct save {
    const char *path;
    bool may_replace;
    const char *otherwise;    /* said of one that is there; or NULL */
    enum control_method more; /* asks for the part behind another */
    uint64_t bytes;           /* written by save_parts */
};

/* Refuse, before anything is asked, where there is a file already. */
int save_check(const struct save *save);

/* Refuse what only root could put a file in the place of, such as a device. */
int save_check_plain(const char *path);

/* Ask, until there is no more, and write all that is answered.  The request is
 * used up. */
int save_parts(
    const struct cli *cli, struct save *save, struct control_request *request);

/* For what is written otherwise: put a draft in its place, and end it; say, by
 * errno, that it cannot be written. */
int save_keep(const struct save *save, struct draft *draft);
int save_refuse(const struct save *save);

/* What `--json` prints of it; nothing without. */
int save_print(const struct cli *cli, const struct save *save);

#endif
