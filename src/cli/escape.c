/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What strangers wrote, made harmless for a terminal.  An escape sequence in a
 * letter could rewrite what stands above it, set the window's title or, on
 * some terminals, type; right-to-left overrides make a text read otherwise
 * than it is.  They are shown, not dropped: that somebody tried is worth
 * seeing.  Joiners that scripts and emoji need are left alone. */
#include "cli/escape.h"

#include <inttypes.h>
#include <stdbool.h>

enum { NOT_UTF8 = 0xfffd };

struct range {
    uint32_t first;
    uint32_t last;
};

static const struct range unsafe[] = {
    {0x0000, 0x001f},   /* C0 */
    {0x007f, 0x009f},   /* DEL, C1 */
    {0x061c, 0x061c},   /* Arabic letter mark */
    {0x200e, 0x200f},   /* left-to-right and right-to-left marks */
    {0x2028, 0x202e},   /* separators, bidirectional embeddings, overrides */
    {0x2066, 0x206f},   /* bidirectional isolates, deprecated controls */
    {0xfeff, 0xfeff},   /* byte order mark */
    {0xfff9, 0xfffb},   /* interlinear annotation */
    {0xe0000, 0xe007f}, /* tags */
};

static bool is_unsafe(uint32_t c)
{
    for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
        if (c >= unsafe[i].first && c <= unsafe[i].last)
            return true;
    return false;
}

/* Bytes that a lead byte announces; 0 when it leads nothing. */
static size_t sequence_bytes(uint8_t lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead < 0xe0)
        return 2;
    if (lead >= 0xe0 && lead < 0xf0)
        return 3;
    if (lead >= 0xf0 && lead < 0xf5)
        return 4;
    return 0;
}

/* The character at the front, and how many bytes it takes; where there is none
 * NOT_UTF8, and one byte. */
static size_t character(struct span text, uint32_t *out)
{
    static const uint8_t lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = sequence_bytes(text.data[0]);
    *out = NOT_UTF8;
    if (!size || size > text.size)
        return 1;
    uint32_t c = text.data[0] & lead_bits[size];
    for (size_t i = 1; i < size; i++) {
        if ((text.data[i] & 0xc0) != 0x80)
            return 1;
        c = c << 6 | (text.data[i] & 0x3f);
    }
    if (c < smallest[size] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 1;
    *out = c;
    return size;
}

/* Print the character at the front; return its bytes. */
static size_t print_one(FILE *stream, struct span text, bool keep_tab)
{
    uint32_t c;
    size_t size = character(text, &c);
    if (c == NOT_UTF8 && size == 1)
        fprintf(stream, "<%02X>", text.data[0]);
    else if (is_unsafe(c) && !(keep_tab && c == '\t'))
        fprintf(stream, "<U+%04" PRIX32 ">", c);
    else
        fwrite(text.data, 1, size, stream);
    return size;
}

static struct span after(struct span text, size_t size)
{
    return (struct span){text.data + size, text.size - size};
}

void escape_line(FILE *stream, struct span text)
{
    while (text.size)
        text = after(text, print_one(stream, text, false));
}

void escape_text(FILE *stream, struct span text, const char *indent)
{
    do {
        fputs(indent, stream);
        while (text.size && text.data[0] != '\n') {
            bool line_end =
                text.size > 1 && text.data[0] == '\r' && text.data[1] == '\n';
            size_t size = line_end ? 1 : print_one(stream, text, true);
            text = after(text, size);
        }
        fputc('\n', stream);
        if (text.size)
            text = after(text, 1);
    } while (text.size);
}
