/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialect: each value in one spelling, and nothing that costs more than
 * the bytes it came in. */
#include "proto/wire.h"

#include <string.h>

#include "tests/tap.h"

/* Whether the scan takes these bytes as one element. */
static bool scans(const char *bytes, size_t size)
{
    struct wire_reader reader;
    wire_read_init(&reader, (struct span){(const uint8_t *)bytes, size});
    return !reader.failed;
}
#define SCANS(literal) scans(literal, sizeof(literal) - 1)

static const uint64_t numbers[] = {0, 1, 127, 128, 255, 256, 65535, 65536,
    UINT32_MAX, UINT32_MAX + 1ull, UINT64_MAX};

static void test_numbers(void)
{
    bool turns = true, shortest = true, limited = true;
    const size_t sizes[] = {1, 1, 1, 2, 2, 3, 3, 5, 5, 9, 9};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        uint8_t out[16];
        size_t size = 0;
        struct wire_writer writer;
        wire_write_init(&writer, out, sizeof(out));
        wire_write_uint(&writer, numbers[i]);
        need(wire_write_done(&writer, &size) == STATUS_OK);
        shortest =
            shortest && size == sizes[i] && wire_uint_size(numbers[i]) == size;
        struct wire_reader reader;
        wire_read_init(&reader, (struct span){out, size});
        turns = turns && wire_read_uint(&reader, numbers[i]) == numbers[i] &&
                wire_read_done(&reader) == STATUS_OK;
        if (numbers[i] == 0)
            continue;
        wire_read_init(&reader, (struct span){out, size});
        limited = limited && wire_read_uint(&reader, numbers[i] - 1) == 0 &&
                  wire_read_done(&reader) == STATUS_INVALID;
    }
    ok(turns, "numbers come back at every width");
    ok(shortest, "in their shortest form");
    ok(limited, "and are refused one past a maximum");
}

static void test_sizes(void)
{
    static const uint8_t bytes[UINT16_MAX + 1];
    const size_t sizes[] = {0, 1, 15, 16, 255, 256, UINT16_MAX, UINT16_MAX + 1};
    bool same = true;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct wire_writer writer;
        wire_write_init(&writer, NULL, SIZE_MAX);
        wire_write_array(&writer, sizes[i]);
        same = same && writer.size == wire_array_size(sizes[i]);
        wire_write_init(&writer, NULL, SIZE_MAX);
        wire_write_bytes(&writer, (struct span){bytes, sizes[i]});
        same = same && writer.size == wire_bytes_size(sizes[i]);
    }
    ok(same, "what is written is as large as was said");
}

static void test_strings(void)
{
    static uint8_t text[70000], out[110000];
    memset(text, 'x', sizeof(text));
    const size_t sizes[] = {0, 1, 31, 32, 255, 256, 65535, 65536, 70000};
    bool turns = true, limited = true;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct span span = {text, sizes[i]};
        struct wire_writer writer;
        size_t size = 0;
        wire_write_init(&writer, out, sizeof(out));
        wire_write_array(&writer, 2);
        wire_write_bytes(&writer, span);
        wire_write_text(&writer, (struct span){text, sizes[i] / 2});
        need(wire_write_done(&writer, &size) == STATUS_OK);
        struct wire_reader reader;
        wire_read_init(&reader, (struct span){out, size});
        wire_read_array_of(&reader, 2);
        turns = turns && span_equal(wire_read_bytes(&reader, sizes[i]), span) &&
                wire_read_text(&reader, sizes[i]).size == sizes[i] / 2 &&
                wire_read_done(&reader) == STATUS_OK;
        wire_read_init(&reader, (struct span){out, size});
        wire_read_array_of(&reader, 2);
        if (sizes[i])
            limited = limited &&
                      wire_read_bytes(&reader, sizes[i] - 1).size == 0 &&
                      reader.failed;
    }
    ok(turns, "strings come back at every width");
    ok(limited, "and are refused one past a maximum");
}

static void test_structure(void)
{
    ok(SCANS("\x90") && SCANS("\xc2") && SCANS("\xc3") && SCANS("\xa1z"),
        "arrays, booleans and text are in the dialect");
    ok(!SCANS(""), "nothing is not an element");
    ok(!SCANS("\x01\x01"), "nothing may trail");
    ok(SCANS("\x91\x91\x91\x91\x91\x91\x91\x91\x01") &&
            !SCANS("\x91\x91\x91\x91\x91\x91\x91\x91\x91\x01"),
        "arrays nest eight deep and not nine");
    static const uint8_t outside[] = {0x80, 0x8f, 0xc0, 0xc1, 0xc7, 0xc8, 0xc9,
        0xca, 0xcb, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd8, 0xde, 0xdf, 0xe0, 0xff};
    bool refused = true;
    for (size_t i = 0; i < sizeof(outside); i++) {
        char bytes[32] = {(char)outside[i]};
        for (size_t size = 1; size < sizeof(bytes); size++)
            refused = refused && !scans(bytes, size);
    }
    ok(refused, "maps, nil, floats, negatives and extensions are outside");
}

