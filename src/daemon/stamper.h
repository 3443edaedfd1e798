/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_STAMPER_H
#define DAEMON_STAMPER_H

#include <stdint.h>
#include <uv.h>

#include "base/status.h"
#include "crypto/stamp.h"

/* Makes stamps on a thread of libuv's pool, one after the other, while the loop
 * goes on. */
struct stamper;

struct stamper_config {
    uv_loop_t *loop;
    uint64_t nonce; /* where to begin: random, so that nobody knows how far */
    /* Called from the loop: the stamp, or NULL when there is none. */
    void (*made)(
        void *context, const struct envelope_id *id, const uint8_t *stamp);
    void *context;
};

/* STATUS_NO_MEMORY. */
MUST_USE enum status stamper_new(
    const struct stamper_config *config, struct stamper **out);

/* Stop within a try; harmless for NULL.  The loop must still run, or be run
 * once more, to free it. */
void stamper_free(struct stamper *stamper);

/* Have a stamp made.  STATUS_NO_MEMORY, and nothing will follow. */
MUST_USE enum status stamper_make(struct stamper *stamper,
    const struct envelope_id *id, uint32_t expires_h, uint8_t bits);

#endif
