/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli/cli.h"
#include "platform/client.h"
#include "platform/mode.h"
#include "proto/control.h"

/* Talking to the node.  These return exit codes and have said on standard error
 * what went wrong and what would be right, unless they say otherwise. */

/* How long a node may take to answer. */
enum { ANSWER_PATIENCE_MS = 30000 };

/* Connect to a service; end with client_close. */
int ask_open(
    const struct cli *cli, enum control_service service, struct client **out);

/* Send on an open connection and wait for this request's own reply, which is of
 * that kind; notifications in between are dropped. */
int ask_on(struct client *client, struct control_request *request,
    enum control_kind kind, struct control_message *out);

/* Connect to the service that answers the method, ask, hang up. */
int ask(const struct cli *cli, struct control_request *request,
    enum control_kind kind, struct control_message *out);

/* Ask and print what --json prints, or nothing, since the reply says what a
 * person knows; and for verbs whose reply is just that it was done. */
int ask_quietly(const struct cli *cli, struct control_request *request,
    enum control_kind kind);
int ask_done(const struct cli *cli, struct control_request *request);

/* Ask for rows, page after page on one connection, from request->cursor on, and
 * print them: as JSON, or by calling page, which is told whether it is the
 * first with rows.  *count is the rows that came. */
int ask_pages(const struct cli *cli, struct control_request *request,
    enum control_kind kind,
    void (*page)(const struct cli *cli, const struct control_reply *reply,
        bool is_first),
    size_t *count);

/* Say what an error reply says; its exit code. */
int ask_refused(const struct control_reply *reply);

/* Say that receiving failed; its exit code. */
int ask_failed(enum status status);

/* Say that a socket does not answer. */
int ask_nobody(const struct cli *cli, enum control_service service);

/* Whether the vault can be asked, before a person is asked for what only it can
 * use: EXIT_DONE, or what is said. */
int ask_for_vault(const struct cli *cli);

/* Ask a service for its status until a time on clock_now_ms, saying nothing.
 * The statuses of client_open and client_receive; STATUS_INVALID too for an
 * answer of another kind. */
MUST_USE enum status ask_status(const struct cli *cli,
    enum control_service service, uint64_t deadline_ms,
    struct control_message *out);

/* Which processes the node has, by its own word; both when it left none. */
enum mode ask_mode(const struct cli *cli);

#endif
