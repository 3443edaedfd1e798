/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The little that every part of the vault process does alike: name the moment
 * of an event, and give up when the disk does. */
#include "daemon/vault_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "platform/clock.h"
#include "platform/log.h"

struct vault_event vault_state_event(enum vault_event_kind kind)
{
    return (struct vault_event){
        .kind = kind, .now_ms = clock_now_ms(), .clock_s = clock_wall_s()};
}

void vault_state_fail(
    struct vault_loop *loop, const char *what, enum status status)
{
    /* A damaged file is no error of the system's. */
    const char *why =
        status == STATUS_INVALID ? "it is damaged" : strerror(errno);
    if (!loop->failed) {
        snprintf(loop->failure, sizeof(loop->failure),
            "%.200s: %.40s; nothing of this was kept, and the vault has "
            "locked: when that is mended, unlock it",
            what, why);
        log_line(LOG_LEVEL_ERROR, "%s: %s; the vault locks", what, why);
    }
    loop->failed = true;
    loop->exit_code = CHILD_EXIT_AGAIN;
    uv_stop(&loop->uv);
}
