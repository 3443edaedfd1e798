/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_VAULT_LOOP_H
#define DAEMON_VAULT_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "daemon/child.h"
#include "daemon/settings.h"
#include "platform/ipc.h"
#include "platform/paths.h"
#include "platform/port_socket.h"
#include "platform/vault_database.h"
#include "proto/port.h"
#include "vault/vault.h"

/* The vault process: the loop around its engine.
 *
 * vault_loop.c owns the step and its transaction, vault_perform.c the effects,
 * vault_process.c the process's beginning and end. */
struct vault_loop {
    const struct settings *settings;
    const struct paths *paths;
    uv_loop_t uv;
    uv_timer_t deadline; /* the engine's */
    struct child child;

    struct vault *vault;
    struct vault_database *database;
    struct ipc *ipc;
    char *lagged; /* the ipc's last line */
    size_t lagged_bytes;
    struct port_socket *port; /* or NULL: the relay is not there */
    char *slots_path;

    struct vault_effects effects;
    bool performing; /* a step's effects are being performed */
    bool in_transaction;
    bool failed; /* the disk did: nothing more is acknowledged */
    int exit_code;

    struct port_scratch port_scratch;
    uint8_t message[LIMIT_PORT_BYTES];
};

/* An event of that kind, now. */
struct vault_event vault_loop_event(enum vault_event_kind kind);

/* Let one event happen and perform its effects.  From an effect that is being
 * performed (an answer to FETCH, say) only the first: the new effects are
 * appended and performed in their turn. */
void vault_loop_step(struct vault_loop *loop, const struct vault_event *event);

/* Give up: nothing of this step is acknowledged, and the process ends and
 * comes back locked. */
void vault_loop_fail(struct vault_loop *loop, const char *what);

/* The callbacks of control socket, port and link; context is the loop. */
void vault_loop_line(void *context, uint64_t client, struct span line);
void vault_loop_message(void *context, struct span bytes);
void vault_loop_port_gone(void *context);
void vault_loop_port(void *context, int fd);

#endif
