/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/envelope.h"
#include "proto/limits.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[LIMIT_ENVELOPE_BYTES];
    struct span bytes = {data, size};
    struct envelope envelope;
    if (envelope_decode(bytes, &envelope))
        return 0;
    envelope_encode(&envelope, out);
    fuzz_same(STATUS_OK, out, envelope_class_bytes(envelope.class_), bytes);
    return 0;
}
