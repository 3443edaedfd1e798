/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"
#include "tests/tap.h"

int main(void)
{
    struct buf buf;
    buf_init(&buf, 100);
    ok(buf_append(&buf, span_of_text("hello")) == STATUS_OK &&
            span_equal(buf_span(&buf), span_of_text("hello")),
        "appends");
    uint8_t *room = NULL;
    ok(buf_extend(&buf, 95, &room) == STATUS_OK && buf.size == 100,
        "grows up to its maximum");
    ok(buf_append(&buf, span_of_text("x")) == STATUS_TOO_LARGE &&
            buf.size == 100,
        "refuses one byte more and is unchanged");
    ok(buf.capacity <= buf.maximum, "never allocates past its maximum");
    buf_consume(&buf, 3);
    ok(buf.size == 97 && memcmp(buf.data, "lo", 2) == 0,
        "consumes from the front");
    buf_consume(&buf, 97);
    ok(buf.size == 0 && buf_append(&buf, (struct span){0}) == STATUS_OK,
        "may be emptied and takes nothing");
    buf_clear(&buf);
    ok(buf.data == NULL && buf.maximum == 100, "clear keeps the maximum");
    buf_init(&buf, 0);
    ok(buf_append(&buf, span_of_text("x")) == STATUS_TOO_LARGE,
        "a maximum of zero holds nothing");
    return tap_done();
}
