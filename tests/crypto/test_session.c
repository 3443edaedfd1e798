/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two people talk through a network that loses, repeats, reorders, delays and
 * damages: what arrives opens exactly once, and what is damaged changes
 * nothing.  Now and then either is written down and read back. */
#include <string.h>

#include "tests/crypto/pair.h"

enum {
    ROUNDS = 4500,
    LETTERS = 32768,
    QUEUE = 512,
    LATE = 2048,
    IN_FLIGHT = 96,
};

struct flying {
    int to;
    uint32_t number;
    uint32_t step; /* DH steps made when it was sent */
    struct sealed sealed;
};

struct world {
    struct person people[2];
    struct random_seeded chance;
    struct flying *queue, *late;
    size_t queued, lates;
    int in_flight[2];
    uint8_t seen[LETTERS];
    uint32_t sent, lost, opened, repeats, steps, mutants, restores;
    uint32_t longest_delay; /* in DH steps */
    bool changed, twice;
};

static uint64_t chance(struct world *world, uint64_t bound)
{
    return random_below(&world->chance.base, bound);
}

/* Damage one byte of a region; the stamp is not among them. */
static void damage(struct world *world, struct sealed *sealed)
{
    static const struct {
        size_t at, size;
    } regions[] = {
        {ENVELOPE_AT_ZONE, 2},
        {ENVELOPE_AT_EXPIRES, 4},
        {ENVELOPE_AT_TAG, 16},
        {ENVELOPE_AT_RECEIPT_HASH, 32},
        {ENVELOPE_AT_SALT, 16},
        {ENVELOPE_AT_HEADER, ENVELOPE_HEADER_BYTES},
        {ENVELOPE_AT_BODY, 512 - ENVELOPE_AT_BODY},
    };
    size_t region = chance(world, sizeof(regions) / sizeof(regions[0]));
    size_t at = regions[region].at + chance(world, regions[region].size);
    sealed->encoding[at] ^= (uint8_t)(1 + chance(world, 255));
}

static void deliver_damaged(struct world *world, const struct flying *flying)
{
    static struct snapshot before;
    static struct sealed copy;
    static struct ratchet_opened opened;
    struct person *to = &world->people[flying->to];
    copy = flying->sealed;
    damage(world, &copy);
    snapshot_take(to, &before);
    enum status status = person_open(to, &copy, &opened);
    if (status != STATUS_REFUSED && status != STATUS_NOT_FOUND)
        world->changed = true;
    if (!snapshot_holds(to, &before))
        world->changed = true;
    world->mutants++;
}

static void deliver(struct world *world, struct flying *flying)
{
    static struct ratchet_opened opened;
    struct person *to = &world->people[flying->to];
    if (chance(world, 4) == 0)
        deliver_damaged(world, flying);
    random_fill(&world->chance.base,
        flying->sealed.encoding + ENVELOPE_AT_STAMP, ENVELOPE_STAMP_BYTES);
    need(!person_open(to, &flying->sealed, &opened));
    need(opened.plain_size == 256);
    uint32_t number = opened_number(&opened);
    if (number != flying->number || world->seen[number]++)
        world->twice = true;
    if (memcmp(&opened.opening, &flying->sealed.opening, 32) != 0)
        world->twice = true;
    world->opened++;
    world->steps += opened.stepped;
    if (world->steps - flying->step > world->longest_delay)
        world->longest_delay = world->steps - flying->step;
    if (chance(world, 10) == 0) {
        if (person_open(to, &flying->sealed, &opened) != STATUS_NOT_FOUND)
            world->twice = true;
        world->repeats++;
    }
}

static void deliver_one(struct world *world)
{
    size_t i = chance(world, world->queued);
    world->in_flight[world->queue[i].to]--;
    deliver(world, &world->queue[i]);
    world->queue[i] = world->queue[--world->queued];
}

