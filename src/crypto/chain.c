/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key schedule, one keyed hash a step.
 *
 * An empty input costs a single compression (the key's block).  A step's two
 * halves come from one 64-byte output, so that neither can be had from the
 * other.  What was a key is overwritten by its successor. */
#include "crypto/chain.h"

#include <string.h>

#include "crypto/hash.h"

static const struct span nothing = {NULL, 0};

/* The two halves of a step: the first replaces the key. */
static void step(
    uint8_t key[static 32], const char *label, uint8_t out[static 32])
{
    uint8_t both[64];
    kdf(both, sizeof(both), key, label, nothing);
    memcpy(key, both, 32);
    memcpy(out, both + 32, 32);
    secret_wipe(both, sizeof(both));
}

static void step_tag(uint8_t tag_key[static 32], uint8_t out[static 32])
{
    step(tag_key, "sotto1 tagchain", out);
}

void chain_tag(
    uint8_t tag_key[static 32], struct tag *tag, uint8_t header_key[static 32])
{
    step_tag(tag_key, header_key);
    kdf(tag->bytes, sizeof(tag->bytes), header_key, "sotto1 tag", nothing);
}

void chain_group_tag(uint8_t tag_key[static 32],
    const uint8_t fingerprint[static 32], struct tag *tag,
    uint8_t header_key[static 32])
{
    step_tag(tag_key, header_key);
    kdf(tag->bytes, sizeof(tag->bytes), header_key, "sotto1 grouptag",
        (struct span){fingerprint, 32});
}

void chain_pass_tag(uint8_t tag_key[static 32])
{
    uint8_t passed[32];
    step_tag(tag_key, passed);
    secret_wipe(passed, sizeof(passed));
}

void chain_message(uint8_t chain_key[static 32], uint8_t message_key[static 32])
{
    step(chain_key, "sotto1 chain", message_key);
}

void chain_body(const uint8_t message_key[static 32],
    uint8_t body_key[static 32], struct opening *opening)
{
    uint8_t both[64];
    kdf(both, sizeof(both), message_key, "sotto1 message", nothing);
    memcpy(body_key, both, 32);
    memcpy(opening->bytes, both + 32, 32);
    secret_wipe(both, sizeof(both));
}

void chain_root(uint8_t root[static 32], const uint8_t shared[static 32],
    uint8_t chain_key[static 32], uint8_t next_tag_key[static 32])
{
    uint8_t both[64];
    struct span input = {shared, 32};
    kdf(both, sizeof(both), root, "sotto1 root", input);
    kdf(next_tag_key, 32, root, "sotto1 nexttag", input);
    memcpy(root, both, 32);
    memcpy(chain_key, both + 32, 32);
    secret_wipe(both, sizeof(both));
}
