/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bounded cursor over one dialect of msgpack.
 *
 * Reading is our own: msgpack-c's unpacker trusts a declared count, so that
 * five bytes make it reserve gigabytes, and it accepts every value in several
 * spellings.  Here nothing is allocated and each head is judged by one
 * function, for the scan and for the reads alike: its form is the shortest,
 * its count is no larger than the bytes behind it.  Every element takes at
 * least one byte, so a scan is linear in its input whatever the counts say.
 *
 * Writing goes through msgpack-c's packer, which always takes the shortest
 * form, into a buffer of the caller that never moves. */
#include "proto/wire.h"

#include <assert.h>
#include <msgpack.h>
#include <string.h>

enum { WIRE_DEPTH = 8 };

enum wire_kind { WIRE_UINT, WIRE_BOOL, WIRE_BYTES, WIRE_TEXT, WIRE_ARRAY };

/* The head of an element: its value when it is a number or a boolean, else
 * the count of bytes or elements that follow. */
struct wire_head {
    enum wire_kind kind;
    uint64_t value;
};

/* The forms whose value follows the type byte, and the least value for which
 * no shorter form exists. */
static const struct wire_form {
    uint8_t byte;
    uint8_t width;
    enum wire_kind kind;
    uint64_t minimum;
} wire_forms[] = {
    {0xc4, 1, WIRE_BYTES, 0},
    {0xc5, 2, WIRE_BYTES, 1ull << 8},
    {0xc6, 4, WIRE_BYTES, 1ull << 16},
    {0xcc, 1, WIRE_UINT, 1ull << 7},
    {0xcd, 2, WIRE_UINT, 1ull << 8},
    {0xce, 4, WIRE_UINT, 1ull << 16},
    {0xcf, 8, WIRE_UINT, 1ull << 32},
    {0xd9, 1, WIRE_TEXT, 1ull << 5},
    {0xda, 2, WIRE_TEXT, 1ull << 8},
    {0xdb, 4, WIRE_TEXT, 1ull << 16},
    {0xdc, 2, WIRE_ARRAY, 1ull << 4},
    {0xdd, 4, WIRE_ARRAY, 1ull << 16},
};

static const struct wire_form *form_find(uint8_t byte)
{
    for (size_t i = 0; i < sizeof(wire_forms) / sizeof(wire_forms[0]); i++)
        if (wire_forms[i].byte == byte)
            return &wire_forms[i];
    return NULL;
}

/* Take a value of the form's width.  False when it is cut short or would fit
 * a shorter form. */
static bool form_take(const struct wire_form *form, const uint8_t **at,
    const uint8_t *end, struct wire_head *head)
{
    if (form->width > end - *at)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < form->width; i++)
        value = value << 8 | *(*at)++;
    *head = (struct wire_head){form->kind, value};
    return value >= form->minimum;
}

/* Take the form whose type byte is here, whatever it is. */
static bool form_take_any(
    const uint8_t **at, const uint8_t *end, struct wire_head *head)
{
    uint8_t byte = *(*at)++;
    if (byte <= 0x7f)
        *head = (struct wire_head){WIRE_UINT, byte};
    else if (byte >= 0x90 && byte <= 0x9f)
        *head = (struct wire_head){WIRE_ARRAY, byte & 0x0f};
    else if (byte >= 0xa0 && byte <= 0xbf)
        *head = (struct wire_head){WIRE_TEXT, byte & 0x1f};
    else if (byte == 0xc2 || byte == 0xc3)
        *head = (struct wire_head){WIRE_BOOL, byte & 1};
    else {
        const struct wire_form *form = form_find(byte);
        return form && form_take(form, at, end, head);
    }
    return true;
}

/* Take the head of the next element.  What it counts is known to be here:
 * each element of an array takes at least a byte. */
static bool head_take(
    const uint8_t **at, const uint8_t *end, struct wire_head *head)
{
    if (*at == end || !form_take_any(at, end, head))
        return false;
    bool counts = head->kind != WIRE_UINT && head->kind != WIRE_BOOL;
    return !counts || head->value <= (uint64_t)(end - *at);
}

/* Take a string's content.  Text outside UTF-8 is outside the dialect. */
static bool content_take(const uint8_t **at, const struct wire_head *head)
{
    struct span content = {*at, (size_t)head->value};
    *at += content.size;
    return head->kind != WIRE_TEXT || wire_is_utf8(content);
}

