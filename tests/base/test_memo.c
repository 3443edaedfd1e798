/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/memo.h"

#include <stdbool.h>

#include "tests/tap.h"

enum { MOST = 20 };

struct note {
    uint64_t key;
    uint32_t times;
};

static struct memo memo;

static struct note *note(uint64_t key)
{
    void *out = NULL;
    need(memo_add(&memo, &key, &out) == STATUS_OK);
    return out;
}

static bool is_known(uint64_t key)
{
    return memo_find(&memo, &key) != NULL;
}

int main(void)
{
    memo_init(&memo, sizeof(uint64_t), sizeof(struct note), MOST, 1);
    ok(!is_known(1) && memo_bytes(&memo) == 0,
        "nothing is remembered at first");
    for (uint64_t i = 1; i <= MOST; i++)
        note(i)->times++;
    bool all = true;
    for (uint64_t i = 1; i <= MOST; i++)
        all = all && is_known(i);
    ok(all && !memo_violation(&memo), "as much is remembered as may be");
    ok(note(1)->times == 1 && !memo_violation(&memo),
        "what is there is found, and not begun anew");
    note(100);
    ok(!is_known(1) && is_known(2) && is_known(100) && !memo_violation(&memo),
        "the oldest gives way, however often it was asked for");
    for (uint64_t i = 200; i < 200 + 3 * MOST; i++)
        note(i);
    ok(!is_known(100) && !is_known(200 + 2 * MOST - 1) &&
            is_known(200 + 2 * MOST) && !memo_violation(&memo),
        "and so on, round after round");
    uint64_t key = 200 + 2 * MOST;
    table_remove(&memo.table, &key);
    ok(memo_violation(&memo), "an entry that is missing shows");
    memo_clear(&memo);
    ok(memo_bytes(&memo) == 0 && !is_known(key + 1), "all can be forgotten");
    return tap_done();
}
