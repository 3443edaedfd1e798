/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First contacts, from their first byte, which says what follows: 0 a whole
 * envelope, at the card's address; 1 the same at an invite's; 2 what is inside
 * of one, which whoever has the card can seal as they like; 3 what is inside of
 * one to an X-Wing key (or the stand-in for it that is linked).
 *
 * What opens is what the initiator has written, and of all else nothing is
 * taken over. */
#include "base/random.h"
#include "crypto/hash.h"
#include "crypto/intro.h"
#include "crypto/kem.h"
#include "tests/fuzz/fuzz.h"

enum { NOW_H = 500000 };

struct scene {
    struct identity a, b;
    struct prekey a_prekey, b_prekey;
    struct card a_card, b_card;
    struct invite_keys invite_keys;
    struct intro intro;
    struct intro kem_intro;
};

/* Another, of the same people. */
static void meet_with_kem(
    struct scene *scene, struct tags *tags, struct random *random)
{
    struct ratchet ratchet;
    prekey_add_kem(&scene->b_prekey, random);
    struct kem_offer offer = {.id = 2, .expires_h = NOW_H + 100};
    kem_public(offer.public_, scene->b_prekey.kem_seed);
    const struct intro_start from = {
        2, &scene->a, &scene->a_card, &scene->b_card, NOW_H};
    fuzz_claim(!intro_begin_kem(
        &scene->kem_intro, &ratchet, &from, &offer, tags, random));
}

static void scene_make(struct scene *scene)
{
    struct random_seeded random;
    struct ratchet ratchet;
    struct tags *tags = tags_new(1024, 1);
    fuzz_claim(crypto_start() == 0 && tags);
    random_seeded_init(&random, 51, 1);
    identity_generate(&scene->a, &random.base);
    identity_generate(&scene->b, &random.base);
    prekey_generate(&scene->a_prekey, 1, NOW_H + 100, &random.base);
    prekey_generate(&scene->b_prekey, 2, NOW_H + 100, &random.base);
    card_make(&scene->a, &scene->a_prekey, &scene->a_card);
    card_make(&scene->b, &scene->b_prekey, &scene->b_card);
    invite_keys_generate(&scene->invite_keys, &random.base);
    fuzz_claim(!intro_begin(&scene->intro, &ratchet, 1, &scene->a,
        &scene->a_card, &scene->b_card, NOW_H, tags, &random.base));
    meet_with_kem(scene, tags, &random.base);
    tags_free(tags);
}

static enum status open_envelope(const struct scene *scene, bool invited,
    struct span bytes, struct intro_opened *out)
{
    struct envelope envelope;
    if (envelope_decode(bytes, &envelope))
        return STATUS_INVALID;
    const struct intro_invited door = {&scene->b, &scene->invite_keys};
    return invited
               ? intro_open_invited(&door, &scene->b_prekey, 1, &envelope, out)
               : intro_open(&scene->b, &scene->b_prekey, 1, &envelope, out);
}

/* Seal a content as the initiator would: under the keys of its envelope. */
static struct span seal_content(
    const struct intro *intro, struct span content, struct sealed *sealed)
{
    struct random_seeded random;
    struct sealed_choice choice = {.expires_h = NOW_H + 100};
    uint8_t header[ENVELOPE_HEADER_BYTES];
    random_seeded_init(&random, 52, 1);
    intro_seal(
        intro, intro_draw(intro_day(NOW_H), NOW_H + 100, &random.base), sealed);
    choice.class_ = sealed->class_;
    choice.opening = sealed->opening;
    memcpy(header, sealed->encoding + ENVELOPE_AT_HEADER, sizeof(header));
    memcpy(choice.salt, sealed->encoding + ENVELOPE_AT_SALT, 16);
    sealed_lay_out(sealed, &choice, content);
    memcpy(sealed->encoding + ENVELOPE_AT_HEADER, header, sizeof(header));
    sealed_finish(sealed, intro->key);
    return (struct span){sealed->encoding, sealed->size};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct scene scene;
    static struct sealed sealed;
    static bool made;
    if (!made)
        scene_make(&scene);
    made = true;
    if (size == 0 || data[0] > 3)
        return 0;
    struct span rest = {data + 1, size - 1};
    const struct intro *from = data[0] == 3 ? &scene.kem_intro : &scene.intro;
    uint8_t class_ = data[0] == 3 ? 1 : 0, least;
    if (data[0] >= 2 &&
        (envelope_class_for(rest.size, &least) || least > class_))
        return 0;
    if (data[0] >= 2)
        rest = seal_content(from, rest, &sealed);
    struct intro_opened opened, before;
    memset(&opened, 0xaa, sizeof(opened));
    memcpy(&before, &opened, sizeof(before));
    if (open_envelope(&scene, data[0] == 1, rest, &opened)) {
        fuzz_claim(memcmp(&opened, &before, sizeof(opened)) == 0);
        return 0;
    }
    uint8_t card[CARD_BYTES];
    card_encode(&opened.card, card);
    fuzz_claim(memcmp(card, scene.intro.own_card, sizeof(card)) == 0 &&
               opened.invited == (data[0] == 1));
    const struct intro *intro =
        opened.suite == KEM_SUITE ? &scene.kem_intro : &scene.intro;
    fuzz_claim(opened.invited || (opened.suite == intro->suite &&
                                     memcmp(opened.ephemeral_public,
                                         intro->ephemeral_public, 32) == 0));
    return 0;
}
