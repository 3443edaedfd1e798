/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an adversary invents is drawn from the seed.  The supply is bounded,
 * since the slab never forgets an envelope; a relay that refuses one remembers
 * nothing of it, so a repeated forgery costs what a new one would. */
#include "sim/forgery.h"

#include <string.h>

#include "crypto/hash.h"
#include "sim/noise.h"

enum { FORGED_CLASS = 0, FORGED_BYTES = 512, FORGED_LIFE_H = 24 };

static void fill(uint64_t seed, uint64_t which, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(noise(seed, (uint32_t)which, NOISE_FORGERY, i / 8) >>
                           i % 8 * 8);
}

uint32_t forgery_make(struct world *world, uint64_t which)
{
    uint64_t seed = world->scenario.seed;
    which %= FORGERIES;
    uint8_t random[FORGED_BYTES], encoding[FORGED_BYTES];
    fill(seed, which, random, sizeof(random));
    struct envelope envelope = {
        .class_ = FORGED_CLASS,
        .expires_h =
            (uint32_t)(WORLD_START_S / HOUR_S + FORGED_LIFE_H +
                       world->now_us / 1000000 / DAY_S * FORGED_LIFE_H),
        .body = {random, envelope_body_bytes(FORGED_CLASS)},
    };
    memcpy(envelope.stamp, random, sizeof(envelope.stamp));
    memcpy(envelope.salt, random + 8, sizeof(envelope.salt));
    memcpy(envelope.tag.bytes, random + 24, sizeof(envelope.tag.bytes));
    memcpy(envelope.receipt_hash.bytes, random + 40,
        sizeof(envelope.receipt_hash.bytes));
    memcpy(envelope.header, random + 72, sizeof(envelope.header));
    envelope_encode(&envelope, encoding);
    struct span span = {encoding, sizeof(encoding)};
    struct envelope_id id;
    uint32_t number = SLAB_NONE;
    envelope_identify(span, &id);
    world_need(slab_intern(&world->slab, &id, span, &number));
    return number;
}

void forgery_opening(
    const struct world *world, uint64_t which, struct opening *out)
{
    fill(world->scenario.seed ^ 1, which, out->bytes, sizeof(out->bytes));
}
