/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What peers have sent back for lack of room.  That it was given is not enough:
 * a push can be lost on its way, and then it has to be given again.  What a
 * peer says counts for itself alone, and withholds nothing: what is listed to
 * it, it has only to ask for.  A peer that names all that is here can have
 * forgotten what others said, who are then given it in vain once more. */
#include <string.h>

#include "relay/reconcile.h"
#include "relay/reconcile_run.h"

static struct unkept key_of(
    const struct peer *peer, const struct envelope_id *id)
{
    struct unkept key = {.id = *id};
    memcpy(&key.peer, peer->key.bytes, sizeof(key.peer));
    return key;
}

void reconcile_unkept(struct reconcile *reconcile, struct turn *turn,
    uint32_t link, const struct envelope_id *id)
{
    struct reconcile_peer *there = reconcile_peer(reconcile, link);
    const struct peer *peer = turn_peer(turn, link);
    void *out;
    if (!there || !peer)
        return;
    struct unkept key = key_of(peer, id);
    there->is_crowded = true;
    if (memo_add(&reconcile->unkept, &key, &out))
        turn->status = STATUS_NO_MEMORY;
}

bool reconcile_is_unkept(const struct reconcile *reconcile,
    const struct turn *turn, uint32_t link, const struct envelope_id *id)
{
    const struct peer *peer = turn_peer(turn, link);
    if (!peer || reconcile->unkept.table.count == 0)
        return false;
    struct unkept key = key_of(peer, id);
    return reconcile_peer(reconcile, link)->is_crowded ||
           memo_find(&reconcile->unkept, &key);
}
