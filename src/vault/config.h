/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_CONFIG_H
#define VAULT_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/keyslot.h"

/* How long a receipt waits on average before it is let go: prompt, for who
 * sent the letter; or discreet, so that who watches links cannot guess from its
 * time who received it. */
enum {
    RECEIPT_PROMPT_MEAN_MS = 1000,
    RECEIPT_DISCREET_MEAN_MS = 30 * 60 * 1000,
};

struct vault_config {
    enum keyslot_cost cost;   /* of a new vault's passphrase */
    uint64_t receipt_mean_ms; /* of contacts without a pace of their own */
    bool read_receipts;       /* tell senders what was read */
    bool card_renewal;        /* give out a newer card each week */
    bool beacons;             /* hand the relay keys to find contacts by */
    uint32_t wrong_tries;     /* passphrases, then all is destroyed; 0: any */
    uint64_t auto_lock_ms;    /* without a request; 0: never */
    const char *sandbox;      /* a word for `status`; static */
};

#endif
