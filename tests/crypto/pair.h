/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_CRYPTO_PAIR_H
#define TESTS_CRYPTO_PAIR_H

#include "base/random.h"
#include "crypto/hash.h"
#include "crypto/identity.h"
#include "crypto/intro.h"
#include "crypto/ratchet.h"
#include "crypto/tags.h"
#include "tests/tap.h"

/* Two people for tests of sessions, and a generator that nobody may draw
 * from. */
enum { PAIR_NOW_H = 500000, PAIR_EXPIRES_H = PAIR_NOW_H + 168 };

struct person {
    struct random_seeded random;
    struct identity identity;
    struct prekey prekey;
    struct card card;
    struct tags *tags;
    struct intro intro; /* the initiator's */
    struct ratchet ratchet;
};

static inline void forbidden_fill(
    struct random *self, uint8_t *out, size_t size)
{
    (void)self, (void)out, (void)size;
    printf("Bail out! random bytes were drawn where none may be\n");
    abort();
}

static inline struct random *forbidden(void)
{
    static struct random random = {forbidden_fill};
    return &random;
}

static inline void person_begin(struct person *person, uint64_t seed)
{
    random_seeded_init(&person->random, seed, 7);
    identity_generate(&person->identity, &person->random.base);
    prekey_generate(&person->prekey, 1, PAIR_NOW_H + 168, &person->random.base);
    card_make(&person->identity, &person->prekey, &person->card);
    person->tags = tags_new(65536, seed);
    need(person->tags);
}

static inline void person_end(struct person *person)
{
    tags_free(person->tags);
    secret_wipe(person, sizeof(*person));
}

static inline struct envelope decoded(const struct sealed *sealed)
{
    struct envelope envelope;
    need(!envelope_decode(
        (struct span){sealed->encoding, sealed->size}, &envelope));
    return envelope;
}

/* a makes first contact with b; both have a session after it. */
static inline void pair_meet(struct person *a, struct person *b)
{
    static struct sealed sealed;
    struct intro_opened opened;
    need(!intro_begin(&a->intro, &a->ratchet, 1, &a->identity, &a->card,
        &b->card, PAIR_NOW_H, a->tags, &a->random.base));
    intro_seal(&a->intro,
        intro_draw(intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, &a->random.base),
        &sealed);
    struct envelope envelope = decoded(&sealed);
    need(!intro_open(&b->identity, &b->prekey, 1, &envelope, &opened));
    need(!intro_accept(&opened, &b->prekey, 1, b->tags, &b->ratchet));
}

/* Seal a number into an envelope. */
static inline void person_seal(
    struct person *person, uint32_t number, struct sealed *out)
{
    uint8_t letter[256] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
        (uint8_t)(number >> 8), (uint8_t)number};
    need(!ratchet_seal(&person->ratchet, (struct span){letter, sizeof(letter)},
        0, PAIR_EXPIRES_H, &person->random.base, out));
}

/* Open an envelope by its tag; STATUS_NOT_FOUND when it is nobody's. */
static inline enum status person_open(struct person *person,
    const struct sealed *sealed, struct ratchet_opened *out)
{
    struct envelope envelope = decoded(sealed);
    const struct tag_entry *entry = tags_find(person->tags, &envelope.tag);
    if (!entry)
        return STATUS_NOT_FOUND;
    return ratchet_open(
        &person->ratchet, person->tags, entry, &envelope, PAIR_NOW_H, out);
}

/* All that opening may change: the ratchet's and the table's bytes. */
enum { SNAPSHOT_ENTRIES = 8192 };
struct snapshot {
    uint8_t ratchet[RATCHET_BYTES];
    size_t count;
    struct tag_entry entries[SNAPSHOT_ENTRIES];
};

static inline void snapshot_take(
    const struct person *person, struct snapshot *out)
{
    size_t cursor = 0;
    ratchet_encode(&person->ratchet, out->ratchet);
    out->count = 0;
    for (const struct tag_entry *entry;
         (entry = tags_next(person->tags, &cursor));) {
        need(out->count < SNAPSHOT_ENTRIES);
        out->entries[out->count++] = *entry;
    }
}

/* Whether nothing changed since. */
static inline int snapshot_holds(
    const struct person *person, const struct snapshot *before)
{
    static struct snapshot now;
    snapshot_take(person, &now);
    return memcmp(now.ratchet, before->ratchet, RATCHET_BYTES) == 0 &&
           now.count == before->count &&
           memcmp(now.entries, before->entries,
               now.count * sizeof(now.entries[0])) == 0;
}

static inline size_t skipped_in_table(const struct person *person)
{
    size_t cursor = 0, count = 0;
    for (const struct tag_entry *entry;
         (entry = tags_next(person->tags, &cursor));)
        count += entry->kind == TAG_SKIPPED;
    return count;
}

static inline uint32_t opened_number(const struct ratchet_opened *opened)
{
    const uint8_t *at = opened->plain;
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

#endif
