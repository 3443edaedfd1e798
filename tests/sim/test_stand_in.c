/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands in for cryptography keeps sizes, agrees, and refuses what was
 * changed; and a mesh works with it as with the other, though not by the same
 * ids. */
#include <sodium.h>
#include <string.h>

#include "sim/simulation.h"
#include "sim/stand_in.h"
#include "tests/sim/setup.h"
#include "tests/tap.h"

enum { TEXT = 100, TAG = 16, SEALED = TEXT + TAG };

static const uint8_t one[32] = {1}, other[32] = {2}, none[32];

static void test_agreement(void)
{
    uint8_t a[32], b[32], ab[32], ba[32], ac[32], c[32];
    need(crypto_scalarmult_base(a, one) == 0);
    need(crypto_scalarmult_base(b, other) == 0);
    need(crypto_scalarmult_base(c, none) == 0);
    ok(crypto_scalarmult(ab, one, b) == 0 &&
            crypto_scalarmult(ba, other, a) == 0 && memcmp(ab, ba, 32) == 0,
        "two agree on one secret");
    ok(crypto_scalarmult(ac, one, c) == 0 && memcmp(ab, ac, 32) != 0 &&
            memcmp(a, b, 32) != 0 && memcmp(ab, a, 32) != 0,
        "others on another");
    ok(crypto_scalarmult(ab, one, none) != 0, "nobody with no key at all");
    ok((a[31] & 0x80) == 0 && (ba[31] & 0x80) == 0, "keys are canonical");
}

static void test_signature(void)
{
    uint8_t pk[32], sk[64], signature[64], text[TEXT] = {7};
    unsigned long long size = 0;
    need(crypto_sign_seed_keypair(pk, sk, one) == 0);
    need(crypto_sign_detached(signature, &size, text, TEXT, sk) == 0);
    ok(size == 64 && memcmp(sk, one, 32) == 0 && memcmp(sk + 32, pk, 32) == 0,
        "keys and signatures have their shapes");
    ok(crypto_sign_verify_detached(signature, text, TEXT, pk) == 0,
        "a signature holds");
    size_t refused = 0;
    for (size_t i = 0; i < TEXT; i++) {
        text[i] ^= 1;
        refused += crypto_sign_verify_detached(signature, text, TEXT, pk) != 0;
        text[i] ^= 1;
    }
    for (size_t i = 0; i < 64; i++) {
        signature[i] ^= 1;
        refused += crypto_sign_verify_detached(signature, text, TEXT, pk) != 0;
        signature[i] ^= 1;
    }
    ok(refused == TEXT + 64, "but of no text or signature that was changed");
    ok(crypto_sign_verify_detached(signature, text, TEXT - 1, pk) != 0,
        "or cut");
    pk[3] ^= 1;
    ok(crypto_sign_verify_detached(signature, text, TEXT, pk) != 0,
        "or by another key");
}

static int open_sealed(const uint8_t *sealed, size_t size, const uint8_t *ad,
    const uint8_t *nonce, const uint8_t *key, uint8_t *out)
{
    return crypto_aead_xchacha20poly1305_ietf_decrypt(
        out, NULL, NULL, sealed, size, ad, 8, nonce, key);
}

static void test_seal(void)
{
    uint8_t text[SEALED] = {9, 8, 7}, sealed[SEALED], out[TEXT], ad[8] = {5},
            nonce[24] = {6}, key[32] = {4};
    unsigned long long size = 0;
    need(crypto_aead_xchacha20poly1305_ietf_encrypt(
             sealed, &size, text, TEXT, ad, 8, NULL, nonce, key) == 0);
    ok(size == SEALED, "what is sealed is as long as ever");
    ok(open_sealed(sealed, SEALED, ad, nonce, key, out) == 0 &&
            memcmp(out, text, TEXT) == 0,
        "and opens");
    need(crypto_aead_xchacha20poly1305_ietf_encrypt(
             text, NULL, text, TEXT, ad, 8, NULL, nonce, key) == 0);
    ok(memcmp(text, sealed, SEALED) == 0, "in its place, too");
    size_t refused = 0;
    for (size_t i = 0; i < SEALED; i++) {
        sealed[i] ^= 0x80;
        refused += open_sealed(sealed, SEALED, ad, nonce, key, out) != 0;
        sealed[i] ^= 0x80;
    }
    ok(refused == SEALED, "none that was changed does");
    ok(open_sealed(sealed, SEALED - 1, ad, nonce, key, out) != 0 &&
            open_sealed(sealed, TAG - 1, ad, nonce, key, out) != 0,
        "or cut");
    ad[7] ^= 1;
    bool is_bound = open_sealed(sealed, SEALED, ad, nonce, key, out) != 0;
    ad[7] ^= 1;
    nonce[23] ^= 1;
    is_bound &= open_sealed(sealed, SEALED, ad, nonce, key, out) != 0;
    nonce[23] ^= 1;
    key[31] ^= 1;
    is_bound &= open_sealed(sealed, SEALED, ad, nonce, key, out) != 0;
    ok(is_bound, "or with another key, nonce, or text beside it");
}

struct outcome {
    struct trace trace;
    struct counts counts;
    uint64_t violations;
    bool all;
};

static struct outcome run(const char *crypto)
{
    const char *const assignments[] = {"mesh.nodes=24", "mesh.degree=4",
        "workload.letters=20", "workload.pairs=5", "workload.groups=1",
        "workload.group_size=4", "workload.group_letters=4", "workload.files=2",
        "workload.file_size=40kB", "node.stem=off", "node.tree=off",
        "mesh.duration=10min", crypto, NULL};
    struct simulation simulation;
    struct measures measures;
    setup_run(&simulation, false, assignments);
    while (simulation_advance(&simulation))
        continue;
    need(simulation_finish(&simulation, &measures) == STATUS_OK);
    struct outcome out = {simulation.world.trace, simulation.world.counts,
        simulation.world.oracle.violation_count,
        measures.values[METRIC_DELIVERED] == 1000000 &&
            measures.values[METRIC_GROUP_DELIVERED] == 1000000 &&
            measures.values[METRIC_FILE_DELIVERED] == 1000000};
    simulation_clear(&simulation);
    return out;
}

/* Each node is pushed each envelope, where nothing is hidden and there are no
 * trees: as many of the same sizes. */
static void test_run(void)
{
    struct outcome real = run("node.crypto=real"),
                   stub = run("node.crypto=stub"),
                   again = run("node.crypto=stub");
    ok(real.all && stub.all && !real.violations && !stub.violations,
        "a mesh delivers all, by either");
    ok(stub.counts.payloads_new == real.counts.payloads_new &&
            real.counts.payloads_new > 0,
        "and as many envelopes come to relays");
    ok(stub.trace.low != real.trace.low, "of other ids");
    ok(stub.trace.low == again.trace.low && stub.trace.high == again.trace.high,
        "and the same seed is the same run");
}

int main(void)
{
    need(sodium_init() >= 0);
    need(stand_in_use(true) == STATUS_OK);
    test_agreement();
    test_signature();
    test_seal();
    test_run();
    uint8_t first[32], second[32];
    need(crypto_scalarmult_base(first, one) == 0);
    need(stand_in_use(false) == STATUS_OK);
    need(crypto_scalarmult_base(second, one) == 0);
    ok(memcmp(first, second, 32) != 0, "and it is over when it is said to be");
    return tap_done();
}
