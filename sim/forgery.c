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

/* What was drawn, as an envelope that expires then. */
static void encode(const uint8_t random[static FORGED_BYTES],
    uint32_t expires_h, bool stamped, uint8_t encoding[static FORGED_BYTES])
{
    struct envelope envelope = {
        .class_ = FORGED_CLASS,
        .expires_h = expires_h,
        .body = {random, envelope_body_bytes(FORGED_CLASS)},
    };
    if (stamped)
        memcpy(envelope.stamp, random, sizeof(envelope.stamp));
    memcpy(envelope.salt, random + 8, sizeof(envelope.salt));
    memcpy(envelope.tag.bytes, random + 24, sizeof(envelope.tag.bytes));
    memcpy(envelope.receipt_hash.bytes, random + 40,
        sizeof(envelope.receipt_hash.bytes));
    memcpy(envelope.header, random + 72, sizeof(envelope.header));
    envelope_encode(&envelope, encoding);
}

static uint32_t intern(struct world *world,
    const uint8_t random[static FORGED_BYTES], uint32_t expires_h, bool stamped)
{
    uint8_t encoding[FORGED_BYTES];
    struct span span = {encoding, sizeof(encoding)};
    struct envelope_id id;
    encode(random, expires_h, stamped, encoding);
    uint32_t number = SLAB_NONE;
    envelope_identify(span, &id);
    world_need(slab_intern(&world->slab, &id, span, &number));
    return number;
}

uint32_t forgery_make(struct world *world, uint64_t which)
{
    uint8_t random[FORGED_BYTES];
    fill(world->scenario.seed, which % FORGERIES, random, sizeof(random));
    return intern(world, random,
        (uint32_t)(WORLD_START_S / HOUR_S + FORGED_LIFE_H +
                   world->now_us / 1000000 / DAY_S * FORGED_LIFE_H),
        true);
}

uint32_t forgery_make_valid(struct world *world, uint32_t node, uint32_t life_h)
{
    uint8_t random[FORGED_BYTES];
    fill(noise(world->scenario.seed, node, NOISE_FORGERY, 0),
        world->nodes[node].adversary->forged++, random, sizeof(random));
    uint32_t number = intern(world, random,
        (uint32_t)(world_clock_s(world) / HOUR_S) + life_h, false);
    slab_item(&world->slab, number)->forger = node;
    return number;
}

/* The salt is anybody's to choose, so an id is tried for a hash. */
uint32_t forgery_make_shaping(
    struct world *world, uint32_t node, uint32_t life_h)
{
    uint8_t random[FORGED_BYTES], encoding[FORGED_BYTES], best[8] = {0};
    uint32_t expires_h = (uint32_t)(world_clock_s(world) / HOUR_S) + life_h;
    struct envelope_id id, lowest;
    memset(lowest.bytes, 0xff, sizeof(lowest.bytes));
    fill(noise(world->scenario.seed, node, NOISE_FORGERY, 0),
        world->nodes[node].adversary->forged++, random, sizeof(random));
    for (uint64_t i = 0; i < FORGERY_GRIND; i++) {
        memcpy(random + 8, &i, sizeof(i));
        encode(random, expires_h, false, encoding);
        envelope_identify((struct span){encoding, sizeof(encoding)}, &id);
        if (memcmp(id.bytes, lowest.bytes, sizeof(id.bytes)) >= 0)
            continue;
        lowest = id;
        memcpy(best, &i, sizeof(i));
    }
    memcpy(random + 8, best, sizeof(best));
    uint32_t number = intern(world, random, expires_h, false);
    slab_item(&world->slab, number)->forger = node;
    return number;
}

void forgery_opening(
    const struct world *world, uint64_t which, struct opening *out)
{
    fill(world->scenario.seed ^ 1, which, out->bytes, sizeof(out->bytes));
}
