/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A receipt for an unknown id proves nothing: the commitment that it opens is
 * in the envelope.  So it is neither passed on nor believed, only held a
 * while, in order of arrival.  A flood can push honest ones out; they come
 * again when a peer that holds the proof is next reconciled with. */
#include "relay/receipts.h"

#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"

void receipts_init(struct receipts *receipts, uint64_t seed)
{
    *receipts = (struct receipts){0};
    table_init(&receipts->waiting, sizeof(struct envelope_id),
        sizeof(struct receipt_waiting), LIMIT_WAITING_RECEIPTS, seed);
}

void receipts_clear(struct receipts *receipts)
{
    table_clear(&receipts->waiting);
    free(receipts->order);
    *receipts = (struct receipts){0};
}

/* A move of at most 64 KiB, paid for by whoever spends a receipt of a peer's
 * budget. */
static void order_remove(
    struct receipts *receipts, const struct envelope_id *id)
{
    size_t count = receipts->waiting.count;
    size_t at = 0;
    while (at < count && !envelope_id_equal(&receipts->order[at], id))
        at++;
    if (at == count)
        return;
    memmove(&receipts->order[at], &receipts->order[at + 1],
        (count - at - 1) * sizeof(*receipts->order));
}

static void forget_oldest(struct receipts *receipts)
{
    struct envelope_id oldest = receipts->order[0];
    order_remove(receipts, &oldest);
    table_remove(&receipts->waiting, &oldest);
}

void receipts_wait(struct receipts *receipts, struct turn *turn,
    const struct receipt_waiting *receipt)
{
    const struct envelope_id *id = &receipt->id;
    struct receipt_waiting *first = table_find(&receipts->waiting, id);
    if (first) {
        first->is_hidden &= receipt->is_hidden;
        return;
    }
    if (receipts->waiting.count == LIMIT_WAITING_RECEIPTS)
        forget_oldest(receipts);
    if (turn_grow(turn, (void **)&receipts->order, receipts->waiting.count,
            &receipts->order_capacity, sizeof(*receipts->order)))
        return;
    receipts->order[receipts->waiting.count] = *id;
    void *out = NULL;
    enum status status = table_add(&receipts->waiting, id, &out);
    if (status) {
        turn->status = status;
        return;
    }
    *(struct receipt_waiting *)out = *receipt;
}

bool receipts_take(struct receipts *receipts, const struct envelope_id *id,
    struct receipt_waiting *out)
{
    const struct receipt_waiting *waiting = table_find(&receipts->waiting, id);
    if (!waiting)
        return false;
    *out = *waiting;
    order_remove(receipts, id);
    table_remove(&receipts->waiting, id);
    return true;
}

size_t receipts_bytes(const struct receipts *receipts)
{
    return table_bytes(&receipts->waiting) +
           receipts->order_capacity * sizeof(*receipts->order);
}

const char *receipts_step_violation(const struct receipts *receipts)
{
    return receipts->waiting.count > LIMIT_WAITING_RECEIPTS
               ? "more receipts wait than allowed"
               : NULL;
}

const char *receipts_violation(const struct receipts *receipts)
{
    const char *why = receipts_step_violation(receipts);
    if (why)
        return why;
    for (size_t i = 0; i < receipts->waiting.count; i++)
        if (!table_find(&receipts->waiting, &receipts->order[i]))
            return "the order of waiting receipts names a stranger";
    return NULL;
}
