/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shelf first, since what of it is over is let go in the next turn; who has
 * a bad score before whom to dial.  A file that is missing or damaged stops
 * nothing: without it a node is, in that, as one that is new. */
#include "config.h"

#include "daemon/relay_restore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/peers_file.h"
#include "daemon/relay_loop.h"
#include "daemon/scores_file.h"
#include "platform/log.h"

enum { PATH_BYTES = 4096 };

static void restore_row(struct relay_loop *loop, const struct shelf_row *row)
{
    static const enum shelf_state states[] = {
        [SHELF_ROW_STORED] = SHELF_STORED,
        [SHELF_ROW_CLEARED] = SHELF_CLEARED,
        [SHELF_ROW_EVICTED] = SHELF_EVICTED,
    };
    struct relay_event event = relay_state_event(RELAY_RESTORED);
    event.restored.id = row->id;
    event.restored.receipt_hash = row->receipt_hash;
    event.restored.opening = row->opening;
    event.restored.expires_h = row->expires_h;
    event.restored.bytes = row->bytes;
    event.restored.stamp_bits = row->stamp_bits;
    event.restored.state = states[row->state];
    if (relay_step(loop->relay, &event, &loop->effects))
        abort(); /* no memory: the supervisor tries again */
}

/* Tell the engine what the shelf holds.  Its effects wait until the walk is
 * over. */
static enum status restore_shelf(struct relay_loop *loop)
{
    struct shelf_row row;
    enum status status;
    shelf_store_walk(loop->shelf, NULL);
    while (!(status = shelf_store_next(loop->shelf, &row)))
        restore_row(loop, &row);
    if (status != STATUS_NOT_FOUND)
        return status;
    struct relay_event event = relay_state_event(RELAY_TICK);
    relay_loop_step(loop, &event);
    relay_loop_end_turn(loop);
    return STATUS_OK;
}

/* Tell of what could not be read: all of it, or a line that is not in its
 * form. */
static void note_read(const char *path, enum status status,
    const struct kept_count *count, const char *form)
{
    if (status == STATUS_TOO_LARGE)
        log_line(LOG_LEVEL_ERROR, "%s: it is too large, and not read", path);
    else if (status && status != STATUS_NOT_FOUND)
        log_line(LOG_LEVEL_ERROR, "%s: %s", path, strerror(errno));
    if (count->wrong)
        log_line(LOG_LEVEL_ERROR, "%s:%zu: not %s; passed over", path,
            count->wrong, form);
}

static void restore_nodes(struct relay_loop *loop)
{
    struct kept_node nodes[LIMIT_KEPT_NODES];
    struct kept_count count = {0, 0};
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s/peers", loop->paths->relay_dir);
    enum status status = peers_file_read(path, nodes, &count);
    note_read(path, status, &count, "tcp://ADDRESS:PORT#NODEKEY");
    for (size_t i = 0; i < count.records; i++) {
        struct relay_event event = relay_state_event(RELAY_RESTORED_NODE);
        event.restored_node = &nodes[i];
        relay_loop_step(loop, &event);
    }
}

static void restore_scores(struct relay_loop *loop)
{
    struct kept_score scores[LIMIT_KEPT_SCORES];
    struct kept_count count = {0, 0};
    char path[PATH_BYTES];
    snprintf(path, sizeof(path), "%s/scores", loop->paths->relay_dir);
    enum status status = scores_file_read(path, scores, &count);
    note_read(path, status, &count, "NODEKEY SCORE TIME UNTIL");
    for (size_t i = 0; i < count.records; i++) {
        struct relay_event event = relay_state_event(RELAY_RESTORED_SCORE);
        event.restored_score = &scores[i];
        relay_loop_step(loop, &event);
    }
}

enum status relay_restore(struct relay_loop *loop)
{
    enum status status = restore_shelf(loop);
    if (status)
        return status;
    restore_scores(loop);
    restore_nodes(loop);
    return STATUS_OK;
}
