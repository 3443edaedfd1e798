/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chapter of vault.c: how contacts know each other's nodes on a local network.
 * The relay says and hears, and has no key: for each epoch it is handed what
 * to say, and what would be said by contacts, as tags and keys that are of no
 * use in another.  What is said is filled up, so that neither the relay nor
 * the network is told how many contacts there are; and when the vault is
 * locked, nothing is handed out, and so nothing said.
 *
 * More contacts than LIMIT_BEACON_KEYS: those that were added first. */
#include <string.h>

#include "crypto/beacon.h"
#include "crypto/hash.h"
#include "vault/vault_state.h"

/* What two people share, and who the other is. */
struct couple {
    uint8_t pair[32];
    const uint8_t *agree_public;
};

static size_t find_couples(
    const struct opened *opened, struct couple out[static LIMIT_BEACON_KEYS])
{
    const struct rows *rows = &opened->contacts.rows;
    size_t count = 0;
    for (size_t i = 0; i < rows->count && count < LIMIT_BEACON_KEYS; i++) {
        const struct contact *contact = rows_at(rows, i);
        out[count].agree_public = contact->card.agree_key;
        bool is_looked_for =
            !contact->blocked && !contact_is_introduced(contact);
        if (is_looked_for &&
            beacon_pair(&opened->identity, contact->card.agree_key,
                out[count].pair) == STATUS_OK)
            count++;
    }
    return count;
}

/* Insertion, by the tags. */
static void insert(struct beacon_key *keys, size_t count, struct beacon_key new)
{
    size_t at = count;
    while (at > 0 && memcmp(keys[at - 1].tag, new.tag, sizeof(new.tag)) > 0)
        at--;
    memmove(&keys[at + 1], &keys[at], (count - at) * sizeof(*keys));
    keys[at] = new;
}

/* Whole beacons, and never none. */
static size_t filled(size_t count)
{
    size_t beacons = (count + BEACON_ENTRIES - 1) / BEACON_ENTRIES;
    return (beacons > 0 ? beacons : 1) * BEACON_ENTRIES;
}

struct call {
    const struct couple *couples;
    size_t count;
    uint32_t epoch;
    bool own; /* what this node says */
};

static void hand_over(
    struct opened *opened, struct step *step, const struct call *call)
{
    size_t count = filled(call->count);
    struct beacon_key *keys = step_alloc(step, count * sizeof(*keys));
    if (!keys)
        return;
    for (size_t i = 0; i < count; i++) {
        struct beacon_key key;
        const struct couple *couple = &call->couples[i];
        if (i < call->count)
            beacon_key_make(couple->pair, call->epoch,
                call->own ? opened->identity.agree_public
                          : couple->agree_public,
                &key);
        else
            beacon_key_fill(&opened->identity, call->epoch,
                (uint32_t)(2 * i + call->own), &key);
        insert(keys, i, key);
        secret_wipe(&key, sizeof(key));
    }
    struct port_message *message = step_port(step, PORT_BEACON);
    message->beacon.epoch = call->epoch;
    message->beacon.own = call->own;
    message->beacon.count = count;
    message->beacon.keys = keys;
}

/* Clocks may differ by an epoch. */
static void hand_all(struct opened *opened, struct step *step, uint32_t epoch)
{
    struct couple *couples =
        step_alloc(step, LIMIT_BEACON_KEYS * sizeof(*couples));
    if (!couples)
        return;
    struct call call = {couples, find_couples(opened, couples), epoch, true};
    hand_over(opened, step, &call);
    call.own = false;
    for (call.epoch = epoch > 0 ? epoch - 1 : 0; call.epoch <= epoch + 1;
         call.epoch++)
        hand_over(opened, step, &call);
    secret_wipe(couples, LIMIT_BEACON_KEYS * sizeof(*couples));
}

void vault_beacon(struct opened *opened, struct step *step)
{
    if (!step->config->beacons)
        return;
    uint64_t epoch = step->clock_s / BEACON_EPOCH_S;
    uint64_t left_s = BEACON_EPOCH_S - step->clock_s % BEACON_EPOCH_S;
    hand_all(opened, step, (uint32_t)epoch);
    opened->beacon_ms = step->now_ms + left_s * 1000;
    step_at(step, TIMER_BEACON, 0, opened->beacon_ms);
}

void vault_beacon_due(struct opened *opened, struct step *step)
{
    if (step->now_ms >= opened->beacon_ms)
        vault_beacon(opened, step);
}
