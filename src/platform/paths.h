/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PLATFORM_PATHS_H
#define PLATFORM_PATHS_H

#include "base/status.h"

/* Where a node's files are.
 *
 *              --home DIR or SOTTO_HOME     otherwise (XDG base directories)
 *   config     DIR/sotto.conf               $XDG_CONFIG_HOME/sotto/sotto.conf
 *   relay_dir  DIR/relay                    $XDG_DATA_HOME/sotto/relay
 *   vault_dir  DIR/vault                    $XDG_DATA_HOME/sotto/vault
 *   run_dir    DIR/run                      $XDG_RUNTIME_DIR/sotto
 *
 * relay_dir holds shelf/, node.key and peers; vault_dir vault.db and slots;
 * run_dir relay.sock, vault.sock and lock.  All heap strings; end with
 * paths_clear. */
struct paths {
    char *config;
    char *relay_dir;
    char *vault_dir;
    char *run_dir;
    char *relay_socket;
    char *vault_socket;
    char *lock;
};

/* Work the paths out; home may be NULL.  STATUS_NOT_FOUND when there is neither
 * home nor HOME; STATUS_TOO_LARGE when a socket's path would pass the system's
 * 107 bytes; STATUS_NO_MEMORY. */
MUST_USE enum status paths_resolve(const char *home, struct paths *out);
void paths_clear(struct paths *paths);

/* Make the directories, 0700.  STATUS_IO (errno), STATUS_REFUSED when one is
 * there and belongs to, or may be written by, somebody else; *where, borrowed
 * from paths, is then that one. */
MUST_USE enum status paths_make(const struct paths *paths, const char **where);

#endif
