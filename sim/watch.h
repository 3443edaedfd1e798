/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_WATCH_H
#define SIM_WATCH_H

#include <stdio.h>

#include "sim/world.h"

/* Who looks on while a run goes by, and at what: one node, one letter, or what
 * one node does with one letter.  Looking changes nothing. */
struct watch {
    FILE *stream;
    uint32_t node;   /* WORLD_ITSELF: every node */
    uint32_t letter; /* WATCH_ALL: every frame, and links and faults */
    uint64_t until_us;
    uint64_t sent_us; /* the letter's fate as it was told last */
    uint64_t shown_us;
    uint64_t receipt_us;
};

#define WATCH_ALL UINT32_MAX

enum watch_way {
    WATCH_SENT,
    WATCH_LOST,    /* sent, and lost on the way */
    WATCH_DEMOTED, /* sent, and then announced in its place */
    WATCH_CAME,
    WATCH_STALE, /* came when its link was over */
};

/* Each writes a line if that is of interest to the world's watch, which is
 * there (watch_link: or not). */
void watch_frame(const struct world *world, enum watch_way way, uint32_t from,
    uint32_t to, const struct frame *frame);
void watch_event(const struct world *world, const struct queue_event *event);

/* A node begins to dial another, or ends a link with it. */
void watch_link(
    const struct world *world, uint32_t node, const char *does, uint32_t other);

/* What has become of the letter by now. */
void watch_letter(const struct world *world);

#endif
