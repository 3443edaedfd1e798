/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that have no answer yet. */
#include "daemon/vault_waiting.h"

#include "tests/tap.h"

int main(void)
{
    static struct vault_waiting waiting;
    ok(!vault_waiting_remove(&waiting, 1, 1), "at first nobody waits");
    vault_waiting_add(&waiting, 1, 1);
    vault_waiting_add(&waiting, 2, 1);
    vault_waiting_add(&waiting, 1, 2);
    ok(vault_waiting_remove(&waiting, 2, 1) &&
            !vault_waiting_remove(&waiting, 2, 1),
        "one is found by client and id, once");
    ok(waiting.count == 2 && waiting.list[0].id == 1 && waiting.list[1].id == 2,
        "the others stay in their order");
    for (uint64_t id = 0; id < VAULT_WAITING_MAXIMUM; id++)
        vault_waiting_add(&waiting, 3, id);
    ok(waiting.count == VAULT_WAITING_MAXIMUM &&
            !vault_waiting_remove(&waiting, 1, 1) &&
            !vault_waiting_remove(&waiting, 1, 2) &&
            vault_waiting_remove(&waiting, 3, 0),
        "past the most the oldest are forgotten");
    return tap_done();
}
