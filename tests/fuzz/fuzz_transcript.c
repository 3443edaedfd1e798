/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/transcript.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[TRANSCRIPT_RECORD_BYTES];
    struct span left = {data, size}, taken;
    while (transcript_take(&left, &taken) == STATUS_OK)
        fuzz_claim(taken.data + taken.size == left.data);
    struct span bytes = {data, size};
    struct transcript_record record;
    if (transcript_decode(bytes, &record))
        return 0;
    size_t written = 0;
    enum status status = transcript_encode(&record, out, sizeof(out), &written);
    fuzz_same(status, out, written, bytes);
    return 0;
}