static void send_one(struct world *world, int from)
{
    struct flying flying = {.to = !from, .number = world->sent++};
    flying.step = world->steps;
    need(world->sent < LETTERS);
    person_seal(&world->people[from], flying.number, &flying.sealed);
    uint64_t fate = chance(world, 100);
    if (fate < 8) {
        world->lost++;
    } else if (fate < 12 && world->lates < LATE) {
        world->late[world->lates++] = flying;
    } else {
        need(world->queued < QUEUE);
        world->in_flight[flying.to]++;
        world->queue[world->queued++] = flying;
    }
}

/* Write a person's session down and read it into a new table. */
static void restore(struct world *world, struct person *person)
{
    uint8_t bytes[RATCHET_BYTES];
    struct tags *tags = tags_new(65536, world->restores);
    need(tags);
    size_t cursor = 0;
    for (const struct tag_entry *entry;
         (entry = tags_next(person->tags, &cursor));)
        if (entry->kind == TAG_SKIPPED)
            need(!tags_add(tags, entry));
    ratchet_encode(&person->ratchet, bytes);
    memset(&person->ratchet, 0, sizeof(person->ratchet));
    need(!ratchet_decode(bytes, &person->ratchet));
    need(!ratchet_register(&person->ratchet, tags));
    need(tags_count(tags) == tags_count(person->tags));
    tags_free(person->tags);
    person->tags = tags;
    world->restores++;
}

static void run(struct world *world)
{
    for (int round = 0; round < ROUNDS; round++) {
        int from = (int)chance(world, 2);
        if (world->people[from].ratchet.can_send &&
            world->in_flight[!from] < IN_FLIGHT)
            for (uint64_t n = 1 + chance(world, 6); n > 0; n--)
                send_one(world, from);
        for (int n = world->queued > 150 ? 8 : 1; n > 0 && world->queued; n--)
            deliver_one(world);
        if (chance(world, 100) == 0)
            restore(world, &world->people[chance(world, 2)]);
    }
    while (world->queued)
        deliver_one(world);
    while (world->lates)
        deliver(world, &world->late[--world->lates]);
}

static void report(const struct world *world)
{
    printf("# sent %u, lost %u, opened %u, repeats refused %u, damaged %u, "
           "DH steps %u, longest delay %u steps, restored %u times\n",
        world->sent, world->lost, world->opened, world->repeats, world->mutants,
        world->steps, world->longest_delay, world->restores);
}

int main(void)
{
    need(!crypto_start());
    static struct world world;
    world.queue = calloc(QUEUE, sizeof(*world.queue));
    world.late = calloc(LATE, sizeof(*world.late));
    need(world.queue && world.late);
    random_seeded_init(&world.chance, 1, 1);
    struct person *a = &world.people[0], *b = &world.people[1];
    person_begin(a, 1);
    person_begin(b, 2);
    pair_meet(a, b);
    run(&world);
    report(&world);

    ok(world.sent > 10000, "more than 10,000 letters were sent");
    ok(world.opened + world.lost == world.sent && !world.twice,
        "what arrived opened exactly once, whole");
    ok(world.repeats > 500, "what came again was nobody's");
    ok(world.mutants > 1000 && !world.changed,
        "what was damaged opened nothing and changed no byte");
    ok(world.longest_delay > 200, "delays crossed hundreds of DH steps");
    ok(world.restores > 20, "sessions were written down and read back");
    ok(a->ratchet.skipped == skipped_in_table(a) &&
            b->ratchet.skipped == skipped_in_table(b),
        "skipped entries are counted");
    ok(tags_count(a->tags) == 2 * LIMIT_TAG_WINDOW + a->ratchet.skipped &&
            tags_count(b->tags) == 2 * LIMIT_TAG_WINDOW + b->ratchet.skipped,
        "two windows and the skipped are all there is");
    person_end(a);
    person_end(b);
    free(world.queue);
    free(world.late);
    return tap_done();
}
