/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include <stdbool.h>

#include "cli/cli.h"
#include "proto/control.h"

/* A subcommand: what help says of it, what its command line may hold, and what
 * it does.  The families of verbs are in verb_*.c, the table in verb.c. */
struct verb {
    const char *name;
    const char *synopsis; /* the words after the name */
    size_t least;         /* words */
    size_t most;
    uint32_t options; /* beside OPTIONS_EVERYWHERE */
    bool is_local;    /* needs no node, and no place where one could be */
    const char *summary;
    const char *details;               /* NULL: the summary says it all */
    int (*run)(const struct cli *cli); /* the exit code */
};

/* The table in the order of `sotto help`; its size in *count. */
const struct verb *verb_table(size_t *count);

/* NULL when there is none of that name. */
const struct verb *verb_find(const char *name);

/* The verb that was most likely meant, or NULL. */
const char *verb_nearest(const char *name);

/* Whether a verb's first word may be that one, as in `config check`. */
bool verb_has_deed(const struct verb *verb, const char *word);

/* Whether the words and options are those that the verb takes; no word is ever
 * empty, and the first is a deed where the verb has any.  STATUS_INVALID with a
 * complaint. */
MUST_USE enum status verb_check(const struct verb *verb,
    const struct arguments *arguments, struct complaint *why);

/* verb_vault.c */
int verb_init(const struct cli *cli);
int verb_unlock(const struct cli *cli);
int verb_lock(const struct cli *cli);
/* verb_keys.c */
int verb_passphrase(const struct cli *cli);
int verb_panic(const struct cli *cli);
/* verb_backup.c */
int verb_backup(const struct cli *cli);
int verb_restore(const struct cli *cli);
/* verb_id.c */
int verb_id(const struct cli *cli);
/* verb_contacts.c */
int verb_add(const struct cli *cli);
int verb_contacts(const struct cli *cli);
/* verb_people.c */
int verb_verify(const struct cli *cli);
int verb_rename(const struct cli *cli);
int verb_receipts(const struct cli *cli);
int verb_block(const struct cli *cli);
int verb_unblock(const struct cli *cli);
int verb_remove(const struct cli *cli);
/* verb_requests.c */
int verb_requests(const struct cli *cli);
int verb_accept(const struct cli *cli);
int verb_decline(const struct cli *cli);
/* verb_send.c */
int verb_send(const struct cli *cli);
/* A letter with that text, or standard input when it is "-", or without one
 * (NULL: it has a file) to a contact (by
 * CONTROL_SEND) or a group, with the options of send. */
int verb_send_to(const struct cli *cli, enum control_method method,
    const char *whom, const char *text);
/* verb_read.c */
int verb_read(const struct cli *cli);
/* verb_follow.c */
int verb_follow(const struct cli *cli);
/* verb_note.c */
int verb_note(const struct cli *cli);
/* verb_file.c */
int verb_file(const struct cli *cli);
/* verb_group.c */
int verb_group(const struct cli *cli);
/* verb_outbox.c */
int verb_outbox(const struct cli *cli);
int verb_recall(const struct cli *cli);
/* verb_evidence.c */
int verb_evidential(const struct cli *cli);
/* verb_transcript.c */
int verb_transcript(const struct cli *cli);
/* verb_status.c */
int verb_status(const struct cli *cli);
int verb_peers(const struct cli *cli);
int verb_wait_ready(const struct cli *cli);
/* verb_connect.c */
int verb_connect(const struct cli *cli);
int verb_disconnect(const struct cli *cli);
/* verb_bundle.c */
int verb_bundle(const struct cli *cli);
/* verb_local.c */
int verb_config(const struct cli *cli);
int verb_limits(const struct cli *cli);
int verb_version(const struct cli *cli);
int verb_help(const struct cli *cli);

#endif
