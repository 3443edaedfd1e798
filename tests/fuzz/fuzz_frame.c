/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/frame.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct frame_scratch scratch;
    static uint8_t out[LIMIT_FRAME_BYTES];
    struct span bytes = {data, size};
    struct frame frame;
    if (frame_decode(bytes, &scratch, &frame))
        return 0;
    size_t written = 0;
    enum status status = frame_encode(&frame, out, sizeof(out), &written);
    fuzz_same(status, out, written, bytes);
    fuzz_claim(frame_bytes(&frame) == size && frame_type_name(frame.type));
    return 0;
}
