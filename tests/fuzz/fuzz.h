/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "base/status.h"

/* One input, as libFuzzer gives it.  Aborts when a claim does not hold. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_claim(int holds)
{
    if (!holds)
        abort();
}

/* What was decoded encodes to the bytes it came from: one form each. */
static inline void fuzz_same(
    enum status status, const uint8_t *out, size_t size, struct span bytes)
{
    fuzz_claim(status == STATUS_OK);
    fuzz_claim(span_equal((struct span){out, size}, bytes));
}

#endif
