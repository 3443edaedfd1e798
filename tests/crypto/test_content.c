/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a content is known by is what b2sum prints. */
#include "crypto/content.h"

#include <string.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "tests/tap.h"

/* Of nothing, and of "abc": `printf abc | b2sum -l 256`. */
static const char of_nothing[] =
    "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";
static const char of_abc[] =
    "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";

static bool is(const uint8_t *hash, const char *expected)
{
    char text[2 * CONTENT_HASH_BYTES + 1];
    hex_encode((struct span){hash, CONTENT_HASH_BYTES}, text);
    return strcmp(text, expected) == 0;
}

int main(void)
{
    static uint8_t content[300];
    uint8_t hash[CONTENT_HASH_BYTES], again[CONTENT_HASH_BYTES];
    struct content_hasher hasher;
    need(crypto_start() == 0);
    content_hash((struct span){NULL, 0}, hash);
    ok(is(hash, of_nothing), "nothing has its hash");
    content_hash(span_of_text("abc"), hash);
    ok(is(hash, of_abc), "a text has its hash");
    ok(content_matches(span_of_text("abc"), hash) &&
            !content_matches(span_of_text("abd"), hash),
        "and no other text has it");
    memset(content, 7, sizeof(content));
    content_hash((struct span){content, sizeof(content)}, hash);
    content_begin(&hasher);
    content_add(&hasher, (struct span){content, 1});
    content_add(&hasher, (struct span){content + 1, 0});
    content_add(&hasher, (struct span){content + 1, 200});
    content_add(&hasher, (struct span){content + 201, 99});
    content_end(&hasher, again);
    ok(memcmp(hash, again, sizeof(hash)) == 0, "piece by piece it is the same");
    uint8_t left = 0;
    for (size_t i = 0; i < sizeof(hasher); i++)
        left |= hasher.state[i];
    ok(left == 0, "and nothing is left of what was hashed");
    return tap_done();
}
