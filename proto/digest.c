/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A digest is used where it lies: checked once as a whole, then looked up by
 * halving.  A wrong one does no harm but to its giver, who is then given too
 * much or too little. */
#include "proto/digest.h"

#include <string.h>

#include "base/number.h"
#include "proto/limits.h"

void digest_head_encode(uint64_t count, uint8_t out[static DIGEST_HEAD_BYTES])
{
    memcpy(out, DIGEST_MAGIC, DIGEST_MAGIC_BYTES);
    number_put(out + DIGEST_MAGIC_BYTES, 8, count);
}

void digest_item_encode(
    const struct digest_item *item, uint8_t out[static DIGEST_ITEM_BYTES])
{
    memcpy(out, item->id.bytes, sizeof(item->id.bytes));
    out[DIGEST_ITEM_BYTES - 1] = item->state;
}

static const uint8_t *item_bytes(struct span digest, size_t i)
{
    return digest.data + DIGEST_HEAD_BYTES + i * DIGEST_ITEM_BYTES;
}

struct digest_item digest_at(struct span digest, size_t i)
{
    struct digest_item item;
    const uint8_t *at = item_bytes(digest, i);
    memcpy(item.id.bytes, at, sizeof(item.id.bytes));
    item.state = at[DIGEST_ITEM_BYTES - 1];
    return item;
}

static int compare(const uint8_t *item, const struct envelope_id *id)
{
    return memcmp(item, id->bytes, sizeof(id->bytes));
}

static size_t count_of(struct span digest)
{
    return digest.size < DIGEST_HEAD_BYTES
               ? 0
               : (digest.size - DIGEST_HEAD_BYTES) / DIGEST_ITEM_BYTES;
}

enum status digest_check(struct span bytes, size_t *count)
{
    uint8_t head[DIGEST_HEAD_BYTES];
    size_t items = count_of(bytes);
    digest_head_encode(items, head);
    if (bytes.size != DIGEST_HEAD_BYTES + items * DIGEST_ITEM_BYTES ||
        items > LIMIT_SHELF_IDS || memcmp(bytes.data, head, sizeof(head)) != 0)
        return STATUS_INVALID;
    for (size_t i = 0; i < items; i++) {
        struct digest_item item = digest_at(bytes, i);
        bool ascends =
            i == 0 || compare(item_bytes(bytes, i - 1), &item.id) < 0;
        if (!ascends || item.state > ITEM_CLEARED)
            return STATUS_INVALID;
    }
    *count = items;
    return STATUS_OK;
}

int digest_find(struct span digest, const struct envelope_id *id)
{
    size_t low = 0, high = count_of(digest);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(item_bytes(digest, middle), id);
        if (order == 0)
            return digest_at(digest, middle).state;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}