/* Take one element and all that is inside it, without recursion: left[depth]
 * counts the elements that an open array still lacks. */
static bool element_take(const uint8_t **at, const uint8_t *end)
{
    uint64_t left[WIRE_DEPTH + 1] = {1};
    size_t depth = 0;
    for (;;) {
        while (left[depth] == 0) {
            if (depth == 0)
                return true;
            depth--;
        }
        left[depth]--;
        struct wire_head head;
        if (!head_take(at, end, &head))
            return false;
        if (head.kind == WIRE_ARRAY) {
            if (depth == WIRE_DEPTH)
                return false;
            left[++depth] = head.value;
        } else if (head.kind == WIRE_BYTES || head.kind == WIRE_TEXT) {
            if (!content_take(at, &head))
                return false;
        }
    }
}

void wire_read_init(struct wire_reader *reader, struct span bytes)
{
    *reader = (struct wire_reader){.failed = true};
    if (bytes.size == 0)
        return;
    const uint8_t *at = bytes.data, *end = bytes.data + bytes.size;
    if (element_take(&at, end) && at == end)
        *reader = (struct wire_reader){bytes.data, end, false};
}

/* Take a head of one kind and of at most maximum; else the error sticks. */
static bool read_head(struct wire_reader *reader, enum wire_kind kind,
    uint64_t maximum, uint64_t *value)
{
    struct wire_head head;
    if (reader->failed || !head_take(&reader->at, reader->end, &head) ||
        head.kind != kind || head.value > maximum) {
        reader->failed = true;
        return false;
    }
    *value = head.value;
    return true;
}

size_t wire_read_array(struct wire_reader *reader, size_t maximum)
{
    uint64_t count = 0;
    read_head(reader, WIRE_ARRAY, maximum, &count);
    return (size_t)count;
}

void wire_read_array_of(struct wire_reader *reader, size_t count)
{
    if (wire_read_array(reader, count) != count)
        reader->failed = true;
}

uint64_t wire_read_uint(struct wire_reader *reader, uint64_t maximum)
{
    uint64_t value = 0;
    read_head(reader, WIRE_UINT, maximum, &value);
    return value;
}

bool wire_read_bool(struct wire_reader *reader)
{
    uint64_t value = 0;
    read_head(reader, WIRE_BOOL, 1, &value);
    return value != 0;
}

static struct span read_content(
    struct wire_reader *reader, enum wire_kind kind, size_t maximum)
{
    uint64_t size;
    if (!read_head(reader, kind, maximum, &size))
        return (struct span){0};
    struct span content = {reader->at, (size_t)size};
    reader->at += size;
    return content;
}

struct span wire_read_bytes(struct wire_reader *reader, size_t maximum)
{
    return read_content(reader, WIRE_BYTES, maximum);
}

void wire_read_fixed(struct wire_reader *reader, uint8_t *out, size_t size)
{
    struct span content = read_content(reader, WIRE_BYTES, size);
    if (content.size != size) {
        reader->failed = true;
        memset(out, 0, size);
        return;
    }
    if (size)
        memcpy(out, content.data, size);
}

struct span wire_read_text(struct wire_reader *reader, size_t maximum)
{
    return read_content(reader, WIRE_TEXT, maximum);
}

void wire_read_skip(struct wire_reader *reader)
{
    if (reader->failed || !element_take(&reader->at, reader->end))
        reader->failed = true;
}

enum status wire_read_unknown(struct wire_reader *reader, size_t elements)
{
    for (size_t i = 1; i < elements; i++)
        wire_read_skip(reader);
    enum status status = wire_read_done(reader);
    return status ? status : STATUS_NOT_FOUND;
}

enum status wire_read_done(const struct wire_reader *reader)
{
    if (reader->failed || reader->at != reader->end)
        return STATUS_INVALID;
    return STATUS_OK;
}

void wire_write_init(struct wire_writer *writer, uint8_t *out, size_t capacity)
{
    *writer = (struct wire_writer){.data = out, .capacity = capacity};
}

/* The packer's way out.  A failed writer takes no more bytes, so that what is
 * in the buffer is always a beginning of the whole. */
