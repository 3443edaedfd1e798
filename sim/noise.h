/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_NOISE_H
#define SIM_NOISE_H

#include <stdint.h>

/* Chance by counter: a draw is a pure function of the seed, who draws, for
 * what, and the how-manieth draw it is.  So no draw moves another, and adding
 * an observer, a node or a thread changes nothing elsewhere. */
enum noise_stream {
    NOISE_RELAY,     /* the seed of a node's relay engine */
    NOISE_VAULT,     /* and of its vault */
    NOISE_KEY,       /* node keys */
    NOISE_START,     /* when a node boots first */
    NOISE_LOSS,      /* by the frame's sequence number */
    NOISE_JITTER,    /* by the frame's sequence number */
    NOISE_SIDE,      /* which side of a partition */
    NOISE_CHURN,     /* by the node's boot number */
    NOISE_CRASH,     /* who crashes */
    NOISE_WORKLOAD,  /* pairs, sizes, times, by letter */
    NOISE_TOPOLOGY,  /* edges and positions */
    NOISE_ROLE,      /* who is an adversary */
    NOISE_KILL,      /* who fails for good */
    NOISE_SLOW,      /* whose links are slow */
    NOISE_SKEW,      /* whose clock is off */
    NOISE_ATTACK,    /* what an adversary does, by how many it has done */
    NOISE_FORGERY,   /* what is in an invented envelope, by its number */
    NOISE_MOBILITY,  /* where a node goes, by its draws so far */
    NOISE_BOOTSTRAP, /* which of the values a sample takes */
    NOISE_VICTIM,    /* whom sybils are after */
    NOISE_CIRCLES,   /* who is in a group */
    NOISE_POSTS,     /* as the workload's, of letters in groups */
    NOISE_FILES,     /* sizes, times and contents of files */
    NOISE_BARE,      /* what is in the envelope of a letter without a vault */
    /* Apart, so that a seed of the swarm keeps its scenario. */
    NOISE_SWARM = 64, /* what a scenario of chance has, by its draws so far */
    NOISE_STREAMS,
};

/* The finaliser of splitmix64 (Steele, Lea and Flood 2014). */
static inline uint64_t noise_mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Sixty-four uniform bits. */
static inline uint64_t noise(
    uint64_t seed, uint32_t node, enum noise_stream stream, uint64_t counter)
{
    uint64_t key = noise_mix(seed ^ noise_mix((uint64_t)stream << 32 | node));
    return noise_mix(key ^ counter * UINT64_C(0xd6e8feb86659fd93));
}

/* A draw in 0 .. bound - 1 by multiplication; the bias, bound / 2^64, is
 * below anything a simulation can show. */
static inline uint64_t noise_below(uint64_t bits, uint64_t bound)
{
    return (uint64_t)((unsigned __int128)bits * bound >> 64);
}

/* Whether a chance in parts per million comes true. */
static inline int noise_hits(uint64_t bits, uint64_t share_ppm)
{
    return noise_below(bits, 1000000) < share_ppm;
}

#endif
