/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_RELAY_PROBE_H
#define TESTS_RELAY_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "proto/envelope.h"
#include "proto/frame.h"
#include "relay/relay.h"

/* One relay under a test's hand: events go in, the effects of the last one can
 * be looked at.  Keys are named by one byte; the relay's own is PROBE_KEY. */
enum { PROBE_KEY = 0x80, PROBE_CLOCK_S = 1700000 * 1000 };

struct probe {
    struct relay *relay;
    struct random_seeded random;
    struct relay_effects effects;
    uint64_t now_ms;
    struct relay_view view; /* of the last probe_look */
};

void probe_init(struct probe *probe, const struct relay_config *config);
void probe_free(struct probe *probe);

struct node_key probe_key(uint8_t name);

/* Let an event happen now; stops the test where the relay is at fault. */
void probe_step(struct probe *probe, struct relay_event *event);
void probe_tick(struct probe *probe, uint64_t ms);

/* A link comes up; a link comes up and says HELLO; ends. */
void probe_up(struct probe *probe, uint32_t link, uint8_t key);
void probe_open(struct probe *probe, uint32_t link, uint8_t key);
/* The same; its key is its link's number, and it understands these. */
void probe_open_with(struct probe *probe, uint32_t link, uint32_t features);
void probe_down(struct probe *probe, uint32_t link);
void probe_connect(struct probe *probe, uint8_t key, enum relay_origin origin);
/* The dial of the last step is answered by an open link. */
void probe_dialled(
    struct probe *probe, uint32_t link, uint8_t key, uint32_t target);

void probe_frame(struct probe *probe, uint32_t link, const struct frame *frame);
void probe_hello(struct probe *probe, uint32_t link, uint8_t key);

/* An envelope of that class, to expire in that many hours; its number makes
 * it another one. */
struct probe_letter {
    struct envelope_id id;
    struct opening opening;
    struct envelope envelope;
    uint8_t bytes[LIMIT_ENVELOPE_BYTES];
};
void probe_write(
    struct probe_letter *out, uint32_t number, uint8_t class_, int32_t life_h);
void probe_push(
    struct probe *probe, uint32_t link, const struct probe_letter *letter);
void probe_submit(struct probe *probe, const struct probe_letter *letter);
void probe_receipt(struct probe *probe, uint32_t link,
    const struct probe_letter *letter, bool honest);

/* Of the last step: how many effects of that kind, the first of them (NULL),
 * and the first frame of that type that was sent (NULL). */
size_t probe_count(const struct probe *probe, enum relay_effect_kind kind);
const struct relay_effect *probe_effect(
    const struct probe *probe, enum relay_effect_kind kind);
const struct frame *probe_sent(const struct probe *probe, enum frame_type type);

const struct relay_view *probe_look(struct probe *probe);
uint64_t probe_refused(struct probe *probe, enum refusal why);
/* -1: not known. */
int probe_state(const struct probe *probe, const struct probe_letter *letter);

#endif
