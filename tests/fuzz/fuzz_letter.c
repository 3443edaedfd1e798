/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/letter.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[LIMIT_TEXT_BYTES + LIMIT_ENVELOPE_BYTES + 1024];
    struct span bytes = {data, size};
    struct letter letter;
    if (letter_decode(bytes, &letter))
        return 0;
    size_t written = 0;
    enum status status = letter_encode(&letter, out, sizeof(out), &written);
    fuzz_same(status, out, written, bytes);
    return 0;
}
