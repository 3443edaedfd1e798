/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words that control publishes, and what a status means to a shell.
 * Scripts rely on them: a word never changes its meaning. */
#include "proto/control.h"

const char *outbox_state_name(enum outbox_state state)
{
    switch (state) {
    case OUTBOX_QUEUED:
        return "queued";
    case OUTBOX_HANDED:
        return "handed";
    case OUTBOX_DELIVERED:
        return "delivered";
    case OUTBOX_READ:
        return "read";
    case OUTBOX_EXPIRED:
        return "expired";
    case OUTBOX_RECALLED:
        return "recalled";
    case OUTBOX_REFUSED:
        return "refused";
    }
    return "unknown";
}

const char *vault_state_name(enum vault_state state)
{
    switch (state) {
    case VAULT_EMPTY:
        return "empty";
    case VAULT_INCOMPLETE:
        return "incomplete";
    case VAULT_LOCKED:
        return "locked";
    case VAULT_UNLOCKED:
        return "unlocked";
    }
    return "unknown";
}

int control_exit_code(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return 0;
    case STATUS_INVALID:
        return 1;
    case STATUS_AGAIN:
    case STATUS_IO:
        return 2;
    case STATUS_LOCKED:
        return 3;
    case STATUS_NOT_FOUND:
    case STATUS_AMBIGUOUS:
        return 4;
    case STATUS_FULL:
    case STATUS_TOO_LARGE:
    case STATUS_REFUSED:
    case STATUS_EXISTS:
        return 5;
    case STATUS_EXPIRED:
        return 6;
    case STATUS_NO_MEMORY:
        return 70;
    }
    return 70;
}
