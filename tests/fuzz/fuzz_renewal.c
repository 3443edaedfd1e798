/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Renewals, from their first byte, which says what follows: 0 a whole envelope;
 * 1 what is inside of one, which whoever knows the address can seal as they
 * like; 2 what is inside of one with an X-Wing key (or with that of the
 * stand-in that is linked).  What opens is what the owner has signed, to the
 * byte. */
#include "crypto/renewal.h"

#include "base/random.h"
#include "crypto/hash.h"
#include "tests/fuzz/fuzz.h"

enum { NOW_H = 500000, MARK_BYTES = 68 };

struct scene {
    struct identity identity;
    struct prekey prekey;
    uint32_t week;
    struct renewal renewals[2]; /* as signed, without and with an X-Wing key */
    uint8_t encodings[2][KEM_RENEWAL_BYTES];
};

static void scene_make(struct scene *scene)
{
    struct random_seeded random;
    fuzz_claim(crypto_start() == 0);
    random_seeded_init(&random, 61, 1);
    identity_generate(&scene->identity, &random.base);
    prekey_generate(&scene->prekey, 7, NOW_H + 100, &random.base);
    renewal_make(&scene->identity, &scene->prekey, &scene->renewals[0]);
    prekey_add_kem(&scene->prekey, &random.base);
    renewal_make(&scene->identity, &scene->prekey, &scene->renewals[1]);
    for (size_t i = 0; i < 2; i++)
        renewal_encode(&scene->renewals[i], scene->encodings[i]);
    scene->week = renewal_week(scene->identity.address, NOW_H);
}

/* With the salt and the header that its last 64 bytes, as a signature, ask
 * for. */
static struct span seal_content(const struct scene *scene, uint8_t class_,
    struct span content, struct sealed *sealed)
{
    const uint8_t *address = scene->identity.address;
    uint8_t mark[MARK_BYTES] = {0}, key[32], stream[64];
    for (int i = 0; i < 4; i++)
        mark[i] = (uint8_t)(scene->week >> (24 - 8 * i));
    if (content.size >= 64)
        memcpy(mark + 4, content.data + content.size - 64, 64);
    struct sealed_choice choice = {.expires_h = NOW_H, .class_ = class_};
    kdf(choice.salt, 16, address, "sotto1 renewsalt",
        (struct span){mark, sizeof(mark)});
    kdf(stream, sizeof(stream), address, "sotto1 renewmask",
        (struct span){choice.salt, 16});
    kdf(key, sizeof(key), address, "sotto1 renewkey", (struct span){mark, 4});
    sealed_lay_out(sealed, &choice, content);
    memcpy(sealed->encoding + ENVELOPE_AT_HEADER, stream, 50);
    sealed_finish(sealed, key);
    return (struct span){sealed->encoding, sealed->size};
}

static void try_content(struct span content)
{
    uint8_t again[KEM_RENEWAL_BYTES];
    struct renewal renewal;
    if (renewal_decode(content, &renewal))
        return;
    size_t size = renewal_encode(&renewal, again);
    fuzz_same(STATUS_OK, again, size, content);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct scene scene;
    static struct sealed sealed;
    static bool made;
    if (!made)
        scene_make(&scene);
    made = true;
    if (size == 0 || data[0] > 2)
        return 0;
    struct span rest = {data + 1, size - 1};
    uint8_t class_ = data[0] == 2 ? 1 : 0, least;
    if (data[0] > 0 &&
        (envelope_class_for(rest.size, &least) || least > class_))
        return 0;
    if (data[0] > 0) {
        try_content(rest);
        rest = seal_content(&scene, class_, rest, &sealed);
    }
    struct envelope envelope;
    struct renewal opened;
    uint8_t encoding[KEM_RENEWAL_BYTES];
    if (envelope_decode(rest, &envelope) ||
        renewal_open(scene.identity.address, scene.week, &envelope, &opened))
        return 0;
    size_t form = opened.suite == KEM_SUITE;
    size_t bytes = renewal_encode(&opened, encoding);
    fuzz_claim(memcmp(encoding, scene.encodings[form], bytes) == 0);
    return 0;
}
