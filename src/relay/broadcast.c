/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For envelopes of the own vault the peers that have taken them are counted,
 * each once however often it reconnects, by the first eight bytes of its key:
 * a count for people, which nobody gains by forging. */
#include "relay/broadcast.h"

#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"

void broadcast_init(struct broadcast *broadcast, uint64_t seed)
{
    table_init(&broadcast->own, sizeof(struct envelope_id),
        sizeof(struct broadcast_own), LIMIT_OUTBOX_LETTERS, seed);
}

void broadcast_clear(struct broadcast *broadcast)
{
    size_t cursor = 0;
    for (struct broadcast_own *own;
         (own = table_next(&broadcast->own, &cursor));)
        free(own->takers);
    table_clear(&broadcast->own);
}

static void report(struct turn *turn, const struct broadcast_own *own)
{
    turn_effect_on(turn, RELAY_HANDED, &own->id)->peers = (uint32_t)own->count;
}

/* Whether that is news. */
static bool take(
    struct turn *turn, struct broadcast_own *own, const struct node_key *peer)
{
    uint64_t taker;
    memcpy(&taker, peer->bytes, sizeof(taker));
    for (size_t i = 0; i < own->count; i++)
        if (own->takers[i] == taker)
            return false;
    if (own->count == BROADCAST_TAKERS ||
        turn_grow(turn, (void **)&own->takers, own->count, &own->capacity,
            sizeof(*own->takers)))
        return false;
    own->takers[own->count++] = taker;
    return true;
}

static const struct node_key *key_of(const struct turn *turn, uint32_t link)
{
    for (size_t i = 0; i < turn->peers->count; i++)
        if (turn->peers->list[i].link == link)
            return &turn->peers->list[i].key;
    return NULL;
}

void broadcast_pushed(struct broadcast *broadcast, struct turn *turn,
    const struct envelope_id *id, size_t first_effect)
{
    struct broadcast_own *own = table_find(&broadcast->own, id);
    bool news = false;
    for (size_t i = first_effect; own && i < turn->effects->count; i++) {
        const struct relay_effect *effect = &turn->effects->list[i];
        bool gives = effect->kind == RELAY_PUSH || effect->kind == RELAY_STEM;
        const struct node_key *key = gives ? key_of(turn, effect->link) : NULL;
        news |= key && take(turn, own, key);
    }
    if (news)
        report(turn, own);
}

void broadcast_own(struct broadcast *broadcast, struct turn *turn,
    const struct envelope_id *id)
{
    void *out = NULL;
    /* Where the table is full the envelope travels all the same, uncounted. */
    if (table_add(&broadcast->own, id, &out) == STATUS_NO_MEMORY)
        turn->status = STATUS_NO_MEMORY;
}

bool broadcast_is_own(
    const struct broadcast *broadcast, const struct envelope_id *id)
{
    return table_find(&broadcast->own, id) != NULL;
}

void broadcast_report(struct broadcast *broadcast, struct turn *turn,
    const struct envelope_id *id)
{
    const struct broadcast_own *own = table_find(&broadcast->own, id);
    if (own && own->count > 0)
        report(turn, own);
}

void broadcast_taken(struct broadcast *broadcast, struct turn *turn,
    const struct envelope_id *id, const struct node_key *peer)
{
    struct broadcast_own *own = table_find(&broadcast->own, id);
    if (own && take(turn, own, peer))
        report(turn, own);
}

void broadcast_declined(struct broadcast *broadcast, struct turn *turn,
    const struct envelope_id *id, const struct node_key *peer)
{
    struct broadcast_own *own = table_find(&broadcast->own, id);
    uint64_t taker;
    memcpy(&taker, peer->bytes, sizeof(taker));
    for (size_t i = 0; own && i < own->count; i++)
        if (own->takers[i] == taker) {
            own->takers[i] = own->takers[--own->count];
            report(turn, own);
            return;
        }
}

void broadcast_taken_all(
    struct broadcast *broadcast, struct turn *turn, const struct node_key *peer)
{
    size_t cursor = 0;
    for (struct broadcast_own *own;
         (own = table_next(&broadcast->own, &cursor));)
        if (take(turn, own, peer))
            report(turn, own);
}

void broadcast_forget(struct broadcast *broadcast, const struct envelope_id *id)
{
    struct broadcast_own *own = table_find(&broadcast->own, id);
    if (!own)
        return;
    free(own->takers);
    table_remove(&broadcast->own, id);
}

size_t broadcast_bytes(const struct broadcast *broadcast)
{
    size_t bytes = table_bytes(&broadcast->own), cursor = 0;
    for (const struct broadcast_own *own;
         (own = table_next(&broadcast->own, &cursor));)
        bytes += own->capacity * sizeof(*own->takers);
    return bytes;
}

static const char *own_violation(const struct broadcast_own *own)
{
    return own->count > BROADCAST_TAKERS ? "more takers counted than allowed"
                                         : NULL;
}

const char *broadcast_item_violation(
    const struct broadcast *broadcast, const struct envelope_id *id)
{
    const struct broadcast_own *own = table_find(&broadcast->own, id);
    return own ? own_violation(own) : NULL;
}

const char *broadcast_violation(const struct broadcast *broadcast)
{
    size_t cursor = 0;
    const char *why = NULL;
    for (const struct broadcast_own *own;
         !why && (own = table_next(&broadcast->own, &cursor));)
        why = own_violation(own);
    return why;
}
