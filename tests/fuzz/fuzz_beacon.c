/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/beacon.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t out[BEACON_MAXIMUM_BYTES];
    struct beacon_datagram beacon;
    struct span bytes = {data, size};
    if (beacon_datagram_decode(bytes, &beacon))
        return 0;
    fuzz_same(STATUS_OK, out, beacon_datagram_encode(&beacon, out), bytes);
    return 0;
}
