/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a stranger who captures envelopes can tell: beyond version, class,
 * zone, expiry and the stamp, no eight bytes that follow one another are ever
 * seen twice, though the letters and the intros are all the same. */
#include <stdlib.h>
#include <string.h>

#include "tests/crypto/pair.h"

enum {
    LETTERS = 9000,
    INTROS = 1000,
    WINDOW = 8,
    WINDOWS_EACH = 512,
};

struct capture {
    uint64_t *windows;
    size_t count;
};

static void capture_field(
    struct capture *capture, const uint8_t *field, size_t size)
{
    for (size_t at = 0; at + WINDOW <= size; at++)
        memcpy(&capture->windows[capture->count++], field + at, WINDOW);
}

static void capture_add(struct capture *capture, const struct sealed *sealed)
{
    struct envelope envelope = decoded(sealed);
    capture_field(capture, envelope.tag.bytes, sizeof(envelope.tag.bytes));
    capture_field(capture, envelope.receipt_hash.bytes,
        sizeof(envelope.receipt_hash.bytes));
    capture_field(capture, envelope.salt, sizeof(envelope.salt));
    capture_field(capture, envelope.header, sizeof(envelope.header));
    capture_field(capture, envelope.body.data, envelope.body.size);
}

static int compare(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return (x > y) - (x < y);
}

static size_t repeats(struct capture *capture)
{
    size_t found = 0;
    qsort(capture->windows, capture->count, sizeof(uint64_t), compare);
    for (size_t i = 1; i < capture->count; i++)
        found += capture->windows[i] == capture->windows[i - 1];
    return found;
}

int main(void)
{
    need(!crypto_start());
    static struct person a, b;
    static struct sealed sealed;
    static struct ratchet_opened opened;
    struct capture capture = {
        calloc((LETTERS + INTROS) * (size_t)WINDOWS_EACH, WINDOW), 0};
    need(capture.windows);
    person_begin(&a, 1);
    person_begin(&b, 2);
    pair_meet(&a, &b);

    for (int i = 0; i < INTROS; i++) {
        intro_seal(&a.intro,
            intro_draw(intro_day(PAIR_NOW_H) + (uint32_t)i, PAIR_EXPIRES_H,
                &a.random.base),
            &sealed);
        capture_add(&capture, &sealed);
    }
    for (uint32_t i = 0; i < LETTERS; i++) {
        struct person *from = i / 20 % 2 ? &b : &a;
        person_seal(from, 0, &sealed);
        capture_add(&capture, &sealed);
        struct person *to = from == &a ? &b : &a;
        need(!person_open(to, &sealed, &opened));
    }
    ok(capture.count > 4000000, "ten thousand envelopes were captured");
    ok(repeats(&capture) == 0, "no eight bytes of them are the same");
    free(capture.windows);
    person_end(&a);
    person_end(&b);
    return tap_done();
}
