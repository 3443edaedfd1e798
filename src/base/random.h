/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Where random bytes come from.  Pure layers are handed one at creation and
 * never look for another: the daemon hands in the system's generator, the
 * simulator one stream a node, tests whatever they want to see drawn. */
struct random {
    void (*fill)(struct random *self, uint8_t *out, size_t size);
};

static inline void random_fill(struct random *random, void *out, size_t size)
{
    random->fill(random, out, size);
}

/* Sixty-four uniform bits. */
uint64_t random_u64(struct random *random);

/* A uniform number in 0 .. bound - 1, without bias; bound is not zero. */
uint64_t random_below(struct random *random, uint64_t bound);

/* A draw from the exponential distribution with that mean, at most 16 times
 * the mean, in whole units, by integer arithmetic alone (so that it is the
 * same on every machine). */
uint64_t random_exponential(struct random *random, uint64_t mean);

/* A generator for simulations and tests, repeatable by seed, fast, and not
 * for secrets: splitmix64 over a counter (Steele, Lea and Flood 2014). */
struct random_seeded {
    struct random base; /* first: hand out &seeded.base */
    uint64_t state;
};

/* Begin stream number stream of a seed; different streams are independent. */
void random_seeded_init(
    struct random_seeded *seeded, uint64_t seed, uint64_t stream);

#endif
