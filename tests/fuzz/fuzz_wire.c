/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walk an element by the reader, guided by its own bytes, and write it again.
 */
#include "proto/wire.h"
#include "tests/fuzz/fuzz.h"

static struct wire_writer writer;

/* Copy one element.  The type byte tells what to ask for; a wrong guess would
 * make the reader fail, and the claims with it. */
static void element_copy(struct wire_reader *reader)
{
    uint8_t byte = *reader->at;
    if (byte <= 0x7f || (byte >= 0xcc && byte <= 0xcf)) {
        wire_write_uint(&writer, wire_read_uint(reader, UINT64_MAX));
    } else if (byte == 0xc2 || byte == 0xc3) {
        wire_write_bool(&writer, wire_read_bool(reader));
    } else if (byte >= 0xc4 && byte <= 0xc6) {
        wire_write_bytes(&writer, wire_read_bytes(reader, SIZE_MAX));
    } else if (byte <= 0x9f || byte >= 0xdc) {
        size_t count = wire_read_array(reader, SIZE_MAX);
        wire_write_array(&writer, count);
        for (size_t i = 0; i < count; i++)
            element_copy(reader);
    } else {
        wire_write_text(&writer, wire_read_text(reader, SIZE_MAX));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[1 << 16];
    struct span bytes = {data, size};
    struct wire_reader reader;
    wire_read_init(&reader, bytes);
    if (reader.failed || size > sizeof(out))
        return 0;
    wire_write_init(&writer, out, sizeof(out));
    element_copy(&reader);
    fuzz_claim(wire_read_done(&reader) == STATUS_OK);
    size_t written = 0;
    enum status status = wire_write_done(&writer, &written);
    fuzz_same(status, out, written, bytes);
    return 0;
}
