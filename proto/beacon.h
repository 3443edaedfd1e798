/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PROTO_BEACON_H
#define PROTO_BEACON_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "proto/ids.h"

/* What a node says to its local network, one UDP datagram:
 *
 *   ["sotto", version, node, port, boot]
 *
 * A hint and no more: whoever follows it dials under this key, and only the
 * key's owner can answer. */
enum {
    BEACON_VERSION = 1,
    BEACON_BOOT_BYTES = 8,
    BEACON_OPEN_BYTES = 55, /* at most */
};

struct beacon_datagram {
    struct node_key node;
    uint16_t port; /* TCP, where the node listens; never 0 */
    /* Random, made anew at each start: lets a node know its own beacon when
     * it hears it, and a neighbour that has restarted. */
    uint8_t boot[BEACON_BOOT_BYTES];
};

/* Decode.  STATUS_INVALID when it is malformed or not a beacon at all;
 * STATUS_NOT_FOUND when it is one of another version. */
MUST_USE enum status beacon_datagram_decode(
    struct span bytes, struct beacon_datagram *out);

/* Encode into out and return the size.  The port is not 0. */
size_t beacon_datagram_encode(const struct beacon_datagram *beacon,
    uint8_t out[static BEACON_OPEN_BYTES]);

/* What a node says to its contacts alone, of version 2:
 *
 *   ["sotto", 2, salt, entries]
 *
 * entries: 20 times a tag (8) and, sealed for who knows the tag, the node's key
 * and port (crypto/beacon.h).  There are 20, whatever the number of contacts;
 * it fits the least that IPv6 carries in one piece. */
enum {
    BEACON_SEALED_VERSION = 2,
    BEACON_SALT_BYTES = 16,
    BEACON_TAG_BYTES = 8,
    BEACON_ENTRY_BYTES = BEACON_TAG_BYTES + 32 + 2 + 16,
    BEACON_ENTRIES = 20,
    BEACON_MAXIMUM_BYTES = 29 + BEACON_ENTRIES * BEACON_ENTRY_BYTES,
};

struct beacon_sealed {
    uint8_t salt[BEACON_SALT_BYTES];
    uint8_t entries[BEACON_ENTRIES][BEACON_ENTRY_BYTES];
};

/* Whom a contact says it to, for one epoch: how they know it, and the key. */
struct beacon_key {
    uint8_t tag[BEACON_TAG_BYTES];
    uint8_t key[32];
};

/* As of the other: STATUS_INVALID; STATUS_NOT_FOUND. */
MUST_USE enum status beacon_sealed_decode(
    struct span bytes, struct beacon_sealed *out);
size_t beacon_sealed_encode(const struct beacon_sealed *beacon,
    uint8_t out[static BEACON_MAXIMUM_BYTES]);

#endif