static int writer_append(void *context, const char *bytes, size_t size)
{
    struct wire_writer *writer = context;
    if (writer->failed || size > writer->capacity - writer->size) {
        writer->failed = true;
        return -1;
    }
    if (writer->data && size)
        memcpy(writer->data + writer->size, bytes, size);
    writer->size += size;
    return 0;
}

static msgpack_packer packer_of(struct wire_writer *writer)
{
    msgpack_packer packer;
    msgpack_packer_init(&packer, writer, writer_append);
    return packer;
}

void wire_write_array(struct wire_writer *writer, size_t count)
{
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_array(&packer, count);
}

void wire_write_uint(struct wire_writer *writer, uint64_t value)
{
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_uint64(&packer, value);
}

void wire_write_bool(struct wire_writer *writer, bool value)
{
    msgpack_packer packer = packer_of(writer);
    if (value)
        msgpack_pack_true(&packer);
    else
        msgpack_pack_false(&packer);
}

size_t wire_array_size(size_t count)
{
    return count < 16 ? 1 : count <= UINT16_MAX ? 3 : 5;
}

size_t wire_uint_size(uint64_t value)
{
    return value < 128           ? 1
           : value <= UINT8_MAX  ? 2
           : value <= UINT16_MAX ? 3
           : value <= UINT32_MAX ? 5
                                 : 9;
}

size_t wire_bytes_size(size_t bytes)
{
    return bytes + (bytes <= UINT8_MAX ? 2 : bytes <= UINT16_MAX ? 3 : 5);
}

void wire_begin_bytes(struct wire_writer *writer, size_t bytes)
{
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_bin(&packer, bytes);
}

void wire_write_piece(struct wire_writer *writer, struct span piece)
{
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_bin_body(&packer, piece.data, piece.size);
}

void wire_write_bytes(struct wire_writer *writer, struct span bytes)
{
    wire_begin_bytes(writer, bytes.size);
    wire_write_piece(writer, bytes);
}

void wire_write_text(struct wire_writer *writer, struct span text)
{
    assert(wire_is_utf8(text));
    msgpack_packer packer = packer_of(writer);
    msgpack_pack_str(&packer, text.size);
    msgpack_pack_str_body(&packer, text.data, text.size);
}

enum status wire_write_done(const struct wire_writer *writer, size_t *size)
{
    if (writer->failed)
        return STATUS_TOO_LARGE;
    *size = writer->size;
    return STATUS_OK;
}

/* The well-formed sequences of more than one byte, by their first (Unicode
 * 15, table 3-7): how many follow, and the range of the second, which is what
 * keeps out overlong forms, surrogates and numbers past U+10FFFF. */
static const struct utf8_lead {
    uint8_t first, last, follow, second_low, second_high;
} utf8_leads[] = {
    {0xc2, 0xdf, 1, 0x80, 0xbf},
    {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf},
    {0xed, 0xed, 2, 0x80, 0x9f},
    {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf},
    {0xf1, 0xf3, 3, 0x80, 0xbf},
    {0xf4, 0xf4, 3, 0x80, 0x8f},
};

/* Bytes of the well-formed sequence that begins here, or 0. */
static size_t utf8_sequence(const uint8_t *at, size_t left)
{
    if (at[0] < 0x80)
        return at[0] != 0;
    for (size_t i = 0; i < sizeof(utf8_leads) / sizeof(utf8_leads[0]); i++) {
        const struct utf8_lead *lead = &utf8_leads[i];
        if (at[0] < lead->first || at[0] > lead->last)
            continue;
        if (left <= lead->follow || at[1] < lead->second_low ||
            at[1] > lead->second_high)
            return 0;
        for (size_t j = 2; j <= lead->follow; j++)
            if ((at[j] & 0xc0) != 0x80)
                return 0;
        return (size_t)lead->follow + 1;
    }
    return 0;
}

/* Eight bytes of ASCII, and none of them zero. */
static bool is_plain(const uint8_t at[static 8])
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return ((word | ((word - ones) & ~word)) & ones << 7) == 0;
}

bool wire_is_utf8(struct span bytes)
{
    for (size_t at = 0; at < bytes.size;) {
        if (bytes.size - at >= 8 && is_plain(bytes.data + at)) {
            at += 8;
            continue;
        }
        size_t size = utf8_sequence(bytes.data + at, bytes.size - at);
        if (size == 0)
            return false;
        at += size;
    }
    return true;
}
