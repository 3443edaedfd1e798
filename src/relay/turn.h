/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_TURN_H
#define RELAY_TURN_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "base/status.h"
#include "proto/frame.h"
#include "proto/ids.h"
#include "relay/effect.h"

/* An open link, as the rooms see it that send to all. */
struct peer {
    uint32_t link;
    struct node_key key;
    uint32_t rtt_ms; /* smoothed; 0: not known */
    uint32_t features;
    uint8_t least, asked;  /* its TERMS; 0 until they came */
    uint32_t rate_bytes_s; /* 0: no limit is known */
};

struct peers {
    struct peer *list; /* in the order in which they opened */
    size_t count;
};

/* What the rooms share while one event happens: the time, the randomness, the
 * open links, where effects go and refusals are counted.  A failed allocation
 * is remembered in status and ends the step, so that no room need ask after
 * each effect. */
struct turn {
    uint64_t now_ms;
    uint64_t clock_s;
    struct random *random;
    uint32_t from; /* the link over which came what happens; 0: none */
    const struct peers *peers;
    uint64_t *refused; /* REFUSAL_COUNT counters */
    struct relay_effects *effects;
    enum status status;
};

/* The open link of that number, or NULL. */
const struct peer *turn_peer(const struct turn *turn, uint32_t link);

/* Whole hours since the epoch, as envelopes count them. */
uint32_t turn_hour(const struct turn *turn);

void turn_refuse(struct turn *turn, enum refusal why);

/* A new effect of that kind, zeroed; never NULL. */
struct relay_effect *turn_effect(
    struct turn *turn, enum relay_effect_kind kind);
/* The same, of an envelope. */
struct relay_effect *turn_effect_on(struct turn *turn,
    enum relay_effect_kind kind, const struct envelope_id *id);

/* Memory that lives as long as the effects; NULL (and the turn has failed)
 * where there is none. */
void *turn_alloc(struct turn *turn, size_t size);

/* The frame of a new SEND on a link, its type set, to be filled in. */
struct frame *turn_send(struct turn *turn, uint32_t link, enum frame_type type);

/* One's own waits for a stamp of so many bits; 0: no more. */
void turn_waits(struct turn *turn, const struct envelope_id *id, uint8_t bits);
void turn_push(struct turn *turn, uint32_t link, const struct envelope_id *id);
/* The same, unasked: a forward where a peer's mail brought it about, else there
 * is nobody yet who could give it in our place. */
void turn_forward(
    struct turn *turn, uint32_t link, const struct envelope_id *id);
void turn_receipt(struct turn *turn, uint32_t link,
    const struct envelope_id *id, const struct opening *opening);

/* Make room for one more element of a growing array; *list and *capacity are
 * unchanged where there is no memory, and the turn has failed. */
MUST_USE enum status turn_grow(struct turn *turn, void **list, size_t count,
    size_t *capacity, size_t element_bytes);

#endif
