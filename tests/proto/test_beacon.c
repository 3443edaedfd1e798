/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/beacon.h"

#include <stdbool.h>
#include <string.h>

#include "tests/proto/samples.h"
#include "tests/tap.h"

static void test_sealed(void)
{
    static uint8_t out[BEACON_MAXIMUM_BYTES + 1];
    struct beacon_sealed beacon, back;
    struct beacon_datagram open;
    sample_fill(&beacon, sizeof(beacon), 3);
    size_t size = beacon_sealed_encode(&beacon, out);
    struct span whole = {out, size};
    ok(size == BEACON_MAXIMUM_BYTES && size <= 1280 - 48,
        "one for contacts has the published size, which IPv6 carries whole");
    ok(beacon_sealed_decode(whole, &back) == STATUS_OK &&
            memcmp(&back, &beacon, sizeof(back)) == 0,
        "it comes back");
    ok(beacon_datagram_decode(whole, &open) == STATUS_NOT_FOUND,
        "and is none of the other version");
    bool refused = true;
    for (size_t cut = 0; cut < size; cut++)
        refused = refused && beacon_sealed_decode((struct span){out, cut},
                                 &back) == STATUS_INVALID;
    ok(refused && beacon_sealed_decode((struct span){out, size + 1}, &back) ==
                      STATUS_INVALID,
        "cut or too long it is refused");
    out[1 + 6] = 3;
    ok(beacon_sealed_decode(whole, &back) == STATUS_NOT_FOUND,
        "a later version is told apart");
}

int main(void)
{
    test_sealed();
    uint8_t out[BEACON_OPEN_BYTES + 1] = {0};
    struct beacon_datagram beacon = {.port = UINT16_MAX}, back;
    sample_fill(beacon.node.bytes, 32, 1);
    sample_fill(beacon.boot, BEACON_BOOT_BYTES, 2);
    size_t size = beacon_datagram_encode(&beacon, out);
    ok(size == BEACON_OPEN_BYTES, "the largest has the published size");
    struct span whole = {out, size};
    ok(beacon_datagram_decode(whole, &back) == STATUS_OK &&
            node_key_equal(&back.node, &beacon.node) &&
            back.port == UINT16_MAX && memcmp(back.boot, beacon.boot, 8) == 0,
        "a beacon comes back");
    bool refused = true;
    for (size_t cut = 0; cut < size; cut++)
        refused = refused && beacon_datagram_decode((struct span){out, cut},
                                 &back) == STATUS_INVALID;
    ok(refused, "cut at any length is refused");
    ok(beacon_datagram_decode((struct span){out, size + 1}, &back) ==
            STATUS_INVALID,
        "so is a byte too many");
    out[1 + 6] = 2;
    ok(beacon_datagram_decode(whole, &back) == STATUS_NOT_FOUND,
        "another version is told apart");
    out[1 + 6] = 1;
    out[2] = 'S';
    ok(beacon_datagram_decode(whole, &back) == STATUS_INVALID,
        "what is not a beacon is refused");
    beacon.port = 1;
    size = beacon_datagram_encode(&beacon, out);
    out[1 + 6 + 1 + 34] = 0;
    ok(beacon_datagram_decode((struct span){out, size}, &back) ==
            STATUS_INVALID,
        "nobody listens at port 0");
    return tap_done();
}
