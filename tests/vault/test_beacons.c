/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a vault hands its relay, so that contacts find each other on a local
 * network and nobody else finds them. */
#include "tests/vault/pair.h"

enum { EPOCH_MS = 600000 };

static struct world world;
static struct person *const ann = &world.people[0];
static struct person *const bo = &world.people[1];
static struct person *const cy = &world.people[2];

static void begin(bool on)
{
    world_init(&world, 3, 1);
    world.config.beacons = on;
    for (size_t i = 0; i < 3; i++) { /* as it is configured now */
        person_die(&world.people[i]);
        person_start(&world.people[i]);
    }
    world_meet(&world);
    world_run(&world, 1000);
}

/* How many of a person's own keys another knows, in the same epoch. */
static size_t known(const struct person *sayer, const struct person *hearer)
{
    const struct beacons *said = &sayer->said;
    const struct beacons *heard = &hearer->heard[said->epoch % 3];
    size_t count = 0;
    need(heard->epoch == said->epoch);
    for (size_t i = 0; i < said->count; i++)
        for (size_t j = 0; j < heard->count; j++)
            count += memcmp(&said->keys[i], &heard->keys[j],
                         sizeof(said->keys[i])) == 0;
    return count;
}

static size_t shared(const struct beacons *a, const struct beacons *b)
{
    size_t count = 0;
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            count +=
                memcmp(a->keys[i].tag, b->keys[j].tag, BEACON_TAG_BYTES) == 0;
    return count;
}

static bool is_by_tag(const struct beacons *beacons)
{
    bool by_tag = beacons->count > 1;
    for (size_t i = 1; i < beacons->count; i++)
        by_tag &= memcmp(beacons->keys[i - 1].tag, beacons->keys[i].tag,
                      BEACON_TAG_BYTES) < 0;
    return by_tag;
}

static void test_contacts(void)
{
    begin(true);
    ok(ann->said.epoch == world.clock_s / 600 &&
            ann->said.count == BEACON_ENTRIES &&
            cy->said.count == BEACON_ENTRIES,
        "what is said is filled up, whatever the number of contacts");
    ok(is_by_tag(&ann->said) && is_by_tag(&ann->heard[0]) &&
            is_by_tag(&ann->heard[1]) && is_by_tag(&ann->heard[2]),
        "and lies by its tags, so that no place says what fills it up");
    ok(known(ann, bo) == 1 && known(bo, ann) == 1,
        "two contacts know each other");
    ok(known(ann, cy) == 0 && known(cy, ann) == 0, "others do not");
    ok(ann->heard[(ann->said.epoch + 1) % 3].epoch == ann->said.epoch + 1 &&
            ann->heard[(ann->said.epoch + 2) % 3].epoch == ann->said.epoch - 1,
        "also with clocks that are an epoch apart");
}

static void test_epochs(void)
{
    struct beacons before = ann->said;
    size_t messages = ann->beacons;
    world_run(&world, EPOCH_MS + 1000);
    ok(ann->said.epoch == before.epoch + 1 && ann->beacons == messages + 4,
        "the next epoch's are handed out, once");
    ok(shared(&before, &ann->said) == 0, "with no tag of the one before");
    ok(known(ann, bo) == 1, "by which contacts go on knowing each other");
}

static void test_people(void)
{
    struct beacons before = ann->said;
    need(ask_word(bo, CONTROL_BLOCK, "ann")->kind == CONTROL_CONTACT_ROWS);
    ok(known(ann, bo) == 0 && known(bo, ann) == 0,
        "who is blocked is neither told nor known");
    need(ask_word(bo, CONTROL_UNBLOCK, "ann")->kind == CONTROL_CONTACT_ROWS);
    ok(known(ann, bo) == 1, "unblocked they are");
    ok(shared(&before, &ann->said) == ann->said.count,
        "and within an epoch one says the same");
    need(ask_word(bo, CONTROL_REMOVE, "ann")->kind == CONTROL_DONE);
    ok(known(bo, ann) == 0, "removed they are not");
}

static void test_lock(void)
{
    need(ask_word(ann, CONTROL_LOCK, "")->kind == CONTROL_DONE);
    size_t messages = ann->beacons;
    world_run(&world, 2 * EPOCH_MS);
    ok(ann->beacons == messages && !ann->listening,
        "a locked vault hands nothing out, and says that it listens no more");
}

int main(void)
{
    need(crypto_start() == 0);
    test_contacts();
    test_epochs();
    test_people();
    test_lock();
    world_free(&world);
    begin(false);
    ok(ann->beacons == 0, "where there is no discovery there is nothing of it");
    world_free(&world);
    return tap_done();
}
