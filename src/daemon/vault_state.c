/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The little that every part of the vault process does alike: name the moment
 * of an event, and give up when the disk does. */
#include "daemon/vault_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/answer.h"
#include "platform/clock.h"
#include "platform/log.h"

struct vault_event vault_state_event(enum vault_event_kind kind)
{
    return (struct vault_event){
        .kind = kind, .now_ms = clock_now_ms(), .clock_s = clock_wall_s()};
}

/* What would put it right depends on what is wrong: room on a disk can be made,
 * and a damaged file cannot be read whatever one does. */
static void explain(
    struct vault_loop *loop, const char *what, const char *why, bool is_damage)
{
    snprintf(loop->failure, sizeof(loop->failure),
        is_damage ? "%.160s: %.40s, and the vault has locked; with the node "
                    "stopped, put back a copy of it, or move it away with its "
                    "slots and `sotto restore` a backup"
                  : "%.200s: %.40s; nothing of this was kept, and the vault "
                    "has locked: when that is mended, unlock it",
        what, why);
}

static void answer_all(struct vault_loop *loop)
{
    while (loop->waiting.count > 0) {
        const struct vault_waiter waiter = loop->waiting.list[0];
        vault_waiting_remove(&loop->waiting, waiter.client, waiter.id);
        answer_error(
            loop->ipc, waiter.client, waiter.id, STATUS_IO, loop->failure);
    }
}

void vault_state_fail(
    struct vault_loop *loop, const char *what, enum status status)
{
    /* A damaged file is no error of the system's. */
    const char *why =
        status == STATUS_INVALID ? "it is damaged" : strerror(errno);
    if (!loop->failed) {
        explain(loop, what, why, status == STATUS_INVALID);
        log_line(LOG_LEVEL_ERROR, "%s: %s; the vault locks", what, why);
    }
    answer_all(loop);
    loop->failed = true;
    loop->exit_code = CHILD_EXIT_AGAIN;
    uv_stop(&loop->uv);
}
