/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sealing and opening cost, as processor time of one thread: the median
 * of blocks, beside the primitives they are made of, and beside other
 * libraries that do the same, measured in the same run.
 *
 * The targets are as they were set, in microseconds, where X25519 took 37; they
 * do not go with the machine.  Set-up is eight X25519, two public keys (each as
 * slow, in libsodium 1.0.18), a signature to check and 384 tags.  A turn of the
 * conversation takes a DH step at either end: its first letter draws a key, and
 * opens by one; the sum is what a step costs. */
#include <sodium.h>

#include "tests/bench/peer.h"
#include "tests/crypto/pair.h"

enum { SESSIONS = 1000 };

static void report(const char *what, double us, double target_us)
{
    printf("%-44s %9.3f us", what, us);
    if (target_us > 0)
        printf("   target %7.3f  %s", target_us,
            us <= target_us ? "met" : "MISSED");
    printf("\n");
}

/* Floors. */

static double measure_agree(void)
{
    double blocks[BLOCKS];
    uint8_t secret[32] = {1}, public_[32], shared[32];
    agree_public(public_, secret);
    for (int b = 0; b < BLOCKS; b++) {
        double start = now_us();
        for (int i = 0; i < 100; i++) {
            secret[1] = (uint8_t)i;
            need(!agree(shared, secret, public_));
        }
        blocks[b] = (now_us() - start) / 100;
    }
    return median(blocks);
}

static double measure_aead(void)
{
    double blocks[BLOCKS];
    uint8_t key[32] = {1}, nonce[24] = {0}, bytes[256 + 16] = {0};
    for (int b = 0; b < BLOCKS; b++) {
        double start = now_us();
        for (int i = 0; i < 1000; i++)
            crypto_aead_xchacha20poly1305_ietf_encrypt(
                bytes, NULL, bytes, 256, NULL, 0, NULL, nonce, key);
        blocks[b] = (now_us() - start) / 1000;
    }
    return median(blocks);
}

static double measure_kdf(void)
{
    double blocks[BLOCKS];
    uint8_t key[64] = {1};
    for (int b = 0; b < BLOCKS; b++) {
        double start = now_us();
        for (int i = 0; i < 1000; i++)
            kdf(key, 64, key, "sotto1 bench", (struct span){NULL, 0});
        blocks[b] = (now_us() - start) / 1000;
    }
    return median(blocks);
}

/* Sessions. */

static void measure_chain(
    struct person *a, struct person *b, struct figures *figures)
{
    enum { LETTERS = CHAIN_LETTERS };
    static struct sealed sealed[LETTERS];
    static struct ratchet_opened opened;
    double seal[BLOCKS], open[BLOCKS];
    for (int block = 0; block < BLOCKS; block++) {
        double start = now_us();
        for (uint32_t i = 0; i < LETTERS; i++)
            person_seal(a, i, &sealed[i]);
        double middle = now_us();
        for (int i = 0; i < LETTERS; i++)
            need(!person_open(b, &sealed[i], &opened));
        seal[block] = (middle - start) / LETTERS;
        open[block] = (now_us() - middle) / LETTERS;
    }
    figures->seal = median(seal);
    figures->open = median(open);
    report("seal a letter of 256 bytes", figures->seal, 8);
    report("open it, found by its tag", figures->open, 8);
}

static void measure_step(
    struct person *a, struct person *b, struct figures *figures)
{
    static struct sealed sealed;
    static struct ratchet_opened opened;
    double seal[BLOCKS], open[BLOCKS];
    for (int block = 0; block < BLOCKS; block++) {
        seal[block] = open[block] = 0;
        for (uint32_t i = 0; i < TURNS; i++) {
            struct person *from = i % 2 ? a : b, *to = i % 2 ? b : a;
            double start = now_us();
            person_seal(from, i, &sealed);
            double middle = now_us();
            need(!person_open(to, &sealed, &opened));
            seal[block] += (middle - start) / TURNS;
            open[block] += (now_us() - middle) / TURNS;
            need(opened.stepped);
        }
    }
    figures->step = median(open);
    report("seal the first letter of a turn, with a key", median(seal), 0);
    report("open with a DH step", figures->step, 220);
}

