/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/slab.h"
#include "tests/tap.h"

static struct envelope_id make(uint8_t number, uint8_t tag, uint8_t out[512])
{
    static const uint8_t body[512];
    struct envelope envelope = {
        .expires_h = 1000, .body = {body, envelope_body_bytes(0)}};
    envelope.tag.bytes[0] = tag;
    envelope.receipt_hash.bytes[0] = number;
    envelope_encode(&envelope, out);
    struct envelope_id id = {{number}};
    return id;
}

int main(void)
{
    struct slab slab;
    slab_init(&slab, 4, 1);
    uint8_t bytes[512];
    struct envelope_id one = make(1, 9, bytes);
    uint32_t a = 0, b = 0, c = 0;
    struct span span = {bytes, sizeof(bytes)};
    ok(slab_intern(&slab, &one, span, &a) == STATUS_OK, "takes an envelope");
    ok(slab_intern(&slab, &one, span, &b) == STATUS_OK && a == b &&
            slab_item(&slab, a)->references == 2,
        "the same one again is the same item, held twice");
    ok(slab.body_bytes == 512, "its bytes are held once");
    memset(bytes, 0, sizeof(bytes));
    ok(slab_item(&slab, a)->envelope.receipt_hash.bytes[0] == 1 &&
            slab_item(&slab, a)->envelope.encoding.data != bytes,
        "as a copy of its own");
    ok(slab_intern(&slab, &(struct envelope_id){{7}}, span, &c) ==
            STATUS_INVALID,
        "refuses what is no envelope");

    struct envelope_id two = make(2, 9, bytes);
    need(slab_intern(&slab, &two, span, &c) == STATUS_OK);
    ok(c != a && slab_find(&slab, &two) == c && slab_find(&slab, &one) == a,
        "finds each by its id");
    uint32_t first = slab_find_tag(&slab, &slab_item(&slab, a)->envelope.tag);
    ok(first == c && slab_item(&slab, first)->next_same_tag == a &&
            slab_item(&slab, a)->next_same_tag == SLAB_NONE,
        "and both by the tag that they share");

    slab_hold(&slab, a);
    slab_drop(&slab, a);
    slab_drop(&slab, a);
    slab_drop(&slab, a);
    ok(slab.body_bytes == 512 && !slab_item(&slab, a)->envelope.encoding.data,
        "the last reference frees the bytes");
    ok(slab_first_held(&slab) == c && c > a,
        "what nobody holds lies before the first that somebody does");
    one = make(1, 9, bytes);
    ok(slab_intern(&slab, &one, span, &b) == STATUS_OK && b == a &&
            slab.body_bytes == 1024,
        "an envelope that comes back has its old number");
    ok(slab_first_held(&slab) == a, "and is the first again");
    for (uint32_t i = 0; i < 3000; i++) {
        struct envelope_id id = make(3, 3, bytes);
        memcpy(id.bytes + 4, &i, sizeof(i));
        need(slab_intern(&slab, &id, span, &b) == STATUS_OK);
    }
    ok(slab.count == 3002 && slab_find(&slab, &two) == c, "grows");
    slab_clear(&slab);
    return tap_done();
}
