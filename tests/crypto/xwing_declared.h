/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_CRYPTO_XWING_DECLARED_H
#define TESTS_CRYPTO_XWING_DECLARED_H

/* What libsodium 1.0.22 declares of X-Wing, for a compiler to hold kem_xwing.c
 * to where libsodium has none.  Nothing is linked with it. */
#include <sodium.h>

#define crypto_kem_xwing_PUBLICKEYBYTES    1216U
#define crypto_kem_xwing_SECRETKEYBYTES    32U
#define crypto_kem_xwing_CIPHERTEXTBYTES   1120U
#define crypto_kem_xwing_SHAREDSECRETBYTES 32U
#define crypto_kem_xwing_SEEDBYTES         32U

int crypto_kem_xwing_seed_keypair(
    unsigned char *public_, unsigned char *secret, const unsigned char *seed);
int crypto_kem_xwing_enc_deterministic(unsigned char *ciphertext,
    unsigned char *shared, const unsigned char *public_,
    const unsigned char *coins);
int crypto_kem_xwing_dec(unsigned char *shared, const unsigned char *ciphertext,
    const unsigned char *secret);

#endif
