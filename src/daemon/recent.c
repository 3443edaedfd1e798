/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ring of bytes, and slots that say where in it a frame begins.  A slot is
 * found by its id alone and holds one frame: where two ids meet in one, or the
 * ring has come round, the older frame is read from the shelf again.  Whoever
 * makes ids meet on purpose gains no more than that. */
#include "daemon/recent.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"

enum status recent_init(struct recent *recent)
{
    *recent = (struct recent){.ring = malloc(RECENT_BYTES)};
    return recent->ring ? STATUS_OK : STATUS_NO_MEMORY;
}

void recent_clear(struct recent *recent)
{
    free(recent->ring);
    *recent = (struct recent){0};
}

static size_t slot_of(const struct envelope_id *id)
{
    return (id->bytes[0] | (size_t)id->bytes[1] << 8) % RECENT_SLOTS;
}

void recent_put(struct recent *recent, const struct envelope_id *id,
    const struct transport_frame *frame)
{
    const struct span bytes = frame->bytes;
    assert(bytes.size > 0 && bytes.size <= LIMIT_FRAME_BYTES);
    size_t place = recent->written % RECENT_BYTES;
    if (place + bytes.size > RECENT_BYTES) {
        recent->written += RECENT_BYTES - place;
        place = 0;
    }
    memcpy(recent->ring + place, bytes.data, bytes.size);
    recent->slots[slot_of(id)] = (struct recent_slot){.id = *id,
        .at = recent->written,
        .held = frame->held,
        .size = (uint32_t)bytes.size};
    recent->written += bytes.size;
}

bool recent_find(const struct recent *recent, const struct envelope_id *id,
    struct transport_frame *out)
{
    const struct recent_slot *slot = &recent->slots[slot_of(id)];
    if (slot->size == 0 || !envelope_id_equal(&slot->id, id) ||
        recent->written - slot->at > RECENT_BYTES)
        return false;
    *out = (struct transport_frame){
        .bytes = {recent->ring + slot->at % RECENT_BYTES, slot->size},
        .held = slot->held};
    return true;
}

void recent_drop(struct recent *recent, const struct envelope_id *id)
{
    struct recent_slot *slot = &recent->slots[slot_of(id)];
    if (envelope_id_equal(&slot->id, id))
        slot->size = 0;
}
