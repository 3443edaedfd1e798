/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dense array of two-bit states: ten thousand letters on ten thousand nodes
 * are 25 MB, where a hash table a node would be a gigabyte. */
#include "sim/ledger.h"

#include <stdlib.h>
#include <string.h>

void ledger_clear(struct ledger *ledger)
{
    free(ledger->words);
    *ledger = (struct ledger){0};
}

static enum status ledger_grow(struct ledger *ledger, uint32_t word)
{
    if (word < ledger->word_count)
        return STATUS_OK;
    uint32_t count = word + word / 4 + 1;
    uint64_t *words = realloc(ledger->words, count * sizeof(*words));
    if (!words)
        return STATUS_NO_MEMORY;
    memset(words + ledger->word_count, 0,
        (count - ledger->word_count) * sizeof(*words));
    ledger->words = words;
    ledger->word_count = count;
    return STATUS_OK;
}

enum status ledger_set(
    struct ledger *ledger, uint32_t number, enum ledger_state state)
{
    enum status status = ledger_grow(ledger, number / LEDGER_WORD_STATES);
    if (status)
        return status;
    uint64_t *word = &ledger->words[number / LEDGER_WORD_STATES];
    unsigned shift = number % LEDGER_WORD_STATES * 2;
    ledger->known -= (*word >> shift & 3) != LEDGER_UNKNOWN;
    ledger->known += state != LEDGER_UNKNOWN;
    *word = (*word & ~(UINT64_C(3) << shift)) | (uint64_t)state << shift;
    return STATUS_OK;
}

uint32_t ledger_next(const struct ledger *ledger, uint32_t from)
{
    uint64_t end = (uint64_t)ledger->word_count * LEDGER_WORD_STATES;
    for (uint64_t number = from; number < end; number++) {
        if (number % LEDGER_WORD_STATES == 0 &&
            !ledger->words[number / LEDGER_WORD_STATES])
            number += LEDGER_WORD_STATES - 1;
        else if (ledger_get(ledger, (uint32_t)number) != LEDGER_UNKNOWN)
            return (uint32_t)number;
    }
    return UINT32_MAX;
}

void ledger_warm(const struct ledger *ledger, uint32_t number)
{
    if (number / LEDGER_WORD_STATES < ledger->word_count)
        __builtin_prefetch(&ledger->words[number / LEDGER_WORD_STATES], 1);
}

size_t ledger_bytes(const struct ledger *ledger)
{
    return ledger->word_count * sizeof(*ledger->words);
}
