/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VAULT_CONFIG_H
#define VAULT_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/keyslot.h"

struct vault_config {
    enum keyslot_cost cost;   /* of a new vault's passphrase */
    uint64_t receipt_mean_ms; /* wait before a receipt is let go */
    bool read_receipts;       /* tell senders what was read */
    bool card_renewal;        /* give out a newer card each week */
    bool beacons;             /* hand the relay keys to find contacts by */
    uint32_t wrong_tries;     /* passphrases, then all is destroyed; 0: any */
    uint64_t auto_lock_ms;    /* without a request; 0: never */
    const char *sandbox;      /* a word for `status`; static */
};

#endif
