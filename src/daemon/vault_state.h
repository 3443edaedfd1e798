/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_VAULT_STATE_H
#define DAEMON_VAULT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "daemon/child.h"
#include "daemon/settings.h"
#include "daemon/vault_waiting.h"
#include "platform/ipc.h"
#include "platform/paths.h"
#include "platform/port_socket.h"
#include "platform/vault_database.h"
#include "proto/port.h"
#include "vault/vault.h"

/* The vault process: the loop around its engine.
 *
 * Here is what it knows.  vault_loop.c owns the step and its transaction,
 * vault_perform.c the effects, vault_process.c the process's beginning and
 * end. */
struct vault_loop {
    const struct settings *settings;
    const struct paths *paths;
    uv_loop_t uv;
    uv_timer_t deadline; /* the engine's */
    struct child child;

    struct vault *vault;
    struct vault_database *database;
    struct ipc *ipc;
    struct vault_waiting waiting;
    char *lagged; /* the ipc's last line */
    size_t lagged_bytes;
    struct port_socket *port; /* or NULL: the relay is not there */
    char *slots_path;
    char *database_path;

    /* vault_loop_step: how an effect's answer comes back as an event. */
    void (*step)(struct vault_loop *loop, const struct vault_event *event);
    struct vault_effects effects;
    bool unlock_ends_in_return; /* the line of --unlock-with, before its LF */
    bool performing;            /* a step's effects are being performed */
    bool in_transaction;
    bool failed; /* the disk did: nothing more is acknowledged */
    char failure[SETTINGS_WHY_BYTES]; /* what to say of it to who waits */
    int exit_code;

    struct port_scratch port_scratch;
    uint8_t message[LIMIT_PORT_BYTES];
};

/* An event of that kind, now. */
struct vault_event vault_state_event(enum vault_event_kind kind);

/* Give up: nothing of this step is acknowledged, all who wait are told why, and
 * the process ends and comes back locked.  What is a file's path, or the vault;
 * STATUS_INVALID says that it is damaged, any other status that errno says why.
 */
void vault_state_fail(
    struct vault_loop *loop, const char *what, enum status status);

#endif
