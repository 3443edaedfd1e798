/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/bundle.h"
#include "proto/digest.h"
#include "tests/fuzz/fuzz.h"

/* Each record is as long as it says, and has one form. */
static void read_records(struct span left)
{
    static uint8_t out[LIMIT_FRAME_BYTES];
    struct bundle_record record;
    while (bundle_decode(left, &record) == STATUS_OK) {
        size_t size = 0;
        fuzz_claim(
            record.bytes <= left.size && record.bytes <= BUNDLE_RECORD_BYTES);
        enum status status =
            bundle_encode_array(&record, out, sizeof(out), &size);
        fuzz_same(status, out, size, record.array);
        left.data += record.bytes;
        left.size -= record.bytes;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = {data, size};
    size_t count = 0;
    read_records(bytes);
    if (digest_check(bytes, &count) == STATUS_OK)
        for (size_t i = 0; i < count; i++) {
            struct digest_item item = digest_at(bytes, i);
            fuzz_claim(digest_find(bytes, &item.id) == item.state);
        }
    return 0;
}
