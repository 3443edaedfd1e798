/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/random.h"
#include "sim/ledger.h"
#include "tests/tap.h"

enum { NUMBERS = 5000, CHANGES = 20000 };

int main(void)
{
    static uint8_t model[NUMBERS];
    struct ledger ledger = {0};
    struct random_seeded random;
    random_seeded_init(&random, 3, 0);
    ok(ledger_get(&ledger, 4000) == LEDGER_UNKNOWN &&
            ledger_next(&ledger, 0) == UINT32_MAX,
        "knows nothing at first");
    for (int i = 0; i < CHANGES; i++) {
        uint32_t number = (uint32_t)random_below(&random.base, NUMBERS);
        model[number] = (uint8_t)random_below(&random.base, 4);
        need(ledger_set(&ledger, number, model[number]) == STATUS_OK);
    }
    int same = 1;
    uint32_t walked = 0, known = 0;
    for (uint32_t i = 0; i < NUMBERS; i++) {
        same &= ledger_get(&ledger, i) == model[i];
        known += model[i] != LEDGER_UNKNOWN;
    }
    ok(same && ledger.known == known,
        "each number keeps its own state, and what is known is counted");
    for (uint32_t i = ledger_next(&ledger, 0); i != UINT32_MAX;
         i = ledger_next(&ledger, i + 1)) {
        same &= model[i] != LEDGER_UNKNOWN;
        walked++;
    }
    ok(same && walked == known,
        "a walk meets all that are known, and no other");
    ok(ledger_bytes(&ledger) < NUMBERS, "in less than a byte each");
    ledger_clear(&ledger);
    need(ledger_set(&ledger, 0, LEDGER_UNKNOWN) == STATUS_OK);
    ok(ledger_next(&ledger, 0) == UINT32_MAX, "and is empty when cleared");
    need(ledger_set(&ledger, 4128, LEDGER_STORED) == STATUS_OK);
    ok(ledger_next(&ledger, 0) == 4128 &&
            ledger_next(&ledger, 4129) == UINT32_MAX,
        "one that is alone is met");
    ledger_clear(&ledger);
    return tap_done();
}