static void measure_set_up(
    struct person *a, struct person *b, struct figures *figures)
{
    enum { TIMES = SET_UPS };
    static struct sealed sealed;
    static struct ratchet_opened opened;
    double blocks[BLOCKS];
    for (int block = 0; block < BLOCKS; block++) {
        double spent = 0;
        for (int i = 0; i < TIMES; i++) {
            double start = now_us();
            pair_meet(a, b);
            person_seal(a, 1, &sealed);
            need(!person_open(b, &sealed, &opened));
            spent += now_us() - start;
            tags_remove_session(a->tags, 1);
            tags_remove_session(b->tags, 1);
        }
        blocks[block] = spent / TIMES;
    }
    figures->set_up = median(blocks);
    report("set-up, both sides, to the first letter", figures->set_up, 750);
}

static void measure_foreign(struct person *person)
{
    enum { LOOKS = 20000 };
    static struct tag foreign[LOOKS];
    double blocks[BLOCKS];
    struct random_seeded *random = &person->random;
    struct tag_entry entry = {.kind = TAG_AHEAD};
    for (uint32_t i = 0; i < SESSIONS * 2 * LIMIT_TAG_WINDOW; i++) {
        random_fill(&random->base, entry.tag.bytes, sizeof(entry.tag.bytes));
        entry.session = i / (2 * LIMIT_TAG_WINDOW);
        entry.number = i % (2 * LIMIT_TAG_WINDOW);
        need(!tags_add(person->tags, &entry));
    }
    for (int b = 0; b < BLOCKS; b++) {
        random_fill(&random->base, foreign, sizeof(foreign));
        double start = now_us();
        for (int i = 0; i < LOOKS; i++)
            need(!tags_find(person->tags, &foreign[i]));
        blocks[b] = (now_us() - start) / LOOKS;
    }
    report("a foreign envelope, 1,000 sessions", median(blocks), 0.1);
}

/* Others. */

static void compare_one(const char *what, double peer_us, double own_us)
{
    printf("  %-42s %9.3f us   Sotto takes %.2f of it\n", what, peer_us,
        own_us / peer_us);
}

static void compare(const char *library,
    const char *(*measure)(struct figures *out), const struct figures *own)
{
    struct figures peer;
    const char *skipped = measure(&peer);
    if (skipped) {
        printf("%s: skipped, %s\n", library, skipped);
        return;
    }
    printf("%s:\n", library);
    compare_one("seal a letter of 256 bytes", peer.seal, own->seal);
    compare_one("open it", peer.open, own->open);
    compare_one("open with a DH step", peer.step, own->step);
    compare_one(
        "set-up, both sides, to the first letter", peer.set_up, own->set_up);
}

int main(void)
{
    need(!crypto_start());
    static struct person a, b, c;
    person_begin(&a, 1);
    person_begin(&b, 2);
    person_begin(&c, 3);
    tags_free(c.tags);
    c.tags = tags_new(1 << 20, 3);
    need(c.tags);
    struct figures own;

    report("floor: X25519", measure_agree(), 0);
    report("floor: XChaCha20-Poly1305 of 256 bytes", measure_aead(), 0);
    report("floor: one step of BLAKE2b", measure_kdf(), 0);
    measure_set_up(&a, &b, &own);
    pair_meet(&a, &b);
    static struct sealed sealed;
    static struct ratchet_opened opened;
    person_seal(&a, 0, &sealed);
    need(!person_open(&b, &sealed, &opened));
    measure_step(&a, &b, &own);
    measure_chain(&a, &b, &own);
    measure_foreign(&c);
    compare("libolm", peer_olm, &own);
    compare("libsignal-protocol-c", peer_signal, &own);
    person_end(&a);
    person_end(&b);
    person_end(&c);
    return 0;
}
