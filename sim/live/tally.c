/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A relay names its counters by direction and frame: received-push, sent-push,
 * sent-push-bytes.  They are found by the simulator's own names of frames, so
 * that a new kind of frame needs nothing here. */
#include "sim/live/tally.h"

#include <stdio.h>
#include <string.h>

#include "proto/frame.h"

struct list { /* of counters that begin and end so */
    const char *before;
    const char *after;
    uint64_t *counts;
};

/* The type that a counter's name has between its beginning and its end. */
static bool is_of(const struct list *list, const char *name, int *type)
{
    size_t before = strlen(list->before);
    if (strncmp(name, list->before, before) != 0)
        return false;
    for (int i = 0; i < COUNTS_FRAME_TYPES; i++) {
        const char *frame = frame_type_name((enum frame_type)i);
        size_t size = frame ? strlen(frame) : 0;
        if (size > 0 && strncmp(name + before, frame, size) == 0 &&
            strcmp(name + before + size, list->after) == 0) {
            *type = i;
            return true;
        }
    }
    return false;
}

void tally_read(const struct control_relay_status *status, struct tally *out)
{
    *out = (struct tally){.stored = status->shelf_envelopes,
        .stored_bytes = status->shelf_bytes,
        .cleared = status->shelf_cleared};
    const struct list lists[] = {{"received-", "", out->received_frames},
        {"sent-", "", out->sent_frames}, {"sent-", "-bytes", out->sent_bytes}};
    for (size_t i = 0; i < status->traffic_count; i++) {
        const struct control_count *one = &status->traffic[i];
        int type;
        if (strcmp(one->name, "taken") == 0)
            out->taken = one->count;
        for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++)
            if (is_of(&lists[k], one->name, &type))
                lists[k].counts[type] = one->count;
    }
    for (size_t i = 0; i < status->link_count; i++)
        out->links += strcmp(status->links[i].state, "up") == 0;
}

void tally_add(struct tally *to, const struct tally *from)
{
    for (int i = 0; i < COUNTS_FRAME_TYPES; i++) {
        to->sent_frames[i] += from->sent_frames[i];
        to->sent_bytes[i] += from->sent_bytes[i];
        to->received_frames[i] += from->received_frames[i];
    }
    to->taken += from->taken;
}

void tally_count(const struct tally *tally, struct counts *counts)
{
    for (int i = 0; i < COUNTS_FRAME_TYPES; i++) {
        enum frame_type type = (enum frame_type)i;
        counts->kind_frames[i] += tally->sent_frames[i];
        counts->kind_bytes[i] += tally->sent_bytes[i];
        counts->frames_sent += tally->sent_frames[i];
        counts->sent_bytes += tally->sent_bytes[i];
        counts->frames_arrived += tally->received_frames[i];
        if (frame_has_envelope(type))
            counts->payloads_arrived += tally->received_frames[i];
        else
            counts->control_bytes += tally->sent_bytes[i];
    }
    counts->payloads_new += tally->taken;
    counts->stored += tally->stored;
    counts->stored_bytes += tally->stored_bytes;
    counts->cleared += tally->cleared;
    counts->links += tally->links;
    if (tally->stored_bytes > counts->shelf_peak_bytes)
        counts->shelf_peak_bytes = tally->stored_bytes;
}
