/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/group.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[GROUP_OP_BYTES];
    struct span bytes = {data, size};
    struct group_op op;
    if (group_op_decode(bytes, &op))
        return 0;
    size_t written = 0;
    size_t signed_bytes = 0;
    group_op_encode(&op, out, &written, &signed_bytes);
    fuzz_same(STATUS_OK, out, written, bytes);
    fuzz_claim(signed_bytes + 2 + sizeof(op.signature) == written);
    return 0;
}
