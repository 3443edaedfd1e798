/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_VAULT_WAITING_H
#define DAEMON_VAULT_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"

/* Requests that have no answer yet, so that a process which has to end can
 * answer them first.  Past the most that are kept the oldest is forgotten: its
 * client sees the connection end, and no more. */
enum { VAULT_WAITING_MAXIMUM = 4 * LIMIT_CONTROL_CLIENTS };

struct vault_waiting {
    size_t count;
    struct vault_waiter {
        uint64_t client;
        uint64_t id;
    } list[VAULT_WAITING_MAXIMUM];
};

void vault_waiting_add(
    struct vault_waiting *waiting, uint64_t client, uint64_t id);

/* Whether that one was waiting; it is no more. */
bool vault_waiting_remove(
    struct vault_waiting *waiting, uint64_t client, uint64_t id);

#endif
