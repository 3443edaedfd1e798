/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_RELAY_BEACON_H
#define DAEMON_RELAY_BEACON_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "platform/beacon.h"
#include "proto/beacon.h"
#include "proto/port.h"

/* Beacons for contacts: what the vault hands over to say and to know them by,
 * kept for as long as the vault is open. */
struct relay_beacon;

MUST_USE enum status relay_beacon_new(struct relay_beacon **out);
/* Wipes; harmless for NULL. */
void relay_beacon_free(struct relay_beacon *beacon);

/* What the vault says: a PORT_BEACON. */
void relay_beacon_take(
    struct relay_beacon *beacon, const struct port_message *message);

/* The vault has gone, or is locked. */
void relay_beacon_forget(struct relay_beacon *beacon);

/* What to say from an address at this time: the datagram's size, or 0. */
struct relay_beacon_moment {
    const uint8_t *address; /* 16 bytes */
    uint64_t now_ms;
    uint64_t clock_s;
};
size_t relay_beacon_say(struct relay_beacon *beacon,
    const struct relay_beacon_moment *moment,
    const struct beacon_datagram *node,
    uint8_t out[static BEACON_MAXIMUM_BYTES]);

/* Whether a datagram that came from that address is a contact's; whose node it
 * is, if so. */
bool relay_beacon_hear(const struct relay_beacon *beacon,
    const struct relay_beacon_moment *moment, struct span bytes,
    struct beacon_datagram *out);

#endif
