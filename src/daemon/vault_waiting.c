/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The oldest first.  There are few, so they are looked through. */
#include "daemon/vault_waiting.h"

#include <string.h>

static void take_out(struct vault_waiting *waiting, size_t at)
{
    waiting->count--;
    memmove(&waiting->list[at], &waiting->list[at + 1],
        (waiting->count - at) * sizeof(waiting->list[0]));
}

void vault_waiting_add(
    struct vault_waiting *waiting, uint64_t client, uint64_t id)
{
    if (waiting->count == VAULT_WAITING_MAXIMUM)
        take_out(waiting, 0);
    waiting->list[waiting->count++] = (struct vault_waiter){client, id};
}

bool vault_waiting_remove(
    struct vault_waiting *waiting, uint64_t client, uint64_t id)
{
    for (size_t i = 0; i < waiting->count; i++) {
        const struct vault_waiter *waiter = &waiting->list[i];
        if (waiter->client != client || waiter->id != id)
            continue;
        take_out(waiting, i);
        return true;
    }
    return false;
}