static void test_longer_forms(void)
{
    ok(!SCANS("\xcc\x7f") && SCANS("\xcc\x80"), "8 bits for less are refused");
    ok(!SCANS("\xcd\x00\xff") && SCANS("\xcd\x01\x00"), "16 bits for less");
    ok(!SCANS("\xce\x00\x00\xff\xff") && SCANS("\xce\x00\x01\x00\x00"),
        "32 bits for less");
    ok(!SCANS("\xcf\x00\x00\x00\x00\xff\xff\xff\xff") &&
            SCANS("\xcf\x00\x00\x00\x01\x00\x00\x00\x00"),
        "64 bits for less");
    ok(!SCANS("\xd9\x01z") && !SCANS("\xda\x00\x01z") &&
            !SCANS("\xc5\x00\x01z") && !SCANS("\xc6\x00\x00\x00\x01z") &&
            !SCANS("\xdc\x00\x01\x01") && !SCANS("\xdd\x00\x00\x00\x01\x01"),
        "longer heads of strings and arrays");
}

static void test_bombs(void)
{
    ok(!SCANS("\xdd\xff\xff\xff\xff") && !SCANS("\xdc\xff\xff"),
        "an array that claims more elements than bytes is refused");
    ok(!SCANS("\xc6\xff\xff\xff\xff") && !SCANS("\xdb\x7f\xff\xff\xff") &&
            !SCANS("\xc4\x02z"),
        "so is a string that claims more bytes than there are");
    ok(!SCANS("\xa1\xff") && !SCANS("\xa1\x00"),
        "text that is not UTF-8, or has a NUL, is refused");
    static uint8_t ones[1 << 16];
    memset(ones, 1, sizeof(ones));
    memcpy(ones, "\xdc\xff\xfd", 3);
    struct wire_reader reader;
    wire_read_init(&reader, (struct span){ones, sizeof(ones)});
    ok(!reader.failed && wire_read_array(&reader, 8) == 0 && reader.failed,
        "a large array scans, and its reader still has a maximum");
}

static void test_sticky(void)
{
    struct wire_reader reader;
    static const uint8_t bytes[] = {0x93, 1, 0xa1, 'z', 2};
    uint8_t fixed[4] = {9, 9, 9, 9};
    wire_read_init(&reader, (struct span){bytes, sizeof(bytes)});
    wire_read_array_of(&reader, 3);
    wire_read_fixed(&reader, fixed, sizeof(fixed));
    ok(reader.failed && fixed[0] == 0 && fixed[3] == 0,
        "a wrong type fails, and gives zeros");
    ok(wire_read_uint(&reader, 9) == 0 &&
            wire_read_text(&reader, 9).size == 0 &&
            wire_read_array(&reader, 9) == 0 && !wire_read_bool(&reader) &&
            wire_read_done(&reader) == STATUS_INVALID,
        "and so does all behind it");
    wire_read_init(&reader, (struct span){bytes, sizeof(bytes)});
    wire_read_array_of(&reader, 3);
    wire_read_skip(&reader);
    ok(wire_read_done(&reader) == STATUS_INVALID, "what is left is an error");
    wire_read_skip(&reader);
    wire_read_skip(&reader);
    ok(wire_read_done(&reader) == STATUS_OK, "skipping takes whole elements");
    wire_read_skip(&reader);
    ok(wire_read_done(&reader) == STATUS_INVALID, "and none past the end");
}

static void test_writer(void)
{
    uint8_t out[4] = {0};
    size_t size = 99;
    struct wire_writer writer;
    wire_write_init(&writer, out, 3);
    wire_write_uint(&writer, 1);
    wire_write_bytes(&writer, span_of_text("xy"));
    wire_write_uint(&writer, 2);
    ok(wire_write_done(&writer, &size) == STATUS_TOO_LARGE && size == 99 &&
            out[3] == 0,
        "a writer stops at its capacity and says so");
    wire_write_init(&writer, NULL, SIZE_MAX);
    wire_write_bytes(&writer, span_of_text("xy"));
    ok(wire_write_done(&writer, &size) == STATUS_OK && size == 4,
        "without a buffer it counts");
}

static bool is_utf8(const char *text)
{
    return wire_is_utf8(span_of_text(text));
}

static void test_utf8(void)
{
    ok(is_utf8("") && is_utf8("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf"
                              "\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
        "the first and last of each length are UTF-8");
    static const char *const wrong[] = {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf",
        "\xc2", "\xc2z", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xe2\x82", "\xe2\x82z", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xf0\x90\x80", "\xfe", "\xff"};
    bool refused = true;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        refused = refused && !is_utf8(wrong[i]);
    ok(refused, "overlong, cut, surrogate and out of range are not");
    ok(!wire_is_utf8((struct span){(const uint8_t *)"a\0b", 3}),
        "nor is a NUL");
}

/* Wherever in a text it stands: what is plain is taken by eights. */
static void test_utf8_places(void)
{
    enum { TEXT = 27 };
    static const uint8_t bad[] = {0x00, 0x80, 0xc3, 0xff};
    uint8_t text[TEXT];
    size_t refused = 0, taken = 0;
    for (size_t at = 0; at < TEXT; at++) {
        memset(text, '\x7f', sizeof(text));
        for (size_t i = 0; i < sizeof(bad); i++) {
            text[at] = bad[i];
            refused += !wire_is_utf8((struct span){text, TEXT});
        }
        memset(text, 1, sizeof(text));
        if (at + 1 < TEXT)
            memcpy(text + at, "\xc3\xbf", 2);
        taken += wire_is_utf8((struct span){text, TEXT});
    }
    ok(refused == TEXT * sizeof(bad), "one bad byte anywhere is seen");
    ok(taken == TEXT, "and a longer letter anywhere is none");
}

int main(void)
{
    test_numbers();
    test_sizes();
    test_strings();
    test_structure();
    test_longer_forms();
    test_bombs();
    test_sticky();
    test_writer();
    test_utf8();
    test_utf8_places();
    return tap_done();
}
