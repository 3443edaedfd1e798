/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef RELAY_BROADCAST_H
#define RELAY_BROADCAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "proto/ids.h"
#include "relay/turn.h"

/* How many peers have taken an envelope of one's own. */
struct broadcast_own {
    struct envelope_id id;
    uint64_t *takers;
    size_t count;
    size_t capacity;
};

struct broadcast {
    struct table own;
};

enum { BROADCAST_TAKERS = 64 }; /* counted for one envelope; then no more */

void broadcast_init(struct broadcast *broadcast, uint64_t seed);
void broadcast_clear(struct broadcast *broadcast);

/* Count those to whom the effects from that one on push it, or give it as a
 * stem.  Emits HANDED where it is one's own. */
void broadcast_pushed(struct broadcast *broadcast, struct turn *turn,
    const struct envelope_id *id, size_t first_effect);

/* The own vault has submitted this: count from now on who takes it. */
void broadcast_own(struct broadcast *broadcast, struct turn *turn,
    const struct envelope_id *id);

/* Whether it is one's own that is counted. */
bool broadcast_is_own(
    const struct broadcast *broadcast, const struct envelope_id *id);

/* Say again how many have taken it, where it is one's own. */
void broadcast_report(struct broadcast *broadcast, struct turn *turn,
    const struct envelope_id *id);

/* That peer has it, or was just given it.  Emits HANDED where that is news. */
void broadcast_taken(struct broadcast *broadcast, struct turn *turn,
    const struct envelope_id *id, const struct node_key *peer);
/* That peer has not, after all.  Emits HANDED likewise. */
void broadcast_declined(struct broadcast *broadcast, struct turn *turn,
    const struct envelope_id *id, const struct node_key *peer);
/* That peer has all that is stored here. */
void broadcast_taken_all(struct broadcast *broadcast, struct turn *turn,
    const struct node_key *peer);

/* It is cleared or expired: stop counting. */
void broadcast_forget(
    struct broadcast *broadcast, const struct envelope_id *id);

size_t broadcast_bytes(const struct broadcast *broadcast);

/* What does not hold of that envelope's takers, if they are counted; of any's;
 * or NULL. */
const char *broadcast_item_violation(
    const struct broadcast *broadcast, const struct envelope_id *id);
const char *broadcast_violation(const struct broadcast *broadcast);

#endif
