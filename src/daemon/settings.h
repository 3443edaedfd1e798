/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "crypto/keyslot.h"
#include "platform/sandbox.h"
#include "proto/endpoint.h"
#include "proto/limits.h"

/* What a node is told to do, by sotto.conf and by options.  Both go through one
 * table of settings, so that a value is checked in one place and refused in the
 * same words. */
enum discovery {
    DISCOVERY_UNSET,    /* open, or off where there is a proxy */
    DISCOVERY_OFF,      /* no beacons */
    DISCOVERY_LISTEN,   /* hear them, and send none */
    DISCOVERY_OPEN,     /* send such as everybody can read */
    DISCOVERY_CONTACTS, /* such as contacts can */
};
enum mesh_setting { MESH_AS_DISCOVERY, MESH_ON, MESH_OFF };

enum {
    SETTINGS_CONNECT_MAXIMUM = 64,
    SETTINGS_WHY_BYTES = 384,
    SETTINGS_TRIES_MINIMUM = 3,
    SETTINGS_TRIES_MAXIMUM = 1000,
};

struct settings {
    size_t listen_count; /* 0: SETTINGS_LISTEN, or any port if it is taken */
    char listen[LIMIT_HELLO_ENDPOINTS][LIMIT_ENDPOINT_BYTES + 1];
    size_t connect_count;
    struct endpoint connect[SETTINGS_CONNECT_MAXIMUM]; /* all have keys */
    enum discovery discovery;
    size_t advertise_count;
    char advertise[LIMIT_HELLO_ENDPOINTS][LIMIT_ENDPOINT_BYTES + 1];
    enum mesh_setting mesh;
    char socks[LIMIT_ENDPOINT_BYTES + 1]; /* empty: none */
    bool socks_isolation;                 /* another user for each peer */
    uint64_t shelf_bytes;
    uint32_t link_maximum;
    uint32_t new_links_s;       /* from one network; 0: no limit */
    uint32_t peer_rate_bytes_s; /* new payload that one peer may push */
    uint64_t rate_bytes_s;      /* sent, over all links; 0: no limit */
    uint8_t stamp_bits;         /* of work on an own envelope, at most */
    bool node_key_fresh;        /* a new transport key at each start */
    enum keyslot_cost passphrase_cost;
    bool read_receipts;
    bool card_renewal;
    uint64_t receipt_mean_ms;
    uint32_t wrong_tries;  /* passphrases; 0: any number */
    uint64_t auto_lock_ms; /* 0: never */
    enum sandbox_mode sandbox;
};

#define SETTINGS_LISTEN "tcp://*:7311"

/* The defaults: a node with no configuration. */
void settings_init(struct settings *out);

/* The mode that is meant: never DISCOVERY_UNSET.  Who dials through a proxy
 * hides where it is, and does not tell its network who it is, unless told to.
 */
enum discovery settings_discovery(const struct settings *settings);

/* Whether the settings, all read, agree with each other.  STATUS_INVALID; why
 * says which do not. */
MUST_USE enum status settings_check(const struct settings *settings, char *why);

/* Whether the node finds neighbours by itself, and is found: what mesh says, or
 * where it is not set, unless discovery is set to contacts or off. */
bool settings_is_member(const struct settings *settings);

#endif
