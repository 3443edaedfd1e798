/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_NODE_H
#define CLI_NODE_H

#include <sys/types.h>

#include "cli/cli.h"

/* The daemon as a program that can be run. */

/* Work out where the node is: cli->home and cli->paths, which are to be
 * cleared.  The exit code; what was wrong has been said. */
int node_find(struct cli *cli);

/* Run sottod with these arguments in place of this process (argv[0] is set
 * here, argv ends with NULL).  Returns only when it cannot be found or started:
 * the exit code; what was wrong has been said. */
int node_replace(char *argv[]);

/* Whether the node is running: anything but silence at one of its sockets. */
bool node_runs(const struct cli *cli);

/* A vault that runs only for the length of one command. */
struct node_loan {
    pid_t pid;
    int messages; /* what it says on standard error */
};

/* Start sottod with a vault and no relay, and wait until the vault answers.
 * The exit code; after a failure nothing runs. */
int node_borrow(const struct cli *cli, struct node_loan *out);

/* Stop it, and wait until it is gone. */
void node_return(struct node_loan *loan);

#endif
