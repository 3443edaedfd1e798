/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A beacon says the same all through an epoch, so that who watches the network
 * learns nothing from its changes.  It holds twenty entries: where there are
 * more contacts, several beacons take turns.
 *
 * Anybody can send what looks like one: a lookup by halving for each entry and
 * epoch is all that it costs, unless it has a contact's tag. */
#include "daemon/relay_beacon.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/beacon.h"
#include "crypto/hash.h"
#include "platform/random.h"

enum { EPOCHS_HEARD = 3, TURN_MS = 10000 };

struct list {
    uint32_t epoch;
    size_t count;
    struct beacon_key keys[LIMIT_BEACON_KEYS];
};

struct relay_beacon {
    uint8_t salt[BEACON_SALT_BYTES]; /* of what is said */
    struct list said;
    struct list heard[EPOCHS_HEARD]; /* by their epochs */
};

enum status relay_beacon_new(struct relay_beacon **out)
{
    struct relay_beacon *beacon = secret_new(sizeof(*beacon));
    if (!beacon)
        return STATUS_NO_MEMORY;
    memset(beacon, 0, sizeof(*beacon));
    *out = beacon;
    return STATUS_OK;
}

void relay_beacon_free(struct relay_beacon *beacon)
{
    secret_free(beacon);
}

static void fill(struct list *list, const struct port_message *message)
{
    list->epoch = message->beacon.epoch;
    list->count = message->beacon.count;
    memcpy(
        list->keys, message->beacon.keys, list->count * sizeof(list->keys[0]));
}

/* A salt is drawn with each list: the node's key or port may be another. */
void relay_beacon_take(
    struct relay_beacon *beacon, const struct port_message *message)
{
    if (!message->beacon.own) {
        fill(&beacon->heard[message->beacon.epoch % EPOCHS_HEARD], message);
        return;
    }
    fill(&beacon->said, message);
    random_fill(random_system(), beacon->salt, sizeof(beacon->salt));
}

void relay_beacon_forget(struct relay_beacon *beacon)
{
    secret_wipe(beacon, sizeof(*beacon));
}

/* Clocks may differ by an epoch. */
static bool is_of_now(const struct list *list, uint64_t clock_s)
{
    uint64_t now = clock_s / BEACON_EPOCH_S;
    return list->count > 0 && list->epoch + 1ull >= now &&
           list->epoch <= now + 1;
}

size_t relay_beacon_say(struct relay_beacon *beacon,
    const struct relay_beacon_moment *moment,
    const struct beacon_datagram *node,
    uint8_t out[static BEACON_MAXIMUM_BYTES])
{
    const struct list *said = &beacon->said;
    if (!is_of_now(said, moment->clock_s) || said->count < BEACON_ENTRIES)
        return 0;
    struct beacon_sealed sealed;
    const struct beacon_place place = {beacon->salt, moment->address};
    size_t beacons = said->count / BEACON_ENTRIES;
    size_t turn = (size_t)(moment->now_ms / TURN_MS % beacons);
    memcpy(sealed.salt, beacon->salt, sizeof(sealed.salt));
    for (size_t i = 0; i < BEACON_ENTRIES; i++)
        beacon_seal(&said->keys[turn * BEACON_ENTRIES + i], &place, node,
            sealed.entries[i]);
    return beacon_sealed_encode(&sealed, out);
}

static int compare_tag(const void *tag, const void *key)
{
    return memcmp(tag, ((const struct beacon_key *)key)->tag, BEACON_TAG_BYTES);
}

/* Open an entry by the keys of one epoch. */
static bool hear_entry(const struct list *list,
    const struct beacon_place *place, const uint8_t *entry,
    struct beacon_datagram *out)
{
    const struct beacon_key *key = bsearch(
        entry, list->keys, list->count, sizeof(list->keys[0]), compare_tag);
    return key && beacon_open(key, place, entry, out) == STATUS_OK;
}

bool relay_beacon_hear(const struct relay_beacon *beacon,
    const struct relay_beacon_moment *moment, struct span bytes,
    struct beacon_datagram *out)
{
    struct beacon_sealed sealed;
    if (beacon_sealed_decode(bytes, &sealed))
        return false;
    const struct beacon_place place = {sealed.salt, moment->address};
    for (size_t epoch = 0; epoch < EPOCHS_HEARD; epoch++) {
        const struct list *list = &beacon->heard[epoch];
        for (size_t i = 0;
             is_of_now(list, moment->clock_s) && i < BEACON_ENTRIES; i++)
            if (hear_entry(list, &place, sealed.entries[i], out))
                return true;
    }
    return false;
}
