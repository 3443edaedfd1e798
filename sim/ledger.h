/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_LEDGER_H
#define SIM_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* A relay's disk: what it keeps of each envelope of the slab, two bits each.
 * Grows to the highest number that was ever set. */
enum ledger_state {
    LEDGER_UNKNOWN = 0,
    LEDGER_STORED = 1,
    LEDGER_CLEARED = 2,
    LEDGER_EVICTED = 3,
};

enum { LEDGER_WORD_STATES = 32 };

struct ledger {
    uint64_t *words;
    uint32_t word_count;
    uint32_t known; /* that are not unknown */
};

void ledger_clear(struct ledger *ledger);
static inline enum ledger_state ledger_get(
    const struct ledger *ledger, uint32_t number)
{
    uint32_t word = number / LEDGER_WORD_STATES;
    if (word >= ledger->word_count)
        return LEDGER_UNKNOWN;
    return ledger->words[word] >> number % LEDGER_WORD_STATES * 2 & 3;
}

/* STATUS_NO_MEMORY. */
MUST_USE enum status ledger_set(
    struct ledger *ledger, uint32_t number, enum ledger_state state);

/* The first number at or after from that is not unknown, or SLAB_NONE. */
uint32_t ledger_next(const struct ledger *ledger, uint32_t from);

/* Send for the memory of a number. */
void ledger_warm(const struct ledger *ledger, uint32_t number);

size_t ledger_bytes(const struct ledger *ledger);

#endif
