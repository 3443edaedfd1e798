/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/port.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct port_scratch scratch;
    static uint8_t out[LIMIT_PORT_BYTES];
    struct span bytes = {data, size};
    struct port_message message;
    if (port_decode(bytes, &scratch, &message))
        return 0;
    size_t written = 0;
    enum status status = port_encode(&message, out, sizeof(out), &written);
    fuzz_same(status, out, written, bytes);
    return 0;
}
