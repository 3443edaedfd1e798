/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers drawn from a source of random bytes, in integers only: floating
 * point would make one seed give different runs on different machines. */
#include "base/random.h"

#include <assert.h>
#include <string.h>

#include "base/number.h"

uint64_t random_u64(struct random *random)
{
    uint8_t bytes[8];
    random_fill(random, bytes, sizeof(bytes));
    return number_get(bytes, sizeof(bytes));
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    assert(bound > 0);
    uint64_t least = (0 - bound) % bound; /* 2^64 mod bound */
    uint64_t value;
    do
        value = random_u64(random);
    while (value < least);
    return value % bound;
}

/* -ln(u) for uniform u by von Neumann's method of 1951: comparisons only.
 * The whole part counts failed rounds; the fraction is the first draw of the
 * round that succeeds. */
uint64_t random_exponential(struct random *random, uint64_t mean)
{
    for (uint64_t whole = 0; whole < 16; whole++) {
        uint32_t first = (uint32_t)random_u64(random);
        uint32_t last = first;
        unsigned run = 1;
        for (;;) {
            uint32_t next = (uint32_t)random_u64(random);
            if (next >= last)
                break;
            last = next;
            run++;
        }
        if (run % 2 == 1) {
            uint64_t high = mean >> 32, low = mean & UINT32_MAX;
            return whole * mean + high * first + (low * first >> 32);
        }
    }
    return 16 * mean;
}

static uint64_t splitmix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static void seeded_fill(struct random *self, uint8_t *out, size_t size)
{
    struct random_seeded *seeded = (struct random_seeded *)self;
    for (size_t i = 0; i < size; i += 8) {
        seeded->state += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t word = splitmix(seeded->state);
        for (size_t j = i; j < size && j < i + 8; j++, word >>= 8)
            out[j] = (uint8_t)word;
    }
}

void random_seeded_init(
    struct random_seeded *seeded, uint64_t seed, uint64_t stream)
{
    seeded->base.fill = seeded_fill;
    seeded->state =
        splitmix(splitmix(seed) + stream * UINT64_C(0xd6e8feb86659fd93));
}
