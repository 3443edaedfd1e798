/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/beacon.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t out[BEACON_MAXIMUM_BYTES];
    struct beacon_datagram beacon;
    struct beacon_sealed sealed;
    struct span bytes = {data, size};
    enum status open = beacon_datagram_decode(bytes, &beacon);
    enum status closed = beacon_sealed_decode(bytes, &sealed);
    fuzz_claim(open != STATUS_OK || closed == STATUS_NOT_FOUND);
    if (open == STATUS_OK)
        fuzz_same(STATUS_OK, out, beacon_datagram_encode(&beacon, out), bytes);
    if (closed == STATUS_OK)
        fuzz_same(STATUS_OK, out, beacon_sealed_encode(&sealed, out), bytes);
    return 0;
}
