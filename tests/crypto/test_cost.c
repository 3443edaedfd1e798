/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many of the slow steps a session takes: what a clock would tell of one
 * machine on a calm day, counted.  The linker wraps what is counted
 * (-Wl,--wrap).  A key that is derived twice, or a signature that is checked
 * twice, shows here; so does one that is not checked. */
#include "tests/crypto/pair.h"

struct counts {
    unsigned agreements, bases, signatures, verifications, hashes;
};
static struct counts counts;

#define COUNTED(result, field, name, parameters, arguments)                    \
    result __real_##name parameters;                                           \
    result __wrap_##name parameters;                                           \
    result __wrap_##name parameters                                            \
    {                                                                          \
        counts.field++;                                                        \
        return __real_##name arguments;                                        \
    }

COUNTED(int, agreements, crypto_scalarmult,
    (unsigned char *out, const unsigned char *secret,
        const unsigned char *public_),
    (out, secret, public_))
COUNTED(int, bases, crypto_scalarmult_base,
    (unsigned char *out, const unsigned char *secret), (out, secret))
COUNTED(int, signatures, crypto_sign_detached,
    (unsigned char *out, unsigned long long *size, const unsigned char *message,
        unsigned long long message_size, const unsigned char *secret),
    (out, size, message, message_size, secret))
COUNTED(int, verifications, crypto_sign_verify_detached,
    (const unsigned char *signature, const unsigned char *message,
        unsigned long long size, const unsigned char *public_),
    (signature, message, size, public_))
COUNTED(int, hashes, crypto_generichash_blake2b_salt_personal,
    (unsigned char *out, size_t out_size, const unsigned char *in,
        unsigned long long in_size, const unsigned char *key, size_t key_size,
        const unsigned char *salt, const unsigned char *personal),
    (out, out_size, in, in_size, key, key_size, salt, personal))

/* Whether that was all since the last time, with hashes up to a number. */
static int took(struct counts most)
{
    struct counts took = counts;
    counts = (struct counts){0};
    printf("# %u agreements, %u public keys, %u signatures, %u verifications, "
           "%u hashes\n",
        took.agreements, took.bases, took.signatures, took.verifications,
        took.hashes);
    return took.agreements == most.agreements && took.bases == most.bases &&
           took.signatures == most.signatures &&
           took.verifications == most.verifications &&
           took.hashes <= most.hashes;
}

/* A tag is two hashes; what else a step derives is few. */
enum { WINDOW_HASHES = 2 * LIMIT_TAG_WINDOW, FEW_HASHES = 16 };

static struct sealed sealed;
static struct ratchet_opened opened;

static void test_set_up(struct person *a, struct person *b)
{
    struct intro_opened intro;
    counts = (struct counts){0};
    need(!intro_begin(&a->intro, &a->ratchet, 1, &a->identity, &a->card,
        &b->card, PAIR_NOW_H, a->tags, &a->random.base));
    ok(took((struct counts){4, 2, 0, 0, WINDOW_HASHES + FEW_HASHES}),
        "to begin: three agreements and the ratchet's, two new keys");

    intro_seal(&a->intro,
        intro_draw(intro_day(PAIR_NOW_H), PAIR_EXPIRES_H, &a->random.base),
        &sealed);
    ok(took((struct counts){0, 0, 0, 0, FEW_HASHES}),
        "a first contact is sealed, and repeated, without any");

    struct envelope envelope = decoded(&sealed);
    need(!intro_open(&b->identity, &b->prekey, 1, &envelope, &intro));
    ok(took((struct counts){3, 0, 0, 1, FEW_HASHES}),
        "to open it: three agreements, and one signature, the card's");

    need(!intro_accept(&intro, &b->prekey, 1, b->tags, &b->ratchet));
    ok(took((struct counts){0, 0, 0, 0, WINDOW_HASHES + FEW_HASHES}),
        "to accept it: none");
}

static void test_letters(struct person *a, struct person *b)
{
    person_seal(a, 1, &sealed);
    ok(took((struct counts){0, 0, 0, 0, FEW_HASHES}), "a letter: none");
    need(!person_open(b, &sealed, &opened) && opened.stepped);
    ok(took((struct counts){1, 0, 0, 0, WINDOW_HASHES + FEW_HASHES}),
        "a step: its agreement");
    person_seal(a, 2, &sealed);
    need(!person_open(b, &sealed, &opened));
    ok(took((struct counts){0, 0, 0, 0, 2 * FEW_HASHES}),
        "a letter in a chain: none at either end");
    person_seal(b, 3, &sealed);
    ok(took((struct counts){1, 1, 0, 0, FEW_HASHES}),
        "the first answer: its agreement, and a new key");
    person_seal(b, 4, &sealed);
    ok(took((struct counts){0, 0, 0, 0, FEW_HASHES}), "the next: none");
}

int main(void)
{
    need(!crypto_start());
    static struct person a, b;
    person_begin(&a, 1);
    person_begin(&b, 2);
    test_set_up(&a, &b);
    test_letters(&a, &b);
    person_end(&a);
    person_end(&b);
    return tap_done();
}
