/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sender's side of the auction.  Who has declined something may ask for
 * more by the time that it is stamped anew, so each try bids more; what nobody
 * asks more for than it has (one peer's price is not followed where there are
 * several) waits a while for the price to rise or fall.  Both are bounded: a
 * peer that declines everything gains a few stamps, and no more. */
#include "relay/bids.h"

void bids_init(struct bids *bids, uint64_t seed)
{
    *bids = (struct bids){.due_ms = UINT64_MAX};
    table_init(&bids->list, sizeof(struct envelope_id), sizeof(struct bid),
        BIDS, seed);
}

void bids_clear(struct bids *bids)
{
    table_clear(&bids->list);
}

static void due_at(struct bids *bids, struct bid *bid, uint64_t at_ms)
{
    bid->at_ms = at_ms;
    if (at_ms < bids->due_ms)
        bids->due_ms = at_ms;
}

void bids_declined(
    struct bids *bids, const struct turn *turn, const struct envelope_id *id)
{
    void *out = NULL;
    struct bid *bid = table_find(&bids->list, id);
    if (!bid && table_add(&bids->list, id, &out) == STATUS_OK) {
        bid = out;
        *bid = (struct bid){.id = *id, .until_ms = turn->now_ms + BIDS_LIFE_MS};
        due_at(bids, bid, turn->now_ms);
    } else if (bid && bid->at_ms == UINT64_MAX && bid->tries < BIDS_TRIES) {
        uint64_t next_ms = bid->tried_ms + BIDS_PAUSE_MS;
        due_at(bids, bid, next_ms > turn->now_ms ? next_ms : turn->now_ms);
    }
}

/* One of those that are due, and when the next of the others is due. */
static const struct bid *next_due(struct bids *bids, const struct turn *turn)
{
    const struct bid *due = NULL;
    size_t cursor = 0;
    bids->due_ms = UINT64_MAX;
    for (const struct bid *bid; (bid = table_next(&bids->list, &cursor));) {
        if (!due && bid->at_ms <= turn->now_ms)
            due = bid;
        uint64_t at_ms =
            bid->at_ms < bid->until_ms ? bid->at_ms : bid->until_ms;
        if (at_ms < bids->due_ms)
            bids->due_ms = at_ms;
    }
    return due;
}

/* One that was tried often enough stays until then, not to begin anew. */
static bool take_given_up(struct bids *bids, const struct turn *turn)
{
    size_t cursor = 0;
    for (const struct bid *bid; (bid = table_next(&bids->list, &cursor));)
        if (bid->until_ms <= turn->now_ms) {
            struct envelope_id id = bid->id;
            table_remove(&bids->list, &id);
            return true;
        }
    return false;
}

bool bids_take_due(struct bids *bids, const struct turn *turn,
    struct envelope_id *id, uint8_t *tries)
{
    if (bids->due_ms > turn->now_ms)
        return false;
    while (take_given_up(bids, turn))
        continue;
    const struct bid *due = next_due(bids, turn);
    if (!due)
        return false;
    *id = due->id;
    *tries = due->tries;
    return true;
}

void bids_tried(
    struct bids *bids, const struct turn *turn, const struct envelope_id *id)
{
    struct bid *bid = table_find(&bids->list, id);
    if (!bid)
        return;
    bid->tries++;
    bid->tried_ms = turn->now_ms;
    bid->at_ms = UINT64_MAX;
}

void bids_put_off(
    struct bids *bids, const struct turn *turn, const struct envelope_id *id)
{
    struct bid *bid = table_find(&bids->list, id);
    if (bid)
        due_at(bids, bid, turn->now_ms + BIDS_LOOK_MS);
}

void bids_forget(struct bids *bids, const struct envelope_id *id)
{
    table_remove(&bids->list, id);
}

size_t bids_bytes(const struct bids *bids)
{
    return table_bytes(&bids->list);
}

static const char *bid_violation(const struct bids *bids, const struct bid *bid)
{
    return bid->at_ms < bids->due_ms || bids->due_ms == UINT64_MAX ||
                   bid->tries > BIDS_TRIES
               ? "what was declined would never be offered, or too often"
               : NULL;
}

const char *bids_item_violation(
    const struct bids *bids, const struct envelope_id *id)
{
    const struct bid *bid = table_find(&bids->list, id);
    return bid ? bid_violation(bids, bid) : NULL;
}

const char *bids_violation(const struct bids *bids)
{
    size_t cursor = 0;
    const char *why = NULL;
    for (const struct bid *bid;
         !why && (bid = table_next(&bids->list, &cursor));)
        why = bid_violation(bids, bid);
    return why;
}
