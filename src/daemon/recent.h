/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_RECENT_H
#define DAEMON_RECENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "platform/transport_event.h"
#include "proto/ids.h"

/* PUSH frames of the envelopes that came last, ready to be sent: what goes out
 * in the turn in which it came is not read back from the shelf. */
enum { RECENT_BYTES = 512 * 1024, RECENT_SLOTS = 4096 };

struct recent_slot {
    struct envelope_id id;
    uint64_t at;   /* bytes written to the ring before it */
    uint64_t held; /* by the transport, under that name; 0: no */
    uint32_t size; /* 0: empty */
};

struct recent {
    uint8_t *ring;
    uint64_t written; /* ever, skipped ends of the ring included */
    struct recent_slot slots[RECENT_SLOTS];
};

/* STATUS_NO_MEMORY. */
MUST_USE enum status recent_init(struct recent *recent);
void recent_clear(struct recent *recent);

/* Keep a copy of a frame; older ones make way. */
void recent_put(struct recent *recent, const struct envelope_id *id,
    const struct transport_frame *frame);

/* Borrowed until the next put; false where it is not there, which says nothing
 * about the shelf. */
bool recent_find(const struct recent *recent, const struct envelope_id *id,
    struct transport_frame *out);

void recent_drop(struct recent *recent, const struct envelope_id *id);

#endif
